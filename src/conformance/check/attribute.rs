//! Which sentence a departure breaks: as little as possible is left in its trace, so what is left is needed.

use super::super::profile::{Profile, Told};
use super::super::{Action, Model, Observation, Operation, Refusal, Sentence, TimedOut};
use super::departure::{is_other, Kind, Signature};
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
            let action = operation.action;
            found.snapshot |= action == Action::Snapshot;
            found.recovery |= matches!(action, Action::Recover { .. });
            found.suspension |= matches!(action, Action::Suspend { .. } | Action::Resume { .. });
            found.cancel_request |= matches!(action, Action::RequestCancel { .. });
            found.change |= matches!(action, Action::UpdateTimeouts { .. });
            for limit in action.limits().into_iter().flat_map(|limits| limits.given()) {
                found.zero_timeout |= limit == 0;
                found.ends_of_time |= model.now().checked_add(limit).is_none();
            }
        }
        found
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

/// The sentences about the kinds of operations that are left in a case: it needs each of them.
pub(super) fn suspects(
    profile: &Profile,
    operations: &[Operation],
) -> impl Iterator<Item = Sentence> {
    let found = Ingredients::of(profile, operations);
    let suspects = [
        (found.snapshot, Sentence::SNAPSHOTS),
        (found.recovery, Sentence::RECOVERY),
        (found.suspension, Sentence::SUSPENSION),
        (found.change, Sentence::CHANGES),
        (found.cancel_request, Sentence::CANCELLATION),
        (found.refusal, Sentence::REFUSALS),
    ];
    suspects.into_iter().filter(|(is_left, _)| *is_left).map(|(_, sentence)| sentence)
}

/// The sentence that the difference at the end of a minimal trace breaks.
pub(super) fn sentence(
    profile: &Profile,
    operations: &[Operation],
    difference: &Difference,
    signature: Signature,
) -> Sentence {
    let found = Ingredients::of(profile, operations);
    let is_pending =
        |told: &[Observation]| told.contains(&Observation::Refused(Refusal::JumpPending));
    let got = difference.got.told.as_deref().unwrap_or_default();
    let special = if is_pending(&difference.expected) || is_pending(got) {
        Some(Sentence::JUMPS)
    } else {
        found.special()
    };
    let or = |usual: Sentence| special.unwrap_or(usual);
    match signature.kind {
        Kind::Unrepeatable => Sentence::REPEATABLE,
        Kind::NoAnswer => Sentence::NO_PANIC,
        Kind::WakeupLate | Kind::WakeupForNothing | Kind::WakeupPassed => Sentence::WAKEUPS,
        Kind::Never | Kind::Late | Kind::Early => {
            or(deadline(&found, signature.at_edge && signature.kind != Kind::Never))
        }
        Kind::Unconfigured => or(Sentence::TIMEOUTS),
        Kind::AfterClose => or(Sentence::ONE_CLOSE),
        Kind::WrongType(_) => or(signature.breaks.unwrap_or(Sentence::TIMEOUTS)),
        Kind::WrongEvidence(Told::CancelRequestedAt) => or(Sentence::CANCELLATION),
        Kind::WrongEvidence(_) if found.refusal => or(Sentence::REFUSALS),
        Kind::WrongEvidence(_) => or(Sentence::EVIDENCE),
        Kind::OutOfOrder => or(Sentence::ORDER),
        Kind::Accepted | Kind::WrongReason => or(signature.breaks.unwrap_or(Sentence::REFUSALS)),
        Kind::WrongAnswer if is_timeout_untold(difference) => or(deadline(&found, false)),
        Kind::Refused | Kind::WrongAnswer => or(answer(&found, signature, difference)),
    }
}

/// Whether a timeout that was due is not told, and something was told in words that mean nothing.
fn is_timeout_untold(difference: &Difference) -> bool {
    let got = difference.got.told.as_deref().unwrap_or_default();
    let is_told = |expected: &TimedOut| {
        let mut told = got.iter().filter_map(Observation::timed_out);
        told.any(|told| told.activity == expected.activity)
    };
    let mut expected = difference.expected.iter().filter_map(Observation::timed_out);
    got.iter().any(is_other) && !expected.all(is_told)
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
