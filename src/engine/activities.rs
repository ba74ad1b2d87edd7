//! Everything kept of the activities: slab, timeout table, and what few of them have. To the wheel, the
//! owner of its entries.

mod clocks;
mod image;
#[cfg(feature = "serde")]
mod stored;

use alloc::format;
use alloc::string::String;

use crate::activity::{Beat, Moved, Origin, RareEvidence, Record, Suspension};
use crate::rare::Rare;
use crate::slab::Slab;
use crate::timeouts::TimeoutTable;
use crate::wheel::{Place, Timers};
use crate::{ActivityId, ActivityView, CommandError, Deadline, Evidence, Timeouts, Timestamp};

#[derive(Clone, Debug)]
pub(crate) struct Activities<K, D> {
    slab: Slab<K, D>,
    timeouts: TimeoutTable,
    cancel_requested_at: Rare<Timestamp>,
    /// How often an activity's record has counted its fill of heartbeats.
    beats_carried: Rare<u64>,
    suspensions: Rare<Suspension>,
    moved: Rare<Moved>,
}

impl<K, D> Activities<K, D> {
    pub(crate) const fn new() -> Self {
        Self {
            slab: Slab::new(),
            timeouts: TimeoutTable::new(),
            cancel_requested_at: Rare::new(),
            beats_carried: Rare::new(),
            suspensions: Rare::new(),
            moved: Rare::new(),
        }
    }

    pub(super) const fn len(&self) -> u32 {
        self.slab.len()
    }

    /// The first slot from `index` on, open or not.
    pub(super) fn slot_from(&self, index: u32) -> Option<u32> {
        self.slab.slot_from(index)
    }

    /// The id that the next activity will have; `None` if there can be none.
    pub(super) fn vacancy(&mut self) -> Option<ActivityId> {
        self.slab.vacancy()
    }

    /// Fills the vacancy.
    pub(super) fn schedule(
        &mut self,
        now: Timestamp,
        id: ActivityId,
        origin: Origin<K>,
        timeouts: &Timeouts,
    ) {
        let timeouts_index = self.timeouts.acquire(timeouts);
        if let Some(record) = self.slab.fill(id, origin) {
            record.schedule(now, timeouts, timeouts_index);
        }
    }

    /// A heartbeat in the common case; `None` means that nothing was done. See [`Record::beat_on`].
    #[inline]
    pub(super) fn beat_on(&mut self, now: Timestamp, id: ActivityId) -> Option<Beat> {
        let record = self.slab.record_mut(id.index)?;
        let (_, patience) = self.timeouts.get_quick(record.timeouts())?;
        record.beat_on(now, id.generation, patience)
    }

    /// What commands need of an open activity.
    #[inline]
    pub(super) fn hot_parts(&mut self, id: ActivityId) -> Option<(&mut Record, &Timeouts)> {
        let record = self.slab.get_mut(id)?;
        let timeouts = self.timeouts.get(record.timeouts());
        Some((record, timeouts))
    }

    /// Brings what a heartbeat reads and writes in, so that it is at hand.
    #[inline]
    pub(super) fn prefetch(&mut self, id: ActivityId) {
        self.touch(id.index);
        // Details of no size are not written by a heartbeat that brings none.
        if size_of::<D>() > 0 {
            self.slab.prefetch_details(id.index);
        }
    }

    /// An activity's record has counted its fill of heartbeats.
    #[cold]
    pub(super) fn carry_beats(&mut self, id: ActivityId) {
        let carried = self.beats_carried.get(id.index).unwrap_or(0);
        self.beats_carried.set(id.index, carried.saturating_add(1));
    }

    /// A heartbeat by the full rule. Gives the nearest deadline before it.
    pub(super) fn heartbeat(
        &mut self,
        now: Timestamp,
        id: ActivityId,
    ) -> Result<(Option<Deadline>, Beat), CommandError> {
        let (record, timeouts) = self.hot_parts(id).ok_or(CommandError::NotOpen { id })?;
        let before = record.deadline(timeouts);
        let was_moved = record.is_moved();
        let beat = record.heartbeat(now, id, timeouts)?;
        if was_moved {
            self.moved.take(id.index);
        }
        Ok((before, beat))
    }

