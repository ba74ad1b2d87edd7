//! nexus-timer's wheel: `reschedule` at each beat, `poll_and_rebalance` at each step.

use std::time::{Duration, Instant};

use nexus_timer::{TimerHandle, Wheel};

use crate::orders::HEARTBEAT_MS;
use crate::peer::Peer;

/// Entries per chunk of its slab, as in its own examples.
const CHUNK: usize = 4_096;

/// Its handles can neither be copied nor dropped, so a host keeps them by activity.
#[derive(Debug)]
pub struct Nexus {
    wheel: WheelDebug,
    origin: Instant,
    handles: Vec<Option<TimerHandle<u32>>>,
    /// What `poll` collected and has not handed on yet, last first.
    due: Vec<u32>,
}

/// The wheel itself has no `Debug`.
struct WheelDebug(Wheel<u32>);

impl std::fmt::Debug for WheelDebug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wheel")
    }
}

impl Nexus {
    /// Half a tick past the millisecond: its conversion to ticks may round down by one.
    fn at(&self, millis: u64) -> Instant {
        self.origin + Duration::from_millis(millis) + Duration::from_micros(500)
    }
}

impl Peer for Nexus {
    type Handle = u32;

    fn new() -> Self {
        let origin = Instant::now();
        let wheel = WheelDebug(Wheel::unbounded(CHUNK, origin));
        Self { wheel, origin, handles: Vec::new(), due: Vec::new() }
    }

    fn schedule(&mut self, _now: u64, activity: u32, deadline: u64) -> u32 {
        let handle = self.wheel.0.schedule(self.at(deadline), activity);
        let place = activity as usize;
        if place >= self.handles.len() {
            self.handles.resize_with(place + 1, || None);
        }
        self.handles[place] = Some(handle);
        activity
    }

    fn beat(&mut self, now: u64, handle: u32) -> bool {
        let deadline = self.at(now + HEARTBEAT_MS);
        let place = &mut self.handles[handle as usize];
        let Some(held) = place.take() else {
            return false;
        };
        *place = Some(self.wheel.0.reschedule(held, deadline));
        true
    }

    fn complete(&mut self, _now: u64, handle: u32) -> bool {
        let held = self.handles[handle as usize].take();
        held.is_some_and(|held| self.wheel.0.cancel(held).is_some())
    }

    fn poll(&mut self, now: u64) -> Option<u32> {
        if self.due.is_empty() {
            let now = self.at(now);
            self.wheel.0.poll_and_rebalance(now, &mut self.due);
        }
        let activity = self.due.pop()?;
        // A fired entry stays in the slab until its handle is given back.
        if let Some(held) = self.handles[activity as usize].take() {
            self.wheel.0.free(held);
        }
        Some(activity)
    }

    fn next_wakeup(&self) -> Option<u64> {
        let next = self.wheel.0.next_deadline()?;
        // Back from half a tick past to the millisecond, which division rounds down to.
        Some(next.duration_since(self.origin).as_millis() as u64)
    }

    fn shrink(&mut self) {
        self.due = Vec::new();
        if self.wheel.0.is_empty() {
            self.handles = Vec::new();
        }
    }
}

impl Drop for Nexus {
    fn drop(&mut self) {
        for held in self.handles.drain(..).flatten() {
            self.wheel.0.free(held);
        }
    }
}
