//! The activity calls: read, and handed to the library: those about a task to its service once the token is opened
//! ([`tokens`](super::tokens)), the others to its handler, which knows what is asked first.

use heartwheel::swf::access::{PlainAction, Request};
use heartwheel::swf::{
    CountPendingActivityTasksInput, DeleteActivityTypeInput, DeprecateActivityTypeInput,
    DescribeActivityTypeInput, DomainName, Domains, Fault, FaultKind, Handler,
    PollForActivityTaskInput, PollForActivityTaskOutput, RecordActivityTaskHeartbeatInput,
    RegisterActivityTypeInput, RespondActivityTaskCanceledInput, RespondActivityTaskCompletedInput,
    RespondActivityTaskFailedInput, UndeprecateActivityTypeInput,
};
use serde_json::{json, Deserializer};

use super::domains::{DomainBook, ForNew};
use super::keys::Kind;
use super::runs::{Given, Runs};
use super::type_lists::Listed;
use super::{Context, Reply, State, TimerKey};
use crate::error::Error;

/// Reads an input of the library's, and nothing after it.
macro_rules! input {
    ($type:ident, $body:expr) => {{
        let mut json = Deserializer::from_slice($body);
        let input = $type::read(&mut json).map_err(Fault::from)?;
        json.end().map_err(|error| Fault::new(FaultKind::Serialization, error.to_string()))?;
        input
    }};
}

impl State {
    pub(crate) fn register_activity_type(
        &mut self,
        context: Context<'_>,
        body: &[u8],
    ) -> Result<Reply, Error> {
        let input = input!(RegisterActivityTypeInput, body);
        let domains = ForNew(&self.domains);
        let (service, key) = (&mut self.service, &self.keys.activity);
        let mut handler = Handler::new(service, key, context.caller, &domains);
        handler.register_activity_type(context.now, input)?;
        Ok(Reply::Empty)
    }

    pub(crate) fn deprecate_activity_type(
        &mut self,
        context: Context<'_>,
        body: &[u8],
    ) -> Result<Reply, Error> {
        let input = input!(DeprecateActivityTypeInput, body);
        let (_, mut handler) = self.handler(context);
        handler.deprecate_activity_type(context.now, &input)?;
        Ok(Reply::Empty)
    }

    pub(crate) fn undeprecate_activity_type(
        &mut self,
        context: Context<'_>,
        body: &[u8],
    ) -> Result<Reply, Error> {
        let input = input!(UndeprecateActivityTypeInput, body);
        let (_, mut handler) = self.handler(context);
        handler.undeprecate_activity_type(&input)?;
        Ok(Reply::Empty)
    }

    pub(crate) fn delete_activity_type(
        &mut self,
        context: Context<'_>,
        body: &[u8],
    ) -> Result<Reply, Error> {
        let input = input!(DeleteActivityTypeInput, body);
        let (_, mut handler) = self.handler(context);
        handler.delete_activity_type(&input)?;
        Ok(Reply::Empty)
    }

    pub(crate) fn describe_activity_type(
        &mut self,
        context: Context<'_>,
        body: &[u8],
    ) -> Result<Reply, Error> {
        let input = input!(DescribeActivityTypeInput, body);
        let (_, handler) = self.handler(context);
        Ok(Reply::Body(json!(handler.describe_activity_type(&input)?)))
    }

    pub(crate) fn poll_for_activity_task(
        &mut self,
        context: Context<'_>,
        body: &[u8],
    ) -> Result<Reply, Error> {
        let PollForActivityTaskInput { domain, task_list, identity } =
            input!(PollForActivityTaskInput, body);
        let list = &task_list.name;
        let asked = Request::PollForActivityTask { task_list: list.as_str() };
        context.caller.require(&asked, domain.as_str())?;
        self.domains.require(&domain)?;
        let (now, runs) = (context.now, &mut self.runs);
        let started = self.service.poll_for_activity_task(now, runs, &domain, list, identity)?;
        let Some(started) = started else {
            return Ok(Reply::NoTask(json!(PollForActivityTaskOutput::Empty)));
        };
        let (execution, boot) = (started.execution, self.keys.boot);
        self.runs.give(started.id, Given { execution, boot, decision: None });
        let token = self.seal(Kind::Activity, &domain, boot, started.id)?;
        Ok(Reply::Body(json!(started.with_token(token))))
    }

    pub(crate) fn count_pending_activity_tasks(
        &mut self,
        context: Context<'_>,
        body: &[u8],
    ) -> Result<Reply, Error> {
        let input = input!(CountPendingActivityTasksInput, body);
        let (_, mut handler) = self.handler(context);
        Ok(Reply::Body(json!(handler.count_pending_activity_tasks(context.now, &input)?)))
    }

    pub(crate) fn record_activity_task_heartbeat(
        &mut self,
        context: Context<'_>,
        body: &[u8],
    ) -> Result<Reply, Error> {
        let input = input!(RecordActivityTaskHeartbeatInput, body);
        let action = PlainAction::RecordActivityTaskHeartbeat;
        let task = self.open(context, Kind::Activity, action, &input.task_token)?;
        let service = &mut self.service;
        let status = service.record_activity_task_heartbeat(context.now, task, input.details)?;
        Ok(Reply::Body(json!(status)))
    }

    pub(crate) fn respond_activity_task_completed(
        &mut self,
        context: Context<'_>,
        body: &[u8],
    ) -> Result<Reply, Error> {
        let input = input!(RespondActivityTaskCompletedInput, body);
        let action = PlainAction::RespondActivityTaskCompleted;
        let task = self.open(context, Kind::Activity, action, &input.task_token)?;
        let (now, runs) = (context.now, &mut self.runs);
        self.service.respond_activity_task_completed(now, runs, task, input.result)?;
        Ok(Reply::Empty)
    }

    pub(crate) fn respond_activity_task_failed(
        &mut self,
        context: Context<'_>,
        body: &[u8],
    ) -> Result<Reply, Error> {
        let input = input!(RespondActivityTaskFailedInput, body);
        let action = PlainAction::RespondActivityTaskFailed;
        let task = self.open(context, Kind::Activity, action, &input.task_token)?;
        let RespondActivityTaskFailedInput { reason, details, .. } = input;
        let (now, runs) = (context.now, &mut self.runs);
        self.service.respond_activity_task_failed(now, runs, task, reason, details)?;
        Ok(Reply::Empty)
    }

    pub(crate) fn respond_activity_task_canceled(
        &mut self,
        context: Context<'_>,
        body: &[u8],
    ) -> Result<Reply, Error> {
        let input = input!(RespondActivityTaskCanceledInput, body);
        let action = PlainAction::RespondActivityTaskCanceled;
        let task = self.open(context, Kind::Activity, action, &input.task_token)?;
        let (now, runs) = (context.now, &mut self.runs);
        self.service.respond_activity_task_canceled(now, runs, task, input.details)?;
        Ok(Reply::Empty)
    }

    pub(crate) fn handler<'a>(
        &'a mut self,
        context: Context<'a>,
    ) -> (&'a mut Runs, Handler<'a, TimerKey, DomainBook>) {
        let (service, key) = (&mut self.service, &self.keys.activity);
        (&mut self.runs, Handler::new(service, key, context.caller, &self.domains))
    }

    pub(crate) fn listed_activity_types(&self, domain: &DomainName) -> Vec<Listed> {
        let types = self.service.types().types(domain).map(|info| Listed {
            name: info.activity_type.name.clone(),
            version: info.activity_type.version.clone(),
            status: info.status,
            info: json!(info),
        });
        types.collect()
    }
}
