//! For tests: the state of an engine in words.

use alloc::vec::Vec;

use super::Engine;
use crate::image::Image;

impl<K, D> Engine<K, D> {
    /// For tests: all that the engine's answers depend on, in words. Left out are keys and details, which it only
    /// hands on; totals, which decide nothing; and names (generations, shares of timeouts, places in memory), which
    /// [`check_invariants`](Self::check_invariants) follows.
    ///
    /// Instants are relative to the newest time seen, and of that only the last `bits` bits are told. So engines
    /// of one configuration and one image give the same answers to the same commands, each at its own time, as
    /// long as no timer needs a level of the wheel whose laps are longer than `2^bits` ms. `None` if one does.
    #[doc(hidden)]
    #[must_use]
    pub fn image(&self, bits: u32) -> Option<Vec<u64>> {
        let Self { config: _, now, has_seen, jump_limit: _, activities, wheel, stats: _ } = self;
        let mut image = Image { now: *now, words: Vec::new() };
        image.word(u64::from(*has_seen));
        image.word(now.as_millis() & ((1 << bits) - 1));
        activities.image(&mut image);
        wheel.image(bits, &mut image)?;
        Some(image.words)
    }
}
