//! The actions of SWF by name: those that this server does, and those that it does not.

/// What a name of an action stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Named {
    Call(Call),
    /// SWF has it, this server has not.
    Unsupported,
    Unknown,
}

macro_rules! calls {
    ($($name:ident)*) => {
        /// A call that this server answers.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum Call { $($name,)* }

        impl Call {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

calls! {
    RegisterDomain DescribeDomain ListDomains DeprecateDomain UndeprecateDomain
    RegisterWorkflowType DescribeWorkflowType ListWorkflowTypes DeprecateWorkflowType
    UndeprecateWorkflowType DeleteWorkflowType
    RegisterActivityType DescribeActivityType ListActivityTypes DeprecateActivityType
    UndeprecateActivityType DeleteActivityType
    StartWorkflowExecution SignalWorkflowExecution RequestCancelWorkflowExecution
    TerminateWorkflowExecution
    DescribeWorkflowExecution GetWorkflowExecutionHistory
    CountOpenWorkflowExecutions CountClosedWorkflowExecutions
    ListOpenWorkflowExecutions ListClosedWorkflowExecutions
    PollForDecisionTask RespondDecisionTaskCompleted CountPendingDecisionTasks
    PollForActivityTask CountPendingActivityTasks RecordActivityTaskHeartbeat
    RespondActivityTaskCompleted RespondActivityTaskFailed RespondActivityTaskCanceled
}

/// The rest of the service model.
const UNSUPPORTED: [&str; 3] = ["ListTagsForResource", "TagResource", "UntagResource"];

/// What an action's name stands for.
pub fn named(name: &str) -> Named {
    match Call::ALL.iter().find(|call| call.name() == name) {
        Some(call) => Named::Call(*call),
        None if UNSUPPORTED.contains(&name) => Named::Unsupported,
        None => Named::Unknown,
    }
}
