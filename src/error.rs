//! Why a command was refused. A refusal changes nothing but the newest time seen, and hands back
//! whatever the host passed in.

use core::fmt;

use crate::{ActivityId, Jump};

/// Why a command about an existing activity was refused.
///
/// [`NotOpen`](Self::NotOpen) is checked before any other reason that an activity may have and is the same for an activity
/// that is due, closed, recycled or was never issued: an error does not tell when the host polled.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum CommandError {
    /// The activity has closed, is due to time out, or never was. Drop the id; if the activity was
    /// due, `poll` delivers its timeout.
    #[error("activity {id} is not open: drop the id, a timeout that is due comes from poll")]
    NotOpen {
        /// The id that the command named.
        id: ActivityId,
    },
    /// A heartbeat or a close for an activity that no worker has started. Call `start` first.
    #[error("activity {id} has not started: start it first")]
    NotStarted {
        /// The id that the command named.
        id: ActivityId,
    },
    /// A second start. The first one stands.
    #[error("activity {id} has already started: the first start stands")]
    AlreadyStarted {
        /// The id that the command named.
        id: ActivityId,
    },
    /// A suspension of a suspended activity. The first one stands.
    #[error("activity {id} is already suspended: the first suspension stands")]
    AlreadySuspended {
        /// The id that the command named.
        id: ActivityId,
    },
    /// A resumption of an activity that is not suspended.
    #[error("activity {id} is not suspended: its clocks run")]
    NotSuspended {
        /// The id that the command named.
        id: ActivityId,
    },
    /// The clock has jumped further than the configuration allows. Nothing was done, and the time was not taken
    /// for seen. Accept the jump by `recover`, or call again with a saner time.
    #[error("{0}: accept it by recover, or call again with a saner time")]
    JumpPending(#[from] Jump),
}

/// A refused heartbeat: the reason, and the details handed back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct HeartbeatError<D> {
    /// The details that the host passed in.
    pub details: Option<D>,
    /// Why they were not accepted.
    pub reason: CommandError,
}

impl<D> fmt::Display for HeartbeatError<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "heartbeat refused: {}", self.reason)
    }
}

impl<D: fmt::Debug> core::error::Error for HeartbeatError<D> {}

/// A refused `schedule`: the reason, and the key handed back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ScheduleError<K> {
    /// The key that the host passed in.
    pub key: K,
    /// Why it was not accepted.
    pub reason: ScheduleRefusal,
}

impl<K> fmt::Display for ScheduleError<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "schedule refused: {}", self.reason)
    }
}

impl<K: fmt::Debug> core::error::Error for ScheduleError<K> {}

/// Why an activity was not scheduled.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum ScheduleRefusal {
    /// As many activities are open as the configuration allows; those that are due but not yet
    /// polled count. Drain `poll`, close some, or configure more.
    #[error("{max_open} activities are open, as many as configured: drain poll, close some, or raise the maximum")]
    AtCapacity {
        /// The configured maximum.
        max_open: u32,
    },
    /// The clock has jumped further than the configuration allows. Nothing was done, and the time was not taken
    /// for seen. Accept the jump by `recover`, or call again with a saner time.
    #[error("{0}: accept it by recover, or call again with a saner time")]
    JumpPending(Jump),
    /// Every slot of the index space is in use or retired. Start a new engine.
    #[error("every slot is in use or used up: start a new engine")]
    Exhausted,
}
