//! The rules of executions and decision tasks, without HTTP and without a clock.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

#[allow(dead_code, reason = "shared with the other tests")]
mod support;

use heartwheel::swf::Caller;
use serde_json::{json, Value};
use support::{at, complete, place, schedule, Host};
use swf_server::calls::Call;
use swf_server::error::Error;
use swf_server::state::{Boot, State};

fn of(history: &[(String, f64)], from: usize) -> Vec<(&str, f64)> {
    history.iter().skip(from).map(|(kind, second)| (kind.as_str(), *second)).collect()
}

#[test]
fn many_timeouts_lead_to_one_decision_task_at_the_instant_of_the_first() {
    let mut host = Host::new();
    let run = host.start("x");
    host.decide(json!([schedule("a"), schedule("b")]));
    host.now = 5000;
    let history = host.history("x", &run);
    // Schedule-to-start is 100; the execution's own hour is over too by now.
    assert_eq!(
        of(&history, 6),
        [
            ("ActivityTaskTimedOut", 1100.0),
            ("DecisionTaskScheduled", 1100.0),
            ("ActivityTaskTimedOut", 1100.0),
            ("WorkflowExecutionTimedOut", 4600.0),
        ]
    );
}

#[test]
fn an_execution_that_times_out_takes_everything_with_it_without_events() {
    let mut host = Host::new();
    let run = host.start("x");
    let timer = json!({
        "decisionType": "StartTimer",
        "startTimerDecisionAttributes": {"timerId": "t", "startToFireTimeout": "3600"},
    });
    let mut endless = schedule("a");
    // Due at the very instant of the execution's own timeout, which was armed before.
    endless["scheduleActivityTaskDecisionAttributes"]["scheduleToStartTimeout"] = json!("3600");
    host.decide(json!([timer, endless]));
    host.now = 4600;
    let history = host.history("x", &run);
    assert_eq!(of(&history, 6), [("WorkflowExecutionTimedOut", 4600.0)]);
    assert_eq!(host.poll(Call::PollForActivityTask, "workers")["taskToken"], "");
    // The name is free again.
    host.start("x");
    // What is left is the day for which a closed execution is kept.
    host.state.drain(at(5000 + 3600 + 86_400));
    assert_eq!(host.state.next_wakeup(), None);
}

#[test]
fn a_decision_task_that_times_out_is_scheduled_again_and_its_token_is_dead() {
    let mut host = Host::new();
    let run = host.start("x");
    let task = host.poll(Call::PollForDecisionTask, "deciders");
    host.now = 1030;
    let late = json!({"taskToken": task["taskToken"], "decisions": [complete()]});
    let Err(Error::Fault(fault)) = host.call("RespondDecisionTaskCompleted", late) else {
        panic!()
    };
    assert_eq!(fault.message, "Unknown decision, scheduledEventId = 2");
    let history = host.history("x", &run);
    assert_eq!(
        of(&history, 3),
        [("DecisionTaskTimedOut", 1030.0), ("DecisionTaskScheduled", 1030.0)]
    );
    let again = host.poll(Call::PollForDecisionTask, "deciders");
    assert_eq!(
        (&again["startedEventId"], &again["previousStartedEventId"]),
        (&json!(6), &json!(0))
    );
}

#[test]
fn what_happens_while_a_decision_task_is_started_leads_to_another_one_and_forbids_to_close() {
    let mut host = Host::new();
    let run = host.start("x");
    let task = host.poll(Call::PollForDecisionTask, "deciders");
    let signal = json!({"domain": "d", "workflowId": "x", "signalName": "s"});
    host.ok("SignalWorkflowExecution", signal.clone());
    let body = json!({"taskToken": task["taskToken"], "decisions": [complete()]});
    host.ok("RespondDecisionTaskCompleted", body);
    let end = ["CompleteWorkflowExecutionFailed", "DecisionTaskScheduled"];
    assert_eq!(host.types("x", &run)[5..], end);
    // What happens while one waits is in its history.
    host.ok("SignalWorkflowExecution", signal);
    host.decide(json!([complete()]));
    assert_eq!(host.types("x", &run).last().unwrap(), "WorkflowExecutionCompleted");
}

