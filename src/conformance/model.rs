//! The reference model, written from the [contract](crate#the-contract) alone: a list of open activities with
//! all their instants, every deadline recomputed by scanning whenever it is asked for. No wheel, no cached
//! deadline, no helper of the engine; the engine's types appear as plain data only.

mod activity;
mod apply;

use alloc::vec::Vec;

pub use activity::{Activity, Story};

use super::profile::{Driving, Due, HeartbeatStart, LateCalls};
use super::{Limits, Policy, Profile, Refusal};
use crate::{MissingDetails, Outcome, Stats, TimeoutType};
use activity::HeartbeatClock;

/// One timeout, as [`Model::poll`] delivers it.
#[allow(clippy::exhaustive_structs, reason = "what the contract says of it, to be compared whole")]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Expiry {
    /// Which timeout.
    pub timeout_type: TimeoutType,
    /// The instant it fell due.
    pub deadline: u64,
    /// The newest time seen.
    pub observed_at: u64,
    /// The activity as it was at its end.
    pub story: Story,
}

/// The reply to an accepted heartbeat.
#[allow(clippy::exhaustive_structs, reason = "what the contract says of it, to be compared whole")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Beat {
    /// Cancellation has been requested.
    pub cancel_requested: bool,
    /// The nearest deadline from here on.
    pub deadline: Option<(u64, TimeoutType)>,
}

/// What became of a request to cancel.
#[allow(clippy::exhaustive_enums, reason = "sentence 7 has these two")]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Cancel {
    /// It had not started: it is closed.
    Closed(Story),
    /// It runs on.
    Requested {
        /// The instant of the first request.
        first_requested_at: u64,
    },
}

/// The part of a profile that changes what happens.
#[derive(Clone, Copy, Debug)]
struct Rules {
    max_open: u32,
    max_jump: Option<u64>,
    missing_details: MissingDetails,
    due: Due,
    heartbeat_start: HeartbeatStart,
    late_calls: LateCalls,
    driving: Driving,
}

impl Rules {
    /// Whether a deadline has come by `now`.
    const fn has_come(&self, deadline: u64, now: u64) -> bool {
        match self.due {
            Due::AtDeadline => deadline <= now,
            Due::AfterDeadline => deadline < now,
        }
    }
}

/// The model of one implementation.
///
/// Times are in milliseconds. Every command says whether it is accepted and what comes of it, and changes
/// nothing but the newest time seen if it is not; [`apply`](Self::apply) does an [`Operation`](super::Operation).
#[derive(Clone, Debug)]
pub struct Model {
    rules: Rules,
    now: u64,
    /// Whether any time was seen.
    seen: bool,
    /// In order of scheduling.
    open: Vec<Activity>,
    /// All but `timers`, of which the model knows nothing.
    counts: Stats,
}

impl Model {
    /// Nothing is scheduled, no time was seen.
    pub fn new(profile: &Profile) -> Self {
        let rules = Rules {
            max_open: profile.max_open,
            max_jump: profile.max_jump,
            missing_details: profile.missing_details,
            due: profile.due,
            heartbeat_start: profile.heartbeat_start,
            late_calls: profile.late_calls,
            driving: profile.driving,
        };
        Self { rules, now: 0, seen: false, open: Vec::new(), counts: Stats::default() }
    }

    /// The newest time seen.
    pub const fn now(&self) -> u64 {
        self.now
    }

    /// What is open, in order of scheduling. One that is due but not delivered counts as open.
    pub fn open(&self) -> &[Activity] {
        &self.open
    }

    /// The open activity of a number.
    pub fn activity(&self, activity: u32) -> Option<&Activity> {
        self.open.iter().find(|open| open.story.activity == activity)
    }

    /// What happened so far, in numbers. Of timers the model knows nothing.
    pub const fn counts(&self) -> Stats {
        self.counts
    }

    /// The nearest deadline of an open activity.
    pub fn deadline(&self, activity: u32) -> Option<(u64, TimeoutType)> {
        self.activity(activity)?.deadline()
    }

    /// The earliest live deadline of all.
    pub fn earliest(&self) -> Option<u64> {
        let mut earliest: Option<u64> = None;
        for activity in &self.open {
            if let Some((at, _)) = activity.deadline() {
                if earliest.is_none_or_later_than(at) {
                    earliest = Some(at);
                }
            }
        }
        earliest
    }

