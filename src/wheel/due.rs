//! What has left the slots because its instant has come, until it is asked for.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// Entries that are due, delivered by (deadline, order).
#[derive(Clone, Debug)]
pub(super) struct Due {
    /// Entries of one instant, out of the slots: the first to be delivered last, so that it pops.
    run: Vec<Entry>,
    /// Entries that were due when they were armed: zero timeouts, mostly.
    late: BinaryHeap<Reverse<Entry>>,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Entry {
    pub(super) deadline: u64,
    pub(super) order: u64,
    pub(super) index: u32,
}

/// The memory of what was delivered is kept for the next up to this many entries (24 KiB); beyond, a burst
/// would be hoarded.
const KEPT_CAPACITY: usize = 1_024;

impl Due {
    pub(super) const fn new() -> Self {
        Self { run: Vec::new(), late: BinaryHeap::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.run.is_empty() && self.late.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.run.len() + self.late.len()
    }

    /// An entry that never was in a slot.
    pub(super) fn push_late(&mut self, entry: Entry) {
        self.late.push(Reverse(entry));
    }

    /// An entry of the run being made. The last run must have been delivered.
    #[inline]
    pub(super) fn push_run(&mut self, entry: Entry) {
        self.run.push(entry);
    }

    /// Ends the making of a run: neither the order in a slot nor the cascades before it show.
    pub(super) fn sort_run(&mut self) {
        self.run.sort_unstable_by(|one, other| other.cmp(one));
    }

    pub(super) fn first(&self) -> Option<&Entry> {
        match (self.run.last(), self.late.peek()) {
            (Some(run), Some(Reverse(late))) => Some(run.min(late)),
            (run, late) => run.or_else(|| late.map(|Reverse(late)| late)),
        }
    }

    /// The entry of the run that is delivered `ahead` deliveries after the next one.
    pub(super) fn upcoming(&self, ahead: usize) -> Option<u32> {
        self.run.iter().rev().nth(ahead).map(|entry| entry.index)
    }

    pub(super) fn pop(&mut self) -> Option<Entry> {
        let first = *self.first()?;
        if self.run.last() == Some(&first) {
            self.run.pop();
            if self.run.is_empty() && self.run.capacity() > KEPT_CAPACITY {
                self.run = Vec::new();
            }
        } else {
            self.late.pop();
            if self.late.is_empty() && self.late.capacity() > KEPT_CAPACITY {
                self.late = BinaryHeap::new();
            }
        }
        Some(first)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.run.iter().chain(self.late.iter().map(|Reverse(late)| late))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(deadline: u64) -> Entry {
        Entry { deadline, order: 0, index: 0 }
    }

    #[test]
    fn the_memory_of_a_burst_is_given_back_and_that_of_an_ordinary_run_kept() {
        for (entries, kept) in [(10, true), (KEPT_CAPACITY, true), (KEPT_CAPACITY + 1, false)] {
            let mut due = Due::new();
            for deadline in 0..entries as u64 {
                due.push_run(entry(deadline));
                due.push_late(entry(deadline));
            }
            due.sort_run();
            for deadline in 0..entries as u64 {
                let capacities = (due.run.capacity(), due.late.capacity());
                assert!(capacities.0.min(capacities.1) >= entries);
                assert_eq!(due.pop(), Some(entry(deadline)));
                assert_eq!(due.pop(), Some(entry(deadline)));
            }
            assert_eq!((due.run.capacity() > 0, due.late.capacity() > 0), (kept, kept));
            assert_eq!(due.pop(), None);
        }
    }
}
