//! What callers get back. Calls that are not here are answered by an empty body.

use serde::ser::SerializeStruct;

use super::model::{
    ActivityType, ActivityTypeConfiguration, ActivityTypeInfo, EventId, WorkflowExecution,
};
use super::shape::{structure, Map, Noted, Notes, Path, ReadError, Shape};
use super::text::{Data, GivenId, TaskToken};

structure! {
    /// The answer to RecordActivityTaskHeartbeat.
    ActivityTaskStatus {
        /// Cancellation is requested: the worker should answer with RespondActivityTaskCanceled if it can
        /// cancel, and may go on if it cannot.
        required cancel_requested: bool = "cancelRequested",
    }

    /// A task for a worker. `control` is the decider's and is not among its members.
    ActivityTask {
        /// The handle by which the worker answers for the task.
        required task_token: TaskToken = "taskToken",
        /// The decider's id for it.
        required activity_id: GivenId = "activityId",
        /// The event of its start.
        required started_event_id: EventId = "startedEventId",
        /// The execution that wants it done.
        required workflow_execution: WorkflowExecution = "workflowExecution",
        /// Its type.
        required activity_type: ActivityType = "activityType",
        /// What to work on.
        optional input: Data = "input",
    }

    /// The answer to DescribeActivityType.
    ActivityTypeDetail {
        /// What the type is.
        required type_info: ActivityTypeInfo = "typeInfo",
        /// What it gives its tasks.
        required configuration: ActivityTypeConfiguration = "configuration",
    }

    /// The answer to CountPendingActivityTasks.
    PendingTaskCount {
        /// How many tasks wait in the list; started ones do not (our choice).
        required count: u32 = "count",
        /// There are more than `count` can say.
        required truncated: bool = "truncated",
    }
}

impl Shape for u32 {
    type Wire = Self;

    fn parse(wire: Self, _at: Path<'_>, _notes: &mut Notes) -> Result<Self, Noted> {
        Ok(wire)
    }
}

/// The answer to PollForActivityTask.
#[allow(clippy::exhaustive_enums, reason = "there is work or there is none")]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PollForActivityTaskOutput {
    /// There is work.
    Task(ActivityTask),
    /// There was none: a task whose token is empty and whose start is event 0.
    Empty,
}

impl PollForActivityTaskOutput {
    /// Reads one, types first, then values. An empty `taskToken` is [`Empty`](Self::Empty), whatever else
    /// is there.
    ///
    /// # Errors
    /// [`ReadError::Malformed`] as the format has it, else [`ReadError::Invalid`] with every member that is
    /// wrong.
    pub fn read<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Self, ReadError<D::Error>> {
        super::shape::read(deserializer)
    }
}

impl serde::Serialize for PollForActivityTaskOutput {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Task(task) => task.serialize(serializer),
            Self::Empty => {
                let mut task = serializer.serialize_struct("ActivityTask", 2)?;
                task.serialize_field("taskToken", "")?;
                task.serialize_field("startedEventId", &EventId::NEVER)?;
                task.end()
            }
        }
    }
}

impl<'de> serde::Deserialize<'de> for PollForActivityTaskOutput {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::shape::deserialize(deserializer)
    }
}

impl Shape for PollForActivityTaskOutput {
    type Wire = <ActivityTask as Shape>::Wire;

    fn parse(wire: Self::Wire, at: Path<'_>, notes: &mut Notes) -> Result<Self, Noted> {
        let Map(task) = &wire;
        if task.task_token.as_deref() == Some("") {
            return Ok(Self::Empty);
        }
        ActivityTask::parse(wire, at, notes).map(Self::Task)
    }
}
