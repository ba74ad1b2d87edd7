//! Scenarios without what a relation does not hold for, each with its reason.

use heartwheel::conformance::{Action, Policy, When};

use crate::support::operation::Operation::Common;
use crate::support::operation::Scenario;

/// With tame scenarios no limit reaches this far.
pub(crate) const FAR: u64 = 1 << 48;

/// A multiple of every lap that tame scenarios reach on every wheel.
pub(crate) const ALIGNMENT: u64 = 1 << 56;

/// A guard is about the steps of time, which are what is changed here.
pub(crate) fn unguarded(scenario: &mut Scenario) {
    scenario.setup.max_jump = None;
}

/// What is due but not polled takes up room, which must not matter where it is polled at other times.
pub(crate) fn roomy(scenario: &mut Scenario) {
    unguarded(scenario);
    scenario.setup.max_open = u32::MAX;
}

/// A heartbeat timeout of zero is due as a heartbeat arms it, so there is no second one.
pub(crate) fn patient(scenario: &mut Scenario) {
    unguarded(scenario);
    for step in &mut scenario.steps {
        if let Common(Action::Schedule { limits, .. } | Action::UpdateTimeouts { limits, .. }) =
            &mut step.operation
        {
            limits.heartbeat = limits.heartbeat.map(|millis| millis.max(1));
        }
    }
}

/// Nothing reaches so far ahead that a sum passes the end of time, from where it is or elsewhere.
pub(crate) fn tame(scenario: &mut Scenario) {
    unguarded(scenario);
    let near = |millis: u64| millis % (FAR / 8);
    for step in &mut scenario.steps {
        if let Common(Action::Schedule { limits, .. } | Action::UpdateTimeouts { limits, .. }) =
            &mut step.operation
        {
            for limit in [
                &mut limits.schedule_to_start,
                &mut limits.schedule_to_close,
                &mut limits.start_to_close,
                &mut limits.heartbeat,
            ] {
                *limit = limit.map(near);
            }
        }
        if let Common(Action::Recover { policy, spread }) = &mut step.operation {
            *spread = near(*spread);
            if let Policy::Grace(grace) = policy {
                *grace = near(*grace);
            }
        }
        // Within the middle of time, some years from one to the next.
        step.when = match step.when {
            When::At(instant) => When::At((1 << 62) + instant % 10_000),
            When::Later(millis) => When::Later(millis % (1 << 36)),
            When::Earlier(millis) => When::Earlier(millis % 10_000),
            When::BeforeEnd(_) => When::Same,
            When::Boundary(bits, offset) => When::Boundary(bits % 36, offset),
            near @ (When::Same | When::Wakeup(_) | When::Earliest(_) | When::Deadline(..) | _) => {
                near
            }
        };
    }
}
