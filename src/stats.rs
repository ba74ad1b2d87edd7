//! Counters: what came to the engine, how activities ended, and what the timers cost.

use crate::TimeoutType;

/// Totals since the engine was made. They count; nothing is decided by them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Stats {
    /// Activities scheduled: always the sum of the outcomes below and the open ones.
    pub scheduled: u64,
    /// Heartbeats accepted.
    pub heartbeats: u64,
    /// Closed as completed.
    pub completed: u64,
    /// Closed as failed.
    pub failed: u64,
    /// Closed as canceled, before or after the start.
    pub canceled: u64,
    /// Abandoned by the host.
    pub abandoned: u64,
    /// Timed out, by type.
    pub timed_out: TimeoutCounts,
    /// Calls whose `now` was older than the newest seen, and was taken for it.
    pub clock_regressions: u64,
    /// How late timeouts were observed.
    pub lateness: Lateness,
    /// What the timer wheel did.
    pub timers: TimerStats,
}

/// How many activities each timeout ended.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct TimeoutCounts {
    /// By START_TO_CLOSE.
    pub start_to_close: u64,
    /// By SCHEDULE_TO_START.
    pub schedule_to_start: u64,
    /// By SCHEDULE_TO_CLOSE.
    pub schedule_to_close: u64,
    /// By HEARTBEAT.
    pub heartbeat: u64,
}

impl TimeoutCounts {
    /// All four together.
    #[must_use]
    pub fn total(&self) -> u64 {
        [self.start_to_close, self.schedule_to_start, self.schedule_to_close, self.heartbeat]
            .into_iter()
            .fold(0, u64::saturating_add)
    }

    pub(crate) fn add(&mut self, timeout_type: TimeoutType) {
        let count = match timeout_type {
            TimeoutType::StartToClose => &mut self.start_to_close,
            TimeoutType::ScheduleToStart => &mut self.schedule_to_start,
            TimeoutType::ScheduleToClose => &mut self.schedule_to_close,
            TimeoutType::Heartbeat => &mut self.heartbeat,
        };
        *count = count.saturating_add(1);
    }
}

/// The time from deadline to observation, over all timeouts delivered, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Lateness {
    /// Timeouts delivered after their deadline.
    pub count: u64,
    /// Sum; stays at the maximum of its type rather than wrap.
    pub sum_ms: u64,
    /// The worst one.
    pub max_ms: u64,
}

impl Lateness {
    pub(crate) fn add(&mut self, millis: u64) {
        self.count = self.count.saturating_add(u64::from(millis > 0));
        self.sum_ms = self.sum_ms.saturating_add(millis);
        self.max_ms = self.max_ms.max(millis);
    }
}

/// What the timer wheel did, since the engine was made or restored. A heartbeat adds to none of these, but one
/// that moves the only deadline past the end of time, which disarms it, and one that brings a deadline nearer
/// which a recovery had put further off.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct TimerStats {
    /// Timers armed by a command: a schedule, a resumption, and what moved a deadline nearer or to another clock.
    pub armed: u64,
    /// Timers taken out of their slot by a command: a close, a suspension, and what moved a deadline nearer, to
    /// another clock, or past the end of time.
    pub disarmed: u64,
    /// Entries looked at as time passed.
    pub visited: u64,
    /// Entries that a visit put into another slot: a level down, or on to a later deadline.
    pub moved: u64,
}
