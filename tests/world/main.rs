//! Worlds: a host that embeds the engine, workers on the far side of a network, and everything that goes wrong
//! between them, played from a seed. Safety is judged while it storms, liveness once it calms.
//!
//! `HEARTWHEEL_SEED` and `HEARTWHEEL_OPERATIONS` choose another run, `HEARTWHEEL_WORLD` one world of it: world `n`
//! of a seed is the same whatever the number of threads.

#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]
#![allow(clippy::std_instead_of_alloc, reason = "tests have std")]

mod answering;
mod clock;
mod dice;
mod host;
mod judge;
mod network;
mod record;
#[path = "../support/runs.rs"]
#[allow(dead_code, reason = "the seed of other runs")]
mod runs;
mod simulation;
mod subject;
mod tale;
mod tally;
mod weather;
mod worker;

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::alloc::System;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cap::Cap;
use heartwheel::Engine;
use judge::Belief;
use runs::{chosen, from_env, say};
use simulation::{Failure, Outcome, World};
use subject::Fault;
use tale::Tale;
use tally::Tally;
use weather::YEAR;

/// A few seconds on one core.
const OPERATIONS: u64 = 2_000_000;
const SEED: u64 = 0x776f_726c_6473;

/// Each fault is found out within so many worlds: four times as many as the rarest took (a heartbeat that comes
/// late and before a poll).
const MOST_WORLDS: u64 = 20;

/// Counts what an engine holds at the end of its world.
#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// The tests take turns, so that every byte counted is that of the one that runs.
static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn worlds_are_safe_while_they_storm_and_come_to_their_end_once_it_calms() {
    let _turn = turn();
    let seed = from_env("HEARTWHEEL_SEED", SEED);
    if let Some(number) = chosen("HEARTWHEEL_WORLD") {
        report(&retell(seed, number).tally, seed);
        return;
    }
    let operations = from_env("HEARTWHEEL_OPERATIONS", OPERATIONS);
    let next = AtomicU64::new(0);
    let judged = AtomicU64::new(0);
    let has_failed = AtomicBool::new(false);
    let total = Mutex::new(Tally::default());
    let failures: Mutex<Vec<u64>> = Mutex::new(Vec::new());
    let work = || {
        while judged.load(Ordering::Relaxed) < operations && !has_failed.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            match play(seed, number, Fault::None, Belief::Contract, Tale::default()) {
                Ok(outcome) => {
                    judged.fetch_add(outcome.tally.operations, Ordering::Relaxed);
                    *total.lock().unwrap() += outcome.tally;
                }
                Err(_) => {
                    failures.lock().unwrap().push(number);
                    has_failed.store(true, Ordering::Relaxed);
                }
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    report(&total.into_inner().unwrap(), seed);
    let failures = failures.into_inner().unwrap();
    if let Some(number) = failures.iter().min() {
        retell(seed, *number);
        panic!("world {number} went wrong once and not again");
    }
}

/// Plays a world for its tale, which is told if it goes wrong.
fn retell(seed: u64, number: u64) -> Outcome {
    play(seed, number, Fault::None, Belief::Contract, Tale::told()).unwrap_or_else(|failure| {
        panic!(
            "{}{}\n\nHEARTWHEEL_SEED={seed:#x} HEARTWHEEL_WORLD={number} cargo test --test world worlds_are_safe",
            failure.tail, failure.wrong
        )
    })
}

/// Nothing is proved by what never happens.
#[test]
fn five_hundred_worlds_see_everything_often() {
    let _turn = turn();
    let mut total = Tally::default();
    for number in 0..500 {
        let outcome = play(SEED, number, Fault::None, Belief::Contract, Tale::default());
        total += outcome.unwrap().tally;
    }
    assert!(total.seen().iter().all(|count| *count >= 100), "{total:?}");
}

/// A test of the test: a wrapper, a host, or a judge that is wrong in one thing is found out.
#[test]
fn what_is_wrong_in_one_thing_is_found_out_within_a_few_worlds() {
    let _turn = turn();
    let found_in = |fault, belief| {
        let mut worlds = 0..MOST_WORLDS;
        worlds.find(|number| play(SEED, *number, fault, belief, Tale::default()).is_err())
    };
    for fault in Fault::ALL {
        assert!(found_in(fault, Belief::Contract).is_some(), "{fault:?} passes for right");
    }
    for belief in Belief::WRONG {
        assert!(found_in(Fault::None, belief).is_some(), "{belief:?} convicts nobody");
    }
}

#[test]
fn at_the_end_of_its_world_an_engine_has_given_its_memory_back() {
    let _turn = turn();
    for number in 0..50 {
        let outcome = play(SEED, number, Fault::None, Belief::Contract, Tale::default()).unwrap();
        let fresh = held(Engine::new(outcome.engine.config()));
        let left = held(outcome.engine);
        assert!(left <= fresh + KEPT, "world {number}: {left} bytes, a new engine takes {fresh}");
    }
}

/// An engine that has lived keeps where generations go on, so that dead ids stay dead: a few words for each
/// stretch of slots, of which these worlds have one.
const KEPT: usize = 512;

/// What an engine holds is what comes free with it.
fn held(engine: subject::Machine) -> usize {
    let before = ALLOCATOR.allocated();
    drop(engine);
    before - ALLOCATOR.allocated()
}

fn report(tally: &Tally, seed: u64) {
    let Tally { worlds, operations, replayed, simulated_ms, .. } = tally;
    let years = simulated_ms / YEAR;
    say(format_args!(
        "worlds: {worlds}, operations: {operations}, replayed: {replayed}, simulated years: {years}, seed: {seed:#x}"
    ));
}

fn play(
    seed: u64,
    number: u64,
    fault: Fault,
    belief: Belief,
    tale: Tale,
) -> Result<Outcome, Failure> {
    World::new(world_seed(seed, number), fault, belief, tale).run()
}

/// Seeds that do not overlap between neighbouring ones (the splitmix64 finaliser).
fn world_seed(seed: u64, number: u64) -> u64 {
    let mut mixed = seed.wrapping_add(number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