    /// How many are due at an instant, which the newest time seen stands for if that is later.
    pub fn overdue(&self, now: u64) -> usize {
        let now = if now < self.now { self.now } else { now };
        self.open.iter().filter(|activity| activity.is_due(now, &self.rules)).count()
    }

    /// Schedules an activity under a number that none had before.
    ///
    /// # Errors
    ///
    /// If as many are open as may be, or the time is not believed.
    pub fn schedule(&mut self, now: u64, activity: u32, limits: Limits) -> Result<(), Refusal> {
        self.see(now)?;
        if self.open.len() as u64 >= u64::from(self.rules.max_open) {
            return Err(Refusal::AtCapacity);
        }
        let mut scheduled = Activity::new(activity, self.now, limits, self.counts.scheduled);
        if self.rules.heartbeat_start == HeartbeatStart::Schedule {
            scheduled.heartbeat_clock = Some(HeartbeatClock::set(self.now));
        }
        self.open.push(scheduled);
        self.counts.scheduled += 1;
        Ok(())
    }

    /// Starts an activity.
    ///
    /// # Errors
    ///
    /// If it is not open or has started, or the time is not believed.
    pub fn start(&mut self, now: u64, activity: u32) -> Result<(), Refusal> {
        self.see(now)?;
        let place = self.settle(activity)?;
        let (now, starts) = (self.now, self.rules.heartbeat_start);
        let activity = &mut self.open[place];
        if activity.story.started_at.is_some() {
            return Err(Refusal::AlreadyStarted);
        }
        activity.story.started_at = Some(now);
        if starts == HeartbeatStart::Start {
            activity.heartbeat_clock = Some(HeartbeatClock::set(now));
        }
        Ok(())
    }

    /// Takes a heartbeat.
    ///
    /// # Errors
    ///
    /// If the activity is not open or has not started, or the time is not believed.
    pub fn heartbeat(
        &mut self,
        now: u64,
        activity: u32,
        details: Option<u32>,
    ) -> Result<Beat, Refusal> {
        self.see(now)?;
        let place = self.settle(activity)?;
        let now = self.now;
        let activity = &mut self.open[place];
        let story = &mut activity.story;
        if story.started_at.is_none() {
            return Err(Refusal::NotStarted);
        }
        story.last_heartbeat_at = Some(now);
        story.heartbeats += 1;
        story.recovered = 0;
        if details.is_some() || self.rules.missing_details == MissingDetails::Clear {
            story.details = details;
        }
        self.counts.heartbeats += 1;
        let cancel_requested = story.cancel_requested_at.is_some();
        activity.heartbeat_clock = Some(HeartbeatClock::set(now));
        Ok(Beat { cancel_requested, deadline: activity.deadline() })
    }

    /// Notes a request to cancel, and closes an activity that has not started.
    ///
    /// # Errors
    ///
    /// If it is not open, or the time is not believed.
    pub fn request_cancel(&mut self, now: u64, activity: u32) -> Result<Cancel, Refusal> {
        self.see(now)?;
        let place = self.settle(activity)?;
        let now = self.now;
        let story = &mut self.open[place].story;
        let first_requested_at = *story.cancel_requested_at.get_or_insert(now);
        if story.started_at.is_some() {
            return Ok(Cancel::Requested { first_requested_at });
        }
        self.counts.canceled += 1;
        Ok(Cancel::Closed(self.open.remove(place).story))
    }

    /// Closes an activity that has started.
    ///
    /// # Errors
    ///
    /// If it is not open or has not started, or the time is not believed.
    pub fn close(&mut self, now: u64, activity: u32, outcome: Outcome) -> Result<Story, Refusal> {
        self.see(now)?;
        let place = self.settle(activity)?;
        if self.open[place].story.started_at.is_none() {
            return Err(Refusal::NotStarted);
        }
        match outcome {
            Outcome::Completed => self.counts.completed += 1,
            Outcome::Failed => self.counts.failed += 1,
            Outcome::Canceled => self.counts.canceled += 1,
        }
        Ok(self.open.remove(place).story)
    }

