//! The faults: how SWF says no.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use super::model::{ActivityType, WorkflowExecution};
use super::shape::{words, ReadError};
use super::text::DomainName;
use super::violation::Violations;
use super::EventId;

words! {
    /// Which fault: the service model's own, then the two that answer a bad request.
    FaultKind {
        /// Somebody registered a domain that exists.
        DomainAlreadyExists = "com.amazonaws.swf.base.model#DomainAlreadyExistsFault",
        /// The domain is deprecated.
        DomainDeprecated = "com.amazonaws.swf.base.model#DomainDeprecatedFault",
        /// A workflow was started without a value that has no default.
        DefaultUndefined = "com.amazonaws.swf.base.model#DefaultUndefinedFault",
        /// A limit of the system is reached.
        LimitExceeded = "com.amazonaws.swf.base.model#LimitExceededFault",
        /// The caller lacks permission.
        OperationNotPermitted = "com.amazonaws.swf.base.model#OperationNotPermittedFault",
        /// A resource is tagged too often.
        TooManyTags = "com.amazonaws.swf.base.model#TooManyTagsFault",
        /// The type is registered already, deprecated or not.
        TypeAlreadyExists = "com.amazonaws.swf.base.model#TypeAlreadyExistsFault",
        /// The type is deprecated.
        TypeDeprecated = "com.amazonaws.swf.base.model#TypeDeprecatedFault",
        /// The type is not deprecated, as it must be to be deleted.
        TypeNotDeprecated = "com.amazonaws.swf.base.model#TypeNotDeprecatedFault",
        /// The named resource cannot be found, was never created, or is no longer available.
        UnknownResource = "com.amazonaws.swf.base.model#UnknownResourceFault",
        /// An execution of that workflow is open.
        WorkflowExecutionAlreadyStarted = "com.amazonaws.swf.base.model#WorkflowExecutionAlreadyStartedFault",
        /// A member is missing or breaks a rule.
        Validation = "com.amazon.coral.validate#ValidationException",
        /// The body is not the format, or a member has the wrong type.
        Serialization = "com.amazonaws.swf.base.model#SerializationException",
    }
}

impl FaultKind {
    /// The name without its namespace, as clients know it: `UnknownResourceFault`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.as_str().split_once('#').map_or(self.as_str(), |(_, code)| code)
    }
}

/// A fault as it travels: `{"__type":"com.amazonaws.swf.base.model#UnknownResourceFault","message":".."}`.
///
/// Displays as code and message. The messages of late calls and of types are those that the moto and floci
/// emulators took from the live service; the others are ours.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct Fault {
    /// Which fault.
    #[serde(rename = "__type")]
    pub kind: FaultKind,
    /// What happened, for people.
    pub message: String,
}

impl Fault {
    /// A fault with a message of the host's own.
    #[must_use]
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// The HTTP status: 400 for every fault of SWF's.
    #[must_use]
    pub const fn status(&self) -> u16 {
        400
    }

    /// A late call: the task has closed.
    #[must_use]
    pub fn unknown_activity(scheduled_event_id: EventId) -> Self {
        let message = format!("Unknown activity, scheduledEventId = {scheduled_event_id}");
        Self::new(FaultKind::UnknownResource, message)
    }

    /// The execution has closed or never was.
    #[must_use]
    pub fn unknown_execution(execution: &WorkflowExecution) -> Self {
        Self::new(FaultKind::UnknownResource, format!("Unknown execution: {execution}"))
    }

    /// There is no such domain.
    #[must_use]
    pub fn unknown_domain(domain: &DomainName) -> Self {
        Self::new(FaultKind::UnknownResource, format!("Unknown domain: {domain}"))
    }

    /// There is no such activity type.
    #[must_use]
    pub fn unknown_type(activity_type: &ActivityType) -> Self {
        Self::new(FaultKind::UnknownResource, format!("Unknown type: {activity_type}"))
    }

    /// The type is registered, or registered and deprecated.
    #[must_use]
    pub fn type_already_exists(activity_type: &ActivityType) -> Self {
        Self::new(FaultKind::TypeAlreadyExists, activity_type.to_string())
    }

    /// The type is deprecated already.
    #[must_use]
    pub fn type_deprecated(activity_type: &ActivityType) -> Self {
        Self::new(FaultKind::TypeDeprecated, activity_type.to_string())
    }

    /// The type must be deprecated before it is deleted.
    #[must_use]
    pub fn type_not_deprecated(activity_type: &ActivityType) -> Self {
        Self::new(FaultKind::TypeNotDeprecated, activity_type.to_string())
    }

    /// A token that was altered, or never issued here.
    #[must_use]
    pub fn invalid_token() -> Self {
        Self::new(FaultKind::Validation, "Invalid token")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.code(), self.message)
    }
}

impl core::error::Error for Fault {}

impl From<Violations> for Fault {
    fn from(violations: Violations) -> Self {
        Self::new(FaultKind::Validation, violations.to_string())
    }
}

/// What serde says, without the text that it found, which stands between quotation marks: it may be long, or a
/// secret such as a task token.
fn without_values(message: &str) -> String {
    match message.split_once('"').zip(message.rsplit_once('"')) {
        Some(((before, _), (_, after))) => [before.trim_end(), after].concat(),
        None => String::from(message),
    }
}

impl<E: fmt::Display> From<ReadError<E>> for Fault {
    fn from(error: ReadError<E>) -> Self {
        match error {
            ReadError::Malformed(error) => {
                Self::new(FaultKind::Serialization, without_values(&error.to_string()))
            }
            ReadError::Invalid(violations) => violations.into(),
        }
    }
}
