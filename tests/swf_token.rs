//! Task tokens: what was sealed opens, and nothing else does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine as _;
use heartwheel::swf::token::{InvalidToken, KeyTooShort, TokenKey, MAX_TOKEN_CHARS};
use heartwheel::swf::DomainName;
use heartwheel::ActivityId;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn id(index: u32, generation: u32) -> ActivityId {
    serde_json::from_value(serde_json::json!({ "index": index, "generation": generation })).unwrap()
}

fn key(byte: u8) -> TokenKey {
    TokenKey::new(&[byte; 32]).unwrap()
}

fn named(domain: &str) -> DomainName {
    domain.parse().unwrap()
}

fn seal(key: &TokenKey, domain: &str, id: ActivityId) -> String {
    key.seal(&named(domain), id).into_string()
}

#[test]
fn what_was_sealed_opens_with_its_domain_and_id() {
    for domain in ["d", "media", "Domäne 漢字 🦀", "*", "\u{10FFFF}", "a.b_c-d"] {
        for id in [id(0, 0), id(0, 1), id(1, 0), id(u32::MAX, u32::MAX), id(0x0102_0304, 5)] {
            let token = seal(&key(1), domain, id);
            let task = key(1).open(&token).unwrap();
            assert_eq!((task.domain.as_str(), task.id), (domain, id));
            assert_eq!(seal(&key(1), domain, id), token, "one text for one task");
            assert_eq!(key(1).open_in(&named(domain), &token), Ok(id));
        }
    }
}

#[test]
fn tokens_are_as_long_as_the_docs_say_at_the_limits_of_domain_names() {
    for (character, chars, length) in
        [("a", 1, 59), ("a", 10, 91), ("a", 256, 951), ("\u{10FFFF}", 256, 951)]
    {
        let domain = character.repeat(chars);
        let token = seal(&key(1), &domain, id(u32::MAX, u32::MAX));
        assert_eq!(token.len(), length, "{chars} times {character:?}");
        assert!(token.len() <= MAX_TOKEN_CHARS);
        assert!(token.bytes().all(|byte| ALPHABET.contains(&byte)));
        assert_eq!(key(1).open(&token).unwrap().domain.as_str(), domain);
    }
}

/// Made by another program, by the table in the docs: tokens outlive the release that sealed them.
#[test]
fn the_form_of_a_token_stays_as_the_docs_have_it() {
    const TOKEN: &str =
        "AQAAAAMAAAAEAANoADpAAMgABpAAMIAAgD8wAGxsfiyczsBTa-1VDjfRIwvUHSOa4lYr0QIx19hz--Cc";
    let key: Vec<u8> = (0..32).collect();
    let key = TokenKey::new(&key).unwrap();
    assert_eq!(seal(&key, "média 🦀", id(3, 4)), TOKEN);
    assert!(key.open(TOKEN).is_ok());
}

#[test]
fn short_keys_are_refused_with_the_minimum_and_the_reason() {
    for bytes in 0..TokenKey::MIN_BYTES {
        let error: KeyTooShort = TokenKey::new(&vec![1; bytes]).unwrap_err();
        assert_eq!(error.bytes, bytes);
    }
    assert_eq!(
        TokenKey::new(&[1; 31]).unwrap_err().to_string(),
        "a key of 31 bytes is too short: at least 32 are needed, or the key is easier to guess than the seal"
    );
    for bytes in [32, 33, 64, 65, 1000] {
        assert!(TokenKey::new(&vec![1; bytes]).is_ok());
    }
}

#[test]
fn keys_that_differ_at_all_refuse_each_others_tokens() {
    // Among them the pairs that plain HMAC takes for one: zeros behind, and a long key beside its digest.
    let long = [9_u8; 100];
    let digest = <sha2::Sha256 as sha2::Digest>::digest(long);
    let keys: Vec<Vec<u8>> = vec![
        vec![1; 32],
        [vec![1; 32], vec![0]].concat(),
        [vec![1; 32], vec![0; 32]].concat(),
        vec![1; 33],
        vec![2; 32],
        vec![0; 32],
        vec![0; 33],
        long.to_vec(),
        digest.to_vec(),
    ];
    for (at, sealing) in keys.iter().enumerate() {
        let token = seal(&TokenKey::new(sealing).unwrap(), "media", id(3, 4));
        for (other, opening) in keys.iter().enumerate() {
            let opened = TokenKey::new(opening).unwrap().open(&token);
            assert_eq!(opened.is_ok(), at == other, "sealed with {at}, opened with {other}");
        }
    }
}

