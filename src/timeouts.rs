//! The four timeouts of an activity, and the table that stores equal ones once.

use core::fmt;
use core::time::Duration;

use alloc::vec::Vec;

use crate::activity::deadline::patience;
use crate::time::millis_ceil;

/// Which of the four timeouts: Amazon SWF's own names, in the order of SWF's own enumeration.
///
/// The order is the tie-break: when two deadlines of one activity coincide, the lesser one is named.
// Exhaustive: the API version that defines the four is frozen.
#[allow(clippy::exhaustive_enums, reason = "the SWF API version that lists them is frozen")]
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "SCREAMING_SNAKE_CASE"))]
pub enum TimeoutType {
    /// From start to close; no heartbeat moves it.
    StartToClose,
    /// From scheduling to start.
    ScheduleToStart,
    /// From scheduling to close, started or not.
    ScheduleToClose,
    /// From the later of start and last accepted heartbeat to the next heartbeat or the close.
    Heartbeat,
}

impl TimeoutType {
    /// SWF's name, such as `START_TO_CLOSE`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StartToClose => "START_TO_CLOSE",
            Self::ScheduleToStart => "SCHEDULE_TO_START",
            Self::ScheduleToClose => "SCHEDULE_TO_CLOSE",
            Self::Heartbeat => "HEARTBEAT",
        }
    }
}

impl fmt::Display for TimeoutType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The four timeouts of one activity, each a duration or NONE.
///
/// | timeout | armed | deadline |
/// |---|---|---|
/// | schedule-to-start | while scheduled | scheduled + timeout |
/// | schedule-to-close | while open | scheduled + timeout |
/// | start-to-close | while started | started + timeout |
/// | heartbeat | while started | later of start and last accepted heartbeat + timeout |
///
/// Durations are kept in whole milliseconds, rounded up once, here. Zero is a duration like any
/// other: due at the instant it is armed. NONE is the only way to say "no timeout". A duration of
/// more than `u64::MAX` milliseconds ends past the timeline whatever it is counted from, so it is NONE.
///
/// ```
/// use core::time::Duration;
/// use heartwheel::Timeouts;
///
/// let timeouts = Timeouts::NONE
///     .with_heartbeat(Duration::from_secs(30))
///     .with_start_to_close(Duration::from_secs(3_600));
/// assert_eq!(timeouts.heartbeat(), Some(Duration::from_secs(30)));
/// assert_eq!(timeouts.schedule_to_start(), None);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Timeouts {
    pub(crate) start_to_close: Option<u64>,
    pub(crate) schedule_to_start: Option<u64>,
    pub(crate) schedule_to_close: Option<u64>,
    pub(crate) heartbeat: Option<u64>,
}

impl Timeouts {
    /// No timeout at all: such an activity waits for ever.
    pub const NONE: Self = Self {
        start_to_close: None,
        schedule_to_start: None,
        schedule_to_close: None,
        heartbeat: None,
    };

    /// Bounds the run from start to close, whatever the heartbeats.
    #[must_use]
    pub const fn with_start_to_close(mut self, timeout: Duration) -> Self {
        self.start_to_close = millis_ceil(timeout);
        self
    }

    /// Bounds the wait from scheduling to start.
    #[must_use]
    pub const fn with_schedule_to_start(mut self, timeout: Duration) -> Self {
        self.schedule_to_start = millis_ceil(timeout);
        self
    }

    /// Bounds the whole life from scheduling to close.
    #[must_use]
    pub const fn with_schedule_to_close(mut self, timeout: Duration) -> Self {
        self.schedule_to_close = millis_ceil(timeout);
        self
    }

    /// Bounds the silence between start, heartbeats and close.
    #[must_use]
    pub const fn with_heartbeat(mut self, timeout: Duration) -> Self {
        self.heartbeat = millis_ceil(timeout);
        self
    }

    /// The start-to-close timeout; `None` is NONE.
    #[must_use]
    pub fn start_to_close(&self) -> Option<Duration> {
        self.start_to_close.map(Duration::from_millis)
    }

    /// The schedule-to-start timeout; `None` is NONE.
    #[must_use]
    pub fn schedule_to_start(&self) -> Option<Duration> {
        self.schedule_to_start.map(Duration::from_millis)
    }

    /// The schedule-to-close timeout; `None` is NONE.
    #[must_use]
    pub fn schedule_to_close(&self) -> Option<Duration> {
        self.schedule_to_close.map(Duration::from_millis)
    }

    /// The heartbeat timeout; `None` is NONE.
    #[must_use]
    pub fn heartbeat(&self) -> Option<Duration> {
        self.heartbeat.map(Duration::from_millis)
    }
}

/// Each set of timeouts once, however many activities share it.
///
/// Equal sets meet through a small cache of recent ones: workloads have few different sets. Where they
/// have many, an equal set may be stored twice, which costs memory and changes nothing.
#[derive(Clone, Debug)]
pub(crate) struct TimeoutTable {
    entries: Vec<Entry>,
    free: Vec<u32>,
    recent: [u32; RECENT],
}

/// More different sets than an ordinary host configures, in one kilobyte.
const RECENT: usize = 256;

#[derive(Clone, Debug)]
struct Entry {
    timeouts: Timeouts,
    /// See [`deadline::patience`](crate::activity::deadline::patience).
    patience: u64,
    holders: u32,
}

impl TimeoutTable {
    pub(crate) const fn new() -> Self {
        Self { entries: Vec::new(), free: Vec::new(), recent: [0; RECENT] }
    }

    /// The timeouts at an index that [`acquire`](Self::acquire) gave.
    #[inline]
    pub(crate) fn get(&self, index: u32) -> &Timeouts {
        self.entries.get(index as usize).map_or(&Timeouts::NONE, |entry| &entry.timeouts)
    }

