//! What things cost, by counters: entries looked at, allocations, wake-ups. No clock is read.
//!
//! `HEARTWHEEL_HEARTBEATS` and `HEARTWHEEL_ACTIVITIES` choose a longer run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

mod support;

use allocation_counter::measure;
use heartwheel::{Config, Engine};

use support::runs::{from_env, say};
use support::shorthand::{at, hb, ms, s2c, started};

type Host = Engine<u64, u64>;

/// Levels of the default wheel: eight bits of a deadline each.
const LEVELS: u64 = 8;

/// By 64 activities, so that 10^9 are fewer for each than the 2^24 after which a page of counts is allocated.
#[test]
fn heartbeats_allocate_nothing_and_touch_no_timer() {
    let wanted = from_env("HEARTWHEEL_HEARTBEATS", 10_000_000);
    let mut engine = Host::new(Config::DEFAULT);
    let timeouts = hb(1_000).with_schedule_to_close(ms(1 << 40));
    let ids: Vec<_> = (0..64).map(|key| started(&mut engine, 0, key, timeouts)).collect();
    let timers = engine.stats().timers;
    let taken = measure(|| {
        for beat in 0..wanted {
            // Each activity once in a millisecond, with details.
            let (now, id) = (at(beat / 64), ids[(beat % 64) as usize]);
            engine.heartbeat(now, id, Some(beat)).unwrap();
        }
    });
    say(format_args!("{wanted} heartbeats: {} allocations", taken.count_total));
    assert_eq!(taken.count_total, 0);
    assert_eq!(engine.stats().timers, timers);
    assert_eq!(engine.stats().heartbeats, wanted);
    engine.check_invariants().unwrap();
}

#[test]
fn a_drained_crowd_gives_its_memory_back() {
    let activities = from_env("HEARTWHEEL_ACTIVITIES", 100_000);
    let mut engine = Host::new(Config::DEFAULT);
    let taken = measure(|| {
        for key in 0..activities {
            schedule_one_of_a_crowd(&mut engine, key);
        }
        let drained = core::iter::from_fn(|| engine.poll(at(u64::MAX))).count() as u64;
        assert_eq!((drained, engine.len()), (activities, 0));
        engine.shrink_to_fit();
    });
    let (peak, left) = (taken.bytes_max, taken.bytes_current);
    say(format_args!("{activities} activities drained: {peak} bytes at the peak, {left} left"));
    // What is left says of each stretch of 65,536 slots that it was given back: three empty columns and a floor.
    let stretches = (activities >> 16) as i64 + 1;
    assert!(left < 1_024 + stretches * 256, "{left} bytes left");
    engine.check_invariants().unwrap();
}

/// A thousand in a millisecond; every other one started, a few canceled or suspended.
fn schedule_one_of_a_crowd(engine: &mut Host, key: u64) {
    let now = key / 1_000;
    let timeouts = hb(60_000 + key % 997).with_schedule_to_close(ms(3_600_000));
    let id = engine.schedule(at(now), key, timeouts).unwrap();
    if key % 2 == 0 {
        engine.start(at(now), id).unwrap();
        engine.heartbeat(at(now), id, Some(key)).unwrap();
    }
    if key % 64 == 0 {
        engine.request_cancel(at(now), id).unwrap();
        engine.suspend(at(now), id).unwrap();
        engine.resume(at(now), id).unwrap();
    }
}

#[test]
fn a_jump_looks_at_one_timer_once_per_level() {
    let mut worst = 0;
    for exponent in 1..64 {
        let distance: u64 = 1 << exponent;
        for (deadline, fires) in [(distance - 1, true), (distance, true), (distance + 1, false)] {
            let mut engine = Host::new(Config::DEFAULT);
            engine.schedule(at(0), 0, s2c(deadline)).unwrap();
            assert_eq!(engine.poll(at(distance)).is_some(), fires);
            worst = worst.max(engine.stats().timers.visited);
            let visited = engine.stats().timers.visited;
            for _ in 0..1_000 {
                assert!(engine.poll(at(distance)).is_none());
            }
            assert_eq!(engine.stats().timers.visited, visited);
        }
    }
    say(format_args!("a jump of up to 2^63 with one timer: {worst} entries looked at"));
    assert!(worst <= LEVELS, "{worst} entries looked at");
}

/// As `next_wakeup` says: on at most two levels within sixteen minutes, and on no more than all there are.
#[test]
fn a_timer_wakes_its_host_once_per_level() {
    let sixteen_minutes = 16 * 60 * 1_000;
    let (mut worst, mut worst_of_all) = (0, 0);
    let near = (0..=sixteen_minutes).step_by(577);
    let far =
        (0..64).flat_map(|exponent| [(1 << exponent) - 1, 1 << exponent, (1 << exponent) + 1]);
    for timeout in near.chain(far) {
        for phase in [0, 1, 255, 65_535, 1_760_000_000_123] {
            let mut engine = Host::new(Config::DEFAULT);
            engine.schedule(at(phase), 0, s2c(timeout)).unwrap();
            let mut wakeups = 0;
            while let Some(wakeup) = engine.next_wakeup() {
                wakeups += 1;
                let _ = engine.poll(wakeup);
            }
            worst_of_all = worst_of_all.max(wakeups);
            if timeout <= sixteen_minutes {
                worst = worst.max(wakeups);
            }
        }
    }
    say(format_args!(
        "wake-ups of one timer: {worst} within 16 minutes, {worst_of_all} within all of time"
    ));
    assert!(worst <= 2, "{worst} wake-ups within 16 minutes");
    assert!(worst_of_all <= LEVELS, "{worst_of_all} wake-ups");
}

/// A host that follows every wake-up, and workers that beat ten times in each timeout. A timer that is found with
/// its deadline moved goes on for nine tenths of a timeout at least, so it wakes the host at most ten times in
/// nine timeouts.
#[test]
fn heartbeats_wake_the_host_no_oftener_than_their_timeout() {
    const ACTIVITIES: u64 = 100;
    const TIMEOUT: u64 = 30_000;
    const PERIODS: u64 = 90;
    let mut engine = Host::new(Config::DEFAULT);
    let (mut ids, mut wakeups) = (Vec::new(), 0);
    // Activities start one after the other within a timeout, apart by more than a slot, so that they share few
    // wake-ups.
    for turn in 0..ACTIVITIES * PERIODS {
        let now = turn * TIMEOUT / ACTIVITIES;
        while let Some(wakeup) = engine.next_wakeup().filter(|wakeup| *wakeup <= at(now)) {
            wakeups += 1;
            assert!(engine.poll(wakeup).is_none(), "all are alive");
        }
        if turn < ACTIVITIES {
            ids.push(started(&mut engine, now, turn, hb(TIMEOUT)));
        }
        for id in ids.iter().skip(turn as usize % 10).step_by(10) {
            engine.heartbeat(at(now), *id, None).unwrap();
        }
    }
    let stats = engine.stats();
    say(format_args!(
        "{ACTIVITIES} activities over {PERIODS} heartbeat timeouts: {} heartbeats, {} timers armed, {wakeups} \
         wake-ups",
        stats.heartbeats, stats.timers.armed
    ));
    assert_eq!(stats.timers.armed, ACTIVITIES);
    assert!(wakeups > ACTIVITIES, "the timers never woke");
    assert!(wakeups <= ACTIVITIES * PERIODS * 10 / 9, "{wakeups} wake-ups");
}
