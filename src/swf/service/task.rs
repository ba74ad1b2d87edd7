//! A task as the service keeps it beside the engine's record: what SWF knows of it and the engine need not.

use core::cmp::Reverse;

use super::execution::ExecutionId;
use crate::swf::model::EventId;
use crate::swf::priority::TaskPriority;
use crate::swf::text::{Data, GivenId, Name, Version};

/// An open task. Plain serde, so that any format can store it.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub(super) struct Task {
    pub(super) execution: ExecutionId,
    pub(super) activity_id: GivenId,
    pub(super) type_name: Name,
    pub(super) type_version: Version,
    /// Until a worker takes it.
    pub(super) input: Option<Data>,
    pub(super) task_list: Name,
    pub(super) priority: TaskPriority,
    pub(super) arrival: u64,
    pub(super) scheduled_event_id: EventId,
    pub(super) started: Option<EventId>,
    pub(super) latest_cancel_requested: Option<EventId>,
}

/// Where a task stands in its list: the higher priority first, then who came first.
pub(super) type Place = (Reverse<TaskPriority>, u64);

impl Task {
    pub(super) const fn is_started(&self) -> bool {
        self.started.is_some()
    }

    /// As histories show it: 0 if it never started.
    pub(super) fn started_event_id(&self) -> EventId {
        self.started.unwrap_or(EventId::NEVER)
    }

    pub(super) const fn place(&self) -> Place {
        (Reverse(self.priority), self.arrival)
    }
}

/// What a late call needs to know of a task that a worker had.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub(super) struct ClosedTask {
    pub(super) execution: ExecutionId,
    pub(super) scheduled_event_id: EventId,
}
