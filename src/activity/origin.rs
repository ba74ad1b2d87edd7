//! The part of an activity that heartbeats leave alone.

use crate::Timestamp;

/// The part of an activity that only its scheduling, its start and its end touch.
#[derive(Clone, Debug)]
pub(crate) struct Origin<K, D> {
    pub(crate) key: K,
    pub(crate) details: Option<D>,
    pub(super) scheduled_at: u64,
    pub(super) started_at: u64,
    order: Order,
}

/// The position in the order of scheduling, which settles ties between deadlines.
///
/// Seven bytes, big end first so that they compare as the number: 2^56 activities at ten million a
/// second are 228 years, and the eighth byte is worth a ninth of the bytes of an activity.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Order([u8; 7]);

impl Order {
    /// The order of the `count`-th scheduling; `None` past 2^56.
    pub(crate) const fn new(count: u64) -> Option<Self> {
        let [0, a, b, c, d, e, f, g] = count.to_be_bytes() else {
            return None;
        };
        Some(Self([a, b, c, d, e, f, g]))
    }

    pub(crate) const fn as_u64(self) -> u64 {
        let [a, b, c, d, e, f, g] = self.0;
        u64::from_be_bytes([0, a, b, c, d, e, f, g])
    }
}

impl<K, D> Origin<K, D> {
    pub(crate) const fn new(key: K, now: Timestamp, order: Order) -> Self {
        Self { key, details: None, scheduled_at: now.as_millis(), started_at: 0, order }
    }

    pub(crate) const fn order(&self) -> Order {
        self.order
    }

    /// The same, lent.
    pub(crate) const fn as_ref(&self) -> Origin<&K, &D> {
        Origin {
            key: &self.key,
            details: self.details.as_ref(),
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
    fn orders_compare_as_their_numbers_and_end_at_2_to_the_56() {
        let order = |count| Order::new(count).unwrap();
        assert!(order(0) < order(1) && order(255) < order(256) && order(1 << 40) > order(7));
        assert_eq!(order((1 << 56) - 1).as_u64(), (1 << 56) - 1);
        assert_eq!(Order::new(1 << 56), None);
    }
}
