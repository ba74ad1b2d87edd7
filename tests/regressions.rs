//! Bugs that other timer libraries and workflow engines had, translated to this engine's operations.
//! The comment over each test names the report. In a group that is about the wheel, every case runs
//! on several shapes of wheel and at several clocks, so that it meets the boundary it is about.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

mod support;

use core::time::Duration;

use heartwheel::{
    CancelOutcome, CommandError, Config, Engine, Geometry, Outcome, Recovery, TimeoutType,
    Timestamp,
};

use support::shorthand::*;

use TimeoutType::{Heartbeat, ScheduleToClose, ScheduleToStart, StartToClose};

/// Bits of the bottom level and of the others.
const SHAPES: [(u8, u8); 6] = [(8, 8), (1, 1), (2, 2), (3, 1), (6, 6), (7, 5)];

/// Runs a case on every shape of wheel.
fn on_every_shape(case: impl Fn(&mut Wheel, (u8, u8))) {
    for shape in SHAPES {
        let geometry = Geometry::new(shape.0, shape.1);
        let mut engine: Wheel = Engine::new(Config::DEFAULT.with_geometry(geometry));
        case(&mut engine, shape);
        engine.check_invariants().unwrap();
    }
}

/// The width of a slot at a level.
fn width((bottom, upper): (u8, u8), level: u8) -> u64 {
    if level == 0 {
        1
    } else {
        1 << (bottom + (level - 1) * upper)
    }
}

/// A timer that fires at an absolute instant.
fn timer(engine: &mut Wheel, now: u64, key: &'static str, deadline: u64) -> heartwheel::ActivityId {
    engine.schedule(at(now), key, s2c(deadline - now)).unwrap()
}

// ---------------------------------------------------------------- placement, cascade, arithmetic

// tokio#8334 (A1): a far timer that wrapped into the current top slot hid all nearer ones.
#[test]
fn a_far_timer_does_not_hide_a_nearer_one() {
    on_every_shape(|engine, _| {
        timer(engine, 0, "warm up", 1_000);
        assert_eq!(drain_keys(engine, 1_000), ["warm up"]);
        timer(engine, 1_000, "far", 1 << 36);
        timer(engine, 1_000, "middle", (1 << 30) - 10);
        assert_eq!(drain_keys(engine, (1 << 30) - 10), ["middle"]);
        timer(engine, (1 << 30) - 10, "near", (1 << 30) + 5);
        assert_eq!(drain_keys(engine, (1 << 30) + 4), [] as [&str; 0]);
        assert_eq!(drain_keys(engine, (1 << 30) + 60_000), ["near"]);
        assert_eq!(follow_wakeups(engine).0, [("far", 1 << 36)]);
    });
    // The same where the wheel has three levels of four slots.
    let mut engine: Wheel = Engine::new(Config::DEFAULT.with_geometry(Geometry::new(2, 2)));
    assert!(engine.poll(at(1)).is_none());
    timer(&mut engine, 1, "far", 64);
    assert_eq!(drain_keys(&mut engine, 5), [] as [&str; 0]);
    timer(&mut engine, 5, "near", 16);
    assert_eq!(drain_keys(&mut engine, 16), ["near"]);
}

// Caffeine 7cc9f1f41 (A2): an occupied current bucket hid an event one bucket ahead.
#[test]
fn a_timer_a_lap_ahead_does_not_delay_the_wake_up_for_one_close_by() {
    on_every_shape(|engine, shape| {
        for level in 1..4 {
            let slot = width(shape, level);
            let lap = width(shape, level + 1);
            let base = engine.now().as_millis();
            let now = (base / lap + 1) * lap + slot - 1;
            assert_eq!(drain_keys(engine, now), [] as [&str; 0]);
            let far = timer(engine, now, "lap", now + lap - 1);
            timer(engine, now, "near", now + 2);
            assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= now + 2));
            assert_eq!(drain_keys(engine, now + 2), ["near"]);
            engine.abandon(at(now + 2), far).unwrap();
        }
    });
}

// Caffeine a915558ec (A4): the first event of a lower wheel was later than what a cascade would bring.
#[test]
fn the_wake_up_sees_past_the_lower_level_to_what_a_cascade_brings() {
    on_every_shape(|engine, shape| {
        let slot = width(shape, 1);
        timer(engine, 0, "a", slot + 40);
        assert_eq!(drain_keys(engine, slot - 1), [] as [&str; 0]);
        timer(engine, slot - 1, "b", slot + 60);
        assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= slot + 40));
        assert_eq!(follow_wakeups(engine).0, [("a", slot + 40), ("b", slot + 60)]);
    });
}

