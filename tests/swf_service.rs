//! The activity service: every path of a task's life, each of the four timeouts, cancellation both ways, every
//! cause of failure, and late calls, with the exact events.

#![cfg(feature = "swf")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

extern crate alloc;

#[path = "support/swf.rs"]
mod host;

use core::time::Duration;

use heartwheel::swf::ScheduleActivityTaskFailedCause as Cause;
use heartwheel::swf::*;
use heartwheel::{Config, Timestamp};
use host::*;
use serde_json::{json, Value};

#[track_caller]
fn fault<T: core::fmt::Debug>(result: Result<T, ServiceError>) -> (FaultKind, String) {
    match result {
        Err(ServiceError::Fault(fault)) => (fault.kind, fault.message),
        other => panic!("{other:?}"),
    }
}

fn late(scheduled_event_id: u32) -> (FaultKind, String) {
    let message = format!("Unknown activity, scheduledEventId = {scheduled_event_id}");
    (FaultKind::UnknownResource, message)
}

// A whole life

#[test]
fn a_task_is_scheduled_started_and_completed_with_these_events() {
    let mut host = Host::new();
    let decision =
        with(with(encode("a", ["300", "900", "600", "120"]), "input", "film"), "control", "mine");
    host.schedule(1_000, with(decision, "taskPriority", "5"));
    assert_eq!(
        host.last(),
        json!({
            "eventTimestamp": 1.0, "eventType": "ActivityTaskScheduled", "eventId": 5,
            "activityTaskScheduledEventAttributes": {
                "activityType": {"name": "encode", "version": "1.0"}, "activityId": "a",
                "input": "film", "control": "mine", "scheduleToStartTimeout": "300",
                "scheduleToCloseTimeout": "900", "startToCloseTimeout": "600",
                "heartbeatTimeout": "120", "taskList": {"name": "main"}, "taskPriority": "5",
                "decisionTaskCompletedEventId": 4,
            },
        })
    );
    let wakeup = host.service.next_wakeup().unwrap();
    assert!((1_001..=301_000).contains(&wakeup.as_millis()), "{wakeup:?}");
    let task = host.work(2_500, "main").unwrap();
    assert_eq!(
        host.last(),
        json!({
            "eventTimestamp": 2.5, "eventType": "ActivityTaskStarted", "eventId": 6,
            "activityTaskStartedEventAttributes": {"identity": "worker 7", "scheduledEventId": 5},
        })
    );
    let id = task.id;
    // What the worker sees: the decider's control is not among it.
    assert_eq!(
        serde_json::to_value(task.with_token("token".parse().unwrap())).unwrap(),
        json!({
            "taskToken": "token", "activityId": "a", "startedEventId": 6,
            "workflowExecution": {"workflowId": "order-17", "runId": "run-1"},
            "activityType": {"name": "encode", "version": "1.0"}, "input": "film",
        })
    );
    assert_eq!(host.beat(3_000, id, Some("10%")), Ok(false));
    host.complete(4_001, id, Some("42")).unwrap();
    assert_eq!(
        host.last(),
        json!({
            "eventTimestamp": 4.001, "eventType": "ActivityTaskCompleted", "eventId": 7,
            "activityTaskCompletedEventAttributes":
                {"result": "42", "scheduledEventId": 5, "startedEventId": 6},
        })
    );
    assert_eq!(host.service.next_wakeup(), None);
    assert!(host.service.engine().is_empty());
    assert_eq!(host.drain(u64::MAX), [""; 0]);
    assert_eq!(host.history().len(), 3);
}

#[test]
fn a_failed_task_says_why() {
    let mut host = Host::new();
    let id = host.started(0, endless("a"));
    host.fail(5, id).unwrap();
    assert_eq!(
        host.last()["activityTaskFailedEventAttributes"],
        json!({"reason": "disk full", "details": "0 left", "scheduledEventId": 5, "startedEventId": 6})
    );
    assert_eq!(host.last()["eventType"], "ActivityTaskFailed");
}

#[test]
fn what_is_not_given_is_left_out_of_the_events() {
    let mut host = Host::new();
    host.schedule(0, endless("a"));
    assert_eq!(
        host.last()["activityTaskScheduledEventAttributes"],
        json!({
            "activityType": {"name": "encode", "version": "1.0"}, "activityId": "a",
            "scheduleToStartTimeout": "NONE", "scheduleToCloseTimeout": "NONE",
            "startToCloseTimeout": "NONE", "heartbeatTimeout": "NONE",
            "taskList": {"name": "main"}, "decisionTaskCompletedEventId": 4,
        })
    );
    let (domain, list) = ("media".parse().unwrap(), "main".parse().unwrap());
    let task = host.service.poll_for_activity_task(at(0), &mut host.book, &domain, &list, None);
    let task = task.unwrap().unwrap();
    assert_eq!(host.last()["activityTaskStartedEventAttributes"], json!({"scheduledEventId": 5}));
    assert_eq!(task.input, None);
    host.complete(0, task.id, None).unwrap();
    assert_eq!(
        host.last()["activityTaskCompletedEventAttributes"],
        json!({"scheduledEventId": 5, "startedEventId": 6})
    );
}

