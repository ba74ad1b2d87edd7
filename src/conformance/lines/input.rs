//! The replayer's lines of input.

use alloc::format;
use alloc::string::String;

use super::super::{Action, Limits, Operation, Policy};
use super::object::{Reader, Writer};
use super::seconds::{to_millis, Seconds};
use super::Unreadable;
use crate::Outcome;

type Timeout = (&'static str, fn(&mut Limits) -> &mut Option<u64>);

/// The fields of the four timeouts, in the replayer's order.
const TIMEOUTS: [Timeout; 4] = [
    ("scheduleToStartTimeout", |limits| &mut limits.schedule_to_start),
    ("scheduleToCloseTimeout", |limits| &mut limits.schedule_to_close),
    ("startToCloseTimeout", |limits| &mut limits.start_to_close),
    ("heartbeatTimeout", |limits| &mut limits.heartbeat),
];

/// The line of an operation, without the end of the line.
#[must_use]
pub fn write_operation(operation: &Operation) -> String {
    let line =
        Writer::new().time("at", operation.at).text("action", action_name(&operation.action));
    let line = match operation.action.activity() {
        Some(activity) => line.activity(activity),
        None => line,
    };
    match operation.action {
        Action::Schedule { limits, .. } | Action::UpdateTimeouts { limits, .. } => {
            timeouts(line, limits)
        }
        Action::Heartbeat { details, .. } => line.optional_details(details),
        Action::AdvanceAtMost(count) => line.raw("count", count),
        Action::Recover { policy, spread } => recovery(line, policy, spread),
        Action::Start { .. }
        | Action::RequestCancel { .. }
        | Action::Close { .. }
        | Action::Abandon { .. }
        | Action::Suspend { .. }
        | Action::Resume { .. }
        | Action::Advance
        | Action::Snapshot => line,
    }
    .close()
}

/// The operation of a line.
///
/// # Errors
///
/// If the line is none that [`write_operation`] writes.
pub fn read_operation(line: &str) -> Result<Operation, Unreadable> {
    let object = Reader::new(line)?;
    let activity = || object.activity();
    let close = |outcome| Ok(Action::Close { activity: activity()?, outcome });
    let action = match object.needed_text("action")?.as_str() {
        "ScheduleActivityTask" => {
            Action::Schedule { activity: activity()?, limits: read_timeouts(&object)? }
        }
        "StartActivityTask" => Action::Start { activity: activity()? },
        "RecordActivityTaskHeartbeat" => {
            Action::Heartbeat { activity: activity()?, details: object.details()? }
        }
        "RequestCancelActivityTask" => Action::RequestCancel { activity: activity()? },
        "RespondActivityTaskCompleted" => close(Outcome::Completed)?,
        "RespondActivityTaskFailed" => close(Outcome::Failed)?,
        "RespondActivityTaskCanceled" => close(Outcome::Canceled)?,
        "Abandon" => Action::Abandon { activity: activity()? },
        "UpdateTimeouts" => {
            Action::UpdateTimeouts { activity: activity()?, limits: read_timeouts(&object)? }
        }
        "Suspend" => Action::Suspend { activity: activity()? },
        "Resume" => Action::Resume { activity: activity()? },
        "Advance" => Action::Advance,
        "AdvanceAtMost" => Action::AdvanceAtMost(
            object.number("count")?.ok_or_else(|| object.expected("count", "a whole number"))?,
        ),
        "Recover" => read_recovery(&object)?,
        "Snapshot" => Action::Snapshot,
        _ => return Err(object.expected("action", "an action of the replayer")),
    };
    Ok(Operation { at: object.time("at")?, action })
}

/// The name of an action in a line.
#[must_use]
pub const fn action_name(action: &Action) -> &'static str {
    match action {
        Action::Schedule { .. } => "ScheduleActivityTask",
        Action::Start { .. } => "StartActivityTask",
        Action::Heartbeat { .. } => "RecordActivityTaskHeartbeat",
        Action::RequestCancel { .. } => "RequestCancelActivityTask",
        Action::Close { outcome: Outcome::Completed, .. } => "RespondActivityTaskCompleted",
        Action::Close { outcome: Outcome::Failed, .. } => "RespondActivityTaskFailed",
        Action::Close { outcome: Outcome::Canceled, .. } => "RespondActivityTaskCanceled",
        Action::Abandon { .. } => "Abandon",
        Action::UpdateTimeouts { .. } => "UpdateTimeouts",
        Action::Suspend { .. } => "Suspend",
        Action::Resume { .. } => "Resume",
        Action::Advance => "Advance",
        Action::AdvanceAtMost(_) => "AdvanceAtMost",
        Action::Recover { .. } => "Recover",
        Action::Snapshot => "Snapshot",
    }
}

fn timeouts(mut line: Writer, mut limits: Limits) -> Writer {
    for (field, limit) in TIMEOUTS {
        if let Some(millis) = *limit(&mut limits) {
            line = line.text(field, &format!("{}", Seconds(millis)));
        }
    }
    line
}

fn read_timeouts(object: &Reader<'_>) -> Result<Limits, Unreadable> {
    let mut limits = Limits::default();
    for (field, limit) in TIMEOUTS {
        *limit(&mut limits) = match object.text(field)?.as_deref() {
            None | Some("NONE") => None,
            Some(text) => {
                let millis = to_millis(text);
                Some(millis.ok_or_else(|| object.expected(field, "NONE, or seconds in a string"))?)
            }
        };
    }
    Ok(limits)
}

fn recovery(line: Writer, policy: Policy, spread: u64) -> Writer {
    let line = match policy {
        Policy::Absolute => line.text("policy", "Absolute"),
        Policy::Rearm => line.text("policy", "Rearm"),
        Policy::Grace(millis) => line.text("policy", "Grace").time("graceSeconds", millis),
    };
    line.optional_time("spreadSeconds", Some(spread).filter(|spread| *spread > 0))
}

fn read_recovery(object: &Reader<'_>) -> Result<Action, Unreadable> {
    let policy = match object.needed_text("policy")?.as_str() {
        "Absolute" => Policy::Absolute,
        "Rearm" => Policy::Rearm,
        "Grace" => Policy::Grace(object.time("graceSeconds")?),
        _ => return Err(object.expected("policy", "Absolute, Rearm or Grace")),
    };
    Ok(Action::Recover { policy, spread: object.optional_time("spreadSeconds")?.unwrap_or(0) })
}