// tokio-util#8402 (A5): of two entries in one upper slot the wrong one was next, and ties flipped.
#[test]
fn every_pair_of_near_deadlines_fires_in_order_and_on_time() {
    for shape in SHAPES {
        let geometry = Geometry::new(shape.0, shape.1);
        for first in 1..90 {
            for second in 1..90 {
                let mut engine: Wheel = Engine::new(Config::DEFAULT.with_geometry(geometry));
                timer(&mut engine, 0, "first", first);
                timer(&mut engine, 0, "second", second);
                let expected = if first <= second {
                    [("first", first), ("second", second)]
                } else {
                    [("second", second), ("first", first)]
                };
                assert_eq!(follow_wakeups(&mut engine).0, expected, "{shape:?}");
            }
        }
    }
}

// tokio#5536 (A6): a clock beyond 2^36 ms, two instants 1 ms apart across the boundary: panic.
#[test]
fn two_instants_a_millisecond_apart_may_differ_in_every_bit() {
    on_every_shape(|engine, _| {
        for bits in 1..64 {
            let boundary = 1_u64 << bits;
            assert_eq!(drain_keys(engine, boundary - 1), [] as [&str; 0]);
            timer(engine, boundary - 1, "at", boundary);
            timer(engine, boundary - 1, "after", boundary + 1);
            assert_eq!(drain_keys(engine, boundary), ["at"]);
            assert_eq!(drain_keys(engine, boundary + 1), ["after"]);
        }
    });
}

// Linux 66e4b63624fc (A8), Akka#1016 (A10), rpc-perf#180 (A12), tokio-timer#38 (A13), wahern/timeout#30
// (A14), agrona#73 (A20): timeouts of a lap, a lap and a bit, several laps; early, a round late, or never.
#[test]
fn timeouts_around_every_lap_are_exact_at_every_phase_of_the_clock() {
    for shape in [(1, 1), (2, 2), (3, 1), (4, 4)] {
        for level in 1..4 {
            let lap = width(shape, level);
            for phase in 0..lap.min(64) {
                for timeout in [lap - 1, lap, lap + 1, lap + 3, 2 * lap, 5 * lap + 7] {
                    let geometry = Geometry::new(shape.0, shape.1);
                    let mut engine: Wheel = Engine::new(Config::DEFAULT.with_geometry(geometry));
                    let now = 5 * lap + phase;
                    assert!(engine.poll(at(now)).is_none());
                    timer(&mut engine, now, "a", now + timeout);
                    for fraction in [1, 3, timeout.saturating_sub(1)] {
                        let before = now + fraction.min(timeout - 1);
                        assert!(
                            engine.poll(at(before)).is_none(),
                            "early: {shape:?} {phase} {timeout}"
                        );
                    }
                    assert_eq!(timed_out(&mut engine, now + timeout).deadline, at(now + timeout));
                }
            }
        }
    }
}

// Netty#1959 (A9): the delay grew after about a minute.
#[test]
fn a_timer_set_again_and_again_keeps_its_period() {
    on_every_shape(|engine, _| {
        for round in 0..1_000 {
            timer(engine, round * 10_000, "tick", (round + 1) * 10_000);
            assert_eq!(drain_keys(engine, (round + 1) * 10_000 - 1), [] as [&str; 0]);
            assert_eq!(drain_keys(engine, (round + 1) * 10_000), ["tick"]);
        }
    });
}

// Caffeine 7fa11d4bc (A16), 94636fd69 (A17), b7e10e34c (A18): the sign bit of the clock, and huge jumps.
#[test]
fn the_middle_of_u64_is_an_instant_like_any_other() {
    on_every_shape(|engine, _| {
        let now = (1 << 63) - 5;
        timer(engine, now, "across", now + 10);
        timer(engine, now, "soon", now + 1);
        assert_eq!(drain_keys(engine, now + 9), ["soon"]);
        assert_eq!(drain_keys(engine, now + 10), ["across"]);
        timer(engine, now + 10, "jump", now + 11);
        assert_eq!(drain(engine, u64::MAX), [("jump", ScheduleToClose, now + 11)]);
    });
}

// tgstation#38994 (A21), ratas 290f5d3 (A22): armed while time is being caught up, at every phase.
#[test]
fn a_timer_armed_between_two_events_of_one_jump_is_neither_early_nor_lost() {
    on_every_shape(|engine, shape| {
        let lap = width(shape, 1);
        let mut now = 0;
        for _ in 0..lap.min(64) * 2 {
            timer(engine, now, "first", now + 1);
            timer(engine, now, "second", now + 1);
            assert_eq!(drain_at_most(engine, now + 1, 1).len(), 1);
            timer(engine, now + 1, "armed on the way", now + 1 + lap + 2);
            assert_eq!(drain_keys(engine, now + 1 + lap + 1), ["second"]);
            assert_eq!(drain_keys(engine, now + 1 + lap + 2), ["armed on the way"]);
            now += lap + 4;
        }
    });
}

// hew#2054 (A25): the head of the overflow list was cancelled, so the wake-up was None.
#[test]
fn a_closed_timer_ahead_of_a_live_one_does_not_hide_it() {
    on_every_shape(|engine, shape| {
        let lap = width(shape, 3);
        let first = timer(engine, 0, "a", lap + 1);
        timer(engine, 0, "b", lap + 9);
        engine.abandon(at(0), first).unwrap();
        assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= lap + 9));
        assert_eq!(follow_wakeups(engine).0, [("b", lap + 9)]);
    });
}

