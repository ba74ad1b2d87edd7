//! A host that names activities by its own keys and writes down all that it hears, so that two of them can be
//! compared though their engines gave other ids.

use core::mem::{discriminant, Discriminant};
use core::time::Duration;
use std::collections::HashMap;

use heartwheel::conformance::{Action, Whom};
use heartwheel::{
    ActivityId, CancelOutcome, Closed, CommandError, Config, Deadline, Engine, Event, Evidence,
    Heartbeat, TimedOut, Timeouts, Timestamp,
};

use crate::support::operation::{Operation, Setup};

/// What a host does, with its time and the keys of the activities that it is about.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub(crate) now: u64,
    pub(crate) keys: Vec<u32>,
    pub(crate) operation: Operation,
    /// Is it foreign to the original run? Then only events are written down.
    pub(crate) is_inserted: bool,
}

/// What a host hears, without ids.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    Done,
    Full,
    Refused(Discriminant<CommandError>),
    Beat(Heartbeat),
    CancelRequested(Timestamp),
    Closed(Closed<u32, u32>),
    Updated(Option<Deadline>),
    Resumed(Duration),
    Recovered(usize),
    TimedOut(TimedOut<u32, u32>),
    Wakeup(Option<Timestamp>),
}

impl Answer {
    /// What it says of an activity, if it tells all.
    pub(crate) fn evidence_mut(&mut self) -> Option<&mut Evidence<u32, u32>> {
        if let Self::Closed(evidence) | Self::TimedOut(TimedOut { activity: evidence, .. }) = self {
            return Some(evidence);
        }
        None
    }

    /// Every instant in it.
    pub(crate) fn instants_mut(&mut self) -> Vec<&mut Timestamp> {
        match self {
            Self::Beat(Heartbeat { deadline, .. }) | Self::Updated(deadline) => {
                deadline.iter_mut().map(|deadline| &mut deadline.at).collect()
            }
            Self::CancelRequested(instant) | Self::Wakeup(Some(instant)) => vec![instant],
            Self::Closed(closed) => of_evidence(closed).collect(),
            Self::TimedOut(TimedOut { deadline, observed_at, activity, .. }) => {
                [deadline, observed_at].into_iter().chain(of_evidence(activity)).collect()
            }
            Self::Done
            | Self::Full
            | Self::Refused(_)
            | Self::Resumed(_)
            | Self::Recovered(_)
            | Self::Wakeup(None) => Vec::new(),
        }
    }
}

fn of_evidence(evidence: &mut Evidence<u32, u32>) -> impl Iterator<Item = &mut Timestamp> {
    let Evidence {
        scheduled_at,
        started_at,
        last_heartbeat_at,
        cancel_requested_at,
        suspended_at,
        ..
    } = evidence;
    let mostly = [started_at, last_heartbeat_at, cancel_requested_at, suspended_at];
    core::iter::once(scheduled_at).chain(mostly.into_iter().flatten())
}

pub(crate) struct Host {
    pub(crate) engine: Engine<u32, u32>,
    pub(crate) ids: HashMap<u32, ActivityId>,
    pub(crate) heard: Vec<Answer>,
    /// Stands for any id in what is heard.
    nobody: ActivityId,
}

impl Host {
    pub(crate) fn new(setup: &Setup) -> Self {
        let nobody =
            Engine::<(), ()>::new(Config::DEFAULT).schedule(Timestamp::ZERO, (), Timeouts::NONE);
        let engine = Engine::new(setup.config());
        Self { engine, ids: HashMap::new(), heard: Vec::new(), nobody: nobody.unwrap() }
    }

    /// All that is heard over a run.
    pub(crate) fn run(setup: &Setup, acts: &[Act]) -> Self {
        let mut host = Self::new(setup);
        for act in acts {
            host.act(act);
        }
        host.engine.check_invariants().unwrap();
        host
    }

    pub(crate) fn act(&mut self, act: &Act) {
        let now = Timestamp::from_millis(act.now);
        let heard = match act.operation {
            Operation::Common(Action::Advance) => self.poll(now, usize::MAX),
            Operation::Common(Action::AdvanceAtMost(limit)) => self.poll(now, limit),
            Operation::Common(action) => {
                let key = act.keys.first().copied();
                self.command(now, key, action).into_iter().collect()
            }
            Operation::Heartbeats { details, .. } => self.heartbeats(now, &act.keys, details),
            Operation::ShrinkToFit => {
                self.engine.shrink_to_fit();
                Vec::new()
            }
        };
        let is_written =
            |answer: &Answer| !act.is_inserted || matches!(answer, Answer::TimedOut(_));
        self.heard.extend(heard.into_iter().filter(is_written));
    }

