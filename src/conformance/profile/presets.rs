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

/// What workers and deciders of SWF and its descendants do.
const WORKERS_AND_DECIDERS: [Command; 7] = [
    Command::Heartbeat,
    Command::RequestCancel,
    Command::RequestCancelAgain,
    Command::Complete,
    Command::Fail,
    Command::Cancel,
    Command::CancelUnasked,
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

    /// This crate's engine behind the replayer's JSON Lines (`examples/replay`): it drains before each command,
    /// takes timeouts in whole seconds, and tells no wake-ups.
    #[must_use]
    pub fn replayer() -> Self {
        Self::full()
            .with_name("the replayer")
            .with_driving(Driving::Drained)
            .with_timeout_unit(1_000)
            .without_commands([Command::Abandon, Command::AdvanceAtMost])
            .without_guarantees([Guarantee::Wakeups])
    }

    /// Amazon SWF's activity tasks: what its documentation says, and where that is silent, this crate's choices.
    ///
    /// Documented: the four timeouts and what they count from, in whole seconds up to a year (31,536,000), with 0
    /// as a legal one; start-to-close bounds a run whatever the heartbeats; a timeout carries the details of the
    /// last heartbeat; requests to cancel reach the worker in a heartbeat's reply, and it may ignore them.
    /// Choices, which the emulators moto and floci share in part: a deadline is due at its instant, a late call is
    /// refused, a heartbeat without details keeps those before, one may give up unasked. Not claimed: any order
    /// of events, wake-ups, an older instant, which of two coinciding timeouts is named.
    ///
    /// It delivers what is due before each command, as a service with a clock of its own does. Instants are
    /// milliseconds, as in its history, up to what a double holds exactly.
    #[must_use]
    pub fn swf() -> Self {
        Self::bare("Amazon SWF")
            .with_driving(Driving::Drained)
            .with_timeouts(TIMEOUTS)
            .with_commands(WORKERS_AND_DECIDERS)
            .with_evidence([Told::Details])
            .with_guarantees([Guarantee::ZeroTimeouts])
            .with_timeout_unit(1_000)
            .with_longest_timeout(31_536_000_000)
            .with_last_instant(1 << 53)
    }

    /// Resembles one attempt of an activity on a Temporal server, so far as its public documentation and sources
    /// say. Nobody has checked a server against it.
    ///
    /// Evidence: an activity needs start-to-close or schedule-to-close (docs.temporal.io, "Detecting Activity
    /// failures"; here it always has the former). From github.com/temporalio/temporal: a timer is due once its
    /// instant is not after now, those of a workflow are taken by time and then by scheduling, the heartbeat clock
    /// starts with the start, and a duration of zero is none
    /// (`service/history/workflow/timer_sequence.go`); a heartbeat puts its details, or none, in place of those
    /// before (`UpdateActivityProgress` in `mutable_state_impl.go`); it is accepted as long as the activity is
    /// there, and so until a timer task is executed (`api/recordactivitytaskheartbeat`); giving up needs a request
    /// (`api/respondactivitytaskcanceled`), a second request is an error (`AddActivityTaskCancelRequestedEvent`),
    /// and one before the start cancels at once.
    ///
    /// Left out: retries (allow one attempt), pauses and changed options, and which of two coinciding timeouts is
    /// named, which has changed between versions. A server that caps one timeout by another names the capped one
    /// in its place.
    #[must_use]
    pub fn resembles_temporal() -> Self {
        Self::bare("resembles Temporal")
            .with_timeouts(TIMEOUTS)
            .with_required([TimeoutType::StartToClose])
            .with_commands(WORKERS_AND_DECIDERS)
            .without_commands([Command::RequestCancelAgain, Command::CancelUnasked])
            .with_evidence([Told::Details])
            .with_guarantees([Guarantee::OrderOfDeadlines, Guarantee::OrderOfScheduling])
            .with_missing_details(MissingDetails::Clear)
            .with_late_calls(LateCalls::Accepted)
            .with_times_up_to(1 << 53)
    }

    /// Resembles one attempt of an activity on a Cadence server, so far as its public sources say. Nobody has
    /// checked a server against it.
    ///
    /// It is [`resembles_temporal`](Self::resembles_temporal), which began as its copy, but for this, from
    /// github.com/cadence-workflow/cadence: timeouts are whole seconds and due-ness is compared in whole seconds
    /// (`service/history/execution/timer_sequence.go`, where a timer may so fire within the second before its
    /// instant: here all instants are whole seconds), and schedule-to-start, schedule-to-close and start-to-close
    /// are always there.
    #[must_use]
    pub fn resembles_cadence() -> Self {
        Self::resembles_temporal()
            .with_name("resembles Cadence")
            .with_required([
                TimeoutType::StartToClose,
                TimeoutType::ScheduleToStart,
                TimeoutType::ScheduleToClose,
            ])
            .with_timeout_unit(1_000)
            .with_instant_unit(1_000)
    }
}
