//! One level of the wheel: a ring of slots of equal width.

use alloc::vec;
use alloc::vec::Vec;

use super::bitmap::Bitmap;
use super::blocks::{Blocks, Place, Slot};
use super::pace::Plan;

/// Laps that a level can hold: the one that passes now and those after it. The level above empties a slot
/// into this one while the laps before it pass, so a slot that holds everything can be spread over
/// fifteen laps (3.8 s at the bottom), while slots that are alike are each emptied in the last lap before
/// they begin: the later an entry is visited, the likelier its deadline has moved on and the longer its
/// next rest. Sixteen laps of 256 slots are as much as a bitmap of 64 x 64 holds.
pub(super) const LAPS: u64 = 16;

#[derive(Clone, Debug)]
pub(super) struct Level {
    /// A slot is `2^shift` milliseconds wide.
    pub(super) shift: u32,
    /// A lap is `2^lap_shift` milliseconds; 64 on the topmost level, whose first lap is all of time.
    pub(super) lap_shift: u32,
    /// Slots in the ring, a power of two.
    pub(super) ring: u64,
    /// Empty until the level first holds an entry.
    slots: Vec<Slot>,
    occupied: Bitmap,
    /// Entries in all slots.
    pub(super) len: u32,
    /// How the next slots are being emptied.
    pub(super) plan: Plan,
}

impl Level {
    pub(super) fn new(shift: u32, bits: u32) -> Self {
        let bits = bits.min(u64::BITS - shift);
        Self {
            shift,
            lap_shift: shift + bits,
            ring: LAPS << bits,
            slots: Vec::new(),
            occupied: Bitmap::new(0),
            len: 0,
            plan: Plan::NONE,
        }
    }

    /// Is `time` in one of the laps that this level can hold while the wheel stands at `cursor`? Not to be
    /// asked of the topmost level, which holds all of time.
    #[inline]
    pub(super) const fn covers(&self, cursor: u64, time: u64) -> bool {
        (time >> self.lap_shift) - (cursor >> self.lap_shift) < LAPS
    }

    /// The slot's position in the ring.
    #[inline]
    pub(super) fn position(&self, time: u64) -> usize {
        ((time >> self.shift) & (self.ring - 1)) as usize
    }

    /// The slot `ahead` slots after the one that `cursor` is in.
    pub(super) fn ahead(&self, cursor: u64, ahead: u64) -> usize {
        ((cursor >> self.shift).wrapping_add(ahead) & (self.ring - 1)) as usize
    }

    /// The nearest occupied slot at least `least` slots after the one that `cursor` is in, as its
    /// distance.
    pub(super) fn occupied_ahead(&self, cursor: u64, least: u64) -> Option<u64> {
        let position = self.occupied.next_from(self.ahead(cursor, least))?;
        let ahead = (position as u64).wrapping_sub(cursor >> self.shift) & (self.ring - 1);
        // A slot nearer than `least` was found by going all the way round.
        (ahead >= least).then_some(ahead)
    }

    /// When the slot `ahead` slots after the one that `cursor` is in begins; there must be one.
    pub(super) const fn begin(&self, cursor: u64, ahead: u64) -> u64 {
        ((cursor >> self.shift) + ahead) << self.shift
    }

    /// Does a slot of this level begin at `time`?
    pub(super) const fn begins_slot(&self, time: u64) -> bool {
        time & ((1 << self.shift) - 1) == 0
    }

    /// The same level without entries and without the memory that they took.
    pub(super) fn emptied(&self) -> Self {
        Self::new(self.shift, self.lap_shift - self.shift)
    }

    pub(super) fn slot(&self, position: usize) -> Slot {
        self.slots.get(position).copied().unwrap_or(Slot::EMPTY)
    }

    /// Adds an entry to a slot; `owner` names the slot to its blocks.
    #[inline(always)]
    pub(super) fn push(
        &mut self,
        position: usize,
        blocks: &mut Blocks,
        owner: u32,
        index: u32,
    ) -> Place {
        if self.slots.is_empty() {
            self.furnish();
        }
        let slot = &mut self.slots[position];
        if slot.len == 0 {
            self.occupied.set(position);
        }
        self.len += 1;
        blocks.push(slot, owner, index)
    }

    #[cold]
    fn furnish(&mut self) {
        self.slots = vec![Slot::EMPTY; self.ring as usize];
        self.occupied = Bitmap::new(self.ring as usize);
    }

    /// Takes entries off the end of a slot, at most `limit` and none beyond one block; says how many.
    pub(super) fn pop_batch(
        &mut self,
        position: usize,
        blocks: &mut Blocks,
        batch: &mut [u32],
        limit: usize,
    ) -> usize {
        let Some(slot) = self.slots.get_mut(position).filter(|slot| slot.len > 0) else {
            return 0;
        };
        let count = blocks.pop_batch(slot, batch, limit);
        if slot.len == 0 {
            self.occupied.clear(position);
        }
        self.len -= count as u32;
        count
    }

    /// Removes the entry at a place of a slot; the slot's last entry takes its place and is named, unless
    /// the removed one was the last.
    pub(super) fn remove(
        &mut self,
        position: usize,
        blocks: &mut Blocks,
        place: Place,
    ) -> Option<u32> {
        let slot = &mut self.slots[position];
        let moved = blocks.remove(slot, place);
        if slot.len == 0 {
            self.occupied.clear(position);
        }
        self.len -= 1;
        moved
    }

    /// Every slot with its position, and whether the bitmap shows it.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, Slot, bool)> + '_ {
        self.slots
            .iter()
            .enumerate()
            .map(|(position, slot)| (position, *slot, self.occupied.contains(position)))
    }
}
