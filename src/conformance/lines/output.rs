//! The replayer's lines of output.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};

use super::super::{Action, Evidence, Observation, Operation, Refusal, TimedOut, Told};
use super::input;
use super::object::{Reader, Writer};
use super::seconds::Seconds;
use super::Unreadable;
use crate::{Outcome, TimeoutType};

/// The error of a refused command.
const REFUSED: &str = "UnknownResourceFault";

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
                    .text("error", REFUSED)
                    .text("action", input::action_name(action)),
                action,
            )
            .text("message", message(*refusal)),
        },
        // A line that was read and is no observation of any other kind.
        Observation::Other(words) if Reader::new(words).is_ok() => return words.clone(),
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
    let activity = object.optional_activity()?;
    let observation = if let Some(event) = object.text("event")? {
        Some(read_event(&object, &event)?)
    } else if let Some(reply) = object.text("reply")? {
        read_reply(&object, &reply)?
    } else if let Some(error) = object.text("error")? {
        let message = object.text("message")?;
        Some(match error.as_str() {
            REFUSED => Observation::Refused(read_message(message.as_deref().unwrap_or_default())),
            // An error all the same, but no refusal: a crash that was caught, say.
            _ => Observation::Other(line.to_owned()),
        })
    } else if let Some(words) = object.text("other")? {
        Some(Observation::Other(words))
    } else {
        return Err(Unreadable(format!("expected an event, a reply or an error, found {line}")));
    };
    let at = match observation {
        // Evidence, and perhaps unreadable.
        Some(Observation::TimedOut(_)) => object.optional_time(AT.1).unwrap_or(None),
        _ => object.optional_time(AT.1)?,
    };
    Ok(Line { at, activity, observation, text: line.to_owned() })
}

fn about(line: Writer, action: &Action) -> Writer {
    match action.activity() {
        Some(activity) => line.activity(activity),
        None => line,
    }
}

/// The parts of the evidence by the names of their fields, in the order of a line; `at` stands before them.
const PARTS: [(Told, &str); 9] = [
    (Told::Details, "details"),
    (Told::ScheduledAt, "scheduledAt"),
    (Told::StartedAt, "startedAt"),
    (Told::LastHeartbeatAt, "lastHeartbeatAt"),
    (Told::Heartbeats, "heartbeats"),
    (Told::CancelRequestedAt, "cancelRequestedAt"),
    (Told::Recovered, "recovered"),
    (Told::Suspended, "suspendedSeconds"),
    (Told::ObservedAt, "observedAt"),
];
const AT: (Told, &str) = (Told::Deadline, "at");

fn timeout(line: Writer, timed_out: &TimedOut) -> Writer {
    let evidence = &timed_out.evidence;
    let tell = |line: Writer, (part, name): (Told, &str)| match value(evidence, part) {
        Some(value) => line.raw(name, value),
        None => line,
    };
    let line = tell(line, AT)
        .text("event", "ActivityTaskTimedOut")
        .activity(timed_out.activity)
        .text("timeoutType", timed_out.timeout_type.as_str());
    PARTS.into_iter().fold(line, tell)
}

/// A part of the evidence as JSON, if there is anything to tell.
fn value(evidence: &Evidence, part: Told) -> Option<String> {
    if let Some(words) = evidence.unreadable.get(&part) {
        return Some(words.clone());
    }
    let time = |millis| Seconds(millis).to_string();
    match part {
        Told::Deadline => Some(time(evidence.deadline)),
        Told::ObservedAt => Some(time(evidence.observed_at)),
        Told::ScheduledAt => Some(time(evidence.scheduled_at)),
        Told::StartedAt => evidence.started_at.map(time),
        Told::LastHeartbeatAt => evidence.last_heartbeat_at.map(time),
        Told::Heartbeats => Some(evidence.heartbeats.to_string()),
        Told::Details => evidence.details.map(|details| format!("\"{details}\"")),
        Told::CancelRequestedAt => evidence.cancel_requested_at.map(time),
        Told::Recovered => Some(evidence.recovered).filter(|it| *it > 0).map(|it| it.to_string()),
        Told::Suspended => Some(evidence.suspended).filter(|span| *span > 0).map(time),
    }
}

fn read_timeout(object: &Reader<'_>) -> Result<TimedOut, Unreadable> {
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
    let mut evidence = Evidence::default();
    for part in [AT].into_iter().chain(PARTS) {
        // It is a timeout all the same: whether the part matters, the profile says.
        if let (Err(_), Some(words)) = (read_part(&mut evidence, part, object), object.raw(part.1))
        {
            evidence.unreadable.insert(part.0, words.to_owned());
        }
    }
    Ok(TimedOut { activity: object.activity()?, timeout_type, evidence })
}

fn read_part(
    evidence: &mut Evidence,
    (part, name): (Told, &str),
    object: &Reader<'_>,
) -> Result<(), Unreadable> {
    match part {
        Told::Deadline => evidence.deadline = object.optional_time(name)?.unwrap_or(0),
        Told::ObservedAt => evidence.observed_at = object.optional_time(name)?.unwrap_or(0),
        Told::ScheduledAt => evidence.scheduled_at = object.optional_time(name)?.unwrap_or(0),
        Told::StartedAt => evidence.started_at = object.optional_time(name)?,
        Told::LastHeartbeatAt => evidence.last_heartbeat_at = object.optional_time(name)?,
        Told::Heartbeats => evidence.heartbeats = object.number(name)?.unwrap_or(0),
        Told::Details => evidence.details = object.details()?,
        Told::CancelRequestedAt => evidence.cancel_requested_at = object.optional_time(name)?,
        Told::Recovered => evidence.recovered = object.number(name)?.unwrap_or(0),
        Told::Suspended => evidence.suspended = object.optional_time(name)?.unwrap_or(0),
    }
    Ok(())
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