#[test]
fn a_wrong_decision_leaves_nothing_behind() {
    let mut host = Host::new();
    let run = host.start("x");
    let task = host.poll(Call::PollForDecisionTask, "deciders");
    let unsupported = json!({"decisionType": "StartChildWorkflowExecution"});
    for (decisions, expected) in [
        (json!([schedule("a"), {"decisionType": "Dance"}]), "'decisions.2.member.decisionType'"),
        (json!([schedule("a"), unsupported]), "a decision that this server carries out"),
        (json!([complete(), schedule("a")]), "Close must be last decision in list"),
        (
            json!([schedule("a"), schedule("a:b")]),
            "'decisions.2.member.scheduleActivityTaskDecisionAttributes.activityId'",
        ),
        (
            json!([{"decisionType": "RequestCancelActivityTask",
                "requestCancelActivityTaskDecisionAttributes": {}}]),
            "'decisions.1.member.requestCancelActivityTaskDecisionAttributes.activityId'",
        ),
    ] {
        let body = json!({"taskToken": task["taskToken"], "decisions": decisions});
        let error = host.call("RespondDecisionTaskCompleted", body).unwrap_err().to_string();
        assert!(error.starts_with("ValidationException: ") && error.contains(expected), "{error}");
    }
    assert_eq!(host.types("x", &run).len(), 3);
}

#[test]
fn a_wrong_type_in_a_decision_is_told_with_its_place() {
    let mut host = Host::new();
    host.start("x");
    let task = host.poll(Call::PollForDecisionTask, "deciders");
    let decisions = json!([schedule("a"), {
        "decisionType": "ScheduleActivityTask",
        "scheduleActivityTaskDecisionAttributes": {"activityType": 7},
    }]);
    let body = json!({"taskToken": task["taskToken"], "decisions": decisions});
    let error = host.call("RespondDecisionTaskCompleted", body).unwrap_err().to_string();
    let place = "in 'decisions.2.member.scheduleActivityTaskDecisionAttributes'";
    assert!(error.starts_with("SerializationException: ") && error.ends_with(place), "{error}");
}