// Go#35367 and #47762 (A26), tokio#849 (E1): moved to an earlier time, the cached wake-up stayed.
#[test]
fn a_deadline_moved_nearer_by_a_start_moves_the_wake_up() {
    on_every_shape(|engine, _| {
        for (late, near) in [(1_000, 10), (200, 5), (1 << 40, 70)] {
            let now = engine.now().as_millis();
            let timeouts = s2s(late).with_heartbeat(ms(near));
            let id = engine.schedule(at(now), "a", timeouts).unwrap();
            engine.start(at(now + 3), id).unwrap();
            assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= now + 3 + near));
            assert_eq!(drain(engine, now + 3 + near), [("a", Heartbeat, now + 3 + near)]);
        }
    });
}

// ---------------------------------------------------------------- extremes and sentinels

// Netty#7760 (B1): Long.MAX_VALUE overflowed into the past and fired at once.
#[test]
fn the_longest_timeout_does_not_overflow_into_the_past() {
    on_every_shape(|engine, _| {
        let id = started(engine, 7, "a", s2c(u64::MAX).with_start_to_close(ms(u64::MAX - 1)));
        assert_eq!(engine.activity(id).unwrap().deadline, None);
        assert_eq!(engine.next_wakeup(), None);
        assert_eq!(drain_keys(engine, u64::MAX), [] as [&str; 0]);
        assert_eq!(engine.len(), 1);
    });
}

// tokio#5183 and #5710 (B2): a far deadline equal to the sentinel for "no deadline".
#[test]
fn the_last_instants_are_deadlines_like_any_other() {
    on_every_shape(|engine, _| {
        for (key, less) in [("last", 0), ("one before", 1), ("two before", 2)] {
            timer(engine, 1_000, key, u64::MAX - less);
        }
        assert_eq!(
            follow_wakeups(engine).0,
            [("two before", u64::MAX - 2), ("one before", u64::MAX - 1), ("last", u64::MAX)]
        );
    });
}

// tokio#4494, #2408, #3595 (B4): Duration::MAX panicked.
#[test]
fn the_longest_duration_is_no_timeout() {
    let timeouts = NONE
        .with_schedule_to_start(Duration::MAX)
        .with_schedule_to_close(Duration::MAX)
        .with_start_to_close(Duration::MAX)
        .with_heartbeat(Duration::MAX);
    let mut engine = engine();
    let id = started(&mut engine, 0, "a", timeouts);
    assert_eq!(engine.heartbeat(at(1), id, None).unwrap().deadline, None);
    assert_eq!(drain_keys(&mut engine, u64::MAX), [] as [&str; 0]);
}

// embassy#4736 (B5): after a timer at the end of time was dropped, the next one was ignored.
#[test]
fn the_timer_after_one_that_never_comes_still_comes() {
    on_every_shape(|engine, _| {
        for never in [NONE, s2c(u64::MAX)] {
            let id = engine.schedule(at(1), "never", never).unwrap();
            engine.abandon(at(1), id).unwrap();
        }
        engine.schedule(at(1), "next", s2s(500)).unwrap();
        assert_eq!(drain(engine, 501), [("next", ScheduleToStart, 501)]);
    });
}

// NuRaft#660 (B6), picotcp#2 and four more (B8): 31 and 32 bits of milliseconds.
#[test]
fn clocks_and_ages_of_32_bits_do_not_wrap() {
    on_every_shape(|engine, _| {
        for bits in [31, 32] {
            let now = (1_u64 << bits) - 5;
            timer(engine, now, "across", now + 10);
            assert_eq!(drain_keys(engine, now + 9), [] as [&str; 0]);
            assert_eq!(drain_keys(engine, now + 10), ["across"]);
        }
        let now = engine.now().as_millis();
        let id = started(engine, now, "silent for 100 days", hb(8_640_000_000));
        engine.heartbeat(at(now + 8_639_999_999), id, None).unwrap();
        assert_eq!(drain_keys(engine, now + 2 * 8_640_000_000 - 2), [] as [&str; 0]);
        assert_eq!(drain_keys(engine, now + 2 * 8_640_000_000 - 1), ["silent for 100 days"]);
    });
}

// otp#7983 (B12): a timer of more than 68 years crashed when it became the nearest.
#[test]
fn a_far_timer_may_become_the_nearest() {
    on_every_shape(|engine, _| {
        let near = timer(engine, 0, "near", 1_000);
        timer(engine, 0, "in 300 years", 9_500_000_000_000);
        engine.abandon(at(10), near).unwrap();
        assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= 9_500_000_000_000));
        assert_eq!(follow_wakeups(engine).0, [("in 300 years", 9_500_000_000_000)]);
    });
}

