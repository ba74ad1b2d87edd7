//! A. Placement, cascade, slot arithmetic.

use crate::*;
use heartwheel::TimeoutType::{Heartbeat, ScheduleToClose};

/// A timer armed at `now` fires at its deadline, and a poll at any of the instants before fires nothing.
fn is_exact(shape: Shape, now: u64, timeout: u64, before: impl IntoIterator<Item = u64>) {
    let mut engine = wheel_of(shape);
    assert_eq!(drain_keys(&mut engine, now), NOTHING);
    timer(&mut engine, now, "a", now + timeout);
    for elapsed in before {
        assert!(elapsed < timeout);
        assert_eq!(drain(&mut engine, now + elapsed), [], "{shape:?} {now} {timeout} {elapsed}");
    }
    let due = drain(&mut engine, now + timeout);
    assert_eq!(due, [("a", ScheduleToClose, now + timeout)], "{shape:?} {now} {timeout}");
}

// A far timer that wrapped into the current top slot hid all nearer ones: up to two years late.
#[test]
fn a1_tokio_8334_a_near_timer_behind_a_far_one_that_wrapped() {
    on_every_shape(|engine, _| {
        timer(engine, 0, "warm up", 1_000);
        assert_eq!(drain_keys(engine, 1_000), ["warm up"]);
        timer(engine, 1_000, "far", 1 << 36);
        timer(engine, 1_000, "middle", (1 << 30) - 10);
        assert_eq!(drain_keys(engine, (1 << 30) - 10), ["middle"]);
        timer(engine, (1 << 30) - 10, "near", (1 << 30) + 5);
        assert_eq!(drain_keys(engine, (1 << 30) + 4), NOTHING);
        assert_eq!(drain_keys(engine, (1 << 30) + 60_000), ["near"]);
        assert_eq!(follow_wakeups(engine).0, [("far", 1 << 36)]);
    });
    // The same where four slots are a lap: the reproduction as it stands.
    let mut engine = wheel_of((2, 2));
    assert_eq!(drain_keys(&mut engine, 1), NOTHING);
    timer(&mut engine, 1, "far", 64);
    assert_eq!(drain_keys(&mut engine, 5), NOTHING);
    timer(&mut engine, 5, "near", 16);
    assert_eq!(drain_keys(&mut engine, 16), ["near"]);
    // And where the far one wraps into the slot that the clock is in, by a lap or by the ring.
    for shape in SMALL_SHAPES {
        for level in 1..4 {
            let slot = width(shape, level);
            for far in [width(shape, level + 1) + slot, range(shape, level) + slot] {
                let mut engine = wheel_of(shape);
                assert_eq!(drain_keys(&mut engine, 1), NOTHING);
                timer(&mut engine, 1, "far", far);
                assert_eq!(drain_keys(&mut engine, slot + 1), NOTHING);
                timer(&mut engine, slot + 1, "near", 2 * slot + 1);
                assert!(wakeup(&engine).is_some_and(|wakeup| wakeup <= 2 * slot + 1));
                assert_eq!(drain_keys(&mut engine, 2 * slot + 1), ["near"]);
                assert_eq!(follow_wakeups(&mut engine).0, [("far", far)]);
            }
        }
    }
}

// An occupied current bucket stood for a whole span of silence, and hid an event one bucket ahead.
#[test]
fn a2_caffeine_7cc9f1f41_a_timer_a_lap_ahead_and_one_close_by() {
    on_every_shape(|engine, shape| {
        for level in 1..4 {
            let slot = width(shape, level);
            for lap in [width(shape, level + 1), range(shape, level)] {
                let now = (engine.now().as_millis() / lap + 1) * lap + slot - 1;
                assert_eq!(drain_keys(engine, now), NOTHING);
                let far = timer(engine, now, "lap", now + lap - 1);
                timer(engine, now, "near", now + 2);
                assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= now + 2));
                assert_eq!(drain_keys(engine, now + 2), ["near"]);
                engine.abandon(at(now + 2), far).unwrap();
            }
        }
    });
}

