//! The reference model, written from the contract alone: a list of open activities with all their
//! instants, every deadline recomputed by scanning whenever it is asked for. No wheel, no cached
//! deadline, no helper of the crate; the crate's types appear as plain data only.

use core::time::Duration;

use heartwheel::{ActivityId, CommandError, Outcome, Recovery, Stats, TimeoutType, Timeouts};

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
    pub(crate) recovered: u32,
    pub(crate) suspended: u64,
    pub(crate) suspended_at: Option<u64>,
}

/// What a recovery does to heartbeat clocks, all in milliseconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Revival {
    pub(crate) policy: Policy,
    pub(crate) spread: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Policy {
    Absolute,
    Rearm,
    Grace(u64),
}

impl Revival {
    /// The same, as the crate takes it.
    pub(crate) fn recovery(&self) -> Recovery {
        let recovery = match self.policy {
            Policy::Absolute => Recovery::ABSOLUTE,
            Policy::Rearm => Recovery::REARM,
            Policy::Grace(millis) => Recovery::grace(Duration::from_millis(millis)),
        };
        recovery.with_spread(Duration::from_millis(self.spread))
    }

    /// The share of the spread of the activity scheduled as the n-th, by the formula of the documentation.
    fn share(&self, n: u64) -> u64 {
        let turned = (u128::from(n) * 0x9E37_79B9_7F4A_7C15) % (1 << 64);
        (turned * (u128::from(self.spread) + 1) / (1 << 64)) as u64
    }
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
    ScheduleRefused {
        key: u32,
        max_open: u32,
    },
    ScheduleExhausted {
        key: u32,
    },
    Started,
    Beat {
        cancel_requested: bool,
        deadline: Option<(u64, TimeoutType)>,
    },
    BeatRefused {
        details: Option<u32>,
        reason: CommandError,
    },
    CancelRequested {
        first_requested_at: u64,
    },
    CanceledUnstarted(Story),
    Closed(Story),
    Refused(CommandError),
    Polled(Option<Expiry>),
    Updated {
        deadline: Option<(u64, TimeoutType)>,
    },
    Suspended,
    Resumed {
        took: u64,
    },
    /// With what is handed back.
    JumpPending {
        from: u64,
        to: u64,
        key: Option<u32>,
        details: Option<u32>,
    },
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
                | Self::JumpPending { .. }
        )
    }
}

/// One open activity.
#[derive(Clone, Debug)]
pub(crate) struct Activity {
    pub(crate) story: Story,
    pub(crate) limits: Limits,
    /// How many were scheduled before it.
    order: u64,
    /// From when to when it was suspended.
    suspensions: Vec<(u64, u64)>,
    heartbeat_clock: Option<HeartbeatClock>,
}

/// What the heartbeat timeout is counted from, and since when suspensions move that.
#[derive(Clone, Copy, Debug)]
struct HeartbeatClock {
    anchor: u64,
    set_at: u64,
}

impl Activity {
    /// The nearest armed deadline and its type: the four in SWF's enum order, of which a later one
    /// is taken only if it is strictly earlier in time.
    pub(crate) fn deadline(&self) -> Option<(u64, TimeoutType)> {
        if self.story.suspended_at.is_some() {
            return None;
        }
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
        let scheduled_at = self.moved_on(story.scheduled_at, story.scheduled_at);
        if let Some(started_at) = story.started_at {
            let started_at = self.moved_on(started_at, started_at);
            consider(started_at, limits.start_to_close, TimeoutType::StartToClose);
        } else {
            consider(scheduled_at, limits.schedule_to_start, TimeoutType::ScheduleToStart);
        }
        consider(scheduled_at, limits.schedule_to_close, TimeoutType::ScheduleToClose);
        if let Some(clock) = self.heartbeat_clock {
            let anchor = self.moved_on(clock.anchor, clock.set_at);
            consider(anchor, limits.heartbeat, TimeoutType::Heartbeat);
        }
        nearest
    }