#[test]
fn an_id_is_free_again_once_its_task_has_closed() {
    let mut host = Host::new();
    let first = host.started(0, endless("a"));
    assert_eq!(host.refuse(0, endless("a")), Cause::ActivityIdAlreadyInUse);
    host.complete(0, first, None).unwrap();
    let second = host.started(0, endless("a"));
    assert_ne!(first, second);
    host.fail(0, second).unwrap();
    let third = host.started(0, encode("a", ["NONE", "NONE", "1", "NONE"]));
    host.drain(1_000);
    host.schedule(1_000, endless("a"));
    host.request_cancel(1_000, "a");
    host.schedule(1_000, endless("a"));
    for (dead, scheduled) in [(first, 5), (second, 9), (third, 12)] {
        assert_eq!(fault(host.beat(1_000, dead, None)), late(scheduled));
    }
}

// The four timeouts

/// Drains a millisecond before, where nothing may happen, and at the deadline.
fn times_out(host: &mut Host, deadline: u64) -> Value {
    let before = host.history().len();
    host.drain(deadline - 1);
    assert_eq!(host.history().len(), before, "nothing fires early");
    host.drain(deadline + 123);
    assert_eq!(host.history().len(), before + 1);
    let event = host.last();
    assert_eq!(event["eventType"], "ActivityTaskTimedOut");
    assert_eq!(event["eventTimestamp"].as_f64().unwrap(), deadline as f64 / 1000.0);
    event["activityTaskTimedOutEventAttributes"].clone()
}

#[test]
fn schedule_to_start_ends_a_task_that_no_worker_takes() {
    let mut host = Host::new();
    host.schedule(1_000, encode("a", ["10", "900", "600", "1"]));
    assert_eq!(
        times_out(&mut host, 11_000),
        json!({"timeoutType": "SCHEDULE_TO_START", "scheduledEventId": 5, "startedEventId": 0})
    );
    assert!(host.work(11_200, "main").is_none());
    assert_eq!(host.pending(11_200, "main"), 0);
}

#[test]
fn schedule_to_close_ends_a_task_started_or_not() {
    let mut host = Host::new();
    host.schedule(1_000, encode("a", ["NONE", "10", "NONE", "NONE"]));
    assert_eq!(
        times_out(&mut host, 11_000),
        json!({"timeoutType": "SCHEDULE_TO_CLOSE", "scheduledEventId": 5, "startedEventId": 0})
    );
    assert!(host.work(11_200, "main").is_none());
    let id = host.started(20_000, encode("a", ["NONE", "10", "NONE", "60"]));
    host.beat(29_999, id, Some("90%")).unwrap();
    host.book.append(host.x, at(29_999), marker());
    host.drain(30_000);
    assert_eq!(
        host.last()["activityTaskTimedOutEventAttributes"],
        json!({"timeoutType": "SCHEDULE_TO_CLOSE", "scheduledEventId": 7, "startedEventId": 8, "details": "90%"})
    );
}

/// Any event, to see that the service goes by the ids that the histories give.
fn marker() -> EventAttributes {
    let attributes = json!({"activityId": "m", "decisionTaskCompletedEventId": 1});
    EventAttributes::ActivityTaskCancelRequested(read(attributes))
}

#[test]
fn start_to_close_ends_a_task_however_many_heartbeats_come() {
    let mut host = Host::new();
    host.schedule(1_000, encode("a", ["60", "900", "10", "2"]));
    let id = host.work(5_000, "main").unwrap().id;
    for second in 6..15 {
        assert_eq!(host.beat(second * 1_000, id, Some(&format!("{second}"))), Ok(false));
    }
    assert_eq!(
        times_out(&mut host, 15_000),
        json!({"timeoutType": "START_TO_CLOSE", "scheduledEventId": 5, "startedEventId": 6, "details": "14"})
    );
}

#[test]
fn silence_ends_a_task_with_the_details_last_reported() {
    let mut host = Host::new();
    host.schedule(1_000, encode("a", ["60", "900", "600", "10"]));
    let id = host.work(5_000, "main").unwrap().id;
    host.beat(14_999, id, Some("10%")).unwrap();
    host.beat(20_000, id, None).unwrap();
    assert_eq!(
        times_out(&mut host, 30_000),
        json!({"timeoutType": "HEARTBEAT", "scheduledEventId": 5, "startedEventId": 6, "details": "10%"})
    );
}

#[test]
fn the_heartbeat_clock_starts_with_the_task_not_with_its_scheduling() {
    let mut host = Host::new();
    host.schedule(0, encode("a", ["NONE", "NONE", "NONE", "10"]));
    host.work(100_000, "main").unwrap();
    assert_eq!(
        times_out(&mut host, 110_000),
        json!({"timeoutType": "HEARTBEAT", "scheduledEventId": 5, "startedEventId": 6})
    );
}

#[test]
fn a_call_at_the_deadline_loses() {
    let mut host = Host::new();
    let id = host.started(0, encode("a", ["NONE", "NONE", "10", "NONE"]));
    assert_eq!(host.beat(9_999, id, None), Ok(false));
    assert_eq!(fault(host.complete(10_000, id, None)), late(5));
    assert_eq!(host.types().last(), Some(&"ActivityTaskTimedOut"));
}

