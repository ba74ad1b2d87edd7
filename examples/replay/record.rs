//! What happens in a replay, in the order of happening, for whichever output is chosen.

use std::io;
use std::rc::Rc;

use heartwheel::{Stats, TimedOut, Timeouts, Timestamp};

use super::command::Recover;
use super::seconds::Seconds;

/// The engine's key: the activityId, shared with the session's own table until a snapshot parts them.
pub(crate) type Key = Rc<str>;
/// Heartbeat details.
pub(crate) type Details = Box<str>;

/// Shows records to people or to programs.
pub(crate) trait Output {
    fn record(&mut self, record: &Record<'_>) -> io::Result<()>;
    /// Everything since the beginning, or since the last Reset, has been told.
    fn chapter(&mut self, closing: &Closing) -> io::Result<()>;
    fn flush(&mut self) -> io::Result<()>;
}

#[derive(Debug)]
pub(crate) struct Record<'a> {
    /// The deadline for a timeout, the line's instant for anything else.
    pub(crate) at: Timestamp,
    pub(crate) what: What<'a>,
}

#[derive(Debug)]
pub(crate) enum What<'a> {
    /// An activity's history goes on.
    Event {
        run: Run<'a>,
        event: Event<'a>,
    },
    /// A heartbeat was accepted.
    Heartbeat {
        run: Run<'a>,
        details: Option<&'a str>,
        cancel_requested: bool,
    },
    /// A run goes on with other timeouts.
    TimeoutsUpdated {
        run: Run<'a>,
        timeouts: Timeouts,
    },
    /// A run's clocks stand still.
    Suspended {
        run: Run<'a>,
    },
    /// A run's clocks go on, after so long.
    Resumed {
        run: Run<'a>,
        suspended: Seconds,
    },
    /// A command about a run that is closed, unknown or in the wrong state.
    Fault {
        run: Run<'a>,
        action: &'static str,
        message: &'a str,
    },
    /// Only time went by.
    Advanced,
    /// The host came back from a silence.
    Recovered {
        recover: Recover,
        /// How many heartbeat clocks it moved.
        moved: usize,
    },
    /// The engine went through bytes and back.
    Snapshot,
    Synced,
    Reset,
}

/// One scheduling of an activityId.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'a> {
    pub(crate) activity_id: &'a str,
    /// Counts from 1; 0 if the activityId was never scheduled.
    pub(crate) number: u64,
}

/// SWF's history events.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event<'a> {
    Scheduled(Timeouts),
    Started,
    CancelRequested,
    Completed { result: Option<&'a str> },
    Failed { reason: Option<&'a str>, details: Option<&'a str> },
    Canceled { details: Option<&'a str> },
    TimedOut(&'a TimedOut<Key, Details>),
    ScheduleFailed { cause: &'static str },
    RequestCancelFailed { cause: &'static str },
}

/// How things stand when a chapter ends.
#[derive(Debug)]
pub(crate) struct Closing {
    pub(crate) newest: Timestamp,
    /// The earliest deadline of an activity that is still open.
    pub(crate) next_deadline: Option<Timestamp>,
    pub(crate) open: usize,
    pub(crate) refused: u64,
    pub(crate) stats: Stats,
}