// ---------------------------------------------------------------- cancel, remove, identity

// tokio#1700 and #2285 (E4): an insert after an expiry delayed all older entries.
#[test]
fn an_insert_after_an_expiry_delays_nobody() {
    on_every_shape(|engine, _| {
        for (key, deadline) in [("one", 1_000), ("two", 2_000), ("three", 3_000)] {
            timer(engine, 0, key, deadline);
        }
        assert_eq!(drain_keys(engine, 1_000), ["one"]);
        timer(engine, 1_000, "six", 7_000);
        assert_eq!(follow_wakeups(engine).0, [("two", 2_000), ("three", 3_000), ("six", 7_000)]);
    });
}

// tokio#2290 (E5): moved to a time inside a slot already begun: no wake-up.
#[test]
fn a_heartbeat_into_a_slot_already_begun_still_times_out() {
    on_every_shape(|engine, _| {
        let id = started(engine, 0, "a", hb(100));
        assert_eq!(drain_keys(engine, 80), [] as [&str; 0]);
        engine.heartbeat(at(80), id, None).unwrap();
        assert_eq!(follow_wakeups(engine).0, [("a", 180)]);
    });
}

// tokio#2473 and #2587 (E6), tokio#3229 (E8): closing what has expired and was not collected: panic.
// muduo#668, CHIP#19387 (E24): of a batch already taken out, one could no longer be stopped.
#[test]
fn what_is_due_and_not_yet_delivered_can_no_longer_be_closed() {
    on_every_shape(|engine, _| {
        let a = started(engine, 0, "a", st2c(64));
        let b = started(engine, 0, "b", st2c(64));
        assert_eq!(drain_at_most(engine, 80, 1), [("a", StartToClose, 64)]);
        for id in [a, b] {
            let refused = engine.close(at(80), id, Outcome::Completed);
            assert_eq!(refused, Err(CommandError::NotOpen { id }));
        }
        assert_eq!(drain(engine, 80), [("b", StartToClose, 64)]);
    });
}

// urbit#2954 (E26): cancelling one timer dropped the others of that instant.
#[test]
fn closing_one_of_an_instant_leaves_the_others() {
    on_every_shape(|engine, _| {
        let keys = ["a", "b", "c", "d"];
        for closed in 0..4 {
            let now = engine.now().as_millis();
            let ids = keys.map(|key| timer(engine, now, key, now + 50));
            engine.abandon(at(now + 49), ids[closed]).unwrap();
            let expected: Vec<&str> = keys.into_iter().filter(|key| *key != keys[closed]).collect();
            assert_eq!(drain_keys(engine, now + 50), expected);
        }
    });
}

// seastar#2318 (E28): the bucket recomputed from the current clock at removal: the wrong one cleared.
#[test]
fn a_timer_may_be_closed_after_the_clock_has_crossed_any_boundary() {
    on_every_shape(|engine, _| {
        for bits in 1..40 {
            let now = engine.now().as_millis();
            let boundary = 1_u64 << bits;
            let id = timer(engine, now, "far", now + 4 * boundary);
            timer(engine, now, "neighbour", now + 4 * boundary);
            assert_eq!(drain_keys(engine, now + boundary + 1), [] as [&str; 0]);
            engine.abandon(at(now + boundary + 1), id).unwrap();
            engine.check_invariants().unwrap();
            assert_eq!(drain_keys(engine, now + 4 * boundary), ["neighbour"]);
        }
    });
}

// quinn 70565815, quicly#171 (E21), tokio#6751 (E10): a timer lingered after the close.
#[test]
fn after_the_last_close_there_is_no_wake_up() {
    on_every_shape(|engine, _| {
        let id = started(engine, 0, "a", hb(10).with_start_to_close(ms(1 << 20)));
        engine.heartbeat(at(9), id, None).unwrap();
        assert_eq!(drain_keys(engine, 12), [] as [&str; 0]);
        engine.close(at(13), id, Outcome::Completed).unwrap();
        assert_eq!((engine.next_wakeup(), engine.len()), (None, 0));
        assert_eq!(drain_keys(engine, u64::MAX), [] as [&str; 0]);
    });
}

// bull#1416 (E16): a finished worker wrote its failure into the next run's record.
#[test]
fn a_worker_of_the_run_before_cannot_touch_the_run_after() {
    let mut engine = engine();
    let old = started(&mut engine, 0, "job", hb(10));
    assert_eq!(drain_keys(&mut engine, 10), ["job"]);
    let new = started(&mut engine, 10, "job", hb(10));
    assert_eq!(engine.close(at(11), old, Outcome::Failed), Err(CommandError::NotOpen { id: old }));
    engine.heartbeat(at(11), old, Some("stale")).unwrap_err();
    assert_eq!(engine.close(at(12), new, Outcome::Completed).unwrap().details, None);
}

// ---------------------------------------------------------------- activities and heartbeats

