//! Requests of any bytes: whatever arrives gets an answer or a fault, and never this server's own failure.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

#[allow(dead_code, reason = "shared with the other tests")]
mod support;

use heartwheel::swf::Caller;
use serde_json::{json, Value};
use support::{at, complete, schedule, Host};
use swf_server::calls::Call;
use swf_server::error::{CommonError, Error};

/// xorshift64: the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// A body with every member that some call has, with right values or others.
fn body(dice: &mut Dice, run: &str, tokens: &[String]) -> Value {
    let pick = |dice: &mut Dice, values: &[&str]| json!(values[dice.below(values.len())]);
    let named = |name: &str| json!({"name": name, "version": "1"});
    let mut body = json!({
        "domain": pick(dice, &["d", "d", "d", "e", "a:b"]),
        "name": pick(dice, &["d", "w", "a", "n", ""]),
        "version": "1",
        "workflowExecutionRetentionPeriodInDays": pick(dice, &["1", "NONE", "x"]),
        "registrationStatus": pick(dice, &["REGISTERED", "DEPRECATED", "GONE"]),
        "workflowType": named("w"),
        "activityType": named("a"),
        "workflowId": pick(dice, &["x", "y", "z"]),
        "execution": {"workflowId": "x", "runId": run},
        "taskList": {"name": pick(dice, &["deciders", "workers", "none"])},
        "signalName": "s",
        "startTimeFilter": {"oldestDate": dice.below(3000), "latestDate": 1e300},
        "maximumPageSize": dice.below(5),
        "reverseOrder": dice.below(2) == 0,
        "taskToken": tokens[dice.below(tokens.len())],
        "nextPageToken": pick(dice, &["", "", r#"[["executions","d","open","by-start"],false,[1,1]]"#, r#"[["domains","REGISTERED"],false,9e99]"#, "."]),
        "decisions": [schedule("q"), complete()],
        "input": "i", "details": "d", "result": "r", "tagList": ["t"],
        "executionStartToCloseTimeout": pick(dice, &["0", "5", "NONE", "31536000"]),
    });
    let members: Vec<String> = body.as_object().unwrap().keys().cloned().collect();
    for _ in 0..dice.below(4) {
        let member = &members[dice.below(members.len())];
        let other = [json!(null), json!(7), json!([1]), json!({}), json!("x"), json!(-1.5e308)];
        body[member] = other[dice.below(other.len())].clone();
    }
    // Half of the time the members that few calls take are not there.
    if dice.below(2) == 0 {
        for member in ["nextPageToken", "taskList"] {
            body[member] = json!(null);
        }
    }
    body
}

#[test]
fn any_bytes_get_an_answer_or_a_fault() {
    any_bytes("1");
}

/// What ends is forgotten at once, in the midst of it all.
#[test]
fn any_bytes_get_an_answer_or_a_fault_where_nothing_is_kept() {
    let (mut host, run) = any_bytes("NONE");
    let asked = json!({"domain": "d", "execution": {"workflowId": "x", "runId": run}});
    let gone = host.call("DescribeWorkflowExecution", asked).unwrap_err().to_string();
    assert!(gone.starts_with("UnknownResourceFault: Unknown execution"), "{gone}");
}

/// The host after many requests, with the domain's retention, and the run with which it began.
fn any_bytes(retention: &str) -> (Host, String) {
    let mut host = Host::with_retention(retention);
    let run = host.start("x");
    host.decide(json!([schedule("a"), schedule("b")]));
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut tokens = vec!["forged".to_owned(), String::new()];
    let (mut answered, mut refused) = (0, 0);
    for round in 0..8_000 {
        let call = Call::ALL[dice.below(Call::ALL.len())];
        let mut bytes = body(&mut dice, &run, &tokens).to_string().into_bytes();
        if dice.below(4) == 0 {
            let place = dice.below(bytes.len());
            bytes[place] ^= 1 << dice.below(8);
            if dice.below(2) == 0 {
                bytes.truncate(dice.below(bytes.len()));
            }
        }
        host.now += dice.below(3) as u64;
        let now = at(host.now);
        match host.state.call(now, Caller::UNRESTRICTED, call, &bytes) {
            Err(Error::Common(CommonError::InternalFailure, message)) => {
                panic!(
                    "round {round}: {} {}: {message}",
                    call.name(),
                    String::from_utf8_lossy(&bytes)
                )
            }
            Err(_) => refused += 1,
            Ok(reply) => {
                answered += 1;
                if let swf_server::state::Reply::Body(Value::Object(answer)) = reply {
                    let token = answer.get("taskToken").and_then(Value::as_str);
                    tokens.extend(token.map(str::to_owned));
                }
            }
        }
    }
    assert!(answered > 500 && refused > 500, "{answered} answered, {refused} refused");
    let snapshot = host.state.snapshot().to_json().unwrap();
    let restored = host.restarted(6);
    assert!(
        restored.state.snapshot().to_json().unwrap() == snapshot,
        "what is read writes the same"
    );
    (host, run)
}