#[test]
fn many_timeouts_at_one_instant_come_in_the_order_of_scheduling() {
    let mut host = Host::new();
    for number in 0..20 {
        host.schedule(number, encode(&format!("a{number}"), ["NONE", "NONE", "10", "NONE"]));
    }
    for _ in 0..20 {
        host.work(500, "main").unwrap();
    }
    host.drain(60_000);
    let timed_out: Vec<_> = host.history()[40..]
        .iter()
        .map(|event| {
            let EventAttributes::ActivityTaskTimedOut(timed_out) = &event.attributes else {
                panic!("{event:?}")
            };
            timed_out.scheduled_event_id.get()
        })
        .collect();
    assert_eq!(timed_out, (5..25).collect::<Vec<_>>());
}

#[test]
fn a_timeout_of_zero_is_due_at_once_and_no_worker_gets_the_task() {
    let mut host = Host::new();
    let context = host.context();
    host.drain(1_000);
    let mut decide = |decision: Value| {
        host.service
            .schedule_activity_task(at(1_000), &mut host.book, context, read(decision))
            .unwrap()
    };
    // Two decisions of one answer, at one instant: both come before the timeout that the first one arms.
    decide(encode("a", ["0", "NONE", "NONE", "NONE"]));
    decide(endless("b"));
    let (domain, list) = ("media".parse().unwrap(), "main".parse().unwrap());
    let task = host
        .service
        .poll_for_activity_task(at(1_000), &mut host.book, &domain, &list, None)
        .unwrap()
        .unwrap();
    assert_eq!(task.activity_id.as_str(), "b");
    // A request to cancel loses against the timeout too.
    let decision = read(json!({"activityId": "a"}));
    host.service
        .request_cancel_activity_task(at(1_000), &mut host.book, context, decision)
        .unwrap();
    assert_eq!(
        host.last()["requestCancelActivityTaskFailedEventAttributes"]["cause"],
        "ACTIVITY_ID_UNKNOWN"
    );
    host.drain(1_000);
    assert_eq!(
        host.types(),
        [
            "ActivityTaskScheduled",
            "ActivityTaskScheduled",
            "ActivityTaskStarted",
            "RequestCancelActivityTaskFailed",
            "ActivityTaskTimedOut"
        ]
    );
    assert_eq!(host.last()["activityTaskTimedOutEventAttributes"]["scheduledEventId"], 5);
}

// Cancellation

#[test]
fn a_task_that_no_worker_has_is_canceled_at_once() {
    let mut host = Host::new();
    host.schedule(0, encode("a", ["10", "10", "10", "10"]));
    assert_eq!(host.request_cancel(5, "a"), EventId::new(6));
    let events = serde_json::to_value(&host.history()[1..]).unwrap();
    assert_eq!(
        events,
        json!([
            {
                "eventTimestamp": 0.005, "eventType": "ActivityTaskCancelRequested", "eventId": 6,
                "activityTaskCancelRequestedEventAttributes":
                    {"decisionTaskCompletedEventId": 4, "activityId": "a"},
            },
            {
                "eventTimestamp": 0.005, "eventType": "ActivityTaskCanceled", "eventId": 7,
                "activityTaskCanceledEventAttributes":
                    {"scheduledEventId": 5, "startedEventId": 0, "latestCancelRequestedEventId": 6},
            },
        ])
    );
    assert!(host.work(6, "main").is_none());
    assert_eq!(host.drain(60_000), [""; 0]);
    assert_eq!(host.history().len(), 3);
}

#[test]
fn a_started_task_learns_of_it_by_every_later_heartbeat_and_answers() {
    let mut host = Host::new();
    let id = host.started(0, endless("a"));
    assert_eq!(host.beat(1, id, None), Ok(false));
    host.request_cancel(2, "a");
    assert_eq!(
        host.last()["activityTaskCancelRequestedEventAttributes"],
        json!({"decisionTaskCompletedEventId": 4, "activityId": "a"})
    );
    assert_eq!(host.beat(3, id, None), Ok(true));
    assert_eq!(host.beat(4, id, Some("x")), Ok(true));
    host.cancel(5, id).unwrap();
    assert_eq!(
        host.last()["activityTaskCanceledEventAttributes"],
        json!({
            "details": "half way", "scheduledEventId": 5, "startedEventId": 6,
            "latestCancelRequestedEventId": 7,
        })
    );
}

#[test]
fn repeated_requests_are_each_recorded_and_the_latest_is_named() {
    let mut host = Host::new();
    let id = host.started(0, endless("a"));
    for now in 1..=3 {
        host.request_cancel(now, "a");
    }
    host.cancel(5, id).unwrap();
    assert_eq!(host.types()[2..5], ["ActivityTaskCancelRequested"; 3]);
    assert_eq!(
        host.last()["activityTaskCanceledEventAttributes"]["latestCancelRequestedEventId"],
        9
    );
}

#[test]
fn a_cancellation_that_nobody_requested_is_accepted_and_names_no_request() {
    let mut host = Host::new();
    let id = host.started(0, endless("a"));
    host.cancel(5, id).unwrap();
    assert_eq!(
        host.last()["activityTaskCanceledEventAttributes"],
        json!({"details": "half way", "scheduledEventId": 5, "startedEventId": 6})
    );
}

