//! Profiles to start from, and the evidence for those that resemble known systems.

use alloc::borrow::Cow;

use super::{Command, Driving, Due, Guarantee, HeartbeatStart, LateCalls, Profile, Told};
use crate::{MissingDetails, TimeoutType};

/// SWF's enumeration.
const TIMEOUTS: [TimeoutType; 4] = [
    TimeoutType::StartToClose,
    TimeoutType::ScheduleToStart,
    TimeoutType::ScheduleToClose,
    TimeoutType::Heartbeat,
];

const COMMANDS: [Command; 13] = [
    Command::Heartbeat,
    Command::RequestCancel,
    Command::RequestCancelAgain,
    Command::Complete,
    Command::Fail,
    Command::Cancel,
    Command::CancelUnasked,
    Command::Abandon,
    Command::UpdateTimeouts,
    Command::Suspend,
    Command::AdvanceAtMost,
    Command::Recover,
    Command::Snapshot,
];

const EVIDENCE: [Told; 10] = [
    Told::Deadline,
    Told::ObservedAt,
    Told::ScheduledAt,
    Told::StartedAt,
    Told::LastHeartbeatAt,
    Told::Heartbeats,
    Told::Details,
    Told::CancelRequestedAt,
    Told::Recovered,
    Told::Suspended,
];

const GUARANTEES: [Guarantee; 8] = [
    Guarantee::OrderOfDeadlines,
    Guarantee::OrderOfScheduling,
    Guarantee::OrderOfTimeouts,
    Guarantee::Wakeups,
    Guarantee::Reasons,
    Guarantee::Repeatable,
    Guarantee::ZeroTimeouts,
    Guarantee::OlderInstants,
];

impl Profile {
    /// Everything that the contract says: this crate's engine.
    #[must_use]
    pub fn full() -> Self {
        Self::bare("heartwheel")
            .with_timeouts(TIMEOUTS)
            .with_commands(COMMANDS)
            .with_evidence(EVIDENCE)
            .with_guarantees(GUARANTEES)
    }

    /// Nothing but schedule, start and advance, driven late, with sentence 3's boundary: a start for a profile
    /// of one's own.
    #[must_use]
    pub fn bare(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            timeouts: [].into(),
            required: [].into(),
            commands: [].into(),
            evidence: [].into(),
            guarantees: [].into(),
            driving: Driving::Late,
            due: Due::AtDeadline,
            heartbeat_start: HeartbeatStart::Start,
            missing_details: MissingDetails::Keep,
            late_calls: LateCalls::Refused,
            instant_unit: 1,
            timeout_unit: 1,
            last_instant: u64::MAX,
            longest_timeout: u64::MAX,
            max_open: u32::MAX,
            max_jump: None,
        }
    }
}
