//! The reference model, written from the contract alone: a list of open activities with all their
//! instants, every deadline recomputed by scanning whenever it is asked for. No wheel, no cached
//! deadline, no helper of the crate; the crate's types appear as plain data only.

use core::time::Duration;

use heartwheel::{ActivityId, CommandError, Outcome, Stats, TimeoutType, Timeouts};

/// The four timeouts in milliseconds; `None` is NONE.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Limits {
    pub(crate) schedule_to_start: Option<u64>,
    pub(crate) schedule_to_close: Option<u64>,
    pub(crate) start_to_close: Option<u64>,
    pub(crate) heartbeat: Option<u64>,
    /// Hand the engine each duration one nanosecond short: rounding up must give the same.
    pub(crate) shaved: bool,
}

impl Limits {
    /// The same, as the crate takes them.
    pub(crate) fn timeouts(&self) -> Timeouts {
        let mut timeouts = Timeouts::NONE;
        if let Some(millis) = self.schedule_to_start {
            timeouts = timeouts.with_schedule_to_start(self.duration(millis));
        }
        if let Some(millis) = self.schedule_to_close {
            timeouts = timeouts.with_schedule_to_close(self.duration(millis));
        }
        if let Some(millis) = self.start_to_close {
            timeouts = timeouts.with_start_to_close(self.duration(millis));
        }
        if let Some(millis) = self.heartbeat {
            timeouts = timeouts.with_heartbeat(self.duration(millis));
        }
        timeouts
    }

    fn duration(&self, millis: u64) -> Duration {
        let whole = Duration::from_millis(millis);
        if self.shaved && millis > 0 {
            whole - Duration::from_nanos(1)
        } else {
            whole
        }
    }
}

/// What is known of one activity: the model's counterpart of the crate's evidence.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Story {
    pub(crate) id: ActivityId,
    pub(crate) key: u32,
    pub(crate) scheduled_at: u64,
    pub(crate) started_at: Option<u64>,
    pub(crate) last_heartbeat_at: Option<u64>,
    pub(crate) heartbeats: u64,
    pub(crate) details: Option<u32>,
    pub(crate) cancel_requested_at: Option<u64>,
}

/// One timeout, as `poll` delivers it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Expiry {
    pub(crate) timeout_type: TimeoutType,
    pub(crate) deadline: u64,
    pub(crate) observed_at: u64,
    pub(crate) story: Story,
}

/// What a command or one call of `poll` gives back, `Err` or not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Reply {
    Scheduled,
    ScheduleRefused { key: u32, max_open: u32 },
    ScheduleExhausted { key: u32 },
    Started,
    Beat { cancel_requested: bool, deadline: Option<(u64, TimeoutType)> },
    BeatRefused { details: Option<u32>, reason: CommandError },
    CancelRequested { first_requested_at: u64 },
    CanceledUnstarted(Story),
    Closed(Story),
    Refused(CommandError),
    Polled(Option<Expiry>),
}

impl Reply {
    /// Whether the command was refused.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::ScheduleRefused { .. }
                | Self::ScheduleExhausted { .. }
                | Self::BeatRefused { .. }
                | Self::Refused(_)
        )
    }
}

/// One open activity.
#[derive(Clone, Debug)]
pub(crate) struct Activity {
    pub(crate) story: Story,
    pub(crate) limits: Limits,
}

