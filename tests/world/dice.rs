//! The one source of chance in a world.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

#[derive(Debug)]
pub(crate) struct Dice(SmallRng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(SmallRng::seed_from_u64(seed))
    }

    /// Less than `count`; of none, nothing.
    pub(crate) fn below(&mut self, count: u64) -> u64 {
        self.0.random_range(0..count.max(1))
    }

    pub(crate) fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn per_mille(&mut self, share: u64) -> bool {
        self.below(1_000) < share
    }

    /// At most `most`, every order of magnitude as likely as any other. No floating-point number, which
    /// platforms round differently.
    pub(crate) fn up_to(&mut self, most: u64) -> u64 {
        let bits = self.below(u64::from(u64::BITS - most.leading_zeros()) + 1);
        self.below(1 << bits.min(63)).min(most)
    }

    /// Half of it to one and a half of it, at least 1.
    pub(crate) fn around(&mut self, middle: u64) -> u64 {
        (middle / 2 + self.below(middle + 1)).max(1)
    }

    pub(crate) fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len() as u64) as usize]
    }
}
