//! One activity: what is kept of it, and ALL its transitions.
//!
//! | state | start | heartbeat | request cancel | close | abandon |
//! |---|---|---|---|---|---|
//! | scheduled | started | NotStarted | closed, canceled | NotStarted | closed |
//! | started | AlreadyStarted | started, clock reset | started, cancel requested | closed | closed |
//! | due, or closed | NotOpen | NotOpen | NotOpen | NotOpen | NotOpen |
//!
//! A scheduled or a started activity may also be suspended: then it has no deadline, the commands above are as
//! legal as before, and resuming moves the anchors of its clocks by the time that passed.
//!
//! Every transition settles first: an activity whose deadline has come is no longer open, whether or
//! not `poll` has delivered its timeout. Nothing here knows how timers are kept.
#![warn(clippy::arithmetic_side_effects)]

mod clocks;
pub(crate) mod deadline;
mod detour;
mod image;
mod origin;
#[cfg(feature = "serde")]
mod restored;

use core::time::Duration;

use crate::hint::{prefetch, CAN_PREFETCH};
use crate::{
    ActivityId, CommandError, Deadline, Evidence, Heartbeat, TimeoutType, Timeouts, Timestamp,
};
pub(crate) use detour::{Moved, Suspension};
pub(crate) use origin::{Order, Origin};
#[cfg(feature = "serde")]
pub(crate) use restored::Restored;

use deadline::{
    after_heartbeat, earliest, earliest_instant, is_surely_ahead, while_scheduled, while_started,
};
use detour::moved_on;

/// The part of an activity that heartbeats and timers read and write, and nothing else.
///
/// 32 bytes, aligned, so that two stand in a cache line and none in two: a heartbeat touches one line.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
pub(crate) struct Record {
    /// While started: what the heartbeat clock counts from. The last accepted heartbeat, or the start if there
    /// was none, unless a [`Moved`] says otherwise.
    anchor: u64,
    /// The earliest deadline that no heartbeat moves; its type, or that there is none, is in `tag`.
    /// Where there is none this is the end of time, which [`Record::beat_on`] relies on.
    fixed: u64,
    /// Which entry of the timeout table.
    timeouts: u32,
    /// Where the timer stands, for whoever keeps timers; in a vacant slot, the slab's link.
    link: u32,
    /// The slot's generation above [`GENERATION_SHIFT`], marks below.
    tag: u32,
    /// Accepted heartbeats in the upper three bytes, least first, so that counting is one addition. The first
    /// byte means nothing; see [`Record::touch`].
    beats: [u8; 4],
}

/// Marks take 8 bits, generations the other 24.
const GENERATION_SHIFT: u32 = 8;

/// Heartbeats are counted above the byte that [`Record::touch`] writes.
const ONE_BEAT: u32 = 1 << u8::BITS;

const SCHEDULED: u32 = 0b0000_0001;
const STARTED: u32 = 0b0000_0010;
const OPEN: u32 = SCHEDULED | STARTED;
const CANCEL_REQUESTED: u32 = 0b0000_0100;
/// Two bits that name the type of the fixed deadline; all clear where there is none.
const FIXED: u32 = 0b0001_1000;
const FIXED_START_TO_CLOSE: u32 = 0b0000_1000;
const FIXED_SCHEDULE_TO_START: u32 = 0b0001_0000;
const FIXED_SCHEDULE_TO_CLOSE: u32 = 0b0001_1000;
/// No clock runs.
const SUSPENDED: u32 = 0b0010_0000;
/// There is a [`Suspension`] of it, be it in the past.
const WAS_SUSPENDED: u32 = 0b0100_0000;
/// There is a [`Moved`] of it: the anchor is no start and no heartbeat.
const MOVED: u32 = 0b1000_0000;

/// The types that [`FIXED`] names; that of no deadline is not looked at.
const FIXED_TYPES: [TimeoutType; 4] = [
    TimeoutType::StartToClose,
    TimeoutType::StartToClose,
    TimeoutType::ScheduleToStart,
    TimeoutType::ScheduleToClose,
];

