//! A small engine of its own, right as it is, with faults to choose from.

use heartwheel::conformance::{
    Action, Command, Evidence, Failure, Guarantee, Limits, Observation, Operation, Profile,
    Refusal, Subject, TimedOut, Told,
};
use heartwheel::{Outcome, TimeoutType};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    Never(TimeoutType),
    /// Neither of two.
    NeitherStart,
    DueTooLate,
    DueTooEarly,
    StartToCloseFromScheduling,
    BeatsDoNotCount,
    LateCallsAccepted,
    ClosedTwice,
    TimesOutTwice,
    MissingDetailsClear,
    RefusedDetailsCount,
    HeartbeatFirst,
    AnyOrder,
    CancelStopsClocks,
    CancelUntold,
    UnstartedRunsOn,
    OlderInstantsCount,
    Overflows,
    WakesLate,
    WakesForNothing,
    /// Its wheel has slots of 10,007 ms, which no case happens to hit; and it does not get past the beginning of one.
    WakesAgain,
    /// It starts what runs already.
    StartedTwice,
    Remembers,
    /// It takes a heartbeat of whatever it is asked for: late, closed, not started, never scheduled.
    AnyBeatAccepted,
    /// It tells HEARTBEAT for START_TO_CLOSE where the deadlines coincide, and where a heartbeat brought certain details.
    HeartbeatToldInstead,
    /// It does not arm START_TO_CLOSE of an even length, and a cancel request disarms it.
    StartToCloseLost,
    /// Not a fault where it is claimed: late calls are accepted, missing details clear.
    LikeTemporal,
}

