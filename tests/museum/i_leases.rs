//! I. Leases, sessions, failover.

use crate::*;
use heartwheel::TimeoutType::Heartbeat;
use heartwheel::{CommandError, Outcome, Recovery};

fn plain() -> Engine<u8, u8> {
    Engine::new(Config::default())
}

// Each change of leader gave a lease its whole time again: it might never expire.
#[test]
fn i1_etcd_9888_a_restore_gives_nobody_more_time() {
    let mut engine = plain();
    started(&mut engine, 0, 1, hb(100));
    for now in (10..100).step_by(10) {
        engine = through_bytes(&engine);
        assert!(drain(&mut engine, now).is_empty());
    }
    assert_eq!(drain(&mut engine, 5_000), [(1, Heartbeat, 100)]);
}

// Checkpoints stopped after the first change of leader, or were lost at a restart: the third renewed.
#[test]
fn i2_etcd_13491_the_third_restore_knows_what_the_first_knew() {
    let mut engine = plain();
    let id = started(&mut engine, 0, 1, hb(100));
    for round in 1..=3 {
        engine.heartbeat(at(round * 50), id, Some(7)).unwrap();
        engine = through_bytes(&engine);
    }
    assert!(drain(&mut engine, 249).is_empty());
    let timeout = timed_out(&mut engine, 250);
    assert_eq!((timeout.deadline, timeout.activity.heartbeats), (at(250), 3));
    assert_eq!(timeout.activity.details, Some(7));
}

// Marked down although an update had arrived in time.
#[test]
fn i4_nomad_14474_a_heartbeat_in_time_counts_though_the_poll_comes_late() {
    let mut engine = plain();
    let id = started(&mut engine, 0, 1, hb(100));
    let mut engine = through_bytes(&engine);
    engine.heartbeat(at(99), id, None).unwrap();
    assert!(drain(&mut engine, 198).is_empty());
    assert_eq!(drain_keys(&mut engine, 199), [1]);
}

// A time to live was a lower bound, and doubled. Here a timeout is both bounds, after a restore too.
#[test]
fn i5_consul_1172_a_timeout_is_exact_after_a_restore() {
    let mut engine = plain();
    started(&mut engine, 3, 1, hb(10_007));
    let mut engine = through_bytes(&engine);
    assert!(drain(&mut engine, 10_009).is_empty());
    assert_eq!(drain_keys(&mut engine, 10_010), [1]);
}

// A time within a heartbeat was trusted. Here there is none: whatever the details say, the host's time counts.
#[test]
fn i6_client_go_448_only_the_hosts_time_counts() {
    let mut engine: Engine<u8, u64> = Engine::new(Config::default());
    let id = started(&mut engine, 0, 1, hb(100));
    for claimed in [0, 90, u64::MAX] {
        let reply = engine.heartbeat(at(30), id, Some(claimed)).unwrap();
        assert_eq!(reply.deadline.map(|deadline| deadline.at), Some(at(130)));
    }
    assert_eq!(drain(&mut engine, 130), [(1, Heartbeat, 130)]);
}

// A session that was being closed was touched again, and what belonged to it was never removed.
#[test]
fn i8_zookeeper_1208_what_is_closed_cannot_be_touched_on_either_side_of_a_restore() {
    let mut engine = plain();
    let id = started(&mut engine, 0, 1, hb(100));
    engine.request_cancel(at(1), id).unwrap();
    engine.close(at(2), id, Outcome::Canceled).unwrap();
    for mut engine in [through_bytes(&engine), engine] {
        let refused = engine.heartbeat(at(3), id, Some(9)).unwrap_err();
        assert_eq!(refused.reason, CommandError::NotOpen { id });
        engine.recover(at(4), Recovery::REARM);
        assert!(drain(&mut engine, 1_000).is_empty() && engine.is_empty());
    }
}

// A snapshot between two halves of one change.
#[test]
fn i9_zookeeper_3144_a_snapshot_holds_all_of_an_operation_or_nothing() {
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

// Deadlines were computed from the current time when it restarted without a snapshot. Here they come from the
// anchors, which are state, however late the first call.
#[test]
fn i10_camunda_1800_deadlines_are_not_computed_from_the_time_of_the_restart() {
    let mut engine = plain();
    let waiting = engine.schedule(at(5), 1, s2s(40).with_start_to_close(ms(60))).unwrap();
    engine.schedule(at(7), 2, s2c(90)).unwrap();
    engine.start(at(20), waiting).unwrap();
    let mut engine = through_bytes(&engine);
    let fired: Vec<(u8, u64)> = drain(&mut engine, 1_000_000)
        .into_iter()
        .map(|(key, _, deadline)| (key, deadline))
        .collect();
    assert_eq!(fired, [(1, 80), (2, 97)]);
}
