//! The handler: for every call, that shape comes before seal, seal before permission, permission before the
//! task; that permission is asked with the parameters that SWF lets policies constrain; and that a forged
//! token reaches no activity.

#![cfg(feature = "swf")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

extern crate alloc;

#[allow(dead_code, reason = "shared with the tests of the service")]
#[path = "support/swf.rs"]
mod host;

use heartwheel::swf::access::Policy;
use heartwheel::swf::token::TokenKey;
use heartwheel::swf::ScheduleActivityTaskFailedCause as Cause;
use heartwheel::swf::*;
use heartwheel::Timestamp;
use host::{at, read, Host};
use serde_json::{json, Value};

struct Known;

impl Domains for Known {
    fn require(&self, domain: &DomainName) -> Result<(), Fault> {
        if domain.as_str() == "media" {
            Ok(())
        } else {
            Err(Fault::unknown_domain(domain))
        }
    }
}

static NOTHING: Policy = Policy::DENY_ALL;

fn key() -> TokenKey {
    TokenKey::new(&[7; 32]).unwrap()
}

fn policy(statements: Value) -> Policy {
    read(json!({"Version": "2012-10-17", "Statement": statements}))
}

/// One statement that allows this action, under this condition.
fn allow(action: &str, condition: Option<Value>) -> Policy {
    let mut statement = json!({
        "Effect": "Allow", "Action": format!("swf:{action}"),
        "Resource": "arn:aws:swf:eu-west-1:123456789012:/domain/media",
    });
    if let Some(condition) = condition {
        statement["Condition"] = json!({ "StringEquals": condition });
    }
    policy(statement)
}

fn allow_all() -> Policy {
    policy(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}))
}

fn caller(policy: &Policy) -> Caller<'_> {
    Caller::new(Some(policy), "eu-west-1", "123456789012")
}

/// One call from the wire to the answer, the shape included, as a host makes it.
fn call(
    host: &mut Host,
    now: Timestamp,
    caller: Caller<'_>,
    name: &str,
    body: &Value,
) -> Result<Value, Fault> {
    while host.service.poll(now, &mut host.book).is_some() {}
    let key = key();
    let mut handler = Handler::new(&mut host.service, &key, caller, &Known);
    let book = &mut host.book;
    macro_rules! input {
        ($type:ident) => {
            $type::read(body)?
        };
    }
    let done = json!(null);
    let answer = match name {
        "RegisterActivityType" => {
            handler.register_activity_type(now, input!(RegisterActivityTypeInput)).map(|()| done)?
        }
        "DeprecateActivityType" => handler
            .deprecate_activity_type(now, &input!(DeprecateActivityTypeInput))
            .map(|()| done)?,
        "UndeprecateActivityType" => handler
            .undeprecate_activity_type(&input!(UndeprecateActivityTypeInput))
            .map(|()| done)?,
        "DeleteActivityType" => {
            handler.delete_activity_type(&input!(DeleteActivityTypeInput)).map(|()| done)?
        }
        "DescribeActivityType" => {
            json!(handler.describe_activity_type(&input!(DescribeActivityTypeInput))?)
        }
        "PollForActivityTask" => {
            json!(fault(handler.poll_for_activity_task(
                now,
                book,
                input!(PollForActivityTaskInput)
            ))?)
        }
        "CountPendingActivityTasks" => json!(fault(
            handler.count_pending_activity_tasks(now, &input!(CountPendingActivityTasksInput))
        )?),
        "RecordActivityTaskHeartbeat" => json!(fault(
            handler.record_activity_task_heartbeat(now, input!(RecordActivityTaskHeartbeatInput))
        )?),
        "RespondActivityTaskCompleted" => {
            let input = input!(RespondActivityTaskCompletedInput);
            fault(handler.respond_activity_task_completed(now, book, input)).map(|()| done)?
        }
        "RespondActivityTaskFailed" => {
            let input = input!(RespondActivityTaskFailedInput);
            fault(handler.respond_activity_task_failed(now, book, input)).map(|()| done)?
        }
        "RespondActivityTaskCanceled" => {
            let input = input!(RespondActivityTaskCanceledInput);
            fault(handler.respond_activity_task_canceled(now, book, input)).map(|()| done)?
        }
        other => panic!("{other}"),
    };
    Ok(answer)
}

