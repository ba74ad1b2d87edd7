//! The ends of executions: how they close, how long they are kept, and that no history grows without end.

use std::time::Duration;

use heartwheel::swf::ExecutionId;
use heartwheel::Timestamp;
use serde_json::{json, Value};

use super::run::{CloseStatus, Deciding, Run};
use super::{State, TimerKey};

/// SWF's hard quota of events in a history.
const MAX_EVENTS: usize = 25_000;
/// What comes after a look at a history that is not full: two events at most until the next look (a request to cancel and
/// the cancellation, or a decision task and what happens next), and the execution's end. After 24,996 events, the most
/// that are not full, the end is thus event 24,999 at the latest.
const EVENTS_OF_A_STEP: usize = 3;
const DAY: Duration = Duration::from_secs(86_400);

impl State {
    /// Ends an open execution with this event: its decision task and its timers are gone.
    pub(crate) fn end(
        &mut self,
        id: ExecutionId,
        at: Timestamp,
        status: CloseStatus,
        event_type: &str,
        attributes: Value,
    ) {
        let Some(run) = self.runs.get_mut(id).filter(|run| run.is_open()) else { return };
        run.append(at, event_type, attributes);
        self.lists.remove(run);
        let mut timers: Vec<_> = run.timeout.take().into_iter().collect();
        if let Deciding::Started { timer, .. } = run.deciding {
            timers.push(timer);
        }
        run.deciding = Deciding::Idle;
        timers.extend(run.timers.values().map(|timer| timer.timer));
        run.timers.clear();
        for timer in timers {
            // One that is due at this very instant comes yet, and is passed over.
            self.service.cancel_timer(self.now, timer);
        }
        self.runs.close(id, at, status);
        self.ended.push(id);
    }

    pub(crate) fn open_run(&mut self, id: ExecutionId) -> Option<&mut Run> {
        self.runs.get_mut(id).filter(|run| run.is_open())
    }

    /// SWF terminates an execution whose history is full (EVENT_LIMIT_EXCEEDED). At which event exactly it does not say;
    /// here it is event 24,998 or 24,999, before a step could lead beyond the quota.
    pub(crate) fn end_if_full(&mut self, id: ExecutionId, at: Timestamp) {
        let Some(run) = self.runs.get(id) else { return };
        if run.history.len() < MAX_EVENTS - EVENTS_OF_A_STEP {
            return;
        }
        let attributes =
            json!({"childPolicy": run.config.child_policy, "cause": "EVENT_LIMIT_EXCEEDED"});
        self.end(id, at, CloseStatus::Terminated, "WorkflowExecutionTerminated", attributes);
    }

    /// Tells the service which executions have ended. It hears of it only when nothing is due.
    pub(crate) fn close_ended(&mut self) {
        for id in std::mem::take(&mut self.ended) {
            if let Err(error) = self.service.close_execution(self.now, id) {
                tracing::error!(execution = %id, %error, "an execution that has ended is not closed");
            }
            self.keep(id);
        }
    }

    /// Keeps a closed execution as long as its domain says.
    fn keep(&mut self, id: ExecutionId) {
        let Some(run) = self.runs.get(id) else { return };
        let days = self.domains.retention_days(&run.domain);
        let timer = self.service.start_timer(self.now, TimerKey::Retention(id), DAY * days);
        if let Err(error) = timer {
            tracing::error!(execution = %id, %error, "a closed execution is kept for ever");
        }
    }

    /// Drops a closed execution: its history, and what late calls would be told.
    pub(crate) fn forget(&mut self, id: ExecutionId) {
        self.runs.forget(id);
        drop(self.service.forget_execution(id));
    }
}
