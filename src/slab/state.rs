//! The slots of a slab as data, and a slab made from it slot by slot.

use alloc::vec::Vec;

use super::{split, Slab, CHUNK_BITS, RETIRED};
use crate::activity::{Origin, Record};
use crate::config::INDEX_SPACE;
use crate::ActivityId;

/// Which slots there are beside those of open activities.
#[derive(Clone, Debug)]
pub(crate) struct SlotsState {
    /// The first generation of the slots of each chunk.
    pub(crate) floors: Vec<u32>,
    /// The chunk that is being filled. Every other one is full or empty.
    pub(crate) frontier: u32,
    /// Index and next generation, in the order of reuse.
    pub(crate) freed: Vec<(u32, u32)>,
    pub(crate) retired: Vec<u32>,
}

impl<K, D> Slab<K, D> {
    pub(crate) fn state(&self) -> SlotsState {
        let mut floors = self.floors.clone();
        floors.resize(self.records.chunk_count(), 0);
        let freed = self.freed().map(|(index, record)| (index, record.generation())).collect();
        let is_retired = |record: &Record| !record.is_open() && record.generation() == RETIRED;
        let retired = self.records.iter().filter(|(_, record)| is_retired(record));
        let retired = retired.map(|(index, _)| index).collect();
        SlotsState { floors, frontier: self.records.frontier() as u32, freed, retired }
    }
}

/// A slab that is being filled in the order of its indices.
#[derive(Debug)]
pub(crate) struct SlabRestore<K, D> {
    slab: Slab<K, D>,
    state: SlotsState,
    /// Freed and retired slots by index, and how many of them have been made.
    vacant: Vec<(u32, u32)>,
    made: usize,
    /// The next slot to be made.
    next: u32,
}

impl<K, D> SlabRestore<K, D> {
    pub(crate) fn new(state: SlotsState) -> Result<Self, &'static str> {
        if state.floors.len() > split(INDEX_SPACE).0 {
            return Err("more stretches of slots than the index space holds");
        }
        if state.frontier as usize >= state.floors.len().max(1) {
            return Err("the stretch that slots are taken from is not there");
        }
        let generations = state.freed.iter().map(|(_, generation)| generation);
        if generations.chain(&state.floors).any(|generation| *generation >= RETIRED) {
            return Err("a generation is past the last one");
        }
        let retired = state.retired.iter().map(|index| (*index, RETIRED));
        let mut vacant: Vec<(u32, u32)> = state.freed.iter().copied().chain(retired).collect();
        vacant.sort_unstable();
        let in_order = |pair: &[u32]| pair[0] < pair[1];
        if !state.retired.windows(2).all(in_order)
            || vacant.windows(2).any(|pair| pair[0].0 == pair[1].0)
        {
            return Err("the free slots name one twice, or the retired ones are not in order");
        }
        Ok(Self { slab: Slab::new(), state, vacant, made: 0, next: 0 })
    }

    /// Makes the slot of an open activity, and the vacant ones before it.
    pub(crate) fn place(
        &mut self,
        id: ActivityId,
        record: Record,
        origin: Origin<K>,
        details: Option<D>,
    ) -> Result<(), &'static str> {
        if id.generation >= RETIRED {
            return Err("its generation is past the last one");
        }
        if id.index < self.next {
            return Err("its slot is free or another activity's, or activities are out of order");
        }
        self.make_until(id.index)?;
        if self.vacant.get(self.made).is_some_and(|(index, _)| *index == id.index) {
            return Err("its slot is free");
        }
        self.make(record, Some(origin), details)?;
        self.slab.open += 1;
        Ok(())
    }

    /// Makes what is left, and the queue of free slots.
    pub(crate) fn finish(mut self) -> Result<Slab<K, D>, &'static str> {
        if let Some((last, _)) = self.vacant.last().copied().filter(|(last, _)| *last >= self.next)
        {
            self.make_until(last)?;
            self.make_vacant()?;
        }
        let (chunk, offset) = split(self.next);
        if offset != 0 && chunk != self.state.frontier as usize {
            return Err("a stretch of slots is neither full nor empty");
        }
        let (chunks, frontier) = (self.state.floors.len(), self.state.frontier as usize);
        self.slab.records.end_at(chunks, frontier);
        self.slab.origins.end_at(chunks, frontier);
        self.slab.details.end_at(chunks, frontier);
        for (index, _) in self.state.freed {
            self.slab.enqueue(index);
        }
        self.slab.floors = self.state.floors;
        Ok(self.slab)
    }

    /// Makes every slot before an index.
    fn make_until(&mut self, index: u32) -> Result<(), &'static str> {
        while self.next < index {
            if self.vacant.get(self.made).is_some_and(|(vacant, _)| *vacant == self.next) {
                self.make_vacant()?;
                continue;
            }
            // Nothing stands here, so nothing may stand in the rest of the chunk.
            let (chunk, offset) = split(self.next);
            if offset != 0 && chunk != self.state.frontier as usize || chunk == split(index).0 {
                return Err("a slot before it is neither open nor free");
            }
            self.next = (self.next | ((1 << CHUNK_BITS) - 1)).saturating_add(1);
            if self.vacant.get(self.made).is_some_and(|(vacant, _)| *vacant < self.next) {
                return Err("a slot before it is neither open nor free");
            }
        }
        Ok(())
    }

    fn make_vacant(&mut self) -> Result<(), &'static str> {
        let Some((_, generation)) = self.vacant.get(self.made).copied() else { return Ok(()) };
        self.made += 1;
        self.make(Record::vacant(generation), None, None)
    }

    fn make(
        &mut self,
        record: Record,
        origin: Option<Origin<K>>,
        details: Option<D>,
    ) -> Result<(), &'static str> {
        let (chunk, offset) = split(self.next);
        if chunk >= self.state.floors.len() {
            return Err("a slot is past the last stretch");
        }
        if offset == 0 {
            self.slab.records.begin_at(chunk);
            self.slab.origins.begin_at(chunk);
            self.slab.details.begin_at(chunk);
        }
        self.slab.records.push(record);
        self.slab.origins.push(origin);
        self.slab.details.push(details);
        self.next += 1;
        Ok(())
    }
}
