//! B. Extremes, overflow, sentinels, units.

use core::time::Duration;

use crate::*;
use heartwheel::TimeoutType::{Heartbeat, ScheduleToClose, ScheduleToStart, StartToClose};
use heartwheel::{CommandError, Recovery, Timestamp};

// Long.MAX_VALUE overflowed into the past and fired at once.
#[test]
fn b1_netty_7760_the_longest_timeout_is_not_in_the_past() {
    on_every_shape(|engine, _| {
        let id = started(engine, 7, "a", s2c(u64::MAX).with_start_to_close(ms(u64::MAX - 1)));
        assert_eq!(engine.activity(id).unwrap().deadline, None);
        assert_eq!(drain_keys(engine, 8), NOTHING);
        assert_eq!(engine.next_wakeup(), None);
        assert_eq!(drain_keys(engine, u64::MAX), NOTHING);
        assert_eq!(engine.len(), 1);
    });
}

// A far deadline was equal to the sentinel for "no deadline".
#[test]
fn b2_tokio_5183_the_last_instants_are_deadlines_like_any_other() {
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

// Duration::MAX panicked, in one call after the other: 4494, 4495, 2408, 3595, 6634. Here in each that takes one.
#[test]
fn b4_tokio_4494_the_longest_duration_in_every_call() {
    let longest = NONE
        .with_schedule_to_start(Duration::MAX)
        .with_schedule_to_close(Duration::MAX)
        .with_start_to_close(Duration::MAX)
        .with_heartbeat(Duration::MAX);
    let mut engine: Wheel = Engine::new(Config::DEFAULT.with_max_jump(Some(Duration::MAX)));
    let id = started(&mut engine, 1, "a", longest);
    assert_eq!(engine.heartbeat(at(1), id, None).unwrap().deadline, None);
    assert_eq!(engine.update_timeouts(at(1), id, longest), Ok(None));
    engine.suspend(at(1), id).unwrap();
    assert_eq!(engine.resume(at(2), id), Ok(ms(1)));
    let silent = started(&mut engine, 2, "silent", hb(10));
    for recovery in [Recovery::grace(Duration::MAX), Recovery::REARM.with_spread(Duration::MAX)] {
        engine.recover(at(3), recovery);
        assert!(engine.activity(silent).unwrap().deadline.is_some_and(|ends| ends.at > at(12)));
        assert_eq!(engine.activity(id).unwrap().deadline, None);
    }
    engine.abandon(at(4), silent).unwrap();
    assert_eq!(Timestamp::ZERO.checked_add(Duration::MAX), None);
    assert_eq!(drain_keys(&mut engine, u64::MAX), NOTHING);
    assert_eq!((engine.len(), wakeup(&engine)), (1, None));
}

// A timer at the end of time was dropped from the queue and stayed marked as queued: the next one was ignored.
#[test]
fn b5_embassy_4736_the_timer_after_one_that_never_comes() {
    on_every_shape(|engine, _| {
        for never in [NONE, s2c(u64::MAX)] {
            let now = engine.now().as_millis() + 1;
            let id = engine.schedule(at(now), "never", never).unwrap();
            engine.abandon(at(now), id).unwrap();
            let next = engine.schedule(at(now), "next", s2s(500)).unwrap();
            assert_eq!(next.to_string().split_once('v').unwrap().0, "a0", "the same slot");
            assert_eq!(drain(engine, now + 500), [("next", ScheduleToStart, now + 500)]);
            // And the next of an activity that had none.
            let id = engine.schedule(at(now + 500), "late", never).unwrap();
            engine.update_timeouts(at(now + 500), id, s2s(500)).unwrap();
            assert_eq!(drain(engine, now + 1_000), [("late", ScheduleToStart, now + 1_000)]);
        }
    });
}

// Ages of more than 2^31 ms: who had been silent for 25 days counted as responding.
#[test]
fn b6_nuraft_660_silence_of_a_hundred_days() {
    const DAYS: u64 = 100 * 86_400_000;
    on_every_shape(|engine, _| {
        let id = started(engine, 0, "a", hb(DAYS));
        engine.heartbeat(at(DAYS - 1), id, None).unwrap();
        assert_eq!(drain_keys(engine, 2 * DAYS - 2), NOTHING);
        assert_eq!(drain(engine, 2 * DAYS - 1), [("a", Heartbeat, 2 * DAYS - 1)]);
        for bits in [31, 32, 33] {
            let now = engine.now().as_millis();
            let late = now + (1 << bits) + 1;
            let id = started(engine, now, "silent", hb(1_000));
            let refused = engine.heartbeat(at(late), id, None).unwrap_err();
            assert_eq!(refused.reason, CommandError::NotOpen { id });
            assert_eq!(drain(engine, late), [("silent", Heartbeat, now + 1_000)]);
        }
    });
}

// Clocks of 32 bits wrapped after 24.8 or 49.7 days: five projects.
#[test]
fn b8_picotcp_2_clocks_of_31_and_32_bits_go_on() {
    on_every_shape(|engine, _| {
        for bits in [31, 32] {
            let now = (1_u64 << bits) - 5;
            timer(engine, now, "across", now + 10);
            let id = started(engine, now, "beating", hb(8));
            engine.heartbeat(at(now + 7), id, None).unwrap();
            assert_eq!(drain_keys(engine, now + 9), NOTHING);
            assert_eq!(drain_keys(engine, now + 10), ["across"]);
            assert_eq!(drain_keys(engine, now + 15), ["beating"]);
        }
    });
}

// An absolute instant was passed where a distance was expected, or both were added up, or the two were swapped.
#[test]
fn b9_h2o_1911_timeouts_are_distances_from_their_anchor_whatever_the_clock() {
    on_every_shape(|engine, _| {
        let now = 1_760_000_000_000;
        engine.schedule(at(now), "s2s", s2s(40)).unwrap();
        engine.schedule(at(now), "s2c", s2c(30)).unwrap();
        let run = engine.schedule(at(now), "st2c", st2c(20)).unwrap();
        engine.start(at(now + 5), run).unwrap();
        let beating = engine.schedule(at(now + 5), "hb", hb(10)).unwrap();
        engine.start(at(now + 6), beating).unwrap();
        engine.heartbeat(at(now + 12), beating, None).unwrap();
        let expected = [
            ("hb", Heartbeat, now + 22),
            ("st2c", StartToClose, now + 25),
            ("s2c", ScheduleToClose, now + 30),
            ("s2s", ScheduleToStart, now + 40),
        ];
        assert_eq!(drain(engine, u64::MAX), expected);
    });
}

// Nanoseconds on a millisecond clock: the sleep was always 0 and the thread span.
#[test]
fn b10_netty_1246_a_timeout_in_any_unit_is_slept_through() {
    let timeouts = [
        (Duration::from_nanos(1), 1),
        (Duration::from_micros(1_500), 2),
        (Duration::from_millis(3), 3),
        (Duration::from_secs(2), 2_000),
        (Duration::from_secs(86_400), 86_400_000),
    ];
    on_every_shape(|engine, _| {
        for (timeout, millis) in timeouts {
            let now = engine.now().as_millis();
            engine.schedule(at(now), "a", NONE.with_schedule_to_close(timeout)).unwrap();
            assert!(wakeup(engine).is_some_and(|wakeup| wakeup > now));
            let (fired, empty) = follow_wakeups(engine);
            assert_eq!(fired, [("a", now + millis)]);
            // At most once on each level, of which the smallest wheel has 64.
            assert!(empty < 64, "{empty} wake-ups for one timer");
        }
    });
}

// A timer of more than 68 years crashed when it became the nearest.
#[test]
fn b12_otp_7983_a_far_timer_becomes_the_nearest() {
    on_every_shape(|engine, _| {
        let near = timer(engine, 0, "near", 1_000);
        timer(engine, 0, "in 300 years", 9_500_000_000_000);
        engine.abandon(at(10), near).unwrap();
        assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= 9_500_000_000_000));
        assert_eq!(follow_wakeups(engine).0, [("in 300 years", 9_500_000_000_000)]);
    });
}