// cadence#732 (H2): several activities beating at different rates.
#[test]
fn silent_activities_time_out_beside_one_that_beats() {
    on_every_shape(|engine, _| {
        let a = started(engine, 0, "ten", hb(10));
        started(engine, 0, "seven", hb(7));
        started(engine, 0, "three", hb(3));
        let mut fired = Vec::new();
        for now in 1..=40 {
            fired.extend(drain(engine, now));
            if now % 5 == 0 && now <= 20 {
                engine.heartbeat(at(now), a, None).unwrap();
            }
        }
        let expected = [("three", Heartbeat, 3), ("seven", Heartbeat, 7), ("ten", Heartbeat, 30)];
        assert_eq!(fired, expected);
    });
}

// cadence#528 (H4): the first heartbeat timer fired while beating and was not created again.
#[test]
fn the_heartbeat_timer_outlives_its_first_instant() {
    on_every_shape(|engine, _| {
        let id = started(engine, 0, "a", hb(5).with_schedule_to_close(ms(1_000)));
        engine.heartbeat(at(4), id, None).unwrap();
        assert_eq!(drain_keys(engine, 5), [] as [&str; 0]);
        assert_eq!(drain_keys(engine, 8), [] as [&str; 0]);
        assert_eq!(drain(engine, 9), [("a", Heartbeat, 9)]);
    });
}

// cadence#1593, Temporal#3361 (H8), STORM-1946 (H10): no heartbeat yet was taken for one at zero.
#[test]
fn before_the_first_heartbeat_the_start_is_the_anchor() {
    on_every_shape(|engine, _| {
        let now = 1_000_000_000_000;
        let id = engine.schedule(at(now), "a", hb(100)).unwrap();
        engine.start(at(now + 50), id).unwrap();
        assert_eq!(drain_keys(engine, now + 149), [] as [&str; 0]);
        assert_eq!(drain(engine, now + 150), [("a", Heartbeat, now + 150)]);
    });
}

// storm#8420 (H9): two heartbeats within one second, the second ignored.
#[test]
fn every_heartbeat_counts_however_close_to_the_last() {
    let mut engine = engine();
    let id = started(&mut engine, 5_000, "a", hb(1_000));
    for now in [5_100, 5_900, 5_900, 5_901] {
        assert_eq!(
            engine.heartbeat(at(now), id, None).unwrap().deadline.unwrap().at,
            at(now + 1_000)
        );
    }
    assert_eq!(drain_keys(&mut engine, 6_900), [] as [&str; 0]);
    assert_eq!(drain(&mut engine, 6_901), [("a", Heartbeat, 6_901)]);
}

// Temporal#9354 (H12), Temporal#8723 (H13): an unset timeout taken for zero.
#[test]
fn a_timeout_that_was_not_set_is_not_zero() {
    let mut engine = engine();
    let id = started(&mut engine, 0, "a", st2c(100));
    engine.heartbeat(at(1), id, None).unwrap();
    assert_eq!(drain_keys(&mut engine, 99), [] as [&str; 0]);
    assert_eq!(drain(&mut engine, 100), [("a", StartToClose, 100)]);
}

// Temporal#9901 (H16): with cancellation requested the other timeouts no longer fired.
#[test]
fn an_activity_that_ignores_its_cancellation_still_times_out() {
    for (timeouts, timeout_type) in
        [(st2c(100), StartToClose), (s2c(100), ScheduleToClose), (hb(100), Heartbeat)]
    {
        let mut engine = engine();
        let id = started(&mut engine, 0, "a", timeouts);
        engine.request_cancel(at(1), id).unwrap();
        assert_eq!(drain(&mut engine, 100), [("a", timeout_type, 100)]);
    }
}

// cadence#1925, Temporal#11111 (H21), cadence#905 (H24): details and time of the last heartbeat missing.
#[test]
fn every_kind_of_timeout_brings_the_last_details() {
    for timeouts in [st2c(100), s2c(100), hb(91)] {
        let mut engine = engine();
        let id = started(&mut engine, 0, "a", timeouts);
        engine.heartbeat(at(9), id, Some("checkpoint")).unwrap();
        let story = timed_out(&mut engine, 100).activity;
        assert_eq!((story.details, story.last_heartbeat_at), (Some("checkpoint"), Some(at(9))));
    }
}

// KAFKA-12890 (H25): a heartbeat satisfied a delayed operation that guarded something else.
#[test]
fn heartbeats_extend_no_other_timeout() {
    for (timeouts, timeout_type) in [(st2c(100), StartToClose), (s2c(100), ScheduleToClose)] {
        let mut engine = engine();
        let id = started(&mut engine, 0, "a", timeouts.with_heartbeat(ms(20)));
        for beat in 1..10 {
            engine.heartbeat(at(beat * 10), id, None).unwrap();
        }
        engine.heartbeat(at(99), id, None).unwrap();
        assert_eq!(drain(&mut engine, 150), [("a", timeout_type, 100)]);
    }
}

