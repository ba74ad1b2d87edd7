//! SWF's quotas, each at its edge. That of activity types is the library's, that of open executions is `src/state/tests.rs`'s.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

#[allow(dead_code, reason = "shared with the other tests")]
mod support;

use serde_json::{json, Value};
use support::Host;

/// The last one that may be is taken, and the next is refused.
#[track_caller]
fn fills(host: &mut Host, call: &str, count: usize, body: impl Fn(usize) -> Value) {
    for number in 1..=count {
        host.ok(call, body(number));
    }
    let error = host.call(call, body(count + 1)).unwrap_err().to_string();
    assert!(error.starts_with("LimitExceededFault: "), "{error}");
}

#[test]
fn there_are_at_most_100_domains_deprecated_ones_included() {
    let mut host = Host::new();
    host.ok("DeprecateDomain", json!({"name": "d"}));
    fills(
        &mut host,
        "RegisterDomain",
        99,
        |number| json!({"name": number.to_string(), "workflowExecutionRetentionPeriodInDays": "1"}),
    );
}

#[test]
fn a_domain_has_at_most_10_000_workflow_types_deprecated_ones_included() {
    let mut host = Host::new();
    let named = json!({"name": "w", "version": "1"});
    host.ok("DeprecateWorkflowType", json!({"domain": "d", "workflowType": named}));
    let numbered = |domain: &'static str| move |number: usize| json!({"domain": domain, "name": number.to_string(), "version": "1"});
    fills(&mut host, "RegisterWorkflowType", 9_999, numbered("d"));
    // Activity types and another domain's are counted apart.
    host.ok("RegisterActivityType", numbered("d")(1));
    host.ok(
        "RegisterDomain",
        json!({"name": "other", "workflowExecutionRetentionPeriodInDays": "1"}),
    );
    host.ok("RegisterWorkflowType", numbered("other")(1));
    host.ok("DeleteWorkflowType", json!({"domain": "d", "workflowType": named}));
    host.ok("RegisterWorkflowType", numbered("d")(10_000));
}

#[test]
fn an_execution_has_at_most_1_000_open_timers() {
    let timer = |number: usize| {
        json!({
            "decisionType": "StartTimer",
            "startTimerDecisionAttributes": {"timerId": number.to_string(), "startToFireTimeout": "5"},
        })
    };
    let cancel = json!({
        "decisionType": "CancelTimer", "cancelTimerDecisionAttributes": {"timerId": "1"},
    });
    let mut host = Host::new();
    let run = host.start("x");
    let mut decisions: Vec<Value> = (1..=1_001).map(timer).collect();
    decisions.extend([cancel, timer(1_002)]);
    host.decide(json!(decisions));
    let asked = json!({
        "domain": "d", "execution": {"workflowId": "x", "runId": run},
        "reverseOrder": true, "maximumPageSize": 5,
    });
    let events = host.ok("GetWorkflowExecutionHistory", asked)["events"].clone();
    let types: Vec<&str> =
        (0..5).map(|place| events[place]["eventType"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        [
            "DecisionTaskScheduled",
            "TimerStarted",
            "TimerCanceled",
            "StartTimerFailed",
            "TimerStarted"
        ]
    );
    let failed = &events[3]["startTimerFailedEventAttributes"];
    assert_eq!(
        (&failed["timerId"], &failed["cause"]),
        (&json!("1001"), &json!("OPEN_TIMERS_LIMIT_EXCEEDED"))
    );
    let described = json!({"domain": "d", "execution": {"workflowId": "x", "runId": run}});
    let counts = host.ok("DescribeWorkflowExecution", described)["openCounts"].clone();
    assert_eq!(counts["openTimers"], 1_000);
}