#[track_caller]
fn fault<T>(result: Result<T, ServiceError>) -> Result<T, Fault> {
    match result {
        Ok(answer) => Ok(answer),
        Err(ServiceError::Fault(fault)) => Err(fault),
        Err(error) => panic!("{error}"),
    }
}

const WITH_TOKEN: [&str; 4] = [
    "RecordActivityTaskHeartbeat",
    "RespondActivityTaskCompleted",
    "RespondActivityTaskFailed",
    "RespondActivityTaskCanceled",
];

/// A host with one task of each list, and the token of the first one, which is started.
fn started() -> (Host, String) {
    let mut host = Host::new();
    let rest = json!({"name": "rest", "version": "1.0"});
    host.schedule(1, json!({"activityType": rest, "activityId": "a"}));
    host.schedule(1, json!({"activityType": rest, "activityId": "b"}));
    let poll = json!({"domain": "media", "taskList": {"name": "spare"}});
    let task = call(&mut host, at(2), Caller::UNRESTRICTED, "PollForActivityTask", &poll).unwrap();
    assert_eq!(task["activityId"], "a");
    let token = task["taskToken"].as_str().unwrap().to_owned();
    (host, token)
}

#[track_caller]
fn refused(result: Result<Value, Fault>) -> (FaultKind, String) {
    let Fault { kind, message, .. } = result.unwrap_err();
    (kind, message)
}

#[track_caller]
fn not_permitted(result: Result<Value, Fault>, action: &str, domain: &str) {
    let arn = format!("arn:aws:swf:eu-west-1:123456789012:/domain/{domain}");
    let message = format!("the caller is not authorized to perform swf:{action} on resource {arn}");
    assert_eq!(refused(result), (FaultKind::OperationNotPermitted, message));
}

#[test]
fn a_call_with_a_token_is_asked_for_shape_then_seal_then_permission_then_the_task() {
    for name in WITH_TOKEN {
        let (mut host, token) = started();
        let nobody = caller(&NOTHING);
        // The four mistakes together, then one fewer each time: the worst is the one that is told.
        let all_wrong = json!({"taskToken": ""});
        let (kind, message) = refused(call(&mut host, at(3), nobody, name, &all_wrong));
        assert_eq!(kind, FaultKind::Validation);
        assert!(message.contains("'taskToken'"), "{message}");

        let forged = json!({"taskToken": "forged"});
        let invalid = (FaultKind::Validation, "Invalid token".to_owned());
        assert_eq!(refused(call(&mut host, at(3), nobody, name, &forged)), invalid);

        // The task times out, schedule-to-close first, at 12 seconds; its token is genuine all the same.
        let genuine = json!({ "taskToken": token });
        not_permitted(call(&mut host, at(13_001), nobody, name, &genuine), name, "media");

        let late = "Unknown activity, scheduledEventId = 5".to_owned();
        let late = (FaultKind::UnknownResource, late);
        let allowed = allow(name, None);
        let somebody = caller(&allowed);
        assert_eq!(refused(call(&mut host, at(13_001), somebody, name, &genuine)), late);

        // Nothing wrong.
        let (mut host, token) = started();
        let genuine = json!({ "taskToken": token });
        assert!(call(&mut host, at(3), somebody, name, &genuine).is_ok());
    }
}

#[test]
fn a_call_with_a_token_after_its_execution_has_closed_is_told_so_only_if_permitted() {
    for name in WITH_TOKEN {
        let (mut host, token) = started();
        let execution = host.x;
        host.service.close_execution(at(3), execution).unwrap();
        let genuine = json!({ "taskToken": token });
        not_permitted(call(&mut host, at(3), caller(&NOTHING), name, &genuine), name, "media");
        let message =
            "Unknown execution: WorkflowExecution=[workflowId=order-17, runId=run-1]".to_owned();
        let answer = call(&mut host, at(3), Caller::UNRESTRICTED, name, &genuine);
        assert_eq!(refused(answer), (FaultKind::UnknownResource, message));
    }
}

