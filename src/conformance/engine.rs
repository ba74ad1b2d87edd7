//! This crate's engine as a subject.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use super::{Action, Evidence, Failure, Observation, Operation, Refusal, Subject, TimedOut};
use crate::{
    ActivityId, CancelOutcome, CommandError, Config, Engine, Event, Outcome, ScheduleRefusal,
    Timestamp,
};

/// This crate's engine, to be checked against [`Profile::full`](super::Profile::full). Without the feature `serde`
/// it has no snapshots, and refuses them.
#[derive(Debug)]
pub struct Heartwheel {
    config: Config,
    engine: Engine<u32, u32>,
    /// By the activity's number, which may be any.
    ids: BTreeMap<u32, ActivityId>,
}

/// An id that no engine issues before it has served every other.
const NEVER_ISSUED: ActivityId = ActivityId { index: u32::MAX, generation: u32::MAX };

impl Heartwheel {
    /// An engine of this configuration.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self { config, engine: Engine::new(config), ids: BTreeMap::new() }
    }

    fn id(&self, activity: u32) -> ActivityId {
        self.ids.get(&activity).copied().unwrap_or(NEVER_ISSUED)
    }

    fn deliver(&mut self, at: Timestamp, at_most: usize) -> Vec<Observation> {
        let mut told = Vec::new();
        while told.len() < at_most {
            match self.engine.poll(at) {
                Some(Event::TimedOut(timed_out)) => {
                    told.push(Observation::TimedOut(plain(timed_out)));
                }
                Some(Event::JumpPending(_)) => {
                    told.push(Observation::Refused(Refusal::JumpPending));
                    break;
                }
                None => break,
            }
        }
        told
    }

    fn command(&mut self, at: Timestamp, action: Action) -> Result<Vec<Observation>, CommandError> {
        let id = action.activity().map_or(NEVER_ISSUED, |activity| self.id(activity));
        let engine = &mut self.engine;
        Ok(match action {
            Action::Start { .. } => engine.start(at, id).map(|()| vec![Observation::Started])?,
            Action::Heartbeat { details, .. } => {
                let beat = engine.heartbeat(at, id, details).map_err(|error| error.reason)?;
                vec![Observation::Heartbeat { cancel_requested: beat.cancel_requested }]
            }
            Action::RequestCancel { .. } => match engine.request_cancel(at, id)? {
                CancelOutcome::Requested { .. } => vec![Observation::CancelRequested],
                CancelOutcome::Canceled(_) => {
                    vec![Observation::CancelRequested, Observation::Closed(Outcome::Canceled)]
                }
            },
            Action::Close { outcome, .. } => {
                engine.close(at, id, outcome).map(|_| vec![Observation::Closed(outcome)])?
            }
            Action::Abandon { .. } => {
                engine.abandon(at, id).map(|_| vec![Observation::Abandoned])?
            }
            Action::UpdateTimeouts { limits, .. } => engine
                .update_timeouts(at, id, limits.timeouts())
                .map(|_| vec![Observation::Updated])?,
            Action::Suspend { .. } => {
                engine.suspend(at, id).map(|()| vec![Observation::Suspended])?
            }
            Action::Resume { .. } => engine.resume(at, id).map(|_| vec![Observation::Resumed])?,
            Action::Recover { policy, spread } => {
                engine.recover(at, policy.recovery(spread));
                vec![Observation::Recovered]
            }
            Action::Advance => self.deliver(at, usize::MAX),
            Action::AdvanceAtMost(count) => self.deliver(at, count),
            // `apply` has them.
            Action::Schedule { .. } | Action::Snapshot => Vec::new(),
        })
    }

    /// Through bytes and back; the bytes are the same again.
    #[cfg(feature = "serde")]
    fn snapshot(&mut self) -> Result<Vec<Observation>, Failure> {
        let bytes = serde_json::to_vec(&self.engine).map_err(Failure::new)?;
        self.engine = serde_json::from_slice(&bytes).map_err(Failure::new)?;
        let again = serde_json::to_vec(&self.engine).map_err(Failure::new)?;
        if again != bytes {
            return Err(Failure::new("a restored engine is stored as other bytes"));
        }
        Ok(vec![Observation::Snapshot])
    }
}

impl Subject for Heartwheel {
    fn reset(&mut self) -> Result<(), Failure> {
        self.engine = Engine::new(self.config);
        self.ids.clear();
        Ok(())
    }

    fn apply(&mut self, operation: &Operation) -> Result<Vec<Observation>, Failure> {
        let at = Timestamp::from_millis(operation.at);
        match operation.action {
            Action::Schedule { activity, limits } => {
                let scheduled = self.engine.schedule(at, activity, limits.timeouts());
                Ok(vec![match scheduled {
                    Ok(id) => {
                        self.ids.insert(activity, id);
                        Observation::Scheduled
                    }
                    Err(refused) => Observation::Refused(match refused.reason {
                        ScheduleRefusal::AtCapacity { .. } => Refusal::AtCapacity,
                        ScheduleRefusal::JumpPending(_) => Refusal::JumpPending,
                        ScheduleRefusal::Exhausted => Refusal::Unspecified,
                    }),
                }])
            }
            #[cfg(feature = "serde")]
            Action::Snapshot => self.snapshot(),
            #[cfg(not(feature = "serde"))]
            Action::Snapshot => Ok(vec![Observation::Refused(Refusal::Unspecified)]),
            command @ (Action::Start { .. }
            | Action::Heartbeat { .. }
            | Action::RequestCancel { .. }
            | Action::Close { .. }
            | Action::Abandon { .. }
            | Action::UpdateTimeouts { .. }
            | Action::Suspend { .. }
            | Action::Resume { .. }
            | Action::Advance
            | Action::AdvanceAtMost(_)
            | Action::Recover { .. }) => Ok(self
                .command(at, command)
                .unwrap_or_else(|refused| vec![Observation::Refused(refused.into())])),
        }
    }

    fn next_wakeup(&mut self) -> Result<Option<u64>, Failure> {
        Ok(self.engine.next_wakeup().map(Timestamp::as_millis))
    }
}

impl From<CommandError> for Refusal {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::NotOpen { .. } => Self::NotOpen,
            CommandError::NotStarted { .. } => Self::NotStarted,
            CommandError::AlreadyStarted { .. } => Self::AlreadyStarted,
            CommandError::AlreadySuspended { .. } => Self::AlreadySuspended,
            CommandError::NotSuspended { .. } => Self::NotSuspended,
            CommandError::JumpPending(_) => Self::JumpPending,
        }
    }
}

fn plain(timed_out: crate::TimedOut<u32, u32>) -> TimedOut {
    let activity = timed_out.activity;
    let evidence = Evidence {
        deadline: timed_out.deadline.as_millis(),
        observed_at: timed_out.observed_at.as_millis(),
        scheduled_at: activity.scheduled_at.as_millis(),
        started_at: activity.started_at.map(Timestamp::as_millis),
        last_heartbeat_at: activity.last_heartbeat_at.map(Timestamp::as_millis),
        heartbeats: activity.heartbeats,
        details: activity.details,
        cancel_requested_at: activity.cancel_requested_at.map(Timestamp::as_millis),
        recovered: activity.recovered,
        // No longer than time.
        suspended: u64::try_from(activity.suspended.as_millis()).unwrap_or(u64::MAX),
        ..Evidence::default()
    };
    TimedOut { activity: activity.key, timeout_type: timed_out.timeout_type, evidence }
}
