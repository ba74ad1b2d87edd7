//! Steps made to fit a profile.

use super::super::profile::{Command, Guarantee, LateCalls, Profile};
use super::super::{Action, Limits, Model, Operation, Policy, Step, When, Whom};
use crate::{Outcome, TimeoutType};

/// Spans up to here are counts of units, which may be scaled; longer ones are meant as they are.
const COUNTS: u64 = 1 << 16;

/// Makes operations of [`Step`]s, with the model alongside: instants and spans in the profile's units and bounds,
/// no timeout and no command that the profile does not have.
#[derive(Debug)]
pub struct Fitting<'a> {
    profile: &'a Profile,
    model: Model,
    /// How many activities were given a number.
    scheduled: u32,
}

impl<'a> Fitting<'a> {
    /// With nothing scheduled and no time seen.
    #[must_use]
    pub fn new(profile: &'a Profile) -> Self {
        Self { profile, model: Model::new(profile), scheduled: 0 }
    }

    /// The operation that the step comes to; `None` if the profile has none such.
    pub fn operation(&mut self, step: Step) -> Option<Operation> {
        let step = Step { when: self.when(step.when), action: self.action(step.action) };
        let mut operation = step.resolve(&self.model, self.scheduled);
        operation.at = self.instant(operation.at);
        if !admits(self.profile, &self.model, &operation) {
            return None;
        }
        if let Action::Schedule { .. } = operation.action {
            self.scheduled += 1;
        }
        self.model.apply(&operation);
        Some(operation)
    }

    fn when(&self, when: When) -> When {
        let unit = i64::try_from(self.profile.instant_unit()).unwrap_or(i64::MAX);
        match when {
            When::Later(count) => When::Later(self.span(count)),
            When::Earlier(count) => When::Earlier(self.span(count)),
            When::Wakeup(count) => When::Wakeup(count.saturating_mul(unit)),
            When::Earliest(count) => When::Earliest(count.saturating_mul(unit)),
            When::Deadline(which, count) => When::Deadline(which, count.saturating_mul(unit)),
            // Not all at the end, where time stands still.
            When::At(at) if at > self.profile.last_instant => {
                When::At(at % (self.profile.last_instant / 2 + 1))
            }
            When::Same | When::At(_) | When::BeforeEnd(_) | When::Boundary(_, _) => when,
        }
    }

    /// Odd counts are of instants, even ones of timeouts: both neighbours and whole timeouts away.
    fn span(&self, count: u64) -> u64 {
        let unit =
            if count % 2 == 0 { self.profile.timeout_unit() } else { self.profile.instant_unit() };
        if count < COUNTS {
            count.saturating_mul(unit)
        } else {
            count
        }
    }

    fn instant(&self, at: u64) -> u64 {
        let at = at.min(self.profile.last_instant);
        let at = at - at % self.profile.instant_unit();
        if self.profile.promises(Guarantee::OlderInstants) {
            at
        } else {
            at.max(self.model.now())
        }
    }

    fn action(&self, mut action: Action<Whom>) -> Action<Whom> {
        if let Some(limits) = action.limits_mut() {
            *limits = self.limits(*limits);
        }
        if let Action::Recover { policy, spread } = &mut action {
            *spread = self.timeout(*spread);
            if let Policy::Grace(grace) = policy {
                *grace = self.timeout(*grace);
            }
        }
        action
    }

    fn limits(&self, limits: Limits) -> Limits {
        let profile = self.profile;
        let fit = |limit: Option<u64>, named: TimeoutType| {
            let limit = limit.filter(|_| profile.timeouts.contains(&named)).or_else(|| {
                // Any length will do, if it is only there.
                profile.required.contains(&named).then_some(9)
            });
            let least = if profile.promises(Guarantee::ZeroTimeouts) { 0 } else { 1 };
            limit.map(|limit| self.timeout(limit.max(least)))
        };
        Limits {
            schedule_to_start: fit(limits.schedule_to_start, TimeoutType::ScheduleToStart),
            schedule_to_close: fit(limits.schedule_to_close, TimeoutType::ScheduleToClose),
            start_to_close: fit(limits.start_to_close, TimeoutType::StartToClose),
            heartbeat: fit(limits.heartbeat, TimeoutType::Heartbeat),
        }
    }