/// Which of the two the caller meant nobody knows.
#[test]
fn a_doubled_member_is_refused_with_one_message_whoever_reads_the_call() {
    let mut host = Host::new();
    for (call, body, expected) in [
        (
            Call::RecordActivityTaskHeartbeat,
            r#"{"taskToken":"x","taskToken":"x"}"#,
            "`taskToken` at line 1 column 28",
        ),
        (Call::DescribeDomain, r#"{"name":"d","name":"d"}"#, "`name` at line 1 column 18"),
        (
            Call::StartWorkflowExecution,
            r#"{"workflowType":{"name":"w","name":"w"}}"#,
            "`name` at line 1 column 34",
        ),
    ] {
        let answer = host.state.call(at(1000), Caller::UNRESTRICTED, call, body.as_bytes());
        let message = format!("SerializationException: duplicate field {expected}");
        assert_eq!(answer.unwrap_err().to_string(), message);
    }
}

#[test]
fn timers_fire_are_canceled_and_refused() {
    let mut host = Host::new();
    let run = host.start("x");
    let start = |id: &str, after: &str| {
        let attributes = json!({"timerId": id, "startToFireTimeout": after});
        json!({"decisionType": "StartTimer", "startTimerDecisionAttributes": attributes})
    };
    let cancel = |id: &str| {
        let attributes = json!({"timerId": id});
        json!({"decisionType": "CancelTimer", "cancelTimerDecisionAttributes": attributes})
    };
    host.decide(json!([
        start("t", "10"),
        start("t", "9"),
        start("u", "5"),
        cancel("u"),
        cancel("u")
    ]));
    host.now = 2000;
    let history = host.history("x", &run);
    assert_eq!(
        of(&history, 4),
        [
            ("TimerStarted", 1000.0),
            ("StartTimerFailed", 1000.0),
            ("TimerStarted", 1000.0),
            ("TimerCanceled", 1000.0),
            ("CancelTimerFailed", 1000.0),
            ("DecisionTaskScheduled", 1000.0),
            ("TimerFired", 1010.0),
        ]
    );
}

#[test]
fn a_state_comes_back_from_its_snapshot_with_its_tokens_and_clocks() {
    let mut host = Host::new();
    let run = host.start("x");
    host.decide(json!([schedule("a"), schedule("b")]));
    let task = host.poll(Call::PollForActivityTask, "workers");
    host.start("y");
    let decision = host.poll(Call::PollForDecisionTask, "deciders");
    let snapshot = host.state.snapshot().to_json().unwrap();
    let mut other = host.restarted(5);
    assert!(other.state.snapshot().to_json().unwrap() == snapshot, "what is read writes the same");

    let rest = |host: &mut Host| {
        host.now = 1050;
        let beat = json!({"taskToken": task["taskToken"], "details": "half"});
        let mut seen = vec![host.ok("RecordActivityTaskHeartbeat", beat)];
        let decided = json!({"taskToken": decision["taskToken"], "decisions": [complete()]});
        // Its 30 seconds are over.
        seen.push(Value::from(
            host.call("RespondDecisionTaskCompleted", decided).unwrap_err().to_string(),
        ));
        host.now = 1200;
        seen.push(json!(host.history("x", &run)));
        seen
    };
    assert_eq!(rest(&mut host), rest(&mut other));
    let texts = [&host, &other]
        .map(|host| String::from_utf8(host.state.snapshot().to_json().unwrap()).unwrap());
    assert_eq!(texts[0], texts[1]);
}

/// What a crash has lost is not mistaken for what came after it, though the engine gives the same ids again.
#[test]
fn a_token_that_no_snapshot_knows_reaches_no_task_of_a_later_boot() {
    let mut lost = Host::new();
    lost.start("x");
    let mut host = lost.restarted(6);

    let names = |host: &mut Host| {
        let decision = host.decide(json!([schedule("a")]))["taskToken"].clone();
        let activity = host.poll(Call::PollForActivityTask, "workers")["taskToken"].clone();
        let run = host.start("y");
        let waiting = host.poll(Call::PollForDecisionTask, "deciders")["taskToken"].clone();
        (decision, activity, run, waiting)
    };
    let (_, lost_activity, lost_run, lost_decision) = names(&mut lost);
    let (_, activity, run, decision) = names(&mut host);
    assert_ne!((&lost_activity, &lost_run, &lost_decision), (&activity, &run, &decision));

    let before = host.history("x", "0000000000000005-0000000001");
    for (call, token, message) in [
        ("RecordActivityTaskHeartbeat", &lost_activity, "Unknown activity"),
        ("RespondActivityTaskCompleted", &lost_activity, "Unknown activity"),
        ("RespondActivityTaskFailed", &lost_activity, "Unknown activity"),
        ("RespondActivityTaskCanceled", &lost_activity, "Unknown activity"),
        ("RespondDecisionTaskCompleted", &lost_decision, "Unknown decision"),
    ] {
        let Err(Error::Fault(fault)) = host.call(call, json!({ "taskToken": token })) else {
            panic!("{call} was answered")
        };
        assert_eq!((fault.kind.code(), fault.message.as_str()), ("UnknownResourceFault", message));
    }
    assert_eq!(host.history("x", "0000000000000005-0000000001"), before);
    // A boot's name in front of another's token makes no token of it.
    let (_, sealed) = lost_activity.as_str().unwrap().split_once('.').unwrap();
    let forged = json!({ "taskToken": format!("0000000000000006.{sealed}") });
    let error = host.call("RecordActivityTaskHeartbeat", forged).unwrap_err();
    assert_eq!(error.to_string(), "ValidationException: Invalid token");
    // Their own go on, in this boot and in the next.
    let mut next = host.restarted(7);
    for host in [&mut host, &mut next] {
        host.ok("RecordActivityTaskHeartbeat", json!({ "taskToken": activity }));
        host.ok("RespondDecisionTaskCompleted", json!({ "taskToken": decision }));
    }
    assert_ne!(next.start("z"), host.start("z"));
}

#[test]
fn what_is_no_snapshot_is_not_loaded() {
    let host = Host::new();
    let snapshot: Value =
        serde_json::from_slice(&host.state.snapshot().to_json().unwrap()).unwrap();
    let mut later = snapshot.clone();
    later["version"] = json!(3);
    let read = |snapshot: &[u8]| State::from_snapshot(place(), Boot::new(5), snapshot);
    let error = read(later.to_string().as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "its version is 3, this release reads version 2");
    assert!(read(b"{}").is_err());
}

#[test]
fn time_never_runs_backwards() {
    let mut host = Host::new();
    host.state.drain(at(2000));
    assert_eq!(host.state.drain(at(1999)), at(2000));
    let run = host.start("x");
    assert_eq!(host.history("x", &run)[0].1, 2000.0);
}
