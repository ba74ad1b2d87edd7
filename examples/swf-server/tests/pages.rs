//! Pages of histories and lists: nothing twice, nothing left out, nothing for strangers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

#[allow(dead_code, reason = "shared with the other tests")]
mod support;

use serde_json::{json, Value};
use support::Host;

/// The ids of the events of one page, and its token.
fn page(host: &mut Host, call: &str, body: Value) -> (Vec<u64>, Value) {
    let answer = host.ok(call, body);
    let events = answer["events"].as_array().unwrap().iter();
    (
        events.map(|event| event["eventId"].as_u64().unwrap()).collect(),
        answer["nextPageToken"].clone(),
    )
}

#[test]
fn what_happens_between_two_pages_of_a_history_neither_repeats_nor_hides_an_event() {
    for (reverse, expected) in [(false, [1, 2, 3, 4, 5, 6]), (true, [3, 2, 1, 0, 0, 0])] {
        let mut host = Host::new();
        let run = host.start("x");
        host.signal("x").unwrap();
        let mut asked = json!({
            "domain": "d", "execution": {"workflowId": "x", "runId": run},
            "maximumPageSize": 2, "reverseOrder": reverse,
        });
        let mut seen = Vec::new();
        for _ in 0..3 {
            let (ids, token) = page(&mut host, "GetWorkflowExecutionHistory", asked.clone());
            seen.extend(ids);
            if token.is_null() {
                break;
            }
            asked["nextPageToken"] = token;
            if host.types("x", &run).len() < 6 {
                host.signal("x").unwrap();
                host.signal("x").unwrap();
                host.signal("x").unwrap();
            }
        }
        assert_eq!(seen, expected.into_iter().filter(|id| *id > 0).collect::<Vec<u64>>());
    }
}

#[test]
fn what_comes_and_goes_between_two_pages_of_a_list_neither_repeats_nor_hides_the_others() {
    let mut host = Host::new();
    for name in ["a", "b", "c", "d"] {
        host.now += 1;
        host.start(name);
    }
    let ids = |answer: &Value| -> Vec<String> {
        let infos = answer["executionInfos"].as_array().unwrap().iter();
        infos.map(|info| info["execution"]["workflowId"].as_str().unwrap().to_owned()).collect()
    };
    let mut asked =
        json!({"domain": "d", "startTimeFilter": {"oldestDate": 0}, "maximumPageSize": 2});
    let first = host.ok("ListOpenWorkflowExecutions", asked.clone());
    assert_eq!(ids(&first), ["d", "c"]);
    // The last one shown is gone, and a new one is first.
    host.ok("TerminateWorkflowExecution", json!({"domain": "d", "workflowId": "c"}));
    host.now += 1;
    host.start("e");
    asked["nextPageToken"] = first["nextPageToken"].clone();
    assert_eq!(ids(&host.ok("ListOpenWorkflowExecutions", asked.clone())), ["b", "a"]);
    // Another order's token is none.
    let closed = json!({
        "domain": "d", "closeTimeFilter": {"oldestDate": 0}, "nextPageToken": asked["nextPageToken"],
    });
    let error = host.call("ListClosedWorkflowExecutions", closed).unwrap_err().to_string();
    assert_eq!(error, "ValidationException: Invalid token");
}

#[test]
fn a_page_of_a_decision_task_is_shown_to_who_may_poll_its_list_alone() {
    let mut host = Host::new();
    host.start("x");
    let poll =
        |list: &str| json!({"domain": "d", "taskList": {"name": list}, "maximumPageSize": 2});
    let first = host.ok("PollForDecisionTask", poll("deciders"));
    for (list, token) in [("others", "Invalid token"), ("deciders", "")] {
        let mut body = poll(list);
        body["nextPageToken"] = first["nextPageToken"].clone();
        match host.call("PollForDecisionTask", body) {
            Ok(_) => assert_eq!(token, "", "{list}"),
            Err(error) => assert_eq!(error.to_string(), format!("ValidationException: {token}")),
        }
    }
}

/// The service model gives them neither pages nor filters by close, and whatever a call does not have is passed over.
#[test]
fn members_that_a_call_about_executions_does_not_have_are_passed_over() {
    let mut host = Host::new();
    host.start("x");
    let span = json!({"oldestDate": 0});
    let asked = json!({
        "domain": "d", "startTimeFilter": span, "closeTimeFilter": span,
        "closeStatusFilter": {"status": "COMPLETED"}, "maximumPageSize": 5000, "tagFilter": {"tag": ""},
    });
    assert_eq!(host.ok("CountOpenWorkflowExecutions", asked)["count"], 0);
}
