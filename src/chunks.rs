//! Storage that grows without moving what it holds, and gives chunks back.

use alloc::vec::Vec;

/// A vector in chunks of `2^BITS`: growing copies at most the first chunk, whose size doubles so that
/// a small engine stays small.
#[derive(Clone, Debug)]
pub(crate) struct Chunks<T, const BITS: u32> {
    chunks: Vec<Vec<T>>,
    /// Chunks given back, to be filled again before new ones are made; the lowest last.
    released: Vec<usize>,
    /// The chunk being filled.
    frontier: usize,
}

impl<T, const BITS: u32> Chunks<T, BITS> {
    const SIZE: usize = 1 << BITS;

    pub(crate) const fn new() -> Self {
        Self { chunks: Vec::new(), released: Vec::new(), frontier: 0 }
    }

    #[inline]
    pub(crate) fn get(&self, index: u32) -> Option<&T> {
        let (chunk, offset) = Self::split(index);
        self.chunks.get(chunk)?.get(offset)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, index: u32) -> Option<&mut T> {
        let (chunk, offset) = Self::split(index);
        self.chunks.get_mut(chunk)?.get_mut(offset)
    }

    /// The index that the next [`push`](Self::push) fills.
    pub(crate) fn next_index(&self) -> u64 {
        let filled = |chunk: usize| self.chunks.get(chunk).map_or(0, Vec::len);
        let frontier = filled(self.frontier);
        if frontier < Self::SIZE {
            return Self::join(self.frontier, frontier);
        }
        Self::join(self.released.last().copied().unwrap_or(self.chunks.len()), 0)
    }

    /// Adds a value at [`next_index`](Self::next_index).
    pub(crate) fn push(&mut self, value: T) {
        if self.chunks.get(self.frontier).is_some_and(|chunk| chunk.len() >= Self::SIZE) {
            self.frontier = self.released.pop().unwrap_or(self.chunks.len());
        }
        if self.frontier == self.chunks.len() {
            self.chunks.push(Vec::new());
        }
        let first = self.frontier == 0;
        let chunk = &mut self.chunks[self.frontier];
        if !first && chunk.capacity() == 0 {
            chunk.reserve_exact(Self::SIZE);
        }
        chunk.push(value);
    }

    /// The first index that holds a value, from `index` on.
    pub(crate) fn index_from(&self, index: u32) -> Option<u32> {
        let (first, offset) = Self::split(index);
        if self.chunks.get(first)?.len() > offset {
            return Some(index);
        }
        let later = self.chunks.iter().enumerate().skip(first + 1);
        let next = later.filter(|(_, chunk)| !chunk.is_empty()).map(|(number, _)| number).next()?;
        u32::try_from(Self::join(next, 0)).ok()
    }

    /// How many chunks there are, those given back included.
    pub(crate) fn chunk_count(&self) -> usize {
        self.chunks.len()
    }

    /// The chunk being filled.
    #[cfg(feature = "serde")]
    pub(crate) const fn frontier(&self) -> usize {
        self.frontier
    }

    /// Goes on filling at the beginning of a chunk; those before it that are empty stay so.
    #[cfg(feature = "serde")]
    pub(crate) fn begin_at(&mut self, chunk: usize) {
        self.chunks.resize_with(self.chunks.len().max(chunk), Vec::new);
        self.frontier = chunk;
    }

    /// Ends a filling from the outside: so many chunks, of which one is being filled and the empty others are
    /// given back.
    #[cfg(feature = "serde")]
    pub(crate) fn end_at(&mut self, chunks: usize, frontier: usize) {
        self.chunks.resize_with(chunks, Vec::new);
        self.frontier = frontier;
        let empty = |number: &usize| *number != frontier && self.chunks[*number].is_empty();
        self.released = (0..chunks).rev().filter(empty).collect();
    }

    /// Gives back the memory of every chunk that `keep` does not list.
    pub(crate) fn release(&mut self, keep: &[bool]) {
        for (number, chunk) in self.chunks.iter_mut().enumerate() {
            if !chunk.is_empty() && !keep.get(number).is_some_and(|keep| *keep) {
                *chunk = Vec::new();
                if number != self.frontier {
                    self.released.push(number);
                }
            }
        }
        self.released.sort_unstable_by(|one, other| other.cmp(one));
    }

