//! What an engine from a snapshot must stand, whatever the snapshot said.

use core::time::Duration;

use heartwheel::{ActivityId, Config, Engine, Recovery, Timeouts, Timestamp};

/// An engine as snapshots are tested with.
pub(crate) type Host = Engine<String, String>;

/// Activities that are scheduled anew, and wake-ups that are followed one by one.
const FURTHER: usize = 20;

/// A restored engine must hold together, answer only for what it lists, and run to the end of time.
pub(crate) fn exercise(mut engine: Host) {
    engine.check_invariants().unwrap();
    let bytes = postcard::to_allocvec(&engine).unwrap();
    let again: Host = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(postcard::to_allocvec(&again).unwrap(), bytes);
    let listed: Vec<ActivityId> = engine.activities().map(|view| view.evidence.id).collect();
    assert_eq!(listed.len(), engine.len());
    let now = engine.now();
    for id in &listed {
        let _ = engine.heartbeat(now, *id, Some("x".to_owned()));
        let _ = engine.resume(now, *id);
    }
    let mut other = Host::new(Config::default());
    for _ in 0..FURTHER {
        let stranger = other.schedule(Timestamp::ZERO, String::new(), Timeouts::NONE).unwrap();
        assert_eq!(engine.activity(stranger).is_some(), listed.contains(&stranger));
    }
    for _ in 0..FURTHER {
        let timeouts = Timeouts::NONE.with_heartbeat(Duration::from_millis(3));
        let _ = engine.schedule(now, "new".to_owned(), timeouts);
    }
    engine.recover(
        now,
        Recovery::grace(Duration::from_millis(50)).with_spread(Duration::from_millis(9)),
    );
    engine.check_invariants().unwrap();
    let mut left = listed.len() + FURTHER;
    for _ in 0..FURTHER {
        let Some(wakeup) = engine.next_wakeup() else { break };
        drain(&mut engine, wakeup, &mut left);
    }
    drain(&mut engine, Timestamp::MAX, &mut left);
    engine.shrink_to_fit();
    engine.check_invariants().unwrap();
}

/// Polls until nothing is left, of which there is at most one event for each activity.
fn drain(engine: &mut Host, now: Timestamp, left: &mut usize) {
    // However far the jump is, a recovery takes it.
    engine.recover(now, Recovery::ABSOLUTE);
    let now = engine.now();
    while engine.poll(now).is_some() {
        *left = left.checked_sub(1).expect("no more events than activities");
    }
    assert!(engine.next_wakeup().map_or(true, |wakeup| wakeup > now), "a wake-up lies ahead");
}
