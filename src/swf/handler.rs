//! The activity calls as a host answers them: what is asked before the service is, in which order.
//!
//! | call | the order |
//! |---|---|
//! | with a token: the heartbeat, the three Respond calls | shape, seal (`Invalid token`), permission on the domain that the token belongs to, is the task open? |
//! | about a task list or a type | shape, permission, does the domain exist?, the service or the registry |
//! | decisions | permission, which the event of the decision tells, then the service's causes |
//!
//! The shape is checked by whoever reads a request: an input is a value that has one. What comes first hides
//! what comes later: nobody learns from a token that it did not get here, or without permission, whether a
//! task is open, or a domain is there.

mod caller;

use crate::{ActivityId, Timestamp};

use super::access::{PlainAction, Request, TypeRef};
use super::fault::Fault;
use super::model::{ActivityType, EventId};
use super::request::{
    CountPendingActivityTasksInput, DeleteActivityTypeInput, DeprecateActivityTypeInput,
    DescribeActivityTypeInput, PollForActivityTaskInput, RecordActivityTaskHeartbeatInput,
    RegisterActivityTypeInput, RequestCancelActivityTaskDecisionAttributes,
    RespondActivityTaskCanceledInput, RespondActivityTaskCompletedInput,
    RespondActivityTaskFailedInput, ScheduleActivityTaskDecisionAttributes,
    UndeprecateActivityTypeInput,
};
use super::response::{
    ActivityTaskStatus, ActivityTypeDetail, PendingTaskCount, PollForActivityTaskOutput,
};
use super::service::{
    ActivityService, DecisionContext, ExecutionId, Histories, ScheduleOutcome, ServiceError,
};
use super::text::{DomainName, TaskToken};
use super::token::TokenKey;

pub use caller::Caller;

/// The host's domains.
pub trait Domains {
    /// Is the domain registered?
    ///
    /// # Errors
    /// The host's answer to a call about one that is not, [`Fault::unknown_domain`] as a rule.
    fn require(&self, domain: &DomainName) -> Result<(), Fault>;
}

/// For a host that keeps no domains: each name is one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[allow(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct AnyDomain;

impl Domains for AnyDomain {
    fn require(&self, _domain: &DomainName) -> Result<(), Fault> {
        Ok(())
    }
}

/// One caller's way to a service: each activity call and decision, in the order that the module describes.
///
/// Made for a call and dropped after it. As with the service itself, time comes first: the host polls the
/// service until `None` before, with the same time.
///
/// ```
/// use heartwheel::swf::token::TokenKey;
/// use heartwheel::swf::*;
/// use heartwheel::Timestamp;
///
/// let mut service: ActivityService<u64> = ActivityService::new(ServiceConfig::DEFAULT);
/// let key = TokenKey::new(&[7; 32])?; // a real host draws random bytes, and keeps them
/// let mut handler = Handler::new(&mut service, &key, Caller::UNRESTRICTED, &AnyDomain);
///
/// let body = r#"{"taskToken":"invented"}"#;
/// let mut json = serde_json::Deserializer::from_str(body);
/// let request = RecordActivityTaskHeartbeatInput::read(&mut json)?;
/// let now = Timestamp::from_millis(1_420_142_405_123);
/// let refused = handler.record_activity_task_heartbeat(now, request).unwrap_err();
/// assert_eq!(refused, Fault::invalid_token().into());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Handler<'a, H, D> {
    service: &'a mut ActivityService<H>,
    key: &'a TokenKey,
    caller: Caller<'a>,
    domains: &'a D,
}

impl<'a, H, D: Domains> Handler<'a, H, D> {
    /// The way of one caller. The key seals and opens the tokens of the service's tasks.
    pub fn new(
        service: &'a mut ActivityService<H>,
        key: &'a TokenKey,
        caller: Caller<'a>,
        domains: &'a D,
    ) -> Self {
        Self { service, key, caller, domains }
    }

    /// RegisterActivityType. Constrained by `swf:name`, `swf:version`, `swf:defaultTaskList.name`.
    ///
    /// # Errors
    /// OperationNotPermittedFault, the domain's fault, then those of
    /// [`TypeRegistry::register`](super::TypeRegistry::register).
    pub fn register_activity_type(
        &mut self,
        now: Timestamp,
        request: RegisterActivityTypeInput,
    ) -> Result<(), Fault> {
        let asked = Request::RegisterActivityType {
            activity_type: TypeRef {
                name: request.name.as_str(),
                version: request.version.as_str(),
            },
            default_task_list: request.default_task_list.as_ref().map(|list| list.name.as_str()),
        };
        self.require(&asked, &request.domain)?;
        self.service.types_mut().register(now, request)
    }

