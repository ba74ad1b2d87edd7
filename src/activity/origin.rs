//! The part of an activity that heartbeats leave alone.

use core::num::NonZeroU8;

use crate::Timestamp;

/// The part of an activity that only its scheduling, its start and its end touch.
#[derive(Clone, Debug)]
pub(crate) struct Origin<K> {
    pub(crate) key: K,
    pub(super) scheduled_at: u64,
    pub(super) started_at: u64,
    order: Order,
}

/// The position in the order of scheduling, which settles ties between deadlines.
///
/// Seven bytes, big end first so that they compare as the number: nearly 2^56 activities at ten million a
/// second are 227 years, and the eighth byte is worth a ninth of the bytes of an activity. The first byte
/// is one too high, so that it is never zero and an absent origin takes no byte more.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Order {
    high: NonZeroU8,
    low: [u8; 6],
}

impl Order {
    /// The order of the `count`-th scheduling; `None` from 255 x 2^48 on.
    pub(crate) fn new(count: u64) -> Option<Self> {
        let [0, high, low @ ..] = count.to_be_bytes() else {
            return None;
        };
        Some(Self { high: NonZeroU8::MIN.checked_add(high)?, low })
    }

    pub(crate) const fn as_u64(self) -> u64 {
        let [a, b, c, d, e, f] = self.low;
        u64::from_be_bytes([0, self.high.get().saturating_sub(1), a, b, c, d, e, f])
    }
}

impl<K> Origin<K> {
    pub(crate) const fn new(key: K, now: Timestamp, order: Order) -> Self {
        Self { key, scheduled_at: now.as_millis(), started_at: 0, order }
    }

    pub(crate) const fn order(&self) -> Order {
        self.order
    }

    /// The same, lent.
    pub(crate) const fn as_ref(&self) -> Origin<&K> {
        Origin {
            key: &self.key,
            scheduled_at: self.scheduled_at,
            started_at: self.started_at,
            order: self.order,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_compare_as_their_numbers_and_end_short_of_2_to_the_56() {
        let order = |count| Order::new(count).unwrap();
        assert!(order(0) < order(1) && order(255) < order(256) && order(1 << 40) > order(7));
        assert!(order((1 << 48) - 1) < order(1 << 48) && order(254 << 48) > order(253 << 48));
        for count in [0, 1, 255, 1 << 48, (255 << 48) - 1] {
            assert_eq!(order(count).as_u64(), count);
        }
        assert_eq!(Order::new(255 << 48), None);
        assert_eq!(Order::new(1 << 56), None);
    }
}
