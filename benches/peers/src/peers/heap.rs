//! std's BinaryHeap, lazily re-armed: the best that a careful host writes by hand.

use std::cmp::Reverse;
use std::collections::binary_heap::PeekMut;
use std::collections::BinaryHeap;

use crate::orders::HEARTBEAT_MS;
use crate::peer::Peer;

/// No deadline: closed, or not in the heap.
const NONE: u64 = u64::MAX;

/// An activity's true deadline, and the one under which the heap holds it: at most one live entry
/// per activity, never later than the truth.
#[derive(Clone, Debug)]
struct Timer {
    deadline: u64,
    queued: u64,
}

/// A beat writes the deadline; the heap learns of it when the old entry comes up.
#[derive(Debug)]
pub struct LazyHeap {
    heap: BinaryHeap<Reverse<(u64, u32)>>,
    timers: Vec<Timer>,
}

impl Peer for LazyHeap {
    type Handle = u32;

    fn new() -> Self {
        Self { heap: BinaryHeap::new(), timers: Vec::new() }
    }

    fn schedule(&mut self, _now: u64, activity: u32, deadline: u64) -> u32 {
        let place = activity as usize;
        if place >= self.timers.len() {
            self.timers.resize(place + 1, Timer { deadline: NONE, queued: NONE });
        }
        let timer = &mut self.timers[place];
        timer.deadline = deadline;
        // The entry that a closed activity left behind serves its successor.
        if deadline < timer.queued {
            timer.queued = deadline;
            self.heap.push(Reverse((deadline, activity)));
        }
        activity
    }

    fn beat(&mut self, now: u64, handle: u32) -> bool {
        let timer = &mut self.timers[handle as usize];
        let open = timer.deadline != NONE;
        timer.deadline = now + HEARTBEAT_MS;
        open
    }

    fn complete(&mut self, _now: u64, handle: u32) -> bool {
        let timer = &mut self.timers[handle as usize];
        let open = timer.deadline != NONE;
        timer.deadline = NONE;
        open
    }

    fn poll(&mut self, now: u64) -> Option<u32> {
        loop {
            let mut top = self.heap.peek_mut()?;
            let Reverse((at, activity)) = *top;
            if at > now {
                return None;
            }
            let timer = &mut self.timers[activity as usize];
            if timer.queued != at {
                // An earlier entry was pushed for it since.
                PeekMut::pop(top);
            } else if timer.deadline <= now {
                PeekMut::pop(top);
                *timer = Timer { deadline: NONE, queued: NONE };
                return Some(activity);
            } else if timer.deadline == NONE {
                PeekMut::pop(top);
                timer.queued = NONE;
            } else {
                timer.queued = timer.deadline;
                *top = Reverse((timer.deadline, activity));
            }
        }
    }

    fn next_wakeup(&self) -> Option<u64> {
        self.heap.peek().map(|&Reverse((at, _))| at)
    }

    fn shrink(&mut self) {
        self.heap.shrink_to_fit();
        if self.timers.iter().all(|timer| timer.deadline == NONE) {
            self.heap = BinaryHeap::new();
            self.timers = Vec::new();
        }
    }
}
