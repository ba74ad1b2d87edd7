//! What a workflow type gives its executions, and what an execution has got.

use heartwheel::swf::{Fault, FaultKind, Name, TaskPriority, TaskTimeout};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

use super::events::present;
use crate::members::Members;

/// What becomes of the children of an execution that is terminated. (There are none here.)
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum ChildPolicy {
    #[serde(rename = "TERMINATE")]
    Terminate,
    #[serde(rename = "REQUEST_CANCEL")]
    RequestCancel,
    #[serde(rename = "ABANDON")]
    Abandon,
}

/// What a type or the start of an execution says; all of it may be missing.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct GivenConfig {
    pub(crate) task_list: Option<Name>,
    pub(crate) task_priority: Option<TaskPriority>,
    pub(crate) execution_timeout: Option<TaskTimeout>,
    pub(crate) task_timeout: Option<TaskTimeout>,
    pub(crate) child_policy: Option<ChildPolicy>,
}

/// What an execution has got.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Config {
    pub(crate) task_list: Name,
    pub(crate) task_priority: Option<TaskPriority>,
    pub(crate) execution_timeout: TaskTimeout,
    pub(crate) task_timeout: TaskTimeout,
    pub(crate) child_policy: ChildPolicy,
}

/// The members' names where a type is registered and where an execution is started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    task_list: &'static str,
    task_priority: &'static str,
    execution_timeout: &'static str,
    task_timeout: &'static str,
    child_policy: &'static str,
    lambda_role: &'static str,
}

pub(crate) const OF_TYPE: Names = Names {
    task_list: "defaultTaskList",
    task_priority: "defaultTaskPriority",
    execution_timeout: "defaultExecutionStartToCloseTimeout",
    task_timeout: "defaultTaskStartToCloseTimeout",
    child_policy: "defaultChildPolicy",
    lambda_role: "defaultLambdaRole",
};

pub(crate) const OF_EXECUTION: Names = Names {
    task_list: "taskList",
    task_priority: "taskPriority",
    execution_timeout: "executionStartToCloseTimeout",
    task_timeout: "taskStartToCloseTimeout",
    child_policy: "childPolicy",
    lambda_role: "lambdaRole",
};

impl GivenConfig {
    pub(crate) fn read(members: &Members, names: Names) -> Result<Self, Fault> {
        let task_list = members.structure(names.task_list)?;
        let execution_timeout: Option<TaskTimeout> =
            members.optional_or_empty(names.execution_timeout)?;
        if execution_timeout == Some(TaskTimeout::NONE) {
            let rule = "Member must be a whole number of seconds";
            return Err(members.violation(names.execution_timeout, 4, rule));
        }
        if members.text(names.lambda_role, 1, 1600)?.is_some() {
            let rule = "Member must be null: this server has no Lambda functions";
            return Err(members.violation(names.lambda_role, 0, rule));
        }
        Ok(Self {
            task_list: task_list.map(|list| list.required("name")).transpose()?,
            task_priority: members.optional(names.task_priority)?,
            execution_timeout,
            task_timeout: members.optional_or_empty(names.task_timeout)?,
            child_policy: members.word(names.child_policy)?,
        })
    }

    /// What an execution gets: what its start says, else what the type says.
    pub(crate) fn resolve(&self, defaults: &Self) -> Result<Config, Fault> {
        fn either<T: Clone>(
            given: &Option<T>,
            default: &Option<T>,
            name: &str,
        ) -> Result<T, Fault> {
            let value = given.as_ref().or(default.as_ref()).cloned();
            value.ok_or_else(|| Fault::new(FaultKind::DefaultUndefined, name))
        }
        let of = OF_TYPE;
        Ok(Config {
            execution_timeout: either(
                &self.execution_timeout,
                &defaults.execution_timeout,
                of.execution_timeout,
            )?,
            task_list: either(&self.task_list, &defaults.task_list, of.task_list)?,
            task_timeout: either(&self.task_timeout, &defaults.task_timeout, of.task_timeout)?,
            child_policy: either(&self.child_policy, &defaults.child_policy, of.child_policy)?,
            task_priority: self.task_priority.or(defaults.task_priority),
        })
    }

    /// As DescribeWorkflowType shows it.
    pub(crate) fn shown(&self) -> Value {
        present(json!({
            OF_TYPE.task_timeout: self.task_timeout,
            OF_TYPE.execution_timeout: self.execution_timeout,
            OF_TYPE.task_list: self.task_list.as_ref().map(|name| json!({"name": name})),
            OF_TYPE.task_priority: self.task_priority,
            OF_TYPE.child_policy: self.child_policy,
        }))
    }
}

impl Config {
    /// As DescribeWorkflowExecution shows it, and the start of a history among other things.
    pub(crate) fn shown(&self) -> Value {
        present(json!({
            OF_EXECUTION.task_timeout: self.task_timeout,
            OF_EXECUTION.execution_timeout: self.execution_timeout,
            OF_EXECUTION.task_list: {"name": self.task_list},
            OF_EXECUTION.task_priority: self.task_priority,
            OF_EXECUTION.child_policy: self.child_policy,
        }))
    }
}
