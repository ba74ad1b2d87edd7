//! What a host may choose when it makes an engine.

use core::time::Duration;

use crate::time::millis_ceil;

/// The most activities that can be open at once: what 32-bit places in the timer wheel can name,
/// less a sixteenth for slots that are not full.
pub(crate) const INDEX_SPACE: u32 = 0xF000_0000;

/// The choices of an engine. The defaults fit most hosts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Config {
    #[cfg_attr(feature = "serde", serde(deserialize_with = "bounded::max_open"))]
    pub(crate) max_open: u32,
    pub(crate) missing_details: MissingDetails,
    pub(crate) geometry: Geometry,
    /// In milliseconds; `None` is no guard.
    pub(crate) max_jump: Option<u64>,
}

impl Config {
    /// As many activities as the index space holds (4,026,531,840), details kept by heartbeats that
    /// bring none, the default timer wheel.
    pub const DEFAULT: Self = Self {
        max_open: INDEX_SPACE,
        missing_details: MissingDetails::Keep,
        geometry: Geometry::DEFAULT,
        max_jump: None,
    };

    /// At most this many activities open at once; more than the index space is the index space.
    /// Nothing is allocated ahead.
    #[must_use]
    pub const fn with_max_open(mut self, max_open: u32) -> Self {
        self.max_open = if max_open < INDEX_SPACE { max_open } else { INDEX_SPACE };
        self
    }

    /// What a heartbeat without details does to the details reported before.
    #[must_use]
    pub const fn with_missing_details(mut self, missing_details: MissingDetails) -> Self {
        self.missing_details = missing_details;
        self
    }

    /// A guard on the clock: a time that is further past the newest seen than this (rounded up to the next
    /// millisecond; `None`, the default, is no guard) is not believed. Every command and `poll` at such a time
    /// says that a [`Jump`](crate::Jump) is pending and does nothing, until
    /// [`Engine::recover`](crate::Engine::recover) accepts it. It takes a suspended machine, or one corrupt
    /// timestamp, to jump far; without a guard either would expire everything, and the corrupt time would stick.
    ///
    /// The first time that an engine sees is no jump. Nor is a wake-up that the engine asked for: with a guard,
    /// [`next_wakeup`](crate::Engine::next_wakeup) is never further ahead, so that a host which follows it is
    /// stopped only by its clock. A host with nothing armed has to show the engine the time by a `poll` at least
    /// that often. A guard of zero is one of a millisecond, or time could not go on.
    #[must_use]
    pub const fn with_max_jump(mut self, max_jump: Option<Duration>) -> Self {
        self.max_jump = match max_jump {
            Some(max_jump) => match millis_ceil(max_jump) {
                Some(0) => Some(1),
                max_jump => max_jump,
            },
            None => None,
        };
        self
    }

    /// The guard in milliseconds, the end of time without one.
    pub(crate) const fn jump_limit(&self) -> u64 {
        match self.max_jump {
            Some(max_jump) => max_jump,
            None => u64::MAX,
        }
    }

    /// Another shape of timer wheel. Costs change, results never do; tests shrink it so that a few
    /// operations reach every level.
    #[must_use]
    pub const fn with_geometry(mut self, geometry: Geometry) -> Self {
        self.geometry = geometry;
        self
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What a heartbeat without details does to the details reported before.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum MissingDetails {
    /// Keeps them: nothing reported is nothing lost. SWF's emulators do so; SWF itself is silent.
    #[default]
    Keep,
    /// Clears them, as Temporal and Cadence do.
    Clear,
}

/// The shape of the timer wheel: how many bits of a deadline each level sorts by.
///
/// The bottom level has slots of 1 ms, `2^bottom_bits` to a lap; each level above has slots as wide
/// as a lap of the level below, `2^upper_bits` to a lap. There are as many levels as 64 bits need, so
/// every deadline has its slot.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Geometry {
    #[cfg_attr(feature = "serde", serde(deserialize_with = "bounded::bits"))]
    pub(crate) bottom_bits: u8,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "bounded::bits"))]
    pub(crate) upper_bits: u8,
}

impl Geometry {
    /// 256 slots to a lap on every level, 1 ms wide below: eight levels. An upper slot of a quarter of a
    /// second holds few enough timers to be emptied in one call when a host has slept, and the second level
    /// reaches 16 minutes ahead before a third is needed.
    pub const DEFAULT: Self = Self { bottom_bits: 8, upper_bits: 8 };

    /// The smallest wheel that works: two slots to a lap.
    pub const TINY: Self = Self { bottom_bits: 1, upper_bits: 1 };

    /// A shape of one's own; each figure is brought into 1 to 8.
    #[must_use]
    pub const fn new(bottom_bits: u8, upper_bits: u8) -> Self {
        Self { bottom_bits: clamp_bits(bottom_bits), upper_bits: clamp_bits(upper_bits) }
    }
}

impl Default for Geometry {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What comes from outside is brought into its bounds as by the constructors.
#[cfg(feature = "serde")]
mod bounded {
    use serde::{Deserialize, Deserializer};

    pub(super) fn max_open<'de, S: Deserializer<'de>>(deserializer: S) -> Result<u32, S::Error> {
        u32::deserialize(deserializer).map(|max_open| max_open.min(super::INDEX_SPACE))
    }

    pub(super) fn bits<'de, S: Deserializer<'de>>(deserializer: S) -> Result<u8, S::Error> {
        u8::deserialize(deserializer).map(super::clamp_bits)
    }
}

/// At least one bit, or a level would not be wider than the one below; at most eight, so that a
/// level's sixteen laps fill one two-word-deep bitmap of 64 x 64.
const fn clamp_bits(bits: u8) -> u8 {
    if bits < 1 {
        1
    } else if bits > 8 {
        8
    } else {
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_chooses_is_brought_into_its_bounds() {
        assert_eq!(Config::DEFAULT.with_max_open(u32::MAX).max_open, INDEX_SPACE);
        assert_eq!(Config::DEFAULT.with_max_open(7).max_open, 7);
        let bits = |bits| Geometry::new(bits, 5).bottom_bits;
        assert_eq!([0, 1, 2, 8, 9, 255].map(bits), [1, 1, 2, 8, 8, 8]);
    }
}
