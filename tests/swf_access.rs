//! Access control: what policies say to requests, and which documents are no policy.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

#[path = "swf_access/cases.rs"]
mod cases;
#[path = "swf_access/refusals.rs"]
mod refusals;

use heartwheel::swf::access::{
    decide, domain_arn, PlainAction, Policy, Request, TypeRef, Verdict, MAX_POLICY_CHARS,
};
use proptest::prelude::{prop_assert_eq, proptest, ProptestConfig};
use serde_json::{from_str, from_value, json, Value};

const ENCODE: TypeRef<'_> = TypeRef { name: "encode", version: "1.0" };
const POLL: Request<'_> = Request::PollForActivityTask { task_list: "mail" };

fn load(document: &Value) -> Policy {
    from_str(&document.to_string()).unwrap()
}

#[test]
fn without_a_policy_everything_is_allowed_and_with_an_empty_one_nothing() {
    let domain = domain_arn("eu-west-1", "123456789012", "media");
    assert_eq!(domain, "arn:aws:swf:eu-west-1:123456789012:/domain/media");
    for request in [POLL, Request::Plain(PlainAction::RecordActivityTaskHeartbeat)] {
        assert_eq!(decide(None, &request, &domain), Verdict::Allowed);
        assert_eq!(decide(Some(&Policy::DENY_ALL), &request, &domain), Verdict::DeniedByDefault);
    }
    assert!(Verdict::Allowed.is_allowed());
    assert!(!Verdict::DeniedByDefault.is_allowed());
    assert!(!Verdict::DeniedBy { statement: 1 }.is_allowed());
}

/// A key of a condition and its value in the request.
type Parameter = (&'static str, &'static str);

/// The requests of the table in the docs, each with its name and the parameters that it carries.
fn requests() -> Vec<(Request<'static>, &'static str, Vec<Parameter>)> {
    let named = [("swf:name", "encode"), ("swf:version", "1.0")];
    let activity = [("swf:activityType.name", "encode"), ("swf:activityType.version", "1.0")];
    let workflow = [("swf:workflowType.name", "encode"), ("swf:workflowType.version", "1.0")];
    let list = [("swf:taskList.name", "mail")];
    let default = [("swf:defaultTaskList.name", "mail")];
    let (mail, task_list) = (Some("mail"), "mail");
    vec![
        (
            Request::ScheduleActivityTask { activity_type: ENCODE, task_list: mail },
            "ScheduleActivityTask",
            [&activity[..], &list].concat(),
        ),
        (
            Request::ScheduleActivityTask { activity_type: ENCODE, task_list: None },
            "ScheduleActivityTask",
            activity.to_vec(),
        ),
        (Request::PollForActivityTask { task_list }, "PollForActivityTask", list.to_vec()),
        (Request::PollForDecisionTask { task_list }, "PollForDecisionTask", list.to_vec()),
        (
            Request::CountPendingActivityTasks { task_list },
            "CountPendingActivityTasks",
            list.into(),
        ),
        (
            Request::CountPendingDecisionTasks { task_list },
            "CountPendingDecisionTasks",
            list.into(),
        ),
        (
            Request::RegisterActivityType { activity_type: ENCODE, default_task_list: mail },
            "RegisterActivityType",
            [&named[..], &default].concat(),
        ),
        (
            Request::RegisterWorkflowType { workflow_type: ENCODE, default_task_list: None },
            "RegisterWorkflowType",
            named.to_vec(),
        ),
        (Request::DeleteActivityType(ENCODE), "DeleteActivityType", activity.to_vec()),
        (Request::DeprecateActivityType(ENCODE), "DeprecateActivityType", activity.to_vec()),
        (Request::DescribeActivityType(ENCODE), "DescribeActivityType", activity.to_vec()),
        (Request::UndeprecateActivityType(ENCODE), "UndeprecateActivityType", activity.to_vec()),
        (Request::DeleteWorkflowType(ENCODE), "DeleteWorkflowType", workflow.to_vec()),
        (Request::DeprecateWorkflowType(ENCODE), "DeprecateWorkflowType", workflow.to_vec()),
        (Request::DescribeWorkflowType(ENCODE), "DescribeWorkflowType", workflow.to_vec()),
        (Request::UndeprecateWorkflowType(ENCODE), "UndeprecateWorkflowType", workflow.to_vec()),
        (
            Request::StartWorkflowExecution { workflow_type: ENCODE, task_list: mail },
            "StartWorkflowExecution",
            [&workflow[..], &list].concat(),
        ),
        (
            Request::Plain(PlainAction::RecordActivityTaskHeartbeat),
            "RecordActivityTaskHeartbeat",
            vec![],
        ),
        (
            Request::Plain(PlainAction::RespondActivityTaskCompleted),
            "RespondActivityTaskCompleted",
            vec![],
        ),
        (
            Request::Plain(PlainAction::RespondActivityTaskFailed),
            "RespondActivityTaskFailed",
            vec![],
        ),
        (
            Request::Plain(PlainAction::RespondActivityTaskCanceled),
            "RespondActivityTaskCanceled",
            vec![],
        ),
        (
            Request::Plain(PlainAction::RequestCancelActivityTask),
            "RequestCancelActivityTask",
            vec![],
        ),
    ]
}

