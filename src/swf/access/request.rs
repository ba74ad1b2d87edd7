//! What a policy is asked about: an action, and those of its parameters that SWF lets policies constrain.

/// A call or a decision as a policy sees it.
///
/// Each carries the parameters that a policy may constrain for it, by AWS's documentation, and no other.
/// Parameters that SWF lets policies constrain and that have no place here (tags, filters of executions)
/// refuse a policy that names them.
///
/// | request | condition keys |
/// |---|---|
/// | `ScheduleActivityTask` | `swf:activityType.name`, `swf:activityType.version`, `swf:taskList.name` |
/// | polls and counts of pending tasks | `swf:taskList.name` |
/// | registrations | `swf:name`, `swf:version`, `swf:defaultTaskList.name` |
/// | the other calls about a type | `swf:activityType.name` and `.version`, or `swf:workflowType.name` and `.version` |
/// | `StartWorkflowExecution` | `swf:workflowType.name`, `swf:workflowType.version`, `swf:taskList.name` |
/// | [`PlainAction`] | none |
///
/// A task list that the caller leaves out is the type's default one, if it has one: SWF holds a missing
/// parameter against the caller only where the registration gives none either.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Request<'a> {
    /// The decision to schedule an activity.
    ScheduleActivityTask {
        /// The type named by the decision.
        activity_type: TypeRef<'a>,
        /// The decision's task list, else the type's default one.
        task_list: Option<&'a str>,
    },
    /// A worker asks for a task.
    PollForActivityTask {
        /// The name of the list polled.
        task_list: &'a str,
    },
    /// A decider asks for a task.
    PollForDecisionTask {
        /// The name of the list polled.
        task_list: &'a str,
    },
    /// How many activity tasks wait.
    CountPendingActivityTasks {
        /// The name of the list counted.
        task_list: &'a str,
    },
    /// How many decision tasks wait.
    CountPendingDecisionTasks {
        /// The name of the list counted.
        task_list: &'a str,
    },
    /// A new activity type.
    RegisterActivityType {
        /// The name and version to register, `swf:name` and `swf:version`.
        activity_type: TypeRef<'a>,
        /// The task list that the type gets as its default, if any.
        default_task_list: Option<&'a str>,
    },
    /// A new workflow type.
    RegisterWorkflowType {
        /// The name and version to register, `swf:name` and `swf:version`.
        workflow_type: TypeRef<'a>,
        /// The task list that the type gets as its default, if any.
        default_task_list: Option<&'a str>,
    },
    /// Removes a deprecated activity type.
    DeleteActivityType(TypeRef<'a>),
    /// Closes an activity type to new tasks.
    DeprecateActivityType(TypeRef<'a>),
    /// Tells about an activity type.
    DescribeActivityType(TypeRef<'a>),
    /// Opens an activity type again.
    UndeprecateActivityType(TypeRef<'a>),
    /// Removes a deprecated workflow type.
    DeleteWorkflowType(TypeRef<'a>),
    /// Closes a workflow type to new executions.
    DeprecateWorkflowType(TypeRef<'a>),
    /// Tells about a workflow type.
    DescribeWorkflowType(TypeRef<'a>),
    /// Opens a workflow type again.
    UndeprecateWorkflowType(TypeRef<'a>),
    /// A new execution.
    StartWorkflowExecution {
        /// The type to start.
        workflow_type: TypeRef<'a>,
        /// The caller's task list, else the type's default one.
        task_list: Option<&'a str>,
    },
    /// Any call or decision without such parameters.
    Plain(PlainAction),
}

/// The name and version of a type.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_structs, reason = "SWF names types by these two, and the API is frozen")]
pub struct TypeRef<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its version.
    pub version: &'a str,
}

/// The parameters by kind, each `None` where the request has no such one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parameters<'a> {
    pub(super) activity_type: Option<TypeRef<'a>>,
    pub(super) workflow_type: Option<TypeRef<'a>>,
    pub(super) registered: Option<TypeRef<'a>>,
    pub(super) task_list: Option<&'a str>,
    pub(super) default_task_list: Option<&'a str>,
}

impl<'a> Request<'a> {
    /// The action's name in policies, such as `swf:PollForActivityTask`.
    #[must_use]
    pub const fn action(&self) -> &'static str {
        match self {
            Self::ScheduleActivityTask { .. } => "swf:ScheduleActivityTask",
            Self::PollForActivityTask { .. } => "swf:PollForActivityTask",
            Self::PollForDecisionTask { .. } => "swf:PollForDecisionTask",
            Self::CountPendingActivityTasks { .. } => "swf:CountPendingActivityTasks",
            Self::CountPendingDecisionTasks { .. } => "swf:CountPendingDecisionTasks",
            Self::RegisterActivityType { .. } => "swf:RegisterActivityType",
            Self::RegisterWorkflowType { .. } => "swf:RegisterWorkflowType",
            Self::DeleteActivityType(_) => "swf:DeleteActivityType",
            Self::DeprecateActivityType(_) => "swf:DeprecateActivityType",
            Self::DescribeActivityType(_) => "swf:DescribeActivityType",
            Self::UndeprecateActivityType(_) => "swf:UndeprecateActivityType",
            Self::DeleteWorkflowType(_) => "swf:DeleteWorkflowType",
            Self::DeprecateWorkflowType(_) => "swf:DeprecateWorkflowType",
            Self::DescribeWorkflowType(_) => "swf:DescribeWorkflowType",
            Self::UndeprecateWorkflowType(_) => "swf:UndeprecateWorkflowType",
            Self::StartWorkflowExecution { .. } => "swf:StartWorkflowExecution",
            Self::Plain(action) => action.action(),
        }
    }

    pub(super) fn parameters(&self) -> Parameters<'a> {
        let none = Parameters::default();
        match *self {
            Self::ScheduleActivityTask { activity_type, task_list } => {
                Parameters { activity_type: Some(activity_type), task_list, ..none }
            }
            Self::PollForActivityTask { task_list }
            | Self::PollForDecisionTask { task_list }
            | Self::CountPendingActivityTasks { task_list }
            | Self::CountPendingDecisionTasks { task_list } => {
                Parameters { task_list: Some(task_list), ..none }
            }
            Self::RegisterActivityType { activity_type: registered, default_task_list }
            | Self::RegisterWorkflowType { workflow_type: registered, default_task_list } => {
                Parameters { registered: Some(registered), default_task_list, ..none }
            }
            Self::DeleteActivityType(activity_type)
            | Self::DeprecateActivityType(activity_type)
            | Self::DescribeActivityType(activity_type)
            | Self::UndeprecateActivityType(activity_type) => {
                Parameters { activity_type: Some(activity_type), ..none }
            }
            Self::DeleteWorkflowType(workflow_type)
            | Self::DeprecateWorkflowType(workflow_type)
            | Self::DescribeWorkflowType(workflow_type)
            | Self::UndeprecateWorkflowType(workflow_type) => {
                Parameters { workflow_type: Some(workflow_type), ..none }
            }
            Self::StartWorkflowExecution { workflow_type, task_list } => {
                Parameters { workflow_type: Some(workflow_type), task_list, ..none }
            }
            Self::Plain(_) => none,
        }
    }
}

/// One list of the names, so that no second one can drift from it.
macro_rules! plain_actions {
    ($($name:ident)*) => {
        /// A call, or a decision by the name of its type, whose parameters no policy can constrain.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum PlainAction {
            $(#[doc = concat!("`", stringify!($name), "`")] $name,)*
        }

        impl PlainAction {
            const fn action(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("swf:", stringify!($name)),)*
                }
            }
        }
    };
}

plain_actions! {
    // A worker's calls.
    RecordActivityTaskHeartbeat
    RespondActivityTaskCanceled
    RespondActivityTaskCompleted
    RespondActivityTaskFailed
    // A decider's, and its decisions.
    RespondDecisionTaskCompleted
    CancelTimer
    CancelWorkflowExecution
    CompleteWorkflowExecution
    FailWorkflowExecution
    RecordMarker
    RequestCancelActivityTask
    StartTimer
    // About executions. Tags and filters cannot be constrained here.
    CountClosedWorkflowExecutions
    CountOpenWorkflowExecutions
    DescribeWorkflowExecution
    GetWorkflowExecutionHistory
    ListClosedWorkflowExecutions
    ListOpenWorkflowExecutions
    RequestCancelWorkflowExecution
    SignalWorkflowExecution
    TerminateWorkflowExecution
    // About domains.
    DeprecateDomain
    DescribeDomain
    ListActivityTypes
    ListDomains
    ListWorkflowTypes
    RegisterDomain
    UndeprecateDomain
}
