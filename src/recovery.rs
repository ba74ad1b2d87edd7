//! What a silence means: when nobody could have heard a heartbeat, were the workers dead?

use core::time::Duration;

use crate::time::millis_ceil;
use crate::Timestamp;

/// What [`Engine::recover`](crate::Engine::recover) does to heartbeat clocks after a silence: a restart, a
/// failover, a suspended machine.
///
/// | policy | a heartbeat deadline after it | resembles |
/// |---|---|---|
/// | [`ABSOLUTE`](Self::ABSOLUTE) | as it was: what fell due in the silence times out | Temporal, whose timers are absolute |
/// | [`REARM`](Self::REARM) | now + heartbeat timeout + spread | etcd's leases on a new leader; Kafka's sessions on a new coordinator |
/// | [`grace`](Self::grace) | as it was, but not before now + grace + spread | Nomad's failover_heartbeat_ttl |
///
/// Only heartbeat clocks are ever moved, since only heartbeats could not be heard. A silent activity lives no
/// longer than the last recovery says, however many there were before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Recovery {
    policy: Policy,
    /// In milliseconds.
    spread: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
enum Policy {
    Absolute,
    Rearm,
    /// In milliseconds.
    Grace(u64),
}

impl Recovery {
    /// Deadlines stand. The jump is accepted, and nothing else happens.
    pub const ABSOLUTE: Self = Self { policy: Policy::Absolute, spread: 0 };

    /// Every heartbeat clock starts anew.
    pub const REARM: Self = Self { policy: Policy::Rearm, spread: 0 };

    /// No heartbeat deadline comes before now + `grace`, rounded up to the next millisecond; a grace past the
    /// end of time ends there.
    #[must_use]
    pub const fn grace(grace: Duration) -> Self {
        Self { policy: Policy::Grace(whole_millis(grace)), spread: 0 }
    }

    /// Adds to each deadline that is moved a share of `spread` (rounded up to the next millisecond), so that a
    /// million of them do not fall on one instant. `ABSOLUTE` moves none.
    ///
    /// The share is a pure function of the order of scheduling: for the n-th activity scheduled, counted from 0,
    /// `(n * 0x9E3779B97F4A7C15 mod 2^64) * (spread + 1) / 2^64` milliseconds, rounded down. That is the golden
    /// ratio's sequence: however many consecutive activities there are, they lie evenly between 0 and `spread`.
    /// A sum past the end of time ends there.
    #[must_use]
    pub const fn with_spread(mut self, spread: Duration) -> Self {
        self.spread = whole_millis(spread);
        self
    }

    /// Where the anchor of a heartbeat clock belongs that stands at `anchor`; `None` is where it is.
    pub(crate) fn anchor(
        &self,
        now: Timestamp,
        anchor: u64,
        patience: u64,
        order: u64,
    ) -> Option<Timestamp> {
        let now = now.as_millis();
        let deadline = match self.policy {
            Policy::Absolute => return None,
            Policy::Rearm => match now.checked_add(patience) {
                Some(deadline) => deadline.saturating_add(self.share(order)),
                // A clock that started now would never come to its end.
                None => return Some(Timestamp::from_millis(now)),
            },
            Policy::Grace(grace) => {
                // One that never comes to its end needs no grace.
                let deadline = anchor.checked_add(patience)?;
                let least = now.saturating_add(grace).saturating_add(self.share(order));
                deadline.max(least)
            }
        };
        // Not before the beginning of time: either deadline is at least `patience` after some instant.
        Some(Timestamp::from_millis(deadline.saturating_sub(patience)))
    }

    /// The part of the spread that falls to the activity scheduled as the `order`-th.
    fn share(&self, order: u64) -> u64 {
        /// 2^64 divided by the golden ratio.
        const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
        let fraction = u128::from(order.wrapping_mul(GOLDEN));
        let share = fraction.wrapping_mul(u128::from(self.spread) + 1) >> u64::BITS;
        // Less than spread + 1, since the fraction is less than 2^64.
        u64::try_from(share).unwrap_or(self.spread)
    }
}

/// Rounded up; longer than time is all of time.
const fn whole_millis(duration: Duration) -> u64 {
    match millis_ceil(duration) {
        Some(millis) => millis,
        None => u64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_lie_evenly_between_nothing_and_the_whole_spread() {
        let recovery = Recovery::REARM.with_spread(Duration::from_millis(99));
        let mut counts = [0; 100];
        for order in 7_000..17_000 {
            counts[recovery.share(order) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (98..=102).contains(count)), "{counts:?}");
        assert_eq!(Recovery::REARM.share(12_345), 0);
        let widest = Recovery::REARM.with_spread(Duration::MAX);
        assert_eq!(widest.share(1), 0x9E37_79B9_7F4A_7C15);
    }
}
