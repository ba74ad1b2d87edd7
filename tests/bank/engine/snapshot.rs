//! What outlives the host: the records. Timers are made anew from them.

use super::{Config, Engine};
use crate::bank::activity::Clock;
use crate::bank::fault::Fault;
use crate::bank::slab::Slab;
use crate::bank::wheel::Wheel;

#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    config: Config,
    now: u64,
    has_seen: bool,
    next_order: u64,
    slab: Slab,
}

impl Engine {
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut slab = self.slab.clone();
        for slot in &mut slab.slots {
            let activity = &mut slot.activity;
            match self.fault {
                Some(Fault::FlagIsNotWrittenBack) => activity.cancel_requested_at = None,
                // The new leader has no checkpoint to hand on.
                Some(Fault::CheckpointsStopAfterTheFirst) if self.was_restored => {
                    activity.heartbeat = activity.heartbeat.map(|_| Clock::started(self.now));
                }
                _ => {}
            }
        }
        let Self { config, now, has_seen, next_order, .. } = *self;
        Snapshot { config, now, has_seen, next_order, slab }
    }

    pub(crate) fn restore(snapshot: Snapshot, fault: Option<Fault>) -> Self {
        let Snapshot { config, now, has_seen, next_order, slab } = snapshot;
        let mut engine = Self::new(config, fault);
        engine.was_restored = true;
        engine.next_order = next_order;
        engine.has_seen = has_seen;
        if fault != Some(Fault::WatermarkIsNotRestored) {
            engine.now = now;
        }
        // What is due already was due at the latest now.
        engine.wheel = Wheel::new(engine.now, fault);
        engine.slab = slab;
        for slot in 0..engine.slab.slots.len() {
            engine.restore_slot(slot, now);
        }
        engine
    }

    fn restore_slot(&mut self, index: usize, now: u64) {
        if self.fault == Some(Fault::ClosedComesBack) && !self.slab.slots[index].is_open {
            self.slab.slots[index].is_open = true;
            self.slab.open += 1;
            self.slab.free.retain(|free| *free != index);
        }
        if !self.slab.slots[index].is_open {
            return;
        }
        let activity = &mut self.slab.slots[index].activity;
        match self.fault {
            Some(Fault::FullTimeoutForANewLeader) => {
                activity.heartbeat = activity.heartbeat.map(|_| Clock::started(now));
            }
            Some(Fault::DeadlinesFromTheRestart) => activity.scheduled = Clock::started(now),
            Some(Fault::FirstInstantTakenForAHeartbeat) if activity.last_heartbeat_at.is_none() => {
                activity.heartbeat = activity.heartbeat.map(|_| activity.scheduled);
            }
            // The record says that the timer was created: it was, where the record comes from.
            Some(Fault::TimerCreatedElsewhere) if activity.last_heartbeat_at.is_some() => return,
            _ => {}
        }
        let deadline = activity.deadline(self.fault);
        let is_far = deadline.is_some_and(|deadline| deadline.at.saturating_sub(now) >= 64);
        if self.fault == Some(Fault::QueueEntryIsNotDerived) && is_far {
            return;
        }
        self.arm(index);
    }
}