    /// Timeouts and patience; `None` at an index that nobody holds.
    #[inline]
    pub(crate) fn get_quick(&self, index: u32) -> Option<(&Timeouts, u64)> {
        self.entries.get(index as usize).map(|entry| (&entry.timeouts, entry.patience))
    }

    /// Stores the timeouts, or finds them, for one more holder.
    pub(crate) fn acquire(&mut self, timeouts: &Timeouts) -> u32 {
        let place = timeouts.fingerprint();
        let known = self.recent[place];
        if let Some(entry) = self.entries.get_mut(known as usize) {
            if entry.holders > 0 && entry.timeouts == *timeouts {
                entry.holders += 1;
                return known;
            }
        }
        let entry = Entry { timeouts: *timeouts, patience: patience(timeouts), holders: 1 };
        let index = match self.free.pop() {
            Some(index) => {
                if let Some(vacant) = self.entries.get_mut(index as usize) {
                    *vacant = entry;
                }
                index
            }
            None => {
                // There are never more entries than open activities, whose indices are 32 bits.
                let index = self.entries.len() as u32;
                self.entries.push(entry);
                index
            }
        };
        self.recent[place] = index;
        index
    }

    /// One holder less.
    pub(crate) fn release(&mut self, index: u32) {
        if let Some(entry) = self.entries.get_mut(index as usize) {
            entry.holders -= 1;
            if entry.holders == 0 {
                self.free.push(index);
            }
        }
    }

    /// Gives back what stands beyond the last set that is held; the others do not move.
    pub(crate) fn shrink_to_fit(&mut self) {
        let used =
            self.entries.iter().rposition(|entry| entry.holders > 0).map_or(0, |last| last + 1);
        self.entries.truncate(used);
        self.entries.shrink_to_fit();
        self.free.retain(|index| (*index as usize) < used);
        self.free.shrink_to_fit();
    }

    /// How many holders all sets have.
    pub(crate) fn holders(&self) -> u64 {
        self.entries.iter().map(|entry| u64::from(entry.holders)).sum()
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.entries.iter().filter(|entry| entry.holders > 0).count()
    }
}

impl Timeouts {
    /// Where in the cache of recent sets this one belongs, the same on every platform: each value is
    /// multiplied by an odd constant (from the golden ratio, which spreads neighbours) and turned by a
    /// prime number of bits, so that the same value in another timeout counts as another.
    fn fingerprint(&self) -> usize {
        const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
        let mixed =
            [self.start_to_close, self.schedule_to_start, self.schedule_to_close, self.heartbeat]
                .into_iter()
                .fold(0_u64, |mixed, timeout| {
                    let value = timeout.map_or(0, |millis| millis.wrapping_add(1));
                    (mixed.rotate_left(17) ^ value).wrapping_mul(SPREAD)
                });
        (mixed >> 32) as usize % RECENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_timeouts_are_stored_once_and_forgotten_with_their_last_holder() {
        let mut table = TimeoutTable::new();
        let one = Timeouts::NONE.with_heartbeat(Duration::from_secs(1));
        let other = Timeouts::NONE.with_heartbeat(Duration::from_secs(2));
        let (first, second, third) =
            (table.acquire(&one), table.acquire(&other), table.acquire(&one));
        assert_eq!(first, third);
        assert_ne!(first, second);
        assert_eq!((table.get(first), table.get(second)), (&one, &other));
        table.release(first);
        assert_eq!(table.len(), 2);
        table.release(third);
        assert_eq!(table.len(), 1);
        let zero = Timeouts::NONE.with_heartbeat(Duration::ZERO);
        let reused = table.acquire(&zero);
        assert_eq!(table.get(reused), &zero);
        assert_eq!(table.len(), 2);
    }

    #[test]
    fn a_handful_of_sets_in_turn_are_each_stored_once() {
        let mut table = TimeoutTable::new();
        let second = Duration::from_secs(1);
        let sets = [
            Timeouts::NONE,
            Timeouts::NONE.with_heartbeat(second),
            Timeouts::NONE.with_start_to_close(second),
            Timeouts::NONE.with_schedule_to_start(second),
            Timeouts::NONE.with_schedule_to_close(second),
            Timeouts::NONE.with_heartbeat(2 * second),
        ];
        for _ in 0..100 {
            for timeouts in &sets {
                table.acquire(timeouts);
            }
        }
        assert_eq!(table.entries.len(), sets.len());
    }

    #[test]
    fn sets_beyond_the_last_one_held_are_given_back() {
        let mut table = TimeoutTable::new();
        let of = |seconds| Timeouts::NONE.with_heartbeat(Duration::from_secs(seconds));
        let indices: Vec<u32> = (0..100).map(|seconds| table.acquire(&of(seconds))).collect();
        for index in indices.iter().filter(|index| **index != 40) {
            table.release(*index);
        }
        table.shrink_to_fit();
        assert_eq!((table.entries.len(), table.free.len(), table.len()), (41, 40, 1));
        assert_eq!(table.get(40), &of(40));
        assert!(table.acquire(&of(7)) < 40, "a place that was left is used again");
    }

    #[test]
    fn zero_is_a_duration_and_none_is_not() {
        assert_ne!(Timeouts::NONE.with_heartbeat(Duration::ZERO), Timeouts::NONE);
        assert_eq!(Timeouts::NONE.with_heartbeat(Duration::MAX), Timeouts::NONE);
        assert_eq!(
            Timeouts::NONE.with_heartbeat(Duration::from_nanos(1)).heartbeat(),
            Some(Duration::from_millis(1))
        );
    }
}
