//! C. Precision, early and late, the boundary.

use core::time::Duration;

use crate::*;
use heartwheel::TimeoutType::{Heartbeat, ScheduleToClose};
use heartwheel::Timeouts;

/// Each timeout alone, as long as it is asked to be.
const EACH: [fn(u64) -> Timeouts; 4] = [s2s, s2c, st2c, hb];

/// An activity whose one timeout counts from `now`, started unless it would stop the clock.
fn armed(engine: &mut Wheel, now: u64, timeouts: Timeouts) -> ActivityId {
    if timeouts.schedule_to_start().is_some() {
        engine.schedule(at(now), "a", timeouts).unwrap()
    } else {
        started(engine, now, "a", timeouts)
    }
}

// Rounded to the nearest tick, up to half a tick early: sessions of 60 s were closed at 59.901 s, others never.
#[test]
fn c1_sozu_1354_half_a_tick_early_is_early() {
    on_every_shape(|engine, _| {
        for phase in 0..100 {
            let now = engine.now().as_millis() + phase;
            let id = started(engine, now, "session", hb(60_000));
            for early in [59_901, 59_950, 59_999] {
                assert_eq!(drain_keys(engine, now + early), NOTHING);
                assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= now + 60_000), "not armed");
            }
            engine.heartbeat(at(now + 59_999), id, None).unwrap();
            assert_eq!(drain_keys(engine, now + 119_998), NOTHING);
            assert_eq!(drain(engine, now + 119_999), [("session", Heartbeat, now + 119_999)]);
        }
    });
}

// Rounded to seconds, timers fired early.
#[test]
fn c2_temporal_765_fractions_of_a_second() {
    on_every_shape(|engine, _| {
        let timeouts = NONE.with_schedule_to_close(Duration::from_secs_f64(1.4));
        engine.schedule(at(700), "a", timeouts).unwrap();
        assert_eq!(drain_keys(engine, 2_000), NOTHING);
        assert_eq!(drain_keys(engine, 2_099), NOTHING);
        assert_eq!(drain(engine, 2_100), [("a", ScheduleToClose, 2_100)]);
    });
}

// A deadline was stored with fewer digits and then looked for by equality: it never matched.
#[cfg(feature = "serde")]
#[test]
fn c4_paperclip_7787_a_stored_deadline_keeps_every_digit_and_need_not_be_met() {
    let now = 1_760_000_000_123;
    for (late, timeout) in [(0, 4_321), (1, 4_321), (777, 4_321), (1_000_000, 1)] {
        let mut engine: Engine<u8, u8> = Engine::new(Config::DEFAULT);
        started(&mut engine, now, 1, hb(timeout));
        let mut engine = through_bytes(&engine);
        assert!(drain(&mut engine, now + timeout - 1).is_empty());
        let expected = [(1, Heartbeat, now + timeout)];
        assert_eq!(drain(&mut engine, now + timeout + late), expected);
    }
}

// One or two milliseconds early were tolerated; "less than a millisecond left" counted as expired.
#[test]
fn c5_quartznet_83_no_tolerance() {
    on_every_shape(|engine, _| {
        for timeouts in EACH {
            for timeout in (1..40).chain([1_000, 100_000]) {
                let now = engine.now().as_millis() + 1;
                let id = armed(engine, now, timeouts(timeout));
                assert_eq!(drain_keys(engine, now + timeout - 1), NOTHING);
                assert!(engine.clone().request_cancel(at(now + timeout - 1), id).is_ok());
                assert_eq!(drain(engine, now + timeout).len(), 1);
            }
        }
    });
}

// The system's wait returned up to 15 ms early. A poll before the wake-up fires nothing, and it still stands.
#[test]
fn c6_libuv_385_a_poll_before_the_wake_up() {
    on_every_shape(|engine, _| {
        let mut deadlines: Vec<u64> = (0..20).map(|nth| 3 + nth * nth * nth * 17).collect();
        for deadline in &deadlines {
            timer(engine, 0, "a", *deadline);
        }
        deadlines.reverse();
        while let Some(instant) = wakeup(engine) {
            for early in [15, 2, 1] {
                assert_eq!(drain_keys(engine, instant.saturating_sub(early)), NOTHING);
                let earliest = *deadlines.last().unwrap();
                let kept = wakeup(engine).is_some_and(|kept| (instant..=earliest).contains(&kept));
                assert!(kept, "{:?} after {instant}", wakeup(engine));
            }
            for (_, _, deadline) in drain(engine, instant) {
                assert_eq!(deadlines.pop(), Some(deadline));
                assert_eq!(instant, deadline);
            }
        }
        assert!(deadlines.is_empty());
    });
}

