//! The attributes of each event type, member by member as SWF's service model has them.

use crate::swf::model::{ActivityType, EventId, TaskList};
use crate::swf::priority::TaskPriority;
use crate::swf::shape::{structure, words};
use crate::swf::text::{Data, FailureReason, GivenId, Identity, LimitedData};
use crate::swf::timeout::TaskTimeout;
use crate::TimeoutType;

words! {
    /// Why a task was not scheduled, in the order of SWF's service model.
    ScheduleActivityTaskFailedCause {
        /// The type is deprecated.
        ActivityTypeDeprecated = "ACTIVITY_TYPE_DEPRECATED",
        /// The type is not registered.
        ActivityTypeDoesNotExist = "ACTIVITY_TYPE_DOES_NOT_EXIST",
        /// An open activity of the execution has that id.
        ActivityIdAlreadyInUse = "ACTIVITY_ID_ALREADY_IN_USE",
        /// As many activities of the execution are open as may be.
        OpenActivitiesLimitExceeded = "OPEN_ACTIVITIES_LIMIT_EXCEEDED",
        /// Activities are scheduled faster than the host allows.
        ActivityCreationRateExceeded = "ACTIVITY_CREATION_RATE_EXCEEDED",
        /// Neither the decision nor the type gives a schedule-to-close timeout.
        DefaultScheduleToCloseTimeoutUndefined = "DEFAULT_SCHEDULE_TO_CLOSE_TIMEOUT_UNDEFINED",
        /// Neither the decision nor the type gives a task list.
        DefaultTaskListUndefined = "DEFAULT_TASK_LIST_UNDEFINED",
        /// Neither the decision nor the type gives a schedule-to-start timeout.
        DefaultScheduleToStartTimeoutUndefined = "DEFAULT_SCHEDULE_TO_START_TIMEOUT_UNDEFINED",
        /// Neither the decision nor the type gives a start-to-close timeout.
        DefaultStartToCloseTimeoutUndefined = "DEFAULT_START_TO_CLOSE_TIMEOUT_UNDEFINED",
        /// Neither the decision nor the type gives a heartbeat timeout.
        DefaultHeartbeatTimeoutUndefined = "DEFAULT_HEARTBEAT_TIMEOUT_UNDEFINED",
        /// The decider lacks permission.
        OperationNotPermitted = "OPERATION_NOT_PERMITTED",
    }

    /// Why a cancellation was not requested, in the order of SWF's service model.
    RequestCancelActivityTaskFailedCause {
        /// No open activity of the execution has that id.
        ActivityIdUnknown = "ACTIVITY_ID_UNKNOWN",
        /// The decider lacks permission.
        OperationNotPermitted = "OPERATION_NOT_PERMITTED",
    }
}

structure! {
    /// Attributes of ActivityTaskScheduled. Task list, timeouts and priority are those that the task got: the
    /// decision's, else the type's (our choice). A priority that neither gives is 0 and not shown.
    ActivityTaskScheduledEventAttributes {
        /// The task's type.
        required activity_type: ActivityType = "activityType",
        /// The decider's id for it.
        required activity_id: GivenId = "activityId",
        /// What the worker is to work on.
        optional input: Data = "input",
        /// For the decider's own use.
        optional control: Data = "control",
        /// Schedule-to-start.
        optional schedule_to_start_timeout: TaskTimeout = "scheduleToStartTimeout",
        /// Schedule-to-close.
        optional schedule_to_close_timeout: TaskTimeout = "scheduleToCloseTimeout",
        /// Start-to-close.
        optional start_to_close_timeout: TaskTimeout = "startToCloseTimeout",
        /// Where it waits.
        required task_list: TaskList = "taskList",
        /// How urgently.
        optional task_priority: TaskPriority = "taskPriority",
        /// The event of the decision's completion.
        required decision_task_completed_event_id: EventId = "decisionTaskCompletedEventId",
        /// The heartbeat timeout.
        optional heartbeat_timeout: TaskTimeout = "heartbeatTimeout",
    }

    /// Attributes of ScheduleActivityTaskFailed.
    ScheduleActivityTaskFailedEventAttributes {
        /// The type that the decision named.
        required activity_type: ActivityType = "activityType",
        /// The id that the decision gave.
        required activity_id: GivenId = "activityId",
        /// Why.
        required cause: ScheduleActivityTaskFailedCause = "cause",
        /// The event of the decision's completion.
        required decision_task_completed_event_id: EventId = "decisionTaskCompletedEventId",
    }

    /// Attributes of ActivityTaskStarted.
    ActivityTaskStartedEventAttributes {
        /// Who took it up, as the poll said.
        optional identity: Identity = "identity",
        /// The event of its scheduling.
        required scheduled_event_id: EventId = "scheduledEventId",
    }

    /// Attributes of ActivityTaskCompleted.
    ActivityTaskCompletedEventAttributes {
        /// What came of it.
        optional result: Data = "result",
        /// The event of its scheduling.
        required scheduled_event_id: EventId = "scheduledEventId",
        /// The event of its start.
        required started_event_id: EventId = "startedEventId",
    }

    /// Attributes of ActivityTaskFailed.
    ActivityTaskFailedEventAttributes {
        /// Why, in a word.
        optional reason: FailureReason = "reason",
        /// Why, at length.
        optional details: Data = "details",
        /// The event of its scheduling.
        required scheduled_event_id: EventId = "scheduledEventId",
        /// The event of its start.
        required started_event_id: EventId = "startedEventId",
    }

    /// Attributes of ActivityTaskTimedOut.
    ActivityTaskTimedOutEventAttributes {
        /// Which timeout.
        required timeout_type: TimeoutType = "timeoutType",
        /// The event of its scheduling.
        required scheduled_event_id: EventId = "scheduledEventId",
        /// The event of its start; 0 if it never started.
        required started_event_id: EventId = "startedEventId",
        /// The details last reported by a heartbeat, whichever timeout it was.
        optional details: LimitedData = "details",
    }

    /// Attributes of ActivityTaskCanceled.
    ActivityTaskCanceledEventAttributes {
        /// How far the worker came.
        optional details: Data = "details",
        /// The event of its scheduling.
        required scheduled_event_id: EventId = "scheduledEventId",
        /// The event of its start; 0 if it never started.
        required started_event_id: EventId = "startedEventId",
        /// The event of the latest request to cancel it; absent if nobody asked (our choice).
        optional latest_cancel_requested_event_id: EventId = "latestCancelRequestedEventId",
    }

    /// Attributes of ActivityTaskCancelRequested.
    ActivityTaskCancelRequestedEventAttributes {
        /// The event of the decision's completion.
        required decision_task_completed_event_id: EventId = "decisionTaskCompletedEventId",
        /// The decider's id for the task.
        required activity_id: GivenId = "activityId",
    }

    /// Attributes of RequestCancelActivityTaskFailed.
    RequestCancelActivityTaskFailedEventAttributes {
        /// The id that the decision named.
        required activity_id: GivenId = "activityId",
        /// Why.
        required cause: RequestCancelActivityTaskFailedCause = "cause",
        /// The event of the decision's completion.
        required decision_task_completed_event_id: EventId = "decisionTaskCompletedEventId",
    }
}
