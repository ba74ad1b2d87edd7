//! The rate at which activities may be scheduled: a bucket that fills with time.

use crate::Timestamp;

/// So many activities a second on average, and so many at once.
///
/// SWF's own quota is 2,000 a second for each task list, and may be raised; so it is the host's to configure. There
/// is one bucket for a whole service (our choice): deciders name lists as they like, so one for each would be memory
/// that callers control, and would bound no host's work.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub struct CreationRate {
    per_second: u32,
    burst: u32,
}

impl CreationRate {
    /// `burst` activities at once, and `per_second` more with every second, up to `burst` again. With a
    /// burst of 0 none is ever scheduled.
    #[must_use]
    pub const fn new(per_second: u32, burst: u32) -> Self {
        Self { per_second, burst }
    }
}

/// What is left of a rate: how much was taken, which is forgotten with time. Full when it is new.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub(super) struct Bucket {
    /// In thousandths of an activity, so that a millisecond at one a second is a whole number.
    taken_thousandths: u64,
    at: Timestamp,
}

/// What one activity takes.
const ONE_THOUSANDTHS: u64 = 1000;

impl Bucket {
    /// Lets time pass; is there room for one more?
    pub(super) fn has_room(&mut self, now: Timestamp, rate: CreationRate) -> bool {
        let elapsed_ms = now.as_millis().saturating_sub(self.at.as_millis());
        // Thousandths of an activity per millisecond are activities per second.
        let regained = elapsed_ms.saturating_mul(u64::from(rate.per_second));
        self.taken_thousandths = self.taken_thousandths.saturating_sub(regained);
        self.at = self.at.max(now);
        let capacity = u64::from(rate.burst) * ONE_THOUSANDTHS;
        self.taken_thousandths.saturating_add(ONE_THOUSANDTHS) <= capacity
    }

    /// Takes room for one.
    pub(super) fn take(&mut self) {
        self.taken_thousandths = self.taken_thousandths.saturating_add(ONE_THOUSANDTHS);
    }
}