// Two layers disagreed whether `now == deadline` has expired: the driver span.
#[test]
fn c8_quinn_686_at_the_deadline_itself_wake_up_poll_and_commands_agree() {
    on_every_shape(|engine, _| {
        for timeouts in EACH {
            for timeout in [1, 2, 31, 32, 64, 4_096, 70_000] {
                let now = engine.now().as_millis();
                let id = armed(engine, now, timeouts(timeout));
                while let Some(instant) = wakeup(engine) {
                    let due = instant == now + timeout;
                    let refused = engine.clone().request_cancel(at(instant), id);
                    assert_eq!(refused.is_err(), due, "a command at {instant}");
                    assert_eq!(engine.clone().overdue(at(instant)), usize::from(due));
                    assert_eq!(drain(engine, instant).len(), usize::from(due));
                    assert!(wakeup(engine).map_or(due, |next| next > instant), "no progress");
                }
                assert!(engine.is_empty());
            }
        }
    });
}

// What fell into the current tick ran at once: early by less than a tick.
#[test]
fn c9_kafka_timing_wheel_what_is_due_within_a_tick_is_not_due() {
    on_every_shape(|engine, _| {
        for phase in 0..40 {
            for ahead in 1..20 {
                let now = engine.now().as_millis() / 1_000 * 1_000 + 1_000 + phase;
                assert_eq!(drain_keys(engine, now), NOTHING);
                timer(engine, now, "a", now + ahead);
                for before in now..now + ahead {
                    assert_eq!(drain_keys(engine, before), NOTHING);
                }
                assert_eq!(drain_keys(engine, now + ahead), ["a"]);
            }
        }
    });
}

// The next expiry that was kept was the one asked for, not that of the bucket: the base clock went back, and what
// was armed then came early. A wake-up to a bucket's begin moves the wheel; what is armed there must be exact.
#[test]
fn c10_linux_1f32cab0_armed_when_the_wheel_stands_at_the_begin_of_a_bucket() {
    on_every_shape(|engine, shape| {
        for level in 1..4 {
            let slot = width(shape, level);
            let base = (engine.now().as_millis() / slot + 1) * slot;
            let late = base + range(shape, level - 1) + slot + slot / 2 + 1;
            timer(engine, base, "late", late);
            let mut before = base;
            while let Some(instant) = wakeup(engine).filter(|instant| *instant < late) {
                assert!(instant > before, "the clock went back from {before} to {instant}");
                before = instant;
                assert_eq!(drain_keys(engine, instant), NOTHING);
                for deadline in [instant + 1, instant + slot] {
                    let mut engine = engine.clone();
                    timer(&mut engine, instant, "armed there", deadline);
                    let next = wakeup(&engine).unwrap();
                    assert!((instant + 1..=deadline.min(late)).contains(&next));
                    let mut expected = [("late", late), ("armed there", deadline)];
                    expected.sort_by_key(|(_, deadline)| *deadline);
                    assert_eq!(follow_wakeups(&mut engine).0, expected);
                }
            }
            assert_eq!(drain(engine, late), [("late", ScheduleToClose, late)]);
        }
    });
}

// Polled every 1.8 s with ticks of 2 s, it never fired at all.
#[test]
fn c12_agrona_73_polls_in_strides_of_any_length() {
    for stride in [1, 3, 7, 255, 256, 1_800, 1_999, 2_000, 2_001, 5_000] {
        on_every_shape(|engine, _| {
            let mut deadline = 2_000;
            timer(engine, 0, "a", deadline);
            let mut fired = 0;
            for now in (0..).step_by(stride).take_while(|now| *now <= 60_000) {
                let due = deadline <= now;
                assert_eq!(drain_keys(engine, now).len(), usize::from(due), "{stride} at {now}");
                if due {
                    deadline = now + 2_000;
                    timer(engine, now, "a", deadline);
                    fired += 1;
                }
            }
            // A period is 2 s and what is left of the stride.
            let period = 2_000_u64.div_ceil(stride as u64) * stride as u64;
            assert_eq!(fired, 60_000 / period);
        });
    }
}
