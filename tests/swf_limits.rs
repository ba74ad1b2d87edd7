//! Every limit of SWF's names and texts at its boundary, counted in characters.

#![cfg(feature = "swf")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

use core::str::FromStr;
use core::time::Duration;

use heartwheel::swf::*;

/// Tries a text by both constructors and by serde, which must agree.
fn read<T>(text: &str) -> Result<T, Refusal>
where
    T: FromStr<Err = Refusal> + serde::Serialize + serde::de::DeserializeOwned + PartialEq,
{
    let parsed = text.parse::<T>();
    let json = serde_json::to_string(text).unwrap();
    let carried = serde_json::from_str::<T>(&json);
    match &parsed {
        Ok(value) => {
            assert!(carried.unwrap() == *value);
            assert_eq!(serde_json::to_string(value).unwrap(), json);
        }
        Err(refusal) => {
            let message = carried.err().unwrap().to_string();
            assert!(message.starts_with(&refusal.to_string()), "{message}");
        }
    }
    parsed
}

/// At `n - 1`, `n` and `n + 1` characters of one, two, three and four bytes.
fn at_most<T>(max: u32)
where
    T: FromStr<Err = Refusal>
        + TryFrom<String, Error = Refusal>
        + AsRef<str>
        + serde::Serialize
        + serde::de::DeserializeOwned
        + PartialEq,
{
    for character in ["a", "é", "好", "😀"] {
        for length in [max - 1, max] {
            let text = character.repeat(length as usize);
            assert_eq!(read::<T>(&text).ok().unwrap().as_ref(), text);
            assert_eq!(T::try_from(text.clone()).ok().unwrap().as_ref(), text);
        }
        let text = character.repeat(max as usize + 1);
        let refusal = read::<T>(&text).err().unwrap();
        assert_eq!((refusal.rule, refusal.length), (Rule::MaxLength { max }, u64::from(max) + 1));
        assert_eq!(T::try_from(text).err().unwrap(), refusal);
    }
}

fn not_empty<T>()
where
    T: FromStr<Err = Refusal> + serde::Serialize + serde::de::DeserializeOwned + PartialEq,
{
    let refusal = read::<T>("").err().unwrap();
    assert_eq!((refusal.rule, refusal.length), (Rule::MinLength { min: 1 }, 0));
    assert!(read::<T>("a").is_ok());
}

#[test]
fn every_text_is_limited_in_characters_not_bytes() {
    at_most::<TaskToken>(1024);
    at_most::<LimitedData>(2048);
    at_most::<Data>(32_768);
    at_most::<FailureReason>(256);
    at_most::<Identity>(256);
    at_most::<GivenId>(256);
    at_most::<Name>(256);
    at_most::<DomainName>(256);
    at_most::<WorkflowId>(256);
    at_most::<RunId>(64);
    at_most::<Version>(64);
    at_most::<Description>(1024);
}

#[test]
fn names_and_tokens_have_at_least_one_character() {
    not_empty::<TaskToken>();
    not_empty::<GivenId>();
    not_empty::<Name>();
    not_empty::<DomainName>();
    not_empty::<WorkflowId>();
    not_empty::<RunId>();
    not_empty::<Version>();
}

#[test]
fn free_texts_may_be_empty_and_hold_any_character() {
    for text in ["", "arn", ":/|", "\u{0}\u{7f}\u{9f}", "a\nb"] {
        assert!(read::<Data>(text).is_ok(), "{text:?}");
        assert!(read::<LimitedData>(text).is_ok(), "{text:?}");
        assert!(read::<FailureReason>(text).is_ok(), "{text:?}");
        assert!(read::<Identity>(text).is_ok(), "{text:?}");
        assert!(read::<Description>(text).is_ok(), "{text:?}");
    }
    assert!(read::<TaskToken>("a/b:c|d\n").is_ok());
}

