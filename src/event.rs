//! What the engine tells the host: events, replies, and what is known of an activity.

use core::fmt;
use core::time::Duration;

use crate::{ActivityId, TimeoutType, Timeouts, Timestamp};

/// Something that happened by the passing of time; what [`poll`](crate::Engine::poll) returns.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Event<K, D> {
    /// An activity timed out: SWF's ActivityTaskTimedOut.
    TimedOut(TimedOut<K, D>),
    /// The time given is further past the newest seen than [`Config::with_max_jump`](crate::Config::with_max_jump)
    /// allows: nothing was done, and every `poll` at such a time says so until
    /// [`recover`](crate::Engine::recover) accepts the jump, or the host goes on with a saner clock. Only engines
    /// that are configured so say it.
    JumpPending(Jump),
}

/// A step of the clock that is larger than the configuration allows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Jump {
    /// The newest time seen.
    pub from: Timestamp,
    /// The time given.
    pub to: Timestamp,
}

impl core::error::Error for Jump {}

impl fmt::Display for Jump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a jump from {} to {} is pending", self.from, self.to)
    }
}

/// A timeout, with everything a host needs to explain it: when it fell due, when it was observed,
/// and the activity's whole story.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct TimedOut<K, D> {
    /// Which timeout ended the activity.
    pub timeout_type: TimeoutType,
    /// The instant it fell due: the time of the event.
    pub deadline: Timestamp,
    /// The instant of the `poll` that delivered it, never before the deadline.
    pub observed_at: Timestamp,
    /// The activity as it was at its end.
    pub activity: Evidence<K, D>,
}

/// What the engine knows of one activity.
///
/// Owned in events and closes; by reference (`Evidence<&K, &D>`) in views.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Evidence<K, D> {
    /// The engine's id for it.
    pub id: ActivityId,
    /// The host's key for it.
    pub key: K,
    /// When it was scheduled.
    pub scheduled_at: Timestamp,
    /// When it started, if it did.
    pub started_at: Option<Timestamp>,
    /// When the last accepted heartbeat came, if any did.
    pub last_heartbeat_at: Option<Timestamp>,
    /// How many heartbeats were accepted.
    pub heartbeats: u64,
    /// The details last reported, if any were.
    pub details: Option<D>,
    /// When cancellation was first requested, if it was.
    pub cancel_requested_at: Option<Timestamp>,
    /// How many recoveries have moved its heartbeat clock since its last heartbeat, or since its start if there
    /// was none: a host that recovers over and over sees here whom it keeps alive unheard.
    pub recovered: u32,
    /// For how long it was suspended in all, the suspension that goes on not counted.
    pub suspended: Duration,
    /// When the suspension that goes on began, if it is suspended.
    pub suspended_at: Option<Timestamp>,
}

/// A deadline of an activity: an instant, and the timeout that yields it.
///
/// Ordered as the engine chooses among several: earliest first, then by [`TimeoutType`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Deadline {
    /// The instant; the activity is due when `now` reaches it.
    pub at: Timestamp,
    /// The timeout that is named if it comes to that.
    pub timeout_type: TimeoutType,
}

/// The reply to an accepted heartbeat: SWF's answer to RecordActivityTaskHeartbeat, and more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Heartbeat {
    /// Cancellation has been requested: the worker should stop if it can, and may go on if it cannot.
    pub cancel_requested: bool,
    /// The nearest deadline from here on; `None` if none is armed.
    pub deadline: Option<Deadline>,
}

/// What became of a request to cancel.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum CancelOutcome<K, D> {
    /// The activity had not started: it is closed as canceled, and no worker is involved.
    Canceled(Closed<K, D>),
    /// The activity runs on; every later heartbeat's reply says that cancellation is requested.
    Requested {
        /// The instant of the first request, which a repeated one does not move.
        first_requested_at: Timestamp,
    },
}

/// How a worker's activity ended, as the host reports it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Outcome {
    /// The work is done.
    Completed,
    /// The work failed.
    Failed,
    /// The work was given up; accepted whether or not anybody asked (SWF is silent, the choice is ours).
    Canceled,
}

/// A closed activity, its key and details handed back.
pub type Closed<K, D> = Evidence<K, D>;

/// One open activity, as it stands. One that is due but not yet polled counts as open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ActivityView<'a, K, D> {
    /// What the engine knows of it.
    pub evidence: Evidence<&'a K, &'a D>,
    /// The timeouts it was given.
    pub timeouts: Timeouts,
    /// Its nearest deadline, which may have passed; `None` if none is armed.
    pub deadline: Option<Deadline>,
}
