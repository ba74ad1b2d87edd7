//! Instants on the wire: seconds since the epoch as a number, with the milliseconds as its fraction.

use core::fmt;

use crate::Timestamp;

use super::shape::{Noted, Notes, Path, Shape};
use super::violation::{Refusal, Rule};

/// An instant as SWF writes it: a number of seconds since the Unix epoch with a fraction of milliseconds,
/// such as `1420142405.123`.
///
/// serde has no decimal numbers, so it travels as the `f64` nearest to it. Fifteen digits survive an `f64`
/// and its shortest decimal form, and that is what makes the number exact, to the millisecond, in both
/// directions: up to [`MAX`](Self::MAX), the last instant of fifteen digits, in the year 33658. Later instants
/// of the host's timeline become that one.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EpochSeconds {
    millis: u64,
}

impl EpochSeconds {
    /// The last instant that the wire carries exactly: 999999999999.999.
    pub const MAX: Self = Self { millis: 999_999_999_999_999 };

    /// The instant on the host's timeline, whose origin must be the Unix epoch for dates to be right.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        Timestamp::from_millis(self.millis)
    }
}

impl From<Timestamp> for EpochSeconds {
    fn from(timestamp: Timestamp) -> Self {
        Self { millis: timestamp.as_millis() }.min(Self::MAX)
    }
}

impl fmt::Display for EpochSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.millis / 1000, self.millis % 1000)
    }
}

impl serde::Serialize for EpochSeconds {
    #[allow(clippy::cast_precision_loss, reason = "fifteen digits are exact")]
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Both operands are exact and division rounds once: the nearest double to the decimal.
        serializer.serialize_f64(self.millis as f64 / 1000.0)
    }
}

impl<'de> serde::Deserialize<'de> for EpochSeconds {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::shape::deserialize(deserializer)
    }
}

impl Shape for EpochSeconds {
    /// serde reads whole numbers into it too.
    type Wire = f64;

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked first, and the fraction is cut off on purpose"
    )]
    fn parse(seconds: f64, at: Path<'_>, notes: &mut Notes) -> Result<Self, Noted> {
        // To the nearest millisecond; core has no `round`. NaN is in no range.
        let millis = seconds * 1000.0 + 0.5;
        if (0.5..1e15).contains(&millis) {
            Ok(Self { millis: millis as u64 })
        } else {
            Err(notes.add(Refusal { rule: Rule::Instant, length: 0 }, at))
        }
    }
}
