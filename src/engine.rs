//! Orchestration only: each command clamps time, finds the activity, lets `activity` decide, and tells
//! the wheel. No rule of its own.

mod activities;
mod check;
mod clocks;
mod image;

use crate::activity::{Beat, Cancellation, Order, Origin};
use crate::wheel::Wheel;
use crate::{
    ActivityId, ActivityView, CancelOutcome, Closed, CommandError, Config, Deadline, Event,
    Heartbeat, HeartbeatError, Jump, MissingDetails, Outcome, ScheduleError, ScheduleRefusal,
    Stats, TimedOut, Timeouts, Timestamp,
};
pub(crate) use activities::Activities;

/// Heartbeats of a batch whose records are under way while one is worked on: about what a processor fetches at
/// a time. They are in as many pages, so far more would push each other out of its nearest table of pages.
const LOOK_AHEAD: usize = 24;

/// The engine: activities, their four timeouts, their heartbeats, their cancellation.
///
/// `K` is the host's own name for an activity, handed back in every event; `D` is what heartbeats
/// report. No bounds on either.
///
/// # Time
/// Every command and [`poll`](Self::poll) takes the current time. An older time than the newest seen
/// counts as the newest seen. The result of a command depends on times alone, never on whether or when
/// the host polled: an activity whose deadline has come is no longer open, delivered or not.
///
/// # Order of calls
/// Any. The usual loop drains `poll`, waits until [`next_wakeup`](Self::next_wakeup) or a command, and
/// begins again. Between two polls a host may issue as many commands as it likes.
///
/// # Cost
/// Commands take constant time, amortised. A heartbeat reads and writes one record of 32 bytes, touches
/// no timer (but the first one after a recovery may), and allocates nothing (but a page of counts, once in
/// 16,777,216 beats of one activity).
#[derive(Clone, Debug)]
pub struct Engine<K, D> {
    pub(crate) config: Config,
    pub(crate) now: Timestamp,
    /// Has any time been seen? The first one is no jump.
    pub(crate) has_seen: bool,
    /// How many milliseconds past `now` a time is believed.
    jump_limit: u64,
    pub(crate) activities: Activities<K, D>,
    wheel: Wheel,
    pub(crate) stats: Stats,
}

