//! What an implementation must offer to be checked.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::{Observation, Operation};

/// An implementation that can be checked.
///
/// It answers each operation with what came of it, in the order of happening. One that may be driven late
/// ([`Driving::Late`](super::Driving)) delivers timeouts at `Advance` alone. One that drains
/// ([`Driving::Drained`](super::Driving)) first lets time pass to the instant of the operation and tells all that
/// is due, then answers; after `Recover`, which may postpone what is due, it does so in the reverse order; and
/// before `Snapshot`, which takes no time, not at all.
///
/// `Advance` has no answer of its own, nor has `AdvanceAtMost`. Every other operation has one: what its name says, or
/// [`Observation::Refused`].
pub trait Subject {
    /// Forgets everything: nothing is scheduled, no time was seen.
    ///
    /// # Errors
    ///
    /// If that cannot be done. The check ends there, and so it does at a panic.
    fn reset(&mut self) -> Result<(), Failure>;

    /// Does one thing, and tells what came of it.
    ///
    /// # Errors
    ///
    /// If there is no answer at all: a crash, a timeout, a closed pipe. That is a difference like any other, and
    /// the check goes on with a [`reset`](Self::reset).
    fn apply(&mut self, operation: &Operation) -> Result<Vec<Observation>, Failure>;

    /// When to let time pass next; asked only where the profile claims
    /// [`Guarantee::Wakeups`](super::Guarantee::Wakeups).
    ///
    /// # Errors
    ///
    /// As [`apply`](Self::apply).
    fn next_wakeup(&mut self) -> Result<Option<u64>, Failure> {
        Err(Failure::new("wake-ups are claimed, and Subject::next_wakeup is not implemented"))
    }

    /// Does several things, one after the other, and stops at the first that has no answer: a program behind a
    /// pipe may get them all in one write. Used where no wake-ups are asked for.
    fn apply_all(&mut self, operations: &[Operation]) -> Vec<Result<Vec<Observation>, Failure>> {
        let mut answers = Vec::with_capacity(operations.len());
        for operation in operations {
            let answer = self.apply(operation);
            let failed = answer.is_err();
            answers.push(answer);
            if failed {
                break;
            }
        }
        answers
    }
}

impl<S: Subject + ?Sized> Subject for &mut S {
    fn reset(&mut self) -> Result<(), Failure> {
        (**self).reset()
    }

    fn apply(&mut self, operation: &Operation) -> Result<Vec<Observation>, Failure> {
        (**self).apply(operation)
    }

    fn next_wakeup(&mut self) -> Result<Option<u64>, Failure> {
        (**self).next_wakeup()
    }

    fn apply_all(&mut self, operations: &[Operation]) -> Vec<Result<Vec<Observation>, Failure>> {
        (**self).apply_all(operations)
    }
}

/// Why there is no answer, in words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure(String);

impl Failure {
    /// From whatever can be said, an error for example.
    pub fn new(reason: impl ToString) -> Self {
        Self(reason.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for Failure {}
