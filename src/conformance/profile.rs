//! What an implementation says of itself, so that it is held to its own promises and to no others.

mod presets;

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;

use crate::{MissingDetails, TimeoutType};

/// What an implementation says of itself. It is held to that: what it does not claim is neither asked nor looked
/// at, and [`check`](super::check) says so by sentence.
///
/// Start from a preset, [`full`](Self::full) or [`bare`](Self::bare) say, and change what differs:
///
/// ```
/// use heartwheel::conformance::{Command, Profile, Told};
/// use heartwheel::TimeoutType;
///
/// let profile = Profile::bare("my engine")
///     .with_timeouts([TimeoutType::StartToClose, TimeoutType::Heartbeat])
///     .with_commands([Command::Heartbeat, Command::Complete])
///     .with_evidence([Told::Details])
///     .with_times_up_to(1 << 40);
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Profile {
    /// Its name, for reports.
    pub name: Cow<'static, str>,
    /// The timeouts that it has.
    pub timeouts: BTreeSet<TimeoutType>,
    /// Those without which it schedules nothing.
    pub required: BTreeSet<TimeoutType>,
    /// The commands that it has beside schedule, start and advance.
    pub commands: BTreeSet<Command>,
    /// What its timeouts tell beside the activity and their type.
    pub evidence: BTreeSet<Told>,
    /// What else it promises.
    pub guarantees: BTreeSet<Guarantee>,
    /// Whether it may be driven late.
    pub driving: Driving,
    /// Whether a deadline is due at its instant.
    pub due: Due,
    /// From when the heartbeat timeout counts before the first heartbeat.
    pub heartbeat_start: HeartbeatStart,
    /// What a heartbeat without details does to those reported before.
    pub missing_details: MissingDetails,
    /// What a call gets that comes too late.
    pub late_calls: LateCalls,
    /// Instants are multiples of this, in milliseconds; 0 counts as 1.
    pub instant_unit: u64,
    /// Timeouts, and the spans of a recovery, are multiples of this, in milliseconds; 0 counts as 1.
    pub timeout_unit: u64,
    /// The last instant that it is given.
    pub last_instant: u64,
    /// The longest timeout that it is given.
    pub longest_timeout: u64,
    /// As many activities as may be open.
    pub max_open: u32,
    /// A time that is further past the newest seen is not believed.
    pub max_jump: Option<u64>,
}

/// A command beside schedule, start and advance, or a use of one that not every implementation has.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Command {
    /// Heartbeats.
    Heartbeat,
    /// Requests to cancel.
    RequestCancel,
    /// More requests after the first one.
    RequestCancelAgain,
    /// Closes as completed.
    Complete,
    /// Closes as failed.
    Fail,
    /// Closes as canceled, after a request.
    Cancel,
    /// Closes as canceled though nobody asked.
    CancelUnasked,
    /// The host drops an activity.
    Abandon,
    /// Timeouts that change while an activity is open.
    UpdateTimeouts,
    /// Suspend and resume.
    Suspend,
    /// Advances that deliver only so many timeouts.
    AdvanceAtMost,
    /// Recoveries after a silence.
    Recover,
    /// Snapshots.
    Snapshot,
}

/// A part of a timeout's evidence; each stands for the field of [`Evidence`](super::Evidence) of that name.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Told {
    /// When it fell due.
    Deadline,
    /// When it was delivered.
    ObservedAt,
    /// When the activity was scheduled.
    ScheduledAt,
    /// When it started.
    StartedAt,
    /// When its last accepted heartbeat came.
    LastHeartbeatAt,
    /// How many heartbeats were accepted.
    Heartbeats,
    /// The details last reported.
    Details,
    /// When cancellation was first requested.
    CancelRequestedAt,
    /// How many recoveries moved its heartbeat clock since it was last heard.
    Recovered,
    /// For how long it was suspended.
    Suspended,
}

/// A promise that an implementation makes or does not make.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Guarantee {
    /// Timeouts of one advance come in the order of their deadlines.
    OrderOfDeadlines,
    /// Those of one deadline come in the order of scheduling.
    OrderOfScheduling,
    /// Where deadlines of one activity coincide, the timeout named is the first of START_TO_CLOSE,
    /// SCHEDULE_TO_START, SCHEDULE_TO_CLOSE, HEARTBEAT.
    OrderOfTimeouts,
    /// It tells when to advance next: not later than the earliest deadline, and ahead after a full advance. Its
    /// wake-ups are followed for a while after each case; how many it takes to a deadline is not judged.
    Wakeups,
    /// A refusal says why.
    Reasons,
    /// The same operations give the same answers again.
    Repeatable,
    /// A timeout of zero is due at once, and is not the absence of one.
    ZeroTimeouts,
    /// An older instant counts as the newest seen.
    OlderInstants,
}

