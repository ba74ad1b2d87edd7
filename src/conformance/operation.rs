//! What a host does: operations with their instants, in numbers alone.

use core::time::Duration;

use crate::{Outcome, Recovery, Timeouts};

/// One thing that a host does, and when. Times are in milliseconds.
///
/// An instant older than one before it is a clock that runs backwards, and counts as the newest
/// (sentence 11 of the [contract](crate#the-contract)).
#[allow(clippy::exhaustive_structs, reason = "an instant and an action are all there is to it")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Operation {
    /// The host's clock.
    pub at: u64,
    /// What the host does.
    pub action: Action,
}

/// What a host can do. An activity is named by the number of its scheduling, counted from 0 and never used
/// again; generators name it by [`Whom`](super::Whom).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action<A = u32> {
    /// Schedules an activity.
    Schedule {
        /// A number that no activity had before.
        activity: A,
        /// Its timeouts.
        limits: Limits,
    },
    /// A worker starts it.
    Start {
        /// Which one.
        activity: A,
    },
    /// Its worker reports that it makes progress.
    Heartbeat {
        /// Which one.
        activity: A,
        /// What the worker reports with it, if anything.
        details: Option<u32>,
    },
    /// Asks for its end.
    RequestCancel {
        /// Which one.
        activity: A,
    },
    /// Its worker reports its end.
    Close {
        /// Which one.
        activity: A,
        /// How it ended.
        outcome: Outcome,
    },
    /// The host drops it, started or not.
    Abandon {
        /// Which one.
        activity: A,
    },
    /// Gives it other timeouts, in place of all that it had.
    UpdateTimeouts {
        /// Which one.
        activity: A,
        /// Its timeouts from now on.
        limits: Limits,
    },
    /// Stops its clocks.
    Suspend {
        /// Which one.
        activity: A,
    },
    /// Lets its clocks go on.
    Resume {
        /// Which one.
        activity: A,
    },
    /// Lets time pass, and delivers all that is due.
    Advance,
    /// The same, but delivers at most so many timeouts; the others stay due.
    AdvanceAtMost(usize),
    /// Comes back from a silence, and says what that means for heartbeats.
    Recover {
        /// What becomes of heartbeat deadlines.
        policy: Policy,
        /// Deadlines that are moved are spread over so many milliseconds.
        spread: u64,
    },
    /// Stores everything and restores it; takes no time, whatever the instant.
    Snapshot,
}

impl<A: Copy> Action<A> {
    /// Which activity it names, if it names one.
    pub const fn activity(&self) -> Option<A> {
        match *self {
            Self::Schedule { activity, .. }
            | Self::Start { activity }
            | Self::Heartbeat { activity, .. }
            | Self::RequestCancel { activity }
            | Self::Close { activity, .. }
            | Self::Abandon { activity }
            | Self::UpdateTimeouts { activity, .. }
            | Self::Suspend { activity }
            | Self::Resume { activity } => Some(activity),
            Self::Advance | Self::AdvanceAtMost(_) | Self::Recover { .. } | Self::Snapshot => None,
        }
    }

    /// The same with its activity named otherwise.
    #[must_use]
    pub fn rename<B>(self, rename: impl FnOnce(A) -> B) -> Action<B> {
        match self {
            Self::Schedule { activity, limits } => {
                Action::Schedule { activity: rename(activity), limits }
            }
            Self::Start { activity } => Action::Start { activity: rename(activity) },
            Self::Heartbeat { activity, details } => {
                Action::Heartbeat { activity: rename(activity), details }
            }
            Self::RequestCancel { activity } => {
                Action::RequestCancel { activity: rename(activity) }
            }
            Self::Close { activity, outcome } => {
                Action::Close { activity: rename(activity), outcome }
            }
            Self::Abandon { activity } => Action::Abandon { activity: rename(activity) },
            Self::UpdateTimeouts { activity, limits } => {
                Action::UpdateTimeouts { activity: rename(activity), limits }
            }
            Self::Suspend { activity } => Action::Suspend { activity: rename(activity) },
            Self::Resume { activity } => Action::Resume { activity: rename(activity) },
            Self::Advance => Action::Advance,
            Self::AdvanceAtMost(count) => Action::AdvanceAtMost(count),
            Self::Recover { policy, spread } => Action::Recover { policy, spread },
            Self::Snapshot => Action::Snapshot,
        }
    }
}

impl<A> Action<A> {
    /// The timeouts that it gives, if it gives some.
    pub const fn limits(&self) -> Option<&Limits> {
        if let Self::Schedule { limits, .. } | Self::UpdateTimeouts { limits, .. } = self {
            Some(limits)
        } else {
            None
        }
    }

    pub(crate) fn limits_mut(&mut self) -> Option<&mut Limits> {
        if let Self::Schedule { limits, .. } | Self::UpdateTimeouts { limits, .. } = self {
            Some(limits)
        } else {
            None
        }
    }
}

/// The four timeouts of an activity in milliseconds; `None` is NONE.
#[allow(clippy::exhaustive_structs, reason = "the SWF API version that has the four is frozen")]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Limits {
    /// From scheduling to start.
    pub schedule_to_start: Option<u64>,
    /// From scheduling to close.
    pub schedule_to_close: Option<u64>,
    /// From start to close.
    pub start_to_close: Option<u64>,
    /// From the later of start and last heartbeat to the next heartbeat.
    pub heartbeat: Option<u64>,
}

impl Limits {
    /// The four, in the order of their declaration.
    pub(crate) fn each_mut(&mut self) -> [&mut Option<u64>; 4] {
        [
            &mut self.schedule_to_start,
            &mut self.schedule_to_close,
            &mut self.start_to_close,
            &mut self.heartbeat,
        ]
    }

    /// How long those are that are given.
    pub(crate) fn given(mut self) -> impl Iterator<Item = u64> {
        self.each_mut().map(|limit| *limit).into_iter().flatten()
    }

    /// The same, as this crate's engine takes them.
    #[must_use]
    pub fn timeouts(&self) -> Timeouts {
        let mut timeouts = Timeouts::NONE;
        if let Some(millis) = self.schedule_to_start {
            timeouts = timeouts.with_schedule_to_start(Duration::from_millis(millis));
        }
        if let Some(millis) = self.schedule_to_close {
            timeouts = timeouts.with_schedule_to_close(Duration::from_millis(millis));
        }
        if let Some(millis) = self.start_to_close {
            timeouts = timeouts.with_start_to_close(Duration::from_millis(millis));
        }
        if let Some(millis) = self.heartbeat {
            timeouts = timeouts.with_heartbeat(Duration::from_millis(millis));
        }
        timeouts
    }
}

/// What a recovery does to heartbeat deadlines.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Policy {
    /// They stand.
    Absolute,
    /// Every heartbeat clock starts anew.
    Rearm,
    /// None comes sooner than this many milliseconds from now.
    Grace(u64),
}

impl Policy {
    /// The same with its spread, as this crate's engine takes it.
    #[must_use]
    pub const fn recovery(self, spread: u64) -> Recovery {
        let recovery = match self {
            Self::Absolute => Recovery::ABSOLUTE,
            Self::Rearm => Recovery::REARM,
            Self::Grace(millis) => Recovery::grace(Duration::from_millis(millis)),
        };
        recovery.with_spread(Duration::from_millis(spread))
    }
}
