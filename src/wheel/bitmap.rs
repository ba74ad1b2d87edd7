//! Which slots of a level hold entries, two words deep, so that the next one is found at once.

use alloc::vec;
use alloc::vec::Vec;

/// Up to 64 x 64 bits, and a word that says which words are not empty.
#[derive(Clone, Debug)]
pub(super) struct Bitmap {
    summary: u64,
    words: Vec<u64>,
}

impl Bitmap {
    /// All clear.
    pub(super) fn new(bits: usize) -> Self {
        Self { summary: 0, words: vec![0; bits.div_ceil(64)] }
    }

    pub(super) fn set(&mut self, bit: usize) {
        self.words[bit / 64] |= 1 << (bit % 64);
        self.summary |= 1 << (bit / 64);
    }

    pub(super) fn clear(&mut self, bit: usize) {
        let word = &mut self.words[bit / 64];
        *word &= !(1 << (bit % 64));
        if *word == 0 {
            self.summary &= !(1 << (bit / 64));
        }
    }

    pub(super) fn contains(&self, bit: usize) -> bool {
        self.words[bit / 64] >> (bit % 64) & 1 == 1
    }

    /// The first set bit at `start` or after it, going round.
    pub(super) fn next_from(&self, start: usize) -> Option<usize> {
        self.at_or_after(start).or_else(|| self.at_or_after(0))
    }

    fn at_or_after(&self, start: usize) -> Option<usize> {
        let word = self.words.get(start / 64)? & (u64::MAX << (start % 64));
        if word != 0 {
            return Some(start / 64 * 64 + word.trailing_zeros() as usize);
        }
        let later = u64::MAX.checked_shl((start / 64) as u32 + 1).unwrap_or(0);
        let summary = self.summary & later;
        if summary == 0 {
            return None;
        }
        let index = summary.trailing_zeros() as usize;
        Some(index * 64 + self.words[index].trailing_zeros() as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_set_bit_is_found_from_every_start_at_every_size() {
        for bits in [1, 2, 8, 63, 64, 65, 128, 2048, 4096] {
            let mut bitmap = Bitmap::new(bits);
            assert_eq!(bitmap.next_from(0), None);
            let chosen: Vec<usize> = [0, 1, 7, 62, 63, 64, 127, 128, 2047, 4095]
                .into_iter()
                .filter(|bit| *bit < bits)
                .collect();
            for bit in &chosen {
                bitmap.set(*bit);
            }
            for start in 0..bits {
                let expected =
                    chosen.iter().copied().find(|bit| *bit >= start).unwrap_or(chosen[0]);
                assert_eq!(bitmap.next_from(start), Some(expected), "{start} of {bits}");
            }
            for bit in &chosen {
                assert!(bitmap.contains(*bit));
                bitmap.clear(*bit);
                assert!(!bitmap.contains(*bit));
            }
            assert_eq!(bitmap.next_from(0), None);
        }
    }
}
