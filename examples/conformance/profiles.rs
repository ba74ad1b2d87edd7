//! What a program may claim to be, by name.

use clap::ValueEnum;
use heartwheel::conformance::{Command, Guarantee, HeartbeatStart, LateCalls, Profile, Told};
use heartwheel::TimeoutType;

/// A hundred years of 365 days in milliseconds. The date types of other languages end somewhere, Python's with the year
/// 9999; that is no fault of what is checked.
const CENTURY: u64 = 100 * 31_536_000_000;

/// A profile's name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Claims {
    /// All of the contract that replay's lines can say
    Heartwheel,
    /// Amazon SWF's activity tasks
    Swf,
    /// What resembles one attempt of an activity of Temporal's
    Temporal,
    /// What resembles one attempt of an activity of Cadence's
    Cadence,
    /// What moto 5.2.5 has of Amazon SWF
    Moto,
}

impl Claims {
    pub(crate) fn profile(self) -> Profile {
        match self {
            Self::Heartwheel => Profile::replayer(),
            Self::Swf => Profile::swf().with_last_instant(CENTURY),
            Self::Temporal => Profile::resembles_temporal().with_times_up_to(CENTURY),
            Self::Cadence => Profile::resembles_cadence().with_times_up_to(CENTURY),
            Self::Moto => moto(),
        }
    }
}

/// Heartbeats that count from scheduling, whether a worker has started or not; no other timeout and no cancellation.
/// What a late call gets depends on how the activity ended, so none is made. More than SWF promises are the instants
/// in its history, which are exact.
fn moto() -> Profile {
    Profile::swf()
        .with_name("moto's SWF")
        .with_timeouts([TimeoutType::Heartbeat])
        .with_commands([Command::Heartbeat, Command::Complete, Command::Fail])
        .with_heartbeat_start(HeartbeatStart::Schedule)
        .with_late_calls(LateCalls::Unspecified)
        .with_evidence([Told::Deadline, Told::ScheduledAt, Told::StartedAt, Told::Details])
        .with_guarantees([
            Guarantee::OrderOfDeadlines,
            Guarantee::OrderOfScheduling,
            Guarantee::Repeatable,
            Guarantee::ZeroTimeouts,
        ])
        .with_last_instant(CENTURY)
}
