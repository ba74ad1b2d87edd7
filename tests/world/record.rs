//! What host and engine say to each other, as plain data: the lines of the host's journal, and the answers.

use core::borrow::Borrow;
use core::time::Duration;

use heartwheel::{
    ActivityId, CommandError, Deadline, Evidence, Outcome, Recovery, TimeoutType, Timeouts,
};

/// The four timeouts in milliseconds; `None` is NONE.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Terms {
    pub(crate) schedule_to_start: Option<u64>,
    pub(crate) schedule_to_close: Option<u64>,
    pub(crate) start_to_close: Option<u64>,
    pub(crate) heartbeat: Option<u64>,
}

impl From<Terms> for Timeouts {
    fn from(terms: Terms) -> Self {
        let mut timeouts = Self::NONE;
        if let Some(millis) = terms.schedule_to_start {
            timeouts = timeouts.with_schedule_to_start(Duration::from_millis(millis));
        }
        if let Some(millis) = terms.schedule_to_close {
            timeouts = timeouts.with_schedule_to_close(Duration::from_millis(millis));
        }
        if let Some(millis) = terms.start_to_close {
            timeouts = timeouts.with_start_to_close(Duration::from_millis(millis));
        }
        if let Some(millis) = terms.heartbeat {
            timeouts = timeouts.with_heartbeat(Duration::from_millis(millis));
        }
        timeouts
    }
}

/// What a host says a silence means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Recovering {
    pub(crate) policy: Policy,
    pub(crate) spread: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Policy {
    Absolute,
    Rearm,
    Grace(u64),
}

impl From<Recovering> for Recovery {
    fn from(recovering: Recovering) -> Self {
        let recovery = match recovering.policy {
            Policy::Absolute => Self::ABSOLUTE,
            Policy::Rearm => Self::REARM,
            Policy::Grace(millis) => Self::grace(Duration::from_millis(millis)),
        };
        recovery.with_spread(Duration::from_millis(recovering.spread))
    }
}

/// A line of the journal: all that an answer depends on.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) now: u64,
    pub(crate) command: Command,
}

#[derive(Clone, Debug)]
pub(crate) enum Command {
    Schedule { key: u32, terms: Terms },
    Start { id: ActivityId },
    Heartbeat { id: ActivityId, details: Option<u64> },
    Heartbeats(Vec<(ActivityId, Option<u64>)>),
    RequestCancel { id: ActivityId },
    Close { id: ActivityId, outcome: Outcome },
    Abandon { id: ActivityId },
    UpdateTimeouts { id: ActivityId, terms: Terms },
    Suspend { id: ActivityId },
    Resume { id: ActivityId },
    Recover(Recovering),
    Poll,
    Shrink,
}

/// An instant, and which timeout ends there.
pub(crate) type Due = (u64, TimeoutType);

/// All that an activity's evidence says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Story {
    pub(crate) id: ActivityId,
    pub(crate) key: u32,
    pub(crate) scheduled_at: u64,
    pub(crate) started_at: Option<u64>,
    pub(crate) last_heartbeat_at: Option<u64>,
    pub(crate) heartbeats: u64,
    pub(crate) details: Option<u64>,
    pub(crate) cancel_requested_at: Option<u64>,
    pub(crate) recovered: u32,
    pub(crate) suspended: u64,
    pub(crate) suspended_at: Option<u64>,
}

impl<K: Borrow<u32>, D: Borrow<u64>> From<&Evidence<K, D>> for Story {
    fn from(evidence: &Evidence<K, D>) -> Self {
        Self {
            id: evidence.id,
            key: *evidence.key.borrow(),
            scheduled_at: evidence.scheduled_at.as_millis(),
            started_at: evidence.started_at.map(|at| at.as_millis()),
            last_heartbeat_at: evidence.last_heartbeat_at.map(|at| at.as_millis()),
            heartbeats: evidence.heartbeats,
            details: evidence.details.as_ref().map(|details| *details.borrow()),
            cancel_requested_at: evidence.cancel_requested_at.map(|at| at.as_millis()),
            recovered: evidence.recovered,
            suspended: u64::try_from(evidence.suspended.as_millis()).unwrap(),
            suspended_at: evidence.suspended_at.map(|at| at.as_millis()),
        }
    }
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Answer {
    Scheduled(ActivityId),
    Started,
    Beat {
        cancel_requested: bool,
        next: Option<Due>,
    },
    Beats(Vec<Self>),
    CancelRequested {
        first_requested_at: u64,
    },
    Closed(Story),
    Updated {
        next: Option<Due>,
    },
    Suspended,
    Resumed {
        took: u64,
    },
    Recovered {
        moved: usize,
    },
    TimedOut {
        due: Due,
        observed_at: u64,
        story: Story,
    },
    /// Nothing more is due.
    Quiet,
    Shrunk,
    /// With what is handed back: a key or details.
    Refused {
        why: Why,
        handed_back: Option<u64>,
    },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Why {
    Command(CommandError),
    AtCapacity { max_open: u64 },
    JumpPending { from: u64, to: u64 },
}

impl Answer {
    pub(crate) fn is_jump_pending(&self) -> bool {
        matches!(self, Self::Refused { why: Why::JumpPending { .. }, .. })
            // All of a batch are refused for it, or none.
            || matches!(self, Self::Beats(beats) if beats.iter().any(Self::is_jump_pending))
    }
}

pub(crate) fn due(deadline: Deadline) -> Due {
    (deadline.at.as_millis(), deadline.timeout_type)
}
