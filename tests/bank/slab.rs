//! Where activities are kept: slots that are used again, each with a generation that tells its tenants apart.

use crate::bank::activity::Activity;
use crate::bank::fault::Fault;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Id {
    pub(crate) index: usize,
    pub(crate) generation: u32,
}

/// A slot keeps the record of its last tenant until the next one moves in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) generation: u32,
    pub(crate) is_open: bool,
    pub(crate) activity: Activity,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Slab {
    pub(crate) slots: Vec<Slot>,
    pub(crate) free: Vec<usize>,
    pub(crate) open: usize,
}

impl Slab {
    pub(crate) fn insert(&mut self, activity: Activity) -> Id {
        self.open += 1;
        if let Some(index) = self.free.pop() {
            let slot = &mut self.slots[index];
            *slot = Slot { generation: slot.generation + 1, is_open: true, activity };
            return Id { index, generation: slot.generation };
        }
        self.slots.push(Slot { generation: 0, is_open: true, activity });
        Id { index: self.slots.len() - 1, generation: 0 }
    }

    /// The slot of an activity, if that is open.
    pub(crate) fn find(&self, id: Id, fault: Option<Fault>) -> Option<usize> {
        let slot = self.slots.get(id.index)?;
        let is_tenant =
            slot.generation == id.generation || fault == Some(Fault::TokenPerSlotNotPerRun);
        (slot.is_open && is_tenant).then_some(id.index)
    }

    /// Closes the activity of a slot, and gives its record.
    pub(crate) fn close(&mut self, index: usize) -> Activity {
        self.open = self.open.wrapping_sub(1);
        self.slots[index].is_open = false;
        self.free.push(index);
        self.slots[index].activity
    }

    pub(crate) fn indexes_of_open(&self) -> Vec<usize> {
        (0..self.slots.len()).filter(|index| self.slots[*index].is_open).collect()
    }
}