    fn timeout(&self, count: u64) -> u64 {
        let unit = self.profile.timeout_unit();
        let millis = if count < COUNTS { count.saturating_mul(unit) } else { count };
        let millis = millis.min(self.profile.longest_timeout);
        millis - millis % unit
    }
}

/// Whether a profile allows an operation after those that the model has seen.
pub(crate) fn admits(profile: &Profile, model: &Model, operation: &Operation) -> bool {
    let Operation { at, action } = *operation;
    let in_time = at <= profile.last_instant
        && at % profile.instant_unit() == 0
        && (at >= model.now() || profile.promises(Guarantee::OlderInstants));
    in_time && admits_activity(profile, model, operation) && admits_action(profile, model, action)
}

fn admits_action(profile: &Profile, model: &Model, action: Action) -> bool {
    let requested = |activity| {
        let open = model.activity(activity);
        open.is_some_and(|open| open.story().cancel_requested_at.is_some())
    };
    match action {
        Action::Schedule { limits, .. } => admits_limits(profile, limits),
        Action::Start { .. } | Action::Advance => true,
        Action::Heartbeat { .. } => profile.has(Command::Heartbeat),
        Action::RequestCancel { activity } => {
            let first = profile.has(Command::RequestCancel);
            first && (!requested(activity) || profile.has(Command::RequestCancelAgain))
        }
        Action::Close { outcome: Outcome::Completed, .. } => profile.has(Command::Complete),
        Action::Close { outcome: Outcome::Failed, .. } => profile.has(Command::Fail),
        Action::Close { outcome: Outcome::Canceled, activity } => {
            profile.has(if requested(activity) { Command::Cancel } else { Command::CancelUnasked })
        }
        Action::Abandon { .. } => profile.has(Command::Abandon),
        Action::UpdateTimeouts { limits, .. } => {
            profile.has(Command::UpdateTimeouts) && admits_limits(profile, limits)
        }
        Action::Suspend { .. } | Action::Resume { .. } => profile.has(Command::Suspend),
        // Which of them are delivered is a matter of order.
        Action::AdvanceAtMost(_) => {
            profile.has(Command::AdvanceAtMost)
                && profile.promises(Guarantee::OrderOfDeadlines)
                && profile.promises(Guarantee::OrderOfScheduling)
        }
        Action::Recover { policy, spread } => {
            let grace = if let Policy::Grace(grace) = policy { grace } else { 0 };
            let in_units = |span| span % profile.timeout_unit() == 0;
            profile.has(Command::Recover) && in_units(grace) && in_units(spread)
        }
        Action::Snapshot => profile.has(Command::Snapshot),
    }
}

fn admits_activity(profile: &Profile, model: &Model, operation: &Operation) -> bool {
    let Some(activity) = operation.action.activity() else { return true };
    if let Action::Schedule { .. } = operation.action {
        return model.activity(activity).is_none();
    }
    // What a late call gets must be known, or none is made.
    profile.late_calls != LateCalls::Unspecified || {
        let mut later = model.clone();
        let now = model.now().max(operation.at);
        later.apply(&Operation { at: now, action: Action::Advance });
        later.activity(activity).is_some()
    }
}

fn admits_limits(profile: &Profile, limits: Limits) -> bool {
    let admits = |limit: Option<u64>, named: TimeoutType| match limit {
        None => !profile.required.contains(&named),
        Some(millis) => {
            profile.timeouts.contains(&named)
                && millis <= profile.longest_timeout
                && millis % profile.timeout_unit() == 0
                && (millis > 0 || profile.promises(Guarantee::ZeroTimeouts))
        }
    };
    admits(limits.schedule_to_start, TimeoutType::ScheduleToStart)
        && admits(limits.schedule_to_close, TimeoutType::ScheduleToClose)
        && admits(limits.start_to_close, TimeoutType::StartToClose)
        && admits(limits.heartbeat, TimeoutType::Heartbeat)
}
