//! Scenarios of an engine of this crate: the steps of `heartwheel::conformance::generate`, what only such an engine
//! offers, and the shape of the engine.

use heartwheel::conformance::generate::{strategies, Steps};
use heartwheel::MissingDetails;
use proptest::prelude::{any, prop, prop_oneof, Just, Strategy};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::operation::{Operation, Scenario, Setup, Step};

/// The scenario of a seed.
pub(crate) fn scenario(seed: u64) -> Scenario {
    let mut steps = Steps::new(seed);
    // Not the sequence of the steps.
    let mut rng = SmallRng::seed_from_u64(!seed);
    let (bottom_bits, upper_bits) = steps.shape();
    let setup = Setup {
        bottom_bits,
        upper_bits,
        max_open: max_open(&mut rng),
        missing_details: if rng.random_bool(0.7) {
            MissingDetails::Keep
        } else {
            MissingDetails::Clear
        },
        max_jump: rng.random_ratio(1, 12).then(|| rng.random_range(0..2_000)),
    };
    let mut scenario = Scenario { setup, steps: Vec::new() };
    scenario.steps.extend(steps.next().map(common));
    if rng.random_ratio(1, 80) {
        // A crowd, so that slots overflow and lists are long.
        for _ in 0..rng.random_range(100..250) {
            let operation = Operation::Common(steps.schedule());
            scenario.steps.push(Step { when: steps.when(), operation });
        }
    }
    for _ in 0..steps.length() {
        let step = match rng.random_range(0..120) {
            0 => Step { when: steps.when(), operation: Operation::ShrinkToFit },
            1..=3 => Step {
                when: steps.when(),
                operation: Operation::Heartbeats {
                    whom: steps.whom(),
                    count: rng.random_range(0..40),
                    details: steps.details(),
                },
            },
            _ => common(steps.next().expect("they have no end")),
        };
        scenario.steps.push(step);
    }
    scenario
}

fn common(step: heartwheel::conformance::Step) -> Step {
    Step { when: step.when, operation: Operation::Common(step.action) }
}

fn max_open(rng: &mut SmallRng) -> u32 {
    match rng.random_range(0..20) {
        0 => rng.random_range(0..2),
        1..=3 => rng.random_range(2..5),
        4..=15 => rng.random_range(6..13),
        _ => u32::MAX,
    }
}

/// Proptest's scenarios: the same ingredients, shorter, and shrinking towards nothing.
pub(crate) fn scenarios() -> impl Strategy<Value = Scenario> {
    (setups(), strategies::starts(), prop::collection::vec(steps(), 1..100)).prop_map(
        |(setup, start, mut steps)| {
            steps[0].when = start;
            Scenario { setup, steps }
        },
    )
}

fn setups() -> impl Strategy<Value = Setup> {
    let shape = (1_u8..11, 1_u8..10);
    let max_open = prop_oneof![1 => 0_u32..4, 4 => 4_u32..13, 4 => Just(u32::MAX)];
    let missing_details = prop_oneof![Just(MissingDetails::Keep), Just(MissingDetails::Clear)];
    let max_jump = prop_oneof![11 => Just(None), 1 => (0_u64..2_000).prop_map(Some)];
    (shape, max_open, missing_details, max_jump).prop_map(
        |((bottom_bits, upper_bits), max_open, missing_details, max_jump)| Setup {
            bottom_bits,
            upper_bits,
            max_open,
            missing_details,
            max_jump,
        },
    )
}

fn steps() -> impl Strategy<Value = Step> {
    (strategies::whens(), operations()).prop_map(|(when, operation)| Step { when, operation })
}

fn operations() -> impl Strategy<Value = Operation> {
    prop_oneof![
        116 => strategies::actions().prop_map(Operation::Common),
        1 => Just(Operation::ShrinkToFit),
        3 => (strategies::whoms(), 0_usize..30, any::<Option<u32>>())
            .prop_map(|(whom, count, details)| Operation::Heartbeats { whom, count, details }),
    ]
}