#[test]
fn the_key_is_never_printed() {
    let secret = *b"a secret of thirty-two bytes ...";
    let printed = format!("{0:?} {0:#?}", TokenKey::new(&secret).unwrap());
    assert_eq!(printed, "TokenKey { .. } TokenKey { .. }");
}

#[test]
fn the_error_is_one_and_speaks_as_swf_does() {
    assert_eq!(key(1).open("").unwrap_err().to_string(), "Invalid token");
    let error: &dyn core::error::Error = &InvalidToken;
    assert!(error.source().is_none());
}

#[test]
fn every_altered_bit_and_character_of_a_token_is_noticed() {
    for domain in ["a", "ab", "abc", "media"] {
        let key = key(1);
        let token = seal(&key, domain, id(3, 4));
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key.open(&URL_SAFE_NO_PAD.encode(altered)), Err(InvalidToken), "bit {bit}");
        }
        for at in 0..token.len() {
            let (head, tail) = (&token[..at], &token[at + 1..]);
            for character in (0..=0x2FF).filter_map(char::from_u32) {
                let altered = format!("{head}{character}{tail}");
                assert_eq!(key.open(&altered).is_ok(), altered == token, "{altered:?}");
                let extended = format!("{}{character}{}", &token[..at], &token[at..]);
                assert_eq!(key.open(&extended), Err(InvalidToken), "{extended:?}");
            }
            assert_eq!(key.open(head), Err(InvalidToken), "cut at {at}");
            assert_eq!(key.open(&token[at + 1..]), Err(InvalidToken), "begun after {at}");
            assert_eq!(key.open(&format!("{head}{tail}")), Err(InvalidToken), "without {at}");
        }
    }
}

#[test]
fn one_text_alone_is_genuine_for_a_task() {
    // 44, 49 and 57 bytes: every remainder of three, so 2, 4 and no idle bits in the last character.
    for domain in ["a", "abc", "abcdef"] {
        let token = seal(&key(1), domain, id(3, 4));
        let (head, last) = token.split_at(token.len() - 1);
        let accepted: Vec<String> = ALPHABET
            .iter()
            .map(|byte| format!("{head}{}", char::from(*byte)))
            .filter(|text| key(1).open(text).is_ok())
            .collect();
        assert_eq!(accepted, [format!("{head}{last}")]);
        for text in [
            format!("{token}="),
            format!("{token}=="),
            format!("{token}\n"),
            format!(" {token}"),
            token.replace('-', "+"),
            token.replace('_', "/"),
            token.to_lowercase(),
        ] {
            assert_eq!(key(1).open(&text).is_ok(), text == token, "{text:?}");
        }
    }
}

#[test]
fn another_domains_tokens_are_invalid_where_one_domain_is_served() {
    let token = seal(&key(1), "media", id(3, 4));
    for domain in ["medi", "media ", "Media", "mediä", "other"] {
        assert_eq!(key(1).open_in(&named(domain), &token), Err(InvalidToken));
    }
}

#[test]
fn a_seal_answers_for_its_own_domain_and_id_alone() {
    // The same bytes with the other's seal, and every cut between the two.
    let (one, two) = (seal(&key(1), "media", id(3, 4)), seal(&key(1), "video", id(5, 6)));
    let (one_bytes, two_bytes) =
        (URL_SAFE_NO_PAD.decode(&one).unwrap(), URL_SAFE_NO_PAD.decode(&two).unwrap());
    for cut in 0..=one_bytes.len() {
        let swapped = [&one_bytes[..cut], &two_bytes[cut..]].concat();
        let text = URL_SAFE_NO_PAD.encode(swapped);
        assert_eq!(key(1).open(&text).is_ok(), text == one || text == two, "cut {cut}");
    }
    // A name moved into the place of another one's end: no bytes can be read in two ways.
    assert_eq!(key(1).open(&format!("{one}{two}")), Err(InvalidToken));
}

