//! Operations on the model, and what an implementation should tell of each.

use alloc::vec;
use alloc::vec::Vec;

use super::super::profile::Driving;
use super::super::{Action, Evidence, Observation, Operation, Refusal, TimedOut};
use super::{Cancel, Expiry, Model};
use crate::Outcome;

impl Model {
    /// Does one thing, and says what is to be told of it, in order.
    pub fn apply(&mut self, operation: &Operation) -> Vec<Observation> {
        let at = operation.at;
        let mut told = Vec::new();
        match operation.action {
            Action::Advance => self.deliver(at, usize::MAX, &mut told),
            Action::AdvanceAtMost(count) => self.deliver(at, count, &mut told),
            Action::Recover { policy, spread } => {
                self.recover(at, policy, spread);
                told.push(Observation::Recovered);
                if self.rules.driving == Driving::Drained {
                    self.deliver(self.now, usize::MAX, &mut told);
                }
            }
            Action::Snapshot => told.push(Observation::Snapshot),
            command @ (Action::Schedule { .. }
            | Action::Start { .. }
            | Action::Heartbeat { .. }
            | Action::RequestCancel { .. }
            | Action::Close { .. }
            | Action::Abandon { .. }
            | Action::UpdateTimeouts { .. }
            | Action::Suspend { .. }
            | Action::Resume { .. }) => {
                if self.rules.driving == Driving::Drained {
                    self.deliver(at, usize::MAX, &mut told);
                    // A time that is not believed is the command's to refuse.
                    told.retain(|told| told.timed_out().is_some());
                }
                match self.command(at, command) {
                    Ok(answer) => told.extend(answer),
                    Err(refusal) => told.push(Observation::Refused(refusal)),
                }
            }
        }
        told
    }

    fn deliver(&mut self, at: u64, at_most: usize, told: &mut Vec<Observation>) {
        for _ in 0..at_most {
            match self.poll(at) {
                Ok(Some(expiry)) => told.push(Observation::TimedOut(expiry.into())),
                Ok(None) => break,
                Err(refusal) => {
                    told.push(Observation::Refused(refusal));
                    break;
                }
            }
        }
    }

    fn command(&mut self, at: u64, action: Action) -> Result<Vec<Observation>, Refusal> {
        Ok(match action {
            Action::Schedule { activity, limits } => {
                self.schedule(at, activity, limits)?;
                vec![Observation::Scheduled]
            }
            Action::Start { activity } => {
                self.start(at, activity)?;
                vec![Observation::Started]
            }
            Action::Heartbeat { activity, details } => {
                let beat = self.heartbeat(at, activity, details)?;
                vec![Observation::Heartbeat { cancel_requested: beat.cancel_requested }]
            }
            Action::RequestCancel { activity } => match self.request_cancel(at, activity)? {
                Cancel::Requested { .. } => vec![Observation::CancelRequested],
                Cancel::Closed(_) => {
                    vec![Observation::CancelRequested, Observation::Closed(Outcome::Canceled)]
                }
            },
            Action::Close { activity, outcome } => {
                self.close(at, activity, outcome)?;
                vec![Observation::Closed(outcome)]
            }
            Action::Abandon { activity } => {
                self.abandon(at, activity)?;
                vec![Observation::Abandoned]
            }
            Action::UpdateTimeouts { activity, limits } => {
                self.update_timeouts(at, activity, limits)?;
                vec![Observation::Updated]
            }
            Action::Suspend { activity } => {
                self.suspend(at, activity)?;
                vec![Observation::Suspended]
            }
            Action::Resume { activity } => {
                self.resume(at, activity)?;
                vec![Observation::Resumed]
            }
            // No commands; `apply` has them.
            Action::Advance
            | Action::AdvanceAtMost(_)
            | Action::Recover { .. }
            | Action::Snapshot => Vec::new(),
        })
    }
}

impl From<Expiry> for TimedOut {
    fn from(expiry: Expiry) -> Self {
        let story = expiry.story;
        let evidence = Evidence {
            deadline: expiry.deadline,
            observed_at: expiry.observed_at,
            scheduled_at: story.scheduled_at,
            started_at: story.started_at,
            last_heartbeat_at: story.last_heartbeat_at,
            heartbeats: story.heartbeats,
            details: story.details,
            cancel_requested_at: story.cancel_requested_at,
            recovered: story.recovered,
            suspended: story.suspended,
            ..Evidence::default()
        };
        Self { activity: story.activity, timeout_type: expiry.timeout_type, evidence }
    }
}