#[test]
fn a_token_of_another_key_or_of_no_key_reaches_no_activity() {
    let (mut host, token) = started();
    let before = (host.service.record(), format!("{:?}", host.service.engine()));
    let stranger = TokenKey::new(&[8; 32]).unwrap();
    let id = key().open(&token).unwrap().id;
    let mut forged = vec![
        stranger.seal(&"media".parse().unwrap(), id).into_string(),
        token.to_lowercase(),
        format!("{token}A"),
        token[..token.len() - 1].to_owned(),
        token[1..].to_owned(),
    ];
    for place in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(bytes).unwrap();
        if altered != token {
            forged.push(altered);
        }
    }
    for name in WITH_TOKEN {
        for token in &forged {
            let body = json!({ "taskToken": token, "details": "x" });
            let answer = call(&mut host, at(2), Caller::UNRESTRICTED, name, &body);
            assert_eq!(refused(answer), (FaultKind::Validation, "Invalid token".to_owned()));
        }
    }
    assert_eq!((host.service.record(), format!("{:?}", host.service.engine())), before);
}

#[test]
fn permission_is_asked_on_the_domain_that_the_token_belongs_to() {
    let (mut host, token) = started();
    let id = key().open(&token).unwrap().id;
    // Genuine for another domain: only that one's policy counts.
    let other = key().seal(&"other".parse().unwrap(), id);
    for name in WITH_TOKEN {
        let allowed = allow(name, None);
        let answer = call(&mut host, at(2), caller(&allowed), name, &json!({"taskToken": other}));
        not_permitted(answer, name, "other");
    }
}

