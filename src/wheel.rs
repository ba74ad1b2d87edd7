//! A hierarchical, tickless timer wheel over every `u64` deadline. It knows no activities: entries are
//! indices, and [`Timers`] says what their deadlines are.
//!
//! # Shape
//! Level 0 has slots of one millisecond; a slot of each level above is as wide as a lap of the level
//! below, and there are as many levels as 64 bits need. Each level is a ring of [`LAPS`](level::LAPS) laps. An entry
//! stands in the lowest level whose ring reaches its deadline, in the slot of that deadline, always in
//! a slot strictly after the one that the cursor is in. So no level is special and none overflows.
//!
//! # Time
//! The cursor is the instant up to which everything has been handed over. It moves only in
//! [`poll`](Wheel::poll), from one occupied slot to the next. Entering a slot of an upper level empties
//! it into the levels below. To keep that from being one long call, the slots that are about to be
//! entered are emptied a little with each step, just fast enough to be empty in time
//! ([`pace`]).
//!
//! # Laziness
//! An entry is armed at some instant not after its deadline. When its slot is visited, the deadline is
//! asked for anew: an entry whose deadline has moved on is put where it now belongs. So a deadline that
//! moves later costs nothing here until the old one comes near.
//!
//! # Order
//! What falls due is sorted by (deadline, order), so neither slots nor cascades show.

mod bitmap;
mod blocks;
mod check;
mod due;
mod image;
mod level;
mod pace;
mod slots;
#[cfg(test)]
mod tests;

use crate::{Geometry, TimerStats};
pub(crate) use blocks::Place;
use due::{Due, Entry};
use slots::Slots;

/// The owner of the entries: what the wheel needs to know of them, and keeps with them.
pub(crate) trait Timers {
    /// The entry's deadline as it is now, never before the one it was armed with; `None` if it no
    /// longer needs a timer.
    fn deadline(&self, index: u32) -> Option<u64>;
    /// Breaks ties between equal deadlines.
    fn order(&self, index: u32) -> u64;
    /// Brings in what the other calls read and write of an entry; changes nothing.
    fn touch(&mut self, index: u32);
    /// The same for an entry that is likely to be handed over soon, and with it all that it stands for.
    fn touch_whole(&mut self, index: u32);
    /// Keeps the place of an entry for [`Wheel::disarm`].
    fn set_place(&mut self, index: u32, place: Place);
    /// Shows `place` the deadline, and keeps the place that it returns.
    fn update(&mut self, index: u32, place: impl FnOnce(Option<u64>) -> Place);
}

/// How many deliveries ahead an entry is fetched: a delivery takes some 30 ns, memory some 300.
const AHEAD: usize = 12;

/// Entries that are fetched ahead of a visit: about what the processor fetches at a time. They are in as many
/// pages, so far more would push each other out of its nearest table of pages before their turn.
const BATCH: usize = 24;

#[derive(Clone, Debug)]
pub(crate) struct Wheel {
    slots: Slots,
    /// Every entry whose deadline is at or before this instant has left the slots.
    cursor: u64,
    due: Due,
    stats: TimerStats,
}

impl Wheel {
    pub(crate) fn new(geometry: Geometry) -> Self {
        let (slots, due) = (Slots::new(geometry), Due::new());
        Self { slots, cursor: 0, due, stats: TimerStats::default() }
    }

    /// Arms an entry that stands in no slot. `now` is not before any earlier one.
    pub(crate) fn arm(&mut self, now: u64, index: u32, deadline: u64, timers: &mut impl Timers) {
        self.stats.armed += 1;
        self.rearm(now, index, deadline, timers);
    }

    /// The same for an entry that was armed before.
    pub(crate) fn rearm(&mut self, now: u64, index: u32, deadline: u64, timers: &mut impl Timers) {
        if self.due.is_empty() && self.slots.is_empty() {
            self.cursor = now;
        }
        if deadline > self.cursor {
            timers.set_place(index, self.slots.insert(self.cursor, index, deadline));
        } else {
            timers.set_place(index, Place::NOWHERE);
            self.due.push_late(Entry { deadline, order: timers.order(index), index });
        }
    }

    /// Takes out the entry at a place. One that stands in no slot needs no taking out.
    pub(crate) fn disarm(&mut self, place: Place, timers: &mut impl Timers) {
        if let Some(moved) = self.slots.remove(place) {
            self.stats.disarmed += 1;
            if let Some(moved) = moved {
                timers.set_place(moved, place);
            }
        }
    }

