//! G. Cost and storms, by the counters of the wheel. What is about bytes is in `museum_memory.rs`.

use crate::*;
use heartwheel::TimeoutType::{Heartbeat, ScheduleToClose};
use heartwheel::{CommandError, Outcome, ScheduleRefusal, TimerStats};

/// Timers armed and not taken out by a command or fired.
fn standing(engine: &Wheel) -> u64 {
    let TimerStats { armed, disarmed, .. } = engine.stats().timers;
    armed - disarmed - engine.stats().timed_out.total()
}

// A handle was overwritten and not cancelled: each orphan armed itself again. One activity is one timer, after
// whatever moves it.
#[test]
fn g4_hertzbeat_4201_whatever_moves_a_deadline_leaves_one_timer() {
    on_every_shape(|engine, _| {
        let id = engine.schedule(at(0), "a", s2s(500).with_heartbeat(ms(600))).unwrap();
        engine.start(at(1), id).unwrap();
        for round in 1..200 {
            let now = round * 10;
            engine.heartbeat(at(now), id, None).unwrap();
            assert_eq!(standing(engine), 1);
            engine.update_timeouts(at(now + 1), id, hb(550 + round % 3 * 50)).unwrap();
            assert_eq!(standing(engine), 1);
            engine.suspend(at(now + 2), id).unwrap();
            assert_eq!(standing(engine), 0);
            engine.resume(at(now + 3), id).unwrap();
            assert_eq!(standing(engine), 1);
            engine.recover(at(now + 4), heartwheel::Recovery::REARM);
            assert_eq!(standing(engine), 1);
            assert_eq!(drain_keys(engine, now + 9), NOTHING);
            engine.check_invariants().unwrap();
        }
        assert_eq!(drain_keys(engine, 10_000), ["a"]);
        assert_eq!((standing(engine), wakeup(engine)), (0, None));
    });
}

// A timeout was cleared while its node stayed in the wheel, and was used after its end. What a transition ends is
// taken out by the same call.
#[test]
fn g10_moka_524_a_timeout_that_ends_leaves_the_wheel_in_the_same_call() {
    on_every_shape(|engine, _| {
        let started_early = engine.schedule(at(0), "a", s2s(10)).unwrap();
        engine.start(at(3), started_early).unwrap();
        assert_eq!((standing(engine), wakeup(engine)), (0, None));
        let changed = started(engine, 3, "b", hb(10));
        engine.update_timeouts(at(5), changed, NONE).unwrap();
        assert_eq!((standing(engine), wakeup(engine)), (0, None));
        engine.check_invariants().unwrap();
        for id in [started_early, changed] {
            engine.close(at(1_000), id, Outcome::Completed).unwrap();
            assert_eq!(engine.len(), usize::from(id == started_early));
            engine.check_invariants().unwrap();
        }
        assert_eq!(drain_keys(engine, 5_000), NOTHING);
    });
}

// A flag was cleared on every retry: 242,037 attempts put as many identical wake-ups on one instant.
#[test]
fn g6_temporal_11565_a_quarter_of_a_million_attempts_and_one_wake_up() {
    const ATTEMPTS: u64 = 242_037;
    let mut engine = engine();
    let timeouts = s2s(50).with_heartbeat(ms(60)).with_start_to_close(ms(70));
    let mut id = started(&mut engine, 0, "a", timeouts);
    for _ in 1..ATTEMPTS {
        engine.close(at(0), id, Outcome::Failed).unwrap();
        id = started(&mut engine, 0, "a", timeouts);
        assert_eq!(engine.start(at(0), id), Err(CommandError::AlreadyStarted { id }));
        assert_eq!(standing(&engine), 1);
    }
    let (fired, empty) = follow_wakeups(&mut engine);
    assert_eq!((fired, empty), (vec![("a", 60)], 0));
    let stats = engine.stats();
    assert_eq!((stats.timed_out.total(), stats.failed), (1, ATTEMPTS - 1));
    assert_eq!(stats.timers.visited, 1);
}

