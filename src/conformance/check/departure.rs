//! How an implementation may depart from what is expected of it: what is compared, and what each difference is
//! called.

use alloc::vec::Vec;
use core::fmt;

use super::super::profile::{Due, Guarantee, Profile, Told};
use super::super::{lines, Action, Model, Observation, Operation, Refusal, Sentence, TimedOut};
use crate::TimeoutType;

/// What a departure is about.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum About {
    /// A timeout.
    Timeout(TimeoutType),
    /// An action, by its name in the replayer's lines.
    Action(&'static str),
    /// The next wake-up.
    Wakeup,
}

/// In which way it departs.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// A timeout never comes.
    Never,
    /// A timeout comes later than it should.
    Late,
    /// A timeout comes before it is due.
    Early,
    /// A timeout comes that the activity does not have.
    Unconfigured,
    /// A timeout of an activity that is closed or never was.
    AfterClose,
    /// The activity timed out, but of another timeout.
    WrongType(TimeoutType),
    /// A timeout tells something else than happened.
    WrongEvidence(Told),
    /// What is told comes in another order.
    OutOfOrder,
    /// A command is accepted that should be refused.
    Accepted,
    /// A command is refused that should be accepted.
    Refused,
    /// A command is refused for another reason.
    WrongReason,
    /// The answer is another one.
    WrongAnswer,
    /// The wake-up is later than the earliest deadline, or there is none.
    WakeupLate,
    /// There is a wake-up though nothing is armed.
    WakeupForNothing,
    /// After a drain the wake-up does not lie ahead.
    WakeupPassed,
    /// The same operations give other answers again.
    Unrepeatable,
    /// There is no answer, or a panic instead of one.
    NoAnswer,
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout(timeout_type) => write!(f, "{timeout_type}"),
            Self::Action(name) => f.write_str(name),
            Self::Wakeup => f.write_str("the next wake-up"),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never fires"),
            Self::Late => f.write_str("fires late"),
            Self::Early => f.write_str("fires early"),
            Self::Unconfigured => f.write_str("fires though the activity does not have it"),
            Self::AfterClose => f.write_str("fires for an activity that is not open"),
            Self::WrongType(got) => write!(f, "is told as {got}"),
            Self::WrongEvidence(told) => write!(f, "tells a wrong {told:?}"),
            Self::OutOfOrder => f.write_str("tells what happened in a wrong order"),
            Self::Accepted => f.write_str("is accepted and should be refused"),
            Self::Refused => f.write_str("is refused and should be accepted"),
            Self::WrongReason => f.write_str("is refused for a wrong reason"),
            Self::WrongAnswer => f.write_str("is answered wrongly"),
            Self::WakeupLate => f.write_str("is later than the earliest deadline"),
            Self::WakeupForNothing => f.write_str("is there though nothing is armed"),
            Self::WakeupPassed => f.write_str("does not lie ahead after a drain"),
            Self::Unrepeatable => f.write_str("is answered otherwise when all is done again"),
            Self::NoAnswer => f.write_str("has no answer"),
        }
    }
}

/// A difference at one operation, so far as it can be named before its trace is minimal. What stays the same
/// while a trace is shortened.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(in super::super) struct Signature {
    pub(super) about: About,
    pub(super) kind: Kind,
    /// It happens at the very edge: at the deadline's instant, or one unit before. An edge that is off by one
    /// is another departure than a deadline that is elsewhere.
    pub(super) at_edge: bool,
    /// The sentence that it breaks, where the operation alone shows that. A late heartbeat that is accepted is another
    /// departure than one that no start came before.
    pub(super) breaks: Option<Sentence>,
}

impl Signature {
    pub(super) const fn new(about: About, kind: Kind) -> Self {
        Self { about, kind, at_edge: false, breaks: None }
    }
}

/// What was expected at one operation, with what the model knew before and after it.
pub(super) struct Expected<'a> {
    pub(super) profile: &'a Profile,
    pub(super) operation: &'a Operation,
    pub(super) before: &'a Model,
    pub(super) after: &'a Model,
    pub(super) told: &'a [Observation],
    /// The operation's activity was to be scheduled by one before it.
    pub(super) was_scheduled: bool,
}

