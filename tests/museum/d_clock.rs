//! D. Clock behaviour.

use crate::*;
use heartwheel::TimeoutType::ScheduleToStart;
use heartwheel::{CommandError, Recovery};

// A clock that stepped back by 10 ms panicked.
#[test]
fn d1_tokio_4044_a_clock_that_steps_back_fires_nothing_and_loses_nothing() {
    on_every_shape(|engine, _| {
        let id = started(engine, 0, "a", hb(200));
        assert!(drain(engine, 100).is_empty() && drain(engine, 90).is_empty());
        assert_eq!(engine.stats().clock_regressions, 1);
        // A heartbeat with an old time is one at the newest seen: it does not shorten the life.
        assert_eq!(engine.heartbeat(at(10), id, None).unwrap().deadline.unwrap().at, at(300));
        assert_eq!((drain_keys(engine, 299), drain_keys(engine, 300)), (vec![], vec!["a"]));
    });
}

// A timer due when it was armed rewound the base clock; high levels were processed again, and others came early.
#[test]
fn d2_linux_30c66fc30e_a_timer_that_is_due_when_it_is_armed_moves_no_other() {
    on_every_shape(|engine, _| {
        timer(engine, 0, "far", 100_000);
        assert_eq!(drain_keys(engine, 100), NOTHING);
        engine.schedule(at(50), "due at once", s2s(0)).unwrap();
        timer(engine, 100, "later", 200);
        assert_eq!(wakeup(engine), Some(100));
        assert_eq!(drain(engine, 100), [("due at once", ScheduleToStart, 100)]);
        assert_eq!(follow_wakeups(engine).0, [("later", 200), ("far", 100_000)]);
    });
}

// The clock jumped a day: all nodes counted as dead at once, although they renewed right after it.
#[test]
fn d4_kubernetes_108844_a_heartbeat_that_comes_with_the_jump_is_too_late_unless_the_host_recovers()
{
    const DAY: u64 = 86_400_000;
    on_every_shape(|engine, _| {
        let id = started(engine, 0, "node", hb(40_000));
        let mut recovering = engine.clone();
        let refused = engine.heartbeat(at(DAY), id, None).unwrap_err();
        assert_eq!(refused.reason, CommandError::NotOpen { id });
        assert_eq!(drain_keys(engine, DAY), ["node"]);
        recovering.recover(at(DAY), Recovery::grace(ms(1_000)));
        assert!(recovering.heartbeat(at(DAY), id, None).is_ok());
        assert_eq!(drain_keys(&mut recovering, DAY + 39_999), NOTHING);
        assert_eq!(drain_keys(&mut recovering, DAY + 40_000), ["node"]);
    });
}

// A difference of wall clocks was given to a monotonic wait: a step back by D slept for D. The wake-up is an
// instant of the host's own clock, and a step back does not move it.
#[test]
fn d5_quartznet_1490_the_wake_up_is_absolute_whatever_the_clock_did() {
    on_every_shape(|engine, _| {
        timer(engine, 1_000, "a", 1_500);
        let announced = wakeup(engine);
        assert!(announced.is_some_and(|wakeup| wakeup > 1_000 && wakeup <= 1_500));
        for older in [999, 400, 0] {
            assert_eq!(drain_keys(engine, older), NOTHING);
            assert_eq!((wakeup(engine), engine.now()), (announced, at(1_000)));
        }
        assert_eq!(follow_wakeups(engine).0, [("a", 1_500)]);
    });
}

// After a suspended machine the earliest timer lay in the past, and a new one shorter than the rest woke nobody.
#[test]
fn d6_libevent_46_a_short_timer_after_a_jump_is_not_hidden_by_what_is_long_due() {
    on_every_shape(|engine, _| {
        timer(engine, 0, "past", 100);
        timer(engine, 0, "far", 90_000);
        timer(engine, 50_000, "short", 50_005);
        assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= 100));
        assert_eq!(drain_keys(engine, 50_000), ["past"]);
        assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= 50_005));
        assert_eq!(drain_keys(engine, 50_005), ["short"]);
        assert_eq!(follow_wakeups(engine).0, [("far", 90_000)]);
    });
}

// All timers at once on resume. They come one a call, in order, and the backlog is seen to shrink.
#[test]
fn d8_systemd_43350_a_crowd_that_is_due_on_waking_comes_one_at_a_time_and_in_order() {
    on_every_shape(|engine, _| {
        for (key, deadline) in [("b", 1_000), ("c", 1_000), ("d", 30_000), ("a", 999)] {
            timer(engine, 0, key, deadline);
        }
        for (left, key) in ["a", "b", "c", "d"].into_iter().rev().enumerate().rev() {
            assert_eq!(engine.overdue(at(80_000)), left + 1);
            assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= 80_000));
            let event = timed_out(engine, 80_000);
            assert_eq!((event.activity.key, event.observed_at), (key, at(80_000)));
        }
        assert_eq!((engine.overdue(at(80_000)), wakeup(engine)), (0, None));
    });
}

// The clock was sampled before a slow loop, and the sleep computed from an instant that was long past. The wake-up
// may lie before the host's now, however far: a poll with the true now catches up.
#[test]
fn d9_memberlist_198_a_wake_up_in_the_past_of_the_host() {
    on_every_shape(|engine, _| {
        for late in [0, 1, 999, 1_000_000] {
            let sampled = engine.now().as_millis();
            timer(engine, sampled, "crossed meanwhile", sampled + 10);
            timer(engine, sampled, "ahead", sampled + 2_000_000);
            let now = sampled + 10 + late;
            assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= now));
            assert_eq!(drain_keys(engine, now), ["crossed meanwhile"]);
            assert!(wakeup(engine).is_some_and(|wakeup| wakeup > now), "a second, idle turn");
            assert_eq!(follow_wakeups(engine).0, [("ahead", sampled + 2_000_000)]);
        }
    });
}

// A cached now: each new timer was computed already expired, a loop of zero timers without end.
#[test]
fn d10_grpc_26079_a_zero_timer_armed_for_each_that_fires_fires_once_each() {
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
