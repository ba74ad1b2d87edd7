//! What travels: samples of every shape, both ways, to the member; numbers that are numbers and strings that
//! are strings; the two faults of a bad request. `tests/swf/botocore_model.py` judges the same samples by
//! botocore's model.

#![cfg(feature = "swf")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

use heartwheel::swf::*;
use heartwheel::Timestamp;
use proptest::prelude::*;
use serde_json::{json, Value};

/// Reads and writes a value as one type; the type's own `read` and serde's trait must agree.
macro_rules! round_trip {
    ($value:expr, $type:ty) => {{
        let text = $value.to_string();
        let read = <$type>::read(&mut serde_json::Deserializer::from_str(&text));
        let shape = read.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(serde_json::from_str::<$type>(&text).unwrap(), shape);
        serde_json::to_value(&shape).unwrap()
    }};
}

macro_rules! round_trip_by_name {
    ($name:expr, $value:expr, $($type:ident)*) => {
        match $name {
            $(stringify!($type) => round_trip!($value, $type),)*
            "ActivityTask" => round_trip!($value, PollForActivityTaskOutput),
            "Fault" => {
                let fault: Fault = serde_json::from_value($value.clone()).unwrap();
                serde_json::to_value(&fault).unwrap()
            }
            name => panic!("no shape {name}"),
        }
    };
}

#[test]
fn every_sample_reads_and_writes_as_it_is() {
    let samples: Vec<Value> = serde_json::from_str(include_str!("swf/samples.json")).unwrap();
    assert!(samples.len() > 40);
    for sample in &samples {
        let value = &sample["value"];
        let written = round_trip_by_name!(
            sample["shape"].as_str().unwrap(), value,
            RegisterActivityTypeInput DeprecateActivityTypeInput UndeprecateActivityTypeInput
            DeleteActivityTypeInput DescribeActivityTypeInput PollForActivityTaskInput
            RecordActivityTaskHeartbeatInput RespondActivityTaskCompletedInput
            RespondActivityTaskFailedInput RespondActivityTaskCanceledInput
            CountPendingActivityTasksInput ScheduleActivityTaskDecisionAttributes
            RequestCancelActivityTaskDecisionAttributes ActivityTaskStatus ActivityTypeDetail
            PendingTaskCount HistoryEvent
        );
        assert_eq!(&written, value);
    }
}

