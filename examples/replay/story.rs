//! The replay told to people: a line for each thing that happens, then a timeline and a summary.

use std::fmt::Write as _;
use std::io::{self, Write};

use heartwheel::{Stats, TimedOut, Timeouts, Timestamp};

use super::command::{Policy, Recover};
use super::record::{Closing, Details, Event, Key, Output, Record, Run, What};
use super::seconds::Seconds;
use super::text::{printable, shorten};
use super::timeline::Timeline;

/// Longer texts are cut: the story is for reading, `--json` for keeping.
const TEXT_CHARS: usize = 72;
const ID_CHARS: usize = 24;

pub(crate) struct Story<W> {
    out: W,
    timeline: Timeline,
    /// Nothing has been told since the beginning, or since the last Reset.
    blank: bool,
}

impl<W: Write> Story<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, timeline: Timeline::default(), blank: true }
    }

    fn line(&mut self, at: Timestamp, verb: &str, activity: &str, text: &str) -> io::Result<()> {
        if self.blank {
            self.blank = false;
            self.row("seconds", "what", "activity", "")?;
        }
        let millis = at.as_millis();
        let time = format!("{}.{:03}", millis / 1_000, millis % 1_000);
        self.row(&time, verb, activity, text)
    }

    fn row(&mut self, time: &str, verb: &str, activity: &str, text: &str) -> io::Result<()> {
        let row = format!("{time:>10}  {verb:<9}  {activity:<20}  {text}");
        writeln!(self.out, "{}", row.trim_end())
    }
}

