//! One activity: its record, its clocks, and the deadline that follows from them.

use crate::bank::fault::Fault;

/// The four timeouts in milliseconds; `None` is NONE.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timeouts {
    pub(crate) schedule_to_start: Option<u64>,
    pub(crate) schedule_to_close: Option<u64>,
    pub(crate) start_to_close: Option<u64>,
    pub(crate) heartbeat: Option<u64>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TimeoutType {
    StartToClose,
    ScheduleToStart,
    ScheduleToClose,
    Heartbeat,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Deadline {
    pub(crate) at: u64,
    pub(crate) timeout_type: TimeoutType,
}

/// What a timeout is counted from, and since when a suspension moves it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    pub(crate) anchor: u64,
    pub(crate) set_at: u64,
}

impl Clock {
    pub(crate) fn started(now: u64) -> Self {
        Self { anchor: now, set_at: now }
    }

    /// After a suspension from one instant to another.
    fn moved(self, from: u64, to: u64) -> Self {
        let since = from.max(self.set_at);
        Self { anchor: self.anchor.saturating_add(to.saturating_sub(since)), ..self }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Activity {
    pub(crate) key: u32,
    pub(crate) timeouts: Timeouts,
    /// How many were scheduled before it.
    pub(crate) order: u64,
    /// The three clocks, moved by suspensions and recoveries.
    pub(crate) scheduled: Clock,
    pub(crate) started: Option<Clock>,
    pub(crate) heartbeat: Option<Clock>,
    /// The evidence: instants as they were.
    pub(crate) scheduled_at: u64,
    pub(crate) started_at: Option<u64>,
    pub(crate) last_heartbeat_at: Option<u64>,
    pub(crate) heartbeats: u64,
    pub(crate) details: Option<u32>,
    pub(crate) cancel_requested_at: Option<u64>,
    pub(crate) recovered: u32,
    pub(crate) suspended: u64,
    pub(crate) suspended_at: Option<u64>,
}

impl Activity {
    pub(crate) fn new(now: u64, key: u32, timeouts: Timeouts, order: u64) -> Self {
        Self {
            key,
            timeouts,
            order,
            scheduled: Clock::started(now),
            started: None,
            heartbeat: None,
            scheduled_at: now,
            started_at: None,
            last_heartbeat_at: None,
            heartbeats: 0,
            details: None,
            cancel_requested_at: None,
            recovered: 0,
            suspended: 0,
            suspended_at: None,
        }
    }

    /// The nearest armed deadline; of equals the first in SWF's order.
    pub(crate) fn deadline(&self, fault: Option<Fault>) -> Option<Deadline> {
        if self.suspended_at.is_some() {
            return None;
        }
        let timeouts = &self.timeouts;
        let armed = [
            (self.run_clock(fault), timeouts.start_to_close, TimeoutType::StartToClose),
            (self.queue_clock(), timeouts.schedule_to_start, TimeoutType::ScheduleToStart),
            (self.life_clock(fault), timeouts.schedule_to_close, TimeoutType::ScheduleToClose),
            (self.beat_clock(fault), timeouts.heartbeat, TimeoutType::Heartbeat),
        ];
        let mut nearest: Option<Deadline> = None;
        for (clock, timeout, timeout_type) in armed {
            let (Some(clock), Some(timeout)) = (clock, timeout) else { continue };
            let Some(at) = sum(clock.anchor, timeout, timeout_type, fault) else { continue };
            let is_nearer = nearest.map_or(true, |best| {
                if fault == Some(Fault::LaterTypeWinsTie) {
                    return at <= best.at;
                }
                at < best.at
            });
            if is_nearer {
                nearest = Some(Deadline { at, timeout_type });
            }
        }
        nearest
    }

    /// Whether a command at `now` comes too late.
    pub(crate) fn is_due(&self, now: u64, fault: Option<Fault>) -> bool {
        let Some(Deadline { at, timeout_type }) = self.deadline(fault) else { return false };
        match fault {
            Some(Fault::TwoMillisecondsTolerance) => at <= now.saturating_add(2),
            Some(Fault::CommandsWinAtTheDeadline) => at < now,
            Some(Fault::ClockOf32Bits) => at as u32 <= now as u32,
            Some(Fault::HeartbeatAgeOf32Bits) if timeout_type == TimeoutType::Heartbeat => {
                now.wrapping_sub(at) as i32 >= 0
            }
            _ => at <= now,
        }
    }

    fn run_clock(&self, fault: Option<Fault>) -> Option<Clock> {
        let started = self.started?;
        if fault == Some(Fault::StartToCloseFromScheduling) {
            return Some(self.scheduled);
        }
        if fault == Some(Fault::CancelRequestMasksTimeout) && self.cancel_requested_at.is_some() {
            return None;
        }
        Some(started)
    }

    fn queue_clock(&self) -> Option<Clock> {
        if self.started.is_some() {
            None
        } else {
            Some(self.scheduled)
        }
    }

    fn life_clock(&self, fault: Option<Fault>) -> Option<Clock> {
        if fault == Some(Fault::ScheduleToCloseFromStart) {
            return Some(self.started.unwrap_or(self.scheduled));
        }
        Some(self.scheduled)
    }

    fn beat_clock(&self, fault: Option<Fault>) -> Option<Clock> {
        let clock = self.heartbeat?;
        if self.last_heartbeat_at.is_none() {
            if fault == Some(Fault::NoHeartbeatYetIsTimeZero) {
                return Some(Clock { anchor: 0, ..clock });
            }
            if fault == Some(Fault::SchedulingCountsAsHeartbeat) {
                return None;
            }
        }
        Some(clock)
    }

    /// Each clock has what it had left.
    pub(crate) fn resume(&mut self, from: u64, now: u64) {
        self.suspended_at = None;
        self.suspended += now - from;
        self.scheduled = self.scheduled.moved(from, now);
        self.started = self.started.map(|clock| clock.moved(from, now));
        self.heartbeat = self.heartbeat.map(|clock| clock.moved(from, now));
    }
}

/// Where a timeout ends; past the end of time it never does.
fn sum(anchor: u64, timeout: u64, timeout_type: TimeoutType, fault: Option<Fault>) -> Option<u64> {
    if fault == Some(Fault::LongestTimeoutWraps) {
        return Some(anchor.wrapping_add(timeout));
    }
    if fault == Some(Fault::LongestTimeoutPanics) {
        let end = anchor.checked_add(timeout);
        return Some(end.expect("overflow when adding duration to instant"));
    }
    if fault == Some(Fault::RoundedToTheSecond) && timeout_type == TimeoutType::ScheduleToClose {
        return Some(anchor.checked_add(timeout)? / 1_000 * 1_000);
    }
    if fault == Some(Fault::HeartbeatTimeoutDoubled) && timeout_type == TimeoutType::Heartbeat {
        return anchor.checked_add(timeout.checked_mul(2)?);
    }
    anchor.checked_add(timeout)
}
