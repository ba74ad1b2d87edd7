//! What the engine promises beside its contract: ids, capacity, memory, auto traits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

extern crate alloc;

mod support;

use alloc::rc::Rc;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::time::Duration;

use heartwheel::{
    ActivityId, CommandError, Config, Engine, Event, MissingDetails, Outcome, ScheduleRefusal,
    TimeoutType, Timeouts, Timestamp,
};

use support::shorthand::*;

/// Lives of a slot before it is retired.
const LIVES: u32 = (1 << 24) - 1;

#[test]
fn freed_slots_are_reused_first_in_first_out_under_the_next_generation() {
    let mut engine = engine();
    let ids = ["a", "b", "c"].map(|key| engine.schedule(at(0), key, s2c(10)).unwrap());
    assert_eq!(ids.map(|id| id.to_string()), ["a0v0", "a1v0", "a2v0"]);
    engine.abandon(at(0), ids[1]).unwrap();
    engine.abandon(at(0), ids[0]).unwrap();
    let mut next = || engine.schedule(at(0), "next", s2c(10)).unwrap().to_string();
    assert_eq!([next(), next(), next()], ["a1v1", "a0v1", "a3v0"]);
    // A timeout frees a slot like any other close.
    assert_eq!(drain_keys(&mut engine, 10), ["c", "next", "next", "next"]);
    let mut next = || engine.schedule(at(10), "next", NONE).unwrap().to_string();
    assert_eq!([next(), next(), next(), next(), next()], ["a2v1", "a1v2", "a0v2", "a3v1", "a4v0"]);
}

#[test]
fn a_slot_whose_generations_are_used_up_is_retired() {
    let mut engine: Engine<u32, ()> = Engine::new(Config::DEFAULT.with_max_open(1));
    let mut last = None;
    for life in 0..LIVES {
        let id = engine.schedule(at(0), life, NONE).unwrap();
        assert!(Some(id) > last, "{id} after {last:?}");
        last = Some(id);
        engine.abandon(at(0), id).unwrap();
    }
    let last = last.unwrap();
    assert_eq!(last.to_string(), format!("a0v{}", LIVES - 1));
    let next = engine.schedule(at(0), LIVES, NONE).unwrap();
    assert_eq!(next.to_string(), "a1v0");
    assert_eq!(engine.start(at(0), last), Err(CommandError::NotOpen { id: last }));
    assert!(engine.activity(last).is_none());
    // The retired slot is not in the round of reuse.
    engine.abandon(at(0), next).unwrap();
    assert_eq!(engine.schedule(at(0), 0, NONE).unwrap().to_string(), "a1v1");
    engine.check_invariants().unwrap();
}

#[test]
fn at_capacity_the_key_comes_back_and_a_close_makes_room() {
    let mut engine: Engine<String, ()> = Engine::new(Config::DEFAULT.with_max_open(2));
    let first = engine.schedule(at(0), "first".to_owned(), NONE).unwrap();
    engine.schedule(at(0), "second".to_owned(), NONE).unwrap();
    let refused = engine.schedule(at(5), "third".to_owned(), s2c(1)).unwrap_err();
    assert_eq!(refused.key, "third");
    assert_eq!(refused.reason, ScheduleRefusal::AtCapacity { max_open: 2 });
    assert_eq!((engine.now(), engine.stats().scheduled, engine.next_wakeup()), (at(5), 2, None));
    engine.abandon(at(5), first).unwrap();
    engine.schedule(at(5), refused.key, NONE).unwrap();
    assert_eq!(engine.len(), 2);
    let mut closed: Engine<(), ()> = Engine::new(Config::DEFAULT.with_max_open(0));
    let refused = closed.schedule(at(0), (), NONE).unwrap_err();
    assert_eq!(refused.reason, ScheduleRefusal::AtCapacity { max_open: 0 });
}

#[test]
fn missing_details_keep_or_clear_as_configured() {
    for (missing_details, expected) in
        [(MissingDetails::Keep, Some("one")), (MissingDetails::Clear, None)]
    {
        let mut engine: Wheel = Engine::new(Config::DEFAULT.with_missing_details(missing_details));
        let id = started(&mut engine, 0, "a", hb(10));
        engine.heartbeat(at(1), id, Some("one")).unwrap();
        engine.heartbeat(at(2), id, None).unwrap();
        assert_eq!(engine.activity(id).unwrap().evidence.details.copied(), expected);
        assert_eq!(timed_out(&mut engine, 12).activity.details, expected);
    }
}