impl<W: Write> Output for Story<W> {
    fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.timeline.note(record);
        match &record.what {
            What::Event { run, event } => {
                let (verb, text) = tell(event);
                self.line(record.at, verb, &label(run), &text)
            }
            What::Heartbeat { run, details, cancel_requested } => {
                let answer = if *cancel_requested { "→ cancel requested" } else { "→ go on" };
                let text = match details {
                    Some(details) => format!("{} {answer}", quote(details)),
                    None => answer.to_owned(),
                };
                self.line(record.at, "heartbeat", &label(run), &text)
            }
            What::Fault { run, action, message } => {
                let text = format!("{action}: {message}");
                self.line(record.at, "refused", &label(run), &text)
            }
            What::TimeoutsUpdated { run, timeouts } => {
                self.line(record.at, "update", &label(run), &tell_timeouts(timeouts))
            }
            What::Suspended { run } => self.line(record.at, "suspend", &label(run), ""),
            What::Resumed { run, suspended } => {
                self.line(record.at, "resume", &label(run), &format!("after {suspended}"))
            }
            What::Recovered { recover, moved } => {
                self.line(record.at, "recover", "", &tell_recovery(recover, *moved))
            }
            // Before anything is told it is no news either.
            What::Snapshot if self.blank => Ok(()),
            What::Snapshot => self.line(record.at, "snapshot", "", ""),
            What::Advanced => self.line(record.at, "advance", "", ""),
            What::Synced => self.line(record.at, "sync", "", ""),
            What::Reset => self.line(record.at, "reset", "", "everything is forgotten"),
        }
    }

    fn chapter(&mut self, closing: &Closing) -> io::Result<()> {
        let timeline = core::mem::take(&mut self.timeline);
        if self.blank {
            return Ok(());
        }
        timeline.draw(&mut self.out, closing.newest)?;
        writeln!(self.out, "\n{}", summary(closing))?;
        self.blank = true;
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// An activityId fit for a column, with the run where it is not the first.
pub(crate) fn label(run: &Run<'_>) -> String {
    let id = printable(&shorten(run.activity_id, ID_CHARS)).into_owned();
    if run.number > 1 {
        format!("{id} #{}", run.number)
    } else {
        id
    }
}

fn tell(event: &Event<'_>) -> (&'static str, String) {
    match event {
        Event::Scheduled(timeouts) => ("schedule", tell_timeouts(timeouts)),
        Event::Started => ("start", String::new()),
        Event::CancelRequested => ("cancel", "requested".to_owned()),
        Event::Completed { result } => ("completed", result.map(quote).unwrap_or_default()),
        Event::Failed { reason, details } => {
            let texts: Vec<String> = [*reason, *details].into_iter().flatten().map(quote).collect();
            ("failed", texts.join(", "))
        }
        Event::Canceled { details } => ("canceled", details.map(quote).unwrap_or_default()),
        Event::TimedOut(timed_out) => ("TIMED OUT", tell_timeout(timed_out)),
        Event::ScheduleFailed { cause } => ("refused", format!("ScheduleActivityTask: {cause}")),
        Event::RequestCancelFailed { cause } => {
            ("refused", format!("RequestCancelActivityTask: {cause}"))
        }
    }
}

fn tell_timeouts(timeouts: &Timeouts) -> String {
    let four = [
        ("schedule-to-start", timeouts.schedule_to_start()),
        ("schedule-to-close", timeouts.schedule_to_close()),
        ("start-to-close", timeouts.start_to_close()),
        ("heartbeat", timeouts.heartbeat()),
    ];
    let set: Vec<String> = four
        .into_iter()
        .filter_map(|(name, timeout)| {
            timeout.map(|timeout| format!("{name} {}", timeout.as_secs()))
        })
        .collect();
    if set.is_empty() {
        "no timeout".to_owned()
    } else {
        set.join(", ")
    }
}

fn tell_timeout(timed_out: &TimedOut<Key, Details>) -> String {
    let activity = &timed_out.activity;
    let mut text = timed_out.timeout_type.as_str().to_owned();
    // Writing into a String cannot fail.
    let _ = match (activity.started_at, activity.last_heartbeat_at) {
        (None, _) => write!(text, ", never started"),
        (Some(started), None) => {
            write!(text, ", started at {}, no heartbeat", Seconds::from(started))
        }
        (Some(_), Some(last)) => {
            write!(text, ", heartbeat {} at {}", activity.heartbeats, Seconds::from(last))
        }
    };
    if let Some(details) = &activity.details {
        let _ = write!(text, ", details {}", quote(details));
    }
    if let Some(requested) = activity.cancel_requested_at {
        let _ = write!(text, ", cancel requested at {}", Seconds::from(requested));
    }
    if activity.recovered > 0 {
        let _ = write!(text, ", recovered {}× since", activity.recovered);
    }
    if !activity.suspended.is_zero() {
        let _ = write!(text, ", suspended for {}", Seconds::from(activity.suspended));
    }
    if timed_out.observed_at > timed_out.deadline {
        let _ = write!(text, ", observed at {}", Seconds::from(timed_out.observed_at));
    }
    text
}

fn tell_recovery(recover: &Recover, moved: usize) -> String {
    let mut text = recover.policy.name().to_owned();
    // Writing into a String cannot fail.
    if let Policy::Grace(grace) = recover.policy {
        let _ = write!(text, " {grace}");
    }
    if recover.spread.0 > 0 {
        let _ = write!(text, ", spread {}", recover.spread);
    }
    let _ = write!(text, " → {moved} heartbeat clocks moved");
    text
}

// What timers did is left out: that is about the wheel, which a snapshot makes anew, and not about activities.
fn summary(closing: &Closing) -> String {
    let Stats { scheduled, heartbeats, completed, failed, canceled, .. } = closing.stats;
    let Stats { timed_out, lateness, clock_regressions, .. } = closing.stats;
    let Closing { open, refused, .. } = closing;
    let waiting = match closing.next_deadline {
        Some(deadline) => {
            format!(", the next one due at {} (--drain runs the clock on)", Seconds::from(deadline))
        }
        None => String::new(),
    };
    [
        "Summary".to_owned(),
        format!("  activities  {scheduled} scheduled"),
        format!("  closed      {completed} completed, {failed} failed, {canceled} canceled, {} timed out", timed_out.total()),
        format!(
            "  timeouts    {} SCHEDULE_TO_START, {} SCHEDULE_TO_CLOSE, {} START_TO_CLOSE, {} HEARTBEAT",
            timed_out.schedule_to_start, timed_out.schedule_to_close, timed_out.start_to_close, timed_out.heartbeat
        ),
        format!(
            "  lateness    {} observed late, {} s in all, at most {} s",
            lateness.count,
            Seconds(lateness.sum_ms),
            Seconds(lateness.max_ms)
        ),
        format!("  open        {open}{waiting}"),
        format!("  commands    {heartbeats} heartbeats accepted, {refused} commands refused"),
        format!("  clock       {clock_regressions} steps back"),
    ]
    .join("\n")
}

fn quote(text: &str) -> String {
    format!("\"{}\"", printable(&shorten(text, TEXT_CHARS)))
}