impl Activity {
    /// The nearest armed deadline and its type: the four in SWF's enum order, of which a later one
    /// is taken only if it is strictly earlier in time.
    pub(crate) fn deadline(&self) -> Option<(u64, TimeoutType)> {
        let mut nearest: Option<(u64, TimeoutType)> = None;
        let mut consider = |anchor: u64, limit: Option<u64>, timeout_type| {
            let Some(limit) = limit else { return };
            // Past the end of time: never comes, not armed.
            let Some(at) = anchor.checked_add(limit) else { return };
            match nearest {
                Some((best, _)) if best <= at => {}
                Some(_) | None => nearest = Some((at, timeout_type)),
            }
        };
        let (story, limits) = (&self.story, &self.limits);
        if let Some(started_at) = story.started_at {
            consider(started_at, limits.start_to_close, TimeoutType::StartToClose);
        } else {
            consider(story.scheduled_at, limits.schedule_to_start, TimeoutType::ScheduleToStart);
        }
        consider(story.scheduled_at, limits.schedule_to_close, TimeoutType::ScheduleToClose);
        if let Some(started_at) = story.started_at {
            let anchor = match story.last_heartbeat_at {
                Some(beat) if beat > started_at => beat,
                Some(_) | None => started_at,
            };
            consider(anchor, limits.heartbeat, TimeoutType::Heartbeat);
        }
        nearest
    }

    fn is_due(&self, now: u64) -> bool {
        self.deadline().is_some_and(|(at, _)| at <= now)
    }
}

/// The model of one engine.
#[derive(Debug)]
pub(crate) struct Model {
    max_open: u32,
    keeps_details: bool,
    now: u64,
    /// In order of scheduling.
    open: Vec<Activity>,
    /// All but `timers`, of which the model knows nothing.
    counts: Stats,
}

impl Model {
    pub(crate) fn new(max_open: u32, keeps_details: bool) -> Self {
        Self { max_open, keeps_details, now: 0, open: Vec::new(), counts: Stats::default() }
    }

    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    pub(crate) fn open(&self) -> &[Activity] {
        &self.open
    }

    pub(crate) fn counts(&self) -> Stats {
        self.counts
    }

    /// The earliest live deadline of all.
    pub(crate) fn earliest(&self) -> Option<u64> {
        let mut earliest = None;
        for activity in &self.open {
            if let Some((at, _)) = activity.deadline() {
                if earliest.is_none_or_later_than(at) {
                    earliest = Some(at);
                }
            }
        }
        earliest
    }

    /// `id` is the name the engine gave it; it stands in the story and decides nothing.
    pub(crate) fn schedule(
        &mut self,
        now: u64,
        key: u32,
        limits: Limits,
        id: Option<ActivityId>,
    ) -> Reply {
        self.see(now);
        if self.open.len() as u64 >= u64::from(self.max_open) {
            return Reply::ScheduleRefused { key, max_open: self.max_open };
        }
        self.counts.scheduled += 1;
        if let Some(id) = id {
            let story = Story {
                id,
                key,
                scheduled_at: self.now,
                started_at: None,
                last_heartbeat_at: None,
                heartbeats: 0,
                details: None,
                cancel_requested_at: None,
            };
            self.open.push(Activity { story, limits });
        }
        Reply::Scheduled
    }

    pub(crate) fn start(&mut self, now: u64, id: ActivityId) -> Reply {
        self.see(now);
        let Some(place) = self.settle(id) else {
            return Reply::Refused(CommandError::NotOpen { id });
        };
        if self.open[place].story.started_at.is_some() {
            return Reply::Refused(CommandError::AlreadyStarted { id });
        }
        self.open[place].story.started_at = Some(self.now);
        Reply::Started
    }

    pub(crate) fn heartbeat(&mut self, now: u64, id: ActivityId, details: Option<u32>) -> Reply {
        self.see(now);
        let Some(place) = self.settle(id) else {
            return Reply::BeatRefused { details, reason: CommandError::NotOpen { id } };
        };
        let story = &mut self.open[place].story;
        if story.started_at.is_none() {
            return Reply::BeatRefused { details, reason: CommandError::NotStarted { id } };
        }
        story.last_heartbeat_at = Some(self.now);
        story.heartbeats += 1;
        if details.is_some() || !self.keeps_details {
            story.details = details;
        }
        self.counts.heartbeats += 1;
        let activity = &self.open[place];
        let cancel_requested = activity.story.cancel_requested_at.is_some();
        Reply::Beat { cancel_requested, deadline: activity.deadline() }
    }

