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
mod level;
mod pace;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use crate::{Geometry, TimerStats};
pub(crate) use blocks::Place;
use blocks::{Blocks, BLOCK};
use due::{Due, Entry};
use level::Level;

/// The owner of the entries: what the wheel needs to know of them, and keeps with them.
pub(crate) trait Timers {
    /// The entry's deadline as it is now, never before the one it was armed with; `None` if it no
    /// longer needs a timer.
    fn deadline(&self, index: u32) -> Option<u64>;
    /// Breaks ties between equal deadlines.
    fn order(&self, index: u32) -> u64;
    /// Brings in what the other calls read and write of an entry; changes nothing.
    fn touch(&mut self, index: u32);
    /// Keeps the place of an entry for [`Wheel::disarm`].
    fn set_place(&mut self, index: u32, place: Place);
}

#[derive(Clone, Debug)]
pub(crate) struct Wheel {
    levels: Vec<Level>,
    blocks: Blocks,
    /// Every entry whose deadline is at or before this instant has left the slots.
    cursor: u64,
    due: Due,
    stats: TimerStats,
}

/// An owner of blocks is a level and a position there; positions fit in 12 bits, since a ring has at
/// most 4,096 slots.
const POSITION_BITS: u32 = 12;

impl Wheel {
    pub(crate) fn new(geometry: Geometry) -> Self {
        let mut levels = Vec::new();
        let (mut shift, mut bits) = (0, u32::from(geometry.bottom_bits));
        while shift < u64::BITS {
            levels.push(Level::new(shift, bits));
            shift += bits;
            bits = u32::from(geometry.upper_bits);
        }
        let (blocks, due) = (Blocks::new(), Due::new());
        Self { levels, blocks, cursor: 0, due, stats: TimerStats::default() }
    }

    /// Arms an entry that stands in no slot. `now` is not before any earlier one.
    pub(crate) fn arm(&mut self, now: u64, index: u32, deadline: u64, timers: &mut impl Timers) {
        if self.due.is_empty() && self.levels.iter().all(|level| level.len == 0) {
            self.cursor = now;
        }
        self.stats.armed += 1;
        self.place(index, deadline, timers);
    }

    /// Takes out the entry at a place. One that stands in no slot needs no taking out.
    pub(crate) fn disarm(&mut self, place: Place, timers: &mut impl Timers) {
        let Some(owner) = self.blocks.owner(place.block()).filter(|_| place != Place::NOWHERE)
        else {
            return;
        };
        self.stats.disarmed += 1;
        let (level, position) = split_owner(owner);
        let moved = self.levels[level].remove(position, &mut self.blocks, place);
        if let Some(moved) = moved {
            timers.set_place(moved, place);
        }
    }

    /// The next entry that is due at `now`, by (deadline, order).
    pub(crate) fn poll(&mut self, now: u64, timers: &mut impl Timers) -> Option<u32> {
        if self.due.is_empty() && now > self.cursor {
            self.advance(now, timers);
        }
        self.due.pop().map(|entry| entry.index)
    }

    /// When to poll next: now, if something is due; else when the cursor next enters an occupied slot.
    pub(crate) fn next_wakeup(&self) -> Option<u64> {
        match self.due.first() {
            Some(entry) => Some(entry.deadline),
            None => self.next_slot(),
        }
    }

    pub(crate) const fn stats(&self) -> TimerStats {
        self.stats
    }

    /// Forgets all entries in slots, and the memory they took; the caller arms them anew. What is due
    /// stays.
    pub(crate) fn clear_slots(&mut self) {
        for level in &mut self.levels {
            *level = level.emptied();
        }
        self.blocks = Blocks::new();
        self.due.shrink_to_fit();
    }

    /// Puts an entry where it belongs while the cursor stands where it stands.
    #[inline]
    fn place(&mut self, index: u32, deadline: u64, timers: &mut impl Timers) {
        if deadline <= self.cursor {
            timers.set_place(index, Place::NOWHERE);
            self.due.push_late(Entry { deadline, order: timers.order(index), index });
            return;
        }
        let cursor = self.cursor;
        let covers = |level: &Level| level.covers(cursor, deadline);
        // The topmost level covers all of time, so there is always one.
        let number = self.levels.iter().position(covers).unwrap_or(self.levels.len() - 1);
        let level = &mut self.levels[number];
        let position = level.position(deadline);
        let owner = join_owner(number, position);
        let place = level.push(position, &mut self.blocks, owner, index);
        timers.set_place(index, place);
    }

    /// Moves the cursor to `now`, or to the first instant on the way at which something is due.
    fn advance(&mut self, now: u64, timers: &mut impl Timers) {
        while let Some(time) = self.next_slot().filter(|time| *time <= now) {
            self.enter(time, timers);
            if !self.due.is_empty() {
                self.due.sort_run();
                return;
            }
        }
        self.pace(now, timers);
        self.cursor = now;
    }

    /// When the cursor next enters an occupied slot of any level.
    fn next_slot(&self) -> Option<u64> {
        let cursor = self.cursor;
        let held = self.levels.iter().filter(|level| level.len > 0);
        held.filter_map(|level| Some(level.begin(cursor, level.occupied_ahead(cursor, 1)?))).min()
    }

    /// Moves the cursor to an instant that no occupied slot begins before, and empties the slots that
    /// begin there: the higher ones first, since they may fill the lower.
    fn enter(&mut self, time: u64, timers: &mut impl Timers) {
        self.pace(time, timers);
        self.cursor = time;
        for number in (0..self.levels.len()).rev() {
            let level = &self.levels[number];
            if level.begins_slot(time) {
                self.visit(number, level.position(time), u64::MAX, timers);
            }
        }
    }

    /// Takes up to `limit` entries out of a slot: what is due at the cursor is handed over, the others
    /// go where they now belong. Says how many it took.
    fn visit(
        &mut self,
        number: usize,
        position: usize,
        limit: u64,
        timers: &mut impl Timers,
    ) -> u64 {
        let mut taken = 0;
        let mut batch = [0; BLOCK];
        loop {
            let limit = usize::try_from(limit - taken).unwrap_or(BLOCK);
            let count =
                self.levels[number].pop_batch(position, &mut self.blocks, &mut batch, limit);
            if count == 0 {
                break;
            }
            taken += count as u64;
            // The records are far apart in memory: all are fetched before any is needed.
            for index in &batch[..count] {
                timers.touch(*index);
            }
            for index in &batch[..count] {
                self.revisit(*index, timers);
            }
        }
        self.stats.visited += taken;
        taken
    }

    #[inline]
    fn revisit(&mut self, index: u32, timers: &mut impl Timers) {
        match timers.deadline(index) {
            None => timers.set_place(index, Place::NOWHERE),
            Some(deadline) if deadline <= self.cursor => {
                timers.set_place(index, Place::NOWHERE);
                self.due.push_run(Entry { deadline, order: timers.order(index), index });
            }
            Some(deadline) => {
                self.stats.moved += 1;
                self.place(index, deadline, timers);
            }
        }
    }
}

const fn join_owner(level: usize, position: usize) -> u32 {
    ((level as u32) << POSITION_BITS) | position as u32
}

const fn split_owner(owner: u32) -> (usize, usize) {
    ((owner >> POSITION_BITS) as usize, owner as usize & ((1 << POSITION_BITS) - 1))
}