#[test]
fn a_worker_may_ignore_the_request_and_no_clock_stops() {
    let mut host = Host::new();
    for (activity_id, outcome) in [("a", 0), ("b", 1)] {
        let id = host.started(0, endless(activity_id));
        host.request_cancel(0, activity_id);
        match outcome {
            0 => host.complete(0, id, None).unwrap(),
            _ => host.fail(0, id).unwrap(),
        }
    }
    host.started(0, encode("c", ["NONE", "NONE", "10", "NONE"]));
    host.request_cancel(0, "c");
    assert_eq!(times_out(&mut host, 10_000)["timeoutType"], "START_TO_CLOSE");
}

#[test]
fn a_request_for_an_unknown_or_closed_id_fails() {
    let mut host = Host::new();
    host.request_cancel(0, "a");
    assert_eq!(
        host.last()["requestCancelActivityTaskFailedEventAttributes"],
        json!({"activityId": "a", "cause": "ACTIVITY_ID_UNKNOWN", "decisionTaskCompletedEventId": 4})
    );
    let id = host.started(0, endless("a"));
    host.complete(0, id, None).unwrap();
    host.request_cancel(0, "a");
    assert_eq!(host.types().last(), Some(&"RequestCancelActivityTaskFailed"));
    // Another execution's tasks are not this one's.
    host.started(0, endless("b"));
    host.x = host.open("order-18");
    host.request_cancel(0, "b");
    assert_eq!(host.types(), ["RequestCancelActivityTaskFailed"]);
}

#[test]
fn a_request_without_permission_fails_and_cancels_nothing() {
    let mut host = Host::new();
    let id = host.started(0, endless("a"));
    for activity_id in ["a", "unknown"] {
        let context = DecisionContext { permission: Permission::Denied, ..host.context() };
        let decision = read(json!({ "activityId": activity_id }));
        host.service
            .request_cancel_activity_task(at(0), &mut host.book, context, decision)
            .unwrap();
        let attributes = &host.last()["requestCancelActivityTaskFailedEventAttributes"];
        assert_eq!(attributes["cause"], "OPERATION_NOT_PERMITTED");
    }
    assert_eq!(host.beat(0, id, None), Ok(false));
}

// Causes

