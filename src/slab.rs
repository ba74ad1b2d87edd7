//! Generational storage: slots that are reused, first freed first, and never answer to an old id.
//!
//! Three columns: records, which heartbeats and timers touch, origins, which they do not, and details,
//! which only heartbeats with details touch.

#[cfg(feature = "serde")]
mod state;

use crate::activity::{Origin, Record};
use crate::chunks::Chunks;
use crate::config::INDEX_SPACE;
use crate::hint::prefetch;
use crate::ActivityId;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
#[cfg(feature = "serde")]
pub(crate) use state::{SlabRestore, SlotsState};

/// 65,536 records, 2 MiB: growth copies no more than that, a small remainder stays unused, and chunks are few
/// enough that their table stays in the fastest cache.
const CHUNK_BITS: u32 = 16;

/// The generation that is never issued.
const RETIRED: u32 = Record::GENERATIONS - 1;

/// The end of the queue of freed slots.
const NONE: u32 = Record::NO_LINK;

#[derive(Clone, Debug)]
pub(crate) struct Slab<K, D> {
    records: Chunks<Record, CHUNK_BITS>,
    origins: Chunks<Option<Origin<K>>, CHUNK_BITS>,
    details: Chunks<Option<D>, CHUNK_BITS>,
    /// For each chunk that was ever given back, the first generation that its slots may use.
    floors: Vec<u32>,
    /// Freed slots, linked through their records: taken at the head, added at the tail.
    head: u32,
    tail: u32,
    open: u32,
}

impl<K, D> Slab<K, D> {
    pub(crate) const fn new() -> Self {
        Self {
            records: Chunks::new(),
            origins: Chunks::new(),
            details: Chunks::new(),
            floors: Vec::new(),
            head: NONE,
            tail: NONE,
            open: 0,
        }
    }

    /// How many slots hold an activity.
    pub(crate) const fn len(&self) -> u32 {
        self.open
    }

    /// The first slot from `index` on, open or not.
    pub(crate) fn slot_from(&self, index: u32) -> Option<u32> {
        self.records.index_from(index)
    }

    /// Takes a slot for an activity, whose record is still to be filled in; `None` once every slot
    /// is taken or retired. Takes memory only if no freed slot is at hand.
    pub(crate) fn vacancy(&mut self) -> Option<ActivityId> {
        if self.head != NONE {
            let record = self.records.get(self.head)?;
            return Some(ActivityId { index: self.head, generation: record.generation() });
        }
        let next = self.records.next_index();
        let index = u32::try_from(next).ok().filter(|index| *index < INDEX_SPACE)?;
        let (chunk, _) = split(index);
        let generation = self.floors.get(chunk).copied().unwrap_or(0);
        self.records.push(Record::vacant(generation));
        self.origins.push(None);
        self.details.push(None);
        self.enqueue(index);
        Some(ActivityId { index, generation })
    }

    /// Fills the slot that [`vacancy`](Self::vacancy) named.
    pub(crate) fn fill(&mut self, id: ActivityId, origin: Origin<K>) -> Option<&mut Record> {
        let next = self.records.get(id.index)?.link();
        *self.origins.get_mut(id.index)? = Some(origin);
        self.head = next;
        if next == NONE {
            self.tail = NONE;
        }
        self.open += 1;
        self.records.get_mut(id.index)
    }

    /// Empties a slot: its id is dead from here on.
    pub(crate) fn remove(&mut self, index: u32) -> Option<(Record, Origin<K>, Option<D>)> {
        let origin = self.origins.get_mut(index)?.take()?;
        let details = self.details.get_mut(index)?.take();
        let record = self.records.get_mut(index)?;
        let removed = *record;
        let generation = removed.generation() + 1;
        *record = Record::vacant(generation);
        self.open -= 1;
        if generation < RETIRED {
            self.enqueue(index);
        }
        Some((removed, origin, details))
    }