    pub(crate) fn request_cancel(&mut self, now: u64, id: ActivityId) -> Reply {
        self.see(now);
        let Some(place) = self.settle(id) else {
            return Reply::Refused(CommandError::NotOpen { id });
        };
        let story = &mut self.open[place].story;
        if story.cancel_requested_at.is_none() {
            story.cancel_requested_at = Some(self.now);
        }
        if story.started_at.is_some() {
            let first_requested_at = story.cancel_requested_at.unwrap_or(self.now);
            return Reply::CancelRequested { first_requested_at };
        }
        self.counts.canceled += 1;
        Reply::CanceledUnstarted(self.open.remove(place).story)
    }

    pub(crate) fn close(&mut self, now: u64, id: ActivityId, outcome: Outcome) -> Reply {
        self.see(now);
        let Some(place) = self.settle(id) else {
            return Reply::Refused(CommandError::NotOpen { id });
        };
        if self.open[place].story.started_at.is_none() {
            return Reply::Refused(CommandError::NotStarted { id });
        }
        match outcome {
            Outcome::Completed => self.counts.completed += 1,
            Outcome::Failed => self.counts.failed += 1,
            Outcome::Canceled => self.counts.canceled += 1,
            _ => unreachable!("an outcome that the model does not know"),
        }
        Reply::Closed(self.open.remove(place).story)
    }

    pub(crate) fn abandon(&mut self, now: u64, id: ActivityId) -> Reply {
        self.see(now);
        let Some(place) = self.settle(id) else {
            return Reply::Refused(CommandError::NotOpen { id });
        };
        self.counts.abandoned += 1;
        Reply::Closed(self.open.remove(place).story)
    }

    /// One call of `poll`: the due activity with the earliest deadline, of equals the one scheduled first.
    pub(crate) fn poll(&mut self, now: u64) -> Reply {
        self.see(now);
        let mut first: Option<(u64, TimeoutType, usize)> = None;
        for (place, activity) in self.open.iter().enumerate() {
            let Some((at, timeout_type)) = activity.deadline() else { continue };
            if at <= self.now && first.map_or(true, |(best, _, _)| at < best) {
                first = Some((at, timeout_type, place));
            }
        }
        let Some((deadline, timeout_type, place)) = first else { return Reply::Polled(None) };
        let story = self.open.remove(place).story;
        self.count_timeout(timeout_type, self.now - deadline);
        Reply::Polled(Some(Expiry { timeout_type, deadline, observed_at: self.now, story }))
    }

    /// Time never runs backwards.
    fn see(&mut self, now: u64) {
        if now < self.now {
            self.counts.clock_regressions += 1;
        } else {
            self.now = now;
        }
    }

    /// The place of an activity that is open and not due.
    fn settle(&self, id: ActivityId) -> Option<usize> {
        let place = self.open.iter().position(|activity| activity.story.id == id)?;
        if self.open[place].is_due(self.now) {
            None
        } else {
            Some(place)
        }
    }

    fn count_timeout(&mut self, timeout_type: TimeoutType, late_ms: u64) {
        let counts = &mut self.counts.timed_out;
        match timeout_type {
            TimeoutType::StartToClose => counts.start_to_close += 1,
            TimeoutType::ScheduleToStart => counts.schedule_to_start += 1,
            TimeoutType::ScheduleToClose => counts.schedule_to_close += 1,
            TimeoutType::Heartbeat => counts.heartbeat += 1,
        }
        let lateness = &mut self.counts.lateness;
        if late_ms > 0 {
            lateness.count += 1;
        }
        lateness.sum_ms = lateness.sum_ms.saturating_add(late_ms);
        if late_ms > lateness.max_ms {
            lateness.max_ms = late_ms;
        }
    }
}

/// Reads better than a nested `map_or`.
trait Earliest {
    fn is_none_or_later_than(&self, at: u64) -> bool;
}

impl Earliest for Option<u64> {
    fn is_none_or_later_than(&self, at: u64) -> bool {
        match *self {
            Some(best) => best > at,
            None => true,
        }
    }
}