    /// DeprecateActivityType. Constrained by `swf:activityType.name` and `.version`.
    ///
    /// # Errors
    /// OperationNotPermittedFault, the domain's fault, then those of
    /// [`TypeRegistry::deprecate`](super::TypeRegistry::deprecate).
    pub fn deprecate_activity_type(
        &mut self,
        now: Timestamp,
        request: &DeprecateActivityTypeInput,
    ) -> Result<(), Fault> {
        let asked = Request::DeprecateActivityType(type_ref(&request.activity_type));
        self.require(&asked, &request.domain)?;
        self.service.types_mut().deprecate(now, request)
    }

    /// UndeprecateActivityType. Constrained by `swf:activityType.name` and `.version`.
    ///
    /// # Errors
    /// OperationNotPermittedFault, the domain's fault, then those of
    /// [`TypeRegistry::undeprecate`](super::TypeRegistry::undeprecate).
    pub fn undeprecate_activity_type(
        &mut self,
        request: &UndeprecateActivityTypeInput,
    ) -> Result<(), Fault> {
        let asked = Request::UndeprecateActivityType(type_ref(&request.activity_type));
        self.require(&asked, &request.domain)?;
        self.service.types_mut().undeprecate(request)
    }

    /// DeleteActivityType. Constrained by `swf:activityType.name` and `.version`.
    ///
    /// # Errors
    /// OperationNotPermittedFault, the domain's fault, then those of
    /// [`TypeRegistry::delete`](super::TypeRegistry::delete).
    pub fn delete_activity_type(&mut self, request: &DeleteActivityTypeInput) -> Result<(), Fault> {
        let asked = Request::DeleteActivityType(type_ref(&request.activity_type));
        self.require(&asked, &request.domain)?;
        self.service.types_mut().delete(request)
    }

    /// DescribeActivityType. Constrained by `swf:activityType.name` and `.version`.
    ///
    /// # Errors
    /// OperationNotPermittedFault, the domain's fault, then those of
    /// [`TypeRegistry::describe`](super::TypeRegistry::describe).
    pub fn describe_activity_type(
        &self,
        request: &DescribeActivityTypeInput,
    ) -> Result<ActivityTypeDetail, Fault> {
        let asked = Request::DescribeActivityType(type_ref(&request.activity_type));
        self.require(&asked, &request.domain)?;
        self.service.types().describe(request)
    }

    /// PollForActivityTask, without the waiting: the answer has a token under this handler's key. Constrained
    /// by `swf:taskList.name`.
    ///
    /// # Errors
    /// OperationNotPermittedFault, the domain's fault, then [`ServiceError::Undrained`].
    pub fn poll_for_activity_task(
        &mut self,
        now: Timestamp,
        histories: &mut impl Histories,
        request: PollForActivityTaskInput,
    ) -> Result<PollForActivityTaskOutput, ServiceError> {
        let PollForActivityTaskInput { domain, task_list, identity } = request;
        let asked = Request::PollForActivityTask { task_list: task_list.name.as_str() };
        self.require(&asked, &domain)?;
        let list = &task_list.name;
        let started =
            self.service.poll_for_activity_task(now, histories, &domain, list, identity)?;
        Ok(started.map_or(PollForActivityTaskOutput::Empty, |started| {
            let token = self.key.seal(&domain, started.id);
            PollForActivityTaskOutput::Task(started.with_token(token))
        }))
    }

    /// CountPendingActivityTasks. Constrained by `swf:taskList.name`.
    ///
    /// # Errors
    /// OperationNotPermittedFault, the domain's fault, then [`ServiceError::Undrained`].
    pub fn count_pending_activity_tasks(
        &mut self,
        now: Timestamp,
        request: &CountPendingActivityTasksInput,
    ) -> Result<PendingTaskCount, ServiceError> {
        let list = &request.task_list.name;
        let asked = Request::CountPendingActivityTasks { task_list: list.as_str() };
        self.require(&asked, &request.domain)?;
        self.service.count_pending_activity_tasks(now, &request.domain, list)
    }

    /// RecordActivityTaskHeartbeat.
    ///
    /// # Errors
    /// `Invalid token`, OperationNotPermittedFault, then the service's: [`ServiceError::Undrained`];
    /// UnknownResourceFault for a task or an execution that is closed.
    pub fn record_activity_task_heartbeat(
        &mut self,
        now: Timestamp,
        request: RecordActivityTaskHeartbeatInput,
    ) -> Result<ActivityTaskStatus, ServiceError> {
        let task = self.open(PlainAction::RecordActivityTaskHeartbeat, &request.task_token)?;
        self.service.record_activity_task_heartbeat(now, task, request.details)
    }

