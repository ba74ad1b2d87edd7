//! Operations on the engine and on the reference model, compared after each of them.
//!
//! Five bytes choose the engine, its first instant and when it goes through bytes, then every eight bytes are a
//! step: a changed byte changes one figure of one step, and steps are copied, moved and dropped without a change
//! to the others.

#[path = "../../tests/support/operation.rs"]
mod operation;
#[path = "../../tests/support/pair.rs"]
mod pair;

use heartwheel::conformance::{Action, Limits, Policy, When, Whom};
use heartwheel::{MissingDetails, Outcome};

use operation::{Operation, Scenario, Setup, Step};

const STEP_BYTES: usize = 8;

/// Runs the operations that the bytes stand for.
///
/// # Panics
/// If engine and model differ.
pub fn run(bytes: &[u8]) {
    let Some(([shape, max_open, rules, start, snapshot], steps)) = bytes.split_first_chunk() else {
        return;
    };
    let setup = Setup {
        bottom_bits: shape & 15,
        upper_bits: shape >> 4,
        max_open: if *max_open == 0 { u32::MAX } else { u32::from(*max_open) - 1 },
        missing_details: if rules & 1 == 0 { MissingDetails::Keep } else { MissingDetails::Clear },
        max_jump: (rules & 2 != 0).then(|| millis(rules >> 2)),
    };
    let mut steps: Vec<Step> = steps
        .chunks_exact(STEP_BYTES)
        .map(|bytes| step(bytes.try_into().expect("chunks are exact")))
        .collect();
    if let Some(first) = steps.first_mut() {
        first.when = When::At(millis(*start));
    }
    // Once: it costs as much as a dozen other steps.
    let snapshot = usize::from(*snapshot);
    if snapshot < steps.len() {
        let operation = Operation::Common(Action::Snapshot);
        steps.insert(snapshot + 1, Step { when: When::Same, operation });
    }
    let scenario = Scenario { setup, steps };
    if let Err(difference) = scenario.run() {
        panic!("{}{difference}", scenario.describe(scenario.setup.model()));
    }
}

fn step([operation, when_kind, when_far, whom, a, b, c, d]: [u8; STEP_BYTES]) -> Step {
    let when = when(when_kind, when_far);
    let limits = Limits {
        schedule_to_start: limit(a),
        schedule_to_close: limit(b),
        start_to_close: limit(c),
        heartbeat: limit(d),
    };
    let activity = activity(whom);
    let details = |byte: u8| (byte > 0).then_some(u32::from(byte));
    let action = match operation % 32 {
        0..=7 => Action::Schedule { activity: Whom::Next, limits },
        8..=12 => Action::Start { activity },
        13..=16 => Action::Heartbeat { activity, details: details(a) },
        17 => Action::RequestCancel { activity },
        18..=19 => Action::Close { activity, outcome: outcome(a) },
        20 => Action::Abandon { activity },
        21..=22 => Action::AdvanceAtMost(1 + usize::from(a % 3)),
        23 => return Step { when, operation: Operation::ShrinkToFit },
        24 => {
            let (count, details) = (usize::from(a % 40), details(b));
            return Step {
                when,
                operation: Operation::Heartbeats { whom: activity, count, details },
            };
        }
        25 => Action::UpdateTimeouts { activity, limits },
        26 => Action::Suspend { activity },
        27 => Action::Resume { activity },
        28 => Action::Recover { policy: policy(a, b), spread: millis(c) },
        _ => Action::Advance,
    };
    Step { when, operation: Operation::Common(action) }
}

/// Small ones, powers of two, what is just below them, and what is left to the end of time.
fn millis(byte: u8) -> u64 {
    let figure = byte & 63;
    match byte >> 6 {
        0 => u64::from(figure),
        1 => 1 << figure,
        2 => (1 << figure) - 1,
        _ => u64::MAX - u64::from(figure),
    }
}

fn limit(byte: u8) -> Option<u64> {
    byte.checked_sub(1).map(millis)
}

fn when(kind: u8, far: u8) -> When {
    let half = i64::from(kind >> 5);
    let nudge = if kind & 16 == 0 { half } else { -1 - half };
    match kind & 15 {
        0..=2 => When::Same,
        3..=4 => When::Later(millis(far)),
        5 => When::Earlier(millis(far)),
        6 => When::At(millis(far)),
        7 => When::BeforeEnd(u64::from(far)),
        8..=9 => When::Wakeup(nudge),
        10..=11 => When::Earliest(nudge),
        12..=13 => When::Deadline(usize::from(far), nudge),
        _ => When::Boundary(far & 63, nudge),
    }
}

fn activity(byte: u8) -> Whom {
    let which = usize::from(byte & 63);
    match byte >> 6 {
        0..=1 => Whom::Open(which),
        2 => Whom::Scheduled(which),
        // There are a few hundred of them.
        _ => Whom::Stranger(which * 7),
    }
}

fn outcome(byte: u8) -> Outcome {
    match byte % 3 {
        0 => Outcome::Completed,
        1 => Outcome::Failed,
        _ => Outcome::Canceled,
    }
}

fn policy(policy: u8, grace: u8) -> Policy {
    match policy % 3 {
        0 => Policy::Absolute,
        1 => Policy::Rearm,
        _ => Policy::Grace(millis(grace)),
    }
}
