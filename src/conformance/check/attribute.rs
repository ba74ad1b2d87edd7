//! Which sentence a departure breaks: as little as possible is left in its trace, so what is left is needed.

use super::super::profile::{Profile, Told};
use super::super::{Action, Limits, Model, Observation, Operation, Refusal, Sentence};
use super::departure::{About, Kind, Signature};
use super::run::Difference;

/// What is in a minimal trace.
#[derive(Debug, Default)]
struct Ingredients {
    snapshot: bool,
    recovery: bool,
    suspension: bool,
    change: bool,
    cancel_request: bool,
    /// A clock that runs backwards, or a deadline past the end of time.
    ends_of_time: bool,
    zero_timeout: bool,
    /// A command before the last one was refused.
    refusal: bool,
}

impl Ingredients {
    fn of(profile: &Profile, operations: &[Operation]) -> Self {
        let mut found = Self::default();
        let mut model = Model::new(profile);
        for (place, operation) in operations.iter().enumerate() {
            found.ends_of_time |= operation.at < model.now();
            let told = model.apply(operation);
            let refused = |told: &Observation| matches!(told, Observation::Refused(_));
            found.refusal |= place + 1 < operations.len() && told.iter().any(refused);
            match operation.action {
                Action::Snapshot => found.snapshot = true,
                Action::Recover { .. } => found.recovery = true,
                Action::Suspend { .. } | Action::Resume { .. } => found.suspension = true,
                Action::RequestCancel { .. } => found.cancel_request = true,
                Action::UpdateTimeouts { limits, .. } => {
                    found.change = true;
                    found.note(limits, model.now());
                }
                Action::Schedule { limits, .. } => found.note(limits, model.now()),
                _ => {}
            }
        }
        found
    }

    fn note(&mut self, limits: Limits, now: u64) {
        let Limits { schedule_to_start, schedule_to_close, start_to_close, heartbeat } = limits;
        let all = [schedule_to_start, schedule_to_close, start_to_close, heartbeat];
        for limit in all.into_iter().flatten() {
            self.zero_timeout |= limit == 0;
            self.ends_of_time |= now.checked_add(limit).is_none();
        }
    }

    /// The sentence about what only some hosts do, if that is in the trace.
    const fn special(&self) -> Option<Sentence> {
        if self.snapshot {
            Some(Sentence::SNAPSHOTS)
        } else if self.recovery {
            Some(Sentence::RECOVERY)
        } else if self.suspension {
            Some(Sentence::SUSPENSION)
        } else if self.change {
            Some(Sentence::CHANGES)
        } else if self.ends_of_time {
            Some(Sentence::TIMELINE)
        } else {
            None
        }
    }
}

/// The sentence that the difference at the end of a minimal trace breaks.
pub(super) fn sentence(
    profile: &Profile,
    operations: &[Operation],
    difference: &Difference,
    signature: Signature,
) -> Sentence {
    let found = Ingredients::of(profile, operations);
    let of_jumps = difference.expected.contains(&Observation::Refused(Refusal::JumpPending))
        || matches!(&difference.got.told, Ok(told) if told.contains(&Observation::Refused(Refusal::JumpPending)));
    match signature.kind {
        Kind::Unrepeatable => Sentence::REPEATABLE,
        Kind::NoAnswer => Sentence::NO_PANIC,
        Kind::WakeupLate | Kind::WakeupForNothing | Kind::WakeupPassed => Sentence::WAKEUPS,
        _ if of_jumps => Sentence::JUMPS,
        kind => found.special().unwrap_or_else(|| match kind {
            Kind::Never | Kind::Late | Kind::Early => {
                deadline(&found, signature.at_edge && kind != Kind::Never)
            }
            Kind::Unconfigured => Sentence::TIMEOUTS,
            Kind::AfterClose => Sentence::ONE_CLOSE,
            Kind::WrongType(_) => wrong_type(profile, operations, difference),
            Kind::WrongEvidence(Told::CancelRequestedAt) => Sentence::CANCELLATION,
            Kind::WrongEvidence(_) if found.refusal => Sentence::REFUSALS,
            Kind::WrongEvidence(_) => Sentence::EVIDENCE,
            Kind::OutOfOrder => Sentence::ORDER,
            Kind::Accepted | Kind::WrongReason => accepted(profile, operations),
            Kind::Refused | Kind::WrongAnswer => answer(&found, signature, difference),
            // Named above.
            Kind::Unrepeatable
            | Kind::NoAnswer
            | Kind::WakeupLate
            | Kind::WakeupForNothing
            | Kind::WakeupPassed => Sentence::REPEATABLE,
        }),
    }
}

const fn deadline(found: &Ingredients, off_by_one: bool) -> Sentence {
    if found.cancel_request {
        Sentence::CANCELLATION
    } else if found.refusal {
        Sentence::REFUSALS
    } else if off_by_one || found.zero_timeout {
        Sentence::INSTANT
    } else {
        Sentence::TIMEOUTS
    }
}

/// One that has the same deadline is a matter of order.
fn wrong_type(profile: &Profile, operations: &[Operation], difference: &Difference) -> Sentence {
    let Kind::WrongType(got) = difference.signature.kind else { return Sentence::TIMEOUTS };
    let About::Timeout(expected) = difference.signature.about else { return Sentence::TIMEOUTS };
    let mut before = Model::new(profile);
    for operation in operations.iter().take(difference.place) {
        before.apply(operation);
    }
    let is_tied = before.open().iter().any(|open| {
        let deadlines = open.deadlines();
        let of = |named| deadlines.iter().flatten().find(|(_, own)| *own == named);
        of(expected).is_some() && of(expected).map(|(at, _)| at) == of(got).map(|(at, _)| at)
    });
    if is_tied {
        Sentence::ORDER
    } else {
        Sentence::TIMEOUTS
    }
}

/// A command that should have been refused.
fn accepted(profile: &Profile, operations: &[Operation]) -> Sentence {
    let Some((last, before)) = operations.split_last() else { return Sentence::SETTLING };
    let mut model = Model::new(profile);
    for operation in before {
        model.apply(operation);
    }
    if let Action::Schedule { .. } = last.action {
        return Sentence::CAPACITY;
    }
    let Some(activity) = last.action.activity() else { return Sentence::SETTLING };
    let was_scheduled = before.iter().any(|operation| {
        matches!(operation.action, Action::Schedule { activity: scheduled, .. } if scheduled == activity)
    });
    if was_scheduled && model.activity(activity).is_none() {
        // It had closed, and not at this very command.
        Sentence::ONE_CLOSE
    } else {
        Sentence::SETTLING
    }
}

/// A command that should have been accepted, or answered otherwise.
fn answer(found: &Ingredients, signature: Signature, difference: &Difference) -> Sentence {
    let is_beat =
        difference.expected.iter().any(|told| matches!(told, Observation::Heartbeat { .. }));
    let schedules = difference.expected.contains(&Observation::Scheduled);
    if found.cancel_request || (is_beat && signature.kind == Kind::WrongAnswer) {
        Sentence::CANCELLATION
    } else if schedules {
        Sentence::CAPACITY
    } else if found.refusal {
        Sentence::REFUSALS
    } else if difference.earliest.is_some() && signature.kind == Kind::Refused {
        // A deadline that has not come refuses nothing.
        Sentence::INSTANT
    } else {
        Sentence::ONE_CLOSE
    }
}
