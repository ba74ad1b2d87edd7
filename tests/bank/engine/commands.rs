//! What a host says: each command looks at the time, settles, checks, changes, and brings the timer in step.

use super::{Engine, Refusal};
use crate::bank::activity::{Activity, Clock, TimeoutType, Timeouts};
use crate::bank::fault::Fault;
use crate::bank::slab::Id;
use crate::bank::wheel::Timer;

#[derive(Clone, Copy, Debug)]
pub(crate) enum CancelOutcome {
    /// Closed, since it had not started.
    Canceled,
    /// Told at the next heartbeat.
    Requested,
}

impl Engine {
    pub(crate) fn schedule(
        &mut self,
        now: u64,
        key: u32,
        timeouts: Timeouts,
    ) -> Result<Id, Refusal> {
        self.see(now)?;
        let is_full = self.slab.open as u64 >= u64::from(self.config.max_open);
        if is_full && self.fault != Some(Fault::NoLimit) {
            return Err(Refusal::AtCapacity);
        }
        let mut activity = Activity::new(self.now, key, timeouts, self.next_order);
        if self.fault == Some(Fault::AnchoredAtACachedNow) {
            activity.scheduled = Clock::started(self.wheel.now);
        }
        self.next_order += 1;
        let id = self.slab.insert(activity);
        self.arm(id.index);
        Ok(id)
    }

    pub(crate) fn start(&mut self, now: u64, id: Id) -> Result<(), Refusal> {
        self.see(now)?;
        let index = self.settle(id)?;
        let now = self.now;
        let activity = &mut self.slab.slots[index].activity;
        if activity.started.is_some() {
            return Err(Refusal::AlreadyStarted);
        }
        activity.started_at = Some(now);
        activity.started = Some(Clock::started(now));
        activity.heartbeat = Some(Clock::started(now));
        if self.fault == Some(Fault::AbsoluteForRelative) {
            if let Some(deadline) = activity.deadline(self.fault) {
                let order = activity.order;
                self.disarm(index);
                self.wheel.arm(index, order, Some(now.saturating_add(deadline.at)));
                return Ok(());
            }
        }
        self.rearm(index);
        Ok(())
    }

    /// Says whether cancellation was requested.
    pub(crate) fn heartbeat(
        &mut self,
        now: u64,
        id: Id,
        details: Option<u32>,
    ) -> Result<bool, Refusal> {
        self.see(now)?;
        let index = match self.settle(id) {
            Ok(index) => index,
            Err(refusal) => self.touch(id).ok_or(refusal)?,
        };
        let now = self.now;
        let activity = &mut self.slab.slots[index].activity;
        let Some(started) = activity.started else { return Err(Refusal::NotStarted) };
        let last = activity.last_heartbeat_at;
        activity.last_heartbeat_at = Some(now);
        activity.heartbeats += 1;
        activity.recovered = 0;
        if details.is_some() || !self.config.keeps_details {
            activity.details = details;
        }
        let same_second = last.is_some_and(|last| last / 1_000 == now / 1_000);
        if !(same_second && self.fault == Some(Fault::OncePerSecond)) {
            activity.heartbeat = Some(Clock::started(now));
        }
        match self.fault {
            Some(Fault::UnsetHeartbeatTimeoutIsZero) => {
                activity.timeouts.heartbeat = Some(activity.timeouts.heartbeat.unwrap_or(0));
            }
            Some(Fault::HeartbeatExtendsStartToClose) => {
                activity.started = Some(Clock::started(now.max(started.anchor)));
            }
            Some(Fault::HeartbeatQueuesAgain) => {
                activity.order = self.next_order;
                self.next_order += 1;
            }
            _ => {}
        }
        let cancel_requested = activity.cancel_requested_at.is_some();
        let deadline = activity.deadline(self.fault).map(|deadline| deadline.at);
        let order = activity.order;
        if let (Some(Fault::TimerPerHeartbeat), Some(deadline)) = (self.fault, deadline) {
            self.wheel.insert(Timer { deadline, order, index });
        }
        self.rearm(index);
        Ok(cancel_requested)
    }