    fn poll(&mut self, now: Timestamp, limit: usize) -> Vec<Answer> {
        let mut answers = Vec::new();
        while answers.len() < limit {
            let Some(event) = self.engine.poll(now) else { break };
            let Event::TimedOut(mut timed_out) = event else {
                unreachable!("no guard on jumps, so no other event")
            };
            timed_out.activity = self.nameless(timed_out.activity);
            answers.push(Answer::TimedOut(timed_out));
        }
        answers
    }

    fn heartbeats(&mut self, now: Timestamp, keys: &[u32], details: Option<u32>) -> Vec<Answer> {
        let ids: Vec<ActivityId> = keys.iter().map(|key| self.ids[key]).collect();
        let mut answers = Vec::new();
        self.engine.heartbeats(
            now,
            &ids,
            |place| place_details(details, place),
            |_, reply| {
                answers.push(match reply {
                    Ok(beat) => Answer::Beat(beat),
                    Err(error) => refused(error.reason),
                });
            },
        );
        answers
    }

    /// `None` where nothing is answered.
    fn command(
        &mut self,
        now: Timestamp,
        key: Option<u32>,
        action: Action<Whom>,
    ) -> Option<Answer> {
        let id = key.and_then(|key| self.ids.get(&key).copied());
        let id = || id.expect("a command on an activity that was scheduled");
        let engine = &mut self.engine;
        let answer = match action {
            Action::Schedule { limits, .. } => {
                let key = key.expect("a schedule has a key");
                match engine.schedule(now, key, limits.timeouts()) {
                    Ok(id) => {
                        self.ids.insert(key, id);
                        Ok(Answer::Done)
                    }
                    Err(_) => Ok(Answer::Full),
                }
            }
            Action::Start { .. } => engine.start(now, id()).map(|()| Answer::Done),
            Action::Heartbeat { details, .. } => {
                engine.heartbeat(now, id(), details).map(Answer::Beat).map_err(|error| error.reason)
            }
            Action::RequestCancel { .. } => match engine.request_cancel(now, id()) {
                Ok(CancelOutcome::Canceled(closed)) => Ok(Answer::Closed(self.nameless(closed))),
                Ok(CancelOutcome::Requested { first_requested_at }) => {
                    Ok(Answer::CancelRequested(first_requested_at))
                }
                Ok(_) => unreachable!("an outcome that the test does not know"),
                Err(error) => Err(error),
            },
            Action::Close { outcome, .. } => {
                engine.close(now, id(), outcome).map(|closed| Answer::Closed(self.nameless(closed)))
            }
            Action::Abandon { .. } => {
                engine.abandon(now, id()).map(|closed| Answer::Closed(self.nameless(closed)))
            }
            Action::UpdateTimeouts { limits, .. } => {
                engine.update_timeouts(now, id(), limits.timeouts()).map(Answer::Updated)
            }
            Action::Suspend { .. } => engine.suspend(now, id()).map(|()| Answer::Done),
            Action::Resume { .. } => engine.resume(now, id()).map(Answer::Resumed),
            Action::Recover { policy, spread } => {
                Ok(Answer::Recovered(engine.recover(now, policy.recovery(spread))))
            }
            Action::Snapshot => {
                let bytes = postcard::to_allocvec(engine).unwrap();
                *engine = postcard::from_bytes(&bytes).unwrap();
                return None;
            }
            Action::Advance | Action::AdvanceAtMost(_) | _ => unreachable!("not a command"),
        };
        Some(answer.unwrap_or_else(refused))
    }

    /// The same without its id, which must be the one that its key had.
    fn nameless(&self, mut evidence: Evidence<u32, u32>) -> Evidence<u32, u32> {
        assert_eq!(self.ids[&evidence.key], evidence.id, "the key of another activity");
        evidence.id = self.nobody;
        evidence
    }
}

/// The details of a batch: each its own.
pub(crate) fn place_details(details: Option<u32>, place: usize) -> Option<u32> {
    details.map(|details| details.wrapping_add(place as u32))
}

fn refused(reason: CommandError) -> Answer {
    Answer::Refused(discriminant(&reason))
}
