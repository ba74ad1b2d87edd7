//! J. Snapshots, replication, flags, determinism.

use crate::*;
use heartwheel::{CommandError, Outcome};

fn plain() -> Engine<u8, u8> {
    Engine::new(Config::default())
}

// The retry timer existed only in the cluster that had made it: lost for weeks.
#[test]
fn j1_cadence_8425_every_timer_follows_from_the_state_alone() {
    let mut engine = plain();
    let expected = [(1, 10), (2, 70_000), (3, 90_000_000), (4, 1 << 40)];
    for (key, timeout) in expected {
        engine.schedule(at(0), key, s2s(timeout)).unwrap();
    }
    // By the snapshot of a snapshot, and by one taken when the wheel had moved on.
    assert!(drain(&mut engine, 5).is_empty());
    let mut engine = through_bytes(&through_bytes(&engine));
    assert!(wakeup(&engine).is_some_and(|wakeup| wakeup <= 10));
    assert_eq!(follow_wakeups(&mut engine).0, expected);
}

// A flag was not written back after a refresh.
#[test]
fn j2_cadence_2706_a_request_to_cancel_is_told_after_any_number_of_restores() {
    let mut engine = plain();
    let id = started(&mut engine, 0, 1, hb(100));
    let other = started(&mut engine, 0, 2, hb(100));
    engine.request_cancel(at(5), id).unwrap();
    for round in 1..4 {
        engine = through_bytes(&engine);
        assert!(engine.heartbeat(at(round * 10), id, None).unwrap().cancel_requested);
        assert!(!engine.heartbeat(at(round * 10), other, None).unwrap().cancel_requested);
    }
    assert_eq!(engine.activity(id).unwrap().evidence.cancel_requested_at, Some(at(5)));
}

// A later deadline that was replicated cleared the local status: woken twice.
#[test]
fn j4_temporal_11811_a_restored_activity_has_one_timer_and_one_event() {
    let mut engine = plain();
    let id = started(&mut engine, 0, 1, hb(100).with_start_to_close(ms(150)));
    engine.heartbeat(at(90), id, None).unwrap();
    let mut engine = through_bytes(&through_bytes(&engine));
    let (fired, empty) = follow_wakeups(&mut engine);
    // Within the reach of the lowest level: no move between levels, no wake-up but the one.
    assert_eq!((fired, empty), (vec![(1, 150)], 0));
}

// Cancelled while its event was buffered: only the memory was cleared, and it fired. Here what is due wins.
#[test]
fn j5_cadence_1898_what_was_due_before_the_snapshot_is_due_after_it() {
    let mut engine = plain();
    let ids = [1, 2].map(|key| started(&mut engine, 0, key, hb(100)));
    assert_eq!(drain_at_most(&mut engine, 100, 1).len(), 1);
    let mut engine = through_bytes(&engine);
    for id in ids {
        assert_eq!(engine.request_cancel(at(100), id), Err(CommandError::NotOpen { id }));
    }
    assert_eq!(drain_keys(&mut engine, 100), [2]);
    assert_eq!((engine.stats().timed_out.total(), wakeup(&engine)), (2, None));
}

// A timer fired for an activity that its history had closed.
#[test]
fn j6_cadence_4499_no_timer_is_rebuilt_for_what_has_closed() {
    let mut engine = plain();
    let closed = started(&mut engine, 0, 1, hb(100));
    started(&mut engine, 0, 2, hb(200));
    engine.heartbeat(at(10), closed, Some(1)).unwrap();
    engine.close(at(20), closed, Outcome::Completed).unwrap();
    let mut engine = through_bytes(&engine);
    // Nor for the next that has its slot.
    engine.schedule(at(30), 3, NONE).unwrap();
    let mut engine = through_bytes(&engine);
    assert!(engine.activity(closed).is_none());
    assert_eq!(follow_wakeups(&mut engine).0, [(2, 200)]);
}

// Restored timers were not registered at the right moment, and the time itself was not restored: extra output.
#[test]
fn j8_flink_36663_the_newest_time_is_restored_and_what_is_due_comes_once() {
    let mut engine = plain();
    engine.schedule(at(0), 1, s2s(50)).unwrap();
    engine.schedule(at(70), 2, s2s(0)).unwrap();
    let mut engine = through_bytes(&engine);
    assert_eq!(engine.now(), at(70));
    assert_eq!(drain_keys(&mut engine, 0), [1, 2], "an older time stands for the newest seen");
    assert_eq!(engine.stats().clock_regressions, 3);
    assert!(drain(&mut engine, 1_000).is_empty());
}

// The shutdown advanced the clock to the end of time, and an insert after it panicked.
#[test]
fn j9_tokio_2789_at_the_end_of_time_an_engine_goes_on_restored_or_not() {
    let mut engine = plain();
    assert!(drain(&mut engine, u64::MAX).is_empty());
    for mut engine in [through_bytes(&engine), engine] {
        engine.schedule(at(u64::MAX), 1, s2s(0)).unwrap();
        engine.schedule(at(u64::MAX), 2, s2s(1)).unwrap();
        assert_eq!(drain_keys(&mut engine, u64::MAX), [1]);
        assert_eq!((engine.len(), engine.next_wakeup()), (1, None));
    }
}