// The overflow list was looked through at every tick.
#[test]
fn g8_mill_io_86_a_million_far_timers_are_not_looked_at_by_a_tick() {
    const FAR: u64 = 1_000_000;
    let mut engine = engine();
    for nth in 0..FAR {
        timer(&mut engine, 0, "far", (1 << 40) + nth);
    }
    for now in 1..=1_000_000 {
        assert!(engine.poll(at(now)).is_none());
    }
    assert_eq!(engine.stats().timers.visited, 0);
    // And when their time has come, each is looked at a few times: once on each level that it passes.
    assert_eq!(drain_keys(&mut engine, (1 << 40) + FAR).len() as u64, FAR);
    assert!(engine.stats().timers.visited <= 5 * FAR, "{:?}", engine.stats().timers);
}

// A bucket was added under a key that was there: early expiry, and growth. Ascending and not, in one bucket.
#[test]
fn g12_synapse_17850_between_two_that_are_there() {
    on_every_shape(|engine, _| {
        for base in [0, 10_000, 1 << 33] {
            let _ = drain(engine, base);
            for deadline in [150, 160, 155] {
                timer(engine, base, "a", base + deadline);
            }
            let due = [150, 155].map(|deadline| ("a", ScheduleToClose, base + deadline));
            assert_eq!(drain(engine, base + 158), due);
            assert_eq!((engine.len(), standing(engine)), (1, 1));
            assert_eq!(drain(engine, base + 160), [("a", ScheduleToClose, base + 160)]);
        }
    });
}

// The size that was accounted missed what starts and heartbeats changed, so the limit was not enforced.
#[test]
fn g13_temporal_11486_what_is_counted_is_what_is_there() {
    let mut engine: Wheel = Engine::new(Config::DEFAULT.with_max_open(20));
    let mut refused = 0;
    for turn in 0..2_000_u64 {
        let scheduled = engine.schedule(at(turn), "a", hb(30).with_schedule_to_start(ms(25)));
        match scheduled {
            Ok(id) if turn % 3 > 0 => {
                engine.start(at(turn), id).unwrap();
                engine.heartbeat(at(turn), id, Some("details")).unwrap();
                if turn % 7 == 0 {
                    engine.close(at(turn), id, Outcome::Failed).unwrap();
                }
            }
            Ok(_) => {}
            Err(error) => {
                assert_eq!(error.reason, ScheduleRefusal::AtCapacity { max_open: 20 });
                refused += 1;
            }
        }
        if turn % 5 == 0 {
            let _ = engine.poll(at(turn));
        }
        let shown = engine.activities().count();
        let stats = engine.stats();
        let closed = stats.failed + stats.timed_out.total();
        assert_eq!((engine.len(), stats.scheduled), (shown, closed + shown as u64));
        assert!(shown <= 20);
    }
    let stats = engine.stats();
    assert!(refused > 0 && stats.failed > 0 && stats.timed_out.schedule_to_start > 0);
}

// The time to live had to grow with the population, to bear the cost of its heartbeats. Here a heartbeat looks at
// no timer, and among a hundred thousand each keeps its own timeout.
#[test]
fn g14_nomad_10341_a_timeout_is_the_same_in_a_crowd() {
    const CROWD: u64 = 100_000;
    let mut engine = engine();
    let ids: Vec<ActivityId> =
        (0..CROWD).map(|nth| started(&mut engine, 0, "a", hb(1_000 + nth % 100))).collect();
    let before = engine.stats().timers;
    for id in &ids {
        engine.heartbeat(at(900), *id, None).unwrap();
    }
    assert_eq!(engine.stats().timers, before);
    for nth in 0..100 {
        let due = drain(&mut engine, 1_900 + nth);
        assert_eq!(due.len() as u64, CROWD / 100);
        assert!(due.iter().all(|event| *event == ("a", Heartbeat, 1_900 + nth)));
    }
}