// camunda#44018 (H29): the deadline computed from the record's old instant.
#[test]
fn start_to_close_counts_from_the_start() {
    let mut engine = engine();
    let id = engine.schedule(at(10), "a", st2c(30)).unwrap();
    engine.start(at(200), id).unwrap();
    assert_eq!(drain_keys(&mut engine, 229), [] as [&str; 0]);
    assert_eq!(drain(&mut engine, 230), [("a", StartToClose, 230)]);
}

// conductor#1249 (H33), bullmq#3579 (H34): timed out though completed; a renewal after the end.
#[test]
fn a_completion_just_in_time_stands() {
    on_every_shape(|engine, _| {
        let id = started(engine, 0, "a", hb(100));
        engine.close(at(99), id, Outcome::Completed).unwrap();
        let late = engine.heartbeat(at(99), id, Some("late")).unwrap_err();
        assert_eq!((late.reason, late.details), (CommandError::NotOpen { id }, Some("late")));
        assert_eq!(drain_keys(engine, 1_000), [] as [&str; 0]);
        assert_eq!((engine.stats().completed, engine.stats().heartbeats), (1, 0));
    });
}

// temporal-ruby#125 (H36): cancelled before the start, and cancelled after it.
#[test]
fn cancelling_before_the_start_closes_and_after_it_only_asks() {
    let mut engine = engine();
    let waiting = engine.schedule(at(0), "waiting", NONE).unwrap();
    let running = started(&mut engine, 0, "running", NONE);
    assert!(matches!(engine.request_cancel(at(1), waiting), Ok(CancelOutcome::Canceled(_))));
    assert_eq!(
        engine.request_cancel(at(1), running),
        Ok(CancelOutcome::Requested { first_requested_at: Timestamp::from_millis(1) })
    );
    assert_eq!(engine.start(at(2), waiting), Err(CommandError::NotOpen { id: waiting }));
    assert!(engine.heartbeat(at(2), running, None).unwrap().cancel_requested);
}

// ---------------------------------------------------------------- the clock

// tokio#4044 (D1), rust-lang#89926: a clock that stepped back by 10 ms panicked. S15.
#[test]
fn a_clock_that_steps_back_fires_nothing_and_loses_nothing() {
    on_every_shape(|engine, _| {
        started(engine, 0, "a", hb(200));
        assert!(drain(engine, 100).is_empty() && drain(engine, 90).is_empty());
        assert_eq!(engine.stats().clock_regressions, 1);
        assert_eq!((drain_keys(engine, 199), drain_keys(engine, 200)), (vec![], vec!["a"]));
    });
}

// Linux 30c66fc30e (D2): a timer due when it was armed rewound the base clock, and others came early. S15.
#[test]
fn a_timer_that_is_due_when_it_is_armed_moves_no_other() {
    on_every_shape(|engine, _| {
        assert!(drain(engine, 100).is_empty());
        engine.schedule(at(50), "due at once", s2s(0)).unwrap();
        timer(engine, 100, "later", 200);
        assert_eq!(wakeup(engine), Some(100));
        assert_eq!(drain(engine, 100), [("due at once", TimeoutType::ScheduleToStart, 100)]);
        assert_eq!((drain_keys(engine, 199), drain_keys(engine, 200)), (vec![], vec!["later"]));
    });
}

// kubernetes#108844 (D4): the clock jumps a day, and heartbeats arrive right after it.
#[test]
fn a_heartbeat_that_comes_with_the_jump_is_too_late_unless_the_host_recovers() {
    const DAY: u64 = 86_400_000;
    on_every_shape(|engine, _| {
        let id = started(engine, 0, "node", hb(40_000));
        let mut recovering = engine.clone();
        assert!(engine.heartbeat(at(DAY), id, None).is_err());
        assert_eq!(drain_keys(engine, DAY), ["node"]);
        recovering.recover(at(DAY), Recovery::grace(ms(1_000)));
        assert!(recovering.heartbeat(at(DAY), id, None).is_ok());
        assert!(drain(&mut recovering, DAY).is_empty());
    });
}

// quartznet#1490 (D5), memberlist#198 (D9): a wake-up is an instant on the host's own clock, however late the
// host is, and a relative wait computed from an older instant is the host's affair.
#[test]
fn the_wake_up_is_absolute_whatever_the_clock_did_since() {
    on_every_shape(|engine, _| {
        timer(engine, 1_000, "a", 1_500);
        let announced = wakeup(engine);
        assert!(drain(engine, 400).is_empty(), "an older time");
        assert_eq!(wakeup(engine), announced);
        assert!(announced.is_some_and(|wakeup| wakeup <= 1_500));
    });
}

// libevent#46 (D6): after a suspended machine the earliest timer lies in the past, and a new one that is
// shorter than all that is ahead did not wake anybody.
#[test]
fn after_a_jump_a_short_timer_is_not_hidden_by_what_is_long_due() {
    on_every_shape(|engine, _| {
        timer(engine, 0, "past", 100);
        timer(engine, 0, "far", 90_000);
        timer(engine, 50_000, "short", 50_005);
        assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= 100));
        assert_eq!(drain_keys(engine, 50_000), ["past"]);
        assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= 50_005));
        assert_eq!(drain_keys(engine, 50_005), ["short"]);
    });
}