// The first event of a lower wheel was later than what a cascade from the next one would bring.
#[test]
fn a4_caffeine_a915558ec_a_cascade_brings_an_earlier_one() {
    on_every_shape(|engine, shape| {
        for level in 1..4 {
            let slot = width(shape, level);
            let base = (engine.now().as_millis() / slot + 1) * slot;
            timer(engine, base, "a", base + slot + 40);
            assert_eq!(drain_keys(engine, base + slot - 1), NOTHING);
            timer(engine, base + slot - 1, "b", base + slot + 60);
            assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= base + slot + 40));
            let expected = [("a", base + slot + 40), ("b", base + slot + 60)];
            assert_eq!(follow_wakeups(engine).0, expected);
        }
    });
}

// Of two entries in one upper slot the wrong one was next; and the cascade turned the order of ties round.
#[test]
fn a5_tokio_util_8402_every_pair_and_triple_of_near_deadlines_in_order() {
    fn check(shape: Shape, deadlines: &[u64]) {
        let mut engine = wheel_of(shape);
        let keys = ["first", "second", "third"];
        let mut expected: Vec<(&str, u64)> =
            keys.into_iter().zip(deadlines.iter().copied()).collect();
        for (key, deadline) in &expected {
            timer(&mut engine, 0, key, *deadline);
        }
        // Stable: what was scheduled first is first among equals.
        expected.sort_by_key(|(_, deadline)| *deadline);
        assert!(wakeup(&engine).is_some_and(|wakeup| wakeup <= expected[0].1));
        assert_eq!(follow_wakeups(&mut engine).0, expected, "{shape:?}");
    }
    /// Both sides of where slots and rings of the small wheels begin.
    const EDGES: [u64; 16] = [1, 15, 31, 32, 33, 34, 47, 48, 63, 64, 65, 66, 95, 96, 97, 130];
    for shape in SHAPES {
        for first in 1..=90 {
            for second in 1..=90 {
                check(shape, &[first, second]);
            }
        }
        for first in EDGES {
            for second in EDGES {
                for third in EDGES {
                    check(shape, &[first, second, third]);
                }
            }
        }
    }
}

// A clock beyond 2^36 ms, and two instants 1 ms apart on both sides of a power of two: every insert panicked.
#[test]
fn a6_tokio_5536_two_instants_a_millisecond_apart_that_differ_in_every_bit() {
    on_every_shape(|engine, _| {
        for bits in 1..64 {
            let boundary = 1_u64 << bits;
            assert_eq!(drain_keys(engine, boundary - 1), NOTHING);
            timer(engine, boundary - 1, "at", boundary);
            timer(engine, boundary - 1, "after", boundary + 1);
            assert_eq!(drain_keys(engine, boundary), ["at"]);
            assert_eq!(drain_keys(engine, boundary + 1), ["after"]);
        }
    });
}

// The range was checked against the absolute expiry and the excess cut off as if the clock stood at 0.
#[test]
fn a8_linux_66e4b63624fc_a_timeout_beyond_the_range_when_the_clock_is_laps_on() {
    for shape in SHAPES {
        for level in 0..3 {
            let range = range(shape, level);
            is_exact(shape, 5 * range, range + 7, [1, 7, range - 1, range, range + 6]);
        }
    }
}

// A wrong count of rounds: after about a minute the delay grew.
#[test]
fn a9_netty_1959_a_timer_set_again_and_again_keeps_its_period() {
    on_every_shape(|engine, _| {
        for round in 0..1_000 {
            timer(engine, round * 10_000, "tick", (round + 1) * 10_000);
            assert_eq!(drain_keys(engine, (round + 1) * 10_000 - 1), NOTHING);
            assert_eq!(drain_keys(engine, (round + 1) * 10_000), ["tick"]);
        }
    });
}

