//! The only place where timeouts become deadlines and ties between them are broken.
#![warn(clippy::arithmetic_side_effects)]

use crate::{Deadline, TimeoutType, Timeouts, Timestamp};

impl Deadline {
    /// The one comparison: a deadline is due at the instant itself.
    #[inline]
    pub(crate) fn is_due(self, now: Timestamp) -> bool {
        self.at <= now
    }
}

/// The earliest deadline of an activity that waits to be started.
pub(crate) fn while_scheduled(scheduled_at: Timestamp, timeouts: &Timeouts) -> Option<Deadline> {
    earliest(
        after(scheduled_at, timeouts.schedule_to_start, TimeoutType::ScheduleToStart),
        after(scheduled_at, timeouts.schedule_to_close, TimeoutType::ScheduleToClose),
    )
}

/// The earliest deadline of a started activity among those that no heartbeat moves.
pub(crate) fn while_started(
    scheduled_at: Timestamp,
    started_at: Timestamp,
    timeouts: &Timeouts,
) -> Option<Deadline> {
    earliest(
        after(started_at, timeouts.start_to_close, TimeoutType::StartToClose),
        after(scheduled_at, timeouts.schedule_to_close, TimeoutType::ScheduleToClose),
    )
}

/// The deadline that the next heartbeat moves; `anchor` is the later of start and last heartbeat.
#[inline]
pub(crate) fn after_heartbeat(anchor: Timestamp, timeouts: &Timeouts) -> Option<Deadline> {
    after(anchor, timeouts.heartbeat, TimeoutType::Heartbeat)
}

/// The earlier of two; of equals, the one whose type comes first in SWF's enumeration.
#[inline]
pub(crate) fn earliest(one: Option<Deadline>, other: Option<Deadline>) -> Option<Deadline> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, None) => one,
        (None, other) => other,
    }
}

/// How long a started activity may be silent: its heartbeat timeout, or the end of time if it has none.
pub(crate) const fn patience(timeouts: &Timeouts) -> u64 {
    match timeouts.heartbeat {
        Some(heartbeat) => heartbeat,
        None => u64::MAX,
    }
}

/// Quickly: `true` means that neither deadline is due, `false` leaves the decision to
/// [`Deadline::is_due`]. No sum is made, so none can pass the end of time.
#[inline]
pub(crate) const fn is_surely_ahead(now: u64, fixed: u64, anchor: u64, patience: u64) -> bool {
    now < fixed && now.wrapping_sub(anchor) < patience
}

/// Quickly: the earlier of the two deadlines of a started activity, exact before the end of time, where
/// "none" and "at the end of time" look alike.
#[inline]
pub(crate) fn earliest_instant(fixed: u64, anchor: u64, patience: u64) -> u64 {
    fixed.min(anchor.saturating_add(patience))
}

/// `anchor + timeout`: a sum past the end of the timeline never comes, so it is no deadline.
#[inline]
fn after(anchor: Timestamp, timeout: Option<u64>, timeout_type: TimeoutType) -> Option<Deadline> {
    let at = anchor.as_millis().checked_add(timeout?)?;
    Some(Deadline { at: Timestamp::from_millis(at), timeout_type })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deadline(at: u64, timeout_type: TimeoutType) -> Option<Deadline> {
        Some(Deadline { at: Timestamp::from_millis(at), timeout_type })
    }

    #[test]
    fn of_coinciding_deadlines_the_first_in_swf_order_is_named() {
        use TimeoutType::{Heartbeat, ScheduleToClose, ScheduleToStart, StartToClose};
        let ranked = [StartToClose, ScheduleToStart, ScheduleToClose, Heartbeat];
        for (rank, first) in ranked.into_iter().enumerate() {
            for second in ranked.into_iter().skip(rank) {
                let expected = deadline(7, first);
                assert_eq!(earliest(deadline(7, first), deadline(7, second)), expected);
                assert_eq!(earliest(deadline(7, second), deadline(7, first)), expected);
                assert_eq!(earliest(deadline(8, first), deadline(7, second)), deadline(7, second));
            }
        }
    }

    #[test]
    fn a_sum_past_the_end_of_the_timeline_is_never_armed() {
        let one = Some(1);
        assert_eq!(after(Timestamp::MAX, one, TimeoutType::Heartbeat), None);
        assert_eq!(
            after(Timestamp::MAX, Some(0), TimeoutType::Heartbeat),
            deadline(u64::MAX, TimeoutType::Heartbeat)
        );
        assert_eq!(
            after(Timestamp::ZERO, Some(u64::MAX), TimeoutType::Heartbeat),
            deadline(u64::MAX, TimeoutType::Heartbeat)
        );
    }
}
