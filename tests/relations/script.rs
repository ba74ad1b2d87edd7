//! A scenario whose times and activities are settled once, so that a change of the run does not change them.

use heartwheel::conformance::{Action, When, Whom};

use crate::host::{Act, Host};
use crate::support::operation::Operation::{self, Common};
use crate::support::operation::{Scenario, Setup};

#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) setup: Setup,
    pub(crate) acts: Vec<Act>,
}

impl Script {
    /// Runs the scenario and writes down what each step came to. Steps that come to nothing are left out.
    pub(crate) fn record(scenario: &Scenario) -> Self {
        let frozen = scenario.frozen(scenario.setup.model());
        let setup = frozen.setup;
        let (mut host, mut acts) = (Host::new(&setup), Vec::new());
        // Keys are the numbers of the schedules.
        let (mut scheduled, mut open) = (Vec::new(), Vec::new());
        let mut next_key = 0;
        for step in frozen.steps {
            let When::At(now) = step.when else { unreachable!("a frozen step has its instant") };
            let named = |whom| {
                let (which, among) = match whom {
                    Whom::Open(which) if !open.is_empty() => (which, &open),
                    Whom::Open(which) | Whom::Scheduled(which) | Whom::Stranger(which) => {
                        (which, &scheduled)
                    }
                    Whom::Next | _ => unreachable!("only a schedule names the next"),
                };
                which.checked_rem(among.len()).map(|which| among[which])
            };
            let keys: Option<Vec<u32>> = match step.operation {
                Common(Action::Schedule { .. }) => {
                    next_key += 1;
                    Some(vec![next_key - 1])
                }
                Common(action) => match action.activity() {
                    Some(whom) => named(whom).map(|key| vec![key]),
                    None => Some(Vec::new()),
                },
                Operation::ShrinkToFit => Some(Vec::new()),
                Operation::Heartbeats { whom, count, .. } if count > 0 => {
                    (0..count).map(|place| named(whom.further(place))).collect()
                }
                Operation::Heartbeats { .. } => None,
            };
            let Some(keys) = keys else { continue };
            let act = Act { now, keys, operation: step.operation, is_inserted: false };
            host.act(&act);
            if matches!(act.operation, Common(Action::Schedule { .. }))
                && host.ids.contains_key(&act.keys[0])
            {
                scheduled.push(act.keys[0]);
                open.push(act.keys[0]);
            }
            open.retain(|key| host.engine.activity(host.ids[key]).is_some());
            acts.push(act);
        }
        Self { setup, acts }
    }
}

impl Act {
    /// Does the engine hear its time?
    pub(crate) const fn tells_time(&self) -> bool {
        !matches!(self.operation, Operation::ShrinkToFit | Common(Action::Snapshot))
    }

    pub(crate) const fn is_poll(&self) -> bool {
        matches!(self.operation, Common(Action::Advance | Action::AdvanceAtMost(_)))
    }

    /// A foreign one.
    pub(crate) const fn inserted(now: u64, keys: Vec<u32>, operation: Operation) -> Self {
        Self { now, keys, operation, is_inserted: true }
    }
}