/// What few activities have, kept apart from their records.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RareEvidence {
    pub(crate) cancel_requested_at: Option<Timestamp>,
    /// Heartbeats beyond those that the record counts, a multiple of [`Record::BEATS`].
    pub(crate) beats: u64,
    pub(crate) suspension: Suspension,
    pub(crate) moved: Option<Moved>,
}

/// An accepted heartbeat.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beat {
    pub(crate) reply: Heartbeat,
    /// The record has counted its fill of [`Record::BEATS`], and counts from zero again.
    pub(crate) is_full: bool,
}

/// What a request to cancel does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cancellation {
    /// Not started: the activity closes as canceled.
    Close,
    /// Started, and this is the first request.
    First,
    /// Started, and requested before.
    Repeated,
}

impl Record {
    /// The generations of a slot: it is retired when they are used up.
    pub(crate) const GENERATIONS: u32 = 1 << (u32::BITS - GENERATION_SHIFT);
    /// Heartbeats that a record counts; whoever keeps records counts how often that many were reached.
    pub(crate) const BEATS: u64 = 1 << (u32::BITS - ONE_BEAT.trailing_zeros());
    /// A link that leads nowhere.
    pub(crate) const NO_LINK: u32 = u32::MAX;

    /// An unused slot.
    pub(crate) const fn vacant(generation: u32) -> Self {
        Self {
            anchor: 0,
            fixed: u64::MAX,
            timeouts: 0,
            link: Self::NO_LINK,
            tag: generation << GENERATION_SHIFT,
            beats: [0; 4],
        }
    }

    /// Brings the record's cache line in. Where there is no better way, by writing to it: the processor does
    /// not wait for a store as it would for a load, so dozens of them are under way at once.
    #[inline]
    pub(crate) fn touch(&mut self) {
        if CAN_PREFETCH {
            prefetch(self);
        } else {
            self.beats[0] = 1;
        }
    }

    pub(crate) const fn generation(&self) -> u32 {
        self.tag >> GENERATION_SHIFT
    }

    /// Is this the record of the activity that `id` names, and is it open?
    #[inline]
    pub(crate) const fn answers_to(&self, id: ActivityId) -> bool {
        self.generation() == id.generation && self.is_open()
    }

    pub(crate) const fn is_open(&self) -> bool {
        self.tag & OPEN != 0
    }

    pub(crate) const fn link(&self) -> u32 {
        self.link
    }

    pub(crate) fn set_link(&mut self, link: u32) {
        self.link = link;
    }

    pub(crate) const fn timeouts(&self) -> u32 {
        self.timeouts
    }

    /// The vacant slot becomes a scheduled activity.
    pub(crate) fn schedule(&mut self, now: Timestamp, timeouts: &Timeouts, timeouts_index: u32) {
        *self = Self { timeouts: timeouts_index, ..Self::vacant(self.generation()) };
        self.tag |= SCHEDULED;
        self.set_fixed(while_scheduled(now, timeouts));
    }

    /// A worker takes the task up.
    pub(crate) fn start<K>(
        &mut self,
        now: Timestamp,
        id: ActivityId,
        origin: &mut Origin<K>,
        timeouts: &Timeouts,
        suspension: Suspension,
    ) -> Result<(), CommandError> {
        self.settle(now, id, timeouts)?;
        if self.tag & STARTED != 0 {
            return Err(CommandError::AlreadyStarted { id });
        }
        self.tag = self.tag & !SCHEDULED | STARTED;
        self.anchor = now.as_millis();
        origin.started_at = now.as_millis();
        self.fix(origin, timeouts, suspension);
        Ok(())
    }

    /// A worker reports progress: the heartbeat clock starts anew, and nothing else moves.
    #[inline]
    pub(crate) fn heartbeat(
        &mut self,
        now: Timestamp,
        id: ActivityId,
        timeouts: &Timeouts,
    ) -> Result<Beat, CommandError> {
        self.settle(now, id, timeouts)?;
        self.require_started(id)?;
        let mut beat = self.count_beat(now, None);
        beat.reply.deadline = self.deadline(timeouts);
        Ok(beat)
    }