/// Whether commands may come though something is due that was not delivered.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Driving {
    /// They may: timeouts are delivered at advances alone. So it is with most engines inside a process.
    Late,
    /// It delivers what is due before each command itself. So it is with programs that read lines.
    Drained,
}

/// When a deadline is due.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Due {
    /// At its instant.
    AtDeadline,
    /// At the first instant after it.
    AfterDeadline,
}

/// From when the heartbeat timeout counts before the first heartbeat.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HeartbeatStart {
    /// From the start: an activity that waits is not expected to beat.
    Start,
    /// From scheduling, and a start does not put it back.
    Schedule,
}

/// What a call gets about an activity that is due or closed.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LateCalls {
    /// It is refused from the instant the activity is due, delivered or not.
    Refused,
    /// It is accepted until the timeout is delivered, and may prolong a life that was over; then it is refused.
    Accepted,
    /// Nobody knows: no such call is made.
    Unspecified,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $setter:ident: $field:ident = $argument:ident: $kind:ty => $value:expr;)*) => {
        impl Profile {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $setter(mut self, $argument: $kind) -> Self {
                    self.$field = $value;
                    self
                }
            )*
        }
    };
}

setters! {
    /// Under another name.
    with_name: name = name: impl Into<Cow<'static, str>> => name.into();
    /// With these timeouts and no others.
    with_timeouts: timeouts = timeouts: impl IntoIterator<Item = TimeoutType> => timeouts.into_iter().collect();
    /// Nothing is scheduled without these.
    with_required: required = timeouts: impl IntoIterator<Item = TimeoutType> => timeouts.into_iter().collect();
    /// With these commands beside schedule, start and advance, and no others.
    with_commands: commands = commands: impl IntoIterator<Item = Command> => commands.into_iter().collect();
    /// Timeouts tell this and nothing else.
    with_evidence: evidence = told: impl IntoIterator<Item = Told> => told.into_iter().collect();
    /// It promises this and nothing else.
    with_guarantees: guarantees = guarantees: impl IntoIterator<Item = Guarantee> => guarantees.into_iter().collect();
    /// Driven so.
    with_driving: driving = driving: Driving => driving;
    /// Deadlines are due then.
    with_due: due = due: Due => due;
    /// The heartbeat timeout counts from then.
    with_heartbeat_start: heartbeat_start = start: HeartbeatStart => start;
    /// A heartbeat without details does that.
    with_missing_details: missing_details = missing_details: MissingDetails => missing_details;
    /// A late call gets that.
    with_late_calls: late_calls = late_calls: LateCalls => late_calls;
    /// Instants are multiples of so many milliseconds, of one at least.
    with_instant_unit: instant_unit = millis: u64 => millis.max(1);
    /// Timeouts are multiples of so many milliseconds, of one at least.
    with_timeout_unit: timeout_unit = millis: u64 => millis.max(1);
    /// No instant is later than this.
    with_last_instant: last_instant = millis: u64 => millis;
    /// No timeout is longer than this.
    with_longest_timeout: longest_timeout = millis: u64 => millis;
    /// At most so many are open.
    with_max_open: max_open = max_open: u32 => max_open;
    /// With a guard on jumps, in milliseconds.
    with_max_jump: max_jump = max_jump: Option<u64> => max_jump;
}

impl Profile {
    /// No instant is later than this, no timeout is longer.
    #[must_use]
    pub fn with_times_up_to(self, millis: u64) -> Self {
        self.with_last_instant(millis).with_longest_timeout(millis)
    }

    /// Without these commands.
    #[must_use]
    pub fn without_commands(mut self, commands: impl IntoIterator<Item = Command>) -> Self {
        for command in commands {
            self.commands.remove(&command);
        }
        self
    }

    /// Without these guarantees.
    #[must_use]
    pub fn without_guarantees(mut self, guarantees: impl IntoIterator<Item = Guarantee>) -> Self {
        for guarantee in guarantees {
            self.guarantees.remove(&guarantee);
        }
        self
    }

    /// Timeouts do not tell these.
    #[must_use]
    pub fn without_evidence(mut self, told: impl IntoIterator<Item = Told>) -> Self {
        for told in told {
            self.evidence.remove(&told);
        }
        self
    }

    /// Whether it has a command.
    #[must_use]
    pub fn has(&self, command: Command) -> bool {
        self.commands.contains(&command)
    }

    /// Whether its timeouts tell something.
    #[must_use]
    pub fn tells(&self, told: Told) -> bool {
        self.evidence.contains(&told)
    }

    /// Whether it promises something.
    #[must_use]
    pub fn promises(&self, guarantee: Guarantee) -> bool {
        self.guarantees.contains(&guarantee)
    }

    /// What instants are multiples of: the field may be zero.
    pub(super) fn instant_unit(&self) -> u64 {
        self.instant_unit.max(1)
    }

    /// What timeouts are multiples of: the field may be zero.
    pub(super) fn timeout_unit(&self) -> u64 {
        self.timeout_unit.max(1)
    }
}
