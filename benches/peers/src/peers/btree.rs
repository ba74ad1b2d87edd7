//! std's BTreeSet of (deadline, activity), eagerly re-armed.

use std::collections::BTreeSet;

use crate::orders::HEARTBEAT_MS;
use crate::peer::Peer;

/// Every beat removes an entry and inserts another.
#[derive(Debug)]
pub struct Tree {
    set: BTreeSet<(u64, u32)>,
    /// By activity: without its deadline an entry cannot be found.
    deadlines: Vec<u64>,
}

impl Peer for Tree {
    type Handle = u32;

    fn new() -> Self {
        Self { set: BTreeSet::new(), deadlines: Vec::new() }
    }

    fn schedule(&mut self, _now: u64, activity: u32, deadline: u64) -> u32 {
        let place = activity as usize;
        if place >= self.deadlines.len() {
            self.deadlines.resize(place + 1, 0);
        }
        self.deadlines[place] = deadline;
        self.set.insert((deadline, activity));
        activity
    }

    fn beat(&mut self, now: u64, handle: u32) -> bool {
        let deadline = &mut self.deadlines[handle as usize];
        let was_there = self.set.remove(&(*deadline, handle));
        *deadline = now + HEARTBEAT_MS;
        self.set.insert((*deadline, handle));
        was_there
    }

    fn complete(&mut self, _now: u64, handle: u32) -> bool {
        self.set.remove(&(self.deadlines[handle as usize], handle))
    }

    fn poll(&mut self, now: u64) -> Option<u32> {
        if self.set.first()?.0 > now {
            return None;
        }
        self.set.pop_first().map(|(_, activity)| activity)
    }

    fn next_wakeup(&self) -> Option<u64> {
        self.set.first().map(|&(deadline, _)| deadline)
    }

    fn shrink(&mut self) {
        if self.set.is_empty() {
            self.deadlines = Vec::new();
        }
    }
}
