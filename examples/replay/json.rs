//! JSON Lines: one object for each event, reply and fault, in the order of happening.

use std::io::{self, Write};

use heartwheel::Timestamp;

use super::record::{Closing, Event, Output, Record, Run, What};
use super::seconds::Seconds;

pub(crate) struct JsonLines<W> {
    out: W,
}

impl<W: Write> JsonLines<W> {
    pub(crate) const fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write> Output for JsonLines<W> {
    fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        let object = Object::new(&mut self.out);
        match &record.what {
            What::Event { run, event } => object.time("at", record.at)?.event(run, event)?.close(),
            What::Heartbeat { run, cancel_requested, .. } => object
                .reply(record.at, "RecordActivityTaskHeartbeat", Some(run))?
                .raw("cancelRequested", cancel_requested)?
                .close(),
            What::TimeoutsUpdated { run, .. } => {
                object.reply(record.at, "UpdateTimeouts", Some(run))?.close()
            }
            What::Suspended { run } => object.reply(record.at, "Suspend", Some(run))?.close(),
            What::Resumed { run, .. } => object.reply(record.at, "Resume", Some(run))?.close(),
            What::Fault { run, action, message } => object
                .time("at", record.at)?
                .text("error", "UnknownResourceFault")?
                .text("action", action)?
                .text("activityId", run.activity_id)?
                .text("message", message)?
                .close(),
            What::Recovered { .. } => object.reply(record.at, "Recover", None)?.close(),
            What::Snapshot => object.reply(record.at, "Snapshot", None)?.close(),
            What::Synced => object.text("reply", "Sync")?.close(),
            What::Reset => object.text("reply", "Reset")?.close(),
            What::Advanced => Ok(()),
        }
    }

    fn chapter(&mut self, _closing: &Closing) -> io::Result<()> {
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// An object being written, field by field, in the order the fields are to stand.
struct Object<'w, W> {
    out: &'w mut W,
    separator: &'static str,
}

impl<'w, W: Write> Object<'w, W> {
    const fn new(out: &'w mut W) -> Self {
        Self { out, separator: "{" }
    }

    fn reply(self, at: Timestamp, action: &str, run: Option<&Run<'_>>) -> io::Result<Self> {
        self.time("at", at)?
            .text("reply", action)?
            .optional_text("activityId", run.map(|run| run.activity_id))
    }

    fn event(self, run: &Run<'_>, event: &Event<'_>) -> io::Result<Self> {
        let object = self.text("event", name(event))?.text("activityId", run.activity_id)?;
        match event {
            Event::Scheduled(_) | Event::Started | Event::CancelRequested => Ok(object),
            Event::Completed { result } => object.optional_text("result", *result),
            Event::Failed { reason, details } => {
                object.optional_text("reason", *reason)?.optional_text("details", *details)
            }
            Event::Canceled { details } => object.optional_text("details", *details),
            Event::TimedOut(timed_out) => {
                let activity = &timed_out.activity;
                let suspended = Seconds::from(activity.suspended);
                object
                    .text("timeoutType", timed_out.timeout_type.as_str())?
                    .optional_text("details", activity.details.as_deref())?
                    .time("scheduledAt", activity.scheduled_at)?
                    .optional_time("startedAt", activity.started_at)?
                    .optional_time("lastHeartbeatAt", activity.last_heartbeat_at)?
                    .raw("heartbeats", activity.heartbeats)?
                    .optional_time("cancelRequestedAt", activity.cancel_requested_at)?
                    .optional("recovered", Some(activity.recovered).filter(|count| *count > 0))?
                    .optional("suspendedSeconds", Some(suspended).filter(|span| span.0 > 0))?
                    .time("observedAt", timed_out.observed_at)
            }
            Event::ScheduleFailed { cause } | Event::RequestCancelFailed { cause } => {
                object.text("cause", cause)
            }
        }
    }

    fn time(self, name: &str, instant: Timestamp) -> io::Result<Self> {
        self.raw(name, Seconds::from(instant))
    }

    fn optional_time(self, name: &str, instant: Option<Timestamp>) -> io::Result<Self> {
        self.optional(name, instant.map(Seconds::from))
    }

    fn text(mut self, name: &str, text: &str) -> io::Result<Self> {
        self.name(name)?;
        serde_json::to_writer(&mut *self.out, text)?;
        Ok(self)
    }

    fn optional_text(self, name: &str, text: Option<&str>) -> io::Result<Self> {
        match text {
            Some(text) => self.text(name, text),
            None => Ok(self),
        }
    }

    /// A value that is JSON as it is displayed: a number or a truth value.
    fn raw(mut self, name: &str, value: impl core::fmt::Display) -> io::Result<Self> {
        self.name(name)?;
        write!(self.out, "{value}")?;
        Ok(self)
    }

    fn optional(self, name: &str, value: Option<impl core::fmt::Display>) -> io::Result<Self> {
        match value {
            Some(value) => self.raw(name, value),
            None => Ok(self),
        }
    }

    fn close(self) -> io::Result<()> {
        self.out.write_all(b"}\n")
    }

    fn name(&mut self, name: &str) -> io::Result<()> {
        write!(self.out, "{}\"{name}\":", self.separator)?;
        self.separator = ",";
        Ok(())
    }
}

const fn name(event: &Event<'_>) -> &'static str {
    match event {
        Event::Scheduled(_) => "ActivityTaskScheduled",
        Event::Started => "ActivityTaskStarted",
        Event::CancelRequested => "ActivityTaskCancelRequested",
        Event::Completed { .. } => "ActivityTaskCompleted",
        Event::Failed { .. } => "ActivityTaskFailed",
        Event::Canceled { .. } => "ActivityTaskCanceled",
        Event::TimedOut(_) => "ActivityTaskTimedOut",
        Event::ScheduleFailed { .. } => "ScheduleActivityTaskFailed",
        Event::RequestCancelFailed { .. } => "RequestCancelActivityTaskFailed",
    }
}