impl Expected<'_> {
    /// The first difference to what was told, if there is one.
    pub(super) fn differs(&self, got: &[Observation]) -> Option<Signature> {
        let (expected_timeouts, expected_answers) = split(self.told);
        let (got_timeouts, got_answers) = split(got);
        let is_told =
            |expected: &&TimedOut| got_timeouts.iter().any(|got| got.activity == expected.activity);
        if !expected_timeouts.iter().all(is_told) && got_answers.iter().any(|told| is_other(told)) {
            // What is told in words of its own may be the timeout that is missing.
            return Some(self.action(Kind::WrongAnswer));
        }
        self.timeouts(&expected_timeouts, &got_timeouts)
            .or_else(|| self.answers(&expected_answers, &got_answers))
            .or_else(|| self.order(&expected_timeouts, &got_timeouts, got))
    }

    fn timeouts(&self, expected: &[&TimedOut], got: &[&TimedOut]) -> Option<Signature> {
        let mut left: Vec<&TimedOut> = got.to_vec();
        for expected in expected {
            let place = left.iter().position(|got| got.activity == expected.activity);
            let Some(place) = place else {
                if left.iter().any(|got| self.is_due(got.activity)) {
                    // Only so many were asked for, and another one came first.
                    return Some(self.action(Kind::OutOfOrder));
                }
                let at_edge =
                    self.first_instant(expected.evidence.deadline) == Some(self.after.now());
                return Some(self.timeout(expected.timeout_type, Kind::Never, at_edge));
            };
            let got = left.remove(place);
            if let Some(signature) = self.timeout_differs(expected, got) {
                return Some(signature);
            }
        }
        left.first().map(|extra| self.extra(extra))
    }

    fn timeout_differs(&self, expected: &TimedOut, got: &TimedOut) -> Option<Signature> {
        let about = expected.timeout_type;
        if got.timeout_type != about {
            let is_tied = self.is_tied(expected, got.timeout_type);
            if !is_tied || self.profile.promises(Guarantee::OrderOfTimeouts) {
                let breaks = if is_tied { Sentence::ORDER } else { Sentence::TIMEOUTS };
                let signature = self.timeout(about, Kind::WrongType(got.timeout_type), false);
                return Some(Signature { breaks: Some(breaks), ..signature });
            }
        }
        let wrong = wrong_evidence(expected, got, self.profile)?;
        Some(self.timeout(about, Kind::WrongEvidence(wrong), false))
    }

    /// Whether another timeout of the activity has the same deadline.
    fn is_tied(&self, expected: &TimedOut, other: TimeoutType) -> bool {
        let mut before = self.before.clone();
        if let Action::Recover { policy, spread } = self.operation.action {
            before.recover(self.operation.at, policy, spread);
        }
        let deadline = (expected.evidence.deadline, other);
        before
            .activity(expected.activity)
            .is_some_and(|activity| activity.deadlines().contains(&Some(deadline)))
    }

    fn extra(&self, extra: &TimedOut) -> Signature {
        let about = extra.timeout_type;
        let Some(open) = self.after.activity(extra.activity) else {
            return self.timeout(about, Kind::AfterClose, false);
        };
        let deadline = open.deadlines().into_iter().flatten().find(|(_, named)| *named == about);
        let Some((deadline, _)) = deadline else {
            return self.timeout(about, Kind::Unconfigured, false);
        };
        if self.is_due(extra.activity) {
            // More than were asked for.
            return self.action(Kind::WrongAnswer);
        }
        let at_edge = self.first_instant(deadline).is_some_and(|first| {
            first.saturating_sub(self.after.now()) <= self.profile.instant_unit()
        });
        self.timeout(about, Kind::Early, at_edge)
    }

    /// Whether an activity is still due after the operation.
    fn is_due(&self, activity: u32) -> bool {
        let deadline = self.after.deadline(activity);
        let first = deadline.and_then(|(deadline, _)| self.first_instant(deadline));
        first.is_some_and(|first| first <= self.after.now())
    }

    /// The first instant at which a deadline is due; `None` if time ends before.
    fn first_instant(&self, deadline: u64) -> Option<u64> {
        match self.profile.due {
            Due::AtDeadline => Some(deadline),
            Due::AfterDeadline => deadline.checked_add(self.profile.instant_unit()),
        }
    }

    fn answers(&self, expected: &[&Observation], got: &[&Observation]) -> Option<Signature> {
        if expected == got {
            return None;
        }
        let kind = match (expected.first(), got.first()) {
            (Some(Observation::Refused(reason)), Some(Observation::Refused(got_reason)))
                if got.len() == 1 =>
            {
                let told = self.profile.promises(Guarantee::Reasons);
                if !told || reason == got_reason {
                    return None;
                }
                return Some(self.not_refused(Kind::WrongReason, *reason));
            }
            (Some(Observation::Refused(_)), Some(Observation::Other(_)) | None) => {
                Kind::WrongAnswer
            }
            (Some(Observation::Refused(reason)), Some(_)) => {
                return Some(self.not_refused(Kind::Accepted, *reason));
            }
            (Some(_), Some(Observation::Refused(_))) => Kind::Refused,
            (_, _) => Kind::WrongAnswer,
        };
        Some(self.action(kind))
    }

    fn order(
        &self,
        expected: &[&TimedOut],
        got: &[&TimedOut],
        all: &[Observation],
    ) -> Option<Signature> {
        // Timeouts before the answer, after a recovery behind it.
        let is_timeout = |told: &Observation| told.timed_out().is_some();
        let places = |told: &[Observation]| told.iter().map(is_timeout).collect::<Vec<_>>();
        if places(self.told) != places(all) {
            return Some(self.action(Kind::OutOfOrder));
        }
        let in_order = if !self.profile.promises(Guarantee::OrderOfDeadlines) {
            true
        } else if self.profile.promises(Guarantee::OrderOfScheduling) {
            let same =
                |(expected, got): (&&TimedOut, &&TimedOut)| expected.activity == got.activity;
            expected.iter().zip(got).all(same)
        } else {
            let deadline = |activity: u32| {
                let expected = expected.iter().find(|expected| expected.activity == activity);
                expected.map(|expected| expected.evidence.deadline)
            };
            let deadlines: Vec<_> = got.iter().map(|got| deadline(got.activity)).collect();
            deadlines.windows(2).all(|pair| pair[0] <= pair[1])
        };
        if in_order {
            None
        } else {
            Some(self.action(Kind::OutOfOrder))
        }
    }

    /// The first difference of a wake-up, if there is one.
    pub(super) fn wakeup_differs(&self, got: Option<u64>) -> Option<Signature> {
        let earliest = self.earliest();
        let drained = self.operation.action == Action::Advance
            && !self.told.contains(&Observation::Refused(Refusal::JumpPending));
        let kind = match (earliest, got) {
            (Some(earliest), Some(wakeup)) if wakeup > earliest => Kind::WakeupLate,
            (Some(_), None) => Kind::WakeupLate,
            (None, Some(_)) => Kind::WakeupForNothing,
            (Some(_), Some(wakeup)) if drained && wakeup <= self.after.now() => Kind::WakeupPassed,
            (Some(_), Some(_)) | (None, None) => return None,
        };
        Some(Signature::new(About::Wakeup, kind))
    }

    /// The first instant at which something is due after the operation.
    pub(super) fn earliest(&self) -> Option<u64> {
        self.after.earliest().and_then(|deadline| self.first_instant(deadline))
    }

    /// No answer at all.
    pub(super) fn no_answer(&self) -> Signature {
        self.action(Kind::NoAnswer)
    }

    fn action(&self, kind: Kind) -> Signature {
        Signature::new(About::Action(lines::action_name(&self.operation.action)), kind)
    }

    /// A command that should be refused for a reason.
    fn not_refused(&self, kind: Kind, reason: Refusal) -> Signature {
        let activity = self.operation.action.activity();
        let breaks = match reason {
            Refusal::AtCapacity => Sentence::CAPACITY,
            Refusal::JumpPending => Sentence::JUMPS,
            // It is due, or closed at this very command.
            Refusal::NotOpen if activity.is_some_and(|it| self.before.activity(it).is_some()) => {
                Sentence::SETTLING
            }
            Refusal::NotOpen if self.was_scheduled => Sentence::ONE_CLOSE,
            // It never was, or is in a state that the command is not for.
            Refusal::NotOpen
            | Refusal::NotStarted
            | Refusal::AlreadyStarted
            | Refusal::AlreadySuspended
            | Refusal::NotSuspended
            | Refusal::Unspecified => Sentence::REFUSALS,
        };
        Signature { breaks: Some(breaks), ..self.action(kind) }
    }

    const fn timeout(&self, timeout_type: TimeoutType, kind: Kind, at_edge: bool) -> Signature {
        Signature { at_edge, ..Signature::new(About::Timeout(timeout_type), kind) }
    }
}