#[test]
fn the_answer_to_a_heartbeat_is_25_bytes() {
    let answer = serde_json::to_string(&ActivityTaskStatus { cancel_requested: false }).unwrap();
    assert_eq!(answer, r#"{"cancelRequested":false}"#);
    assert_eq!(answer.len(), 25);
    let answer = serde_json::to_string(&ActivityTaskStatus { cancel_requested: true }).unwrap();
    assert_eq!(answer, r#"{"cancelRequested":true}"#);
}

#[test]
fn a_poll_without_work_is_an_empty_token_and_event_0() {
    let answer = serde_json::to_string(&PollForActivityTaskOutput::Empty).unwrap();
    assert_eq!(answer, r#"{"taskToken":"","startedEventId":0}"#);
    let read: PollForActivityTaskOutput = serde_json::from_str(&answer).unwrap();
    assert_eq!(read, PollForActivityTaskOutput::Empty);
}

fn epoch(millis: u64) -> EpochSeconds {
    EpochSeconds::from(Timestamp::from_millis(millis))
}

#[test]
fn instants_are_seconds_with_milliseconds_to_the_digit() {
    let mut millis = vec![0, 1, 9, 10, 99, 100, 101, 999, 1000, 1001, 1_420_142_405_123];
    millis.extend([1_326_586_446_471, 9_007_199_254_740, 999_999_999_999_998, 999_999_999_999_999]);
    // A walk over every magnitude and every last digit.
    let steps = core::iter::successors(Some(7_u64), |n| n.checked_mul(3).map(|n| n + 1));
    millis.extend(steps.take_while(|n| *n < 999_999_999_999_999));
    millis.extend((1_763_999_000_000..1_763_999_002_000).collect::<Vec<_>>());
    for millis in millis {
        let instant = epoch(millis);
        let text = serde_json::to_string(&instant).unwrap();
        let padded = {
            let (whole, fraction) = text.split_once('.').unwrap();
            format!("{whole}.{fraction:0<3}")
        };
        assert_eq!(padded, format!("{}.{:03}", millis / 1000, millis % 1000), "{text}");
        assert_eq!(padded, instant.to_string());
        assert_eq!(serde_json::from_str::<EpochSeconds>(&text).unwrap(), instant);
        assert_eq!(serde_json::from_str::<EpochSeconds>(&padded).unwrap(), instant);
        assert_eq!(instant.timestamp().as_millis(), millis);
    }
}

#[test]
fn an_instant_past_the_fifteenth_digit_is_the_last_one() {
    assert_eq!(epoch(1_000_000_000_000_000), EpochSeconds::MAX);
    assert_eq!(EpochSeconds::from(Timestamp::MAX), EpochSeconds::MAX);
    assert_eq!(serde_json::to_string(&EpochSeconds::MAX).unwrap(), "999999999999.999");
}

#[test]
fn an_instant_is_read_from_whole_and_broken_numbers_and_from_nothing_else() {
    let read = |text: &str| serde_json::from_str::<EpochSeconds>(text).map_err(|_| ());
    assert_eq!(read("1420142405"), Ok(epoch(1_420_142_405_000)));
    assert_eq!(read("1.420142405123E9"), Ok(epoch(1_420_142_405_123)));
    assert_eq!(read("0.0004"), Ok(epoch(0)));
    assert_eq!(read("0.0005"), Ok(epoch(1)));
    for wrong in ["-1", "-0.001", "1e12", "1e300", "18446744073709551615", "\"1\"", "null", "true"]
    {
        assert_eq!(read(wrong), Err(()), "{wrong}");
    }
}

fn heartbeat(body: &str) -> Result<RecordActivityTaskHeartbeatInput, Fault> {
    let mut json = serde_json::Deserializer::from_str(body);
    RecordActivityTaskHeartbeatInput::read(&mut json).map_err(Fault::from)
}

#[test]
fn a_wrong_type_is_a_serialization_exception() {
    for body in [
        "",
        "{",
        "null",
        "7",
        r#""AAAA""#,
        r#"["AAAA","details"]"#,
        r#"{"taskToken":7}"#,
        r#"{"taskToken":["AAAA"]}"#,
        r#"{"taskToken":"AAAA","details":{}}"#,
        r#"{"taskToken":"AAAA","details":true}"#,
        // A wrong type comes before a wrong value.
        r#"{"taskToken":"","details":7}"#,
    ] {
        let fault = heartbeat(body).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Serialization, "{body}");
        assert_eq!(fault.status(), 400);
    }
    let poll = |body: &str| {
        let mut json = serde_json::Deserializer::from_str(body);
        PollForActivityTaskInput::read(&mut json).map_err(|error| Fault::from(error).kind)
    };
    for body in [r#"{"domain":"d","taskList":"main"}"#, r#"{"domain":"d","taskList":["main"]}"#] {
        assert_eq!(poll(body), Err(FaultKind::Serialization), "{body}");
    }
    assert!(poll(r#"{"domain":"d","taskList":{"name":"main"}}"#).is_ok());
}

#[test]
fn one_validation_exception_names_every_member_that_is_wrong() {
    let body = json!({
        "name": "a/b", "version": "v".repeat(65), "defaultTaskList": {},
        "defaultTaskHeartbeatTimeout": "-5", "defaultTaskPriority": "high",
    });
    let error = RegisterActivityTypeInput::read(&body).unwrap_err();
    let ReadError::Invalid(violations) = &error else { panic!("{error}") };
    let named: Vec<_> = violations.iter().map(|v| (v.member.as_str(), v.rule, v.length)).collect();
    assert_eq!(
        named,
        [
            ("domain", Rule::Required, 0),
            ("name", Rule::ForbiddenCharacter { found: '/' }, 3),
            ("version", Rule::MaxLength { max: 64 }, 65),
            ("defaultTaskHeartbeatTimeout", Rule::Timeout, 2),
            ("defaultTaskList.name", Rule::Required, 0),
            ("defaultTaskPriority", Rule::Priority, 4),
        ]
    );
    let each: Vec<String> = violations.iter().map(ToString::to_string).collect();
    let fault = Fault::from(error);
    assert_eq!(fault.kind, FaultKind::Validation);
    assert_eq!(fault.message, format!("6 validation errors detected: {}", each.join("; ")));
    assert!(each[0].starts_with("Value of length 0 at 'domain'"), "{}", each[0]);
}

#[test]
fn the_violations_of_a_shape_inside_another_one_have_the_way_to_it() {
    let inner = json!({"activityType": {"name": "a", "version": "1:2"}});
    let ReadError::Invalid(violations) =
        ScheduleActivityTaskDecisionAttributes::read(inner).unwrap_err()
    else {
        panic!()
    };
    let message = violations.within("decisions.3.member").to_string();
    assert!(message.contains("at 'decisions.3.member.activityType.version' failed"), "{message}");
    assert!(message.contains("at 'decisions.3.member.activityId' failed"), "{message}");
}

#[test]
fn a_member_of_the_right_type_is_refused_with_its_member_rule_and_length() {
    let fault = heartbeat(&json!({"taskToken": "A".repeat(1025)}).to_string()).unwrap_err();
    assert_eq!(
        fault.message,
        "1 validation error detected: Value of length 1025 at 'taskToken' failed to satisfy constraint: \
         Member must have length less than or equal to 1024"
    );
    let fault = heartbeat("{}").unwrap_err();
    assert_eq!(
        fault.message,
        "1 validation error detected: Value of length 0 at 'taskToken' failed to satisfy constraint: \
         Member must not be null"
    );
    let body = json!({"taskToken": "A", "details": "é".repeat(2049)}).to_string();
    let fault = heartbeat(&body).unwrap_err();
    assert!(fault.message.contains("Value of length 2049 at 'details'"), "{fault}");
}

#[test]
fn null_and_unknown_members_say_nothing() {
    let request = heartbeat(r#"{"taskToken":"A","details":null,"colour":"blue"}"#).unwrap();
    assert_eq!(request.details, None);
    let fault = heartbeat(r#"{"taskToken":null}"#).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Validation);
}

#[test]
fn an_empty_timeout_is_absent_wherever_it_may_be() {
    let body = json!({
        "domain": "d", "name": "n", "version": "1", "defaultTaskHeartbeatTimeout": "",
        "defaultTaskScheduleToCloseTimeout": "", "defaultTaskScheduleToStartTimeout": "",
        "defaultTaskStartToCloseTimeout": "",
    });
    let request = RegisterActivityTypeInput::read(&body).unwrap();
    assert_eq!(
        serde_json::to_value(&request).unwrap(),
        json!({"domain": "d", "name": "n", "version": "1"})
    );
    let body = json!({
        "activityType": {"name": "n", "version": "1"}, "activityId": "a", "heartbeatTimeout": "",
        "scheduleToCloseTimeout": "", "scheduleToStartTimeout": "", "startToCloseTimeout": "",
    });
    let request = ScheduleActivityTaskDecisionAttributes::read(&body).unwrap();
    assert_eq!(request.heartbeat_timeout, None);
    assert_eq!(request.start_to_close_timeout, None);
}

#[test]
fn escapes_count_as_the_characters_they_stand_for() {
    let body = format!(r#"{{"taskToken":"A","details":"{}"}}"#, r"\ud83d\ude00".repeat(2048));
    assert!(heartbeat(&body).is_ok());
    let body = format!(r#"{{"taskToken":"A","details":"{}"}}"#, r"\ud83d\ude00".repeat(2049));
    assert_eq!(heartbeat(&body).unwrap_err().kind, FaultKind::Validation);
}

#[test]
fn a_fault_travels_as_its_type_and_message() {
    let fault = Fault::unknown_activity(EventId::new(10));
    assert_eq!(
        serde_json::to_string(&fault).unwrap(),
        r#"{"__type":"com.amazonaws.swf.base.model#UnknownResourceFault","message":"Unknown activity, scheduledEventId = 10"}"#
    );
    assert_eq!(fault.to_string(), "UnknownResourceFault: Unknown activity, scheduledEventId = 10");
    let error: &dyn core::error::Error = &fault;
    assert!(error.source().is_none());
    for kind in FaultKind::ALL {
        let fault = Fault::new(*kind, "because");
        let text = serde_json::to_string(&fault).unwrap();
        assert_eq!(serde_json::from_str::<Fault>(&text).unwrap(), fault);
        assert!(kind.as_str().starts_with("com.amazon") && kind.as_str().ends_with(kind.code()));
        assert_eq!(fault.status(), 400);
    }
    assert_eq!(FaultKind::Validation.as_str(), "com.amazon.coral.validate#ValidationException");
    assert_eq!(Fault::invalid_token().message, "Invalid token");
}

#[test]
fn a_late_call_names_the_execution_as_swf_does() {
    let execution = WorkflowExecution {
        workflow_id: "order-17".parse().unwrap(),
        run_id: "22Qf1uS".parse().unwrap(),
    };
    assert_eq!(
        Fault::unknown_execution(&execution).message,
        "Unknown execution: WorkflowExecution=[workflowId=order-17, runId=22Qf1uS]"
    );
}

#[test]
fn an_event_without_its_own_attributes_or_with_an_unknown_word_is_refused() {
    let event = json!({
        "eventTimestamp": 1.5, "eventType": "ActivityTaskStarted", "eventId": 2,
        "activityTaskCompletedEventAttributes": {"scheduledEventId": 1, "startedEventId": 2},
    });
    let members = |event: &Value| match HistoryEvent::read(event) {
        Err(ReadError::Invalid(violations)) => {
            violations.iter().map(|v| v.member.clone()).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(members(&event), ["activityTaskStartedEventAttributes"]);
    let event = json!({"eventTimestamp": -1, "eventType": "TimerStarted", "eventId": -2});
    assert_eq!(members(&event), ["eventTimestamp", "eventId", "eventType"]);
    let event = json!({
        "eventTimestamp": 1, "eventType": "ActivityTaskTimedOut", "eventId": 2,
        "activityTaskTimedOutEventAttributes":
            {"timeoutType": "HEART", "scheduledEventId": 4_294_967_296_u64, "startedEventId": 0},
    });
    assert_eq!(
        members(&event),
        [
            "activityTaskTimedOutEventAttributes.timeoutType",
            "activityTaskTimedOutEventAttributes.scheduledEventId"
        ]
    );
}

#[test]
fn event_types_are_named_after_their_members() {
    for event_type in EventType::ALL {
        let (first, rest) = event_type.as_str().split_at(1);
        let member = format!("{}{rest}EventAttributes", first.to_lowercase());
        assert_eq!(event_type.member(), member);
    }
}

/// Values that are nearly requests: the members' names, and values of every type and length.
fn nearly() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[a-z:|/\u{0}\u{80}好😀]{0,8}",
        (0_usize..3000).prop_map(|length| "é".repeat(length)),
        Just("NONE".to_owned()),
        "[-+0-9.]{0,10}",
        Just("ActivityTaskTimedOut".to_owned()),
        Just("HEARTBEAT".to_owned()),
    ];
    let leaf = prop_oneof![
        4 => text.prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => (0_i64..100).prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
    ];
    let members = prop::sample::select(vec![
        "taskToken",
        "details",
        "domain",
        "taskList",
        "name",
        "version",
        "identity",
        "activityType",
        "activityId",
        "taskPriority",
        "heartbeatTimeout",
        "eventTimestamp",
        "eventType",
        "eventId",
        "activityTaskTimedOutEventAttributes",
        "timeoutType",
        "scheduledEventId",
        "startedEventId",
    ]);
    leaf.prop_recursive(3, 32, 12, move |inner| {
        prop_oneof![
            8 => prop::collection::btree_map(members.clone(), inner.clone(), 0..12)
                .prop_map(|members| members.into_iter().collect()),
            1 => prop::collection::vec(inner, 0..3).prop_map(Value::from),
        ]
    })
}

/// What was read writes, and reads back as the same.
macro_rules! steady {
    ($value:expr, $($type:ident)*) => {$(
        if let Ok(shape) = $type::read($value) {
            let written = serde_json::to_string(&shape).unwrap();
            prop_assert_eq!(serde_json::from_str::<$type>(&written).unwrap(), shape);
        }
    )*};
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_is_read_or_refused_and_what_is_read_is_steady(value in nearly()) {
        steady!(
            &value,
            RecordActivityTaskHeartbeatInput PollForActivityTaskInput RegisterActivityTypeInput
            ScheduleActivityTaskDecisionAttributes HistoryEvent PollForActivityTaskOutput
        );
    }

    #[test]
    fn every_instant_that_a_number_can_name_is_read_to_the_millisecond(millis in 0..1_000_000_000_000_000_u64) {
        let instant = epoch(millis);
        let text = serde_json::to_string(&instant).unwrap();
        prop_assert_eq!(serde_json::from_str::<EpochSeconds>(&text).unwrap(), instant);
        let (whole, fraction) = text.split_once('.').unwrap();
        prop_assert_eq!(format!("{whole}.{fraction:0<3}"), instant.to_string());
    }
}

#[test]
fn a_malformed_request_is_told_what_was_expected_where() {
    for (body, message) in [
        ("7", "invalid type: integer `7`, expected a structure at line 1 column 1"),
        (r#""AAAA""#, "invalid type: string, expected a structure at line 1 column 6"),
        (r#"["AAAA"]"#, "invalid type: sequence, expected a structure at line 1 column 0"),
        (r#"{"taskToken":7}"#, "invalid type: integer `7`, expected a string at line 1 column 14"),
    ] {
        assert_eq!(heartbeat(body).unwrap_err().message, message, "{body}");
    }
}

#[test]
fn a_malformed_request_is_refused_without_saying_back_what_came() {
    for body in [
        r#""SECRET""#,
        r#"{"taskToken":["SECRET"]}"#,
        r#"{"taskToken":"a","details":["SEC\"RET"]}"#,
    ] {
        let fault = heartbeat(body).unwrap_err().to_string();
        assert!(!fault.contains("SEC") && !fault.contains("RET"), "{fault}");
    }
}
