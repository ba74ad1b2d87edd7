//! What an implementation tells its host.

use alloc::collections::BTreeMap;
use alloc::string::String;

use super::profile::Told;
use crate::{Outcome, TimeoutType};

/// One thing that an implementation tells. An answer is about the activity that the operation named; a
/// timeout names its own.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Observation {
    /// An activity timed out.
    TimedOut(TimedOut),
    /// It is scheduled.
    Scheduled,
    /// It has started.
    Started,
    /// Its heartbeat was accepted.
    Heartbeat {
        /// The worker is told that cancellation has been requested.
        cancel_requested: bool,
    },
    /// The request to cancel it is noted. One that had not started is then also [`Closed`](Self::Closed) as
    /// canceled.
    CancelRequested,
    /// It is closed.
    Closed(Outcome),
    /// It is dropped.
    Abandoned,
    /// It has other timeouts.
    Updated,
    /// Its clocks stand still.
    Suspended,
    /// Its clocks go on.
    Resumed,
    /// The silence is over.
    Recovered,
    /// Everything was stored and restored.
    Snapshot,
    /// The command was refused.
    Refused(Refusal),
    /// Anything else, in the implementation's own words. No operation calls for it.
    Other(String),
}

impl Observation {
    /// The timeout, if it is one.
    #[must_use]
    pub const fn timed_out(&self) -> Option<&TimedOut> {
        if let Self::TimedOut(timed_out) = self {
            Some(timed_out)
        } else {
            None
        }
    }
}

/// Why a command was refused.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// The activity is due, is closed or never was.
    NotOpen,
    /// A heartbeat or a close of an activity that has not started.
    NotStarted,
    /// A second start.
    AlreadyStarted,
    /// A suspension of one that is suspended.
    AlreadySuspended,
    /// A resumption of one that is not suspended.
    NotSuspended,
    /// As many are open as there may be.
    AtCapacity,
    /// The clock has jumped further than is believed.
    JumpPending,
    /// The implementation gives no reason, or one that has no name here.
    Unspecified,
}

/// A timeout, and what is told with it.
#[allow(
    clippy::exhaustive_structs,
    reason = "a timeout is these; evidence grows in its own struct"
)]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TimedOut {
    /// Which activity.
    pub activity: u32,
    /// Which of its timeouts.
    pub timeout_type: TimeoutType,
    /// What is told beside it.
    pub evidence: Evidence,
}

/// What a timeout may tell beside the activity and its own type. Which of it an implementation tells is in its
/// [`Profile`](super::Profile); the rest is left as it is by default, and not looked at. Instants and spans are in
/// milliseconds.
///
/// ```
/// use heartwheel::conformance::Evidence;
///
/// let mut evidence = Evidence::default();
/// evidence.deadline = 30_000;
/// evidence.details = Some(7);
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Evidence {
    /// The instant it fell due.
    pub deadline: u64,
    /// The instant it was delivered.
    pub observed_at: u64,
    /// When the activity was scheduled.
    pub scheduled_at: u64,
    /// When it started, if it did.
    pub started_at: Option<u64>,
    /// When its last accepted heartbeat came, if any did.
    pub last_heartbeat_at: Option<u64>,
    /// How many heartbeats were accepted.
    pub heartbeats: u64,
    /// The details last reported, if any were.
    pub details: Option<u32>,
    /// When cancellation was first requested, if it was.
    pub cancel_requested_at: Option<u64>,
    /// How many recoveries have moved its heartbeat clock since its last heartbeat or its start.
    pub recovered: u32,
    /// For how long it was suspended in all.
    pub suspended: u64,
    /// What was told in a form that cannot be read, word for word: a date where seconds are expected, say. That is
    /// no way to tell what the profile claims.
    pub unreadable: BTreeMap<Told, String>,
}
