//! The commands that a line may carry: their names, their fields, their values.

use std::borrow::Cow;
use std::time::Duration;

use heartwheel::{Recovery, Timeouts, Timestamp};

use super::seconds::Seconds;

/// A line that could be read.
#[derive(Debug)]
pub(crate) struct Timed<'a> {
    /// The line's own time, which may lie before the newest so far.
    pub(crate) at: Timestamp,
    pub(crate) command: Command<'a>,
}

#[derive(Debug)]
pub(crate) enum Command<'a> {
    Schedule {
        activity_id: Cow<'a, str>,
        timeouts: Timeouts,
    },
    Call {
        activity_id: Cow<'a, str>,
        /// The how-many-th scheduling is meant, from 1; without it, the open one.
        run: Option<u64>,
        call: Call<'a>,
    },
    Advance,
    Recover(Recover),
    Snapshot,
    Sync,
    Reset,
}

/// What the silence before a line means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recover {
    pub(crate) policy: Policy,
    pub(crate) spread: Seconds,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Policy {
    Absolute,
    Rearm,
    Grace(Seconds),
}

impl Policy {
    /// What `policy` may say. Only Grace has a number beside it.
    pub(crate) const ALL: [Self; 3] = [Self::Absolute, Self::Rearm, Self::Grace(Seconds(0))];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Absolute => "Absolute",
            Self::Rearm => "Rearm",
            Self::Grace(_) => "Grace",
        }
    }
}

impl Recover {
    pub(crate) const fn recovery(self) -> Recovery {
        let recovery = match self.policy {
            Policy::Absolute => Recovery::ABSOLUTE,
            Policy::Rearm => Recovery::REARM,
            Policy::Grace(Seconds(millis)) => Recovery::grace(Duration::from_millis(millis)),
        };
        recovery.with_spread(Duration::from_millis(self.spread.0))
    }
}

/// A command about an existing activity.
#[derive(Debug)]
pub(crate) enum Call<'a> {
    Start,
    Heartbeat { details: Option<Cow<'a, str>> },
    RequestCancel,
    Complete { result: Option<Cow<'a, str>> },
    Fail { reason: Option<Cow<'a, str>>, details: Option<Cow<'a, str>> },
    Cancel { details: Option<Cow<'a, str>> },
    UpdateTimeouts { timeouts: Timeouts },
    Suspend,
    Resume,
}

impl Call<'_> {
    pub(crate) const fn action(&self) -> Action {
        match self {
            Self::Start => Action::Start,
            Self::Heartbeat { .. } => Action::Heartbeat,
            Self::RequestCancel => Action::RequestCancel,
            Self::Complete { .. } => Action::Complete,
            Self::Fail { .. } => Action::Fail,
            Self::Cancel { .. } => Action::Cancel,
            Self::UpdateTimeouts { .. } => Action::UpdateTimeouts,
            Self::Suspend => Action::Suspend,
            Self::Resume => Action::Resume,
        }
    }
}

/// What `action` may say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Action {
    Schedule,
    Start,
    Heartbeat,
    RequestCancel,
    Complete,
    Fail,
    Cancel,
    UpdateTimeouts,
    Suspend,
    Resume,
    Advance,
    Recover,
    Snapshot,
    Sync,
    Reset,
}

impl Action {
    pub(crate) const ALL: [Self; 15] = [
        Self::Schedule,
        Self::Start,
        Self::Heartbeat,
        Self::RequestCancel,
        Self::Complete,
        Self::Fail,
        Self::Cancel,
        Self::UpdateTimeouts,
        Self::Suspend,
        Self::Resume,
        Self::Advance,
        Self::Recover,
        Self::Snapshot,
        Self::Sync,
        Self::Reset,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Schedule => "ScheduleActivityTask",
            Self::Start => "StartActivityTask",
            Self::Heartbeat => "RecordActivityTaskHeartbeat",
            Self::RequestCancel => "RequestCancelActivityTask",
            Self::Complete => "RespondActivityTaskCompleted",
            Self::Fail => "RespondActivityTaskFailed",
            Self::Cancel => "RespondActivityTaskCanceled",
            Self::UpdateTimeouts => "UpdateTimeouts",
            Self::Suspend => "Suspend",
            Self::Resume => "Resume",
            Self::Advance => "Advance",
            Self::Recover => "Recover",
            Self::Snapshot => "Snapshot",
            Self::Sync => "Sync",
            Self::Reset => "Reset",
        }
    }

    /// The fields that a line with this action may have; any other is a typo.
    pub(crate) const fn fields(self) -> &'static [Field] {
        use Field::{
            ActivityId, At, Details, GraceSeconds, HeartbeatTimeout, Policy, Reason, Result, Run,
            ScheduleToClose, ScheduleToStart, SpreadSeconds, StartToClose,
        };
        match self {
            Self::Schedule => &[
                At,
                Field::Action,
                ActivityId,
                ScheduleToStart,
                ScheduleToClose,
                StartToClose,
                HeartbeatTimeout,
            ],
            Self::Start | Self::RequestCancel | Self::Suspend | Self::Resume => {
                &[At, Field::Action, ActivityId, Run]
            }
            Self::Heartbeat | Self::Cancel => &[At, Field::Action, ActivityId, Run, Details],
            Self::Complete => &[At, Field::Action, ActivityId, Run, Result],
            Self::Fail => &[At, Field::Action, ActivityId, Run, Reason, Details],
            Self::UpdateTimeouts => &[
                At,
                Field::Action,
                ActivityId,
                Run,
                ScheduleToStart,
                ScheduleToClose,
                StartToClose,
                HeartbeatTimeout,
            ],
            Self::Recover => &[At, Field::Action, Policy, GraceSeconds, SpreadSeconds],
            Self::Advance | Self::Snapshot | Self::Sync | Self::Reset => &[At, Field::Action],
        }
    }
}

/// The fields of a line, whatever its action.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Field {
    At,
    Action,
    ActivityId,
    Run,
    ScheduleToStart,
    ScheduleToClose,
    StartToClose,
    HeartbeatTimeout,
    Details,
    Result,
    Reason,
    Policy,
    GraceSeconds,
    SpreadSeconds,
}

impl Field {
    pub(crate) const ALL: [Self; 14] = [
        Self::At,
        Self::Action,
        Self::ActivityId,
        Self::Run,
        Self::ScheduleToStart,
        Self::ScheduleToClose,
        Self::StartToClose,
        Self::HeartbeatTimeout,
        Self::Details,
        Self::Result,
        Self::Reason,
        Self::Policy,
        Self::GraceSeconds,
        Self::SpreadSeconds,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::At => "at",
            Self::Action => "action",
            Self::ActivityId => "activityId",
            Self::Run => "run",
            Self::ScheduleToStart => "scheduleToStartTimeout",
            Self::ScheduleToClose => "scheduleToCloseTimeout",
            Self::StartToClose => "startToCloseTimeout",
            Self::HeartbeatTimeout => "heartbeatTimeout",
            Self::Details => "details",
            Self::Result => "result",
            Self::Reason => "reason",
            Self::Policy => "policy",
            Self::GraceSeconds => "graceSeconds",
            Self::SpreadSeconds => "spreadSeconds",
        }
    }
}
