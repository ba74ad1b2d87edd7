//! Amazon SWF's activity tasks, API version 2012-01-25, over the engine: what travels on the wire and what
//! the service does with it. No I/O, no clock, no parser: the types are serde's to carry in any
//! self-describing format (SWF's own is JSON), and the host brings bytes, time and histories.
//!
//! | part | types |
//! |---|---|
//! | names and limits, which cannot hold a wrong value | [`Name`], [`Version`], [`DomainName`], [`WorkflowId`], [`RunId`], [`GivenId`], [`TaskToken`], [`Data`], [`LimitedData`], [`FailureReason`], [`Identity`], [`Description`], [`TaskTimeout`], [`TaskPriority`] |
//! | why a value was refused | [`Violation`], [`Violations`], [`Rule`] |
//!
//! Where SWF's documentation is silent the choice is ours, and the item that makes it says so. Lengths are
//! counted in characters (Unicode code points): our choice.

mod priority;
mod text;
mod timeout;
mod violation;

pub use priority::TaskPriority;
pub use text::{
    Data, Description, DomainName, FailureReason, GivenId, Identity, LimitedData, Name, RunId,
    TaskToken, Version, WorkflowId,
};
pub use timeout::TaskTimeout;
pub use violation::{Refusal, Rule, Violation, Violations};
