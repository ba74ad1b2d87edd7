//! The two decisions about activities: each leaves its events and never faults, for a decision that cannot be
//! carried out has an event of its own.

use super::execution::{Execution, ExecutionId};
use super::task::Task;
use super::{ActivityService, Histories, Key, ServiceConfig, ServiceError};
use crate::swf::history::{
    ActivityTaskCancelRequestedEventAttributes, ActivityTaskCanceledEventAttributes,
    ActivityTaskScheduledEventAttributes, RequestCancelActivityTaskFailedCause,
    RequestCancelActivityTaskFailedEventAttributes, ScheduleActivityTaskFailedCause as Cause,
    ScheduleActivityTaskFailedEventAttributes,
};
use crate::swf::model::{EventId, TaskList};
use crate::swf::request::{
    RequestCancelActivityTaskDecisionAttributes, ScheduleActivityTaskDecisionAttributes,
};
use crate::swf::resolve::Resolved;
use crate::swf::text::Name;
use crate::{CancelOutcome, Timestamp};

/// May the decider do what it decided? The host's access control says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(clippy::exhaustive_enums, reason = "a permission is there or not")]
pub enum Permission {
    /// It may.
    Granted,
    /// It may not: the decision fails with OPERATION_NOT_PERMITTED, whatever else is wrong with it.
    Denied,
}

/// Whose decision it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(
    clippy::exhaustive_structs,
    reason = "the host makes it, and a new member must be its to fill"
)]
pub struct DecisionContext {
    /// The execution that decides.
    pub execution: ExecutionId,
    /// The event of the decision's completion.
    pub decision_task_completed_event_id: EventId,
    /// May the decider do that?
    pub permission: Permission,
}

/// What became of a decision to schedule a task.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ScheduleOutcome {
    /// It waits in its list, and polls of that list may go on.
    #[non_exhaustive]
    Scheduled {
        /// The event of its scheduling.
        event_id: EventId,
        /// The list.
        task_list: Name,
    },
    /// It was not scheduled.
    #[non_exhaustive]
    Failed {
        /// The event that says so.
        event_id: EventId,
        /// Why.
        cause: Cause,
    },
}

impl<H> ActivityService<H> {
    /// The decision ScheduleActivityTask: ActivityTaskScheduled, or ScheduleActivityTaskFailed with the first
    /// cause in this order: permission, the type (registered, then not deprecated), the id, the task list, the
    /// timeouts (schedule-to-start, schedule-to-close, start-to-close, heartbeat), the rate if one is
    /// configured, and the limit of open activities. SWF's documentation gives no order; the middle of it is
    /// the moto emulator's, its ends are our choice. An id is in use only while its activity is open (our
    /// choice).
    ///
    /// # Errors
    /// [`ServiceError::Undrained`]; [`ServiceError::ExecutionNotOpen`]. Nothing is recorded then.
    pub fn schedule_activity_task(
        &mut self,
        now: Timestamp,
        histories: &mut impl Histories,
        context: DecisionContext,
        decision: ScheduleActivityTaskDecisionAttributes,
    ) -> Result<ScheduleOutcome, ServiceError> {
        let now = self.ready(now)?;
        self.require_open(context.execution)?;
        let resolved = self.resolve(now, context, &decision).and_then(|resolved| {
            let id = self.engine.schedule(now, Key::Activity, resolved.timeouts());
            // Only a host that bounds the engine can meet this.
            let id = id.map_err(|_| Cause::OpenActivitiesLimitExceeded)?;
            Ok((id, resolved))
        });
        let (id, resolved) = match resolved {
            Ok(scheduled) => scheduled,
            Err(cause) => {
                let attributes = ScheduleActivityTaskFailedEventAttributes {
                    activity_type: decision.activity_type,
                    activity_id: decision.activity_id,
                    cause,
                    decision_task_completed_event_id: context.decision_task_completed_event_id,
                };
                let event_id = histories.append(context.execution, now, attributes.into());
                return Ok(ScheduleOutcome::Failed { event_id, cause });
            }
        };
        self.bucket.take();
        let attributes = scheduled(context, decision.clone(), &resolved);
        let event_id = histories.append(context.execution, now, attributes.into());
        let task_list = resolved.task_list.clone();
        let task = Task {
            execution: context.execution,
            activity_id: decision.activity_id,
            type_name: decision.activity_type.name,
            type_version: decision.activity_type.version,
            input: decision.input,
            task_list: resolved.task_list,
            priority: resolved.priority.unwrap_or_default(),
            arrival: self.next_arrival,
            scheduled_event_id: event_id,
            started: None,
            latest_cancel_requested: None,
        };
        self.next_arrival += 1;
        self.insert(id, task);
        Ok(ScheduleOutcome::Scheduled { event_id, task_list })
    }

