//! How long executions are kept, and how far histories grow.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

#[allow(dead_code, reason = "shared with the other tests")]
mod support;

use serde_json::{json, Value};
use support::{complete, schedule, Host};
use swf_server::calls::Call;

/// The last two events of a history, the last one first.
fn last_events(host: &mut Host, run: &str) -> [Value; 2] {
    let asked = json!({
        "domain": "d", "execution": {"workflowId": "x", "runId": run},
        "reverseOrder": true, "maximumPageSize": 2,
    });
    let events = host.ok("GetWorkflowExecutionHistory", asked)["events"].clone();
    [events[0].clone(), events[1].clone()]
}

#[test]
fn a_closed_execution_is_kept_for_the_domains_retention_and_then_forgotten() {
    let mut host = Host::new();
    let empty = host.state.snapshot().to_json().unwrap().len();
    let run = host.start("x");
    host.decide(json!([schedule("a")]));
    let task = host.poll(Call::PollForActivityTask, "workers")["taskToken"].clone();
    host.ok("RespondActivityTaskCompleted", json!({ "taskToken": task }));
    let decision = host.decide(json!([complete()]))["taskToken"].clone();
    let closed = json!({"domain": "d", "startTimeFilter": {"oldestDate": 0}});
    host.now += 86_399;
    let late = |host: &mut Host, call: &str, token: &Value| {
        host.call(call, json!({ "taskToken": token })).unwrap_err().to_string()
    };
    let unknown = format!(
        "UnknownResourceFault: Unknown execution: WorkflowExecution=[workflowId=x, runId={run}]"
    );
    assert_eq!(late(&mut host, "RecordActivityTaskHeartbeat", &task), unknown);
    assert_eq!(late(&mut host, "RespondDecisionTaskCompleted", &decision), unknown);
    assert_eq!(host.ok("CountClosedWorkflowExecutions", closed.clone())["count"], 1);
    let mut host = host.restarted(6);
    host.now += 1;
    assert_eq!(host.ok("CountClosedWorkflowExecutions", closed)["count"], 0);
    let execution = json!({"workflowId": "x", "runId": run});
    let asked = json!({"domain": "d", "execution": execution});
    assert_eq!(host.call("GetWorkflowExecutionHistory", asked).unwrap_err().to_string(), unknown);
    let gone = late(&mut host, "RecordActivityTaskHeartbeat", &task);
    assert_eq!(gone, "UnknownResourceFault: Unknown activity");
    let gone = late(&mut host, "RespondDecisionTaskCompleted", &decision);
    assert_eq!(gone, "UnknownResourceFault: Unknown decision");
    // The engine keeps the generation of a slot that was used, and nothing else is left.
    let left = host.state.snapshot().to_json().unwrap().len();
    assert!(left < empty + 200, "{left} bytes, {empty} before");
    assert_ne!(host.start("x"), run);
}

#[test]
fn without_retention_an_execution_is_gone_as_soon_as_it_ends() {
    let mut host = Host::new();
    for (domain, retention) in [("none", "NONE"), ("zero", "0")] {
        let member = "workflowExecutionRetentionPeriodInDays";
        host.ok("RegisterDomain", json!({"name": domain, member: retention}));
        let name = json!({"name": "w", "version": "1"});
        host.ok("RegisterWorkflowType", json!({"domain": domain, "name": "w", "version": "1"}));
        let start = |host: &mut Host, workflow_id: &str| {
            let body = json!({
                "domain": domain, "workflowId": workflow_id, "workflowType": name,
                "taskList": {"name": "l"}, "executionStartToCloseTimeout": "5",
                "taskStartToCloseTimeout": "NONE", "childPolicy": "ABANDON",
            });
            host.ok("StartWorkflowExecution", body);
        };
        start(&mut host, "ended");
        start(&mut host, "timed out");
        host.ok("TerminateWorkflowExecution", json!({"domain": domain, "workflowId": "ended"}));
        let closed = json!({"domain": domain, "startTimeFilter": {"oldestDate": 0}});
        assert_eq!(host.ok("CountClosedWorkflowExecutions", closed.clone())["count"], 0);
        host.now += 5;
        assert_eq!(host.ok("CountOpenWorkflowExecutions", closed.clone())["count"], 0);
        assert_eq!(host.ok("CountClosedWorkflowExecutions", closed)["count"], 0);
    }
    for refused in ["+1", "1.5", "91", "-1", "none"] {
        let body = json!({"name": "x", "workflowExecutionRetentionPeriodInDays": refused});
        assert!(host.call("RegisterDomain", body).is_err(), "{refused}");
    }
}

#[test]
fn an_execution_whose_history_is_full_is_terminated() {
    let mut host = Host::new();
    let run = host.start("x");
    host.decide(json!([schedule("a")]));
    let mut signals = 0;
    while host.signal("x").is_ok() {
        signals += 1;
        assert!(signals < 25_000, "never full");
    }
    let [last, _] = last_events(&mut host, &run);
    assert_eq!(last["eventType"], "WorkflowExecutionTerminated");
    let attributes = json!({"childPolicy": "ABANDON", "cause": "EVENT_LIMIT_EXCEEDED"});
    assert_eq!(last["workflowExecutionTerminatedEventAttributes"], attributes);
    assert_eq!(last["eventId"], 24_998);
    assert_eq!(host.poll(Call::PollForActivityTask, "workers")["taskToken"], "");
}

#[test]
fn decisions_that_fill_a_history_are_carried_out_until_it_is_full() {
    let mut host = Host::new();
    let run = host.start("x");
    let marker = json!({
        "decisionType": "RecordMarker", "recordMarkerDecisionAttributes": {"markerName": "m"},
    });
    let mut decisions = vec![marker; 25_000];
    decisions.push(complete());
    host.decide(json!(decisions));
    let [last, _] = last_events(&mut host, &run);
    assert_eq!(last["eventType"], "WorkflowExecutionTerminated");
    assert_eq!(last["eventId"], 24_998);
}

/// The decision that adds two events: an activity that nobody has started is canceled at once.
#[test]
fn a_history_that_is_almost_full_is_ended_after_the_step_that_fills_it() {
    let mut host = Host::new();
    let cancel = json!({
        "decisionType": "RequestCancelActivityTask",
        "requestCancelActivityTaskDecisionAttributes": {"activityId": "a"},
    });
    for (signals, end, after) in [
        // The decisions' completion is event 24,995: the two fill it, the end is the next.
        (24_987, 24_998, "ActivityTaskCanceled"),
        // It is event 24,996, from which the end is the latest.
        (24_988, 24_999, "ActivityTaskCanceled"),
        // It is event 24,997: the history is full, and the decision is not carried out.
        (24_989, 24_998, "DecisionTaskCompleted"),
    ] {
        let run = host.start("x");
        host.decide(json!([schedule("a")]));
        for _ in 0..signals {
            host.signal("x").unwrap();
        }
        host.decide(json!([cancel]));
        let [last, before] = last_events(&mut host, &run);
        assert_eq!(last["eventType"], "WorkflowExecutionTerminated");
        let found = (last["eventId"].as_u64(), before["eventType"].as_str());
        assert_eq!(found, (Some(end), Some(after)), "{signals}");
    }
}