#[derive(Clone, Debug)]
struct Open {
    activity: u32,
    limits: Limits,
    scheduled_at: u64,
    started_at: Option<u64>,
    beat_at: Option<u64>,
    details: Option<u32>,
    cancel_requested: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Naive {
    fault: Option<Fault>,
    now: u64,
    open: Vec<Open>,
    closed: Vec<u32>,
    starts: u32,
}

/// What the fault that panics says.
pub(crate) const MEANT: &str = "time has an end";

/// What it says of itself.
pub(crate) fn profile() -> Profile {
    Profile::bare("naive")
        .with_timeouts([
            TimeoutType::ScheduleToStart,
            TimeoutType::ScheduleToClose,
            TimeoutType::StartToClose,
            TimeoutType::Heartbeat,
        ])
        .with_commands([
            Command::Heartbeat,
            Command::RequestCancel,
            Command::RequestCancelAgain,
            Command::Complete,
            Command::Fail,
            Command::Cancel,
            Command::CancelUnasked,
        ])
        .with_evidence([Told::Deadline, Told::Details])
        .with_guarantees([
            Guarantee::OrderOfDeadlines,
            Guarantee::OrderOfScheduling,
            Guarantee::OrderOfTimeouts,
            Guarantee::Wakeups,
            Guarantee::Repeatable,
            Guarantee::ZeroTimeouts,
            Guarantee::OlderInstants,
        ])
}

impl Naive {
    pub(crate) fn new(fault: Option<Fault>) -> Self {
        Self { fault, now: 0, open: Vec::new(), closed: Vec::new(), starts: 0 }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn deadline(&self, open: &Open) -> Option<(u64, TimeoutType)> {
        if open.cancel_requested && self.has(Fault::CancelStopsClocks) {
            return None;
        }
        let from_start = if self.has(Fault::StartToCloseFromScheduling) {
            open.started_at.map(|_| open.scheduled_at)
        } else {
            open.started_at
        };
        let waiting = open.started_at.is_none().then_some(open.scheduled_at);
        let beat_at = if self.has(Fault::BeatsDoNotCount) { None } else { open.beat_at };
        let limits = open.limits;
        let mut four = [
            (from_start, limits.start_to_close, TimeoutType::StartToClose),
            (waiting, limits.schedule_to_start, TimeoutType::ScheduleToStart),
            (Some(open.scheduled_at), limits.schedule_to_close, TimeoutType::ScheduleToClose),
            (beat_at.or(open.started_at), limits.heartbeat, TimeoutType::Heartbeat),
        ];
        if self.has(Fault::HeartbeatFirst) {
            four.reverse();
        }
        let armed = four.into_iter().filter_map(|(anchor, limit, timeout_type)| {
            let (anchor, limit) = (anchor?, limit?);
            let never = match self.fault {
                Some(Fault::Never(never)) => never == timeout_type,
                Some(Fault::StartToCloseLost) => {
                    timeout_type == TimeoutType::StartToClose
                        && (limit % 2 == 0 || open.cancel_requested)
                }
                Some(Fault::NeitherStart) => {
                    matches!(timeout_type, TimeoutType::StartToClose | TimeoutType::ScheduleToStart)
                }
                _ => false,
            };
            let deadline = if self.has(Fault::Overflows) {
                anchor.checked_add(limit).or_else(|| panic!("{MEANT}"))
            } else {
                anchor.checked_add(limit)
            };
            Some((deadline?, timeout_type)).filter(|_| !never)
        });
        armed.reduce(|best, next| if next.0 < best.0 { next } else { best })
    }

    fn is_due(&self, open: &Open) -> bool {
        self.deadline(open).is_some_and(|(at, _)| match self.fault {
            Some(Fault::DueTooLate) => at < self.now,
            Some(Fault::DueTooEarly) => at.saturating_sub(1) <= self.now,
            _ => at <= self.now,
        })
    }

    fn deliver(&mut self) -> Vec<Observation> {
        let mut due: Vec<Open> = Vec::new();
        for place in (0..self.open.len()).rev() {
            if self.is_due(&self.open[place]) {
                let open = if self.has(Fault::TimesOutTwice) && self.open[place].details.is_some() {
                    let mut again = self.open[place].clone();
                    again.details = None;
                    core::mem::replace(&mut self.open[place], again)
                } else {
                    self.open.remove(place)
                };
                due.insert(0, open);
            }
        }
        if !self.has(Fault::AnyOrder) {
            due.sort_by_key(|open| self.deadline(open));
            due.sort_by_key(|open| self.deadline(open).map(|(at, _)| (at, open.activity)));
        }
        let told = due.into_iter().filter_map(|open| {
            let (deadline, timeout_type) = self.deadline(&open)?;
            let beats = open.limits.heartbeat.zip(open.beat_at.or(open.started_at));
            let is_tied = beats.and_then(|(limit, at)| at.checked_add(limit)) == Some(deadline);
            let timeout_type = if self.has(Fault::HeartbeatToldInstead)
                && timeout_type == TimeoutType::StartToClose
                && (is_tied || open.details.is_some_and(|it| it % 16 == 0))
            {
                TimeoutType::Heartbeat
            } else {
                timeout_type
            };
            let mut evidence = Evidence::default();
            evidence.deadline = deadline;
            evidence.details = open.details;
            Some(TimedOut { activity: open.activity, timeout_type, evidence })
        });
        told.map(Observation::TimedOut).collect()
    }

    fn call(&mut self, action: Action) -> Option<Vec<Observation>> {
        let activity = action.activity()?;
        if let Action::Schedule { limits, .. } = action {
            self.open.push(Open {
                activity,
                limits,
                scheduled_at: self.now,
                started_at: None,
                beat_at: None,
                details: None,
                cancel_requested: false,
            });
            return Some(vec![Observation::Scheduled]);
        }
        let place = self.open.iter().position(|open| open.activity == activity);
        if place.is_none() && self.has(Fault::ClosedTwice) && self.closed.contains(&activity) {
            if let Action::Close { outcome, .. } = action {
                return Some(vec![Observation::Closed(outcome)]);
            }
        }
        if let (Action::Heartbeat { .. }, true) = (action, self.has(Fault::AnyBeatAccepted)) {
            let is_open = |open: &&Open| open.started_at.is_some() && !self.is_due(open);
            if place.map(|place| &self.open[place]).filter(is_open).is_none() {
                return Some(vec![Observation::Heartbeat { cancel_requested: false }]);
            }
        }
        let place = place?;
        let accepts_late =
            matches!(self.fault, Some(Fault::LateCallsAccepted | Fault::LikeTemporal));
        if self.is_due(&self.open[place]) && !accepts_late {
            return None;
        }
        let (now, fault) = (self.now, self.fault);
        let open = &mut self.open[place];
        match action {
            Action::Start { .. }
                if open.started_at.is_none() || fault == Some(Fault::StartedTwice) =>
            {
                open.started_at = Some(now);
                self.starts += 1;
                if fault == Some(Fault::Remembers) && self.starts % 50 == 0 {
                    return None;
                }
                Some(vec![Observation::Started])
            }
            Action::Heartbeat { details, .. } => {
                if open.started_at.is_none() {
                    if fault == Some(Fault::RefusedDetailsCount) {
                        open.details = details;
                    }
                    return None;
                }
                open.beat_at = Some(now);
                let clears =
                    matches!(fault, Some(Fault::MissingDetailsClear | Fault::LikeTemporal));
                if details.is_some() || clears {
                    open.details = details;
                }
                let cancel_requested = open.cancel_requested && fault != Some(Fault::CancelUntold);
                Some(vec![Observation::Heartbeat { cancel_requested }])
            }
            Action::RequestCancel { .. } => {
                open.cancel_requested = true;
                let mut told = vec![Observation::CancelRequested];
                if open.started_at.is_none() && fault != Some(Fault::UnstartedRunsOn) {
                    self.open.remove(place);
                    told.push(Observation::Closed(Outcome::Canceled));
                }
                Some(told)
            }
            Action::Close { outcome, .. } if open.started_at.is_some() => {
                self.open.remove(place);
                self.closed.push(activity);
                Some(vec![Observation::Closed(outcome)])
            }
            Action::Schedule { .. }
            | Action::Start { .. }
            | Action::Close { .. }
            | Action::Abandon { .. }
            | Action::UpdateTimeouts { .. }
            | Action::Suspend { .. }
            | Action::Resume { .. }
            | Action::Advance
            | Action::AdvanceAtMost(_)
            | Action::Recover { .. }
            | Action::Snapshot
            | _ => None,
        }
    }
}

impl Subject for Naive {
    fn reset(&mut self) -> Result<(), Failure> {
        *self = Self { starts: self.starts, ..Self::new(self.fault) };
        Ok(())
    }