/// A call about a list or a type: its name, a body, and the parameters that a policy may constrain.
type Constrained = (&'static str, Value, Vec<(&'static str, &'static str)>);

fn constrained() -> Vec<Constrained> {
    let by_list = json!({"domain": "media", "taskList": {"name": "spare"}});
    let by_type = json!({"domain": "media", "activityType": {"name": "rest", "version": "1.0"}});
    let of_type = vec![("swf:activityType.name", "rest"), ("swf:activityType.version", "1.0")];
    let new = json!({
        "domain": "media", "name": "new", "version": "2", "defaultTaskList": {"name": "spare"},
    });
    let of_new =
        vec![("swf:name", "new"), ("swf:version", "2"), ("swf:defaultTaskList.name", "spare")];
    vec![
        ("PollForActivityTask", by_list.clone(), vec![("swf:taskList.name", "spare")]),
        ("CountPendingActivityTasks", by_list, vec![("swf:taskList.name", "spare")]),
        ("RegisterActivityType", new, of_new),
        ("DescribeActivityType", by_type.clone(), of_type.clone()),
        ("DeprecateActivityType", by_type.clone(), of_type.clone()),
        ("UndeprecateActivityType", by_type.clone(), of_type.clone()),
        ("DeleteActivityType", by_type, of_type),
    ]
}

#[test]
fn a_call_about_a_list_or_a_type_is_constrained_by_its_parameters() {
    for (name, body, parameters) in constrained() {
        for (key, value) in parameters {
            let mut host = Host::new();
            if matches!(name, "UndeprecateActivityType" | "DeleteActivityType") {
                let by_type = read(body.clone());
                host.service.types_mut().deprecate(at(0), &by_type).unwrap();
            }
            let denied = allow(name, Some(json!({ key: "another" })));
            not_permitted(call(&mut host, at(1), caller(&denied), name, &body), name, "media");
            let allowed = allow(name, Some(json!({ key: value })));
            let answer = call(&mut host, at(1), caller(&allowed), name, &body);
            assert!(answer.is_ok(), "{name} {key}: {answer:?}");
        }
    }
}

#[test]
fn a_call_about_a_list_or_a_type_is_asked_for_shape_then_permission_then_the_domain() {
    for (name, body, _) in constrained() {
        let mut host = Host::new();
        let nobody = caller(&NOTHING);
        let mut no_shape = body.clone();
        no_shape["domain"] = json!("a:b");
        let (kind, _) = refused(call(&mut host, at(1), nobody, name, &no_shape));
        assert_eq!(kind, FaultKind::Validation, "{name}");

        let mut elsewhere = body.clone();
        elsewhere["domain"] = json!("elsewhere");
        not_permitted(call(&mut host, at(1), nobody, name, &elsewhere), name, "elsewhere");

        let allowed = allow_all();
        let answer = call(&mut host, at(1), caller(&allowed), name, &elsewhere);
        let unknown = "Unknown domain: elsewhere".to_owned();
        assert_eq!(refused(answer), (FaultKind::UnknownResource, unknown), "{name}");
    }
}

#[test]
fn a_denied_poll_starts_nothing() {
    let (mut host, _) = started();
    let before = host.service.record();
    let poll = json!({"domain": "media", "taskList": {"name": "spare"}});
    let nobody = caller(&NOTHING);
    not_permitted(
        call(&mut host, at(2), nobody, "PollForActivityTask", &poll),
        "PollForActivityTask",
        "media",
    );
    assert_eq!(host.service.record(), before);
}

fn schedule(host: &mut Host, policy: Option<&Policy>, decision: Value) -> Option<Cause> {
    let key = key();
    let caller = Caller::new(policy, "eu-west-1", "123456789012");
    let execution = host.x;
    let mut handler = Handler::new(&mut host.service, &key, caller, &Known);
    let completed = EventId::new(host::BEFORE);
    let outcome = handler
        .schedule_activity_task(at(1), &mut host.book, execution, completed, read(decision))
        .unwrap();
    let ScheduleOutcome::Failed { cause, .. } = outcome else { return None };
    Some(cause)
}

#[test]
fn a_decision_to_schedule_is_constrained_by_type_and_list_and_a_missing_list_is_the_types() {
    let rest = json!({"name": "rest", "version": "1.0"});
    let bare = json!({"activityType": rest, "activityId": "a"});
    let mut named = bare.clone();
    named["taskList"] = json!({"name": "own"});
    let cases = [
        (&bare, "swf:taskList.name", "spare", None),
        (&bare, "swf:taskList.name", "own", Some(Cause::OperationNotPermitted)),
        (&named, "swf:taskList.name", "own", None),
        (&named, "swf:taskList.name", "spare", Some(Cause::OperationNotPermitted)),
        (&bare, "swf:activityType.name", "rest", None),
        (&bare, "swf:activityType.name", "encode", Some(Cause::OperationNotPermitted)),
        (&bare, "swf:activityType.version", "1.0", None),
        (&bare, "swf:activityType.version", "1", Some(Cause::OperationNotPermitted)),
    ];
    for (decision, key, value, expected) in cases {
        let policy = allow("ScheduleActivityTask", Some(json!({ key: value })));
        let cause = schedule(&mut Host::new(), Some(&policy), decision.clone());
        assert_eq!(cause, expected, "{decision} {key} {value}");
    }
    assert_eq!(schedule(&mut Host::new(), None, bare.clone()), None);
    // Neither the decision nor the type names a list: a condition on it does not hold.
    let encode = json!({"activityType": {"name": "encode", "version": "1.0"}, "activityId": "a"});
    let policy = allow("ScheduleActivityTask", Some(json!({"swf:taskList.name": "spare"})));
    let denied = Some(Cause::OperationNotPermitted);
    assert_eq!(schedule(&mut Host::new(), Some(&policy), encode.clone()), denied);
    assert_eq!(schedule(&mut Host::new(), None, encode), Some(Cause::DefaultTaskListUndefined));
}

#[test]
fn a_decision_to_cancel_is_denied_by_default_and_by_name() {
    let denied = allow("ScheduleActivityTask", None);
    let allowed = allow("RequestCancelActivityTask", None);
    for (policy, expected) in [
        (Some(&denied), "RequestCancelActivityTaskFailed"),
        (Some(&allowed), "ActivityTaskCancelRequested"),
        (None, "ActivityTaskCancelRequested"),
    ] {
        let (mut host, _) = started();
        let key = key();
        let execution = host.x;
        let caller = Caller::new(policy, "eu-west-1", "123456789012");
        let mut handler = Handler::new(&mut host.service, &key, caller, &Known);
        let completed = EventId::new(host::BEFORE);
        let decision = read(json!({"activityId": "a"}));
        handler
            .request_cancel_activity_task(at(3), &mut host.book, execution, completed, decision)
            .unwrap();
        assert_eq!(host.last()["eventType"], expected);
    }
}