#[test]
fn each_cause_comes_before_the_next_in_the_documented_order() {
    let rate = CreationRate::new(0, u32::try_from(ServiceConfig::MAX_OPEN_ACTIVITIES).unwrap());
    let mut host = Host::with_config(ServiceConfig::DEFAULT.with_creation_rate(rate));
    let old = json!({"domain": "media", "name": "old", "version": "1.0"});
    host.service.types_mut().register(at(0), read(old)).unwrap();
    for number in 0..ServiceConfig::MAX_OPEN_ACTIVITIES {
        host.schedule(0, endless(&format!("a{number}")));
    }
    let deprecate = json!({"domain": "media", "activityType": {"name": "old", "version": "1.0"}});
    host.service.types_mut().deprecate(at(0), &read(deprecate)).unwrap();

    // Everything is wrong with it; what is put right brings up the next cause.
    let mut decision =
        json!({"activityType": {"name": "no", "version": "1.0"}, "activityId": "a7"});
    let context = DecisionContext { permission: Permission::Denied, ..host.context() };
    let outcome = host
        .service
        .schedule_activity_task(at(0), &mut host.book, context, read(decision.clone()))
        .unwrap();
    let ScheduleOutcome::Failed { cause, event_id, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(cause, Cause::OperationNotPermitted);
    assert_eq!(
        host.last(),
        json!({
            "eventTimestamp": 0.0, "eventType": "ScheduleActivityTaskFailed", "eventId": event_id.get(),
            "scheduleActivityTaskFailedEventAttributes": {
                "activityType": {"name": "no", "version": "1.0"}, "activityId": "a7",
                "cause": "OPERATION_NOT_PERMITTED", "decisionTaskCompletedEventId": 4,
            },
        })
    );
    let steps = [
        (Cause::ActivityTypeDoesNotExist, "activityType", json!({"name": "old", "version": "1.0"})),
        (
            Cause::ActivityTypeDeprecated,
            "activityType",
            json!({"name": "encode", "version": "1.0"}),
        ),
        (Cause::ActivityIdAlreadyInUse, "activityId", json!("new")),
        (Cause::DefaultTaskListUndefined, "taskList", json!({"name": "main"})),
        (Cause::DefaultScheduleToStartTimeoutUndefined, "scheduleToStartTimeout", json!("1")),
        (Cause::DefaultScheduleToCloseTimeoutUndefined, "scheduleToCloseTimeout", json!("1")),
        (Cause::DefaultStartToCloseTimeoutUndefined, "startToCloseTimeout", json!("1")),
        (Cause::DefaultHeartbeatTimeoutUndefined, "heartbeatTimeout", json!("1")),
    ];
    for (cause, member, value) in steps {
        assert_eq!(host.refuse(0, decision.clone()), cause);
        let attributes = &host.last()["scheduleActivityTaskFailedEventAttributes"];
        assert_eq!(attributes["cause"], cause.as_str());
        decision[member] = value;
    }
    assert_eq!(host.refuse(0, decision.clone()), Cause::ActivityCreationRateExceeded);
    // Without the rate, the limit of open activities is last.
    let record = host.service.record();
    let engine = host.service.engine().clone();
    host.service = ActivityService::restore(ServiceConfig::DEFAULT, engine, record).unwrap();
    assert_eq!(host.refuse(0, decision.clone()), Cause::OpenActivitiesLimitExceeded);
    // A thousand are open; one less, and there is room for one.
    host.request_cancel(0, "a999");
    host.schedule(0, decision.clone());
    assert_eq!(
        host.refuse(0, with(decision, "activityId", "newer")),
        Cause::OpenActivitiesLimitExceeded
    );
    // The limit is each execution's own.
    host.x = host.open("order-18");
    host.schedule(0, endless("a"));
}

#[test]
fn defaults_fill_in_what_the_decision_leaves_out_and_the_event_shows_them() {
    let mut host = Host::new();
    let rest = json!({"activityType": {"name": "rest", "version": "1.0"}, "activityId": "a"});
    host.schedule(0, rest.clone());
    assert_eq!(
        host.last()["activityTaskScheduledEventAttributes"],
        json!({
            "activityType": {"name": "rest", "version": "1.0"}, "activityId": "a",
            "taskList": {"name": "spare"}, "taskPriority": "3", "scheduleToStartTimeout": "11",
            "scheduleToCloseTimeout": "12", "startToCloseTimeout": "13", "heartbeatTimeout": "NONE",
            "decisionTaskCompletedEventId": 4,
        })
    );
    let mut given = encode("b", ["1", "NONE", "3", "4"]);
    given["activityType"] = rest["activityType"].clone();
    given["taskPriority"] = json!("-1");
    host.schedule(0, given);
    let shown = host.last()["activityTaskScheduledEventAttributes"].clone();
    for (member, value) in [
        ("scheduleToStartTimeout", "1"),
        ("scheduleToCloseTimeout", "NONE"),
        ("startToCloseTimeout", "3"),
        ("heartbeatTimeout", "4"),
        ("taskPriority", "-1"),
    ] {
        assert_eq!(shown[member], value, "{member}");
    }
    // An empty timeout is absent: the default holds.
    host.schedule(0, with(with(rest, "activityId", "c"), "startToCloseTimeout", ""));
    assert_eq!(host.last()["activityTaskScheduledEventAttributes"]["startToCloseTimeout"], "13");
    // And the engine goes by what was shown: "b" by its own, the others by the defaults.
    host.drain(11_000);
    let timed_out: Vec<_> = host.history()[3..]
        .iter()
        .map(|event| event.event_timestamp.timestamp().as_millis())
        .collect();
    assert_eq!(timed_out, [1_000, 11_000, 11_000]);
}

#[test]
fn a_missing_default_fails_even_if_it_is_the_only_thing_missing() {
    let mut host = Host::new();
    for (member, cause) in [
        ("taskList", Cause::DefaultTaskListUndefined),
        ("scheduleToStartTimeout", Cause::DefaultScheduleToStartTimeoutUndefined),
        ("scheduleToCloseTimeout", Cause::DefaultScheduleToCloseTimeoutUndefined),
        ("startToCloseTimeout", Cause::DefaultStartToCloseTimeoutUndefined),
        ("heartbeatTimeout", Cause::DefaultHeartbeatTimeoutUndefined),
    ] {
        assert_eq!(host.refuse(0, without(endless("a"), member)), cause);
    }
    assert!(host.service.engine().is_empty());
    host.schedule(0, endless("a"));
}

#[test]
fn the_rate_lets_a_burst_through_and_then_so_many_a_second() {
    let config = ServiceConfig::DEFAULT.with_creation_rate(CreationRate::new(2, 3));
    let mut host = Host::with_config(config);
    let mut scheduled = 0;
    let mut tries = |host: &mut Host, now: u64, expected: u32| {
        for _ in 0..expected {
            scheduled += 1;
            host.schedule(now, endless(&format!("a{scheduled}")));
        }
        assert_eq!(host.refuse(now, endless("one more")), Cause::ActivityCreationRateExceeded);
    };
    tries(&mut host, 10_000, 3);
    tries(&mut host, 10_499, 0);
    tries(&mut host, 10_500, 1);
    tries(&mut host, 11_500, 2);
    // A refusal for another reason costs nothing, and a long pause gives no more than the burst.
    host.refuse(100_000, endless("a1"));
    tries(&mut host, 100_000, 3);
    // All executions share it.
    host.x = host.open("order-18");
    tries(&mut host, 100_000, 0);
}

#[test]
fn an_engine_that_is_full_counts_as_the_limit_of_open_activities() {
    let config = ServiceConfig::DEFAULT.with_engine(Config::DEFAULT.with_max_open(1));
    let mut host = Host::with_config(config);
    host.schedule(0, endless("a"));
    assert_eq!(host.refuse(0, endless("b")), Cause::OpenActivitiesLimitExceeded);
}

#[test]
fn a_deprecated_or_deleted_type_takes_no_new_tasks_and_those_scheduled_go_on() {
    let mut host = Host::new();
    host.schedule(0, with(endless("a"), "input", "film"));
    let encode_type =
        json!({"domain": "media", "activityType": {"name": "encode", "version": "1.0"}});
    host.service.types_mut().deprecate(at(0), &read(encode_type.clone())).unwrap();
    assert_eq!(host.refuse(0, endless("b")), Cause::ActivityTypeDeprecated);
    host.service.types_mut().delete(&read(encode_type)).unwrap();
    assert_eq!(host.refuse(0, endless("b")), Cause::ActivityTypeDoesNotExist);
    let task = host.work(0, "main").unwrap();
    assert_eq!(task.activity_type.name.as_str(), "encode");
    host.complete(0, task.id, None).unwrap();
}

// Task lists

#[test]
fn the_higher_priority_goes_first_then_who_came_first() {
    let mut host = Host::new();
    for (activity_id, priority) in [
        ("a", "0"),
        ("b", "-2147483648"),
        ("c", "2147483647"),
        ("d", "0"),
        ("e", "1"),
        ("f", "2147483647"),
    ] {
        host.schedule(0, with(endless(activity_id), "taskPriority", priority));
    }
    // No priority is 0.
    host.schedule(0, endless("g"));
    assert_eq!(host.pending(0, "main"), 7);
    let mut order = String::new();
    while let Some(task) = host.work(0, "main") {
        order.push_str(task.activity_id.as_str());
    }
    assert_eq!(order, "cfeadgb");
    assert_eq!(host.pending(0, "main"), 0);
}

#[test]
fn lists_are_apart_by_name_and_domain_and_shared_by_executions() {
    let mut host = Host::new();
    host.schedule(0, endless("a"));
    host.schedule(0, with(endless("b"), "taskList", json!({"name": "other"})));
    let first = host.x;
    host.x = host.open("order-18");
    host.schedule(0, endless("a"));
    assert_eq!(
        (host.pending(0, "main"), host.pending(0, "other"), host.pending(0, "never used")),
        (2, 1, 0)
    );
    let (radio, list) = ("radio".parse().unwrap(), "main".parse().unwrap());
    let none = host.service.poll_for_activity_task(at(0), &mut host.book, &radio, &list, None);
    assert_eq!(none, Ok(None));
    assert_eq!(host.work(0, "main").unwrap().execution, first);
    assert_eq!(host.work(0, "main").unwrap().execution, host.x);
    assert_eq!(host.work(0, "main"), None);
    assert_eq!(host.work(0, "other").unwrap().activity_id.as_str(), "b");
}

// Late calls and closed executions

#[test]
fn every_call_about_a_closed_task_faults_and_records_nothing() {
    let mut host = Host::new();
    let completed = host.started(0, endless("a"));
    host.complete(0, completed, None).unwrap();
    let canceled = host.started(0, endless("a"));
    host.cancel(0, canceled).unwrap();
    let timed_out = host.started(0, encode("a", ["NONE", "NONE", "1", "NONE"]));
    host.drain(1_000);
    let before = host.history().len();
    for (task, scheduled) in [(completed, 5), (canceled, 8), (timed_out, 11)] {
        assert_eq!(fault(host.beat(1_000, task, Some("x"))), late(scheduled));
        assert_eq!(fault(host.complete(1_000, task, None)), late(scheduled));
        assert_eq!(fault(host.fail(1_000, task)), late(scheduled));
        assert_eq!(fault(host.cancel(1_000, task)), late(scheduled));
    }
    assert_eq!(host.history().len(), before);
}

#[test]
fn an_execution_that_closes_takes_its_tasks_with_it_without_events() {
    let mut host = Host::new();
    let started = host.started(0, encode("a", ["NONE", "NONE", "10", "5"]));
    let completed = host.started(0, endless("b"));
    host.complete(0, completed, None).unwrap();
    host.schedule(0, encode("c", ["10", "NONE", "NONE", "NONE"]));
    let before = host.history().len();
    let view = host.service.execution(host.x).unwrap();
    assert_eq!((view.is_open, view.open_activities), (true, 2));
    host.close(1_000);
    let view = host.service.execution(host.x).unwrap();
    assert_eq!((view.is_open, view.open_activities), (false, 0));
    assert_eq!(host.service.next_wakeup(), None, "all clocks have stopped");
    assert_eq!(host.pending(1_000, "main"), 0);
    assert_eq!(host.work(1_000, "main"), None);
    let unknown = "Unknown execution: WorkflowExecution=[workflowId=order-17, runId=run-1]";
    for task in [started, completed] {
        for result in [
            host.beat(1_000, task, None).map(drop),
            host.complete(1_000, task, None),
            host.fail(1_000, task),
            host.cancel(1_000, task),
        ] {
            assert_eq!(fault(result), (FaultKind::UnknownResource, unknown.to_owned()));
        }
    }
    host.drain(60_000);
    assert_eq!(host.history().len(), before);
}

#[test]
fn a_closed_execution_takes_no_decisions_and_does_not_close_twice() {
    let mut host = Host::new();
    host.close(0);
    let (context, execution) = (host.context(), host.x);
    let refused = ServiceError::ExecutionNotOpen { execution };
    let scheduled =
        host.service.schedule_activity_task(at(0), &mut host.book, context, read(endless("a")));
    assert_eq!(scheduled, Err(refused.clone()));
    let decision = read(json!({"activityId": "a"}));
    let canceled =
        host.service.request_cancel_activity_task(at(0), &mut host.book, context, decision);
    assert_eq!(canceled, Err(refused.clone()));
    assert_eq!(host.service.close_execution(at(0), execution), Err(refused));
    assert!(host.history().is_empty());
}

#[test]
fn a_forgotten_execution_is_unknown_and_only_closed_ones_are_forgotten() {
    let mut host = Host::new();
    let task = host.started(0, endless("a"));
    assert_eq!(host.service.forget_execution(host.x), None);
    assert_eq!(host.beat(0, task, None), Ok(false));
    host.close(0);
    let name = host.service.forget_execution(host.x).unwrap();
    assert_eq!(name.workflow_id.as_str(), "order-17");
    assert!(host.service.execution(host.x).is_none());
    assert_eq!(host.service.forget_execution(host.x), None);
    let unknown = (FaultKind::UnknownResource, "Unknown activity".to_owned());
    assert_eq!(fault(host.beat(0, task, None)), unknown);
    // Its number is never used again.
    assert_ne!(host.open("order-17"), host.x);
}

#[test]
fn a_task_due_at_the_instant_its_execution_closes_leaves_no_event() {
    let mut host = Host::new();
    host.schedule(0, encode("a", ["0", "NONE", "NONE", "NONE"]));
    host.service.close_execution(at(0), host.x).unwrap();
    let record = host.service.record();
    let engine = host.service.engine().clone();
    ActivityService::restore(ServiceConfig::DEFAULT, engine, record).unwrap();
    host.drain(5);
    assert_eq!(host.types(), ["ActivityTaskScheduled"]);
    assert!(host.service.engine().is_empty());
}

#[test]
fn a_task_that_waits_is_nobodys_to_answer_for() {
    let mut host = Host::new();
    host.schedule(0, endless("a"));
    let id = host.service.engine().activities().next().unwrap().evidence.id;
    let unknown = (FaultKind::UnknownResource, "Unknown activity".to_owned());
    assert_eq!(fault(host.beat(0, id, None)), unknown);
    assert_eq!(fault(host.complete(0, id, None)), unknown);
    assert!(host.work(0, "main").is_some());
}

// Time

#[test]
fn a_call_that_something_due_precedes_is_refused_and_changes_nothing() {
    let mut host = Host::new();
    let id = host.started(0, encode("a", ["NONE", "NONE", "10", "NONE"]));
    let other = host.started(0, endless("b"));
    let before = host.history().len();
    let (now, context) = (at(10_000), host.context());
    let (domain, list) = ("media".parse().unwrap(), "main".parse().unwrap());
    let refused = Err(ServiceError::Undrained);
    let service = &mut host.service;
    assert_eq!(service.record_activity_task_heartbeat(now, other, None).map(drop), refused);
    assert_eq!(service.respond_activity_task_completed(now, &mut host.book, id, None), refused);
    assert_eq!(service.close_execution(now, host.x), refused);
    assert_eq!(service.count_pending_activity_tasks(now, &domain, &list).map(drop), refused);
    let poll = service.poll_for_activity_task(now, &mut host.book, &domain, &list, None);
    assert_eq!(poll.map(drop), refused);
    let scheduled =
        service.schedule_activity_task(now, &mut host.book, context, read(endless("c")));
    assert_eq!(scheduled.map(drop), refused);
    assert_eq!(host.history().len(), before);
    host.drain(10_000);
    assert_eq!(host.beat(10_000, other, None), Ok(false));
}

#[test]
fn histories_never_run_backwards_even_if_the_clock_does() {
    let mut host = Host::new();
    let id = host.started(50_000, endless("a"));
    assert_eq!(host.refuse(70_000, endless("a")), Cause::ActivityIdAlreadyInUse);
    host.complete(20_000, id, None).unwrap();
    assert_eq!(host.last()["eventTimestamp"], 70.0);
}

#[test]
fn the_hosts_own_timers_share_the_order_of_events() {
    let mut host = Host::new();
    host.drain(0);
    host.service.start_timer(at(0), "first".into(), Duration::from_secs(5)).unwrap();
    let second = host.service.start_timer(at(0), "second".into(), Duration::from_secs(20)).unwrap();
    host.started(0, encode("a", ["NONE", "NONE", "10", "NONE"]));
    host.service.start_timer(at(0), "third".into(), Duration::from_secs(10)).unwrap();
    let mut order = Vec::new();
    while let Some(due) = host.service.poll(at(15_000), &mut host.book) {
        order.push(match due {
            Due::Timer { key, deadline, .. } => format!("{key} at {deadline}"),
            Due::Activity { execution, timed_out, .. } => {
                assert_eq!(execution, host.x);
                format!("{} at {}", timed_out.timeout_type, timed_out.deadline)
            }
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(order, ["first at 5000ms", "START_TO_CLOSE at 10000ms", "third at 10000ms"]);
    // A timer is no task.
    let unknown = (FaultKind::UnknownResource, "Unknown activity".to_owned());
    assert_eq!(fault(host.beat(15_000, second, None)), unknown);
    assert_eq!(host.service.cancel_timer(at(15_000), second), Some("second".into()));
    assert_eq!(host.service.cancel_timer(at(15_000), second), None);
    let task = host.started(15_000, endless("b"));
    assert_eq!(host.service.cancel_timer(at(15_000), task), None);
    assert_eq!(host.beat(15_000, task, None), Ok(false));
    assert_eq!(host.service.next_wakeup(), None::<Timestamp>);
}

#[test]
fn closes_and_failed_decisions_concern_the_decider() {
    let quiet = ["ActivityTaskScheduled", "ActivityTaskStarted", "ActivityTaskCancelRequested"];
    for event_type in EventType::ALL {
        assert_eq!(event_type.concerns_decider(), !quiet.contains(&event_type.as_str()));
    }
}

// Storing

/// What a host stores, through text and back.
fn stored(host: &Host) -> ServiceRecord {
    let text = serde_json::to_string(&host.service.record()).unwrap();
    let record: ServiceRecord = serde_json::from_str(&text).unwrap();
    assert_eq!(record, host.service.record());
    record
}

fn busy() -> Host {
    let config = ServiceConfig::DEFAULT.with_creation_rate(CreationRate::new(1, 100));
    let mut host = Host::with_config(config);
    let done = host.started(0, endless("a"));
    host.complete(0, done, None).unwrap();
    let held = host.started(0, encode("b", ["NONE", "NONE", "60", "20"]));
    host.beat(10, held, Some("10%")).unwrap();
    host.request_cancel(20, "b");
    host.schedule(30, with(endless("c"), "input", "film"));
    host.schedule(30, with(endless("d"), "taskPriority", "9"));
    host.drain(30);
    host.service.start_timer(at(30), "timer".into(), Duration::from_secs(90)).unwrap();
    host
}

#[test]
fn a_restored_service_goes_on_as_the_one_that_was_stored() {
    let mut host = busy();
    let record = stored(&host);
    let config = ServiceConfig::DEFAULT.with_creation_rate(CreationRate::new(1, 100));
    let engine = host.service.engine().clone();
    let mut restored = Host {
        service: ActivityService::restore(config, engine, record).unwrap(),
        book: host.book.clone(),
        x: host.x,
    };
    for host in [&mut host, &mut restored] {
        assert_eq!(host.pending(40, "main"), 2);
        let first = host.work(50, "main").unwrap();
        assert_eq!(first.activity_id.as_str(), "d");
        let second = host.work(50, "main").unwrap();
        assert_eq!(second.input.as_ref().unwrap().as_str(), "film");
        assert_eq!(host.refuse(60, endless("b")), Cause::ActivityIdAlreadyInUse);
        assert_eq!(host.drain(100_000), ["timer"]);
        host.schedule(100_000, endless("b"));
        host.close(100_000);
    }
    assert_eq!(host.history(), restored.history());
    assert_eq!(host.service.record(), restored.service.record());
}

#[test]
fn a_late_call_after_a_restart_gets_the_same_answer() {
    let mut host = Host::new();
    let task = host.started(0, endless("a"));
    host.complete(0, task, None).unwrap();
    let other = host.started(0, endless("a"));
    let x = host.x;
    host.x = host.open("order-18");
    let elsewhere = host.started(0, endless("a"));
    host.close(0);
    let engine = host.service.engine().clone();
    host.service = ActivityService::restore(ServiceConfig::DEFAULT, engine, stored(&host)).unwrap();
    host.x = x;
    assert_eq!(fault(host.beat(0, task, None)), late(5));
    assert_eq!(host.beat(0, other, None), Ok(false));
    let unknown = "Unknown execution: WorkflowExecution=[workflowId=order-18, runId=run-1]";
    assert_eq!(fault(host.beat(0, elsewhere, None)).1, unknown);
}

#[test]
fn a_record_that_contradicts_itself_or_the_engine_is_refused() {
    let mut host = busy();
    host.open("order-18");
    let good = serde_json::to_value(host.service.record()).unwrap();
    let restore = |record: Value| {
        let engine = host.service.engine().clone();
        let record = serde_json::from_value::<ServiceRecord>(record).unwrap();
        ActivityService::restore(ServiceConfig::DEFAULT, engine, record).map(drop)
    };
    assert_eq!(restore(good.clone()), Ok(()));
    assert_eq!(host.x.to_string(), format!("x{}", good["executions"][0]["id"]));
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut record = good.clone();
        change(&mut record);
        restore(record).unwrap_err()
    };
    let version = changed(&|record| record["version"] = json!(2));
    assert_eq!(version, RestoreError::Version { version: 2 });
    let is_engine = |error| matches!(error, RestoreError::Engine { .. });
    let is_execution = |error| matches!(error, RestoreError::Execution { .. });
    let is_task = |error| matches!(error, RestoreError::Task { .. });
    // A task too few, one that the engine does not know, one in another state.
    assert!(is_engine(changed(&|record| drop(record["tasks"].as_array_mut().unwrap().pop()))));
    assert!(is_engine(changed(&|record| record["tasks"][0][0]["generation"] = json!(77))));
    assert!(is_engine(changed(&|record| record["tasks"][0][1]["started"] = Value::Null)));
    assert!(is_execution(changed(&|record| record["tasks"][0][1]["execution"] = json!(9))));
    assert!(is_execution(changed(&|record| record["closed"][0][1]["execution"] = json!(9))));
    assert!(is_execution(changed(&|record| record["executions"][0]["is_open"] = json!(false))));
    for next in [0, 1] {
        assert!(is_execution(changed(&|record| record["next_execution"] = json!(next))));
    }
    assert!(is_execution(changed(&|record| {
        let twice = record["executions"][0].clone();
        record["executions"].as_array_mut().unwrap().push(twice);
    })));
    assert!(is_task(changed(&|record| record["next_arrival"] = json!(0))));
    assert!(is_task(changed(&|record| {
        record["tasks"][1][1]["activity_id"] = record["tasks"][0][1]["activity_id"].clone();
    })));
    assert!(is_task(changed(&|record| {
        let twice = record["closed"][0].clone();
        record["closed"].as_array_mut().unwrap().push(twice);
    })));
}