    /// Drops an activity, started or not.
    ///
    /// # Errors
    ///
    /// If it is not open, or the time is not believed.
    pub fn abandon(&mut self, now: u64, activity: u32) -> Result<Story, Refusal> {
        self.see(now)?;
        let place = self.settle(activity)?;
        self.counts.abandoned += 1;
        Ok(self.open.remove(place).story)
    }

    /// Gives an activity other timeouts, and says what its nearest deadline is then.
    ///
    /// # Errors
    ///
    /// If it is not open, or the time is not believed.
    pub fn update_timeouts(
        &mut self,
        now: u64,
        activity: u32,
        limits: Limits,
    ) -> Result<Option<(u64, TimeoutType)>, Refusal> {
        self.see(now)?;
        let place = self.settle(activity)?;
        self.open[place].limits = limits;
        Ok(self.open[place].deadline())
    }

    /// Stops an activity's clocks.
    ///
    /// # Errors
    ///
    /// If it is not open or is suspended, or the time is not believed.
    pub fn suspend(&mut self, now: u64, activity: u32) -> Result<(), Refusal> {
        self.see(now)?;
        let place = self.settle(activity)?;
        let story = &mut self.open[place].story;
        if story.suspended_at.is_some() {
            return Err(Refusal::AlreadySuspended);
        }
        story.suspended_at = Some(self.now);
        Ok(())
    }

    /// Lets an activity's clocks go on, and says for how long they stood.
    ///
    /// # Errors
    ///
    /// If it is not open or is not suspended, or the time is not believed.
    pub fn resume(&mut self, now: u64, activity: u32) -> Result<u64, Refusal> {
        self.see(now)?;
        let place = self.settle(activity)?;
        let now = self.now;
        let activity = &mut self.open[place];
        let from = activity.story.suspended_at.take().ok_or(Refusal::NotSuspended)?;
        activity.suspensions.push((from, now));
        activity.story.suspended += now - from;
        Ok(now - from)
    }

    /// Comes back from a silence, and says how many heartbeat clocks that moved.
    pub fn recover(&mut self, now: u64, policy: Policy, spread: u64) -> usize {
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
            if activity.is_due(since, &self.rules) {
                continue;
            }
            if let Some(clock) = activity.revived(self.now, policy, spread) {
                activity.heartbeat_clock = Some(clock);
                activity.story.recovered += 1;
                moved += 1;
            }
        }
        moved
    }

    /// Delivers one timeout: of the due activity with the earliest deadline, of equals the one scheduled first.
    ///
    /// # Errors
    ///
    /// If the time is not believed.
    pub fn poll(&mut self, now: u64) -> Result<Option<Expiry>, Refusal> {
        self.see(now)?;
        let mut first: Option<(u64, TimeoutType, usize)> = None;
        for (place, activity) in self.open.iter().enumerate() {
            let Some((at, timeout_type)) = activity.deadline() else { continue };
            let earlier = first.map_or(true, |(best, _, _)| at < best);
            if earlier && self.rules.has_come(at, self.now) {
                first = Some((at, timeout_type, place));
            }
        }
        let Some((deadline, timeout_type, place)) = first else { return Ok(None) };
        let story = self.open.remove(place).story;
        self.count_timeout(timeout_type, self.now - deadline);
        Ok(Some(Expiry { timeout_type, deadline, observed_at: self.now, story }))
    }

    /// Time never runs backwards; a jump that is too far is not taken for seen.
    ///
    /// # Errors
    ///
    /// If the time is not believed.
    pub fn see(&mut self, now: u64) -> Result<(), Refusal> {
        if now < self.now {
            self.counts.clock_regressions += 1;
            return Ok(());
        }
        if let (true, Some(max_jump)) = (self.seen, self.rules.max_jump) {
            // A guard of zero is one of a millisecond.
            if now - self.now > if max_jump == 0 { 1 } else { max_jump } {
                return Err(Refusal::JumpPending);
            }
        }
        self.now = now;
        self.seen = true;
        Ok(())
    }

    /// The place of an activity that is open and may still be called.
    fn settle(&self, activity: u32) -> Result<usize, Refusal> {
        let place = self.open.iter().position(|open| open.story.activity == activity);
        let place = place.ok_or(Refusal::NotOpen)?;
        let is_late = self.open[place].is_due(self.now, &self.rules);
        if is_late && self.rules.late_calls != LateCalls::Accepted {
            return Err(Refusal::NotOpen);
        }
        Ok(place)
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
