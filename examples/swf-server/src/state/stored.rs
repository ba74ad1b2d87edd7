//! The state as a snapshot has it: what cannot be derived, the engine's own part included.

use heartwheel::swf::token::KeyTooShort;
use heartwheel::swf::{
    ActivityService, Key, LimitedData, RestoreError, ServiceConfig, ServiceRecord,
};
use heartwheel::{ActivityId, Engine, Timestamp};
use serde::{Deserialize, Serialize};

use super::domains::DomainBook;
use super::keys::{Boot, Seed};
use super::run::Run;
use super::runs::{Given, Runs};
use super::workflow_types::WorkflowTypes;
use super::{DecisionLists, Place, State, TimerKey};

/// The layout that this code writes, and the only one it reads.
const VERSION: u32 = 2;

/// The state at one instant, apart from it: to be written while the state goes on.
#[derive(Debug, Deserialize, Serialize)]
pub struct Snapshot {
    version: u32,
    seed: Seed,
    now: Timestamp,
    domains: DomainBook,
    workflow_types: WorkflowTypes,
    runs: Vec<Run>,
    runs_begun: u64,
    given: Vec<(ActivityId, Given)>,
    next_arrival: u64,
    engine: Engine<Key<TimerKey>, LimitedData>,
    service: ServiceRecord,
}

impl Snapshot {
    /// As JSON.
    ///
    /// # Errors
    /// None as things are: everything here has a form in JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}

/// Why a snapshot was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("it is no snapshot of this server's: {0}")]
    Format(#[from] serde_json::Error),
    #[error("its version is {0}, this release reads version {VERSION}")]
    Version(u32),
    #[error("its activities do not fit together: {0}")]
    Service(#[from] RestoreError),
    #[error("its key is none: {0}")]
    Key(#[from] KeyTooShort),
}

impl State {
    /// A copy, which shares the events of histories.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            version: VERSION,
            seed: self.keys.seed,
            now: self.now,
            domains: self.domains.clone(),
            workflow_types: self.workflow_types.clone(),
            runs: self.runs.iter().cloned().collect(),
            runs_begun: self.runs.begun(),
            given: self.runs.all_given().collect(),
            next_arrival: self.lists.next_arrival(),
            engine: self.service.engine().clone(),
            service: self.service.record(),
        }
    }

    /// The state as it was, for a new boot. The tokens that it knows are good as before.
    ///
    /// # Errors
    /// [`LoadError`] for anything but a whole snapshot.
    pub fn from_snapshot(place: Place, boot: Boot, snapshot: &[u8]) -> Result<Self, LoadError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let Versioned { version } = serde_json::from_slice(snapshot)?;
        if version != VERSION {
            return Err(LoadError::Version(version));
        }
        let stored: Snapshot = serde_json::from_slice(snapshot)?;
        let mut state = Self::new(place, stored.seed, boot)?;
        state.service =
            ActivityService::restore(ServiceConfig::DEFAULT, stored.engine, stored.service)?;
        state.now = stored.now;
        state.domains = stored.domains;
        state.workflow_types = stored.workflow_types;
        let mut runs = Runs::from(stored.runs_begun);
        let mut lists = DecisionLists::from(stored.next_arrival);
        for run in stored.runs {
            lists.add(&run);
            runs.insert(run);
        }
        for (id, given) in stored.given {
            runs.give(id, given);
        }
        // A snapshot is taken between calls, when everybody is settled.
        drop(runs.take_touched());
        (state.runs, state.lists) = (runs, lists);
        Ok(state)
    }
}
