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
    for (list, reverse, token) in [
        ("others", false, "Invalid token"),
        ("deciders", true, "Invalid token"),
        ("deciders", false, ""),
    ] {
        let mut body = poll(list);
        body["reverseOrder"] = json!(reverse);
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

#[test]
fn a_page_token_is_good_for_its_own_list_domain_order_and_direction_alone() {
    let mut host = Host::new();
    let member = "workflowExecutionRetentionPeriodInDays";
    host.ok("RegisterDomain", json!({"name": "other", member: "1"}));
    for domain in ["d", "other"] {
        for name in ["more", "most"] {
            let named = json!({"domain": domain, "name": name, "version": "1"});
            host.ok("RegisterActivityType", named.clone());
            host.ok("RegisterWorkflowType", named);
        }
    }
    let run = host.start("x");
    let other_run = host.start("y");
    host.start("z");
    for _ in 0..2 {
        host.start("ended");
        host.ok("TerminateWorkflowExecution", json!({"domain": "d", "workflowId": "ended"}));
    }
    let started = json!({"startTimeFilter": {"oldestDate": 0}});
    let closed = json!({"closeTimeFilter": {"oldestDate": 0}});
    let registered = json!({"registrationStatus": "REGISTERED"});
    let deprecated = json!({"registrationStatus": "DEPRECATED"});
    let of = |run: &str, id: &str| json!({"execution": {"workflowId": id, "runId": run}});
    let (open_list, closed_list) = ("ListOpenWorkflowExecutions", "ListClosedWorkflowExecutions");
    let history = "GetWorkflowExecutionHistory";
    let lists = [
        (open_list, "d", started.clone()),
        (open_list, "other", started.clone()),
        (closed_list, "d", started),
        (closed_list, "d", closed),
        ("ListActivityTypes", "d", registered.clone()),
        ("ListActivityTypes", "other", registered.clone()),
        ("ListActivityTypes", "d", deprecated.clone()),
        ("ListWorkflowTypes", "d", registered.clone()),
        ("ListWorkflowTypes", "other", registered.clone()),
        ("ListDomains", "d", registered),
        ("ListDomains", "d", deprecated),
        (history, "d", of(&run, "x")),
        (history, "d", of(&other_run, "y")),
    ];
    let asked = lists.into_iter().flat_map(|(call, domain, body)| {
        [false, true].map(|reverse| {
            let mut body = body.clone();
            body["domain"] = json!(domain);
            body["maximumPageSize"] = json!(1);
            body["reverseOrder"] = json!(reverse);
            (call, body)
        })
    });
    let asked: Vec<_> = asked.collect();
    let mut given = 0;
    for (place, (call, body)) in asked.iter().enumerate() {
        let token = host.ok(call, body.clone())["nextPageToken"].clone();
        if token.is_null() {
            continue;
        }
        given += 1;
        for (other, (call, body)) in asked.iter().enumerate() {
            let mut body = body.clone();
            body["nextPageToken"] = token.clone();
            match host.call(call, body) {
                Ok(_) => assert_eq!(place, other, "{call} takes {token}"),
                Err(error) => {
                    assert_ne!(place, other, "{call} refuses {token}");
                    assert_eq!(error.to_string(), "ValidationException: Invalid token");
                }
            }
        }
    }
    // All but the other domain's executions and the two lists of what is deprecated.
    assert_eq!(given, 2 * (13 - 3));
}