#[test]
fn a_heartbeat_reply_names_the_nearest_deadline() {
    let mut engine = engine();
    let id = started(&mut engine, 0, "a", hb(40).with_start_to_close(ms(100)));
    let mut beat = |now| {
        let deadline = engine.heartbeat(at(now), id, None).unwrap().deadline.unwrap();
        (deadline.at.as_millis(), deadline.timeout_type)
    };
    assert_eq!(beat(39), (79, TimeoutType::Heartbeat));
    assert_eq!(beat(60), (100, TimeoutType::StartToClose));
    assert_eq!(beat(99), (100, TimeoutType::StartToClose));
}

#[test]
fn views_come_by_index_and_agree_with_look_ups() {
    let mut engine = engine();
    let ids: Vec<ActivityId> =
        (0..100).map(|_| engine.schedule(at(0), "a", s2c(50)).unwrap()).collect();
    for id in ids.iter().step_by(3) {
        engine.abandon(at(1), *id).unwrap();
    }
    let left: Vec<ActivityId> =
        ids.iter().enumerate().filter(|(place, _)| place % 3 != 0).map(|(_, id)| *id).collect();
    let seen: Vec<ActivityId> = engine.activities().map(|view| view.evidence.id).collect();
    assert_eq!(seen, left);
    assert_eq!(engine.len(), left.len());
    for view in engine.activities() {
        assert_eq!(engine.activity(view.evidence.id), Some(view));
    }
}

#[test]
fn the_configuration_can_be_read_back() {
    let config = Config::DEFAULT.with_max_open(7).with_missing_details(MissingDetails::Clear);
    assert_eq!(Engine::<(), ()>::new(config).config(), config);
}

#[test]
fn keys_and_details_are_dropped_when_they_leave_and_not_before() {
    let (key, details) = (Rc::new("key"), Rc::new("details"));
    let held = |rc: &Rc<&str>| Rc::strong_count(rc) - 1;
    let mut engine: Engine<Rc<&str>, Rc<&str>> = Engine::new(Config::DEFAULT.with_max_open(3));
    let id = started(&mut engine, 0, key.clone(), hb(10));
    engine.heartbeat(at(1), id, Some(details.clone())).unwrap();
    engine.heartbeat(at(2), id, Some(details.clone())).unwrap();
    assert_eq!((held(&key), held(&details)), (1, 1), "the older details are gone");
    // Closed, handed over, let go.
    drop(engine.close(at(3), id, Outcome::Completed).unwrap());
    assert_eq!((held(&key), held(&details)), (0, 0));
    // Refused: handed back.
    drop(engine.heartbeat(at(3), id, Some(details.clone())).unwrap_err());
    assert_eq!(held(&details), 0);
    // Timed out: in the event and nowhere else.
    let id = started(&mut engine, 3, key.clone(), hb(10));
    engine.heartbeat(at(3), id, Some(details.clone())).unwrap();
    let event = engine.poll(at(13));
    assert_eq!((held(&key), held(&details)), (1, 1));
    drop(event);
    assert_eq!((held(&key), held(&details)), (0, 0));
    // And the engine lets go of what is still open.
    for _ in 0..3 {
        let id = started(&mut engine, 13, key.clone(), NONE);
        engine.heartbeat(at(13), id, Some(details.clone())).unwrap();
    }
    assert_eq!((held(&key), held(&details)), (3, 3));
    drop(engine);
    assert_eq!((held(&key), held(&details)), (0, 0));
}

#[test]
fn shrinking_changes_nothing_that_a_host_can_see() {
    let mut engine: Engine<u64, u64> = Engine::new(Config::DEFAULT);
    let ids: Vec<ActivityId> =
        (0..5_000).map(|key| started(&mut engine, key, key, hb(10_000 + key))).collect();
    for (place, id) in ids.iter().enumerate() {
        if place % 100 != 7 {
            engine.close(at(5_000), *id, Outcome::Completed).unwrap();
        }
    }
    let views = format!("{:?}", engine.activities().collect::<Vec<_>>());
    engine.shrink_to_fit();
    engine.check_invariants().unwrap();
    assert_eq!(format!("{:?}", engine.activities().collect::<Vec<_>>()), views);
    // Old ids stay dead, living ones stay good, and the next generation goes on.
    assert_eq!(engine.start(at(5_000), ids[6]), Err(CommandError::NotOpen { id: ids[6] }));
    engine.heartbeat(at(5_000), ids[4_907], Some(1)).unwrap();
    assert_eq!(engine.schedule(at(5_000), 0, NONE).unwrap().to_string(), "a0v1");
    let expected: Vec<u64> =
        (0..50).map(|nth| nth * 100 + 7).filter(|key| *key != 4_907).chain([4_907]).collect();
    // Deadlines at 10,000 + 2 x key: the one that beat last is at 5,000 + 14,907.
    assert_eq!(drain_keys(&mut engine, 30_000), expected);
}

