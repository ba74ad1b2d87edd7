//! All levels and the blocks of their entries: where an entry goes, and how it is found again.

use alloc::vec::Vec;

use super::blocks::{Blocks, Place};
use super::level::Level;
use super::Timers;
use crate::Geometry;

#[derive(Clone, Debug)]
pub(super) struct Slots {
    pub(super) levels: Vec<Level>,
    pub(super) blocks: Blocks,
}

/// A slot's name for its blocks is its level and its position there; positions fit in 12 bits, since a
/// ring has at most 4,096 slots.
const POSITION_BITS: u32 = 12;

impl Slots {
    pub(super) fn new(geometry: Geometry) -> Self {
        let mut levels = Vec::new();
        let (mut shift, mut bits) = (0, u32::from(geometry.bottom_bits));
        while shift < u64::BITS {
            levels.push(Level::new(shift, bits));
            shift += bits;
            bits = u32::from(geometry.upper_bits);
        }
        Self { levels, blocks: Blocks::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.levels.iter().all(|level| level.len == 0)
    }

    /// Puts an entry where it belongs while the wheel stands at `cursor`, which its deadline is after.
    #[inline(always)]
    pub(super) fn insert(&mut self, cursor: u64, index: u32, deadline: u64) -> Place {
        // The topmost level covers all of time.
        let top = self.levels.len() - 1;
        let mut number = 0;
        while number < top && !self.levels[number].covers(cursor, deadline) {
            number += 1;
        }
        let level = &mut self.levels[number];
        let position = level.position(deadline);
        level.push(position, &mut self.blocks, join_owner(number, position), index)
    }

    /// Takes out the entry at a place; the entry that now stands there instead is named, if one does.
    /// `None` if there is no such place.
    pub(super) fn remove(&mut self, place: Place) -> Option<Option<u32>> {
        let owner = self.blocks.owner(place.block()).filter(|_| place != Place::NOWHERE)?;
        let (number, position) = split_owner(owner);
        Some(self.levels[number].remove(position, &mut self.blocks, place))
    }

    /// Takes entries off the end of a slot, at most `limit` and none beyond one block; says how many.
    #[inline]
    pub(super) fn pop_batch(
        &mut self,
        (number, position): (usize, usize),
        limit: u64,
        batch: &mut [u32],
    ) -> usize {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.levels[number].pop_batch(position, &mut self.blocks, batch, limit)
    }

    /// When a cursor that stands at `cursor` next enters an occupied slot of any level.
    pub(super) fn next_begin(&self, cursor: u64) -> Option<u64> {
        let held = self.levels.iter().filter(|level| level.len > 0);
        held.filter_map(|level| Some(level.begin(cursor, level.occupied_ahead(cursor, 1)?))).min()
    }

    /// How many entries are due at `now`, by what the slots that begin until then hold.
    pub(super) fn count_due(&self, cursor: u64, now: u64, timers: &impl Timers) -> usize {
        let mut count = 0;
        for level in self.levels.iter().filter(|level| level.len > 0) {
            let mut least = 1;
            while let Some(ahead) = level.occupied_ahead(cursor, least) {
                if level.begin(cursor, ahead) > now {
                    break;
                }
                let slot = level.slot(level.ahead(cursor, ahead));
                let due = |index| timers.deadline(index).is_some_and(|deadline| deadline <= now);
                count += self.blocks.iter(slot).filter(|(_, index)| due(*index)).count();
                least = ahead + 1;
            }
        }
        count
    }

    /// Forgets all entries, and gives back the memory that they took.
    pub(super) fn clear(&mut self) {
        for level in &mut self.levels {
            *level = level.emptied();
        }
        self.blocks = Blocks::new();
    }
}

pub(super) const fn join_owner(level: usize, position: usize) -> u32 {
    ((level as u32) << POSITION_BITS) | position as u32
}

const fn split_owner(owner: u32) -> (usize, usize) {
    ((owner >> POSITION_BITS) as usize, owner as usize & ((1 << POSITION_BITS) - 1))
}