    fn apply(&mut self, operation: &Operation) -> Result<Vec<Observation>, Failure> {
        self.now = if self.has(Fault::OlderInstantsCount) {
            operation.at
        } else {
            self.now.max(operation.at)
        };
        if operation.action == Action::Advance {
            return Ok(self.deliver());
        }
        let refused = || vec![Observation::Refused(Refusal::Unspecified)];
        Ok(self.call(operation.action).unwrap_or_else(refused))
    }

    fn next_wakeup(&mut self) -> Result<Option<u64>, Failure> {
        let deadlines = self.open.iter().filter_map(|open| self.deadline(open));
        let earliest = deadlines.map(|(at, _)| at).min();
        Ok(match self.fault {
            Some(Fault::WakesLate) => earliest.map(|at| at.saturating_add(1)),
            // It is right where deadlines are due after their instant: at the end of time none is.
            Some(Fault::DueTooLate) => earliest.and_then(|at| at.checked_add(1)),
            Some(Fault::WakesForNothing) => earliest.or(Some(u64::MAX)),
            Some(Fault::WakesAgain) => earliest.map(|at| {
                let begin = at - at % 10_007;
                if begin >= self.now.max(1) {
                    begin
                } else {
                    at
                }
            }),
            _ => earliest,
        })
    }
}
