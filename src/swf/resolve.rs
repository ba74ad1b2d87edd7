//! What a task gets: the decision's value, else its type's default, else a reason to fail.

use crate::Timeouts;

use super::history::ScheduleActivityTaskFailedCause as Cause;
use super::model::{ActivityTypeConfiguration, TaskList};
use super::priority::TaskPriority;
use super::request::{RegisterActivityTypeInput, ScheduleActivityTaskDecisionAttributes};
use super::text::Name;
use super::timeout::TaskTimeout;

/// A type's defaults, as they are kept and stored.
///
/// Plain serde, unlike the shapes of the wire, so that any format can store it.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub(crate) struct Defaults {
    task_list: Option<Name>,
    priority: Option<TaskPriority>,
    schedule_to_start: Option<TaskTimeout>,
    schedule_to_close: Option<TaskTimeout>,
    start_to_close: Option<TaskTimeout>,
    heartbeat: Option<TaskTimeout>,
}

/// All that decision and type together say of a task.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    pub(crate) task_list: Name,
    /// `None` if neither says: then it is 0.
    pub(crate) priority: Option<TaskPriority>,
    pub(crate) schedule_to_start: TaskTimeout,
    pub(crate) schedule_to_close: TaskTimeout,
    pub(crate) start_to_close: TaskTimeout,
    pub(crate) heartbeat: TaskTimeout,
}

impl Defaults {
    pub(crate) const fn task_list(&self) -> Option<&Name> {
        self.task_list.as_ref()
    }

    pub(crate) fn configuration(&self) -> ActivityTypeConfiguration {
        ActivityTypeConfiguration {
            default_task_start_to_close_timeout: self.start_to_close,
            default_task_heartbeat_timeout: self.heartbeat,
            default_task_list: self.task_list.clone().map(|name| TaskList { name }),
            default_task_priority: self.priority,
            default_task_schedule_to_start_timeout: self.schedule_to_start,
            default_task_schedule_to_close_timeout: self.schedule_to_close,
        }
    }

    /// What a task of this type gets. A missing heartbeat timeout fails like any other (our choice: SWF's
    /// documentation names the cause and does not say when).
    ///
    /// # Errors
    /// The first thing that neither says, in the order of the fields.
    pub(crate) fn resolve(
        &self,
        decision: &ScheduleActivityTaskDecisionAttributes,
    ) -> Result<Resolved, Cause> {
        let given = decision.task_list.as_ref().map(|list| &list.name);
        let task_list = given.or(self.task_list.as_ref()).ok_or(Cause::DefaultTaskListUndefined)?;
        Ok(Resolved {
            task_list: task_list.clone(),
            priority: decision.task_priority.or(self.priority),
            schedule_to_start: decision
                .schedule_to_start_timeout
                .or(self.schedule_to_start)
                .ok_or(Cause::DefaultScheduleToStartTimeoutUndefined)?,
            schedule_to_close: decision
                .schedule_to_close_timeout
                .or(self.schedule_to_close)
                .ok_or(Cause::DefaultScheduleToCloseTimeoutUndefined)?,
            start_to_close: decision
                .start_to_close_timeout
                .or(self.start_to_close)
                .ok_or(Cause::DefaultStartToCloseTimeoutUndefined)?,
            heartbeat: decision
                .heartbeat_timeout
                .or(self.heartbeat)
                .ok_or(Cause::DefaultHeartbeatTimeoutUndefined)?,
        })
    }
}

impl From<&RegisterActivityTypeInput> for Defaults {
    fn from(request: &RegisterActivityTypeInput) -> Self {
        Self {
            task_list: request.default_task_list.as_ref().map(|list| list.name.clone()),
            priority: request.default_task_priority,
            schedule_to_start: request.default_task_schedule_to_start_timeout,
            schedule_to_close: request.default_task_schedule_to_close_timeout,
            start_to_close: request.default_task_start_to_close_timeout,
            heartbeat: request.default_task_heartbeat_timeout,
        }
    }
}

impl Resolved {
    /// The same for the engine.
    pub(crate) fn timeouts(&self) -> Timeouts {
        let mut timeouts = Timeouts::NONE;
        if let Some(timeout) = self.schedule_to_start.duration() {
            timeouts = timeouts.with_schedule_to_start(timeout);
        }
        if let Some(timeout) = self.schedule_to_close.duration() {
            timeouts = timeouts.with_schedule_to_close(timeout);
        }
        if let Some(timeout) = self.start_to_close.duration() {
            timeouts = timeouts.with_start_to_close(timeout);
        }
        if let Some(timeout) = self.heartbeat.duration() {
            timeouts = timeouts.with_heartbeat(timeout);
        }
        timeouts
    }
}