// systemd#43350, houston#557 (D8): all timers at once on resume. They come one a call, in order.
#[test]
fn a_crowd_that_is_due_on_waking_comes_one_at_a_time_and_in_order() {
    on_every_shape(|engine, _| {
        for key in ["a", "b", "c", "d"] {
            timer(engine, 0, key, 1_000);
        }
        let mut seen = Vec::new();
        while engine.overdue(at(80_000)) > 0 {
            seen.extend(drain_at_most(engine, 80_000, 1).into_iter().map(|(key, _, _)| key));
            assert!(wakeup(engine).map_or(true, |wakeup| wakeup <= 80_000));
        }
        assert_eq!(seen, ["a", "b", "c", "d"]);
    });
}

// gRPC#26079 (D10): a zero timer armed from within the handling of one looped for ever.
#[test]
fn a_zero_timer_armed_for_each_that_fires_fires_once_each() {
    on_every_shape(|engine, _| {
        timer(engine, 0, "first", 10);
        for _ in 0..100 {
            assert_eq!(drain_at_most(engine, 10, 1).len(), 1);
            engine.schedule(at(10), "next", s2s(0)).unwrap();
        }
        assert_eq!(drain(engine, 10).len(), 1);
        assert_eq!(wakeup(engine), None);
    });
}

// ---------------------------------------------------------------- leases and failover, snapshots
#[cfg(feature = "serde")]
mod restored {
    use super::*;

    /// What a host does between two processes: keys are words of the program, so only the others are copied.
    fn through_bytes(engine: &Engine<u8, u8>) -> Engine<u8, u8> {
        let restored: Engine<u8, u8> =
            postcard::from_bytes(&postcard::to_allocvec(engine).unwrap()).unwrap();
        restored.check_invariants().unwrap();
        restored
    }

    fn plain() -> Engine<u8, u8> {
        Engine::new(Config::default())
    }

    // etcd#9888 and #9395 (I1), camunda#1800 (I10): each failover gave a lease its whole time again. S18.
    #[test]
    fn a_restore_gives_nobody_more_time() {
        let mut engine = plain();
        started(&mut engine, 0, 1, hb(100));
        for _ in 0..9 {
            engine = through_bytes(&engine);
        }
        assert_eq!(drain(&mut engine, 5_000), [(1, TimeoutType::Heartbeat, 100)]);
    }

    // etcd#13491, #17132, fd77b2700, 48a360aad (I2): right after the first change of leader, lost at the third.
    #[test]
    fn the_third_restore_knows_what_the_first_knew() {
        let mut engine = plain();
        let id = started(&mut engine, 0, 1, hb(100));
        for round in 1..=3 {
            engine.heartbeat(at(round * 50), id, Some(7)).unwrap();
            engine = through_bytes(&engine);
        }
        let timeout = timed_out(&mut engine, 250);
        assert_eq!((timeout.deadline, timeout.activity.heartbeats), (at(250), 3));
        assert_eq!(timeout.activity.details, Some(7));
    }

    // nomad#3890, #14474 (I4): marked down though an update had arrived in time.
    #[test]
    fn a_heartbeat_in_time_counts_though_the_poll_comes_late() {
        let mut engine = plain();
        let id = started(&mut engine, 0, 1, hb(100));
        let mut engine = through_bytes(&engine);
        engine.heartbeat(at(99), id, None).unwrap();
        assert!(drain(&mut engine, 198).is_empty());
        assert_eq!(drain_keys(&mut engine, 199), [1]);
    }

    // consul#524, #1172 (I5): a time to live was a lower bound, and doubled.
    #[test]
    fn a_timeout_is_exact_after_a_restore_too() {
        let mut engine = plain();
        started(&mut engine, 3, 1, hb(10_007));
        let mut engine = through_bytes(&engine);
        assert!(drain(&mut engine, 10_009).is_empty());
        assert_eq!(drain_keys(&mut engine, 10_010), [1]);
    }

    // client-go#448 (I6): a time within a heartbeat was trusted. Here there is none: only the host's counts.
    #[test]
    fn only_the_hosts_time_counts() {
        let mut engine = plain();
        let id = started(&mut engine, 0, 1, hb(100));
        let reply = engine.heartbeat(at(30), id, Some(u8::MAX)).unwrap();
        assert_eq!(reply.deadline.map(|deadline| deadline.at), Some(at(130)));
    }