#[test]
fn every_request_goes_by_its_own_name_and_carries_its_own_parameters_alone() {
    const KEYS: [&str; 8] = [
        "swf:activityType.name",
        "swf:activityType.version",
        "swf:defaultTaskList.name",
        "swf:name",
        "swf:taskList.name",
        "swf:version",
        "swf:workflowType.name",
        "swf:workflowType.version",
    ];
    for (request, name, parameters) in requests() {
        assert_eq!(request.action(), format!("swf:{name}"));
        for key in KEYS {
            let statement = json!({
                "Effect": "Allow", "Action": format!("swf:{name}"), "Resource": "*",
                "Condition": {"StringLike": {key: "*"}}
            });
            let has = parameters.iter().find(|(carried, _)| *carried == key);
            let verdict = load(&json!({ "Statement": statement })).evaluate(&request, "any");
            assert_eq!(verdict.is_allowed(), has.is_some(), "{name} and {key}");
            let Some((_, value)) = has else { continue };
            let mut exact = statement;
            exact["Condition"] = json!({"StringEquals": {key: value}});
            let verdict = load(&json!({ "Statement": exact })).evaluate(&request, "any");
            assert!(verdict.is_allowed(), "{name}: {key} is {value}");
        }
    }
}

#[test]
fn the_longest_policy_loads_and_a_character_more_does_not() {
    let with = |filling: usize| {
        let id = "é".repeat(filling);
        let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        json!({"Id": id, "Statement": statement}).to_string()
    };
    // Quotes and brackets count, commas and colons do not.
    let empty = with(0).chars().filter(|character| !matches!(character, ':' | ',')).count();
    let longest = MAX_POLICY_CHARS - empty;
    assert!(from_str::<Policy>(&with(longest)).is_ok());
    let error = from_str::<Policy>(&with(longest + 1)).unwrap_err().to_string();
    assert!(error.starts_with("policy refused: it has more than 10240 characters"), "{error}");
    // Neither many small parts nor deep ones get past.
    let many = format!("{{\"Statement\": [{}]}}", vec!["\"\""; 6_000].join(","));
    assert!(from_str::<Policy>(&many).unwrap_err().to_string().contains("more than 10240"));
    let deep = "[".repeat(100);
    assert!(from_str::<Policy>(&deep).unwrap_err().to_string().contains("nested deeper"));
}

#[test]
fn a_policy_loads_inside_another_document_and_from_values() {
    #[derive(serde::Deserialize)]
    struct Callers {
        known: Option<Policy>,
        unknown: Option<Policy>,
    }
    let document = json!({
        "known": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}},
        "unknown": null,
    });
    for callers in
        [from_str::<Callers>(&document.to_string()).unwrap(), from_value(document).unwrap()]
    {
        assert!(callers.known.unwrap().evaluate(&POLL, "any").is_allowed());
        assert!(callers.unknown.is_none());
    }
}

/// The definition of matching, as short as it can be.
fn naive(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        (['*', rest @ ..], _) => {
            naive(rest, text) || (!text.is_empty() && naive(pattern, &text[1..]))
        }
        (['?', pattern @ ..], [_, text @ ..]) => naive(pattern, text),
        ([wanted, pattern @ ..], [found, text @ ..]) => wanted == found && naive(pattern, text),
        _ => false,
    }
}

/// A policy that allows polling the lists whose names match the pattern.
fn like(pattern: &str) -> Policy {
    load(&json!({"Statement": {
        "Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"StringLike": {"swf:taskList.name": pattern}}
    }}))
}

/// Every word over the alphabet of at most so many letters.
fn words(alphabet: &[char], longest: usize) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut start = 0;
    for _ in 0..longest {
        let end = words.len();
        for at in start..end {
            words.extend(
                alphabet.iter().map(|letter| format!("{}{letter}", words[at])).collect::<Vec<_>>(),
            );
        }
        start = end;
    }
    words
}

#[test]
fn every_short_pattern_agrees_with_the_definition_on_every_short_text() {
    let texts = words(&['a', 'b'], 6);
    for pattern in words(&['a', 'b', '*', '?'], 5) {
        let policy = like(&pattern);
        let letters: Vec<char> = pattern.chars().collect();
        for text in &texts {
            let request = Request::PollForActivityTask { task_list: text };
            assert_eq!(
                policy.evaluate(&request, "any").is_allowed(),
                naive(&letters, &text.chars().collect::<Vec<_>>()),
                "{pattern:?} on {text:?}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn wildcards_agree_with_their_definition(
        pattern in "[aBé🦀*?]{0,12}",
        text in "[aBé🦀]{0,12}",
    ) {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        let wanted = naive(&letters(&pattern), &letters(&text));

        let request = Request::PollForActivityTask { task_list: &text };
        let verdict = like(&pattern).evaluate(&request, "any");
        prop_assert_eq!(verdict.is_allowed(), wanted, "StringLike {:?} on {:?}", pattern, text);

        let resource = domain_arn("eu-west-1", "1", &pattern);
        let on = json!({"Effect": "Allow", "Action": "*", "Resource": resource});
        let verdict = load(&json!({"Statement": on})).evaluate(&request, &domain_arn("eu-west-1", "1", &text));
        prop_assert_eq!(verdict.is_allowed(), wanted, "Resource {:?} on {:?}", pattern, text);
    }

    #[test]
    fn no_document_makes_loading_panic(document in "[\\[\\]{}\",:*a${}0-9 ]{0,60}") {
        let _ = from_str::<Policy>(&document);
    }
}

#[test]
fn the_worst_pattern_on_the_longest_text_is_decided_all_the_same() {
    let policy = like(&("*a".repeat(4_500) + "*b"));
    let request = Request::PollForActivityTask { task_list: &"a".repeat(256) };
    assert_eq!(policy.evaluate(&request, "any"), Verdict::DeniedByDefault);
}
