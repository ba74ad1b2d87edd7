//! One case on a subject and on the model, up to the first difference.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use super::super::profile::{Guarantee, Profile};
use super::super::{Action, Failure, Model, Observation, Operation, Subject};
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
    pub(super) const fn is_nothing(&self) -> bool {
        self.wakeup.is_none() && self.behaviour.is_none()
    }

    /// The one that looks like this.
    pub(super) fn like(self, look: Signature) -> Option<Difference> {
        let found = if look.about == About::Wakeup { self.wakeup } else { self.behaviour };
        found.filter(|found| {
            (found.signature.about, found.signature.kind) == (look.about, look.kind)
        })
    }
}

/// Wake-ups that are followed after a case: as many as a far deadline takes on its way down a wheel of eight levels.
const FOLLOWED: usize = 8;

/// The differences between what the subject tells and what the model says.
pub(super) fn compare<S: Subject + ?Sized>(
    subject: &mut S,
    profile: &Profile,
    operations: &[Operation],
    tally: &mut Tally,
) -> Result<Differences, Failure> {
    let mut comparison = Comparison::new(profile, tally);
    comparison.all(subject, operations)?;
    Ok(comparison.found)
}

/// The same; then, if nothing differs, lets time pass to the wake-ups that the subject tells, one after the other: it
/// must get somewhere. What is done for that is added to the operations.
pub(super) fn compare_and_follow<S: Subject + ?Sized>(
    subject: &mut S,
    profile: &Profile,
    operations: &mut Vec<Operation>,
    tally: &mut Tally,
) -> Result<Differences, Failure> {
    let mut comparison = Comparison::new(profile, tally);
    let mut last = comparison.all(subject, operations)?;
    for _ in 0..FOLLOWED {
        let Some(Answer { wakeup: Some(Ok(Some(wakeup))), .. }) = last else { break };
        // What is due already is fetched now; else at the first instant that the profile has from there on.
        let unit = profile.instant_unit();
        let wakeup = wakeup.max(comparison.after.now());
        let at = wakeup.checked_next_multiple_of(unit).filter(|at| *at <= profile.last_instant);
        let (Some(at), true) = (at, comparison.found.is_nothing()) else { break };
        let operation = Operation { at, action: Action::Advance };
        operations.push(operation);
        last = one_by_one(subject, &[operation], true).pop();
        comparison.one(operation, last.clone());
    }
    Ok(comparison.found)
}

/// The model beside the subject.
struct Comparison<'a> {
    profile: &'a Profile,
    tally: &'a mut Tally,
    after: Model,
    /// Every activity that was to be scheduled.
    scheduled: BTreeSet<u32>,
    done: usize,
    found: Differences,
}

impl<'a> Comparison<'a> {
    fn new(profile: &'a Profile, tally: &'a mut Tally) -> Self {
        let (after, found) = (Model::new(profile), Differences::default());
        Self { profile, tally, after, scheduled: BTreeSet::new(), done: 0, found }
    }

    /// Compares a case from a reset on, up to the first difference in behaviour; returns the last answer.
    fn all<S: Subject + ?Sized>(
        &mut self,
        subject: &mut S,
        operations: &[Operation],
    ) -> Result<Option<Answer>, Failure> {
        let answers = answers(subject, self.profile, operations)?;
        let last = answers.last().cloned();
        let mut answers = answers.into_iter();
        for operation in operations {
            self.one(*operation, answers.next());
            if self.found.behaviour.is_some() {
                break;
            }
        }
        Ok(last)
    }

    /// Compares the answer to the next operation.
    fn one(&mut self, operation: Operation, got: Option<Answer>) {
        let before = self.after.clone();
        let told = self.after.apply(&operation);
        let activity = operation.action.activity();
        let was_scheduled = activity.is_some_and(|activity| self.scheduled.contains(&activity));
        if let Action::Schedule { activity, .. } = operation.action {
            self.scheduled.insert(activity);
        }
        let expected = Expected {
            profile: self.profile,
            operation: &operation,
            before: &before,
            after: &self.after,
            told: &told,
            was_scheduled,
        };
        self.tally.note(&expected);
        let got = got.unwrap_or_else(|| Answer {
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
            place: self.done,
            signature,
            expected: told.clone(),
            got: got.clone(),
            now: self.after.now(),
            earliest: expected.earliest(),
        };
        self.found.behaviour = behaviour.map(difference);
        if self.found.wakeup.is_none() {
            // What is done wrongly is scheduled wrongly, and that is no other departure.
            self.found.wakeup = wakeup.filter(|_| behaviour.is_none()).map(difference);
        }
        self.done += 1;
    }
}
