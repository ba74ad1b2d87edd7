//! Executions: started, signaled, asked to cancel, terminated.

use heartwheel::swf::access::{PlainAction, Request};
use heartwheel::swf::{
    Data, DomainName, Domains, Fault, FaultKind, RunId, WorkflowExecution, WorkflowId,
};
use heartwheel::Timestamp;
use serde_json::json;

use super::config::{ChildPolicy, GivenConfig, OF_EXECUTION};
use super::decision_tasks::forever;
use super::run::{CloseStatus, Run, Start};
use super::workflow_types::WorkflowType;
use super::{Context, Reply, State, TimerKey};
use crate::error::{internal, Error};
use crate::members::Members;

/// SWF's quota.
const MAX_OPEN_PER_DOMAIN: usize = 100_000;

impl State {
    pub(crate) fn start_workflow_execution(
        &mut self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let domain: DomainName = members.required("domain")?;
        let workflow_id: WorkflowId = members.required("workflowId")?;
        let workflow_type = WorkflowType::read(&members.required_structure("workflowType")?)?;
        let given = GivenConfig::read(members, OF_EXECUTION)?;
        let input: Option<Data> = members.optional("input")?;
        let tags = members.texts("tagList", 5, 256)?;

        let default = self.workflow_types.defaults(&domain, &workflow_type);
        let default = default.and_then(|defaults| defaults.task_list.as_ref());
        let asked = Request::StartWorkflowExecution {
            workflow_type: workflow_type.as_ref(),
            task_list: given.task_list.as_ref().or(default).map(|name| name.as_str()),
        };
        context.caller.require(&asked, domain.as_str())?;
        self.domains.require_registered(&domain)?;
        let defaults = self.workflow_types.startable(&domain, &workflow_type)?;
        if self.runs.find_open(&domain, &workflow_id, None).is_ok() {
            let message = "Already Started";
            return Err(Fault::new(FaultKind::WorkflowExecutionAlreadyStarted, message).into());
        }
        let config = given.resolve(defaults)?;
        if self.runs.open_in(&domain) >= MAX_OPEN_PER_DOMAIN {
            let message = "the domain has as many open executions as it may have";
            return Err(Fault::new(FaultKind::LimitExceeded, message).into());
        }

        let run_id = self.keys.run_id(self.runs.next_number());
        let run_id: RunId = run_id.parse().map_err(internal)?;
        let name = WorkflowExecution { workflow_id, run_id };
        let id = self.service.open_execution(domain.clone(), name.clone());
        let at = context.now;
        let run = Run::new(Start { id, domain, name, workflow_type, config, tags, at });
        self.begin(run, at, input)
    }

    fn begin(&mut self, mut run: Run, at: Timestamp, input: Option<Data>) -> Result<Reply, Error> {
        let mut attributes = run.config.shown();
        attributes["workflowType"] = json!(run.workflow_type);
        attributes["parentInitiatedEventId"] = json!(0);
        attributes["input"] = json!(input);
        if !run.tags.is_empty() {
            attributes["tagList"] = json!(run.tags);
        }
        run.append_news(at, "WorkflowExecutionStarted", attributes);
        let after = forever(run.config.execution_timeout);
        let timeout = self.service.start_timer(at, TimerKey::Execution(run.id), after);
        run.timeout = Some(timeout.map_err(internal)?);
        let answer = json!({"runId": run.name.run_id});
        self.runs.insert(run);
        Ok(Reply::Body(answer))
    }

    pub(crate) fn signal_workflow_execution(
        &mut self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let target = Target::read(members)?;
        let signal = members.required_text("signalName", 1, 256)?;
        let input: Option<Data> = members.optional("input")?;
        let run = self.open_target(context, PlainAction::SignalWorkflowExecution, target)?;
        let attributes =
            json!({"signalName": signal, "input": input, "externalInitiatedEventId": 0});
        run.append_news(context.now, "WorkflowExecutionSignaled", attributes);
        Ok(Reply::Empty)
    }

    pub(crate) fn request_cancel_workflow_execution(
        &mut self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let target = Target::read(members)?;
        let run = self.open_target(context, PlainAction::RequestCancelWorkflowExecution, target)?;
        run.cancel_requested = true;
        let attributes = json!({"externalInitiatedEventId": 0});
        run.append_news(context.now, "WorkflowExecutionCancelRequested", attributes);
        Ok(Reply::Empty)
    }

    pub(crate) fn terminate_workflow_execution(
        &mut self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let target = Target::read(members)?;
        let reason = members.text("reason", 0, 256)?;
        let details: Option<Data> = members.optional("details")?;
        let child_policy: Option<ChildPolicy> = members.word("childPolicy")?;
        let run = self.open_target(context, PlainAction::TerminateWorkflowExecution, target)?;
        let attributes = json!({
            "reason": reason, "details": details, "cause": "OPERATOR_INITIATED",
            "childPolicy": child_policy.unwrap_or(run.config.child_policy),
        });
        let (id, status) = (run.id, CloseStatus::Terminated);
        self.end(id, context.now, status, "WorkflowExecutionTerminated", attributes);
        Ok(Reply::Empty)
    }

    fn open_target(
        &mut self,
        context: Context<'_>,
        action: PlainAction,
        target: Target,
    ) -> Result<&mut Run, Error> {
        let Target { domain, workflow_id, run_id } = target;
        context.caller.require(&Request::Plain(action), domain.as_str())?;
        self.domains.require(&domain)?;
        let id = self.runs.find_open(&domain, &workflow_id, run_id)?;
        self.runs.get_mut(id).ok_or_else(|| internal("an execution has no record"))
    }
}

/// Which execution a call is about.
#[derive(Debug)]
struct Target {
    domain: DomainName,
    workflow_id: WorkflowId,
    run_id: Option<RunId>,
}

impl Target {
    fn read(members: &Members) -> Result<Self, Fault> {
        Ok(Self {
            domain: members.required("domain")?,
            workflow_id: members.required("workflowId")?,
            run_id: members.optional_or_empty("runId")?,
        })
    }
}
