//! RespondDecisionTaskCompleted: all decisions are read before the first is carried out, so that a wrong one leaves
//! nothing behind.

use heartwheel::swf::access::{PlainAction, Request};
use heartwheel::swf::{
    Data, EventId, ExecutionId, Fault, FaultKind, Name, Permission, TaskTimeout, TaskToken,
};
use serde_json::{json, Value};

use super::decision_tasks::forever;
use super::decisions::{Close, Decision};
use super::keys::Kind;
use super::run::{Deciding, Run, Timer};
use super::{Context, Reply, State, TimerKey};
use crate::error::{internal, Error};
use crate::members::Members;

/// SWF's quota of open timers of one execution.
const MAX_OPEN_TIMERS: usize = 1000;

/// Whose decisions are carried out, and what had happened before.
#[derive(Clone, Copy, Debug)]
struct Turn<'a> {
    context: Context<'a>,
    execution: ExecutionId,
    /// The event of the decisions' completion.
    completed: u32,
    /// Something happened that the decider had not seen: then it may not close.
    has_unseen: bool,
}

impl State {
    pub(crate) fn respond_decision_task_completed(
        &mut self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let token: TaskToken = members.required("taskToken")?;
        let execution_context: Option<Data> = members.optional("executionContext")?;
        for member in ["taskList", "taskListScheduleToStartTimeout"] {
            if members.has(member) {
                let rule = "Member must be null: this server does not move decision tasks";
                return Err(members.violation(member, 0, rule).into());
            }
        }
        let decisions = members.structures("decisions")?;
        let decisions = decisions.iter().map(Decision::read).collect::<Result<Vec<_>, _>>()?;
        let last = decisions.len().saturating_sub(1);
        let mut places = decisions.iter().enumerate();
        if places.any(|(place, decision)| matches!(decision, Decision::Close(_)) && place != last) {
            let message = "Close must be last decision in list";
            return Err(Fault::new(FaultKind::Validation, message).into());
        }

        let action = PlainAction::RespondDecisionTaskCompleted;
        let task = self.open(context, Kind::Decision, action, &token)?;
        let execution = self.current(task)?;
        let turn = self.complete_decision_task(context, execution, execution_context)?;
        for decision in decisions {
            self.end_if_full(execution, context.now);
            if !self.run_of(turn)?.is_open() {
                break;
            }
            self.carry_out(turn, decision)?;
        }
        Ok(Reply::Empty)
    }

