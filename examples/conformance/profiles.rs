//! What a program may claim to be, by name.

use clap::ValueEnum;
use heartwheel::conformance::{
    Command, Driving, Guarantee, HeartbeatStart, LateCalls, Profile, Told,
};
use heartwheel::TimeoutType;

/// A second in milliseconds: SWF's timeouts are whole seconds, and so are those of the replayer's lines.
const SECOND: u64 = 1_000;

/// A year of SWF's, which is the longest of its timeouts.
const YEAR: u64 = 31_536_000 * SECOND;

/// A century in milliseconds: clocks of today and of tomorrow, in what common date types hold.
const CENTURY: u64 = 100 * YEAR;

/// A profile's name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Claims {
    /// Everything that the replayer's lines can say: `replay --json -`
    Heartwheel,
    /// Amazon SWF's activity tasks
    Swf,
    /// What moto's SWF has
    Moto,
}

impl Claims {
    pub(crate) fn profile(self) -> Profile {
        match self {
            Self::Heartwheel => heartwheel(),
            Self::Swf => swf(),
            Self::Moto => moto(),
        }
    }
}

/// The whole contract, but for what the lines have no words for.
fn heartwheel() -> Profile {
    Profile::full()
        .with_driving(Driving::Drained)
        .with_timeout_unit(SECOND)
        .without_commands([Command::Abandon, Command::AdvanceAtMost])
        .without_guarantees([Guarantee::Wakeups])
}

/// What SWF's documentation says: no clock that may stand still, and evidence that its history shows.
fn swf() -> Profile {
    heartwheel()
        .with_name("swf")
        .without_commands([
            Command::UpdateTimeouts,
            Command::Suspend,
            Command::Recover,
            Command::Snapshot,
        ])
        .without_guarantees([Guarantee::Reasons, Guarantee::OlderInstants])
        .with_evidence([Told::Deadline, Told::ScheduledAt, Told::StartedAt, Told::Details])
        .with_last_instant(CENTURY)
        .with_longest_timeout(YEAR)
}

/// moto 5.2.5: heartbeats that count from scheduling, and no cancellation. What a late call gets depends on how the
/// activity ended, so none is made.
fn moto() -> Profile {
    swf()
        .with_name("moto")
        .with_timeouts([TimeoutType::Heartbeat])
        .with_commands([Command::Heartbeat, Command::Complete, Command::Fail])
        .with_heartbeat_start(HeartbeatStart::Schedule)
        .with_late_calls(LateCalls::Unspecified)
}
