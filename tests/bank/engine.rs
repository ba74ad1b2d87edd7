//! The engine of the bank: correct by itself, wrong in one place with a fault. It has nothing in common with the
//! crate's own but the contract.

mod commands;
mod recovery;
mod snapshot;

use crate::bank::activity::{Activity, TimeoutType};
use crate::bank::fault::Fault;
use crate::bank::slab::{Id, Slab};
use crate::bank::wheel::{Timer, Wheel};

pub(crate) use commands::CancelOutcome;
pub(crate) use recovery::Policy;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Config {
    pub(crate) max_open: u32,
    /// Whether a heartbeat without details keeps those reported before.
    pub(crate) keeps_details: bool,
    /// The guard on jumps, in milliseconds.
    pub(crate) max_jump: Option<u64>,
}

/// Why nothing was done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Refusal {
    NotOpen,
    NotStarted,
    AlreadyStarted,
    AlreadySuspended,
    NotSuspended,
    AtCapacity,
    JumpPending,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct TimedOut {
    pub(crate) timeout_type: TimeoutType,
    pub(crate) deadline: u64,
    pub(crate) observed_at: u64,
    pub(crate) activity: Activity,
}

#[derive(Debug)]
pub(crate) struct Engine {
    fault: Option<Fault>,
    config: Config,
    /// The newest time seen, and whether there was any.
    now: u64,
    has_seen: bool,
    /// The time of the last call, which may be older.
    called_at: u64,
    next_order: u64,
    slab: Slab,
    wheel: Wheel,
    /// What has expired and was not fetched yet, in order.
    due: Vec<Timer>,
    was_restored: bool,
}

impl Engine {
    pub(crate) fn new(mut config: Config, fault: Option<Fault>) -> Self {
        // With a guard of zero time could not go on.
        config.max_jump = config.max_jump.map(|max_jump| max_jump.max(1));
        Self {
            fault,
            config,
            now: 0,
            has_seen: false,
            called_at: 0,
            next_order: 0,
            slab: Slab::default(),
            wheel: Wheel::new(0, fault),
            due: Vec::new(),
            was_restored: false,
        }
    }

    pub(crate) fn next_wakeup(&self) -> Option<u64> {
        if self.fault != Some(Fault::ExpiredStackIsNotConsidered) {
            if let Some(first) = self.due.first() {
                return Some(first.deadline);
            }
        }
        let wakeup = self.wheel.wakeup?;
        if self.fault == Some(Fault::WaitInTheWrongUnit) {
            return Some(self.now + wakeup.saturating_sub(self.now) / 1_000_000);
        }
        if self.fault == Some(Fault::WaitOf68YearsPanics) {
            let seconds = wakeup.saturating_sub(self.now) / 1_000;
            let _seconds = i32::try_from(seconds).expect("a wait in seconds fits 32 bits");
        }
        if self.fault == Some(Fault::WaitByTheWallClock) {
            return Some(wakeup.saturating_add(self.now.saturating_sub(self.called_at)));
        }
        let believed = self.config.max_jump.filter(|_| self.has_seen).unwrap_or(u64::MAX);
        Some(wakeup.min(self.now.saturating_add(believed)))
    }

    /// Up to `limit` timeouts that `now` has brought.
    pub(crate) fn drain(&mut self, now: u64, limit: usize) -> Result<Vec<TimedOut>, Refusal> {
        self.see(now)?;
        let mut events = Vec::new();
        while events.len() < limit {
            let Some(event) = self.next_event() else { return Ok(events) };
            events.push(event);
        }
        if self.fault == Some(Fault::RestOfTheBatchIsDropped) {
            self.due.clear();
        }
        if self.fault == Some(Fault::RestIsLinkedBehindTheCursor) {
            self.wheel.now = self.wheel.now.saturating_add(1);
            for timer in core::mem::take(&mut self.due) {
                self.wheel.insert(timer);
            }
        }
        Ok(events)
    }

    fn next_event(&mut self) -> Option<TimedOut> {
        self.collect();
        if self.due.is_empty() {
            return None;
        }
        let mut timer = self.due.remove(0);
        if self.fault == Some(Fault::RemovalReturnsTheNext) {
            timer = self.due.first().copied().unwrap_or(timer);
        }
        let mut activity = self.slab.close(timer.index);
        let deadline = activity.deadline(self.fault);
        let timeout_type = deadline.map_or(TimeoutType::Heartbeat, |nearest| nearest.timeout_type);
        if self.fault == Some(Fault::DetailsOnlyOnHeartbeatTimeout)
            && timeout_type != TimeoutType::Heartbeat
        {
            activity.details = None;
        }
        if self.fault == Some(Fault::HeartbeatTimeNotTold) {
            activity.last_heartbeat_at = None;
        }
        let deadline = timer.deadline;
        Some(TimedOut { timeout_type, deadline, observed_at: self.now, activity })
    }

    /// Lets the wheel run until something is due, or it has come to the newest time seen.
    fn collect(&mut self) {
        let mut target = self.now;
        if self.fault == Some(Fault::EarlyReturnOfTheWaitFires) {
            let wakeup = self.wheel.wakeup.unwrap_or(target);
            target = target.max(wakeup.min(target.saturating_add(15)));
        }
        let mut has_moved = false;
        while self.due.is_empty() || self.fault == Some(Fault::BatchInOrderOfCreation) {
            let expired = self.wheel.advance(target);
            if expired.is_empty() {
                break;
            }
            self.sort_out(expired, &mut has_moved);
            if self.fault == Some(Fault::SmallBatchIsTakenForTheLast) {
                break;
            }
        }
        match self.fault {
            Some(Fault::BatchInOrderOfCreation) => self.due.sort_by_key(|timer| timer.order),
            Some(Fault::CascadeReversesASlot) => {}
            Some(Fault::HeapIsNotStable) => {
                self.due.sort_by_key(|timer| (timer.deadline, timer.index))
            }
            _ => self.sort_due(),
        }
    }

