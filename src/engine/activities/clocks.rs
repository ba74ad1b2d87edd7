//! What the commands that move clocks need of the activities.

use super::Activities;
use crate::activity::Suspension;
use crate::{ActivityId, CommandError, Deadline, Recovery, Timeouts, Timestamp};

impl<K, D> Activities<K, D> {
    /// Gives an open activity other timeouts; its timer must be armed anew.
    pub(in crate::engine) fn update_timeouts(&mut self, id: ActivityId, timeouts: &Timeouts) {
        let suspension = self.suspensions.get(id.index).unwrap_or_default();
        let index = self.timeouts.acquire(timeouts);
        let released = match self.slab.both_mut(id) {
            Some((record, origin)) => {
                let released = record.timeouts();
                record.update_timeouts(origin, timeouts, index, suspension);
                released
            }
            None => index,
        };
        self.timeouts.release(released);
    }

    pub(in crate::engine) fn set_suspended_at(&mut self, id: ActivityId, now: Timestamp) {
        let before = self.suspensions.get(id.index).unwrap_or_default();
        self.suspensions.set(id.index, Suspension { since: Some(now), ..before });
    }

    /// Lets the clocks of a suspended activity go on; its timer must be armed. Says how many milliseconds they
    /// stood still.
    pub(in crate::engine) fn resume(
        &mut self,
        now: Timestamp,
        id: ActivityId,
    ) -> Result<u64, CommandError> {
        let not_open = CommandError::NotOpen { id };
        let mut rare = self.rare_evidence(id.index, self.slab.get(id).ok_or(not_open)?);
        let (record, origin, timeouts) = self.parts(id).ok_or(not_open)?;
        let took = record.resume(now, id, origin, timeouts, &mut rare)?;
        self.suspensions.set(id.index, rare.suspension);
        self.set_moved(id.index, rare.moved);
        Ok(took)
    }

    /// Moves the heartbeat clock of the activity in a slot as a recovery says. If it was moved, gives the nearest
    /// deadline before and after.
    pub(in crate::engine) fn recover(
        &mut self,
        index: u32,
        since: Timestamp,
        now: Timestamp,
        recovery: &Recovery,
    ) -> Option<(Option<Deadline>, Option<Deadline>)> {
        let order = self.slab.origin(index)?.order();
        let record = self.slab.record_mut(index)?;
        let mut moved = record.is_moved().then(|| self.moved.get(index)).flatten();
        let timeouts = self.timeouts.get(record.timeouts());
        let before = record.deadline(timeouts);
        if !record.recover(since, now, recovery, order, timeouts, &mut moved) {
            return None;
        }
        let after = record.deadline(timeouts);
        self.set_moved(index, moved);
        Some((before, after))
    }
}
