//! The commands that a line may carry: their names, their fields, their values.

use std::borrow::Cow;

use heartwheel::{Timeouts, Timestamp};

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
    Sync,
    Reset,
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
    Advance,
    Sync,
    Reset,
}

impl Action {
    pub(crate) const ALL: [Self; 10] = [
        Self::Schedule,
        Self::Start,
        Self::Heartbeat,
        Self::RequestCancel,
        Self::Complete,
        Self::Fail,
        Self::Cancel,
        Self::Advance,
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
            Self::Advance => "Advance",
            Self::Sync => "Sync",
            Self::Reset => "Reset",
        }
    }

    /// The fields that a line with this action may have; any other is a typo.
    pub(crate) const fn fields(self) -> &'static [Field] {
        use Field::{
            ActivityId, At, Details, HeartbeatTimeout, Reason, Result, Run, ScheduleToClose,
            ScheduleToStart, StartToClose,
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
            Self::Start | Self::RequestCancel => &[At, Field::Action, ActivityId, Run],
            Self::Heartbeat | Self::Cancel => &[At, Field::Action, ActivityId, Run, Details],
            Self::Complete => &[At, Field::Action, ActivityId, Run, Result],
            Self::Fail => &[At, Field::Action, ActivityId, Run, Reason, Details],
            Self::Advance | Self::Sync | Self::Reset => &[At, Field::Action],
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
}

impl Field {
    pub(crate) const ALL: [Self; 11] = [
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
        }
    }
}
