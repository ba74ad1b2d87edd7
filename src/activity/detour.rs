//! What few activities have been through: clocks that suspensions and recoveries have moved away from what
//! truly happened.

use crate::Timestamp;

/// The suspensions of an activity, which move the anchors of its clocks by the time they take.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Suspension {
    /// When the suspension that goes on began.
    pub(crate) since: Option<Timestamp>,
    /// Milliseconds of all suspensions that have ended.
    pub(crate) total: u64,
    /// The same, counted from the start on.
    pub(crate) after_start: u64,
}

/// What an anchor of the heartbeat clock stands for that is no start and no heartbeat. It holds until the next
/// heartbeat.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Moved {
    /// When the last accepted heartbeat truly came, or the start if there was none.
    pub(crate) heard_at: Timestamp,
    /// How many recoveries have moved the clock since then.
    pub(crate) recovered: u32,
}

impl Suspension {
    /// Ends the suspension that goes on. Anchors before it are moved by what it took, later ones by what it
    /// took from them on.
    pub(super) fn end(&mut self, now: Timestamp, started_at: Option<Timestamp>) -> u64 {
        let Some(since) = self.since.take() else { return 0 };
        let took = span(since, now);
        self.total = self.total.saturating_add(took);
        if let Some(started_at) = started_at {
            let after_start = span(since.max(started_at), now);
            self.after_start = self.after_start.saturating_add(after_start);
        }
        took
    }
}

/// Milliseconds from one instant to another that is not before it.
pub(super) const fn span(from: Timestamp, to: Timestamp) -> u64 {
    to.as_millis().saturating_sub(from.as_millis())
}

/// An instant moved on, at most to the end of time.
pub(super) const fn moved_on(instant: u64, millis: u64) -> Timestamp {
    Timestamp::from_millis(instant.saturating_add(millis))
}
