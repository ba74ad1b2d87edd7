//! What happened in worlds, counted: nothing is proved by what never happens.

use core::ops::AddAssign;

use heartwheel::{CommandError, TimeoutType};

use crate::record::{Answer, Why};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Seen {
    MessageLost,
    MessageDuplicated,
    CallMissedTheHost,
    WokeUpLate,
    HostSuspended,
    BacklogServed,
    ClockSteppedForward,
    ClockSteppedBack,
    DiedBeforeWriting,
    DiedBeforeIssuing,
    DiedBeforeTelling,
    DiedAmidDrain,
    DiedWhileComingBack,
    CameBackToTheSameBytes,
    RecoveryMovedAClock,
    JumpWaitedOut,
    JumpAccepted,
    RefusedAtCapacity,
    RefusedNotOpen,
    RefusedNotStarted,
    RefusedAlreadyStarted,
    CancellationShown,
    ActivitySuspended,
    TimeoutsUpdated,
    HeartbeatTimeout,
    OtherTimeout,
    TimeoutWithDetails,
    TimeoutOfTheRecovered,
    PromptTimeout,
    CompletedInTheCalm,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) worlds: u64,
    /// Commands and polls that an engine answered and a judge judged.
    pub(crate) operations: u64,
    /// Those that were answered again after a crash.
    pub(crate) replayed: u64,
    pub(crate) simulated_ms: u64,
    seen: [u64; Self::KINDS],
}

impl Tally {
    const KINDS: usize = Seen::CompletedInTheCalm as usize + 1;

    pub(crate) fn count(&mut self, seen: Seen) {
        self.seen[seen as usize] += 1;
    }

    pub(crate) fn count_answer(&mut self, answer: &Answer) {
        if let Answer::TimedOut { due: (_, named), story, .. } = answer {
            let is_heartbeat = *named == TimeoutType::Heartbeat;
            self.count(if is_heartbeat { Seen::HeartbeatTimeout } else { Seen::OtherTimeout });
            if story.details.is_some() {
                self.count(Seen::TimeoutWithDetails);
            }
            if story.recovered > 0 {
                self.count(Seen::TimeoutOfTheRecovered);
            }
            return;
        }
        if let Answer::Refused { why, .. } = answer {
            return self.count_refusal(*why);
        }
        if matches!(answer, Answer::Beat { cancel_requested: true, .. }) {
            self.count(Seen::CancellationShown);
        } else if matches!(answer, Answer::Suspended) {
            self.count(Seen::ActivitySuspended);
        } else if matches!(answer, Answer::Updated { .. }) {
            self.count(Seen::TimeoutsUpdated);
        }
    }

    fn count_refusal(&mut self, why: Why) {
        match why {
            Why::AtCapacity { .. } => self.count(Seen::RefusedAtCapacity),
            Why::Command(CommandError::NotOpen { .. }) => self.count(Seen::RefusedNotOpen),
            Why::Command(CommandError::NotStarted { .. }) => self.count(Seen::RefusedNotStarted),
            Why::Command(CommandError::AlreadyStarted { .. }) => {
                self.count(Seen::RefusedAlreadyStarted);
            }
            Why::Command(_) | Why::JumpPending { .. } => {}
        }
    }

    /// How often each was seen, in the order above.
    pub(crate) fn seen(&self) -> &[u64] {
        &self.seen
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.worlds += other.worlds;
        self.operations += other.operations;
        self.replayed += other.replayed;
        self.simulated_ms += other.simulated_ms;
        for (sum, count) in self.seen.iter_mut().zip(other.seen) {
            *sum += count;
        }
    }
}