#[test]
fn an_engine_of_sendable_things_can_be_sent_and_shared() {
    fn auto_traits<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe>() {}
    auto_traits::<Engine<String, Vec<u8>>>();
    auto_traits::<Event<String, Vec<u8>>>();
    auto_traits::<ActivityId>();
    auto_traits::<Config>();
    assert_eq!(size_of::<ActivityId>(), 8);
    assert_eq!(size_of::<Option<heartwheel::Timestamp>>(), 16);
}

#[test]
fn keys_and_details_need_no_trait_at_all() {
    struct Bare;
    let mut engine: Engine<Bare, Bare> = Engine::new(Config::default());
    let Ok(id) = engine.schedule(at(0), Bare, hb(1)) else { panic!("refused") };
    engine.start(at(0), id).unwrap();
    assert!(engine.heartbeat(at(0), id, Some(Bare)).is_ok());
    assert!(engine.poll(at(1)).is_some());
}

#[test]
fn shrinking_gives_back_whole_stretches_and_their_ids_stay_dead() {
    const STRETCH: u32 = 65_536;
    let mut engine: Engine<u32, ()> = Engine::new(Config::DEFAULT);
    let mut ids: Vec<ActivityId> =
        (0..3 * STRETCH + 10).map(|key| engine.schedule(at(0), key, s2c(10)).unwrap()).collect();
    let kept = ids.swap_remove(STRETCH as usize + 7);
    for id in &ids {
        engine.abandon(at(1), *id).unwrap();
    }
    engine.shrink_to_fit();
    engine.check_invariants().unwrap();
    assert_eq!(engine.activity(kept).map(|view| *view.evidence.key), Some(STRETCH + 7));
    // The stretch of the one that is open stays and its freed slots come first; then the others.
    let again: Vec<ActivityId> =
        (0..3 * STRETCH).map(|key| engine.schedule(at(2), key, s2c(10)).unwrap()).collect();
    engine.check_invariants().unwrap();
    assert!(ids.iter().all(|id| engine.activity(*id).is_none()), "a dead id answers");
    let issued: std::collections::HashSet<ActivityId> = ids.iter().copied().collect();
    assert!(again.iter().all(|id| !issued.contains(id)), "an id was issued twice");
    assert_eq!(engine.len() as u32, 3 * STRETCH + 1);
}

#[test]
fn shrinking_leaves_a_stretch_with_a_retired_slot_alone() {
    let mut engine: Engine<(), ()> = Engine::new(Config::DEFAULT);
    for _ in 0..LIVES {
        let id = engine.schedule(at(0), (), NONE).unwrap();
        engine.abandon(at(0), id).unwrap();
    }
    engine.shrink_to_fit();
    engine.check_invariants().unwrap();
    assert_eq!(engine.schedule(at(0), (), NONE).unwrap().to_string(), "a1v0");
}

#[test]
fn a_batch_of_heartbeats_is_one_after_the_other() {
    // More than are fetched ahead, some of them twice, some dead, some waiting.
    let mut engines = [engine(), engine()];
    let ids: Vec<ActivityId> = (0..100)
        .map(|number| {
            let [id, _] = engines.each_mut().map(|engine| {
                let id = engine.schedule(at(0), "a", hb(10 + number % 7)).unwrap();
                if number % 3 > 0 {
                    engine.start(at(number % 5), id).unwrap();
                }
                if number % 11 == 0 {
                    engine.abandon(at(5), id).unwrap();
                }
                id
            });
            id
        })
        .collect();
    let ids: Vec<ActivityId> = ids.iter().chain(&ids).copied().collect();
    let details = |place: usize| (place % 2 == 0).then_some("details");
    for now in [6, 6, 12, 13, 14, 30] {
        let [batched, single] = &mut engines;
        let mut replies = Vec::new();
        batched.heartbeats(at(now), &ids, details, |place, reply| {
            assert_eq!(place, replies.len());
            replies.push(reply);
        });
        let expected: Vec<_> = ids
            .iter()
            .enumerate()
            .map(|(place, id)| single.heartbeat(at(now), *id, details(place)))
            .collect();
        assert_eq!(replies, expected);
        assert_eq!(drain(batched, now), drain(single, now));
        assert_eq!(batched.stats(), single.stats());
        assert!(batched.activities().eq(single.activities()));
        batched.check_invariants().unwrap();
    }
    engines[0].heartbeats(at(31), &[], |_| None, |_, _| panic!("nobody to reply to"));
    assert_eq!(engines[0].now(), at(30), "no heartbeat, no time");
}

#[test]
fn heartbeats_are_counted_beyond_what_a_record_counts() {
    const BEATS: u64 = (1 << 24) + 5;
    let mut engine = engine();
    let id = engine.schedule(at(0), "long", hb(10)).unwrap();
    engine.start(at(1), id).unwrap();
    for _ in 0..BEATS {
        engine.heartbeat(at(2), id, None).unwrap();
    }
    engine.check_invariants().unwrap();
    let closed = engine.close(at(3), id, Outcome::Completed).unwrap();
    assert_eq!((closed.heartbeats, closed.last_heartbeat_at), (BEATS, Some(at(2))));
    let id = engine.schedule(at(3), "next", hb(10)).unwrap();
    assert_eq!(engine.activity(id).unwrap().evidence.heartbeats, 0);
}