#[test]
fn text_of_any_length_is_refused_at_bounded_cost() {
    for length in [0, 1, 2, 3, 4, 42, 43, 44, 54, 55, 1023, 1024, 1025, 1028, 10_000_000] {
        for character in ["A", "_", "=", "é", "\u{0}"] {
            assert_eq!(key(1).open(&character.repeat(length)), Err(InvalidToken), "{length}");
        }
    }
}

#[test]
fn a_million_forged_tokens_and_none_accepted() {
    const SEED: u64 = 0x5EA1;
    const FORGERIES: u32 = 1_000_000;
    let mut rng = SmallRng::seed_from_u64(SEED);
    let (ours, foreign) = (key(1), key(2));
    let domains = ["a", "media", "video", "Domäne 漢字 🦀", &"x".repeat(256)];
    let genuine: Vec<(String, Vec<u8>)> = (0..200)
        .map(|at| {
            let domain = domains[at % domains.len()];
            let id = id(rng.random_range(0..50), rng.random_range(1..9));
            let token = seal(&ours, domain, id);
            let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
            (token, bytes)
        })
        .collect();
    assert!(genuine.iter().all(|(token, _)| ours.open(token).is_ok()));

    let (mut forged, mut accepted) = ([0_u32; 9], 0_u32);
    while forged.iter().sum::<u32>() < FORGERIES {
        let kind = rng.random_range(0..forged.len());
        let (token, bytes) = &genuine[rng.random_range(0..genuine.len())];
        let forgery = forge(&mut rng, kind, token, bytes, &genuine, &foreign);
        // Two cut pieces may make up a token again, the same or another: that is not a forgery.
        if genuine.iter().any(|(token, _)| *token == forgery) {
            continue;
        }
        forged[kind] += 1;
        if let Ok(task) = ours.open(&forgery) {
            eprintln!("seed {SEED:#x}, kind {kind}: {forgery} opened as {task:?}");
            accepted += 1;
        }
    }
    println!("{FORGERIES} forged tokens, {accepted} accepted; by kind {forged:?}");
    assert_eq!(accepted, 0);
    assert!(forged.iter().all(|count| *count > FORGERIES / 20), "every kind has its share");
}

/// One forgery, from a genuine token and its bytes.
fn forge(
    rng: &mut SmallRng,
    kind: usize,
    token: &str,
    bytes: &[u8],
    genuine: &[(String, Vec<u8>)],
    foreign: &TokenKey,
) -> String {
    let mut bytes = bytes.to_vec();
    match kind {
        // One to eight bits flipped.
        0 => {
            for _ in 0..rng.random_range(1..=8) {
                let bit = rng.random_range(0..bytes.len() * 8);
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
        }
        // Cut, at either end.
        1 => {
            let cut = rng.random_range(1..=bytes.len());
            bytes = if rng.random() { bytes.split_off(cut) } else { bytes[..cut - 1].to_vec() };
        }
        // Extended, at any place.
        2 => {
            let at = rng.random_range(0..=bytes.len());
            for _ in 0..rng.random_range(1..=16) {
                bytes.insert(at, rng.random());
            }
        }
        // The head of one and the tail of another.
        3 => {
            let (_, other) = &genuine[rng.random_range(0..genuine.len())];
            let cut = rng.random_range(0..=bytes.len().min(other.len()));
            bytes = [&bytes[..cut], &other[cut..]].concat();
        }
        // Sealed with another key, the very same task or any other.
        4 => {
            let at = rng.random_range(0..50);
            return seal(foreign, "media", id(at, rng.random_range(1..9)));
        }
        // Another id under the old seal.
        5 => {
            for byte in &mut bytes[1..9] {
                *byte = if rng.random() { *byte } else { rng.random() };
            }
        }
        // Another domain's name under the old seal.
        6 => {
            let end = bytes.len() - 32;
            for byte in &mut bytes[9..end] {
                *byte = rng.random();
            }
        }
        // Another seal on the old task.
        7 => {
            let start = bytes.len() - 32;
            rng.fill(&mut bytes[start..]);
        }
        // Text out of thin air, of a genuine length or any other.
        _ => {
            let length =
                if rng.random() { token.len() } else { rng.random_range(0..=MAX_TOKEN_CHARS) };
            return (0..length).map(|_| char::from(ALPHABET[rng.random_range(0..64)])).collect();
        }
    }
    URL_SAFE_NO_PAD.encode(bytes)
}