    // ZOOKEEPER-1208 (I8), cadence#4499 (J6): what was closing was touched again, and lived.
    #[test]
    fn what_has_closed_stays_closed_on_both_sides_of_a_restore() {
        let mut engine = plain();
        let id = started(&mut engine, 0, 1, hb(100));
        engine.request_cancel(at(1), id).unwrap();
        engine.close(at(2), id, Outcome::Canceled).unwrap();
        let mut engine = through_bytes(&engine);
        assert!(engine.heartbeat(at(3), id, None).is_err());
        engine.recover(at(4), Recovery::REARM);
        assert!(drain(&mut engine, 1_000).is_empty() && engine.is_empty());
    }

    // ZOOKEEPER-3144 (I9): a snapshot between two halves of one change.
    #[test]
    fn a_snapshot_stands_between_operations_and_holds_all_of_each() {
        let mut engine = plain();
        let id = started(&mut engine, 0, 1, hb(100));
        engine.heartbeat(at(10), id, Some(1)).unwrap();
        let after_first = through_bytes(&engine);
        engine.heartbeat(at(20), id, Some(2)).unwrap();
        let view = after_first.activity(id).unwrap();
        let evidence =
            (view.evidence.heartbeats, view.evidence.details, after_first.stats().heartbeats);
        assert_eq!(evidence, (1, Some(&1), 1));
        let after_second = through_bytes(&engine);
        assert!(after_second.activities().eq(engine.activities()));
    }

    // cadence#8425 (J1), #658: the retry timer existed only in the cluster that made it.
    #[test]
    fn every_timer_follows_from_the_state_alone() {
        let mut engine = plain();
        for (key, timeout) in [(1, 10), (2, 70_000), (3, 90_000_000), (4, 1 << 40)] {
            timer_of(&mut engine, key, timeout);
        }
        let mut engine = through_bytes(&engine);
        let (fired, _) = follow_wakeups(&mut engine);
        assert_eq!(fired, [(1, 10), (2, 70_000), (3, 90_000_000), (4, 1 << 40)]);
    }

    fn timer_of(engine: &mut Engine<u8, u8>, key: u8, timeout: u64) {
        engine.schedule(at(0), key, s2s(timeout)).unwrap();
    }

    // cadence#2706 (J2): a flag was not written back after a refresh.
    #[test]
    fn a_requested_cancellation_is_told_after_any_number_of_restores() {
        let mut engine = plain();
        let id = started(&mut engine, 0, 1, hb(100));
        engine.request_cancel(at(5), id).unwrap();
        for round in 1..4 {
            engine = through_bytes(&engine);
            assert!(engine.heartbeat(at(round * 10), id, None).unwrap().cancel_requested);
        }
        assert_eq!(engine.activity(id).unwrap().evidence.cancel_requested_at, Some(at(5)));
    }

    // temporal#11811 (J4), tokio-like doubles: a later deadline that was replicated woke twice.
    #[test]
    fn a_restored_activity_has_one_timer_and_one_event() {
        let mut engine = plain();
        let id = started(&mut engine, 0, 1, hb(100).with_start_to_close(ms(150)));
        engine.heartbeat(at(90), id, None).unwrap();
        let mut engine = through_bytes(&through_bytes(&engine));
        let (fired, _) = follow_wakeups(&mut engine);
        assert_eq!(fired, [(1, 150)]);
    }

    // cadence#1898 (J5): cancelled while its event was buffered, it fired all the same; here what is due wins.
    #[test]
    fn what_was_due_before_the_snapshot_is_due_after_it() {
        let mut engine = plain();
        let id = started(&mut engine, 0, 1, hb(100));
        started(&mut engine, 0, 2, hb(100));
        assert_eq!(drain_at_most(&mut engine, 100, 1).len(), 1);
        let mut engine = through_bytes(&engine);
        assert!(engine.request_cancel(at(100), id).is_err());
        assert_eq!(drain_keys(&mut engine, 100), [2]);
    }

    // FLINK-36663 (J8): restored timers were not registered at the right moment, and the time was not restored.
    #[test]
    fn the_newest_time_is_restored_and_what_is_due_comes_once() {
        let mut engine = plain();
        timer_of(&mut engine, 1, 50);
        assert!(engine.schedule(at(70), 2, s2s(0)).is_ok());
        let mut engine = through_bytes(&engine);
        assert_eq!(engine.now(), at(70));
        assert_eq!(drain_keys(&mut engine, 0), [1, 2], "an older time stands for the newest seen");
        assert_eq!(engine.stats().clock_regressions, 3);
        assert!(drain(&mut engine, 1_000).is_empty());
    }

    // tokio#2789 (J9): after an advance to the end of time an insert panicked.
    #[test]
    fn at_the_end_of_time_a_restored_engine_goes_on() {
        let mut engine = plain();
        assert!(drain(&mut engine, u64::MAX).is_empty());
        let mut engine = through_bytes(&engine);
        engine.schedule(at(u64::MAX), 1, s2s(0)).unwrap();
        engine.schedule(at(u64::MAX), 2, s2s(1)).unwrap();
        assert_eq!(drain_keys(&mut engine, u64::MAX), [1]);
        assert_eq!((engine.len(), engine.next_wakeup()), (1, None));
    }
}
