//! Which sentences a case seems to break before it is shortened: what it departs without is not to blame. A shortened
//! case may have come to depart in a simpler way, and those that look like many before are not shortened at all.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::super::profile::Profile;
use super::super::{Action, Model, Observation, Operation};
use super::run::Difference;
use super::shrink::is_allowed;

/// What a case may do without, of all that it does before its last operation.
const PARTS: [fn(&Operation) -> bool; 5] = [
    |operation| operation.action == Action::Snapshot,
    |operation| matches!(operation.action, Action::Recover { .. }),
    |operation| matches!(operation.action, Action::Suspend { .. } | Action::Resume { .. }),
    |operation| matches!(operation.action, Action::UpdateTimeouts { .. }),
    |operation| matches!(operation.action, Action::RequestCancel { .. }),
];

/// Leaves out of a case whatever it departs without, by kinds of operations: a run for each kind that it has.
pub(super) fn stripped(
    profile: &Profile,
    mut case: Vec<Operation>,
    difference: &Difference,
    mut departs: impl FnMut(&[Operation]) -> bool,
) -> Vec<Operation> {
    let mut take = |case: &mut Vec<Operation>, mut shorter: Vec<Operation>| {
        // What it is to show at stays.
        shorter.extend(case.last());
        if shorter.len() < case.len() && is_allowed(profile, &shorter) && departs(&shorter) {
            *case = shorter;
        }
    };
    let own = own(&case, difference);
    let is_own = |it: &Operation| it.action.activity().map_or(true, |it| own.contains(&it));
    let shorter = kept(&case, is_own);
    take(&mut case, shorter);
    let shorter = accepted(profile, &case);
    take(&mut case, shorter);
    for is_part in PARTS {
        let shorter = kept(&case, |operation| !is_part(operation));
        take(&mut case, shorter);
    }
    case
}

/// The activities that the difference is about.
fn own(case: &[Operation], difference: &Difference) -> BTreeSet<u32> {
    let got = difference.got.told.as_deref().unwrap_or_default();
    let told = difference.expected.iter().chain(got).filter_map(Observation::timed_out);
    let named = case.last().and_then(|last| last.action.activity());
    told.map(|timed_out| timed_out.activity).chain(named).collect()
}

/// Those before the last one that are kept.
fn kept(case: &[Operation], is_kept: impl Fn(&Operation) -> bool) -> Vec<Operation> {
    let before = case.iter().take(case.len().saturating_sub(1));
    before.copied().filter(is_kept).collect()
}

/// Those before the last one that are not to be refused, and at which the clock does not run backwards.
fn accepted(profile: &Profile, case: &[Operation]) -> Vec<Operation> {
    let mut model = Model::new(profile);
    let mut accepted = kept(case, |_| true);
    accepted.retain(|operation| {
        let is_older = operation.at < model.now();
        let told = model.apply(operation);
        !is_older && !told.iter().any(|told| matches!(told, Observation::Refused(_)))
    });
    accepted
}