impl<K, D> Engine<K, D> {
    /// An engine without activities, which has seen no time yet: its newest instant is
    /// [`Timestamp::ZERO`]. Allocates about a kilobyte.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            now: Timestamp::ZERO,
            has_seen: false,
            jump_limit: config.jump_limit(),
            activities: Activities::new(),
            wheel: Wheel::new(config.geometry),
            stats: Stats::default(),
        }
    }

    /// Schedules an activity: SWF's ActivityTaskScheduled. Arms schedule-to-start and
    /// schedule-to-close.
    ///
    /// # Errors
    /// Hands the key back if as many activities are open as [`Config::with_max_open`] allows (those due
    /// but not yet polled count), or if the index space is used up. Nothing has been allocated then.
    pub fn schedule(
        &mut self,
        now: Timestamp,
        key: K,
        timeouts: Timeouts,
    ) -> Result<ActivityId, ScheduleError<K>> {
        let now = match self.observe(now) {
            Ok(now) => now,
            Err(jump) => {
                return Err(ScheduleError { key, reason: ScheduleRefusal::JumpPending(jump) })
            }
        };
        let max_open = self.config.max_open;
        if self.activities.len() >= max_open {
            return Err(ScheduleError { key, reason: ScheduleRefusal::AtCapacity { max_open } });
        }
        let order = Order::new(self.stats.scheduled);
        let Some((order, id)) = order.and_then(|order| Some((order, self.activities.vacancy()?)))
        else {
            return Err(ScheduleError { key, reason: ScheduleRefusal::Exhausted });
        };
        self.activities.schedule(now, id, Origin::new(key, now, order), &timeouts);
        self.stats.scheduled = self.stats.scheduled.saturating_add(1);
        self.arm(now, id.index);
        Ok(id)
    }

    /// A worker takes the task up: SWF's ActivityTaskStarted. Disarms schedule-to-start, arms
    /// start-to-close and heartbeat.
    ///
    /// # Errors
    /// [`CommandError::NotOpen`] and, for a second start, [`CommandError::AlreadyStarted`].
    pub fn start(&mut self, now: Timestamp, id: ActivityId) -> Result<(), CommandError> {
        let now = self.observe(now)?;
        let (before, after) = self.activities.start(now, id)?;
        if before.map(|deadline| deadline.at) != after.map(|deadline| deadline.at) {
            self.disarm(id.index);
            self.arm(now, id.index);
        }
        Ok(())
    }

    /// A worker reports progress: SWF's RecordActivityTaskHeartbeat. The heartbeat clock starts anew,
    /// no other clock moves, and the reply says whether cancellation is requested.
    ///
    /// `None` keeps the details reported before, unless the engine is configured otherwise
    /// ([`Config::with_missing_details`]).
    ///
    /// # Errors
    /// Hands the details back with [`CommandError::NotOpen`] or [`CommandError::NotStarted`].
    #[inline]
    pub fn heartbeat(
        &mut self,
        now: Timestamp,
        id: ActivityId,
        details: Option<D>,
    ) -> Result<Heartbeat, HeartbeatError<D>> {
        match self.observe(now) {
            Ok(now) => self.beat(now, id, details),
            Err(jump) => Err(HeartbeatError { details, reason: jump.into() }),
        }
    }

    /// The heartbeats of several activities at one `now`, in order: the same as one
    /// [`heartbeat`](Self::heartbeat) after the other, but for a `now` that is too old, which counts once.
    /// `details` and `reply` are called with the place in `ids`.
    ///
    /// With millions of activities a heartbeat mostly waits for memory. Here the waits overlap: the records
    /// of those that follow are under way while one is worked on, so that a batch costs a fraction of its
    /// heartbeats one by one. The feature `prefetch` fetches them by the processor's own instruction, on x86,
    /// which is faster still. A few hundred ids at a time are enough.
    ///
    /// ```
    /// # use heartwheel::{Config, Engine, Timeouts, Timestamp};
    /// # let mut engine: Engine<&str, String> = Engine::new(Config::default());
    /// # let now = Timestamp::from_millis(7);
    /// # let one = engine.schedule(now, "one", Timeouts::NONE)?;
    /// # engine.start(now, one)?;
    /// # let other = engine.schedule(now, "other", Timeouts::NONE)?;
    /// let mut batch = [(one, Some("10%".to_owned())), (other, None)];
    /// let ids = batch.each_ref().map(|(id, _)| *id);
    /// let mut replies = Vec::new();
    /// engine.heartbeats(now, &ids, |place| batch[place].1.take(), |_, reply| replies.push(reply));
    /// assert!(replies[0].as_ref().is_ok_and(|reply| !reply.cancel_requested));
    /// assert!(replies[1].is_err(), "it has not started");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn heartbeats(
        &mut self,
        now: Timestamp,
        ids: &[ActivityId],
        mut details: impl FnMut(usize) -> Option<D>,
        mut reply: impl FnMut(usize, Result<Heartbeat, HeartbeatError<D>>),
    ) {
        if ids.is_empty() {
            return;
        }
        let now = match self.observe(now) {
            Ok(now) => now,
            Err(jump) => {
                for place in 0..ids.len() {
                    let details = details(place);
                    reply(place, Err(HeartbeatError { details, reason: jump.into() }));
                }
                return;
            }
        };
        for id in ids.iter().take(LOOK_AHEAD) {
            self.activities.prefetch(*id);
        }
        for (place, id) in ids.iter().enumerate() {
            if let Some(id) = ids.get(place + LOOK_AHEAD) {
                self.activities.prefetch(*id);
            }
            reply(place, self.beat(now, *id, details(place)));
        }
    }

    /// Somebody asks for an activity to be canceled: SWF's RequestCancelActivityTask.
    ///
    /// One that has not started is closed as canceled. One that has goes on, its clocks too, and every
    /// later heartbeat's reply says that cancellation is requested. Repeating a request changes nothing.
    ///
    /// # Errors
    /// [`CommandError::NotOpen`].
    pub fn request_cancel(
        &mut self,
        now: Timestamp,
        id: ActivityId,
    ) -> Result<CancelOutcome<K, D>, CommandError> {
        let now = self.observe(now)?;
        let not_open = CommandError::NotOpen { id };
        let (record, timeouts) = self.activities.hot_parts(id).ok_or(not_open)?;
        match record.request_cancel(now, id, timeouts)? {
            Cancellation::Close => {
                let closed = self.end(id).ok_or(not_open)?;
                self.stats.canceled = self.stats.canceled.saturating_add(1);
                Ok(CancelOutcome::Canceled(Closed { cancel_requested_at: Some(now), ..closed }))
            }
            Cancellation::First => {
                self.activities.set_cancel_requested_at(id, now);
                Ok(CancelOutcome::Requested { first_requested_at: now })
            }
            Cancellation::Repeated => {
                let first_requested_at = self.activities.cancel_requested_at(id).ok_or(not_open)?;
                Ok(CancelOutcome::Requested { first_requested_at })
            }
        }
    }

    /// A worker's activity ends: SWF's RespondActivityTaskCompleted, Failed or Canceled. Hands back its
    /// key, its last details and its story. What the worker returned is the host's to keep.
    ///
    /// # Errors
    /// [`CommandError::NotOpen`], and [`CommandError::NotStarted`] for one that no worker has.
    pub fn close(
        &mut self,
        now: Timestamp,
        id: ActivityId,
        outcome: Outcome,
    ) -> Result<Closed<K, D>, CommandError> {
        let now = self.observe(now)?;
        let not_open = CommandError::NotOpen { id };
        let (record, timeouts) = self.activities.hot_parts(id).ok_or(not_open)?;
        record.may_close(now, id, timeouts)?;
        let closed = self.end(id).ok_or(not_open)?;
        match outcome {
            Outcome::Completed => self.stats.completed = self.stats.completed.saturating_add(1),
            Outcome::Failed => self.stats.failed = self.stats.failed.saturating_add(1),
            Outcome::Canceled => self.stats.canceled = self.stats.canceled.saturating_add(1),
        }
        Ok(closed)
    }

    /// The host no longer wants the activity, started or not: its workflow has closed, say. There is no
    /// event, its clocks stop and its id is dead.
    ///
    /// # Errors
    /// [`CommandError::NotOpen`].
    pub fn abandon(
        &mut self,
        now: Timestamp,
        id: ActivityId,
    ) -> Result<Closed<K, D>, CommandError> {
        let now = self.observe(now)?;
        let not_open = CommandError::NotOpen { id };
        let (record, timeouts) = self.activities.hot_parts(id).ok_or(not_open)?;
        record.settle(now, id, timeouts)?;
        let closed = self.end(id).ok_or(not_open)?;
        self.stats.abandoned = self.stats.abandoned.saturating_add(1);
        Ok(closed)
    }

    /// The next event that is due at `now`, one a call, in the order of (deadline, scheduling); `None`
    /// once all are delivered.
    ///
    /// Pass the current time, not the wake-up you were given.
    ///
    /// With a [guard on jumps](Config::with_max_jump) every call at a time that is too far ahead gives
    /// [`Event::JumpPending`]: leave the loop then, and recover or read the clock again.
    ///
    /// # Cost
    /// Repeated at one `now`: constant, whatever the population. A step of time costs in proportion to
    /// the timers it passes, not to the time. While polls come a millisecond apart no call moves a whole
    /// upper slot of the wheel; after a pause, one call pays for all that the pause passed. The first
    /// call at an instant sorts what falls due in that millisecond.
    #[must_use = "an event is handed over once"]
    pub fn poll(&mut self, now: Timestamp) -> Option<Event<K, D>> {
        let now = match self.observe(now) {
            Ok(now) => now,
            Err(jump) => return Some(Event::JumpPending(jump)),
        };
        let index = self.wheel.poll(now.as_millis(), &mut self.activities)?;
        let (deadline, activity) = self.activities.remove_due(index)?;
        self.stats.timed_out.add(deadline.timeout_type);
        self.stats.lateness.add(now.as_millis().saturating_sub(deadline.at.as_millis()));
        Some(Event::TimedOut(TimedOut {
            timeout_type: deadline.timeout_type,
            deadline: deadline.at,
            observed_at: now,
            activity,
        }))
    }

    /// When to call [`poll`](Self::poll) next: never later than the earliest deadline, `None` only if
    /// nothing is armed.
    ///
    /// After a drain at `now` it is later than `now`. A wake-up either fires something or moves timers:
    /// an activity's timer wakes the host once on each level of the wheel that it passes (at most two
    /// levels for deadlines within sixteen minutes), and once more at a deadline that heartbeats have moved.
    /// Constant time, no scan.
    ///
    /// With a [guard on jumps](Config::with_max_jump) it is never further ahead than a time is believed.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        let believed = if self.has_seen { self.jump_limit } else { u64::MAX };
        let furthest = self.now.as_millis().saturating_add(believed);
        self.wheel.next_wakeup().map(|wakeup| Timestamp::from_millis(wakeup.min(furthest)))
    }

    /// The newest time seen.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// An open activity, as it stands; `None` once it is closed. One that is due but not yet polled is
    /// still shown, with its passed deadline.
    #[must_use]
    pub fn activity(&self, id: ActivityId) -> Option<ActivityView<'_, K, D>> {
        self.activities.view(id)
    }

    /// Every open activity, by index: an order that means nothing, but is always the same.
    pub fn activities(&self) -> impl Iterator<Item = ActivityView<'_, K, D>> {
        self.activities.iter()
    }

    /// How many activities are open, those due but not yet polled included.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.activities.len() as usize
    }

    /// Is no activity open?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.activities.len() == 0
    }

    /// Totals since the engine was made.
    #[must_use]
    pub const fn stats(&self) -> Stats {
        let mut stats = self.stats;
        stats.timers = self.wheel.stats();
        stats
    }

    /// The choices that the engine was made with.
    #[must_use]
    pub const fn config(&self) -> Config {
        self.config
    }

    /// Gives back the memory that closed activities took, and rebuilds the timer wheel. Ids stay good,
    /// those of dead activities stay dead. Records do not move: a stretch of 65,536 slots is given back
    /// once none of them is open. Costs in proportion to the slots in use.
    pub fn shrink_to_fit(&mut self) {
        self.activities.shrink_to_fit();
        self.rearm_all();
    }

    /// The engine of a snapshot, its wheel made anew.
    #[cfg(feature = "serde")]
    pub(crate) fn restored(
        config: Config,
        newest: Option<Timestamp>,
        stats: Stats,
        activities: Activities<K, D>,
    ) -> Self {
        let mut engine = Self { stats, activities, ..Self::new(config) };
        if let Some(newest) = newest {
            engine.now = newest;
            engine.has_seen = true;
        }
        engine.rearm_all();
        engine
    }

    /// Time never runs backwards, and no further ahead at once than the host believes.
    #[inline]
    fn observe(&mut self, now: Timestamp) -> Result<Timestamp, Jump> {
        let ahead = now.as_millis().saturating_sub(self.now.as_millis());
        if ahead > self.jump_limit && self.has_seen {
            return Err(Jump { from: self.now, to: now });
        }
        Ok(self.accept(now))
    }

    /// The same without a limit.
    #[inline]
    fn accept(&mut self, now: Timestamp) -> Timestamp {
        if now < self.now {
            self.stats.clock_regressions = self.stats.clock_regressions.saturating_add(1);
        } else {
            self.now = now;
            self.has_seen = true;
        }
        self.now
    }

    #[inline]
    fn beat(
        &mut self,
        now: Timestamp,
        id: ActivityId,
        details: Option<D>,
    ) -> Result<Heartbeat, HeartbeatError<D>> {
        let beat = match self.activities.beat_on(now, id) {
            Some(beat) => beat,
            None => match self.settled_heartbeat(now, id) {
                Ok(beat) => beat,
                Err(reason) => return Err(HeartbeatError { details, reason }),
            },
        };
        self.stats.heartbeats = self.stats.heartbeats.saturating_add(1);
        if beat.is_full {
            self.activities.carry_beats(id);
        }
        if details.is_some() || self.config.missing_details == MissingDetails::Clear {
            self.activities.set_details(id, details);
        }
        Ok(beat.reply)
    }

    /// A heartbeat by the full rule, for whatever the quick test leaves open.
    #[cold]
    fn settled_heartbeat(&mut self, now: Timestamp, id: ActivityId) -> Result<Beat, CommandError> {
        let (before, beat) = self.activities.heartbeat(now, id)?;
        // A recovery may have put the clock further ahead than a heartbeat does.
        self.follow(now, id.index, before, beat.reply.deadline);
        Ok(beat)
    }

    /// Arms the timer of an activity that has none armed, if it has a deadline.
    fn arm(&mut self, now: Timestamp, index: u32) {
        self.activities.forget_place(index);
        if let Some(deadline) = self.activities.deadline_of(index) {
            let deadline = deadline.at.as_millis();
            self.wheel.arm(now.as_millis(), index, deadline, &mut self.activities);
        }
    }

    /// Has the timer of an activity follow its deadline. To a later one it comes by itself, when it is visited.
    fn follow(
        &mut self,
        now: Timestamp,
        index: u32,
        before: Option<Deadline>,
        after: Option<Deadline>,
    ) {
        let comes_by_itself =
            before.is_some_and(|before| after.is_some_and(|after| before.at <= after.at));
        if !comes_by_itself {
            self.disarm(index);
            self.arm(now, index);
        }
    }

    /// Makes the wheel anew.
    fn rearm_all(&mut self) {
        self.wheel.clear();
        let mut next = 0;
        while let Some(index) = self.activities.slot_from(next) {
            next = index + 1;
            if let Some(deadline) = self.activities.deadline_of(index) {
                let deadline = deadline.at.as_millis();
                self.wheel.rearm(self.now.as_millis(), index, deadline, &mut self.activities);
            }
        }
    }

    /// Takes the timer of an activity out, if one is armed.
    fn disarm(&mut self, index: u32) {
        if let Some(place) = self.activities.place(index) {
            self.wheel.disarm(place, &mut self.activities);
            self.activities.forget_place(index);
        }
    }

    /// Ends an open activity by a command.
    fn end(&mut self, id: ActivityId) -> Option<Closed<K, D>> {
        self.disarm(id.index);
        self.activities.remove(id.index)
    }
}

impl<K, D> Default for Engine<K, D> {
    fn default() -> Self {
        Self::new(Config::DEFAULT)
    }
}
