//! One call of a caller's, from the wire to the answer, as a host makes it.

use core::fmt::Display;

use heartwheel::swf::token::TokenKey;
use heartwheel::swf::*;
use heartwheel::Timestamp;
use serde::Deserializer;
use serde_json::{json, Value};

use super::host::{Host, BEFORE};

/// A host that keeps one domain.
pub(crate) struct Known;

impl Domains for Known {
    fn require(&self, domain: &DomainName) -> Result<(), Fault> {
        if domain.as_str() == "media" {
            Ok(())
        } else {
            Err(Fault::unknown_domain(domain))
        }
    }
}

pub(crate) fn key() -> TokenKey {
    TokenKey::new(&[7; 32]).unwrap()
}

/// One call by name, its shape included; or a decision for the host's execution.
///
/// # Panics
/// If there is no such call, or if the service refuses it other than by a fault.
pub(crate) fn call<'de, B>(
    host: &mut Host,
    now: Timestamp,
    caller: Caller<'_>,
    name: &str,
    body: B,
) -> Result<Value, Fault>
where
    B: Deserializer<'de>,
    B::Error: Display,
{
    while host.service.poll(now, &mut host.book).is_some() {}
    let key = key();
    let mut handler = Handler::new(&mut host.service, &key, caller, &Known);
    let (book, execution, completed) = (&mut host.book, host.x, EventId::new(BEFORE));
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
        "ScheduleActivityTask" => {
            let decision = input!(ScheduleActivityTaskDecisionAttributes);
            let outcome =
                fault(handler.schedule_activity_task(now, book, execution, completed, decision))?;
            json!(format!("{outcome:?}"))
        }
        "RequestCancelActivityTask" => {
            let decision = input!(RequestCancelActivityTaskDecisionAttributes);
            json!(fault(
                handler.request_cancel_activity_task(now, book, execution, completed, decision)
            )?)
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
