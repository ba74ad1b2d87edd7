//! What a host may choose when it makes a service.

use super::rate::CreationRate;
use crate::Config;

/// The choices of a service. The defaults are SWF's.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub struct ServiceConfig {
    engine: Config,
    creation_rate: Option<CreationRate>,
}

impl ServiceConfig {
    /// The engine's defaults, and no limit on the rate of scheduling.
    pub const DEFAULT: Self = Self { engine: Config::DEFAULT, creation_rate: None };

    /// How many activities of one execution may be open: SWF's limit.
    pub const MAX_OPEN_ACTIVITIES: usize = 1000;

    /// The choices of the engine beneath. If it holds as many activities as it may, decisions to schedule
    /// fail with OPEN_ACTIVITIES_LIMIT_EXCEEDED (our choice).
    ///
    /// A [guard on jumps](Config::with_max_jump) is left out: a host that doubts its clock asks itself before
    /// it calls, since SWF has no answer that says so.
    #[must_use]
    pub const fn with_engine(mut self, engine: Config) -> Self {
        self.engine = engine.with_max_jump(None);
        self
    }

    /// No faster than this may activities be scheduled, in all executions together; beyond it decisions fail
    /// with ACTIVITY_CREATION_RATE_EXCEEDED.
    #[must_use]
    pub const fn with_creation_rate(mut self, rate: CreationRate) -> Self {
        self.creation_rate = Some(rate);
        self
    }

    pub(super) const fn engine(&self) -> Config {
        self.engine
    }

    pub(super) const fn creation_rate(&self) -> Option<CreationRate> {
        self.creation_rate
    }
}