    /// The record of an open activity, if the id is its own.
    #[inline]
    pub(crate) fn get_mut(&mut self, id: ActivityId) -> Option<&mut Record> {
        self.records.get_mut(id.index).filter(|record| record.answers_to(id))
    }

    /// The same, to read.
    pub(crate) fn get(&self, id: ActivityId) -> Option<&Record> {
        self.records.get(id.index).filter(|record| record.answers_to(id))
    }

    /// The record at an index known to hold an open activity.
    #[inline]
    pub(crate) fn record(&self, index: u32) -> Option<&Record> {
        self.records.get(index)
    }

    /// The same, to write.
    #[inline]
    pub(crate) fn record_mut(&mut self, index: u32) -> Option<&mut Record> {
        self.records.get_mut(index)
    }

    #[inline]
    pub(crate) fn origin(&self, index: u32) -> Option<&Origin<K>> {
        self.origins.get(index)?.as_ref()
    }

    pub(crate) fn details(&self, index: u32) -> Option<&D> {
        self.details.get(index)?.as_ref()
    }

    #[inline]
    pub(crate) fn set_details(&mut self, index: u32, details: Option<D>) {
        if let Some(slot) = self.details.get_mut(index) {
            *slot = details;
        }
    }

    /// Brings details in, without looking at them. Details of up to a cache line stand in two: the second
    /// is the one that the next details begin in.
    #[inline]
    pub(crate) fn prefetch_details(&self, index: u32) {
        let next = if size_of::<D>() > 0 { index.checked_add(1) } else { None };
        for index in [Some(index), next].into_iter().flatten() {
            if let Some(slot) = self.details.get(index) {
                prefetch(slot);
            }
        }
    }

    /// Brings an origin in, without looking at it.
    #[inline]
    pub(crate) fn prefetch_origin(&self, index: u32) {
        if let Some(slot) = self.origins.get(index) {
            prefetch(slot);
        }
    }

    /// Record and origin together.
    pub(crate) fn both_mut(&mut self, id: ActivityId) -> Option<(&mut Record, &mut Origin<K>)> {
        let record = self.records.get_mut(id.index).filter(|record| record.answers_to(id))?;
        Some((record, self.origins.get_mut(id.index)?.as_mut()?))
    }

    /// The indices of open activities, ascending.
    pub(crate) fn open_indices(&self) -> impl Iterator<Item = u32> + '_ {
        self.records.iter().filter(|(_, record)| record.is_open()).map(|(index, _)| index)
    }

    /// Freed slots in the order of reuse, each with its record.
    pub(crate) fn freed(&self) -> impl Iterator<Item = (u32, &Record)> {
        let mut next = self.head;
        core::iter::from_fn(move || {
            let (index, record) = (next, self.records.get(next)?);
            next = record.link();
            Some((index, record))
        })
    }

    /// What must hold of records, origins and the queue of freed slots.
    pub(crate) fn check(&self) -> Result<(), String> {
        let mut open = 0;
        let mut reusable = 0_usize;
        for (index, record) in self.records.iter() {
            let vacant = !record.is_open();
            open += u32::from(!vacant);
            reusable += usize::from(vacant && record.generation() < RETIRED);
            if self.origin(index).is_none() != vacant || vacant && self.details(index).is_some() {
                return Err(format!("slot {index} is half open"));
            }
        }
        let mut queued = 0;
        let (mut next, mut last) = (self.head, NONE);
        while let Some(record) = self.records.get(next).filter(|_| queued <= reusable) {
            queued += 1;
            if record.is_open() {
                return Err(format!("slot {next} is open and free"));
            }
            last = next;
            next = record.link();
        }
        if open != self.open || queued != reusable || last != self.tail {
            let counted = self.open;
            return Err(format!(
                "{open} open, counted {counted}; {queued} of {reusable} freed slots in the queue"
            ));
        }
        Ok(())
    }

    /// Gives back every chunk in which nothing is open and no slot is retired. Its slots keep their generations' floor, so
    /// no id is ever issued twice. Costs as much as there are slots.
    pub(crate) fn shrink_to_fit(&mut self) {
        let chunks = self.records.chunk_count();
        let mut keep = vec![false; chunks];
        let mut newest = vec![0; chunks];
        for (index, record) in self.records.iter() {
            let (chunk, _) = split(index);
            newest[chunk] = record.generation().max(newest[chunk]);
            // A chunk with a retired slot stays, or all of its slots would be retired with it.
            keep[chunk] |= record.is_open() || record.generation() == RETIRED;
        }
        self.floors.resize(chunks, 0);
        for (chunk, floor) in self.floors.iter_mut().enumerate().filter(|(chunk, _)| !keep[*chunk])
        {
            *floor = newest[chunk].max(*floor);
        }
        self.forget_freed(&keep);
        self.records.release(&keep);
        self.origins.release(&keep);
        self.details.release(&keep);
    }

    /// Takes the slots of chunks that are not kept out of the queue of freed ones.
    fn forget_freed(&mut self, keep: &[bool]) {
        let mut next = self.head;
        self.head = NONE;
        self.tail = NONE;
        while let Some(record) = self.records.get_mut(next) {
            let index = next;
            next = record.link();
            record.set_link(NONE);
            if keep[split(index).0] {
                self.enqueue(index);
            }
        }
    }

    fn enqueue(&mut self, index: u32) {
        // NONE is past the index space, so an empty queue has no tail to link to.
        match self.records.get_mut(self.tail) {
            Some(tail) => tail.set_link(index),
            None => self.head = index,
        }
        self.tail = index;
    }
}