    /// The next entry that is due at `now`, by (deadline, order).
    pub(crate) fn poll(&mut self, now: u64, timers: &mut impl Timers) -> Option<u32> {
        if self.due.is_empty() && now > self.cursor {
            self.advance(now, timers);
        }
        if let Some(later) = self.due.upcoming(AHEAD) {
            timers.touch_whole(later);
        }
        self.due.pop().map(|entry| entry.index)
    }

    /// When to poll next: now, if something is due; else when the cursor next enters an occupied slot.
    pub(crate) fn next_wakeup(&self) -> Option<u64> {
        match self.due.first() {
            Some(entry) => Some(entry.deadline),
            None => self.slots.next_begin(self.cursor),
        }
    }

    /// How many entries are due at `now`. Looks at those that a poll at `now` would take out of their slots.
    pub(crate) fn overdue(&self, now: u64, timers: &impl Timers) -> usize {
        self.due.len() + self.slots.count_due(self.cursor, now, timers)
    }

    pub(crate) const fn stats(&self) -> TimerStats {
        self.stats
    }

    /// Forgets all entries, and the memory they took; the caller arms them anew.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.due = Due::new();
    }

    /// Moves the cursor to `now`, or to the first instant on the way at which something is due.
    fn advance(&mut self, now: u64, timers: &mut impl Timers) {
        while let Some(time) = self.slots.next_begin(self.cursor).filter(|time| *time <= now) {
            self.enter(time, timers);
            if !self.due.is_empty() {
                self.due.sort_run();
                return;
            }
        }
        self.pace(now, timers);
        self.cursor = now;
    }

    /// Moves the cursor to an instant that no occupied slot begins before, and empties the slots that
    /// begin there: the higher ones first, since they may fill the lower.
    fn enter(&mut self, time: u64, timers: &mut impl Timers) {
        self.pace(time, timers);
        self.cursor = time;
        for number in (0..self.slots.levels.len()).rev() {
            let level = &self.slots.levels[number];
            if level.begins_slot(time) {
                self.visit((number, level.position(time)), u64::MAX, timers);
            }
        }
    }

    /// Takes up to `limit` entries out of a slot, which is a level and a position there: what is due at
    /// the cursor is handed over, the others go where they now belong. Says how many it took.
    fn visit(&mut self, slot: (usize, usize), limit: u64, timers: &mut impl Timers) -> u64 {
        // What the entries stand for is far apart in memory: while a batch is worked on, the next one is
        // fetched entry by entry, so that neither the work nor the memory waits for the other.
        let mut taken = 0;
        let (mut batch, mut next) = ([0; BATCH], [0; BATCH]);
        let mut count = self.slots.pop_batch(slot, limit, &mut batch);
        for index in &batch[..count] {
            Self::touch(slot, *index, timers);
        }
        while count > 0 {
            taken += count as u64;
            let next_count = self.slots.pop_batch(slot, limit - taken, &mut next);
            let mut coming = next[..next_count].iter();
            for index in &batch[..count] {
                if let Some(index) = coming.next() {
                    Self::touch(slot, *index, timers);
                }
                self.revisit(*index, timers);
            }
            for index in coming {
                Self::touch(slot, *index, timers);
            }
            core::mem::swap(&mut batch, &mut next);
            count = next_count;
        }
        self.stats.visited += taken;
        taken
    }

    /// Has an entry of a slot fetched.
    #[inline]
    fn touch(slot: (usize, usize), index: u32, timers: &mut impl Timers) {
        // What stands in the lowest level may well be due: then its order is asked for.
        if slot.0 == 0 {
            timers.touch_whole(index);
        } else {
            timers.touch(index);
        }
    }

    #[inline]
    fn revisit(&mut self, index: u32, timers: &mut impl Timers) {
        let (cursor, slots) = (self.cursor, &mut self.slots);
        let mut due = None;
        timers.update(index, |deadline| match deadline {
            Some(deadline) if deadline > cursor => {
                self.stats.moved += 1;
                slots.insert(cursor, index, deadline)
            }
            Some(_) | None => {
                due = deadline;
                Place::NOWHERE
            }
        });
        if let Some(deadline) = due {
            self.due.push_run(Entry { deadline, order: timers.order(index), index });
        }
    }
}
