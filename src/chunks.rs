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

    /// How many chunks there are, those given back included.
    pub(crate) fn chunk_count(&self) -> usize {
        self.chunks.len()
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
}
