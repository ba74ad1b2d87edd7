//! The passing of time: whatever falls due happens at the instant at which it is due, in the engine's order.

use heartwheel::swf::Due;
use heartwheel::Timestamp;
use serde_json::json;

use super::run::{CloseStatus, Deciding};
use super::{State, TimerKey};

impl State {
    /// When [`drain`](Self::drain) is next needed though nobody calls.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        self.service.next_wakeup()
    }

    /// Lets everything happen that is due by now, and gives the time: never an older one than seen before.
    pub fn drain(&mut self, now: Timestamp) -> Timestamp {
        let now = self.now.max(now);
        // From one instant to the next, so that what an event leads to has its place before later ones.
        while let Some(wakeup) = self.service.next_wakeup().filter(|wakeup| *wakeup <= now) {
            let at = wakeup.max(self.now);
            self.drain_instant(at);
        }
        self.drain_instant(now);
        now
    }

    fn drain_instant(&mut self, now: Timestamp) {
        self.now = now;
        loop {
            while let Some(due) = self.service.poll(now, &mut self.runs) {
                let at = match due {
                    Due::Timer { key, deadline, .. } => {
                        self.fire(key, deadline);
                        deadline
                    }
                    // The service has written its event.
                    Due::Activity { timed_out, .. } => timed_out.deadline,
                    _ => now,
                };
                self.settle(at);
            }
            if self.ended.is_empty() {
                return;
            }
            // Those that are not kept at all are due at once.
            self.close_ended();
        }
    }

    /// A timer is due. One of an execution that has closed meanwhile is none any more.
    fn fire(&mut self, key: TimerKey, at: Timestamp) {
        match key {
            TimerKey::Execution(id) => {
                let Some(run) = self.open_run(id) else { return };
                let attributes = json!({
                    "timeoutType": "START_TO_CLOSE", "childPolicy": run.config.child_policy,
                });
                self.end(id, at, CloseStatus::TimedOut, "WorkflowExecutionTimedOut", attributes);
            }
            TimerKey::DecisionTask(id) => {
                let Some(run) = self.open_run(id) else { return };
                let Deciding::Started { scheduled, started, .. } = run.deciding else { return };
                run.deciding = Deciding::Idle;
                let attributes = json!({
                    "timeoutType": "START_TO_CLOSE",
                    "scheduledEventId": scheduled, "startedEventId": started,
                });
                // The decider has yet to hear of whatever it was told.
                run.append_news(at, "DecisionTaskTimedOut", attributes);
            }
            TimerKey::Timer(id, name) => {
                let Some(run) = self.open_run(id) else { return };
                let Some(timer) = run.timers.remove(&name) else { return };
                let attributes = json!({"timerId": name, "startedEventId": timer.started_event_id});
                run.append_news(at, "TimerFired", attributes);
            }
            TimerKey::Retention(id) => self.forget(id),
        }
    }

    /// Ends each execution whose history is full, and schedules a decision task for each that has news and none open.
    pub(crate) fn settle(&mut self, at: Timestamp) {
        for id in self.runs.take_touched() {
            self.end_if_full(id, at);
            self.schedule_decision_task(id, at);
        }
        // Settling is no news: every call would come back to whoever was ever settled.
        drop(self.runs.take_touched());
    }
}
