//! Amazon SWF's activity tasks, API version 2012-01-25, over the engine: what travels on the wire and what
//! the service does with it. No I/O, no clock, no parser: the types are serde's to carry in any
//! self-describing format (SWF's own is JSON), and the host brings bytes, time and histories.
//!
//! | part | types |
//! |---|---|
//! | names and limits, which cannot hold a wrong value | [`Name`], [`Version`], [`DomainName`], [`WorkflowId`], [`RunId`], [`GivenId`], [`TaskToken`], [`Data`], [`LimitedData`], [`FailureReason`], [`Identity`], [`Description`], [`TaskTimeout`], [`TaskPriority`], [`EventId`], [`EpochSeconds`] |
//! | why a value was refused | [`Violation`], [`Violations`], [`Rule`], [`ReadError`] |
//! | requests | [`RecordActivityTaskHeartbeatInput`] and the other `..Input`s, the decisions' `..DecisionAttributes` |
//! | answers | [`ActivityTaskStatus`], [`PollForActivityTaskOutput`], [`ActivityTypeDetail`], [`PendingTaskCount`] |
//! | faults | [`Fault`], [`FaultKind`] |
//! | histories | [`HistoryEvent`], [`EventAttributes`] |
//! | activity types | [`TypeRegistry`] |
//! | tokens that only their issuer can make | [`token`] |
//! | IAM policies | [`access`] |
//! | decisions, task lists, workers' calls and timeouts over an engine | [`ActivityService`], [`Histories`], [`ServiceRecord`] |
//! | all of it in the order that keeps strangers out | [`Handler`], [`Caller`], [`Domains`] |
//!
//! Each structure has SWF's own name, and its members SWF's own names on the wire.
//!
//! ```
//! use heartwheel::swf::{Fault, FaultKind, RecordActivityTaskHeartbeatInput};
//!
//! let body = br#"{"taskToken":"AAAA","details":"starting task"}"#;
//! let mut json = serde_json::Deserializer::from_slice(body);
//! let request = RecordActivityTaskHeartbeatInput::read(&mut json)?;
//! assert_eq!(request.details.unwrap().as_str(), "starting task");
//!
//! // A wrong type and a wrong value are two different faults.
//! let refused = |body: &str| {
//!     let mut json = serde_json::Deserializer::from_str(body);
//!     Fault::from(RecordActivityTaskHeartbeatInput::read(&mut json).unwrap_err()).kind
//! };
//! assert_eq!(refused(r#"{"taskToken":7}"#), FaultKind::Serialization);
//! assert_eq!(refused(r#"{"taskToken":""}"#), FaultKind::Validation);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Where SWF's documentation is silent the choice is ours, and the item that makes it says so. Lengths are
//! counted in characters (Unicode code points): our choice. Members that are not known are passed over, and a
//! member that is null is absent.

pub mod access;
mod epoch;
mod fault;
mod handler;
mod history;
mod model;
mod priority;
mod registry;
mod request;
mod resolve;
mod response;
mod service;
mod shape;
mod text;
mod timeout;
pub mod token;
mod violation;

pub use epoch::EpochSeconds;
pub use fault::{Fault, FaultKind};
pub use handler::{AnyDomain, Caller, Domains, Handler};
pub use history::{
    ActivityTaskCancelRequestedEventAttributes, ActivityTaskCanceledEventAttributes,
    ActivityTaskCompletedEventAttributes, ActivityTaskFailedEventAttributes,
    ActivityTaskScheduledEventAttributes, ActivityTaskStartedEventAttributes,
    ActivityTaskTimedOutEventAttributes, EventAttributes, EventType, HistoryEvent,
    RequestCancelActivityTaskFailedCause, RequestCancelActivityTaskFailedEventAttributes,
    ScheduleActivityTaskFailedCause, ScheduleActivityTaskFailedEventAttributes,
};
pub use model::{
    ActivityType, ActivityTypeConfiguration, ActivityTypeInfo, EventId, RegistrationStatus,
    TaskList, WorkflowExecution,
};
pub use priority::TaskPriority;
pub use registry::TypeRegistry;
pub use request::{
    CountPendingActivityTasksInput, DeleteActivityTypeInput, DeprecateActivityTypeInput,
    DescribeActivityTypeInput, PollForActivityTaskInput, RecordActivityTaskHeartbeatInput,
    RegisterActivityTypeInput, RequestCancelActivityTaskDecisionAttributes,
    RespondActivityTaskCanceledInput, RespondActivityTaskCompletedInput,
    RespondActivityTaskFailedInput, ScheduleActivityTaskDecisionAttributes,
    UndeprecateActivityTypeInput,
};
pub use response::{
    ActivityTask, ActivityTaskStatus, ActivityTypeDetail, PendingTaskCount,
    PollForActivityTaskOutput,
};
pub use service::{
    ActivityService, CreationRate, DecisionContext, Due, ExecutionId, ExecutionView, Histories,
    Key, Permission, RestoreError, ScheduleOutcome, ServiceConfig, ServiceError, ServiceRecord,
    StartedTask,
};
pub use shape::ReadError;
pub use text::{
    Data, Description, DomainName, FailureReason, GivenId, Identity, LimitedData, Name, RunId,
    TaskToken, Version, WorkflowId,
};
pub use timeout::TaskTimeout;
pub use violation::{Refusal, Rule, Violation, Violations};