// A delay that is an exact multiple of the wheel's period was placed a round off.
#[test]
fn a10_akka_1016_exact_multiples_of_a_period_at_every_phase() {
    for shape in SMALL_SHAPES {
        for level in 0..3 {
            for period in [width(shape, level + 1), range(shape, level)] {
                for phase in 0..period {
                    for timeout in [period, 2 * period, 16 * period] {
                        is_exact(shape, 5 * period + phase, timeout, [1, period - 1, timeout - 1]);
                    }
                }
            }
        }
    }
}

// No rounds at all: timers longer than the wheel fired early.
#[test]
fn a12_rpc_perf_180_a_timer_longer_than_the_wheel_is_not_early() {
    for shape in SHAPES {
        for level in 0..3 {
            let range = range(shape, level);
            for phase in 0..range.min(64) {
                is_exact(shape, phase, range + 3, [1, 2, 3, 4, range, range + 2]);
            }
        }
    }
}

// Longer than slots times tick: it never fired, and nobody was told.
#[test]
fn a13_tokio_timer_38_a_timer_longer_than_the_wheel_fires() {
    on_every_shape(|engine, shape| {
        for level in 0..3 {
            let (now, range) = (engine.now().as_millis(), range(shape, level));
            timer(engine, now, "a", now + range + 1);
            let expected = [("a", ScheduleToClose, now + range + 1)];
            assert_eq!(drain(engine, now + 2 * range), expected);
        }
    });
}

// The longest timeout and one more landed in the first slot of the first wheel: it expired at the next update.
#[test]
fn a14_wahern_timeout_30_the_range_itself_is_no_short_timeout() {
    for shape in SHAPES {
        for level in 0..3 {
            let range = range(shape, level);
            for timeout in [range - 1, range, range + 1] {
                is_exact(shape, 0, timeout, [1, 2, timeout - 1]);
            }
        }
    }
}

// A cascade lost entries when the clock went from negative to positive.
#[test]
fn a16_caffeine_7fa11d4bc_across_the_sign_bit_of_the_clock() {
    on_every_shape(|engine, _| {
        let now = (1 << 63) - 5;
        timer(engine, now, "across", now + 10);
        timer(engine, now, "far across", now + (1 << 20));
        assert_eq!(drain_keys(engine, now + 9), NOTHING);
        assert_eq!(drain_keys(engine, now + 10), ["across"]);
        assert_eq!(follow_wakeups(engine).0, [("far across", now + (1 << 20))]);
    });
}

// From the first instant that the clock has, the whole advance did nothing.
#[test]
fn a17_caffeine_94636fd69_an_advance_from_the_first_instant_to_the_last() {
    for start in [0, 1 << 63] {
        on_every_shape(|engine, _| {
            timer(engine, start, "soon", start + 1);
            timer(engine, start, "late", start + (1 << 62));
            let expected = [
                ("soon", ScheduleToClose, start + 1),
                ("late", ScheduleToClose, start + (1 << 62)),
            ];
            assert_eq!(drain(engine, u64::MAX), expected);
            assert_eq!(wakeup(engine), None);
        });
    }
}

// The distance was narrowed to 32 bits before it was compared: a large jump did nothing. Nor did one of zero.
#[test]
fn a18_caffeine_b7e10e34c_jumps_whose_low_bits_are_zero() {
    on_every_shape(|engine, _| {
        for bits in [31, 32, 33, 40, 48, 62] {
            let now = engine.now().as_millis();
            timer(engine, now, "a", now + 1);
            timer(engine, now, "at once", now);
            assert_eq!(drain_keys(engine, now), ["at once"]);
            assert_eq!(drain(engine, now + (1 << bits)), [("a", ScheduleToClose, now + 1)]);
        }
    });
}

