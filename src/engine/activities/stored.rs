//! The activities as a snapshot has them, and back.

use super::Activities;
use crate::activity::{Order, Record, Restored, Suspension};
use crate::slab::{Slab, SlabRestore, SlotsState};
use crate::snapshot::RecordV1;
use crate::ActivityId;

impl<K, D> Activities<K, D> {
    /// Which slots there are beside those of open activities.
    pub(crate) fn slots_state(&self) -> SlotsState {
        self.slab.state()
    }

    /// Every open activity as a snapshot has it, by index.
    pub(crate) fn records(&self) -> impl Iterator<Item = RecordV1<&K, &D>> {
        self.slab.open_indices().filter_map(|index| {
            let record = self.slab.record(index)?;
            let id = ActivityId { index, generation: record.generation() };
            Some(RecordV1::of(record.restorable(
                id,
                self.slab.origin(index)?.as_ref(),
                self.slab.details(index),
                self.timeouts.get(record.timeouts()),
                self.rare_evidence(index, record),
            )))
        })
    }

    /// Puts an activity of a snapshot where it stood, into a slab that is being made.
    pub(crate) fn restore(
        &mut self,
        restored: Restored<K, D>,
        slab: &mut SlabRestore<K, D>,
    ) -> Result<(), &'static str> {
        let order = Order::new(restored.order).ok_or("its order is past the last one")?;
        let id = restored.id;
        let timeouts_index = self.timeouts.acquire(&restored.timeouts);
        let (record, origin, details, rare) = Record::restore(restored, order, timeouts_index);
        slab.place(id, record, origin, details)?;
        if let Some(requested_at) = rare.cancel_requested_at {
            self.cancel_requested_at.set(id.index, requested_at);
        }
        if rare.beats > 0 {
            self.beats_carried.set(id.index, rare.beats / Record::BEATS);
        }
        if rare.suspension != Suspension::default() {
            self.suspensions.set(id.index, rare.suspension);
        }
        self.set_moved(id.index, rare.moved);
        Ok(())
    }

    /// The same with the slab that has been made.
    pub(crate) fn with_slab(self, slab: Slab<K, D>) -> Self {
        Self { slab, ..self }
    }
}