    /// The same in the common case: a started activity that is far from its deadlines and will have one.
    /// `None` means that nothing was done, and that [`heartbeat`](Self::heartbeat) decides.
    ///
    /// `patience` is the heartbeat timeout, or the end of time if there is none.
    #[inline]
    pub(crate) fn beat_on(
        &mut self,
        now: Timestamp,
        generation: u32,
        patience: u64,
    ) -> Option<Beat> {
        let runs_on = self.tag >> GENERATION_SHIFT == generation
            && self.runs_plainly()
            && is_surely_ahead(now.as_millis(), self.fixed, self.anchor, patience);
        let nearest = earliest_instant(self.fixed, now.as_millis(), patience);
        if !runs_on || nearest == u64::MAX {
            return None;
        }
        let timeout_type =
            if nearest < self.fixed { TimeoutType::Heartbeat } else { self.fixed_type() };
        let deadline = Deadline { at: Timestamp::from_millis(nearest), timeout_type };
        Some(self.count_beat(now, Some(deadline)))
    }

    #[inline]
    fn count_beat(&mut self, now: Timestamp, deadline: Option<Deadline>) -> Beat {
        // Wherever the clock stood, it starts anew.
        self.tag &= !MOVED;
        self.anchor = now.as_millis();
        self.beats = u32::from_le_bytes(self.beats).wrapping_add(ONE_BEAT).to_le_bytes();
        let reply = Heartbeat { cancel_requested: self.cancel_requested(), deadline };
        Beat { reply, is_full: self.beats() == 0 }
    }

    /// Accepted heartbeats, modulo [`Self::BEATS`].
    #[inline]
    const fn beats(&self) -> u32 {
        u32::from_le_bytes(self.beats) / ONE_BEAT
    }

    /// The nearest deadline where it is quickly found: of a started activity, before the end of time.
    /// `None` means nothing, and [`deadline`](Self::deadline) knows.
    #[inline]
    pub(crate) fn quick_deadline(&self, patience: u64) -> Option<u64> {
        let nearest = earliest_instant(self.fixed, self.anchor, patience);
        (self.runs_plainly() && nearest < u64::MAX).then_some(nearest)
    }

    /// Do the clocks of a started activity run?
    const fn runs(&self) -> bool {
        self.tag & (STARTED | SUSPENDED) == STARTED
    }

    /// Do they run, and is the anchor what it seems to be? Quickly.
    #[inline]
    const fn runs_plainly(&self) -> bool {
        self.tag & (STARTED | SUSPENDED | MOVED) == STARTED
    }

    /// Somebody asks for cancellation. No clock stops: a worker may ignore it.
    pub(crate) fn request_cancel(
        &mut self,
        now: Timestamp,
        id: ActivityId,
        timeouts: &Timeouts,
    ) -> Result<Cancellation, CommandError> {
        self.settle(now, id, timeouts)?;
        if self.tag & STARTED == 0 {
            return Ok(Cancellation::Close);
        }
        if self.cancel_requested() {
            return Ok(Cancellation::Repeated);
        }
        self.tag |= CANCEL_REQUESTED;
        Ok(Cancellation::First)
    }

    /// May the worker's outcome close it?
    pub(crate) fn may_close(
        &self,
        now: Timestamp,
        id: ActivityId,
        timeouts: &Timeouts,
    ) -> Result<(), CommandError> {
        self.settle(now, id, timeouts)?;
        self.require_started(id)
    }

    pub(crate) const fn cancel_requested(&self) -> bool {
        self.tag & CANCEL_REQUESTED != 0
    }

    /// The nearest deadline, the named one first among equals.
    #[inline]
    pub(crate) fn deadline(&self, timeouts: &Timeouts) -> Option<Deadline> {
        if self.tag & SUSPENDED != 0 {
            return None;
        }
        let heartbeat = if self.tag & STARTED != 0 {
            after_heartbeat(Timestamp::from_millis(self.anchor), timeouts)
        } else {
            None
        };
        earliest(self.fixed(), heartbeat)
    }