// A poll looked at the current tick alone: what was due in one that was stepped over waited a revolution.
#[test]
fn a20_agrona_73_a_deadline_that_no_poll_meets() {
    for shape in SHAPES {
        for stride in 2..=24 {
            for deadline in 1..=72 {
                let mut engine = wheel_of(shape);
                timer(&mut engine, 0, "a", deadline);
                let first_after = deadline.div_ceil(stride) * stride;
                for now in (0..first_after).step_by(stride as usize) {
                    assert_eq!(drain_keys(&mut engine, now), NOTHING);
                }
                assert_eq!(drain(&mut engine, first_after), [("a", ScheduleToClose, deadline)]);
            }
        }
    }
}

// Behind by a revolution, a timer set again on expiry landed in the slot that was being emptied: early, for ever.
#[test]
fn a21_tgstation_38994_set_again_on_expiry_when_a_revolution_behind() {
    on_every_shape(|engine, shape| {
        for level in 0..3 {
            let (now, range) = (engine.now().as_millis(), range(shape, level));
            timer(engine, now, "a", now + 1);
            timer(engine, now, "b", now + 1);
            let late = now + range + 1;
            assert_eq!(drain_at_most(engine, late, 1), [("a", ScheduleToClose, now + 1)]);
            timer(engine, late, "again", late + range);
            assert_eq!(drain_keys(engine, late), ["b"]);
            assert_eq!(drain_keys(engine, late + range - 1), NOTHING);
            assert_eq!(drain_keys(engine, late + range), ["again"]);
        }
    });
}

// Two wheels disagreed on the time while they ticked: what an expiry armed was put into the wrong slot.
#[test]
fn a22_ratas_290f5d3_armed_between_two_events_at_every_phase() {
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
            now += lap + 3;
        }
    });
}

// Execution ahead of schedule. Ticked through, each of a few hundred fires in its own millisecond.
#[test]
fn a24_delay_timer_39_nothing_is_ahead_of_schedule() {
    on_every_shape(|engine, _| {
        for start in [0, 1_000, 5_003] {
            for timeout in 1..=300 {
                timer(engine, start, "a", start + timeout);
            }
            assert_eq!(drain_keys(engine, start), NOTHING);
            for now in start + 1..=start + 300 {
                assert_eq!(drain(engine, now), [("a", ScheduleToClose, now)]);
            }
        }
    });
}

// The head of the overflow list was cancelled, so there was nothing to wake for.
#[test]
fn a25_hew_2054_a_cancelled_timer_ahead_of_a_live_one() {
    on_every_shape(|engine, shape| {
        for level in 0..3 {
            let (now, range) = (engine.now().as_millis(), range(shape, level));
            let first = timer(engine, now, "a", now + range + 1);
            timer(engine, now, "b", now + range + 9);
            engine.abandon(at(now), first).unwrap();
            assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= now + range + 9));
            assert_eq!(follow_wakeups(engine).0, [("b", now + range + 9)]);
        }
    });
}

// Timers that were modified to an earlier time were missing in the minimum that was kept.
#[test]
fn a26_go_35367_moved_nearer_again_and_again() {
    on_every_shape(|engine, _| {
        for (late, near) in [(1_000, 10), (200, 5), (1 << 40, 70)] {
            let now = engine.now().as_millis();
            let id = engine.schedule(at(now), "a", s2s(late).with_heartbeat(ms(near))).unwrap();
            engine.start(at(now + 3), id).unwrap();
            assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= now + 3 + near));
            assert_eq!(drain(engine, now + 3 + near), [("a", Heartbeat, now + 3 + near)]);
        }
        let now = engine.now().as_millis();
        let id = timer(engine, now, "a", now + 100_000);
        timer(engine, now, "other", now + 90_000);
        for nearer in (2..100).rev().map(|nearer| nearer * 1_000) {
            engine.update_timeouts(at(now), id, s2c(nearer)).unwrap();
            let earliest = now + nearer.min(90_000);
            assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= earliest));
        }
        assert_eq!(follow_wakeups(engine).0, [("a", now + 2_000), ("other", now + 90_000)]);
    });
}
