//! Short names, so that a hand-written case reads as the sentence it tests.

use core::time::Duration;

use heartwheel::{ActivityId, Config, Engine, Event, TimedOut, TimeoutType, Timeouts, Timestamp};

/// An engine whose keys are words.
pub(crate) type Wheel = Engine<&'static str, &'static str>;

pub(crate) const NONE: Timeouts = Timeouts::NONE;

pub(crate) fn engine() -> Wheel {
    Engine::new(Config::DEFAULT)
}

pub(crate) fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn s2s(millis: u64) -> Timeouts {
    NONE.with_schedule_to_start(ms(millis))
}

pub(crate) fn s2c(millis: u64) -> Timeouts {
    NONE.with_schedule_to_close(ms(millis))
}

pub(crate) fn st2c(millis: u64) -> Timeouts {
    NONE.with_start_to_close(ms(millis))
}

pub(crate) fn hb(millis: u64) -> Timeouts {
    NONE.with_heartbeat(ms(millis))
}

/// An activity scheduled and started at the same instant.
pub(crate) fn started<K: core::fmt::Debug, D>(
    engine: &mut Engine<K, D>,
    now: u64,
    key: K,
    timeouts: Timeouts,
) -> ActivityId {
    let id = engine.schedule(at(now), key, timeouts).expect("capacity");
    engine.start(at(now), id).expect("a start at the instant of scheduling");
    id
}

/// One poll, which must deliver.
pub(crate) fn timed_out<K, D>(engine: &mut Engine<K, D>, now: u64) -> TimedOut<K, D> {
    match engine.poll(at(now)) {
        Some(Event::TimedOut(timed_out)) => timed_out,
        Some(_) => panic!("an event of another kind at {now}"),
        None => panic!("nothing due at {now}"),
    }
}

/// Polls until `None`: key, timeout and deadline of each event, in the order of delivery.
pub(crate) fn drain<K, D>(engine: &mut Engine<K, D>, now: u64) -> Vec<(K, TimeoutType, u64)> {
    drain_at_most(engine, now, usize::MAX)
}

/// The same, for at most so many events.
pub(crate) fn drain_at_most<K, D>(
    engine: &mut Engine<K, D>,
    now: u64,
    limit: usize,
) -> Vec<(K, TimeoutType, u64)> {
    let mut events = Vec::new();
    while events.len() < limit {
        let Some(Event::TimedOut(event)) = engine.poll(at(now)) else { break };
        events.push((event.activity.key, event.timeout_type, event.deadline.as_millis()));
    }
    events
}

/// The keys alone.
pub(crate) fn drain_keys<K, D>(engine: &mut Engine<K, D>, now: u64) -> Vec<K> {
    drain(engine, now).into_iter().map(|(key, _, _)| key).collect()
}

/// The next wake-up in milliseconds.
pub(crate) fn wakeup<K, D>(engine: &Engine<K, D>) -> Option<u64> {
    engine.next_wakeup().map(Timestamp::as_millis)
}

/// Follows the wake-ups to the last one, as a host does; every wake-up must lie ahead. Gives the
/// instants at which something fired, in order, and how many wake-ups fired nothing.
pub(crate) fn follow_wakeups<K, D>(engine: &mut Engine<K, D>) -> (Vec<(K, u64)>, usize) {
    let mut fired = Vec::new();
    let mut empty = 0;
    while let Some(instant) = wakeup(engine) {
        let events = drain(engine, instant);
        if events.is_empty() {
            empty += 1;
        }
        fired.extend(events.into_iter().map(|(key, _, _)| (key, instant)));
        if let Some(next) = wakeup(engine) {
            assert!(next > instant, "wake-up {next} after a drain at {instant}");
        }
    }
    (fired, empty)
}