    /// RespondActivityTaskCompleted.
    ///
    /// # Errors
    /// As for [`record_activity_task_heartbeat`](Self::record_activity_task_heartbeat).
    pub fn respond_activity_task_completed(
        &mut self,
        now: Timestamp,
        histories: &mut impl Histories,
        request: RespondActivityTaskCompletedInput,
    ) -> Result<(), ServiceError> {
        let task = self.open(PlainAction::RespondActivityTaskCompleted, &request.task_token)?;
        self.service.respond_activity_task_completed(now, histories, task, request.result)
    }

    /// RespondActivityTaskFailed.
    ///
    /// # Errors
    /// As for [`record_activity_task_heartbeat`](Self::record_activity_task_heartbeat).
    pub fn respond_activity_task_failed(
        &mut self,
        now: Timestamp,
        histories: &mut impl Histories,
        request: RespondActivityTaskFailedInput,
    ) -> Result<(), ServiceError> {
        let task = self.open(PlainAction::RespondActivityTaskFailed, &request.task_token)?;
        let RespondActivityTaskFailedInput { reason, details, .. } = request;
        self.service.respond_activity_task_failed(now, histories, task, reason, details)
    }

    /// RespondActivityTaskCanceled.
    ///
    /// # Errors
    /// As for [`record_activity_task_heartbeat`](Self::record_activity_task_heartbeat).
    pub fn respond_activity_task_canceled(
        &mut self,
        now: Timestamp,
        histories: &mut impl Histories,
        request: RespondActivityTaskCanceledInput,
    ) -> Result<(), ServiceError> {
        let task = self.open(PlainAction::RespondActivityTaskCanceled, &request.task_token)?;
        self.service.respond_activity_task_canceled(now, histories, task, request.details)
    }

    /// The decision ScheduleActivityTask, on behalf of the caller. Constrained by `swf:activityType.name`,
    /// `.version` and `swf:taskList.name`; a task list that the decision leaves out is the type's default one.
    ///
    /// # Errors
    /// As for [`ActivityService::schedule_activity_task`]; a denied decision is an event, and no error.
    pub fn schedule_activity_task(
        &mut self,
        now: Timestamp,
        histories: &mut impl Histories,
        execution: ExecutionId,
        decision_task_completed_event_id: EventId,
        decision: ScheduleActivityTaskDecisionAttributes,
    ) -> Result<ScheduleOutcome, ServiceError> {
        let view = self.execution(execution)?;
        let default = self.service.types().get(view.domain, &decision.activity_type);
        let default = default.and_then(|registered| registered.defaults.task_list());
        let list = decision.task_list.as_ref().map(|list| &list.name).or(default);
        let asked = Request::ScheduleActivityTask {
            activity_type: type_ref(&decision.activity_type),
            task_list: list.map(|list| list.as_str()),
        };
        let permission = self.caller.permission(&asked, view.domain.as_str());
        let context = DecisionContext { execution, decision_task_completed_event_id, permission };
        self.service.schedule_activity_task(now, histories, context, decision)
    }

    /// The decision RequestCancelActivityTask, on behalf of the caller.
    ///
    /// # Errors
    /// As for [`ActivityService::request_cancel_activity_task`]; a denied decision is an event, and no error.
    pub fn request_cancel_activity_task(
        &mut self,
        now: Timestamp,
        histories: &mut impl Histories,
        execution: ExecutionId,
        decision_task_completed_event_id: EventId,
        decision: RequestCancelActivityTaskDecisionAttributes,
    ) -> Result<EventId, ServiceError> {
        let view = self.execution(execution)?;
        let asked = Request::Plain(PlainAction::RequestCancelActivityTask);
        let permission = self.caller.permission(&asked, view.domain.as_str());
        let context = DecisionContext { execution, decision_task_completed_event_id, permission };
        self.service.request_cancel_activity_task(now, histories, context, decision)
    }

    fn execution(&self, execution: ExecutionId) -> Result<super::ExecutionView<'_>, ServiceError> {
        self.service.execution(execution).ok_or(ServiceError::ExecutionNotOpen { execution })
    }

    fn require(&self, request: &Request<'_>, domain: &DomainName) -> Result<(), Fault> {
        self.caller.require(request, domain.as_str())?;
        self.domains.require(domain)
    }

    /// The task of a genuine token whose caller may do that.
    fn open(&self, action: PlainAction, token: &TaskToken) -> Result<ActivityId, Fault> {
        let task = self.key.open(token.as_str()).map_err(|_| Fault::invalid_token())?;
        self.caller.require(&Request::Plain(action), task.domain.as_str())?;
        Ok(task.id)
    }
}

fn type_ref(activity_type: &ActivityType) -> TypeRef<'_> {
    TypeRef { name: activity_type.name.as_str(), version: activity_type.version.as_str() }
}
