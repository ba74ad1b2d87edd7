//! The bank's engine as a subject of the conformance kit.

use heartwheel::conformance::{
    Action, Evidence, Failure, Limits, Observation, Operation, Policy, Profile, Refusal, Subject,
    TimedOut,
};
use heartwheel::{MissingDetails, Outcome, TimeoutType};

use crate::bank::activity::{self, Activity, Timeouts};
use crate::bank::engine::{self, CancelOutcome, Config, Engine};
use crate::bank::fault::Fault;
use crate::bank::slab::Id;

#[derive(Debug)]
pub(crate) struct Bank {
    config: Config,
    fault: Option<Fault>,
    engine: Engine,
    /// By number of scheduling; `None` was refused.
    ids: Vec<Option<Id>>,
}

/// An id that no run issues.
const NEVER_ISSUED: Id = Id { index: usize::MAX, generation: u32::MAX };

impl Bank {
    /// An engine that claims to be of this profile.
    pub(crate) fn new(profile: &Profile, fault: Option<Fault>) -> Self {
        let config = Config {
            max_open: profile.max_open,
            keeps_details: profile.missing_details == MissingDetails::Keep,
            max_jump: profile.max_jump,
        };
        Self { config, fault, engine: Engine::new(config, fault), ids: Vec::new() }
    }

    fn id(&self, activity: u32) -> Id {
        self.ids.get(activity as usize).copied().flatten().unwrap_or(NEVER_ISSUED)
    }

    fn command(&mut self, operation: &Operation) -> Result<Vec<Observation>, engine::Refusal> {
        let Operation { at, action } = *operation;
        let id = action.activity().map_or(NEVER_ISSUED, |activity| self.id(activity));
        let engine = &mut self.engine;
        Ok(vec![match action {
            Action::Schedule { activity, limits } => {
                self.ids.resize(self.ids.len().max(activity as usize + 1), None);
                self.ids[activity as usize] = Some(engine.schedule(at, activity, own(limits))?);
                Observation::Scheduled
            }
            Action::Start { .. } => {
                engine.start(at, id)?;
                Observation::Started
            }
            Action::Heartbeat { details, .. } => {
                let cancel_requested = engine.heartbeat(at, id, details)?;
                Observation::Heartbeat { cancel_requested }
            }
            Action::RequestCancel { .. } => match engine.request_cancel(at, id)? {
                CancelOutcome::Requested => Observation::CancelRequested,
                CancelOutcome::Canceled => {
                    let canceled = Observation::Closed(Outcome::Canceled);
                    return Ok(vec![Observation::CancelRequested, canceled]);
                }
            },
            Action::Close { outcome, .. } => {
                engine.close(at, id)?;
                Observation::Closed(outcome)
            }
            Action::Abandon { .. } => {
                engine.abandon(at, id)?;
                Observation::Abandoned
            }
            Action::UpdateTimeouts { limits, .. } => {
                engine.update_timeouts(at, id, own(limits))?;
                Observation::Updated
            }
            Action::Suspend { .. } => {
                engine.suspend(at, id)?;
                Observation::Suspended
            }
            Action::Resume { .. } => {
                engine.resume(at, id)?;
                Observation::Resumed
            }
            Action::Advance => return self.advance(at, usize::MAX),
            Action::AdvanceAtMost(limit) => return self.advance(at, limit),
            Action::Recover { policy, spread } => {
                let policy = match policy {
                    Policy::Absolute => engine::Policy::Absolute,
                    Policy::Rearm => engine::Policy::Rearm,
                    Policy::Grace(millis) => engine::Policy::Grace(millis),
                    _ => unreachable!("a policy that the bank does not know"),
                };
                engine.recover(at, policy, spread);
                Observation::Recovered
            }
            Action::Snapshot => {
                self.engine = Engine::restore(engine.snapshot(), self.fault);
                Observation::Snapshot
            }
            _ => unreachable!("an action that the bank does not know"),
        }])
    }

    fn advance(&mut self, at: u64, limit: usize) -> Result<Vec<Observation>, engine::Refusal> {
        let events = self.engine.drain(at, limit)?;
        Ok(events.into_iter().map(|event| Observation::TimedOut(told(event))).collect())
    }
}

impl Subject for Bank {
    fn reset(&mut self) -> Result<(), Failure> {
        self.engine = Engine::new(self.config, self.fault);
        self.ids.clear();
        Ok(())
    }

    fn apply(&mut self, operation: &Operation) -> Result<Vec<Observation>, Failure> {
        Ok(self
            .command(operation)
            .unwrap_or_else(|refused| vec![Observation::Refused(kits(refused))]))
    }

    fn next_wakeup(&mut self) -> Result<Option<u64>, Failure> {
        Ok(self.engine.next_wakeup())
    }
}

fn own(limits: Limits) -> Timeouts {
    Timeouts {
        schedule_to_start: limits.schedule_to_start,
        schedule_to_close: limits.schedule_to_close,
        start_to_close: limits.start_to_close,
        heartbeat: limits.heartbeat,
    }
}

fn kits(refused: engine::Refusal) -> Refusal {
    match refused {
        engine::Refusal::NotOpen => Refusal::NotOpen,
        engine::Refusal::NotStarted => Refusal::NotStarted,
        engine::Refusal::AlreadyStarted => Refusal::AlreadyStarted,
        engine::Refusal::AlreadySuspended => Refusal::AlreadySuspended,
        engine::Refusal::NotSuspended => Refusal::NotSuspended,
        engine::Refusal::AtCapacity => Refusal::AtCapacity,
        engine::Refusal::JumpPending => Refusal::JumpPending,
    }
}

fn told(event: engine::TimedOut) -> TimedOut {
    let engine::TimedOut { timeout_type, deadline, observed_at, activity } = event;
    let Activity {
        key,
        scheduled_at,
        started_at,
        last_heartbeat_at,
        heartbeats,
        details,
        cancel_requested_at,
        recovered,
        suspended,
        ..
    } = activity;
    let timeout_type = match timeout_type {
        activity::TimeoutType::StartToClose => TimeoutType::StartToClose,
        activity::TimeoutType::ScheduleToStart => TimeoutType::ScheduleToStart,
        activity::TimeoutType::ScheduleToClose => TimeoutType::ScheduleToClose,
        activity::TimeoutType::Heartbeat => TimeoutType::Heartbeat,
    };
    let mut evidence = Evidence::default();
    evidence.deadline = deadline;
    evidence.observed_at = observed_at;
    evidence.scheduled_at = scheduled_at;
    evidence.started_at = started_at;
    evidence.last_heartbeat_at = last_heartbeat_at;
    evidence.heartbeats = heartbeats;
    evidence.details = details;
    evidence.cancel_requested_at = cancel_requested_at;
    evidence.recovered = recovered;
    evidence.suspended = suspended;
    TimedOut { activity: key, timeout_type, evidence }
}
