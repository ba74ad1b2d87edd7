//! Shortens a case as long as the same departure remains.

use alloc::vec::Vec;

use super::super::generate::admits;
use super::super::profile::Profile;
use super::super::{Action, Model, Operation, Policy};
use crate::Outcome;

/// A case that is being shortened.
pub(super) struct Shrinking<'a, F> {
    profile: &'a Profile,
    operations: Vec<Operation>,
    /// Whether a candidate departs in the same way.
    departs: F,
    /// Runs that may still be spent.
    budget: usize,
}

impl<'a, F: FnMut(&[Operation]) -> bool> Shrinking<'a, F> {
    pub(super) const fn new(
        profile: &'a Profile,
        operations: Vec<Operation>,
        departs: F,
        budget: usize,
    ) -> Self {
        Self { profile, operations, departs, budget }
    }

    /// The shortest that was found.
    pub(super) fn shrink(mut self) -> Vec<Operation> {
        loop {
            let found_shorter = self.remove() | self.fold_changes();
            let found_simpler = self.simplify();
            if !(found_shorter || found_simpler) || self.budget == 0 {
                break;
            }
        }
        self.number_anew();
        self.operations
    }

    /// Takes the candidate if the profile allows it and it departs in the same way.
    fn take(&mut self, candidate: Vec<Operation>) -> bool {
        if self.budget == 0 || candidate == self.operations || !is_allowed(self.profile, &candidate)
        {
            return false;
        }
        self.budget -= 1;
        let departs = (self.departs)(&candidate);
        if departs {
            self.operations = candidate;
        }
        departs
    }

    /// Leaves out whole activities, then operations, in pieces that are halved.
    fn remove(&mut self) -> bool {
        let mut removed = false;
        for activity in activities(&self.operations) {
            let mut candidate = self.operations.clone();
            candidate.retain(|operation| operation.action.activity() != Some(activity));
            removed |= self.take(candidate);
        }
        let mut piece = self.operations.len().div_ceil(2);
        while piece > 0 {
            let mut from = 0;
            while from < self.operations.len() {
                let mut candidate = self.operations.clone();
                candidate.drain(from..(from + piece).min(self.operations.len()));
                if self.take(candidate) {
                    removed = true;
                } else {
                    from += piece;
                }
            }
            piece /= 2;
        }
        removed
    }

    /// Schedules with the timeouts that a later change gives, and leaves out the change: what is not about it does
    /// not need it.
    fn fold_changes(&mut self) -> bool {
        let mut folded = false;
        for place in (0..self.operations.len()).rev() {
            let Action::UpdateTimeouts { activity, limits } = self.operations[place].action else {
                continue;
            };
            let mut candidate = self.operations.clone();
            candidate.remove(place);
            let scheduled = candidate.iter_mut().find(|operation| {
                matches!(operation.action, Action::Schedule { .. })
                    && operation.action.activity() == Some(activity)
            });
            let Some(scheduled) = scheduled else { continue };
            scheduled.action = Action::Schedule { activity, limits };
            folded |= self.take(candidate);
        }
        folded
    }

    /// Makes times and what else there is smaller, one at a time.
    fn simplify(&mut self) -> bool {
        let mut simplified = self.begin_at_zero();
        for place in 0..self.operations.len() {
            simplified |= self.simplify_action(place);
            simplified |= self.bring_nearer(place);
            simplified |= self.shorten_timeouts(place);
        }
        simplified
    }

    fn begin_at_zero(&mut self) -> bool {
        let first = self.operations.iter().map(|operation| operation.at).min().unwrap_or(0);
        let shifted = self
            .operations
            .iter()
            .map(|operation| Operation { at: operation.at - first, action: operation.action });
        let candidate = shifted.collect();
        self.take(candidate)
    }

    fn simplify_action(&mut self, place: usize) -> bool {
        let mut simplified = false;
        if place + 1 < self.operations.len() {
            // All that is needed of it may be that time passes.
            let mut candidate = self.operations.clone();
            candidate[place].action = Action::Advance;
            simplified |= self.take(candidate);
        }
        loop {
            let simpler = simpler(self.operations[place].action);
            let taken = simpler.into_iter().any(|action| {
                let mut candidate = self.operations.clone();
                candidate[place].action = action;
                self.take(candidate)
            });
            if !taken {
                return simplified;
            }
            simplified = true;
        }
    }

    /// Lets an operation and all after it follow sooner; then itself alone.
    fn bring_nearer(&mut self, place: usize) -> bool {
        let mut nearer = false;
        let at = self.operations[place].at;
        let before = place.checked_sub(1).map_or(0, |before| self.operations[before].at);
        let gap = at.saturating_sub(before);
        // As far away as timeouts reach, which may be coarser than instants.
        let whole = Some(gap - gap % self.profile.timeout_unit()).filter(|whole| *whole < gap);
        for less in smaller(gap, self.profile.instant_unit()).chain(whole) {
            let mut candidate = self.operations.clone();
            let gap = self.operations[place].at.saturating_sub(before).saturating_sub(less);
            for operation in &mut candidate[place..] {
                operation.at = operation.at.saturating_sub(gap);
            }
            nearer |= self.take(candidate);
            let mut candidate = self.operations.clone();
            candidate[place].at = before.saturating_add(less);
            nearer |= candidate[place].at < self.operations[place].at && self.take(candidate);
        }
        nearer
    }

