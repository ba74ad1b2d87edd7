//! The workers' calls. Those about a task take the engine's id, which the host's handler got from a token: by
//! then the token is genuine and the caller has permission.

use super::execution::{ExecutionId, Status};
use super::task::Task;
use super::{ActivityService, Histories, ServiceError};
use crate::swf::fault::{Fault, FaultKind};
use crate::swf::history::{
    ActivityTaskCanceledEventAttributes, ActivityTaskCompletedEventAttributes,
    ActivityTaskFailedEventAttributes, ActivityTaskStartedEventAttributes, EventAttributes,
};
use crate::swf::model::{ActivityType, EventId, WorkflowExecution};
use crate::swf::response::{ActivityTask, ActivityTaskStatus, PendingTaskCount};
use crate::swf::text::{
    Data, DomainName, FailureReason, GivenId, Identity, LimitedData, Name, TaskToken,
};
use crate::{ActivityId, Outcome, Timestamp};

/// A task that a worker has just been given; with a token it becomes the answer to the poll.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct StartedTask {
    /// The engine's id, for the token to carry.
    pub id: ActivityId,
    /// Whose task it is.
    pub execution: ExecutionId,
    /// The decider's id for it.
    pub activity_id: GivenId,
    /// The event of its start.
    pub started_event_id: EventId,
    /// The name of the execution.
    pub workflow_execution: WorkflowExecution,
    /// Its type.
    pub activity_type: ActivityType,
    /// What to work on.
    pub input: Option<Data>,
}

impl StartedTask {
    /// The answer to the poll.
    #[must_use]
    pub fn with_token(self, task_token: TaskToken) -> ActivityTask {
        ActivityTask {
            task_token,
            activity_id: self.activity_id,
            started_event_id: self.started_event_id,
            workflow_execution: self.workflow_execution,
            activity_type: self.activity_type,
            input: self.input,
        }
    }
}

impl<H> ActivityService<H> {
    /// PollForActivityTask, without the waiting: the task of the highest priority, of those the one that came
    /// first, is started (ActivityTaskStarted) and given away. `None` if no task waits; the host holds the
    /// poll and tries again when one is scheduled.
    ///
    /// # Errors
    /// [`ServiceError::Undrained`].
    pub fn poll_for_activity_task(
        &mut self,
        now: Timestamp,
        histories: &mut impl Histories,
        domain: &DomainName,
        task_list: &Name,
        identity: Option<Identity>,
    ) -> Result<Option<StartedTask>, ServiceError> {
        let now = self.ready(now)?;
        let engine = &mut self.engine;
        // Tasks that are due at this very instant are passed over: the timeout wins.
        let mut waiting = self.queues.waiting(domain, task_list);
        let Some(id) = waiting.find(|id| engine.start(now, *id).is_ok()) else { return Ok(None) };
        drop(waiting);
        let Some(task) = self.tasks.get_mut(&id) else { return Ok(None) };
        self.queues.remove(domain, task_list, task.place());
        let Some(execution) = self.executions.get(&task.execution) else { return Ok(None) };
        let attributes = ActivityTaskStartedEventAttributes {
            identity,
            scheduled_event_id: task.scheduled_event_id,
        };
        let started_event_id = histories.append(task.execution, now, attributes.into());
        task.started = Some(started_event_id);
        Ok(Some(StartedTask {
            id,
            execution: task.execution,
            activity_id: task.activity_id.clone(),
            started_event_id,
            workflow_execution: execution.name().clone(),
            activity_type: ActivityType {
                name: task.type_name.clone(),
                version: task.type_version.clone(),
            },
            // Nobody asks for it again.
            input: task.input.take(),
        }))
    }

    /// RecordActivityTaskHeartbeat: the heartbeat clock starts anew, details are kept for the history of a
    /// timeout, and the answer says whether cancellation is requested. No event.
    ///
    /// # Errors
    /// [`ServiceError::Undrained`]; UnknownResourceFault for a task or an execution that is closed.
    pub fn record_activity_task_heartbeat(
        &mut self,
        now: Timestamp,
        task: ActivityId,
        details: Option<LimitedData>,
    ) -> Result<ActivityTaskStatus, ServiceError> {
        let now = self.ready(now)?;
        match self.engine.heartbeat(now, task, details) {
            Ok(heartbeat) => {
                Ok(ActivityTaskStatus { cancel_requested: heartbeat.cancel_requested })
            }
            Err(_) => Err(self.late(task).into()),
        }
    }

