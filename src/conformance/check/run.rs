//! One case on a subject and on the model, up to the first difference.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use super::super::profile::{Guarantee, Profile};
use super::super::{Failure, Model, Observation, Operation, Subject};
use super::departure::{About, Expected, Signature};
use super::tally::Tally;

/// What a subject told of one operation, and of its next wake-up if that is asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Answer {
    pub(super) told: Result<Vec<Observation>, Failure>,
    pub(super) wakeup: Option<Result<Option<u64>, Failure>>,
}

impl Answer {
    /// What was told; of what failed, the reason stands at the end.
    pub(super) fn observations(&self) -> Vec<Observation> {
        let reason = |failure: &Failure| Observation::Other(failure.to_string());
        let mut told = self.told.clone().unwrap_or_else(|failure| [reason(&failure)].into());
        if let Some(Err(failure)) = &self.wakeup {
            told.push(reason(failure));
        }
        told
    }
}

/// The first difference of a case.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    /// At which operation.
    pub(super) place: usize,
    pub(super) signature: Signature,
    pub(super) expected: Vec<Observation>,
    pub(super) got: Answer,
    /// The newest time seen.
    pub(super) now: u64,
    /// The earliest instant at which something is due afterwards.
    pub(super) earliest: Option<u64>,
}

/// Everything that a subject tells of a case. A panic is no answer.
///
/// An error is one of `reset`, which may also panic.
pub(super) fn answers<S: Subject + ?Sized>(
    subject: &mut S,
    profile: &Profile,
    operations: &[Operation],
) -> Result<Vec<Answer>, Failure> {
    guarded(|| subject.reset())?;
    if profile.promises(Guarantee::Wakeups) {
        return Ok(one_by_one(subject, operations, true));
    }
    match guarded(|| Ok(subject.apply_all(operations))) {
        Ok(all) => Ok(all.into_iter().map(|told| Answer { told, wakeup: None }).collect()),
        Err(panic) => {
            // Where it panicked is to be seen only one by one.
            guarded(|| subject.reset())?;
            let mut answers = one_by_one(subject, operations, false);
            if let Some(last) = answers.last_mut().filter(|last| last.told.is_ok()) {
                // It did not panic again, but it did.
                last.told = Err(panic);
            }
            Ok(answers)
        }
    }
}

fn one_by_one<S: Subject + ?Sized>(
    subject: &mut S,
    operations: &[Operation],
    with_wakeups: bool,
) -> Vec<Answer> {
    let mut answers = Vec::with_capacity(operations.len());
    for operation in operations {
        let told = guarded(|| subject.apply(operation));
        let wakeup = (with_wakeups && told.is_ok()).then(|| guarded(|| subject.next_wakeup()));
        let failed = told.is_err() || matches!(wakeup, Some(Err(_)));
        answers.push(Answer { told, wakeup });
        if failed {
            break;
        }
    }
    answers
}

fn guarded<T>(call: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Failure::new("panic: ".to_owned() + message.unwrap_or("of an unknown kind")))
    })
}

/// The first differences of a case, of either kind: one of wake-ups does not hide those after it.
#[derive(Clone, Debug, Default)]
pub(super) struct Differences {
    pub(super) wakeup: Option<Difference>,
    pub(super) behaviour: Option<Difference>,
}

impl Differences {
    /// The one that looks like this.
    pub(super) fn like(self, look: Signature) -> Option<Difference> {
        let found = if look.about == About::Wakeup { self.wakeup } else { self.behaviour };
        found.filter(|found| {
            (found.signature.about, found.signature.kind) == (look.about, look.kind)
        })
    }
}

/// The differences between what the subject tells and what the model says.
pub(super) fn compare<S: Subject + ?Sized>(
    subject: &mut S,
    profile: &Profile,
    operations: &[Operation],
    tally: &mut Tally,
) -> Result<Differences, Failure> {
    let answers = answers(subject, profile, operations)?;
    let mut answers = answers.into_iter();
    let mut after = Model::new(profile);
    let mut found = Differences::default();
    for (place, operation) in operations.iter().enumerate() {
        let before = after.clone();
        let told = after.apply(operation);
        let expected = Expected { profile, operation, before: &before, after: &after, told: &told };
        tally.note(&expected);
        let got = answers.next().unwrap_or_else(|| Answer {
            told: Err(Failure::new("there are no more answers")),
            wakeup: None,
        });
        let behaviour = match (&got.told, &got.wakeup) {
            (Err(_), _) | (_, Some(Err(_))) => Some(expected.no_answer()),
            (Ok(told), _) => expected.differs(told),
        };
        let wakeup = match &got.wakeup {
            Some(Ok(wakeup)) => expected.wakeup_differs(*wakeup),
            Some(Err(_)) | None => None,
        };
        let difference = |signature| Difference {
            place,
            signature,
            expected: told.clone(),
            got: got.clone(),
            now: after.now(),
            earliest: expected.earliest(),
        };
        found.behaviour = behaviour.map(difference);
        if found.wakeup.is_none() {
            // What is done wrongly is scheduled wrongly, and that is no other departure.
            found.wakeup = wakeup.filter(|_| behaviour.is_none()).map(difference);
        }
        if behaviour.is_some() {
            break;
        }
    }
    Ok(found)
}