// S13: what a record keeps beside its generation makes no other id valid.
#[cfg(feature = "serde")]
#[test]
fn an_id_answers_to_its_own_generation_whatever_bit_is_wrong() {
    let mut engine = engine();
    let id = engine.schedule(at(0), "a", hb(10)).unwrap();
    engine.start(at(0), id).unwrap();
    for bit in 0..u32::BITS {
        let text = format!(r#"{{"index":0,"generation":{}}}"#, 1_u32 << bit);
        let other: ActivityId = serde_json::from_str(&text).unwrap();
        let refused = CommandError::NotOpen { id: other };
        assert_eq!(engine.heartbeat(at(1), other, None).unwrap_err().reason, refused);
        assert_eq!(engine.suspend(at(1), other), Err(refused));
        assert_eq!(engine.abandon(at(1), other).unwrap_err(), refused);
        assert!(engine.activity(other).is_none());
    }
    assert_eq!(engine.activity(id).unwrap().evidence.heartbeats, 0);
    engine.heartbeat(at(1), id, None).unwrap();
}

#[cfg(feature = "serde")]
#[test]
fn a_configuration_from_outside_is_brought_into_its_bounds() {
    for (bottom, upper) in [(8, 0), (0, 8), (9, 9), (63, 8), (200, 8), (8, 200)] {
        let text = format!(
            r#"{{"max_open":4294967295,"missing_details":"Keep",
                "geometry":{{"bottom_bits":{bottom},"upper_bits":{upper}}}}}"#
        );
        let config: Config = serde_json::from_str(&text).unwrap();
        assert_eq!(config, Config::DEFAULT.with_geometry(heartwheel::Geometry::new(bottom, upper)));
        let mut engine: Engine<u64, ()> = Engine::new(config);
        for key in 0..6 {
            engine.schedule(at(key), key, s2c(1 << (8 * key))).unwrap();
        }
        assert_eq!(core::iter::from_fn(|| engine.poll(at(u64::MAX))).count(), 6);
    }
}

#[test]
fn everything_says_in_words_what_it_is() {
    let mut engine = Engine::<&str, ()>::new(
        Config::DEFAULT.with_max_open(1).with_max_jump(Some(Duration::from_secs(1))),
    );
    let id = engine.schedule(at(0), "one", NONE).unwrap();
    assert_eq!(format!("{id} {id:?}"), "a0v0 a0v0");
    let refused = engine.schedule(at(0), "two", NONE).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "schedule refused: 1 activities are open, as many as configured: drain poll, close some, \
         or raise the maximum"
    );
    let refused = engine.heartbeat(at(0), id, None).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "heartbeat refused: activity a0v0 has not started: start it first"
    );
    assert_eq!(
        engine.start(at(5_000), id).unwrap_err().to_string(),
        "a jump from 0ms to 5000ms is pending: accept it by recover, or call again with a saner time"
    );
    let names = [
        (TimeoutType::Heartbeat, "HEARTBEAT"),
        (TimeoutType::StartToClose, "START_TO_CLOSE"),
        (TimeoutType::ScheduleToStart, "SCHEDULE_TO_START"),
        (TimeoutType::ScheduleToClose, "SCHEDULE_TO_CLOSE"),
    ];
    for (timeout_type, name) in names {
        assert_eq!((timeout_type.as_str(), timeout_type.to_string()), (name, name.to_owned()));
    }
}

#[test]
fn timeouts_can_be_read_back() {
    let (one, two, three, four) = (
        Duration::from_secs(1),
        Duration::from_secs(2),
        Duration::from_secs(3),
        Duration::from_secs(4),
    );
    let timeouts = Timeouts::NONE
        .with_heartbeat(one)
        .with_start_to_close(two)
        .with_schedule_to_start(three)
        .with_schedule_to_close(four);
    assert_eq!(timeouts.heartbeat(), Some(one));
    assert_eq!(timeouts.start_to_close(), Some(two));
    assert_eq!(timeouts.schedule_to_start(), Some(three));
    assert_eq!(timeouts.schedule_to_close(), Some(four));
    let none = Timeouts::NONE;
    assert_eq!(
        [
            none.heartbeat(),
            none.start_to_close(),
            none.schedule_to_start(),
            none.schedule_to_close()
        ],
        [None; 4]
    );
    assert_eq!(Timestamp::from_millis(7).checked_add(two), Some(Timestamp::from_millis(2_007)));
}