#[test]
fn names_refuse_each_forbidden_character_and_its_neighbours_pass() {
    fn check<T>()
    where
        T: FromStr<Err = Refusal> + serde::Serialize + serde::de::DeserializeOwned + PartialEq,
    {
        let controls = ('\u{0}'..='\u{1f}').chain('\u{7f}'..='\u{9f}');
        for found in controls.chain([':', '/', '|']) {
            let refusal = read::<T>(&format!("a{found}b")).err().unwrap();
            assert_eq!(refusal.rule, Rule::ForbiddenCharacter { found });
            assert_eq!(refusal.length, 3);
        }
        for passes in [' ', '~', '\u{a0}', ';', '.', '0', '{', '}', '\u{2028}'] {
            assert!(read::<T>(&format!("a{passes}b")).is_ok(), "{passes:?}");
        }
        let refusal = read::<T>("arn").err().unwrap();
        assert_eq!((refusal.rule, refusal.length), (Rule::ForbiddenWord, 3));
        for passes in ["arn ", "ARN", "arn1", "barn"] {
            assert!(read::<T>(passes).is_ok(), "{passes:?}");
        }
    }
    check::<Name>();
    check::<Version>();
    check::<DomainName>();
    check::<WorkflowId>();
    check::<GivenId>();
}

#[test]
fn a_timeout_is_none_or_whole_seconds_up_to_a_year() {
    for (text, seconds) in [
        ("NONE", None),
        ("0", Some(0)),
        ("1", Some(1)),
        ("31535999", Some(31_535_999)),
        ("31536000", Some(31_536_000)),
    ] {
        let timeout = read::<TaskTimeout>(text).unwrap();
        assert_eq!(timeout.seconds(), seconds);
        assert_eq!(timeout.to_string(), text);
        assert_eq!(timeout.duration(), seconds.map(|s| Duration::from_secs(s.into())));
    }
    assert_eq!("007".parse::<TaskTimeout>().unwrap().to_string(), "7");
    for (text, rule) in [
        ("31536001", Rule::MaxSeconds { max: 31_536_000 }),
        ("99999999", Rule::MaxSeconds { max: 31_536_000 }),
        ("000000001", Rule::MaxLength { max: 8 }),
        ("100000000", Rule::MaxLength { max: 8 }),
        ("", Rule::Timeout),
        ("-5", Rule::Timeout),
        ("+5", Rule::Timeout),
        ("1.5", Rule::Timeout),
        ("1e3", Rule::Timeout),
        (" 1", Rule::Timeout),
        ("none", Rule::Timeout),
        ("NONE ", Rule::Timeout),
        ("٣", Rule::Timeout),
        ("ééééééééé", Rule::MaxLength { max: 8 }),
        ("éééééééé", Rule::Timeout),
    ] {
        let refusal = read::<TaskTimeout>(text).unwrap_err();
        assert_eq!((refusal.rule, refusal.length), (rule, text.chars().count() as u64), "{text:?}");
    }
    assert!(TaskTimeout::from_seconds(31_536_000).is_ok());
    assert!(TaskTimeout::from_seconds(31_536_001).is_err());
    assert!(TaskTimeout::from_seconds(u32::MAX).is_err());
}

#[test]
fn a_priority_is_an_i32_in_a_string() {
    for value in [i32::MIN, i32::MIN + 1, -1, 0, 1, i32::MAX - 1, i32::MAX] {
        let priority = read::<TaskPriority>(&value.to_string()).unwrap();
        assert_eq!(priority.get(), value);
    }
    assert_eq!("+5".parse(), Ok(TaskPriority::new(5)));
    for text in
        ["", "2147483648", "-2147483649", "1.0", "high", " 1", "--1", "99999999999999999999"]
    {
        let refusal = read::<TaskPriority>(text).unwrap_err();
        assert_eq!((refusal.rule, refusal.length), (Rule::Priority, text.len() as u64), "{text:?}");
    }
    assert!(serde_json::from_str::<TaskPriority>("5").is_err(), "a number is no string");
    assert_eq!(TaskPriority::default().to_string(), "0");
}

#[test]
fn a_refusal_names_the_rule_the_length_and_the_member_but_not_the_value() {
    let refusal = "secret/".parse::<Name>().unwrap_err();
    let violation = refusal.at("taskList.name");
    assert_eq!(
        violation.to_string(),
        "Value of length 7 at 'taskList.name' failed to satisfy constraint: \
         Member must not contain ':', '/', '|' or control characters, but contains U+002F"
    );
    assert_eq!(
        Violations::from(violation).to_string(),
        "1 validation error detected: Value of length 7 at 'taskList.name' failed to satisfy constraint: \
         Member must not contain ':', '/', '|' or control characters, but contains U+002F"
    );
}

#[test]
fn a_token_does_not_show_itself_in_debug() {
    let token: TaskToken = "sesame".parse().unwrap();
    assert_eq!(format!("{token:?}"), "TaskToken(of length 6)");
}