    /// A worker takes the task up. Gives the nearest deadline before and after.
    pub(super) fn start(
        &mut self,
        now: Timestamp,
        id: ActivityId,
    ) -> Result<(Option<Deadline>, Option<Deadline>), CommandError> {
        let not_open = CommandError::NotOpen { id };
        let suspension = self.suspension(id.index, self.slab.get(id).ok_or(not_open)?);
        let (record, origin, timeouts) = self.parts(id).ok_or(not_open)?;
        let before = record.deadline(timeouts);
        record.start(now, id, origin, timeouts, suspension)?;
        Ok((before, record.deadline(timeouts)))
    }

    fn set_moved(&mut self, index: u32, moved: Option<Moved>) {
        if let Some(moved) = moved {
            self.moved.set(index, moved);
        }
    }

    /// All of an open activity.
    fn parts(&mut self, id: ActivityId) -> Option<(&mut Record, &mut Origin<K>, &Timeouts)> {
        let (record, origin) = self.slab.both_mut(id)?;
        let timeouts = self.timeouts.get(record.timeouts());
        Some((record, origin, timeouts))
    }

    #[inline]
    pub(super) fn set_details(&mut self, id: ActivityId, details: Option<D>) {
        self.slab.set_details(id.index, details);
    }

    pub(super) fn set_cancel_requested_at(&mut self, id: ActivityId, now: Timestamp) {
        self.cancel_requested_at.set(id.index, now);
    }

    pub(super) fn cancel_requested_at(&self, id: ActivityId) -> Option<Timestamp> {
        self.cancel_requested_at.get(id.index)
    }

    /// Takes an activity out; its timer must have been taken out before.
    pub(super) fn remove(&mut self, index: u32) -> Option<Evidence<K, D>> {
        let (record, origin, details) = self.slab.remove(index)?;
        self.timeouts.release(record.timeouts());
        let id = ActivityId { index, generation: record.generation() };
        let evidence = record.evidence(id, origin, details, self.rare_evidence(index, &record));
        self.cancel_requested_at.take(index);
        self.beats_carried.take(index);
        if record.was_suspended() {
            self.suspensions.take(index);
        }
        if record.is_moved() {
            self.moved.take(index);
        }
        Some(evidence)
    }

    /// Takes an activity out that is due, with the deadline that ended it.
    pub(super) fn remove_due(&mut self, index: u32) -> Option<(Deadline, Evidence<K, D>)> {
        let deadline = self.deadline_of(index)?;
        Some((deadline, self.remove(index)?))
    }

    /// The nearest deadline of an open activity.
    #[inline]
    pub(super) fn deadline_of(&self, index: u32) -> Option<Deadline> {
        let record = self.slab.record(index)?;
        record.deadline(self.timeouts.get(record.timeouts()))
    }

    /// Where the activity's timer stands.
    pub(super) fn place(&self, index: u32) -> Option<Place> {
        self.slab.record(index).map(|record| Place(record.link()))
    }

    pub(super) fn forget_place(&mut self, index: u32) {
        self.set_place(index, Place::NOWHERE);
    }

