//! The same ingredients as proptest's strategies, which shrink towards nothing.
//!
//! ```
//! use heartwheel::conformance::{generate::strategies, Model, Profile};
//! use proptest::prelude::*;
//!
//! proptest!(|(operations in strategies::operations(Profile::full(), 1..60))| {
//!     let mut model = Model::new(&Profile::full());
//!     for operation in &operations {
//!         model.apply(operation);
//!     }
//! });
//! ```

use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::{any, prop, prop_oneof, Just, Strategy};

use super::super::{Action, Limits, Operation, Policy, Profile, Step, When, Whom};
use super::{Fitting, START_CLOCKS};
use crate::Outcome;

/// Operations that a profile allows, made of so many steps at most.
pub fn operations(
    profile: Profile,
    length: impl Into<prop::collection::SizeRange>,
) -> impl Strategy<Value = Vec<Operation>> {
    cases(steps(), length).prop_map(move |steps| {
        let mut fitting = Fitting::new(&profile);
        steps.into_iter().filter_map(|step| fitting.operation(step)).collect()
    })
}

/// So many steps, the first at a clock at which something turns over.
pub fn cases(
    steps: impl Strategy<Value = Step>,
    length: impl Into<prop::collection::SizeRange>,
) -> impl Strategy<Value = Vec<Step>> {
    (starts(), prop::collection::vec(steps, length)).prop_map(|(start, mut steps)| {
        if let Some(first) = steps.first_mut() {
            first.when = start;
        }
        steps
    })
}

/// The instant of a first step.
pub fn starts() -> impl Strategy<Value = When> {
    prop::sample::select(START_CLOCKS).prop_map(When::At)
}

/// Steps of every kind.
pub fn steps() -> impl Strategy<Value = Step> {
    (whens(), actions()).prop_map(|(when, action)| Step { when, action })
}

/// Actions of every kind.
pub fn actions() -> impl Strategy<Value = Action<Whom>> {
    let outcome =
        prop_oneof![Just(Outcome::Completed), Just(Outcome::Failed), Just(Outcome::Canceled)];
    prop_oneof![
        24 => limits().prop_map(|limits| Action::Schedule { activity: Whom::Next, limits }),
        18 => whoms().prop_map(|activity| Action::Start { activity }),
        16 => (whoms(), any::<Option<u32>>())
            .prop_map(|(activity, details)| Action::Heartbeat { activity, details }),
        5 => whoms().prop_map(|activity| Action::RequestCancel { activity }),
        6 => (whoms(), outcome).prop_map(|(activity, outcome)| Action::Close { activity, outcome }),
        2 => whoms().prop_map(|activity| Action::Abandon { activity }),
        20 => Just(Action::Advance),
        8 => (1_usize..4).prop_map(Action::AdvanceAtMost),
        4 => (whoms(), limits())
            .prop_map(|(activity, limits)| Action::UpdateTimeouts { activity, limits }),
        3 => whoms().prop_map(|activity| Action::Suspend { activity }),
        4 => whoms().prop_map(|activity| Action::Resume { activity }),
        3 => recoveries(),
        1 => Just(Action::Snapshot),
    ]
}

fn recoveries() -> impl Strategy<Value = Action<Whom>> {
    let millis = || prop_oneof![2 => Just(0_u64), 3 => 1_u64..40, 2 => widths()];
    let policy = prop_oneof![
        1 => Just(Policy::Absolute),
        2 => Just(Policy::Rearm),
        2 => millis().prop_map(Policy::Grace),
    ];
    (policy, millis()).prop_map(|(policy, spread)| Action::Recover { policy, spread })
}

/// Activities, mostly open ones.
pub fn whoms() -> impl Strategy<Value = Whom> {
    prop_oneof![
        27 => (0_usize..12).prop_map(Whom::Open),
        2 => (0_usize..100).prop_map(Whom::Scheduled),
        1 => (0_usize..500).prop_map(Whom::Stranger),
    ]
}

/// Instants, crowded around deadlines and level widths.
pub fn whens() -> impl Strategy<Value = When> {
    prop_oneof![
        55 => Just(When::Same),
        40 => (0_u64..6).prop_map(When::Later),
        35 => nudges().prop_map(When::Wakeup),
        15 => nudges().prop_map(When::Earliest),
        10 => (0_usize..12, nudges()).prop_map(|(which, offset)| When::Deadline(which, offset)),
        18 => widths().prop_map(When::Later),
        14 => (0_u8..64, nudges()).prop_map(|(bits, offset)| When::Boundary(bits, offset)),
        10 => prop_oneof![1_u64..4, any::<u64>()].prop_map(When::Earlier),
        1 => (0_u64..300).prop_map(When::BeforeEnd),
    ]
}

fn nudges() -> impl Strategy<Value = i64> {
    prop_oneof![4 => Just(0_i64), 2 => -1_i64..2]
}

fn widths() -> impl Strategy<Value = u64> {
    // Small exponents more often than large ones, or the clock is at its end at once.
    (prop_oneof![4 => 0_u32..16, 1 => 16_u32..64], -1_i64..2)
        .prop_map(|(bits, offset)| (1_u64 << bits).saturating_add_signed(offset))
}

/// Timeouts of an activity.
pub fn limits() -> impl Strategy<Value = Limits> {
    let limit = || {
        prop_oneof![
            3 => Just(None),
            2 => (0_u64..4).prop_map(Some),
            3 => (4_u64..40).prop_map(Some),
            2 => widths().prop_map(Some),
            1 => (0_u64..3).prop_map(|less| Some(u64::MAX - less)),
        ]
    };
    (limit(), limit(), limit(), limit()).prop_map(
        |(schedule_to_start, schedule_to_close, start_to_close, heartbeat)| Limits {
            schedule_to_start,
            schedule_to_close,
            start_to_close,
            heartbeat,
        },
    )
}
