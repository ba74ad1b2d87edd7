//! What a caller gets instead of an answer: SWF's faults, and AWS's common errors, which are no service's own.

use std::fmt;

use heartwheel::swf::{Fault, ServiceError};
use serde_json::json;

/// An error that AWS's services have in common.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CommonError {
    /// No `X-Amz-Target`.
    MissingAction,
    /// A target that is no action of SWF's, another path, or another method than POST.
    UnknownOperation,
    /// An action of SWF's that this server does not do.
    UnsupportedOperation,
    /// No access key where policies need one.
    MissingAuthenticationToken,
    /// A page in a browser at the control endpoint.
    AccessDenied,
    /// A body that does not come to its end.
    RequestTimeout,
    /// A body that is larger than any request of SWF's.
    RequestEntityTooLarge,
    /// A body that did not arrive.
    MalformedHttpRequest,
    /// The server ends, and what came now would be lost.
    ServiceUnavailable,
    /// A mistake of this server's.
    InternalFailure,
}

impl CommonError {
    pub const fn status(self) -> u16 {
        match self {
            Self::MissingAction | Self::UnsupportedOperation | Self::MalformedHttpRequest => 400,
            Self::MissingAuthenticationToken | Self::AccessDenied => 403,
            Self::UnknownOperation => 404,
            Self::RequestTimeout => 408,
            Self::RequestEntityTooLarge => 413,
            Self::InternalFailure => 500,
            Self::ServiceUnavailable => 503,
        }
    }

    pub const fn code(self) -> &'static str {
        match self {
            Self::MissingAction => "MissingAction",
            Self::UnknownOperation => "UnknownOperationException",
            Self::UnsupportedOperation => "UnsupportedOperation",
            Self::MissingAuthenticationToken => "MissingAuthenticationToken",
            Self::AccessDenied => "AccessDeniedException",
            Self::RequestTimeout => "RequestTimeoutException",
            Self::RequestEntityTooLarge => "RequestEntityTooLargeException",
            Self::MalformedHttpRequest => "MalformedHttpRequestException",
            Self::ServiceUnavailable => "ServiceUnavailable",
            Self::InternalFailure => "InternalFailure",
        }
    }
}

/// Why a call was not answered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Error {
    Fault(Fault),
    Common(CommonError, String),
}

impl Error {
    pub fn common(error: CommonError, message: impl Into<String>) -> Self {
        Self::Common(error, message.into())
    }

    pub fn status(&self) -> u16 {
        match self {
            Self::Fault(fault) => fault.status(),
            Self::Common(error, _) => error.status(),
        }
    }

    /// `__type` and `message`, as boto3 reads them.
    pub fn body(&self) -> Vec<u8> {
        let body = match self {
            Self::Fault(fault) => json!(fault),
            Self::Common(error, message) => {
                let kind = format!("com.amazon.coral.service#{}", error.code());
                json!({"__type": kind, "message": message})
            }
        };
        body.to_string().into_bytes()
    }
}

/// What cannot happen unless this server is wrong, or its system.
pub(crate) fn internal(error: impl ToString) -> Error {
    Error::common(CommonError::InternalFailure, error.to_string())
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(fault) => fault.fmt(f),
            Self::Common(error, message) => write!(f, "{}: {message}", error.code()),
        }
    }
}

impl std::error::Error for Error {}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<ServiceError> for Error {
    fn from(error: ServiceError) -> Self {
        let message = error.to_string();
        if let ServiceError::Fault(fault) = error {
            return Self::Fault(fault);
        }
        // The state drains before every call and asks for open executions alone.
        internal(message)
    }
}