    /// The decision RequestCancelActivityTask: ActivityTaskCancelRequested, followed by ActivityTaskCanceled
    /// for a task that no worker has; or RequestCancelActivityTaskFailed. Every repetition is recorded, and
    /// the latest is the one that ActivityTaskCanceled names. Gives the id of the first event.
    ///
    /// # Errors
    /// [`ServiceError::Undrained`]; [`ServiceError::ExecutionNotOpen`]. Nothing is recorded then.
    pub fn request_cancel_activity_task(
        &mut self,
        now: Timestamp,
        histories: &mut impl Histories,
        context: DecisionContext,
        decision: RequestCancelActivityTaskDecisionAttributes,
    ) -> Result<EventId, ServiceError> {
        let now = self.ready(now)?;
        let DecisionContext { execution, decision_task_completed_event_id, permission } = context;
        let activity_id = decision.activity_id;
        let open = self.require_open(execution)?.open_mut();
        let id = open.and_then(|open| open.get(&activity_id).copied());
        let outcome = match permission {
            Permission::Denied => Err(RequestCancelActivityTaskFailedCause::OperationNotPermitted),
            // Refused for a task that is due at this very instant: the timeout wins.
            Permission::Granted => id
                .and_then(|id| Some((id, self.engine.request_cancel(now, id).ok()?)))
                .ok_or(RequestCancelActivityTaskFailedCause::ActivityIdUnknown),
        };
        let (id, outcome) = match outcome {
            Ok(requested) => requested,
            Err(cause) => {
                let attributes = RequestCancelActivityTaskFailedEventAttributes {
                    activity_id,
                    cause,
                    decision_task_completed_event_id,
                };
                return Ok(histories.append(execution, now, attributes.into()));
            }
        };
        let attributes = ActivityTaskCancelRequestedEventAttributes {
            decision_task_completed_event_id,
            activity_id,
        };
        let event_id = histories.append(execution, now, attributes.into());
        match outcome {
            CancelOutcome::Requested { .. } => {
                if let Some(task) = self.tasks.get_mut(&id) {
                    task.latest_cancel_requested = Some(event_id);
                }
            }
            CancelOutcome::Canceled(_) => {
                if let Some(task) = self.remove(id) {
                    let attributes = ActivityTaskCanceledEventAttributes {
                        details: None,
                        scheduled_event_id: task.scheduled_event_id,
                        started_event_id: EventId::NEVER,
                        latest_cancel_requested_event_id: Some(event_id),
                    };
                    histories.append(execution, now, attributes.into());
                }
            }
        }
        Ok(event_id)
    }

    fn require_open(&mut self, execution: ExecutionId) -> Result<&mut Execution, ServiceError> {
        let found = self.executions.get_mut(&execution);
        found
            .filter(|execution| execution.view().is_open)
            .ok_or(ServiceError::ExecutionNotOpen { execution })
    }

    /// What the task gets, or the first cause why it is not scheduled.
    fn resolve(
        &mut self,
        now: Timestamp,
        context: DecisionContext,
        decision: &ScheduleActivityTaskDecisionAttributes,
    ) -> Result<Resolved, Cause> {
        match context.permission {
            Permission::Denied => return Err(Cause::OperationNotPermitted),
            Permission::Granted => {}
        }
        let execution =
            self.executions.get_mut(&context.execution).ok_or(Cause::OperationNotPermitted)?;
        let registered = self
            .types
            .get(execution.domain(), &decision.activity_type)
            .ok_or(Cause::ActivityTypeDoesNotExist)?;
        if registered.is_deprecated() {
            return Err(Cause::ActivityTypeDeprecated);
        }
        let open = execution.open_mut();
        if open.as_ref().is_some_and(|open| open.contains_key(&decision.activity_id)) {
            return Err(Cause::ActivityIdAlreadyInUse);
        }
        let resolved = registered.defaults.resolve(decision)?;
        if self.config.creation_rate().is_some_and(|rate| !self.bucket.has_room(now, rate)) {
            return Err(Cause::ActivityCreationRateExceeded);
        }
        if open.is_some_and(|open| open.len() >= ServiceConfig::MAX_OPEN_ACTIVITIES) {
            return Err(Cause::OpenActivitiesLimitExceeded);
        }
        Ok(resolved)
    }
}

/// The event of a task that got what it needs.
fn scheduled(
    context: DecisionContext,
    decision: ScheduleActivityTaskDecisionAttributes,
    resolved: &Resolved,
) -> ActivityTaskScheduledEventAttributes {
    ActivityTaskScheduledEventAttributes {
        activity_type: decision.activity_type,
        activity_id: decision.activity_id,
        input: decision.input,
        control: decision.control,
        schedule_to_start_timeout: Some(resolved.schedule_to_start),
        schedule_to_close_timeout: Some(resolved.schedule_to_close),
        start_to_close_timeout: Some(resolved.start_to_close),
        task_list: TaskList { name: resolved.task_list.clone() },
        task_priority: resolved.priority,
        decision_task_completed_event_id: context.decision_task_completed_event_id,
        heartbeat_timeout: Some(resolved.heartbeat),
    }
}