    /// Timers that have expired are due, but for those whose deadline has moved since they were armed.
    fn sort_out(&mut self, expired: Vec<Timer>, has_moved: &mut bool) {
        for timer in expired {
            let activity = &self.slab.slots[timer.index].activity;
            match activity.deadline(self.fault) {
                Some(deadline)
                    if deadline.at > timer.deadline
                        && self.fault != Some(Fault::NoCheckBeforeActing) =>
                {
                    if self.fault == Some(Fault::TimerIsNotCreatedAgain)
                        || self.fault == Some(Fault::OneTimerIsCreatedAgain) && *has_moved
                    {
                        continue;
                    }
                    *has_moved = true;
                    self.wheel.arm(timer.index, activity.order, Some(deadline.at));
                }
                Some(_) => self.due.push(timer),
                // Cannot be: what has no deadline has no timer.
                None => {}
            }
        }
    }

    fn sort_due(&mut self) {
        self.due.sort_by_key(|timer| (timer.deadline, timer.order));
    }

    /// Time never runs backwards, and a jump too far is not believed.
    fn see(&mut self, now: u64) -> Result<(), Refusal> {
        if self.fault == Some(Fault::ClockStepPanics) {
            assert!(now >= self.now, "supplied instant is later than self");
        }
        if let (true, Some(max_jump)) = (self.has_seen, self.config.max_jump) {
            if now.saturating_sub(self.now) > max_jump {
                return Err(Refusal::JumpPending);
            }
        }
        self.accept(now);
        Ok(())
    }

    fn accept(&mut self, now: u64) {
        self.has_seen = true;
        self.now = self.now.max(now);
        self.called_at = now;
    }

    /// The place of an activity that is open and not due.
    fn settle(&mut self, id: Id) -> Result<usize, Refusal> {
        let index = self.slab.find(id, self.fault).ok_or(Refusal::NotOpen)?;
        let expired = self.due.iter().position(|timer| timer.index == index);
        if self.fault == Some(Fault::RemovalOfTheExpiredPanics) && expired.is_some() {
            self.wheel.remove(index);
        }
        if self.fault == Some(Fault::BatchCannotBeStopped) && expired.is_some() {
            return Ok(index);
        }
        if !self.slab.slots[index].activity.is_due(self.now, self.fault) {
            return Ok(index);
        }
        if let (Some(Fault::DescheduleCutsTheChain), Some(place)) = (self.fault, expired) {
            self.due.truncate(place + 1);
        }
        Err(Refusal::NotOpen)
    }

    /// Arms the timer of an activity that has none.
    fn arm(&mut self, index: usize) {
        let activity = &self.slab.slots[index].activity;
        let order = activity.order;
        let deadline = activity.deadline(self.fault).map(|deadline| deadline.at);
        if self.fault == Some(Fault::InsertAtTheEndPanics) && deadline.is_some() {
            assert!(self.wheel.now < u64::MAX, "elapsed is already at its end");
        }
        let Some(at) = deadline.filter(|at| self.has_expired(*at)) else {
            self.wheel.arm(index, order, deadline);
            return;
        };
        match self.fault {
            Some(Fault::PastTimerWaitsALap | Fault::PastTimerRewindsTheClock) => {
                self.wheel.arm(index, order, deadline);
                return;
            }
            Some(Fault::PastTimerRunsTwice) => self.wheel.arm(index, order, deadline),
            _ => {}
        }
        self.due.push(Timer { deadline: at, order, index });
        self.sort_due();
    }

    /// Whether the wheel has come past a deadline.
    fn has_expired(&self, deadline: u64) -> bool {
        if self.fault == Some(Fault::CurrentTickIsNow) {
            return deadline / 4 <= self.wheel.now / 4;
        }
        deadline <= self.wheel.now
    }

    /// Brings the timer in step with a deadline that has changed: at once if it is nearer, or gone; one that is
    /// further off is looked at when the timer expires.
    fn rearm(&mut self, index: usize) {
        let activity = &self.slab.slots[index].activity;
        let deadline = activity.deadline(self.fault).map(|deadline| deadline.at);
        match (self.wheel.armed(index), deadline) {
            (Some(armed), Some(at)) if armed <= at => {}
            (Some(_), Some(at)) if !self.has_expired(at) => {
                self.wheel.move_nearer(index, activity.order, at);
            }
            (Some(_), None) if self.fault == Some(Fault::RemovedTimeoutStaysLinked) => {}
            (Some(_), _) => {
                self.wheel.remove(index);
                self.arm(index);
            }
            (None, _) => self.arm(index),
        }
    }

    /// Takes out the timer of an activity; one without a deadline has none.
    fn disarm(&mut self, index: usize) {
        let is_limited = self.slab.slots[index].activity.deadline(self.fault).is_some();
        if is_limited && self.wheel.armed(index).is_some() {
            self.wheel.remove(index);
        }
    }
}