    /// An anchor that was set at some instant, moved on by all suspended time since then.
    fn moved_on(&self, anchor: u64, set_at: u64) -> u64 {
        let mut moved = anchor;
        for (from, to) in &self.suspensions {
            let from = if *from < set_at { set_at } else { *from };
            if *to > from {
                moved = moved.saturating_add(to - from);
            }
        }
        moved
    }

    /// The heartbeat clock after a recovery, if that moves it.
    fn revived(&self, now: u64, revival: &Revival) -> Option<HeartbeatClock> {
        let (clock, limit) = (self.heartbeat_clock?, self.limits.heartbeat?);
        if self.story.suspended_at.is_some() {
            return None;
        }
        let before = self.moved_on(clock.anchor, clock.set_at);
        let share = revival.share(self.order);
        let anchor = match (revival.policy, now.checked_add(limit), before.checked_add(limit)) {
            (Policy::Absolute, _, _) | (Policy::Grace(_), _, None) => return None,
            (Policy::Rearm, None, _) => now,
            (Policy::Rearm, Some(deadline), _) => deadline.saturating_add(share) - limit,
            (Policy::Grace(grace), _, Some(deadline)) => {
                let least = now.saturating_add(grace).saturating_add(share);
                if deadline >= least {
                    return None;
                }
                least - limit
            }
        };
        if anchor == before {
            return None;
        }
        Some(HeartbeatClock { anchor, set_at: now })
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
    max_jump: Option<u64>,
    now: u64,
    /// Whether any time was seen.
    seen: bool,
    /// In order of scheduling.
    open: Vec<Activity>,
    /// All but `timers`, of which the model knows nothing.
    counts: Stats,
}

impl Model {
    pub(crate) fn new(max_open: u32, keeps_details: bool) -> Self {
        Self {
            max_open,
            keeps_details,
            max_jump: None,
            now: 0,
            seen: false,
            open: Vec::new(),
            counts: Stats::default(),
        }
    }

    /// The same with a guard on jumps.
    pub(crate) fn with_max_jump(mut self, max_jump: Option<u64>) -> Self {
        self.max_jump = max_jump;
        self
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

    /// The nearest deadline of an open activity.
    pub(crate) fn deadline(&self, id: ActivityId) -> Option<(u64, TimeoutType)> {
        self.open.iter().find(|activity| activity.story.id == id)?.deadline()
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
        if let Some(Reply::JumpPending { from, to, .. }) = self.see(now) {
            return Reply::JumpPending { from, to, key: Some(key), details: None };
        }
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
                recovered: 0,
                suspended: 0,
                suspended_at: None,
            };
            self.open.push(Activity {
                story,
                limits,
                order: self.counts.scheduled - 1,
                suspensions: Vec::new(),
                heartbeat_clock: None,
            });
        }
        Reply::Scheduled
    }

    pub(crate) fn start(&mut self, now: u64, id: ActivityId) -> Reply {
        if let Some(pending) = self.see(now) {
            return pending;
        }
        let Some(place) = self.settle(id) else {
            return Reply::Refused(CommandError::NotOpen { id });
        };
        if self.open[place].story.started_at.is_some() {
            return Reply::Refused(CommandError::AlreadyStarted { id });
        }
        let activity = &mut self.open[place];
        activity.story.started_at = Some(self.now);
        activity.heartbeat_clock = Some(HeartbeatClock { anchor: self.now, set_at: self.now });
        Reply::Started
    }

    pub(crate) fn heartbeat(&mut self, now: u64, id: ActivityId, details: Option<u32>) -> Reply {
        if let Some(Reply::JumpPending { from, to, .. }) = self.see(now) {
            return Reply::JumpPending { from, to, key: None, details };
        }
        let Some(place) = self.settle(id) else {
            return Reply::BeatRefused { details, reason: CommandError::NotOpen { id } };
        };
        let story = &mut self.open[place].story;
        if story.started_at.is_none() {
            return Reply::BeatRefused { details, reason: CommandError::NotStarted { id } };
        }
        story.last_heartbeat_at = Some(self.now);
        story.heartbeats += 1;
        story.recovered = 0;
        if details.is_some() || !self.keeps_details {
            story.details = details;
        }
        self.counts.heartbeats += 1;
        let activity = &mut self.open[place];
        activity.heartbeat_clock = Some(HeartbeatClock { anchor: self.now, set_at: self.now });
        let cancel_requested = activity.story.cancel_requested_at.is_some();
        Reply::Beat { cancel_requested, deadline: activity.deadline() }
    }