    /// What is known of the activity, with the key and details that are held or lent.
    pub(crate) fn evidence<K, D>(
        &self,
        id: ActivityId,
        origin: Origin<K>,
        details: Option<D>,
        rare: RareEvidence,
    ) -> Evidence<K, D> {
        let heartbeats = rare.beats.saturating_add(u64::from(self.beats()));
        let moved = rare.moved;
        let anchor = Timestamp::from_millis(self.anchor);
        let heard_at = moved.map_or(anchor, |moved| moved.heard_at);
        Evidence {
            id,
            scheduled_at: Timestamp::from_millis(origin.scheduled_at),
            started_at: self.started_at(&origin),
            key: origin.key,
            last_heartbeat_at: (heartbeats > 0).then_some(heard_at),
            heartbeats,
            details,
            cancel_requested_at: rare.cancel_requested_at,
            recovered: moved.map_or(0, |moved| moved.recovered),
            suspended: Duration::from_millis(rare.suspension.total),
            suspended_at: rare.suspension.since,
        }
    }

    fn started_at<K>(&self, origin: &Origin<K>) -> Option<Timestamp> {
        (self.tag & STARTED != 0).then_some(Timestamp::from_millis(origin.started_at))
    }

    /// The deadline decides before the command does. All that abandoning needs.
    #[inline]
    pub(crate) fn settle(
        &self,
        now: Timestamp,
        id: ActivityId,
        timeouts: &Timeouts,
    ) -> Result<(), CommandError> {
        match self.deadline(timeouts) {
            Some(deadline) if deadline.is_due(now) => Err(CommandError::NotOpen { id }),
            Some(_) | None => Ok(()),
        }
    }

    #[inline]
    const fn require_started(&self, id: ActivityId) -> Result<(), CommandError> {
        if self.tag & STARTED != 0 {
            Ok(())
        } else {
            Err(CommandError::NotStarted { id })
        }
    }

    #[inline]
    fn fixed(&self) -> Option<Deadline> {
        let at = Timestamp::from_millis(self.fixed);
        let deadline = Deadline { at, timeout_type: self.fixed_type() };
        (self.tag & FIXED != 0).then_some(deadline)
    }

    /// The type of the fixed deadline, if there is one.
    #[inline]
    const fn fixed_type(&self) -> TimeoutType {
        FIXED_TYPES[((self.tag & FIXED) >> FIXED.trailing_zeros()) as usize]
    }

    /// Computes the earliest deadline that no heartbeat moves anew.
    fn fix<K>(&mut self, origin: &Origin<K>, timeouts: &Timeouts, suspension: Suspension) {
        let scheduled_at = moved_on(origin.scheduled_at, suspension.total);
        self.set_fixed(if self.tag & STARTED != 0 {
            let started_at = moved_on(origin.started_at, suspension.after_start);
            while_started(scheduled_at, started_at, timeouts)
        } else {
            while_scheduled(scheduled_at, timeouts)
        });
    }

    fn set_fixed(&mut self, deadline: Option<Deadline>) {
        let (at, mark) = match deadline {
            None => (u64::MAX, 0),
            Some(Deadline { at, timeout_type }) => {
                let mark = match timeout_type {
                    TimeoutType::StartToClose => FIXED_START_TO_CLOSE,
                    TimeoutType::ScheduleToStart => FIXED_SCHEDULE_TO_START,
                    TimeoutType::ScheduleToClose => FIXED_SCHEDULE_TO_CLOSE,
                    // Heartbeats move it, so it is never the fixed one.
                    TimeoutType::Heartbeat => 0,
                };
                (at.as_millis(), mark)
            }
        };
        self.fixed = at;
        self.tag = self.tag & !FIXED | mark;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_half_a_cache_line_and_its_origin_another_half() {
        assert_eq!(size_of::<Record>(), 32);
        assert_eq!(align_of::<Record>(), 32);
        assert_eq!(size_of::<Option<Origin<u64>>>(), 32);
    }

    #[test]
    fn a_slot_has_as_many_generations_as_a_record_counts_heartbeats() {
        assert_eq!((Record::GENERATIONS, Record::BEATS), (16_777_216, 16_777_216));
    }
}
