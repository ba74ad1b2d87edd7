//! SWF's requests off the wire, one a line: a letter for the call, a digit for the time since the line before,
//! and the body. `$` and a digit stand for a token that was issued, since nobody could make one up.

#[path = "../../tests/support/swf_calls.rs"]
mod calls;
#[path = "../../tests/support/swf.rs"]
mod host;

use std::borrow::Cow;
use std::sync::LazyLock;

use heartwheel::swf::access::Policy;
use heartwheel::swf::{ActivityService, Caller, Fault, ServiceConfig};
use heartwheel::{Config, Geometry};
use serde::Deserialize;
use serde_json::{Deserializer, Value};

use calls::call;
use host::{at, Book, Host};

/// By letter, from `a` on.
const CALLS: [&str; 15] = [
    "RegisterActivityType",
    "DeprecateActivityType",
    "UndeprecateActivityType",
    "DeleteActivityType",
    "DescribeActivityType",
    "ScheduleActivityTask",
    "RequestCancelActivityTask",
    "PollForActivityTask",
    "CountPendingActivityTasks",
    "RecordActivityTaskHeartbeat",
    "RespondActivityTaskCompleted",
    "RespondActivityTaskFailed",
    "RespondActivityTaskCanceled",
    // From here on the body is the policy of whoever calls.
    POLICY,
    // The execution closes, and another one begins.
    CLOSE,
];
const POLICY: &str = "policy";
const CLOSE: &str = "close";

/// Milliseconds, by digit: around whole seconds, which is what SWF's timeouts are, and beyond.
const STEPS: [u64; 10] =
    [0, 1, 999, 1_000, 1_001, 2_000, 10_000, 60_000, 86_400_000, 31_536_000_000];

/// Answers the lines, and now and then again by a service that stops half way and is restored.
///
/// # Panics
/// If a refusal is no fault, a token is taken that was not issued, one is refused that was, or the answers differ.
pub fn run(bytes: &[u8]) {
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let whole = answers(&lines, None);
    // Seldom, as it takes twice as long: what a restart loses, it loses for many bytes.
    if bytes.len() % 8 == 0 {
        assert_eq!(answers(&lines, Some(lines.len() / 2)), whole);
    }
}

/// The answers and the histories; the service is restored before the line of that number.
fn answers(lines: &[&[u8]], restart: Option<usize>) -> (Vec<Result<Value, Fault>>, Book) {
    let mut desk = Desk::new();
    let mut answers = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        if restart == Some(number) {
            desk.restart();
        }
        answers.extend(desk.answer(line));
    }
    desk.host.service.engine().check_invariants().expect("the engine is sound");
    (answers, desk.host.book)
}

/// The member that matters of a request with a token; like the library's own it passes the others over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WithToken {
    task_token: Option<String>,
}

/// A host, and what it knows of its callers.
struct Desk {
    host: Host,
    now: u64,
    policy: Option<Policy>,
    tokens: Vec<String>,
}

impl Desk {
    fn new() -> Self {
        // Made once: that costs as much as a handful of requests.
        static HOST: LazyLock<Host> = LazyLock::new(|| {
            // A small wheel is soon made, and soon checked.
            let engine = Config::DEFAULT.with_geometry(Geometry::new(4, 4));
            Host::with_config(ServiceConfig::DEFAULT.with_engine(engine))
        });
        Self { host: HOST.clone(), now: 0, policy: None, tokens: Vec::new() }
    }

    /// The answer to a line, if it makes a call.
    fn answer(&mut self, line: &[u8]) -> Option<Result<Value, Fault>> {
        let [letter, digit, body @ ..] = line else { return None };
        let name = CALLS[usize::from(letter.wrapping_sub(b'a')) % CALLS.len()];
        self.now =
            self.now.saturating_add(STEPS[usize::from(digit.wrapping_sub(b'0')) % STEPS.len()]);
        match name {
            POLICY => {
                self.policy = serde_json::from_slice(body).ok();
                return None;
            }
            CLOSE => {
                self.host.close(self.now);
                self.host.x = self.host.open("order-18");
                return None;
            }
            _ => {}
        }
        let body = self.with_tokens(body);
        let caller = match &self.policy {
            Some(policy) => Caller::new(Some(policy), "eu-west-1", "123456789012"),
            None => Caller::UNRESTRICTED,
        };
        let mut json = Deserializer::from_slice(&body);
        let answer = call(&mut self.host, at(self.now), caller, name, &mut json);
        self.check(name, &body, &answer);
        let task = answer.as_ref().ok().filter(|_| name == "PollForActivityTask");
        // An empty answer has an empty token.
        let token =
            task.and_then(|task| task["taskToken"].as_str()).filter(|token| !token.is_empty());
        self.tokens.extend(token.map(str::to_owned));
        Some(answer)
    }

    /// The body with the tokens that it asks for.
    fn with_tokens<'a>(&self, body: &'a [u8]) -> Cow<'a, [u8]> {
        let mut pieces = body.split(|byte| *byte == b'$');
        let first = pieces.next().unwrap_or_default();
        if first.len() == body.len() {
            return Cow::Borrowed(body);
        }
        let mut filled = first.to_vec();
        for piece in pieces {
            let digit = piece.first().map(|digit| usize::from(digit.wrapping_sub(b'0')));
            match digit.and_then(|digit| self.tokens.get(digit)) {
                Some(token) => filled.extend([token.as_bytes(), &piece[1..]].concat()),
                None => filled.extend([b"$", piece].concat()),
            }
        }
        Cow::Owned(filled)
    }

    fn check(&self, name: &str, body: &[u8], answer: &Result<Value, Fault>) {
        if let Err(fault) = answer {
            let wire = serde_json::to_string(fault).expect("a fault is JSON");
            assert_eq!(serde_json::from_str::<Fault>(&wire).expect("as it went"), *fault);
            assert_eq!(fault.status(), 400);
            assert!(!fault.kind.code().is_empty() && !fault.message.is_empty());
        }
        if !name.starts_with("Record") && !name.starts_with("Respond") {
            return;
        }
        let body = WithToken::deserialize(&mut Deserializer::from_slice(body)).ok();
        let token = body.as_ref().and_then(|body| body.task_token.as_deref());
        let is_issued = token.is_some_and(|token| self.tokens.iter().any(|issued| issued == token));
        match answer {
            Ok(_) => assert!(is_issued, "a token that was not issued is taken"),
            Err(fault) => {
                let is_refused = *fault == Fault::invalid_token();
                assert!(!is_refused || !is_issued, "an issued token is refused");
                let says = |token: &String| fault.message.contains(token);
                assert!(!self.tokens.iter().any(says), "a token is said back");
            }
        }
    }

    /// The service through bytes and back.
    fn restart(&mut self) {
        let service = &self.host.service;
        let engine = serde_json::to_vec(service.engine()).expect("an engine is JSON");
        let record = serde_json::to_vec(&service.record()).expect("a record is JSON");
        let engine = serde_json::from_slice(&engine).expect("it takes what it wrote");
        let record = serde_json::from_slice(&record).expect("as before");
        self.host.service = ActivityService::restore(ServiceConfig::DEFAULT, engine, record)
            .expect("what it stored is whole");
    }
}
