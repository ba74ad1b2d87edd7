//! The museum's entries about memory: a process of its own, one test at a time, so that bytes can be counted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

mod support;

use std::alloc::System;
use std::sync::{Mutex, PoisonError};

use cap::Cap;
use heartwheel::{Config, Engine, Outcome, ScheduleRefusal};

use support::shorthand::*;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// What the harness itself takes now and then for the names and results of its tests; a leak of one byte for each
/// of a million operations is far more.
const NOISE: usize = 64 << 10;

/// Runs a case while no other does.
fn alone(case: impl FnOnce()) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _guard = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    case();
}

/// The bytes allocated by now that are not freed, and those that ever were.
fn bytes() -> (usize, usize) {
    (ALLOCATOR.allocated(), ALLOCATOR.total_allocated())
}

// Cancelled timers were held until their bucket came round.
#[test]
fn g1_netty_2541_a_million_cancelled_timers_leave_nothing() {
    alone(|| {
        let mut engine = engine();
        let mut schedule_and_cancel = |now: u64| {
            let id = engine.schedule(at(now), "a", s2c(3_600_000)).unwrap();
            engine.abandon(at(now), id).unwrap();
        };
        (0..1_000).for_each(&mut schedule_and_cancel);
        let (_, before) = bytes();
        (1_000..1_001_000).for_each(&mut schedule_and_cancel);
        let (_, after) = bytes();
        assert!(after - before < NOISE, "{} bytes", after - before);
    });
}

// Pending timeouts without bound, until memory was used up. Beyond the capacity there is an error, and no memory.
#[test]
fn g2_netty_5647_beyond_the_capacity_keys_come_back_and_nothing_is_kept() {
    alone(|| {
        let mut engine: Wheel = Engine::new(Config::DEFAULT.with_max_open(100));
        let ids = [(); 100].map(|()| engine.schedule(at(0), "a", s2c(10)).unwrap());
        let (_, before) = bytes();
        for _ in 0..1_000_000 {
            let refused = engine.schedule(at(1), "one more", s2c(10)).unwrap_err();
            let reason = ScheduleRefusal::AtCapacity { max_open: 100 };
            assert_eq!((refused.key, refused.reason), ("one more", reason));
        }
        let (_, after) = bytes();
        assert!(after - before < NOISE, "{} bytes", after - before);
        assert_eq!(engine.len(), 100);
        engine.abandon(at(2), ids[50]).unwrap();
        assert!(engine.schedule(at(2), "one more", s2c(10)).is_ok());
    });
}

// A timeout task for each heartbeat.
#[test]
fn g5_cadence_55_a_million_heartbeats_are_one_timer_and_no_bytes() {
    alone(|| {
        let mut engine = engine();
        let id = started(&mut engine, 0, "a", hb(60_000));
        let (_, before) = bytes();
        for now in 0..1_000_000 {
            engine.heartbeat(at(now), id, Some("details")).unwrap();
            assert!(engine.poll(at(now)).is_none());
        }
        let (_, after) = bytes();
        assert!(after - before < NOISE, "{} bytes", after - before);
        let timers = engine.stats().timers;
        assert_eq!((timers.armed, timers.disarmed), (1, 0));
        // The one timer follows the heartbeats: a few visits to each of the seventeen minutes.
        assert!(timers.visited <= 17 * 4, "{timers:?}");
        assert_eq!(drain_keys(&mut engine, 1_059_999), ["a"]);
    });
}

// Nodes leaked when entries were evicted, expired, or the wheel changed its size. Over and over, by every way out.
#[test]
fn g9_moka_177_by_every_way_out_memory_comes_back() {
    const CROWD: u64 = 20_000;
    fn life(engine: &mut Engine<Box<u64>, Box<u64>>) {
        let start = engine.now().as_millis();
        let ids: Vec<_> =
            (0..CROWD).map(|nth| started(engine, start, Box::new(nth), hb(1 + nth * 7))).collect();
        for (id, now) in ids.iter().zip(start..) {
            // By then some are due, and some are closed in turn; the others time out.
            let _ = engine.heartbeat(at(now), *id, Some(Box::new(now)));
            if now % 3 == 0 {
                let _ = engine.close(at(now), *id, Outcome::Completed);
            } else if now % 3 == 1 {
                let _ = engine.request_cancel(at(now), *id);
            }
        }
        engine.shrink_to_fit();
        let _ = drain(engine, start + 10 * CROWD);
        assert!(engine.is_empty());
    }
    alone(|| {
        let (nothing, _) = bytes();
        let mut engine = Engine::new(Config::DEFAULT);
        life(&mut engine);
        let (once, _) = bytes();
        for _ in 0..20 {
            life(&mut engine);
        }
        let (often, _) = bytes();
        assert!(often < once + NOISE, "{once} bytes after one life, {often} after more");
        // Nor does a crowd that expires at one instant leave the memory of its list behind.
        let now = engine.now().as_millis();
        for nth in 0..CROWD {
            engine.schedule(at(now), Box::new(nth), s2c(10)).unwrap();
        }
        assert_eq!(drain(&mut engine, now + 10).len() as u64, CROWD);
        let (drained, _) = bytes();
        assert!(drained < once + NOISE, "{once} bytes after one life, {drained} after a crowd");
        engine.shrink_to_fit();
        let (shrunk, _) = bytes();
        // An empty wheel and a few tables.
        assert!(shrunk < nothing + 2 * NOISE, "{nothing} bytes before, {shrunk} after");
        drop(engine);
    });
}