    pub(crate) fn request_cancel(&mut self, now: u64, id: ActivityId) -> Reply {
        if let Some(pending) = self.see(now) {
            return pending;
        }
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
        if let Some(pending) = self.see(now) {
            return pending;
        }
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
        if let Some(pending) = self.see(now) {
            return pending;
        }
        let Some(place) = self.settle(id) else {
            return Reply::Refused(CommandError::NotOpen { id });
        };
        self.counts.abandoned += 1;
        Reply::Closed(self.open.remove(place).story)
    }

    pub(crate) fn update_timeouts(&mut self, now: u64, id: ActivityId, limits: Limits) -> Reply {
        if let Some(pending) = self.see(now) {
            return pending;
        }
        let Some(place) = self.settle(id) else {
            return Reply::Refused(CommandError::NotOpen { id });
        };
        self.open[place].limits = limits;
        Reply::Updated { deadline: self.open[place].deadline() }
    }

    pub(crate) fn suspend(&mut self, now: u64, id: ActivityId) -> Reply {
        if let Some(pending) = self.see(now) {
            return pending;
        }
        let Some(place) = self.settle(id) else {
            return Reply::Refused(CommandError::NotOpen { id });
        };
        let story = &mut self.open[place].story;
        if story.suspended_at.is_some() {
            return Reply::Refused(CommandError::AlreadySuspended { id });
        }
        story.suspended_at = Some(self.now);
        Reply::Suspended
    }

    pub(crate) fn resume(&mut self, now: u64, id: ActivityId) -> Reply {
        if let Some(pending) = self.see(now) {
            return pending;
        }
        let Some(place) = self.settle(id) else {
            return Reply::Refused(CommandError::NotOpen { id });
        };
        let activity = &mut self.open[place];
        let Some(from) = activity.story.suspended_at.take() else {
            return Reply::Refused(CommandError::NotSuspended { id });
        };
        activity.suspensions.push((from, self.now));
        activity.story.suspended += self.now - from;
        Reply::Resumed { took: self.now - from }
    }

    /// Says how many heartbeat clocks it moved.
    pub(crate) fn recover(&mut self, now: u64, revival: &Revival) -> usize {
        let since = self.now;
        // No jump is too far.
        if now < self.now {
            self.counts.clock_regressions += 1;
        } else {
            self.now = now;
            self.seen = true;
        }
        let mut moved = 0;
        for activity in &mut self.open {
            // What had come before the silence stands.
            if activity.is_due(since) {
                continue;
            }
            if let Some(clock) = activity.revived(self.now, revival) {
                activity.heartbeat_clock = Some(clock);
                activity.story.recovered += 1;
                moved += 1;
            }
        }
        moved
    }

    /// How many are due at an instant, which the newest time seen stands for if that is later.
    pub(crate) fn overdue(&self, now: u64) -> usize {
        let now = if now < self.now { self.now } else { now };
        self.open.iter().filter(|activity| activity.is_due(now)).count()
    }

    /// One call of `poll`: the due activity with the earliest deadline, of equals the one scheduled first.
    pub(crate) fn poll(&mut self, now: u64) -> Reply {
        if let Some(pending) = self.see(now) {
            return pending;
        }
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

    /// Time never runs backwards; a jump that is too far is not taken for seen, and is what to say.
    pub(crate) fn see(&mut self, now: u64) -> Option<Reply> {
        if now < self.now {
            self.counts.clock_regressions += 1;
            return None;
        }
        if let (true, Some(max_jump)) = (self.seen, self.max_jump) {
            // A guard of zero is one of a millisecond.
            if now - self.now > if max_jump == 0 { 1 } else { max_jump } {
                return Some(Reply::JumpPending {
                    from: self.now,
                    to: now,
                    key: None,
                    details: None,
                });
            }
        }
        self.now = now;
        self.seen = true;
        None
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
