//! The commands that move clocks: other timeouts, suspension, recovery after a silence; and the backlog that
//! makes a host ask for one.

use core::time::Duration;

use super::Engine;
use crate::{ActivityId, CommandError, Deadline, Recovery, Timeouts, Timestamp};

impl<K, D> Engine<K, D> {
    /// Gives an open activity other timeouts, all four, counted from the same anchors as before. Gives back the
    /// nearest deadline from here on; one that is thereby past is due at once.
    ///
    /// Our own addition: SWF fixes timeouts at scheduling.
    ///
    /// # Errors
    /// [`CommandError::NotOpen`], also for one that is due by the timeouts that it has.
    pub fn update_timeouts(
        &mut self,
        now: Timestamp,
        id: ActivityId,
        timeouts: Timeouts,
    ) -> Result<Option<Deadline>, CommandError> {
        let now = self.observe(now)?;
        let (record, before) = self.activities.hot_parts(id).ok_or(CommandError::NotOpen { id })?;
        record.settle(now, id, before)?;
        self.activities.update_timeouts(id, &timeouts);
        self.disarm(id.index);
        self.arm(now, id.index);
        Ok(self.activities.deadline_of(id.index))
    }

    /// Stops the clocks of an activity: until it is [resumed](Self::resume), none of its deadlines falls due. All
    /// other commands stay legal; a clock that starts meanwhile stands at its beginning.
    ///
    /// Our own addition: SWF has no suspension.
    ///
    /// # Errors
    /// [`CommandError::NotOpen`] and, for a second suspension, [`CommandError::AlreadySuspended`].
    pub fn suspend(&mut self, now: Timestamp, id: ActivityId) -> Result<(), CommandError> {
        let now = self.observe(now)?;
        let (record, timeouts) =
            self.activities.hot_parts(id).ok_or(CommandError::NotOpen { id })?;
        record.suspend(now, id, timeouts)?;
        self.activities.set_suspended_at(id, now);
        self.disarm(id.index);
        Ok(())
    }

    /// Lets the clocks of a suspended activity go on, each with what it had left: the anchors move by the time
    /// suspended, at most to the end of time. Says how long it was suspended; the evidence keeps the sum.
    ///
    /// # Errors
    /// [`CommandError::NotOpen`] and, for one that runs, [`CommandError::NotSuspended`].
    pub fn resume(&mut self, now: Timestamp, id: ActivityId) -> Result<Duration, CommandError> {
        let now = self.observe(now)?;
        let took = self.activities.resume(now, id)?;
        self.arm(now, id.index);
        Ok(Duration::from_millis(took))
    }

    /// The host comes back from a silence, in which nobody could have heard a heartbeat, and says what that
    /// means: see [`Recovery`]. Says how many heartbeat clocks were moved.
    ///
    /// The silence is from the newest time seen until `now`. A heartbeat deadline within it is covered though it
    /// has come: this is the one exception to settling. So call it before any other call at the new time; a
    /// deadline that had come by an instant that the engine has seen stands. Suspended activities have no clock
    /// to move. It accepts any [jump](crate::Config::with_max_jump).
    ///
    /// The evidence keeps the true time of the last heartbeat, and counts recoveries since.
    ///
    /// # Cost
    /// In proportion to the slots in use.
    pub fn recover(&mut self, now: Timestamp, recovery: Recovery) -> usize {
        let since = self.now;
        let now = self.accept(now);
        let (mut moved, mut next) = (0, 0);
        while let Some(index) = self.activities.slot_from(next) {
            next = index + 1;
            let recovered = self.activities.recover(index, since, now, &recovery);
            let Some((before, after)) = recovered else { continue };
            moved += 1;
            match (before, after) {
                // The timer finds out by itself when it comes near.
                (Some(before), Some(after)) if before.at <= after.at => {}
                (before, _) => self.arm_anew(now, index, before),
            }
        }
        moved
    }

    /// How many activities are due at `now`, delivered events not counted. Fires nothing, and `now` does not
    /// count as seen: a host can stop and ask before it fails half its fleet.
    ///
    /// # Cost
    /// In proportion to the timers that a `poll` at `now` would pass: those that are due, and those whose
    /// deadline heartbeats have moved since they were armed.
    #[must_use]
    pub fn overdue(&self, now: Timestamp) -> usize {
        let now = now.max(self.now);
        self.wheel.overdue(now.as_millis(), &self.activities)
    }
}