    /// Every value with its index, by index.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.chunks.iter().enumerate().flat_map(|(number, chunk)| {
            let base = Self::join(number, 0) as u32;
            chunk.iter().enumerate().map(move |(offset, value)| (base | offset as u32, value))
        })
    }

    /// Which chunk an index is in.
    pub(crate) const fn split(index: u32) -> (usize, usize) {
        ((index >> BITS) as usize, index as usize & (Self::SIZE - 1))
    }

    const fn join(chunk: usize, offset: usize) -> u64 {
        ((chunk as u64) << BITS) | offset as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn released_chunks_are_filled_again_before_new_ones_are_made() {
        let mut chunks = Chunks::<u32, 2>::new();
        for value in 0..13 {
            assert_eq!(chunks.next_index(), u64::from(value));
            chunks.push(value);
        }
        chunks.release(&[false, true, false, true]);
        assert_eq!(chunks.get(0), None);
        assert_eq!(chunks.get(5), Some(&5));
        assert_eq!(chunks.get(9), None);
        assert_eq!(chunks.get(12), Some(&12));
        let places: Vec<u64> = (0..12)
            .map(|value| {
                let place = chunks.next_index();
                chunks.push(value);
                place
            })
            .collect();
        assert_eq!(places, [13, 14, 15, 0, 1, 2, 3, 8, 9, 10, 11, 16]);
        assert_eq!(chunks.iter().count(), 17);
    }

    #[test]
    fn only_the_first_chunk_grows_by_copying() {
        let mut chunks = Chunks::<u32, 6>::new();
        chunks.push(0);
        assert!(chunks.chunks[0].capacity() < 64, "a small engine stays small");
        for value in 1..65 {
            chunks.push(value);
        }
        assert_eq!(chunks.chunks[1].capacity(), 64);
        let place: *const u32 = chunks.get(64).unwrap();
        for value in 65..128 {
            chunks.push(value);
        }
        assert_eq!(chunks.get(64).map(core::ptr::from_ref), Some(place));
    }

    #[test]
    fn the_next_value_is_found_over_the_gaps() {
        let mut chunks = Chunks::<u32, 2>::new();
        for value in 0..14 {
            chunks.push(value);
        }
        chunks.release(&[true, false, false, true]);
        let found: Vec<Option<u32>> = (0..16).map(|index| chunks.index_from(index)).collect();
        let expected = |index: u32| match index {
            0..=3 | 12..=13 => Some(index),
            4..=11 => Some(12),
            _ => None,
        };
        assert_eq!(found, (0..16).map(expected).collect::<Vec<_>>());
    }

    #[test]
    fn an_emptied_frontier_is_filled_on_and_not_given_twice() {
        let mut chunks = Chunks::<u32, 1>::new();
        for value in 0..5 {
            chunks.push(value);
        }
        chunks.release(&[true, true, false]);
        assert_eq!((chunks.next_index(), chunks.chunk_count()), (4, 3));
        let places: Vec<u64> = (0..3)
            .map(|value| {
                let place = chunks.next_index();
                chunks.push(value);
                place
            })
            .collect();
        assert_eq!(places, [4, 5, 6]);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_filling_from_the_outside_ends_as_the_original_was() {
        for keep_frontier in [true, false] {
            let mut original = Chunks::<u32, 1>::new();
            for value in 0..9 {
                original.push(value);
            }
            original.release(&[true, false, true, false, keep_frontier]);
            let mut copy = Chunks::<u32, 1>::new();
            for (index, _) in original.iter() {
                let (chunk, offset) = Chunks::<u32, 1>::split(index);
                if offset == 0 {
                    copy.begin_at(chunk);
                }
                assert_eq!(copy.next_index(), u64::from(index));
                copy.push(index);
            }
            copy.end_at(original.chunk_count(), original.frontier());
            for value in 0..8 {
                let shape =
                    |it: &Chunks<u32, 1>| (it.next_index(), it.chunk_count(), it.frontier());
                assert_eq!(shape(&copy), shape(&original));
                copy.push(value);
                original.push(value);
            }
            assert!(original.frontier() > 4, "the chunks given back are full again");
            assert!(copy.iter().eq(original.iter()));
        }
    }
}
