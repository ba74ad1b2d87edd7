//! The whole of a local SWF as data: domains, types, executions with their histories, and heartwheel's activity
//! service with the one engine beneath, whose timers are also those of decision tasks, executions and SWF's own.
//!
//! No clock and no I/O: every call takes the time. Whatever falls due before it has happened when it is answered.

mod activities;
mod config;
mod decide;
mod decision_tasks;
mod decisions;
mod dispatch;
mod domains;
mod ends;
mod events;
mod executions;
mod history;
mod keys;
mod pages;
mod run;
mod runs;
mod stored;
mod time;
mod tokens;
mod type_lists;
mod visibility;
mod workflow_types;

#[cfg(test)]
mod tests;

use heartwheel::swf::token::KeyTooShort;
use heartwheel::swf::{ActivityService, Caller, DomainName, ExecutionId, ServiceConfig};
use heartwheel::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use keys::{Boot, Seed};
pub use stored::{LoadError, Snapshot};

use decision_tasks::DecisionLists;
use domains::DomainBook;
use keys::Keys;
use runs::Runs;
use workflow_types::WorkflowTypes;

/// What the engine's timers are for, beside activities.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum TimerKey {
    /// The timeout of an execution.
    Execution(ExecutionId),
    /// The timeout of the started decision task; never due for one without.
    DecisionTask(ExecutionId),
    /// A timer that a decider started, by its name.
    Timer(ExecutionId, String),
    /// How long a closed execution is kept.
    Retention(ExecutionId),
}

/// How ARNs name this server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    pub region: String,
    pub account: String,
}

/// The answer to a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// 200 without a body.
    Empty,
    Body(Value),
    /// A poll that found no task: to be tried again, and answered by this in the end.
    NoTask(Value),
}

/// All there is.
#[derive(Debug)]
pub struct State {
    place: Place,
    keys: Keys,
    domains: DomainBook,
    workflow_types: WorkflowTypes,
    runs: Runs,
    lists: DecisionLists,
    service: ActivityService<TimerKey>,
    now: Timestamp,
    /// Executions that have ended, of which the service hears when all that was due at that instant has happened.
    ended: Vec<ExecutionId>,
    /// Has a task been added since somebody asked?
    has_new_tasks: bool,
}

impl State {
    /// Nothing yet. Both numbers are for tokens, and random: another seed for each new state, another boot for each
    /// start of the server.
    ///
    /// # Errors
    /// None with a seed as it is: 32 bytes are what a key needs.
    pub fn new(place: Place, seed: Seed, boot: Boot) -> Result<Self, KeyTooShort> {
        Ok(Self {
            place,
            keys: Keys::new(seed, boot)?,
            domains: DomainBook::default(),
            workflow_types: WorkflowTypes::default(),
            runs: Runs::default(),
            lists: DecisionLists::default(),
            service: ActivityService::new(ServiceConfig::DEFAULT),
            now: Timestamp::ZERO,
            ended: Vec::new(),
            has_new_tasks: false,
        })
    }

    /// The newest time seen.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Where the server is, for ARNs.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether polls that wait should try again; asking resets it.
    pub fn take_new_tasks(&mut self) -> bool {
        std::mem::take(&mut self.has_new_tasks)
    }

    fn domain_arn(&self, domain: &DomainName) -> String {
        heartwheel::swf::access::domain_arn(
            &self.place.region,
            &self.place.account,
            domain.as_str(),
        )
    }
}

/// A caller and the time of the call: what every call has.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub now: Timestamp,
    pub caller: Caller<'a>,
}
