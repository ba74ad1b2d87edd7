//! Whole runs of operations on an engine of this crate. Random runs, property tests and fuzzers share them.

use core::fmt::Write;
use core::time::Duration;

use heartwheel::conformance::{Action, Model, Profile, When, Whom};
use heartwheel::{Config, Geometry, MissingDetails, Stats};

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
        Model::new(&self.profile())
    }

    pub(crate) fn profile(&self) -> Profile {
        Profile::full()
            .with_max_open(self.max_open)
            .with_missing_details(self.missing_details)
            .with_max_jump(self.max_jump)
    }
}

/// What is tried on an engine of this crate: what any host can do, and what only such an engine offers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Operation {
    Common(Action<Whom>),
    ShrinkToFit,
    /// Several heartbeats in one call: of so many activities from `whom` on.
    Heartbeats {
        whom: Whom,
        count: usize,
        details: Option<u32>,
    },
}

impl Operation {
    /// The same with another activity.
    fn renamed(self, rename: impl Fn(Whom) -> Whom) -> Self {
        match self {
            Self::Common(action) => Self::Common(action.rename(rename)),
            Self::ShrinkToFit => self,
            Self::Heartbeats { whom, count, details } => {
                Self::Heartbeats { whom: rename(whom), count, details }
            }
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
            let operation = step.operation.renamed(|whom| {
                if let Whom::Open(which) = whom {
                    Whom::Open(which % open)
                } else {
                    whom
                }
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
            later.operation = later.operation.renamed(|whom| {
                if let Whom::Open(which) = whom {
                    Whom::Open(which.saturating_sub(1))
                } else {
                    whom
                }
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
