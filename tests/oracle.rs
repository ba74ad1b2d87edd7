//! The oracle: millions of random operations on the engine and on a model written from the contract,
//! compared after every one of them.
//!
//! `HEARTWHEEL_SEED` and `HEARTWHEEL_OPERATIONS` choose another run; scenario `n` of a seed is the
//! same whatever the number of threads.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

mod support;

use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::panic::catch_unwind;
use std::sync::Mutex;

use heartwheel::conformance::generate::case_seed;
use heartwheel::conformance::Model;
use heartwheel::{MissingDetails, Stats};

use support::generate::scenario;
use support::operation::Scenario;
use support::runs::{from_env, say, SEED};

const OPERATIONS: u64 = 5_000_000;

/// Runs that the shortening of one failure may cost.
const SHORTENING_RUNS: usize = 4_000;

#[test]
fn millions_of_operations_agree_with_the_model() {
    let seed = from_env("HEARTWHEEL_SEED", SEED);
    let operations = from_env("HEARTWHEEL_OPERATIONS", OPERATIONS);
    let next = AtomicU64::new(0);
    let compared = AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    let failures: Mutex<Vec<u64>> = Mutex::new(Vec::new());
    let work = || {
        while compared.load(Ordering::Relaxed) < operations && !stop.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let scenario = scenario(case_seed(seed, number));
            if outcome(&scenario, right_model).is_err() {
                failures.lock().unwrap().push(number);
                stop.store(true, Ordering::Relaxed);
            }
            compared.fetch_add(scenario.steps.len() as u64, Ordering::Relaxed);
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, |threads| threads.get().max(2));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let failures = failures.into_inner().unwrap();
    say(format_args!(
        "model-compared operations: {}, differences: {}, seed: {seed:#x}",
        compared.into_inner(),
        failures.len(),
    ));
    if let Some(number) = failures.first() {
        let found = scenario(case_seed(seed, *number));
        panic!("seed {seed:#x}, scenario {number}\n{}", report(&found, right_model));
    }
}

/// A test of the test: a model with one rule wrong is found out, and the evidence is short.
#[test]
fn a_model_that_forgets_details_is_found_out_and_the_case_shortened() {
    let wrong_model = |scenario: &Scenario| {
        Model::new(&scenario.setup.profile().with_missing_details(MissingDetails::Clear))
    };
    let found = (0..100)
        .map(|number| scenario(case_seed(SEED, number)))
        .filter(|scenario| scenario.setup.missing_details == MissingDetails::Keep)
        .find(|scenario| outcome(scenario, wrong_model).is_err())
        .expect("a difference within a hundred scenarios");
    let short = shorten(&found, wrong_model);
    outcome(&short, wrong_model).expect_err("still a difference");
    // It takes four: schedule, start, a heartbeat with details, one without.
    assert!(short.steps.len() <= 5, "{}", report(&found, wrong_model));
}

/// Another test of the test: nothing is compared that never happens.
#[test]
fn a_thousand_scenarios_reach_every_outcome_often() {
    let mut reached = [0_u64; 13];
    for number in 0..1_000 {
        let stats = scenario(case_seed(SEED, number)).run().unwrap();
        let counts = [
            stats.scheduled,
            stats.heartbeats,
            stats.completed,
            stats.failed,
            stats.canceled,
            stats.abandoned,
            stats.timed_out.start_to_close,
            stats.timed_out.schedule_to_start,
            stats.timed_out.schedule_to_close,
            stats.timed_out.heartbeat,
            stats.clock_regressions,
            stats.lateness.count,
            stats.timers.moved,
        ];
        for (sum, count) in reached.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    assert!(reached.iter().all(|count| *count >= 1_000), "{reached:?}");
}

fn right_model(scenario: &Scenario) -> Model {
    scenario.setup.model()
}

/// A panic of the engine is a difference like any other.
fn outcome(scenario: &Scenario, model: impl Fn(&Scenario) -> Model) -> Result<Stats, String> {
    catch_unwind(AssertUnwindSafe(|| scenario.run_against(model(scenario)))).unwrap_or_else(
        |panic| {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(format!("panic: {}", message.unwrap_or("of an unknown kind")))
        },
    )
}

fn report(found: &Scenario, model: impl Fn(&Scenario) -> Model + Copy) -> String {
    let short = shorten(found, model);
    let difference = outcome(&short, model).expect_err("the shortened scenario still differs");
    let described = catch_unwind(AssertUnwindSafe(|| short.describe(model(&short))));
    // The description runs the engine, which may panic: then the bare steps must do.
    let described = described.unwrap_or_else(|_| format!("{short:#?}\n"));
    format!("{described}{difference}")
}

/// Removes chunks of steps, halving their size, as long as a difference remains.
fn shorten(found: &Scenario, model: impl Fn(&Scenario) -> Model + Copy) -> Scenario {
    let fails = |candidate: &Scenario| outcome(candidate, model).is_err();
    let mut short = found.clone();
    // Freezing runs the engine, which may panic: then the steps stay as relative as they were.
    if let Ok(frozen) = catch_unwind(AssertUnwindSafe(|| found.frozen(model(found)))) {
        if fails(&frozen) {
            short = frozen;
        }
    }
    let mut runs = 0;
    let mut chunk = short.steps.len().div_ceil(2);
    while chunk > 0 && runs < SHORTENING_RUNS {
        let length_before = short.steps.len();
        let mut from = 0;
        while from < short.steps.len() && runs < SHORTENING_RUNS {
            let to = (from + chunk).min(short.steps.len());
            let mut candidates = vec![short.without(from..to)];
            if to - from == 1 {
                candidates.push(short.without_schedule(from));
            }
            runs += candidates.len();
            match candidates.into_iter().find(fails) {
                Some(fewer) => short = fewer,
                None => from += chunk,
            }
        }
        if chunk > 1 {
            chunk /= 2;
        } else if short.steps.len() == length_before {
            break;
        }
    }
    short
}