/// Whether it is told in words that mean nothing here.
pub(super) const fn is_other(told: &Observation) -> bool {
    matches!(told, Observation::Other(_))
}

fn split(told: &[Observation]) -> (Vec<&TimedOut>, Vec<&Observation>) {
    let mut timeouts = Vec::new();
    let mut answers = Vec::new();
    for told in told {
        match told.timed_out() {
            Some(timed_out) => timeouts.push(timed_out),
            None => answers.push(told),
        }
    }
    (timeouts, answers)
}

/// The first part of the evidence that the profile claims and that is wrong.
fn wrong_evidence(expected: &TimedOut, got: &TimedOut, profile: &Profile) -> Option<Told> {
    let (expected, got) = (&expected.evidence, &got.evidence);
    let is_wrong = |told: &Told| match told {
        Told::Deadline => expected.deadline != got.deadline,
        Told::ObservedAt => expected.observed_at != got.observed_at,
        Told::ScheduledAt => expected.scheduled_at != got.scheduled_at,
        Told::StartedAt => expected.started_at != got.started_at,
        Told::LastHeartbeatAt => expected.last_heartbeat_at != got.last_heartbeat_at,
        Told::Heartbeats => expected.heartbeats != got.heartbeats,
        Told::Details => expected.details != got.details,
        Told::CancelRequestedAt => expected.cancel_requested_at != got.cancel_requested_at,
        Told::Recovered => expected.recovered != got.recovered,
        Told::Suspended => expected.suspended != got.suspended,
    };
    let mut claimed = profile.evidence.iter().copied();
    claimed.find(|told| got.unreadable.contains_key(told) || is_wrong(told))
}