    /// What a refused heartbeat does in some engines.
    fn touch(&mut self, id: Id) -> Option<usize> {
        if self.fault == Some(Fault::LateHeartbeatRevives) {
            let index = self.slab.find(id, self.fault)?;
            let is_swept = self.due.iter().any(|timer| timer.index == index);
            let has_started = self.slab.slots[index].activity.started.is_some();
            return (has_started && !is_swept).then_some(index);
        }
        let is_known = self.slab.slots.get(id.index).is_some_and(|slot| !slot.is_open);
        if self.fault == Some(Fault::RenewalOutlivesTheEnd) && is_known {
            self.rearm(id.index);
        }
        None
    }

    pub(crate) fn request_cancel(&mut self, now: u64, id: Id) -> Result<CancelOutcome, Refusal> {
        self.see(now)?;
        let index = self.settle(id)?;
        let now = self.now;
        let activity = &mut self.slab.slots[index].activity;
        activity.cancel_requested_at.get_or_insert(now);
        if activity.started.is_some() || self.fault == Some(Fault::CancelWaitsForTheStart) {
            return Ok(CancelOutcome::Requested);
        }
        self.remove(index);
        Ok(CancelOutcome::Canceled)
    }

    pub(crate) fn close(&mut self, now: u64, id: Id) -> Result<(), Refusal> {
        self.see(now)?;
        let index = self.settle(id)?;
        if self.slab.slots[index].activity.started.is_none() {
            return Err(Refusal::NotStarted);
        }
        self.remove(index);
        Ok(())
    }

    pub(crate) fn abandon(&mut self, now: u64, id: Id) -> Result<(), Refusal> {
        self.see(now)?;
        let index = self.settle(id)?;
        self.remove(index);
        Ok(())
    }

    fn remove(&mut self, index: usize) {
        if self.fault == Some(Fault::CancelCountsTwice) && self.wheel.is_in_its_bucket(index) {
            self.slab.open = self.slab.open.wrapping_sub(1);
        }
        if self.fault != Some(Fault::TimerLingersAfterTheClose) {
            self.disarm(index);
        }
        self.slab.close(index);
    }

    pub(crate) fn update_timeouts(
        &mut self,
        now: u64,
        id: Id,
        timeouts: Timeouts,
    ) -> Result<(), Refusal> {
        self.see(now)?;
        let index = self.settle(id)?;
        let activity = &mut self.slab.slots[index].activity;
        activity.timeouts = timeouts;
        match self.fault {
            Some(Fault::UnsetScheduleToCloseIsZero) => {
                activity.timeouts.schedule_to_close = Some(timeouts.schedule_to_close.unwrap_or(0));
            }
            Some(Fault::UpdateClearsTheMark) => self.wheel.clear_mark(index),
            _ => {}
        }
        let nearest = activity.deadline(self.fault).map(|deadline| deadline.timeout_type);
        if self.fault == Some(Fault::UnneededTimerRemoved)
            && nearest == Some(TimeoutType::Heartbeat)
        {
            self.disarm(index);
            return Ok(());
        }
        self.rearm(index);
        Ok(())
    }

    pub(crate) fn suspend(&mut self, now: u64, id: Id) -> Result<(), Refusal> {
        self.see(now)?;
        let index = self.settle(id)?;
        if self.slab.slots[index].activity.suspended_at.is_some() {
            return Err(Refusal::AlreadySuspended);
        }
        self.slab.slots[index].activity.suspended_at = Some(self.now);
        self.rearm(index);
        Ok(())
    }

    pub(crate) fn resume(&mut self, now: u64, id: Id) -> Result<(), Refusal> {
        self.see(now)?;
        let index = self.settle(id)?;
        let activity = &mut self.slab.slots[index].activity;
        let Some(from) = activity.suspended_at else { return Err(Refusal::NotSuspended) };
        activity.resume(from, self.now);
        if self.fault == Some(Fault::ResumeClearsDetails) {
            activity.details = None;
        }
        self.rearm(index);
        Ok(())
    }
}
