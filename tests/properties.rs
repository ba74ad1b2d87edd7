//! The same comparison as the oracle's, by proptest: fewer operations, and a failure shrinks to the
//! shortest list of operations with the smallest figures.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

mod support;

use proptest::prelude::{prop_assert, proptest, ProptestConfig};
use proptest::test_runner::TestCaseError;

use support::generate::scenarios;

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 4_000,
        max_shrink_iters: 50_000,
        // A failure prints its operations: they become a named test, not a line in a file of seeds.
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_list_of_operations_agrees_with_the_model(scenario in scenarios()) {
        scenario.run().map_err(TestCaseError::fail)?;
    }

    #[test]
    fn the_same_operations_agree_on_every_shape_of_wheel(scenario in scenarios()) {
        for (bottom_bits, upper_bits) in [(1, 1), (3, 2), (8, 8)] {
            let mut scenario = scenario.clone();
            scenario.setup.bottom_bits = bottom_bits;
            scenario.setup.upper_bits = upper_bits;
            let outcome = scenario.run();
            prop_assert!(outcome.is_ok(), "geometry ({bottom_bits}, {upper_bits}): {outcome:?}");
        }
    }
}
