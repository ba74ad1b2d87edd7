//! The transitions that move an activity's clocks: suspension, other timeouts, recovery after a silence.
#![warn(clippy::arithmetic_side_effects)]

use super::detour::{moved_on, span};
use super::{
    Moved, Order, Origin, RareEvidence, Record, Suspension, MOVED, SUSPENDED, WAS_SUSPENDED,
};
use crate::{ActivityId, CommandError, Recovery, Timeouts, Timestamp};

impl Record {
    /// Its clocks are to stop until it is resumed.
    pub(crate) fn suspend(
        &mut self,
        now: Timestamp,
        id: ActivityId,
        timeouts: &Timeouts,
    ) -> Result<(), CommandError> {
        self.settle(now, id, timeouts)?;
        if self.tag & SUSPENDED != 0 {
            return Err(CommandError::AlreadySuspended { id });
        }
        self.tag |= SUSPENDED | WAS_SUSPENDED;
        Ok(())
    }

    /// Its clocks go on, each with what it had left. Says how many milliseconds they stood still, and where the
    /// heartbeat clock now stands.
    pub(crate) fn resume<K>(
        &mut self,
        now: Timestamp,
        id: ActivityId,
        origin: &Origin<K>,
        timeouts: &Timeouts,
        rare: &mut RareEvidence,
    ) -> Result<u64, CommandError> {
        let Some(since) = rare.suspension.since else {
            // A clock that runs may have come to its end.
            self.settle(now, id, timeouts)?;
            return Err(CommandError::NotSuspended { id });
        };
        self.tag &= !SUSPENDED;
        let started_at = self.started_at(origin);
        let took = rare.suspension.end(now, started_at);
        if started_at.is_some() {
            // A heartbeat, or the start, may have come in between: then that is where its clock stood.
            let stood_from = match rare.moved {
                Some(_) => since,
                None => since.max(Timestamp::from_millis(self.anchor)),
            };
            let anchor = moved_on(self.anchor, span(stood_from, now));
            self.move_anchor(anchor, 0, &mut rare.moved);
        }
        self.fix(origin, timeouts, rare.suspension);
        Ok(took)
    }

    /// Other timeouts from here on, counted from the same anchors.
    pub(crate) fn update_timeouts<K>(
        &mut self,
        origin: &Origin<K>,
        timeouts: &Timeouts,
        timeouts_index: u32,
        suspension: Suspension,
    ) {
        self.timeouts = timeouts_index;
        self.fix(origin, timeouts, suspension);
    }

    /// Nobody could be heard from `since` to `now`: the heartbeat clock of a started activity is moved as the
    /// recovery says, unless a deadline had come before the silence. No other clock is. Says whether it was.
    pub(crate) fn recover(
        &mut self,
        since: Timestamp,
        now: Timestamp,
        recovery: &Recovery,
        order: Order,
        timeouts: &Timeouts,
        moved: &mut Option<Moved>,
    ) -> bool {
        let was_due = self.deadline(timeouts).is_some_and(|deadline| deadline.is_due(since));
        let Some(patience) = timeouts.heartbeat.filter(|_| self.runs() && !was_due) else {
            return false;
        };
        match recovery.anchor(now, self.anchor, patience, order.as_u64()) {
            Some(anchor) if anchor.as_millis() != self.anchor => {
                self.move_anchor(anchor, 1, moved);
                true
            }
            Some(_) | None => false,
        }
    }

    /// Puts the heartbeat clock's anchor elsewhere and keeps what it stood for.
    fn move_anchor(&mut self, anchor: Timestamp, recoveries: u32, moved: &mut Option<Moved>) {
        if anchor.as_millis() == self.anchor {
            return;
        }
        let before = Moved { heard_at: Timestamp::from_millis(self.anchor), recovered: 0 };
        let Moved { heard_at, recovered } = moved.unwrap_or(before);
        *moved = Some(Moved { heard_at, recovered: recovered.saturating_add(recoveries) });
        self.anchor = anchor.as_millis();
        self.tag |= MOVED;
    }

    /// Is there a [`Suspension`] of it?
    pub(crate) const fn was_suspended(&self) -> bool {
        self.tag & WAS_SUSPENDED != 0
    }

    /// Is there a [`Moved`] of it?
    pub(crate) const fn is_moved(&self) -> bool {
        self.tag & MOVED != 0
    }
}
