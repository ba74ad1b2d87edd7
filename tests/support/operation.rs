//! One operation enum, and whole runs of operations. Random runs, property tests and fuzzers share it.

use core::fmt::Write;
use core::time::Duration;

use heartwheel::{Config, Geometry, MissingDetails, Outcome, Stats};

use super::model::{Limits, Model, Revival};
use super::pair::Pair;

/// The shape of one run.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) bottom_bits: u8,
    pub(crate) upper_bits: u8,
    pub(crate) max_open: u32,
    pub(crate) missing_details: MissingDetails,
    /// The guard on jumps, in milliseconds.
    pub(crate) max_jump: Option<u64>,
}

impl Setup {
    pub(crate) fn config(&self) -> Config {
        Config::DEFAULT
            .with_geometry(Geometry::new(self.bottom_bits, self.upper_bits))
            .with_max_open(self.max_open)
            .with_missing_details(self.missing_details)
            .with_max_jump(self.max_jump.map(Duration::from_millis))
    }

    /// A model for such an engine.
    pub(crate) fn model(&self) -> Model {
        let keeps_details = self.missing_details == MissingDetails::Keep;
        Model::new(self.max_open, keeps_details).with_max_jump(self.max_jump)
    }
}

/// Which instant an operation passes as `now`, chosen when it runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum When {
    /// The newest time seen.
    Same,
    /// So much later, at most the end of time.
    Later(u64),
    /// So much earlier, at least zero: the clock runs backwards.
    Earlier(u64),
    /// At this instant, whatever was seen before.
    At(u64),
    /// This far before the end of time.
    BeforeEnd(u64),
    /// At the engine's next wake-up, moved by so much.
    Wakeup(i64),
    /// At the earliest deadline, moved by so much.
    Earliest(i64),
    /// At the deadline of the n-th open activity, moved by so much.
    Deadline(usize, i64),
    /// At the next multiple of `2^bits` after the newest time seen, moved by so much.
    Boundary(u8, i64),
}

/// Which activity an operation names, found when it runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Whom {
    /// The n-th open one in order of scheduling, counted round and round.
    Open(usize),
    /// The n-th ever scheduled, counted round and round: mostly one long closed.
    Scheduled(usize),
    /// An id that another engine issued, or that is made up.
    Stranger(usize),
}

impl Whom {
    /// The one so many places further on.
    pub(crate) fn further(self, places: usize) -> Self {
        match self {
            Self::Open(which) => Self::Open(which.wrapping_add(places)),
            Self::Scheduled(which) => Self::Scheduled(which.wrapping_add(places)),
            Self::Stranger(which) => Self::Stranger(which.wrapping_add(places)),
        }
    }
}

/// What a host can do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Operation {
    Schedule {
        limits: Limits,
    },
    Start {
        whom: Whom,
    },
    Heartbeat {
        whom: Whom,
        details: Option<u32>,
    },
    RequestCancel {
        whom: Whom,
    },
    Close {
        whom: Whom,
        outcome: Outcome,
    },
    Abandon {
        whom: Whom,
    },
    /// Poll until `None`, or for so many events.
    Poll {
        limit: Option<usize>,
    },
    ShrinkToFit,
    /// Several heartbeats in one call: of so many activities from `whom` on.
    Heartbeats {
        whom: Whom,
        count: usize,
        details: Option<u32>,
    },
    UpdateTimeouts {
        whom: Whom,
        limits: Limits,
    },
    Suspend {
        whom: Whom,
    },
    Resume {
        whom: Whom,
    },
    Recover {
        revival: Revival,
    },
    /// Through bytes and back; nothing, where the crate is built without serde.
    Snapshot,
}

impl Operation {
    /// The same with another activity.
    fn renamed(self, rename: impl Fn(Whom) -> Whom) -> Self {
        match self {
            Self::Start { whom } => Self::Start { whom: rename(whom) },
            Self::Heartbeat { whom, details } => Self::Heartbeat { whom: rename(whom), details },
            Self::RequestCancel { whom } => Self::RequestCancel { whom: rename(whom) },
            Self::Close { whom, outcome } => Self::Close { whom: rename(whom), outcome },
            Self::Abandon { whom } => Self::Abandon { whom: rename(whom) },
            Self::Heartbeats { whom, count, details } => {
                Self::Heartbeats { whom: rename(whom), count, details }
            }
            Self::UpdateTimeouts { whom, limits } => {
                Self::UpdateTimeouts { whom: rename(whom), limits }
            }
            Self::Suspend { whom } => Self::Suspend { whom: rename(whom) },
            Self::Resume { whom } => Self::Resume { whom: rename(whom) },
            Self::Schedule { .. }
            | Self::Poll { .. }
            | Self::ShrinkToFit
            | Self::Recover { .. }
            | Self::Snapshot => self,
        }
    }
}

/// An operation and its time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Step {
    pub(crate) when: When,
    pub(crate) operation: Operation,
}

/// A whole run.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) setup: Setup,
    pub(crate) steps: Vec<Step>,
}

impl Scenario {
    /// Runs it to the end, and gives the engine's statistics, or to the first difference.
    pub(crate) fn run(&self) -> Result<Stats, String> {
        self.run_against(self.setup.model())
    }

    /// The same against a model of one's own: a wrong one must be found out.
    pub(crate) fn run_against(&self, model: Model) -> Result<Stats, String> {
        let mut pair = Pair::new(&self.setup, model);
        for (place, step) in self.steps.iter().enumerate() {
            pair.run(*step).map_err(|difference| format!("step {place}: {difference}"))?;
        }
        pair.engine.check_invariants()?;
        Ok(pair.engine.stats())
    }

    /// The steps up to the first difference, each with the instant and the place it came to: then
    /// one may be taken out without moving the others.
    pub(crate) fn frozen(&self, model: Model) -> Self {
        let mut frozen = Self { setup: self.setup.clone(), steps: Vec::new() };
        let mut pair = Pair::new(&self.setup, model);
        for step in &self.steps {
            let when = When::At(pair.resolve_when(step.when));
            let open = pair.model.open().len().max(1);
            let operation = step.operation.renamed(|whom| match whom {
                Whom::Open(which) => Whom::Open(which % open),
                Whom::Scheduled(_) | Whom::Stranger(_) => whom,
            });
            frozen.steps.push(Step { when, operation });
            if pair.run(*step).is_err() {
                break;
            }
        }
        frozen
    }

    /// The scenario without some steps.
    pub(crate) fn without(&self, steps: core::ops::Range<usize>) -> Self {
        let mut fewer = self.clone();
        fewer.steps.drain(steps);
        fewer
    }

    /// The scenario without one step that scheduled: the activities after it move up a place.
    pub(crate) fn without_schedule(&self, step: usize) -> Self {
        let mut fewer = self.without(step..step + 1);
        for later in &mut fewer.steps[step..] {
            later.operation = later.operation.renamed(|whom| match whom {
                Whom::Open(which) => Whom::Open(which.saturating_sub(1)),
                Whom::Scheduled(_) | Whom::Stranger(_) => whom,
            });
        }
        fewer
    }

    /// Every step with the instants and ids it came to, up to the first difference.
    pub(crate) fn describe(&self, model: Model) -> String {
        let mut text = format!("{:?}\n", self.setup);
        let mut pair = Pair::new(&self.setup, model);
        for (place, step) in self.steps.iter().enumerate() {
            let now = pair.resolve_when(step.when);
            writeln!(text, "{place:4} @{now} {} <- {step:?}", pair.name(step.operation)).unwrap();
            if pair.run(*step).is_err() {
                break;
            }
        }
        text
    }
}
