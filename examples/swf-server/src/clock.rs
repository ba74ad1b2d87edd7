//! The server's clock: the system's, or one that stands still until it is told to move.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::ValueEnum;
use heartwheel::Timestamp;

/// Where a manual clock starts: a round number that no test takes for now.
pub const MANUAL_START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// Which clock.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum ClockKind {
    /// The system's.
    System,
    /// Moved by POST /control/advance alone, for tests.
    Manual,
}

#[derive(Debug)]
pub enum Clock {
    System,
    /// In milliseconds since the epoch.
    Manual(AtomicU64),
}

impl Clock {
    /// A manual clock never starts before the newest time that a snapshot has seen.
    #[must_use]
    pub fn new(kind: ClockKind, seen: Timestamp) -> Self {
        match kind {
            ClockKind::System => Self::System,
            ClockKind::Manual => Self::Manual(AtomicU64::new(MANUAL_START.max(seen).as_millis())),
        }
    }

    #[must_use]
    pub fn kind(&self) -> ClockKind {
        match self {
            Self::System => ClockKind::System,
            Self::Manual(_) => ClockKind::Manual,
        }
    }

    /// A system clock before 1970 is at 1970.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
            }
            Self::Manual(millis) => Timestamp::from_millis(millis.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock; the system's is not moved.
    pub fn set(&self, now: Timestamp) {
        match self {
            Self::System => {}
            Self::Manual(millis) => millis.store(now.as_millis(), Ordering::SeqCst),
        }
    }
}
