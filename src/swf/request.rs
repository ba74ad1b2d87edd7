//! What callers send: the requests of SWF's activity calls and the two decisions about activities.

use super::model::{ActivityType, TaskList};
use super::priority::TaskPriority;
use super::shape::structure;
use super::text::{
    Data, Description, DomainName, FailureReason, GivenId, Identity, LimitedData, Name, TaskToken,
    Version,
};
use super::timeout::TaskTimeout;

structure! {
    /// RegisterActivityType: a new type with its defaults. The answer has no body.
    RegisterActivityTypeInput {
        /// The domain of the type.
        required domain: DomainName = "domain",
        /// The type's name.
        required name: Name = "name",
        /// The type's version.
        required version: Version = "version",
        /// What it is for.
        optional description: Description = "description",
        /// Start-to-close of tasks whose decision does not say.
        optional default_task_start_to_close_timeout: TaskTimeout = "defaultTaskStartToCloseTimeout",
        /// Heartbeat timeout of tasks whose decision does not say.
        optional default_task_heartbeat_timeout: TaskTimeout = "defaultTaskHeartbeatTimeout",
        /// Task list of tasks whose decision does not say.
        optional default_task_list: TaskList = "defaultTaskList",
        /// Priority of tasks whose decision does not say; 0 if this is not set either.
        optional default_task_priority: TaskPriority = "defaultTaskPriority",
        /// Schedule-to-start of tasks whose decision does not say.
        optional default_task_schedule_to_start_timeout: TaskTimeout = "defaultTaskScheduleToStartTimeout",
        /// Schedule-to-close of tasks whose decision does not say.
        optional default_task_schedule_to_close_timeout: TaskTimeout = "defaultTaskScheduleToCloseTimeout",
    }

    /// DeprecateActivityType: the type takes no new tasks. The answer has no body.
    DeprecateActivityTypeInput {
        /// The domain of the type.
        required domain: DomainName = "domain",
        /// The type.
        required activity_type: ActivityType = "activityType",
    }

    /// UndeprecateActivityType: the type takes new tasks again. The answer has no body.
    UndeprecateActivityTypeInput {
        /// The domain of the type.
        required domain: DomainName = "domain",
        /// The type.
        required activity_type: ActivityType = "activityType",
    }

    /// DeleteActivityType: a deprecated type goes. The answer has no body.
    DeleteActivityTypeInput {
        /// The domain of the type.
        required domain: DomainName = "domain",
        /// The type.
        required activity_type: ActivityType = "activityType",
    }

    /// DescribeActivityType: answered by [`ActivityTypeDetail`](super::ActivityTypeDetail).
    DescribeActivityTypeInput {
        /// The domain of the type.
        required domain: DomainName = "domain",
        /// The type.
        required activity_type: ActivityType = "activityType",
    }

    /// PollForActivityTask: a worker asks for work; answered by
    /// [`PollForActivityTaskOutput`](super::PollForActivityTaskOutput).
    PollForActivityTaskInput {
        /// The domain of the task list.
        required domain: DomainName = "domain",
        /// The task list.
        required task_list: TaskList = "taskList",
        /// Who asks; the history shows it.
        optional identity: Identity = "identity",
    }

    /// RecordActivityTaskHeartbeat: a worker reports progress; answered by
    /// [`ActivityTaskStatus`](super::ActivityTaskStatus).
    RecordActivityTaskHeartbeatInput {
        /// The task's token, as the poll gave it.
        required task_token: TaskToken = "taskToken",
        /// The progress. If the task times out, the history shows the last that was reported.
        optional details: LimitedData = "details",
    }

    /// RespondActivityTaskCompleted: the work is done. The answer has no body.
    RespondActivityTaskCompletedInput {
        /// The task's token, as the poll gave it.
        required task_token: TaskToken = "taskToken",
        /// What came of it.
        optional result: Data = "result",
    }

    /// RespondActivityTaskFailed: the work failed. The answer has no body.
    RespondActivityTaskFailedInput {
        /// The task's token, as the poll gave it.
        required task_token: TaskToken = "taskToken",
        /// Why, in a word.
        optional reason: FailureReason = "reason",
        /// Why, at length.
        optional details: Data = "details",
    }

    /// RespondActivityTaskCanceled: the work was given up. The answer has no body.
    RespondActivityTaskCanceledInput {
        /// The task's token, as the poll gave it.
        required task_token: TaskToken = "taskToken",
        /// How far it came.
        optional details: Data = "details",
    }

    /// CountPendingActivityTasks: answered by [`PendingTaskCount`](super::PendingTaskCount).
    CountPendingActivityTasksInput {
        /// The domain of the task list.
        required domain: DomainName = "domain",
        /// The task list.
        required task_list: TaskList = "taskList",
    }

    /// The decision ScheduleActivityTask.
    ScheduleActivityTaskDecisionAttributes {
        /// The type of the task.
        required activity_type: ActivityType = "activityType",
        /// The decider's id for it, unique among the execution's open activities.
        required activity_id: GivenId = "activityId",
        /// For the decider's own use: the history shows it, the worker never sees it.
        optional control: Data = "control",
        /// What the worker is to work on.
        optional input: Data = "input",
        /// Schedule-to-close; the type's default if absent.
        optional schedule_to_close_timeout: TaskTimeout = "scheduleToCloseTimeout",
        /// The task list; the type's default if absent.
        optional task_list: TaskList = "taskList",
        /// The priority; the type's default if absent, else 0.
        optional task_priority: TaskPriority = "taskPriority",
        /// Schedule-to-start; the type's default if absent.
        optional schedule_to_start_timeout: TaskTimeout = "scheduleToStartTimeout",
        /// Start-to-close; the type's default if absent.
        optional start_to_close_timeout: TaskTimeout = "startToCloseTimeout",
        /// The heartbeat timeout; the type's default if absent.
        optional heartbeat_timeout: TaskTimeout = "heartbeatTimeout",
    }

    /// The decision RequestCancelActivityTask.
    RequestCancelActivityTaskDecisionAttributes {
        /// The decider's id for the task.
        required activity_id: GivenId = "activityId",
    }
}
