//! The small shapes that requests, answers and histories share.

use core::fmt;

use super::epoch::EpochSeconds;
use super::priority::TaskPriority;
use super::shape::{structure, words, Noted, Notes, Path, Shape};
use super::text::{Description, Name, RunId, Version, WorkflowId};
use super::timeout::TaskTimeout;
use super::violation::{Refusal, Rule};

/// The place of an event in its execution's history: 1, 2, 3 and on. 0 stands for an event that never was:
/// the start of a task that no worker took up.
///
/// A number on the wire. 32 bits: SWF ends a history at 25,000 events.
#[derive(
    Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize,
)]
#[serde(transparent)]
pub struct EventId(u32);

impl EventId {
    /// The event that never was.
    pub const NEVER: Self = Self(0);

    /// The event at this place, counted from 1.
    #[must_use]
    pub const fn new(place: u32) -> Self {
        Self(place)
    }

    /// The place, counted from 1.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Shape for EventId {
    /// A "long" in the service model.
    type Wire = i64;

    fn parse(wire: i64, at: Path<'_>, notes: &mut Notes) -> Result<Self, Noted> {
        let refusal = Refusal { rule: Rule::EventId, length: 0 };
        u32::try_from(wire).map(Self).map_err(|_| notes.add(refusal, at))
    }
}

words! {
    /// Is a type open for new tasks?
    RegistrationStatus {
        /// It is.
        Registered = "REGISTERED",
        /// It takes no new tasks; those that were scheduled go on.
        Deprecated = "DEPRECATED",
    }
}

structure! {
    /// Names an activity type within its domain.
    #[derive(Hash, Ord, PartialOrd)]
    ActivityType {
        /// Its name.
        required name: Name = "name",
        /// Its version.
        required version: Version = "version",
    }

    /// Names a task list within its domain.
    #[derive(Hash, Ord, PartialOrd)]
    TaskList {
        /// Its name.
        required name: Name = "name",
    }

    /// Names a run of a workflow within its domain.
    #[derive(Hash, Ord, PartialOrd)]
    WorkflowExecution {
        /// The starter's name for it.
        required workflow_id: WorkflowId = "workflowId",
        /// The service's name for this run.
        required run_id: RunId = "runId",
    }

    /// What a type gives the tasks whose decision does not say.
    #[derive(Default)]
    ActivityTypeConfiguration {
        /// Start-to-close.
        optional default_task_start_to_close_timeout: TaskTimeout = "defaultTaskStartToCloseTimeout",
        /// Heartbeat.
        optional default_task_heartbeat_timeout: TaskTimeout = "defaultTaskHeartbeatTimeout",
        /// The task list.
        optional default_task_list: TaskList = "defaultTaskList",
        /// The priority; 0 if it is not set.
        optional default_task_priority: TaskPriority = "defaultTaskPriority",
        /// Schedule-to-start.
        optional default_task_schedule_to_start_timeout: TaskTimeout = "defaultTaskScheduleToStartTimeout",
        /// Schedule-to-close.
        optional default_task_schedule_to_close_timeout: TaskTimeout = "defaultTaskScheduleToCloseTimeout",
    }

    /// What is known of a type beside its defaults.
    ActivityTypeInfo {
        /// Which type.
        required activity_type: ActivityType = "activityType",
        /// Is it open for new tasks?
        required status: RegistrationStatus = "status",
        /// What it is for.
        optional description: Description = "description",
        /// When it was registered.
        required creation_date: EpochSeconds = "creationDate",
        /// When it was deprecated, if it is.
        optional deprecation_date: EpochSeconds = "deprecationDate",
    }
}

impl fmt::Display for ActivityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActivityType=[name={}, version={}]", self.name, self.version)
    }
}

impl fmt::Display for WorkflowExecution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { workflow_id, run_id } = self;
        write!(f, "WorkflowExecution=[workflowId={workflow_id}, runId={run_id}]")
    }
}