// A delay below zero fired ten seconds later instead of now. Here there is none; but a deadline may be past.
#[test]
fn b13_netty_1953_what_is_past_when_it_is_armed_is_due_now() {
    on_every_shape(|engine, _| {
        engine.schedule(at(1_000), "zero", s2s(0)).unwrap();
        let id = timer(engine, 1_000, "shortened", 9_000);
        engine.update_timeouts(at(1_500), id, s2c(100)).unwrap();
        assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= 1_500));
        let expected = [("zero", ScheduleToStart, 1_000), ("shortened", ScheduleToClose, 1_100)];
        assert_eq!(drain(engine, 1_500), expected);
        assert_eq!(drain_keys(engine, 20_000), NOTHING);
    });
}

// Jitter below zero: a sleep of 200 years. The engine's own spread only adds, and its arithmetic is checked.
#[test]
fn b14_dfinity_ic_10627_no_difference_wraps() {
    assert_eq!(at(3).saturating_since(at(5)), Duration::ZERO);
    assert_eq!(at(u64::MAX - 1).checked_add(ms(1)), Some(Timestamp::MAX));
    assert_eq!(Timestamp::MAX.checked_add(ms(1)), None);
    for now in [1, 1_000, u64::MAX - 500] {
        for recovery in [Recovery::REARM, Recovery::grace(ms(10))] {
            let mut engine = engine();
            let ids = [(); 20].map(|()| started(&mut engine, now, "a", hb(10)));
            engine.recover(at(now + 5), recovery.with_spread(ms(100)));
            for id in ids {
                let ends = engine.activity(id).unwrap().deadline.unwrap().at.as_millis();
                assert!((now + 15..=now + 115).contains(&ends), "{ends} after {now}");
            }
        }
    }
}
