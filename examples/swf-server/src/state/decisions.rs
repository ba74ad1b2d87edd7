//! Decisions as a decider sends them, read. What becomes of them is [`decide`](super::decide)'s.

use heartwheel::swf::access::PlainAction;
use heartwheel::swf::{
    Data, FailureReason, Fault, Name, RequestCancelActivityTaskDecisionAttributes,
    ScheduleActivityTaskDecisionAttributes, TaskTimeout,
};
use serde_json::{json, Value};

use super::run::CloseStatus;
use crate::members::Members;

/// One decision, read.
#[derive(Debug)]
pub(crate) enum Decision {
    ScheduleActivityTask(Box<ScheduleActivityTaskDecisionAttributes>),
    RequestCancelActivityTask(RequestCancelActivityTaskDecisionAttributes),
    RecordMarker { name: String, details: Option<Data> },
    StartTimer { id: Name, control: Option<Data>, after: TaskTimeout },
    CancelTimer { id: Name },
    Close(Close),
}

/// A decision that ends the execution.
#[derive(Debug)]
pub(crate) struct Close {
    pub(crate) status: CloseStatus,
    pub(crate) action: PlainAction,
    /// The events of its success and of its failure.
    pub(crate) event_type: &'static str,
    pub(crate) failed_event_type: &'static str,
    pub(crate) attributes: Value,
}

impl Decision {
    pub(crate) fn read(members: &Members) -> Result<Self, Fault> {
        let kind = members.required_text("decisionType", 1, 256)?;
        match kind.as_str() {
            "ScheduleActivityTask" => {
                let given = attributes(members, "scheduleActivityTaskDecisionAttributes")?;
                let read = given.shape(ScheduleActivityTaskDecisionAttributes::read)?;
                Ok(Self::ScheduleActivityTask(Box::new(read)))
            }
            "RequestCancelActivityTask" => {
                let given = attributes(members, "requestCancelActivityTaskDecisionAttributes")?;
                let read = given.shape(RequestCancelActivityTaskDecisionAttributes::read)?;
                Ok(Self::RequestCancelActivityTask(read))
            }
            "RecordMarker" => {
                let given = attributes(members, "recordMarkerDecisionAttributes")?;
                let name = given.required_text("markerName", 1, 256)?;
                Ok(Self::RecordMarker { name, details: given.optional("details")? })
            }
            "StartTimer" => {
                let given = attributes(members, "startTimerDecisionAttributes")?;
                let after: TaskTimeout = given.required("startToFireTimeout")?;
                if after == TaskTimeout::NONE {
                    let rule = "Member must be a whole number of seconds";
                    return Err(given.violation("startToFireTimeout", 4, rule));
                }
                let control = given.optional("control")?;
                Ok(Self::StartTimer { id: given.required("timerId")?, control, after })
            }
            "CancelTimer" => {
                let given = attributes(members, "cancelTimerDecisionAttributes")?;
                Ok(Self::CancelTimer { id: given.required("timerId")? })
            }
            "CompleteWorkflowExecution" => Ok(Self::Close(Close::complete(members)?)),
            "FailWorkflowExecution" => Ok(Self::Close(Close::fail(members)?)),
            "CancelWorkflowExecution" => Ok(Self::Close(Close::cancel(members)?)),
            "ContinueAsNewWorkflowExecution"
            | "SignalExternalWorkflowExecution"
            | "RequestCancelExternalWorkflowExecution"
            | "StartChildWorkflowExecution"
            | "ScheduleLambdaFunction" => {
                let rule = "Member must be a decision that this server carries out";
                Err(members.violation("decisionType", kind.len(), rule))
            }
            _ => {
                let rule = "Member must satisfy enum value set: SWF's types of decisions";
                Err(members.violation("decisionType", kind.chars().count(), rule))
            }
        }
    }
}

/// The attributes that belong to a decision's type.
fn attributes(members: &Members, member: &str) -> Result<Members, Fault> {
    members.required_structure(member)
}

impl Close {
    /// Its attributes may be left out, all of them being optional.
    fn complete(members: &Members) -> Result<Self, Fault> {
        let given = members.structure("completeWorkflowExecutionDecisionAttributes")?;
        let result: Option<Data> =
            given.map(|given| given.optional("result")).transpose()?.flatten();
        Ok(Self {
            status: CloseStatus::Completed,
            action: PlainAction::CompleteWorkflowExecution,
            event_type: "WorkflowExecutionCompleted",
            failed_event_type: "CompleteWorkflowExecutionFailed",
            attributes: json!({"result": result}),
        })
    }

    fn fail(members: &Members) -> Result<Self, Fault> {
        let given = members.structure("failWorkflowExecutionDecisionAttributes")?;
        let given = given.map(|given| {
            let reason: Option<FailureReason> = given.optional("reason")?;
            let details: Option<Data> = given.optional("details")?;
            Ok::<_, Fault>(json!({"reason": reason, "details": details}))
        });
        Ok(Self {
            status: CloseStatus::Failed,
            action: PlainAction::FailWorkflowExecution,
            event_type: "WorkflowExecutionFailed",
            failed_event_type: "FailWorkflowExecutionFailed",
            attributes: given.transpose()?.unwrap_or_else(|| json!({})),
        })
    }

    fn cancel(members: &Members) -> Result<Self, Fault> {
        let given = members.structure("cancelWorkflowExecutionDecisionAttributes")?;
        let details: Option<Data> =
            given.map(|given| given.optional("details")).transpose()?.flatten();
        Ok(Self {
            status: CloseStatus::Canceled,
            action: PlainAction::CancelWorkflowExecution,
            event_type: "WorkflowExecutionCanceled",
            failed_event_type: "CancelWorkflowExecutionFailed",
            attributes: json!({"details": details}),
        })
    }
}
