//! One execution, looked at: its history in pages, and its description.

use std::sync::Arc;

use heartwheel::swf::access::{PlainAction, Request};
use heartwheel::swf::{DomainName, Domains, EpochSeconds, Fault, WorkflowExecution};
use serde_json::{json, Value};

use super::events::present;
use super::pages::Page;
use super::run::{Deciding, Run};
use super::{Context, Reply, State};
use crate::error::Error;
use crate::members::Members;

impl State {
    pub(crate) fn get_workflow_execution_history(
        &self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let page = Page::read(members)?;
        let run = self.one(context, PlainAction::GetWorkflowExecutionHistory, members)?;
        // No run of another domain has this id.
        let of = ["history", run.name.run_id.as_str()];
        let (events, next) = page.cut(numbered(&run.history), &of, |(id, _)| *id)?;
        let events: Vec<_> = events.into_iter().map(|(_, event)| event).collect();
        Ok(Reply::Body(present(json!({"events": events, "nextPageToken": next}))))
    }

    pub(crate) fn describe_workflow_execution(
        &self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let run = self.one(context, PlainAction::DescribeWorkflowExecution, members)?;
        let activities = self.service.execution(run.id).map_or(0, |view| view.open_activities);
        Ok(Reply::Body(present(json!({
            "executionInfo": info(run),
            "executionConfiguration": run.config.shown(),
            "openCounts": {
                "openActivityTasks": activities,
                "openDecisionTasks": i32::from(run.deciding != Deciding::Idle),
                "openTimers": run.timers.len(),
                "openChildWorkflowExecutions": 0,
                "openLambdaFunctions": 0,
            },
            "latestActivityTaskTimestamp": run.latest_activity_at.map(EpochSeconds::from),
            "latestExecutionContext": run.latest_context,
        }))))
    }

    /// The execution that a call names.
    fn one(
        &self,
        context: Context<'_>,
        action: PlainAction,
        members: &Members,
    ) -> Result<&Run, Fault> {
        let domain: DomainName = members.required("domain")?;
        let execution = members.required_structure("execution")?;
        let workflow_id = execution.required("workflowId")?;
        let name = WorkflowExecution { workflow_id, run_id: execution.required("runId")? };
        context.caller.require(&Request::Plain(action), domain.as_str())?;
        self.domains.require(&domain)?;
        self.runs.find(&domain, &name)
    }
}

/// The events of a history with their ids.
pub(crate) fn numbered(history: &[Arc<Value>]) -> impl Iterator<Item = (usize, &Arc<Value>)> {
    (1..).zip(history)
}

/// An execution as lists and descriptions show it.
pub(crate) fn info(run: &Run) -> Value {
    present(json!({
        "execution": run.name,
        "workflowType": run.workflow_type,
        "startTimestamp": EpochSeconds::from(run.started_at),
        "closeTimestamp": run.closed.map(|(at, _)| EpochSeconds::from(at)),
        "executionStatus": if run.is_open() { "OPEN" } else { "CLOSED" },
        "closeStatus": run.closed.map(|(_, status)| status),
        "tagList": (!run.tags.is_empty()).then_some(&run.tags),
        "cancelRequested": run.cancel_requested,
    }))
}
