//! The one clock unit: milliseconds on the host's own timeline.
//!
//! Nothing here can obtain "now": the host passes it to every call.

use core::fmt;
use core::time::Duration;

/// An instant on the host's timeline, in whole milliseconds.
///
/// The origin is the host's to choose: the Unix epoch, the start of a simulation, a boot. Every
/// `u64` is a legal instant, and there is no value that means "none": where an instant may be
/// absent the type is `Option<Timestamp>`.
///
/// ```
/// use core::time::Duration;
/// use heartwheel::Timestamp;
///
/// let start = Timestamp::from_millis(1_000);
/// assert_eq!(start.checked_add(Duration::from_micros(1)), Some(Timestamp::from_millis(1_001)));
/// assert_eq!(Timestamp::MAX.checked_add(Duration::from_millis(1)), None);
/// assert_eq!(start.saturating_since(Timestamp::MAX), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(transparent))]
pub struct Timestamp(u64);

impl Timestamp {
    /// The first instant of the timeline.
    pub const ZERO: Self = Self(0);
    /// The last instant of the timeline, as legal as any other.
    pub const MAX: Self = Self(u64::MAX);

    /// The instant this many milliseconds after the origin.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the origin.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The instant `duration` later, rounded up to the next millisecond; `None` past the end of the
    /// timeline.
    #[must_use]
    pub const fn checked_add(self, duration: Duration) -> Option<Self> {
        let Some(millis) = millis_ceil(duration) else {
            return None;
        };
        match self.0.checked_add(millis) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// How long after `earlier` this instant is; zero if it is not later.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}

/// Whole milliseconds, rounded up, so that nothing fires early; `None` if they exceed `u64`.
#[allow(clippy::cast_possible_truncation, reason = "guarded by the comparison")]
pub(crate) const fn millis_ceil(duration: Duration) -> Option<u64> {
    let millis = duration.as_nanos().div_ceil(1_000_000);
    if millis > u64::MAX as u128 {
        None
    } else {
        Some(millis as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_round_up_to_the_next_millisecond() {
        assert_eq!(millis_ceil(Duration::ZERO), Some(0));
        assert_eq!(millis_ceil(Duration::from_nanos(1)), Some(1));
        assert_eq!(millis_ceil(Duration::from_nanos(999_999)), Some(1));
        assert_eq!(millis_ceil(Duration::from_nanos(1_000_000)), Some(1));
        assert_eq!(millis_ceil(Duration::from_nanos(1_000_001)), Some(2));
    }

    #[test]
    fn durations_past_the_timeline_have_no_milliseconds() {
        assert_eq!(millis_ceil(Duration::MAX), None);
        assert_eq!(millis_ceil(Duration::from_millis(u64::MAX)), Some(u64::MAX));
        let one_more = Duration::from_millis(u64::MAX) + Duration::from_nanos(1);
        assert_eq!(millis_ceil(one_more), None);
    }

    #[test]
    fn sums_past_the_timeline_do_not_exist() {
        assert_eq!(Timestamp::MAX.checked_add(Duration::ZERO), Some(Timestamp::MAX));
        assert_eq!(Timestamp::MAX.checked_add(Duration::from_nanos(1)), None);
        assert_eq!(Timestamp::from_millis(1).checked_add(Duration::from_millis(u64::MAX)), None);
    }
}
