//! The replayer's lines of output.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use super::super::{Action, Evidence, Observation, Operation, Refusal, TimedOut};
use super::input;
use super::object::{Reader, Writer};
use super::Unreadable;
use crate::{Outcome, TimeoutType};

/// A line of output.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Line {
    /// The instant it tells: the deadline of a timeout, the newest time for an answer.
    pub at: Option<u64>,
    /// The activity it names.
    pub activity: Option<u32>,
    /// What it tells; `None` for the replies to `Sync` and `Reset`, which no operation brings.
    pub observation: Option<Observation>,
    text: String,
}

impl Line {
    /// What the line tells as an answer to an operation when so much time was seen: one that is about another
    /// activity or has another time is [`Observation::Other`].
    #[must_use]
    pub fn answer(self, operation: &Operation, newest: u64) -> Option<Observation> {
        if let Some(Observation::TimedOut(_)) = self.observation {
            return self.observation;
        }
        let own_activity = self.activity == operation.action.activity();
        // A snapshot takes no time, whatever instant it is said at.
        let timeless = operation.action == Action::Snapshot;
        let own_time = timeless || self.at.map_or(true, |at| at == newest);
        match self.observation {
            Some(_) if !own_activity || !own_time => Some(Observation::Other(self.text)),
            observation => observation,
        }
    }
}

/// The line of an observation, without the end of the line: what was told in answer to an operation when so much
/// time was seen.
#[must_use]
pub fn write_observation(observation: &Observation, operation: &Operation, newest: u64) -> String {
    let action = &operation.action;
    let line = Writer::new();
    let event = |event| about(Writer::new().time("at", newest).text("event", event), action);
    let reply = || {
        about(Writer::new().time("at", newest).text("reply", input::action_name(action)), action)
    };
    match observation {
        Observation::TimedOut(timed_out) => timeout(line, timed_out),
        Observation::Scheduled => event("ActivityTaskScheduled"),
        Observation::Started => event("ActivityTaskStarted"),
        Observation::CancelRequested => event("ActivityTaskCancelRequested"),
        Observation::Closed(Outcome::Completed) => event("ActivityTaskCompleted"),
        Observation::Closed(Outcome::Failed) => event("ActivityTaskFailed"),
        Observation::Closed(Outcome::Canceled) => event("ActivityTaskCanceled"),
        Observation::Heartbeat { cancel_requested } => {
            reply().raw("cancelRequested", cancel_requested)
        }
        Observation::Abandoned
        | Observation::Updated
        | Observation::Suspended
        | Observation::Resumed
        | Observation::Recovered => reply(),
        // Of no time, so of the time that it is said at.
        Observation::Snapshot => {
            line.time("at", newest.max(operation.at)).text("reply", "Snapshot")
        }
        Observation::Refused(refusal) => match refused_by_event(action) {
            Some(name) => event(name).text("cause", cause(action, *refusal)),
            None => about(
                line.time("at", newest)
                    .text("error", "UnknownResourceFault")
                    .text("action", input::action_name(action)),
                action,
            )
            .text("message", message(*refusal)),
        },
        Observation::Other(words) => line.text("other", words),
    }
    .close()
}

/// Reads a line of output.
///
/// # Errors
///
/// If it is no line that the replayer prints.
pub fn read_observation(line: &str) -> Result<Line, Unreadable> {
    let object = Reader::new(line)?;
    let at = object.optional_time("at")?;
    let activity = object.optional_activity()?;
    let observation = if let Some(event) = object.text("event")? {
        Some(read_event(&object, &event)?)
    } else if let Some(reply) = object.text("reply")? {
        read_reply(&object, &reply)?
    } else if object.text("error")?.is_some() {
        let message = object.text("message")?;
        Some(Observation::Refused(read_message(message.as_deref().unwrap_or_default())))
    } else if let Some(words) = object.text("other")? {
        Some(Observation::Other(words))
    } else {
        return Err(Unreadable(format!("expected an event, a reply or an error, found {line}")));
    };
    Ok(Line { at, activity, observation, text: line.to_owned() })
}

fn about(line: Writer, action: &Action) -> Writer {
    match action.activity() {
        Some(activity) => line.activity(activity),
        None => line,
    }
}

fn timeout(line: Writer, timed_out: &TimedOut) -> Writer {
    let Evidence { heartbeats, recovered, suspended, .. } = timed_out.evidence;
    let evidence = &timed_out.evidence;
    let line = line
        .time("at", evidence.deadline)
        .text("event", "ActivityTaskTimedOut")
        .activity(timed_out.activity)
        .text("timeoutType", timed_out.timeout_type.as_str())
        .optional_details(evidence.details)
        .time("scheduledAt", evidence.scheduled_at)
        .optional_time("startedAt", evidence.started_at)
        .optional_time("lastHeartbeatAt", evidence.last_heartbeat_at)
        .raw("heartbeats", heartbeats)
        .optional_time("cancelRequestedAt", evidence.cancel_requested_at);
    let line = if recovered > 0 { line.raw("recovered", recovered) } else { line };
    line.optional_time("suspendedSeconds", Some(suspended).filter(|span| *span > 0))
        .time("observedAt", evidence.observed_at)
}

