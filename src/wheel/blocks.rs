//! The entries of all slots: a pool of blocks of indices, read in sequence and given back whole.

use crate::chunks::Chunks;
use crate::hint::prefetch;
use alloc::vec::Vec;

/// Entries to a block: 256 bytes, four cache lines read in sequence, and of a slot's blocks only the
/// last is not full.
pub(super) const BLOCK: usize = 64;

/// 1,024 blocks to a chunk of the pool, 256 KiB.
const CHUNK_BITS: u32 = 10;

/// Entries to a cache line.
const LINE: usize = 16;

/// No block.
pub(super) const NONE: u32 = u32::MAX;

/// Where an entry stands: its block, and its position there. Its owner keeps it for the wheel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Place(pub(crate) u32);

impl Place {
    /// In no slot: nothing is armed, or it is due.
    pub(crate) const NOWHERE: Self = Self(u32::MAX);

    pub(super) const fn new(block: u32, position: usize) -> Self {
        Self(block * BLOCK as u32 + position as u32)
    }

    pub(super) const fn block(self) -> u32 {
        self.0 / BLOCK as u32
    }

    pub(super) const fn position(self) -> usize {
        self.0 as usize % BLOCK
    }
}

/// A slot of the wheel: its newest block, and how many entries it has in all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) last: u32,
    pub(super) len: u32,
}

impl Slot {
    pub(super) const EMPTY: Self = Self { last: NONE, len: 0 };
}

/// What belongs to a block and is not needed to read it.
#[derive(Clone, Copy, Debug)]
struct Header {
    /// The slot that holds the block, as its owner numbers slots.
    owner: u32,
    /// The block that was filled before this one, or the next free one.
    previous: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Blocks {
    entries: Chunks<[u32; BLOCK], CHUNK_BITS>,
    headers: Vec<Header>,
    free: u32,
}

impl Blocks {
    pub(super) const fn new() -> Self {
        Self { entries: Chunks::new(), headers: Vec::new(), free: NONE }
    }

    /// Adds an entry to a slot.
    #[inline(always)]
    pub(super) fn push(&mut self, slot: &mut Slot, owner: u32, index: u32) -> Place {
        let position = slot.len as usize % BLOCK;
        if position == 0 {
            slot.last = self.take(owner, slot.last);
        }
        if let Some(block) = self.entries.get_mut(slot.last) {
            block[position] = index;
        }
        slot.len += 1;
        Place::new(slot.last, position)
    }

    /// Copies entries off the end of a slot into `batch`, at most `limit` and none beyond one block;
    /// says how many.
    #[inline]
    pub(super) fn pop_batch(&mut self, slot: &mut Slot, batch: &mut [u32], limit: usize) -> usize {
        let Some(last) = (slot.len as usize).checked_sub(1) else {
            return 0;
        };
        let filled = last % BLOCK + 1;
        let count = filled.min(limit).min(batch.len());
        if let Some(block) = self.entries.get(slot.last) {
            batch[..count].copy_from_slice(&block[filled - count..filled]);
        }
        slot.len -= count as u32;
        if count == filled {
            self.give_back(slot);
            self.prefetch(slot.last);
        }
        count
    }

    /// Brings a block in that will be read soon.
    fn prefetch(&self, block: u32) {
        if let Some(entries) = self.entries.get(block) {
            entries.iter().step_by(LINE).for_each(prefetch);
        }
        if let Some(header) = self.headers.get(block as usize) {
            prefetch(header);
        }
    }

    /// Removes the entry at a place; the slot's last entry takes its place and is named, unless the
    /// removed one was the last.
    pub(super) fn remove(&mut self, slot: &mut Slot, place: Place) -> Option<u32> {
        let position = (slot.len as usize).checked_sub(1)? % BLOCK;
        let moved = self.entries.get(slot.last)?[position];
        let last = Place::new(slot.last, position);
        slot.len -= 1;
        if position == 0 {
            self.give_back(slot);
        }
        if last == place {
            return None;
        }
        self.entries.get_mut(place.block())?[place.position()] = moved;
        Some(moved)
    }

    /// The slot that holds a block, as its owner numbers slots.
    pub(super) fn owner(&self, block: u32) -> Option<u32> {
        self.headers.get(block as usize).map(|header| header.owner)
    }

    /// The entries of a slot, newest block first, each with its place.
    pub(super) fn iter(&self, slot: Slot) -> impl Iterator<Item = (Place, u32)> + '_ {
        let mut block = slot.last;
        let mut left = slot.len as usize;
        core::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let position = left % BLOCK;
            let entry = (Place::new(block, position), *self.entries.get(block)?.get(position)?);
            if position == 0 {
                block = self.headers.get(block as usize)?.previous;
            }
            Some(entry)
        })
    }

    /// Blocks in use and blocks free.
    pub(super) fn census(&self) -> (usize, usize) {
        let mut free = 0;
        let mut block = self.free;
        while let Some(header) =
            self.headers.get(block as usize).filter(|_| free <= self.headers.len())
        {
            free += 1;
            block = header.previous;
        }
        (self.headers.len() - free, free)
    }

    #[inline(never)]
    fn take(&mut self, owner: u32, previous: u32) -> u32 {
        let header = Header { owner, previous };
        match self.headers.get_mut(self.free as usize) {
            Some(vacant) => {
                let block = self.free;
                self.free = vacant.previous;
                *vacant = header;
                block
            }
            None => {
                // The index space leaves room for every slot's last block to be nearly empty.
                let block = self.headers.len() as u32;
                self.headers.push(header);
                self.entries.push([0; BLOCK]);
                block
            }
        }
    }

    fn give_back(&mut self, slot: &mut Slot) {
        let block = slot.last;
        if let Some(header) = self.headers.get_mut(block as usize) {
            slot.last = header.previous;
            header.previous = self.free;
            self.free = block;
        }
    }
}