    fn complete_decision_task<'a>(
        &mut self,
        context: Context<'a>,
        execution: ExecutionId,
        execution_context: Option<Data>,
    ) -> Result<Turn<'a>, Error> {
        let run = self.runs.get_mut(execution).ok_or_else(|| internal("no execution"))?;
        let Deciding::Started { scheduled, started, timer, .. } = run.deciding else {
            return Err(internal("no decision task"));
        };
        self.service.cancel_timer(context.now, timer);
        run.deciding = Deciding::Idle;
        run.previous_started = started;
        let attributes = json!({
            "executionContext": execution_context,
            "scheduledEventId": scheduled, "startedEventId": started,
        });
        let completed = run.append(context.now, "DecisionTaskCompleted", attributes);
        if let Some(given) = execution_context {
            run.latest_context = Some(given.into_string());
        }
        Ok(Turn { context, execution, completed, has_unseen: run.has_news })
    }

    fn carry_out(&mut self, turn: Turn<'_>, decision: Decision) -> Result<(), Error> {
        let Turn { context: Context { now, .. }, execution, completed, .. } = turn;
        match decision {
            Decision::ScheduleActivityTask(decision) => {
                let completed = EventId::new(completed);
                let (runs, mut handler) = self.handler(turn.context);
                handler.schedule_activity_task(now, runs, execution, completed, *decision)?;
                self.has_new_tasks = true;
            }
            Decision::RequestCancelActivityTask(decision) => {
                let completed = EventId::new(completed);
                let (runs, mut handler) = self.handler(turn.context);
                handler.request_cancel_activity_task(now, runs, execution, completed, decision)?;
            }
            Decision::RecordMarker { name, details } => self.record_marker(turn, name, details)?,
            Decision::StartTimer { id, control, after } => {
                self.start_timer(turn, id, control, after)?;
            }
            Decision::CancelTimer { id } => self.cancel_timer(turn, id)?,
            Decision::Close(close) => self.close_by_decision(turn, close)?,
        }
        Ok(())
    }

    fn record_marker(
        &mut self,
        turn: Turn<'_>,
        name: String,
        details: Option<Data>,
    ) -> Result<(), Error> {
        let permission = self.permission(turn, PlainAction::RecordMarker)?;
        let run = self.run_of(turn)?;
        match permission {
            Permission::Granted => {
                let attributes = json!({
                    "markerName": name, "details": details,
                    "decisionTaskCompletedEventId": turn.completed,
                });
                run.append(turn.context.now, "MarkerRecorded", attributes);
            }
            Permission::Denied => {
                let attributes = json!({"markerName": name});
                fail(run, turn, "RecordMarkerFailed", attributes, "OPERATION_NOT_PERMITTED");
            }
        }
        Ok(())
    }

    fn start_timer(
        &mut self,
        turn: Turn<'_>,
        id: Name,
        control: Option<Data>,
        after: TaskTimeout,
    ) -> Result<(), Error> {
        let now = turn.context.now;
        let permission = self.permission(turn, PlainAction::StartTimer)?;
        let run = self.run_of(turn)?;
        let cause = if permission == Permission::Denied {
            Some("OPERATION_NOT_PERMITTED")
        } else if run.timers.contains_key(id.as_str()) {
            Some("TIMER_ID_ALREADY_IN_USE")
        } else if run.timers.len() >= MAX_OPEN_TIMERS {
            Some("OPEN_TIMERS_LIMIT_EXCEEDED")
        } else {
            None
        };
        if let Some(cause) = cause {
            fail(run, turn, "StartTimerFailed", json!({"timerId": id}), cause);
            return Ok(());
        }
        let key = TimerKey::Timer(turn.execution, id.as_str().to_owned());
        let timer = self.service.start_timer(now, key, forever(after)).map_err(internal)?;
        let run = self.run_of(turn)?;
        let attributes = json!({
            "timerId": id, "control": control, "startToFireTimeout": after,
            "decisionTaskCompletedEventId": turn.completed,
        });
        let started_event_id = run.append(now, "TimerStarted", attributes);
        run.timers.insert(id.into_string(), Timer { started_event_id, timer });
        Ok(())
    }

    fn cancel_timer(&mut self, turn: Turn<'_>, id: Name) -> Result<(), Error> {
        let now = turn.context.now;
        let permission = self.permission(turn, PlainAction::CancelTimer)?;
        let run = self.run_of(turn)?;
        if permission == Permission::Denied {
            let cause = "OPERATION_NOT_PERMITTED";
            fail(run, turn, "CancelTimerFailed", json!({"timerId": id}), cause);
            return Ok(());
        }
        let timer = run.timers.get(id.as_str()).copied();
        // One that is due at this very instant fires: nothing that is due changes its outcome.
        let canceled = timer.filter(|timer| self.service.cancel_timer(now, timer.timer).is_some());
        let run = self.run_of(turn)?;
        match canceled {
            None => {
                fail(run, turn, "CancelTimerFailed", json!({"timerId": id}), "TIMER_ID_UNKNOWN")
            }
            Some(timer) => {
                run.timers.remove(id.as_str());
                let attributes = json!({
                    "timerId": id, "startedEventId": timer.started_event_id,
                    "decisionTaskCompletedEventId": turn.completed,
                });
                run.append(now, "TimerCanceled", attributes);
            }
        }
        Ok(())
    }

    /// Ends the execution, unless something happened that the decider has not seen: then it gets to see it.
    fn close_by_decision(&mut self, turn: Turn<'_>, close: Close) -> Result<(), Error> {
        let Close { status, action, event_type, failed_event_type, mut attributes } = close;
        let permission = self.permission(turn, action)?;
        let cause = match permission {
            Permission::Denied => Some("OPERATION_NOT_PERMITTED"),
            Permission::Granted if turn.has_unseen => Some("UNHANDLED_DECISION"),
            Permission::Granted => None,
        };
        if let Some(cause) = cause {
            fail(self.run_of(turn)?, turn, failed_event_type, json!({}), cause);
            return Ok(());
        }
        attributes["decisionTaskCompletedEventId"] = json!(turn.completed);
        self.end(turn.execution, turn.context.now, status, event_type, attributes);
        Ok(())
    }

    fn permission(&mut self, turn: Turn<'_>, action: PlainAction) -> Result<Permission, Error> {
        let domain = self.run_of(turn)?.domain.clone();
        Ok(turn.context.caller.permission(&Request::Plain(action), domain.as_str()))
    }

    fn run_of(&mut self, turn: Turn<'_>) -> Result<&mut Run, Error> {
        self.runs.get_mut(turn.execution).ok_or_else(|| internal("no execution"))
    }
}

/// The event of a decision that came to nothing, which the decider must hear of.
fn fail(run: &mut Run, turn: Turn<'_>, event_type: &str, mut attributes: Value, cause: &str) {
    attributes["cause"] = json!(cause);
    attributes["decisionTaskCompletedEventId"] = json!(turn.completed);
    run.append_news(turn.context.now, event_type, attributes);
}