const fn split(index: u32) -> (usize, usize) {
    Chunks::<Record, CHUNK_BITS>::split(index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::Order;
    use crate::Timestamp;

    type Keys = Slab<u32, ()>;

    fn open(slab: &mut Keys) -> ActivityId {
        let id = slab.vacancy().unwrap();
        let timeouts = crate::Timeouts::NONE;
        let record =
            slab.fill(id, Origin::new(id.index, Timestamp::ZERO, Order::new(0).unwrap())).unwrap();
        record.schedule(Timestamp::ZERO, &timeouts, 0);
        id
    }

    #[test]
    fn a_slot_is_retired_after_its_last_generation() {
        let mut slab = Keys::new();
        let first = open(&mut slab);
        *slab.record_mut(first.index).unwrap() = Record::vacant(16_777_213);
        slab.remove(first.index).unwrap();
        let last = open(&mut slab);
        assert_eq!((last.index, last.generation), (0, 16_777_214));
        slab.remove(last.index).unwrap();
        assert_eq!(slab.vacancy(), Some(ActivityId { index: 1, generation: 0 }));
    }

    #[test]
    fn shrinking_forgets_the_slots_of_a_stretch_in_which_nothing_is_open() {
        let mut slab = Keys::new();
        let ids: Vec<ActivityId> = (0..3).map(|_| open(&mut slab)).collect();
        for id in &ids[1..] {
            slab.remove(id.index).unwrap();
        }
        slab.shrink_to_fit();
        assert_eq!((slab.freed().count(), slab.records.next_index()), (2, 3));
        slab.remove(0).unwrap();
        slab.shrink_to_fit();
        assert_eq!((slab.freed().count(), slab.records.next_index()), (0, 0));
        assert_eq!(open(&mut slab), ActivityId { index: 0, generation: 1 });
    }

    #[cfg(feature = "serde")]
    #[test]
    fn no_slot_is_past_the_index_space() {
        let mut slab = Keys::new();
        let (chunk, _) = split(INDEX_SPACE);
        slab.records.begin_at(chunk - 1);
        slab.origins.begin_at(chunk - 1);
        slab.details.begin_at(chunk - 1);
        for _ in 0..1 << CHUNK_BITS {
            open(&mut slab);
        }
        assert_eq!(slab.records.next_index(), u64::from(INDEX_SPACE));
        assert_eq!(slab.vacancy(), None);
    }
}