    pub(super) fn view(&self, id: ActivityId) -> Option<ActivityView<'_, K, D>> {
        let record = self.slab.get(id)?;
        let origin = self.slab.origin(id.index)?;
        let timeouts = self.timeouts.get(record.timeouts());
        Some(ActivityView {
            evidence: record.evidence(
                id,
                origin.as_ref(),
                self.slab.details(id.index),
                self.rare_evidence(id.index, record),
            ),
            timeouts: *timeouts,
            deadline: record.deadline(timeouts),
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = ActivityView<'_, K, D>> {
        self.slab.open_indices().filter_map(|index| {
            let generation = self.slab.record(index)?.generation();
            self.view(ActivityId { index, generation })
        })
    }

    fn suspension(&self, index: u32, record: &Record) -> Suspension {
        record.was_suspended().then(|| self.suspensions.get(index)).flatten().unwrap_or_default()
    }

    fn rare_evidence(&self, index: u32, record: &Record) -> RareEvidence {
        let carried = self.beats_carried.get(index).unwrap_or(0);
        RareEvidence {
            cancel_requested_at: self.cancel_requested_at.get(index),
            beats: carried.saturating_mul(Record::BEATS),
            suspension: self.suspension(index, record),
            moved: record.is_moved().then(|| self.moved.get(index)).flatten(),
        }
    }

    /// Gives back what closed activities took.
    pub(super) fn shrink_to_fit(&mut self) {
        self.slab.shrink_to_fit();
        self.timeouts.shrink_to_fit();
        self.cancel_requested_at.shrink_to_fit();
        self.beats_carried.shrink_to_fit();
        self.suspensions.shrink_to_fit();
        self.moved.shrink_to_fit();
    }

    /// What must hold between the parts.
    pub(super) fn check(&self) -> Result<(), String> {
        let requested = self.iter().filter(|view| view.evidence.cancel_requested_at.is_some());
        let requested = requested.count();
        if requested != self.cancel_requested_at.len() {
            let kept = self.cancel_requested_at.len();
            return Err(format!("{requested} requested cancellations, {kept} kept"));
        }
        let marked = |mark: fn(&Record) -> bool| {
            let records = self.slab.open_indices().filter_map(|index| self.slab.record(index));
            records.filter(|record| mark(record)).count()
        };
        let (suspended, moved) = (marked(Record::was_suspended), marked(Record::is_moved));
        if (suspended, moved) != (self.suspensions.len(), self.moved.len()) {
            return Err(format!(
                "{suspended} were suspended, {} kept; {moved} anchors moved, {} kept",
                self.suspensions.len(),
                self.moved.len()
            ));
        }
        let carried = self.iter().filter(|view| view.evidence.heartbeats >= Record::BEATS).count();
        if carried != self.beats_carried.len() {
            let kept = self.beats_carried.len();
            return Err(format!("{carried} activities carry beats, {kept} kept"));
        }
        if self.timeouts.holders() != u64::from(self.len()) {
            return Err(format!("{} open, {} hold timeouts", self.len(), self.timeouts.holders()));
        }
        self.slab.check()
    }
}

impl<K, D> Timers for Activities<K, D> {
    fn deadline(&self, index: u32) -> Option<u64> {
        self.deadline_of(index).map(|deadline| deadline.at.as_millis())
    }

    #[inline]
    fn update(&mut self, index: u32, place: impl FnOnce(Option<u64>) -> Place) {
        let Some(record) = self.slab.record_mut(index) else { return };
        let deadline =
            self.timeouts.get_quick(record.timeouts()).and_then(|(timeouts, patience)| {
                record.quick_deadline(patience).or_else(|| exact_deadline(record, timeouts))
            });
        record.set_link(place(deadline).0);
    }

    #[inline]
    fn order(&self, index: u32) -> u64 {
        self.slab.origin(index).map_or(u64::MAX, |origin| origin.order().as_u64())
    }

    #[inline]
    fn touch(&mut self, index: u32) {
        if let Some(record) = self.slab.record_mut(index) {
            record.touch();
        }
    }

    #[inline]
    fn touch_whole(&mut self, index: u32) {
        self.touch(index);
        self.slab.prefetch_origin(index);
        self.slab.prefetch_details(index);
    }

    #[inline]
    fn set_place(&mut self, index: u32, place: Place) {
        if let Some(record) = self.slab.record_mut(index) {
            record.set_link(place.0);
        }
    }
}

/// What [`Record::quick_deadline`] leaves open.
#[cold]
fn exact_deadline(record: &Record, timeouts: &Timeouts) -> Option<u64> {
    record.deadline(timeouts).map(|deadline| deadline.at.as_millis())
}
