//! hierarchical_hash_wheel_timer's cancellable quad wheel: cancel and insert at each beat.

use std::time::Duration;

use hierarchical_hash_wheel_timer::wheels::cancellable::QuadWheelWithOverflow;
use hierarchical_hash_wheel_timer::wheels::Skip;
use hierarchical_hash_wheel_timer::IdOnlyTimerEntry;

use crate::orders::HEARTBEAT_MS;
use crate::peer::Peer;

/// Cancelled entries stay in their slots until the wheel comes by; that is its design.
pub struct HashWheel {
    wheel: QuadWheelWithOverflow<IdOnlyTimerEntry<u32>>,
    now: u64,
    /// What ticks yielded and was not handed on yet, last first.
    due: Vec<u32>,
}

impl HashWheel {
    fn insert(&mut self, activity: u32, deadline: u64) {
        // Delays count from the wheel's own time, which is that of the last poll.
        let delay = Duration::from_millis(deadline - self.now);
        let inserted = self.wheel.insert(IdOnlyTimerEntry::new(activity, delay));
        assert!(inserted.is_ok(), "the hash wheel refused a delay of {delay:?}");
    }

    /// Ticks to `now`, or to the first instant with something due.
    fn advance(&mut self, now: u64) {
        while self.now < now && self.due.is_empty() {
            let left = now - self.now;
            match self.wheel.can_skip() {
                Skip::Empty => self.now = now,
                Skip::Millis(skip) => {
                    let skip = u64::from(skip).min(left);
                    self.wheel.skip(skip as u32);
                    self.now += skip;
                }
                Skip::None => {
                    let due = self.wheel.tick();
                    self.due.extend(due.into_iter().map(|entry| entry.id));
                    self.now += 1;
                }
            }
        }
    }
}

impl Peer for HashWheel {
    type Handle = u32;

    fn new() -> Self {
        Self { wheel: QuadWheelWithOverflow::new(), now: 0, due: Vec::new() }
    }

    fn schedule(&mut self, _now: u64, activity: u32, deadline: u64) -> u32 {
        self.insert(activity, deadline);
        activity
    }

    fn beat(&mut self, now: u64, handle: u32) -> bool {
        let was_there = self.wheel.cancel(&handle).is_ok();
        self.insert(handle, now + HEARTBEAT_MS);
        was_there
    }

    fn complete(&mut self, _now: u64, handle: u32) -> bool {
        self.wheel.cancel(&handle).is_ok()
    }

    fn poll(&mut self, now: u64) -> Option<u32> {
        self.advance(now);
        self.due.pop()
    }

    fn next_wakeup(&self) -> Option<u64> {
        match self.wheel.can_skip() {
            Skip::Empty => None,
            // The tick after those that may be skipped does something.
            Skip::Millis(skip) => Some(self.now + u64::from(skip) + 1),
            Skip::None => Some(self.now + 1),
        }
    }

    fn shrink(&mut self) {
        self.due = Vec::new();
    }
}