    /// RespondActivityTaskCompleted, after a request to cancel too: ActivityTaskCompleted.
    ///
    /// # Errors
    /// [`ServiceError::Undrained`]; UnknownResourceFault for a task or an execution that is closed.
    pub fn respond_activity_task_completed(
        &mut self,
        now: Timestamp,
        histories: &mut impl Histories,
        task: ActivityId,
        result: Option<Data>,
    ) -> Result<(), ServiceError> {
        self.respond(now, histories, task, Outcome::Completed, |task| {
            let attributes = ActivityTaskCompletedEventAttributes {
                result,
                scheduled_event_id: task.scheduled_event_id,
                started_event_id: task.started_event_id(),
            };
            attributes.into()
        })
    }

    /// RespondActivityTaskFailed, after a request to cancel too: ActivityTaskFailed.
    ///
    /// # Errors
    /// [`ServiceError::Undrained`]; UnknownResourceFault for a task or an execution that is closed.
    pub fn respond_activity_task_failed(
        &mut self,
        now: Timestamp,
        histories: &mut impl Histories,
        task: ActivityId,
        reason: Option<FailureReason>,
        details: Option<Data>,
    ) -> Result<(), ServiceError> {
        self.respond(now, histories, task, Outcome::Failed, |task| {
            let attributes = ActivityTaskFailedEventAttributes {
                reason,
                details,
                scheduled_event_id: task.scheduled_event_id,
                started_event_id: task.started_event_id(),
            };
            attributes.into()
        })
    }

    /// RespondActivityTaskCanceled: ActivityTaskCanceled with the latest request to cancel. Accepted without
    /// one too, which the event then leaves out (our choice).
    ///
    /// # Errors
    /// [`ServiceError::Undrained`]; UnknownResourceFault for a task or an execution that is closed.
    pub fn respond_activity_task_canceled(
        &mut self,
        now: Timestamp,
        histories: &mut impl Histories,
        task: ActivityId,
        details: Option<Data>,
    ) -> Result<(), ServiceError> {
        self.respond(now, histories, task, Outcome::Canceled, |task| {
            let attributes = ActivityTaskCanceledEventAttributes {
                details,
                scheduled_event_id: task.scheduled_event_id,
                started_event_id: task.started_event_id(),
                latest_cancel_requested_event_id: task.latest_cancel_requested,
            };
            attributes.into()
        })
    }

    /// CountPendingActivityTasks: how many tasks wait in a list; 0 for one that was never used.
    ///
    /// # Errors
    /// [`ServiceError::Undrained`].
    pub fn count_pending_activity_tasks(
        &mut self,
        now: Timestamp,
        domain: &DomainName,
        task_list: &Name,
    ) -> Result<PendingTaskCount, ServiceError> {
        self.ready(now)?;
        Ok(pending(self.queues.len(domain, task_list)))
    }

    /// A worker's answer: the engine closes the task, and its history says how.
    fn respond(
        &mut self,
        now: Timestamp,
        histories: &mut impl Histories,
        task: ActivityId,
        outcome: Outcome,
        event: impl FnOnce(&Task) -> EventAttributes,
    ) -> Result<(), ServiceError> {
        let now = self.ready(now)?;
        // What has not started is refused by the engine: a task that waits, or a timer of the host's.
        if self.engine.close(now, task, outcome).is_err() {
            return Err(self.late(task).into());
        }
        if let Some(task) = self.remove(task) {
            histories.append(task.execution, now, event(&task));
        }
        Ok(())
    }

    /// The answer to a call about a task that is not there: which execution has closed, else which task.
    fn late(&self, id: ActivityId) -> Fault {
        let open = self.tasks.get(&id).filter(|task| task.is_started());
        let open = open.map(|task| (task.execution, task.scheduled_event_id));
        let closed = self.closed.get(&id).map(|task| (task.execution, task.scheduled_event_id));
        let Some((execution, scheduled_event_id)) = open.or(closed) else {
            // Its execution is forgotten.
            return Fault::new(FaultKind::UnknownResource, "Unknown activity");
        };
        match self.executions.get(&execution) {
            Some(execution) if matches!(execution.status(), Status::Closed) => {
                Fault::unknown_execution(execution.name())
            }
            Some(_) | None => Fault::unknown_activity(scheduled_event_id),
        }
    }
}

/// A count as far as it goes: the service model's "integer" has 31 bits, which is also as many as a client's may have.
fn pending(waiting: usize) -> PendingTaskCount {
    let most = i32::MAX.unsigned_abs();
    let count = u32::try_from(waiting).map_or(most, |count| count.min(most));
    PendingTaskCount { count, truncated: waiting > count as usize }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_cut_off_at_31_bits() {
        let most = i32::MAX as usize;
        for (waiting, counted, truncated) in [
            (0, 0, false),
            (most - 1, most - 1, false),
            (most, most, false),
            (most + 1, most, true),
            (usize::MAX, most, true),
        ] {
            let PendingTaskCount { count, truncated: cut } = pending(waiting);
            assert_eq!((count as usize, cut), (counted, truncated), "{waiting}");
        }
    }
}
