//! What must hold of the wheel between calls, recomputed from the entries and not from the books.

use alloc::format;
use alloc::string::String;
use alloc::vec;

use super::slots::join_owner;
use super::{Place, Timers, Wheel};

impl Wheel {
    /// Checks everything that the wheel relies on, and calls `seen` with the place of each entry that
    /// stands in a slot and with each one that is due. Costs as much as there are entries and slots.
    pub(crate) fn check(
        &self,
        timers: &impl Timers,
        mut seen: impl FnMut(u32, Place) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut blocks = 0;
        for (number, level) in self.slots.levels.iter().enumerate() {
            let mut entries = 0;
            for (position, slot, shown) in level.iter() {
                entries += slot.len;
                blocks += (slot.len as usize).div_ceil(super::blocks::BLOCK);
                if shown != (slot.len > 0) {
                    return Err(format!("level {number} slot {position}: bitmap says {shown}"));
                }
                if slot.len == 0 {
                    continue;
                }
                let begin = self.begin(number, position)?;
                let mut places = vec![];
                for (place, index) in self.slots.blocks.iter(slot) {
                    if self.slots.blocks.owner(place.block()) != Some(join_owner(number, position))
                    {
                        return Err(format!("entry {index} stands in a block of another slot"));
                    }
                    if timers.deadline(index).is_some_and(|deadline| deadline < begin) {
                        return Err(format!("entry {index} is due before its slot at {begin}"));
                    }
                    seen(index, place)?;
                    places.push(place);
                }
                if places.len() != slot.len as usize {
                    return Err(format!("level {number} slot {position} has a broken chain"));
                }
            }
            if entries != level.len {
                return Err(format!("level {number} has {entries} entries, counts {}", level.len));
            }
        }
        if self.slots.blocks.census().0 != blocks {
            return Err(format!(
                "{:?} blocks used and free, {blocks} needed",
                self.slots.blocks.census()
            ));
        }
        for entry in self.due.iter() {
            if entry.deadline > self.cursor || timers.deadline(entry.index) != Some(entry.deadline)
            {
                return Err(format!("{entry:?} is not due at {}", self.cursor));
            }
            seen(entry.index, Place::NOWHERE)?;
        }
        Ok(())
    }

    /// When an occupied slot begins: it must be ahead of the cursor, within the laps of its level and,
    /// so that order does not depend on cascades, strictly after the slot that the cursor is in.
    fn begin(&self, number: usize, position: usize) -> Result<u64, String> {
        let level = &self.slots.levels[number];
        let wrong = || format!("level {number} slot {position} is not ahead of {}", self.cursor);
        let current = self.cursor >> level.shift;
        let ahead = (position as u64).wrapping_sub(current) & (level.ring - 1);
        if ahead == 0 {
            return Err(wrong());
        }
        let begin = current
            .checked_add(ahead)
            .and_then(|slot| slot.checked_mul(1_u64.checked_shl(level.shift)?))
            .ok_or_else(wrong)?;
        if number + 1 == self.slots.levels.len() || level.covers(self.cursor, begin) {
            Ok(begin)
        } else {
            Err(wrong())
        }
    }
}