    /// Makes a timeout shorter, alone or together with the time until a later operation.
    fn shorten_timeouts(&mut self, place: usize) -> bool {
        let mut shorter = false;
        for which in 0..4 {
            let Some(limit) = self.limit(place, which) else { continue };
            if limit == 0 {
                shorter |= self.lengthen_zero(place, which);
            }
            // Not to zero, which is a case of its own.
            for less in smaller(limit, self.profile.timeout_unit()).filter(|less| *less > 0) {
                let Some(limit) = self.limit(place, which).filter(|limit| *limit > less) else {
                    break;
                };
                for from in place + 1..=self.operations.len() {
                    let mut candidate = self.operations.clone();
                    if let Some(limits) = candidate[place].action.limits_mut() {
                        *limits.each_mut()[which] = Some(less);
                    }
                    for operation in &mut candidate[from..] {
                        operation.at = operation.at.saturating_sub(limit - less);
                    }
                    if self.take(candidate) {
                        shorter = true;
                        break;
                    }
                }
            }
        }
        shorter
    }

    /// Makes a timeout of zero an ordinary one, where zero is not what the departure needs.
    fn lengthen_zero(&mut self, place: usize, which: usize) -> bool {
        let unit = self.profile.timeout_unit();
        (place + 1..=self.operations.len()).any(|from| {
            let mut candidate = self.operations.clone();
            if let Some(limits) = candidate[place].action.limits_mut() {
                *limits.each_mut()[which] = Some(unit);
            }
            for operation in &mut candidate[from..] {
                operation.at = operation.at.saturating_add(unit);
            }
            self.take(candidate)
        })
    }

    fn limit(&self, place: usize, which: usize) -> Option<u64> {
        let mut limits = *self.operations[place].action.limits()?;
        *limits.each_mut()[which]
    }

    /// Numbers activities from 0 in their order, if that is all the same.
    fn number_anew(&mut self) {
        let old = activities(&self.operations);
        let anew = |activity: u32| {
            let place = old.iter().position(|old| *old == activity);
            place.map_or(activity, |place| place as u32)
        };
        let renamed = self
            .operations
            .iter()
            .map(|operation| Operation { at: operation.at, action: operation.action.rename(anew) });
        let candidate = renamed.collect();
        self.budget = self.budget.max(1);
        self.take(candidate);
    }
}

/// The same, a thousand times slower; `None` if the profile does not allow that.
pub(super) fn slower(profile: &Profile, operations: &[Operation]) -> Option<Vec<Operation>> {
    let slow = |millis: u64| millis.checked_mul(1_000);
    let slow_one = |operation: &Operation| {
        let mut slowed = Operation { at: slow(operation.at)?, action: operation.action };
        if let Action::Recover { policy, spread } = &mut slowed.action {
            *spread = slow(*spread)?;
            if let Policy::Grace(grace) = policy {
                *grace = slow(*grace)?;
            }
        }
        if let Some(limits) = slowed.action.limits_mut() {
            for limit in limits.each_mut().into_iter().flatten() {
                *limit = slow(*limit)?;
            }
        }
        Some(slowed)
    };
    let slowed: Vec<Operation> = operations.iter().map(slow_one).collect::<Option<_>>()?;
    Some(slowed).filter(|slowed| is_allowed(profile, slowed))
}

pub(super) fn is_allowed(profile: &Profile, operations: &[Operation]) -> bool {
    let mut model = Model::new(profile);
    operations.iter().all(|operation| {
        let allowed = admits(profile, &model, operation);
        model.apply(operation);
        allowed
    })
}

fn activities(operations: &[Operation]) -> Vec<u32> {
    let mut found = Vec::new();
    for operation in operations {
        // Only those that are scheduled have an order.
        if let Action::Schedule { activity, .. } = operation.action {
            found.push(activity);
        }
    }
    found
}

/// Values to try in place of one, the smallest first.
fn smaller(millis: u64, unit: u64) -> impl Iterator<Item = u64> {
    let half = millis / 2 - (millis / 2) % unit;
    let steps = [0, unit, unit.saturating_mul(2), half, millis.saturating_sub(unit)];
    steps.into_iter().filter(move |less| *less < millis)
}

fn simpler(action: Action) -> Vec<Action> {
    let mut simpler = Vec::new();
    if action != Action::Advance {
        // Perhaps it is only the time that matters.
        simpler.push(Action::Advance);
    }
    if let Action::Heartbeat { activity, details: Some(details) } = action {
        simpler.push(Action::Heartbeat { activity, details: None });
        if details > 9 {
            simpler.push(Action::Heartbeat { activity, details: Some(details % 10) });
        }
    }
    if let Action::Close { activity, outcome: Outcome::Failed | Outcome::Canceled } = action {
        simpler.push(Action::Close { activity, outcome: Outcome::Completed });
    }
    if let Action::AdvanceAtMost(count) = action {
        simpler.extend((1..count).map(Action::AdvanceAtMost));
    }
    if let Action::Recover { policy, spread } = action {
        simpler.push(Action::Recover { policy, spread: 0 });
        simpler.push(Action::Recover { policy: Policy::Rearm, spread });
        if let Policy::Grace(grace) = policy {
            simpler.push(Action::Recover { policy: Policy::Grace(grace / 2), spread });
        }
    }
    for which in 0..4 {
        let mut fewer = action;
        if let Some(limits) = fewer.limits_mut() {
            *limits.each_mut()[which] = None;
        }
        if fewer != action {
            simpler.push(fewer);
        }
    }
    simpler
}