fn read_timeout(object: &Reader<'_>) -> Result<TimedOut, Unreadable> {
    let evidence = Evidence {
        deadline: object.optional_time("at")?.unwrap_or(0),
        observed_at: object.optional_time("observedAt")?.unwrap_or(0),
        scheduled_at: object.optional_time("scheduledAt")?.unwrap_or(0),
        started_at: object.optional_time("startedAt")?,
        last_heartbeat_at: object.optional_time("lastHeartbeatAt")?,
        heartbeats: object.number("heartbeats")?.unwrap_or(0),
        details: object.details()?,
        cancel_requested_at: object.optional_time("cancelRequestedAt")?,
        recovered: object.number("recovered")?.unwrap_or(0),
        suspended: object.optional_time("suspendedSeconds")?.unwrap_or(0),
    };
    let named = object.needed_text("timeoutType")?;
    let all = [
        TimeoutType::StartToClose,
        TimeoutType::ScheduleToStart,
        TimeoutType::ScheduleToClose,
        TimeoutType::Heartbeat,
    ];
    let timeout_type = all
        .into_iter()
        .find(|timeout_type| timeout_type.as_str() == named)
        .ok_or_else(|| object.expected("timeoutType", "one of SWF's four"))?;
    Ok(TimedOut { activity: object.activity()?, timeout_type, evidence })
}

fn read_event(object: &Reader<'_>, event: &str) -> Result<Observation, Unreadable> {
    Ok(match event {
        "ActivityTaskTimedOut" => Observation::TimedOut(read_timeout(object)?),
        "ActivityTaskScheduled" => Observation::Scheduled,
        "ActivityTaskStarted" => Observation::Started,
        "ActivityTaskCancelRequested" => Observation::CancelRequested,
        "ActivityTaskCompleted" => Observation::Closed(Outcome::Completed),
        "ActivityTaskFailed" => Observation::Closed(Outcome::Failed),
        "ActivityTaskCanceled" => Observation::Closed(Outcome::Canceled),
        "ScheduleActivityTaskFailed" => {
            Observation::Refused(match object.text("cause")?.as_deref() {
                Some("OPEN_ACTIVITIES_LIMIT_EXCEEDED") => Refusal::AtCapacity,
                Some(_) | None => Refusal::Unspecified,
            })
        }
        "RequestCancelActivityTaskFailed" => Observation::Refused(Refusal::NotOpen),
        _ => return Err(object.expected("event", "an event of the replayer")),
    })
}

fn read_reply(object: &Reader<'_>, reply: &str) -> Result<Option<Observation>, Unreadable> {
    Ok(Some(match reply {
        "RecordActivityTaskHeartbeat" => match object.raw("cancelRequested") {
            Some("true") => Observation::Heartbeat { cancel_requested: true },
            Some("false") => Observation::Heartbeat { cancel_requested: false },
            Some(_) | None => return Err(object.expected("cancelRequested", "true or false")),
        },
        "Abandon" => Observation::Abandoned,
        "UpdateTimeouts" => Observation::Updated,
        "Suspend" => Observation::Suspended,
        "Resume" => Observation::Resumed,
        "Recover" => Observation::Recovered,
        "Snapshot" => Observation::Snapshot,
        "Sync" | "Reset" => return Ok(None),
        _ => return Err(object.expected("reply", "a reply of the replayer")),
    }))
}

/// The event of a refused decision; a worker's call gets a fault.
const fn refused_by_event(action: &Action) -> Option<&'static str> {
    if let Action::Schedule { .. } = action {
        Some("ScheduleActivityTaskFailed")
    } else if let Action::RequestCancel { .. } = action {
        Some("RequestCancelActivityTaskFailed")
    } else {
        None
    }
}

const fn cause(action: &Action, refusal: Refusal) -> &'static str {
    match (action, refusal) {
        (Action::RequestCancel { .. }, _) => "ACTIVITY_ID_UNKNOWN",
        (_, Refusal::AtCapacity) => "OPEN_ACTIVITIES_LIMIT_EXCEEDED",
        (_, _) => "OPERATION_NOT_PERMITTED",
    }
}

/// What the replayer says of the first run of an activityId.
const fn message(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NotOpen => "run 1 is closed",
        Refusal::NotStarted => "run 1 has not started",
        Refusal::AlreadyStarted => "run 1 has already started",
        Refusal::AlreadySuspended => "run 1 is already suspended",
        Refusal::NotSuspended => "run 1 is not suspended",
        Refusal::AtCapacity => "as many are open as may be",
        Refusal::JumpPending => "the clock has jumped",
        Refusal::Unspecified => "refused",
    }
}

fn read_message(words: &str) -> Refusal {
    let known = [
        Refusal::NotOpen,
        Refusal::NotStarted,
        Refusal::AlreadyStarted,
        Refusal::AlreadySuspended,
        Refusal::NotSuspended,
        Refusal::AtCapacity,
        Refusal::JumpPending,
    ];
    if matches!(words, "never scheduled" | "run 1 is not open") {
        return Refusal::NotOpen;
    }
    known.into_iter().find(|refusal| message(*refusal) == words).unwrap_or(Refusal::Unspecified)
}
