//! Snapshots: invisible wherever they are taken, restored for ever, and harmless whatever they say.

#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

mod support;

use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicU64, Ordering};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use heartwheel::conformance::{Action, When};
use heartwheel::{
    ActivityId, ActivitySnapshot, Config, Engine, Event, Geometry, MissingDetails, Outcome,
    Recovery, Restore, RestoreError, SnapshotHead,
};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use support::generate::scenario;
use support::operation::{Operation, Step};
use support::pair::Pair;
use support::runs::say;
use support::shorthand::{at, ms, NONE};
use support::sound::{exercise, Host};

const SNAPSHOT: Step = Step { when: When::Same, operation: Operation::Common(Action::Snapshot) };

// ---------------------------------------------------------------- invisible

#[test]
fn a_snapshot_at_every_step_of_a_million_operations_agrees_with_the_model() {
    const OPERATIONS: u64 = 1_000_000;
    const SEED: u64 = 0x5EED_0004;
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let work = || {
        while done.load(Ordering::Relaxed) < OPERATIONS {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let scenario = scenario(SEED.wrapping_add(number.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
            let mut pair = Pair::new(&scenario.setup, scenario.setup.model());
            for (place, step) in scenario.steps.iter().enumerate() {
                let outcome = pair.run(*step).and_then(|()| pair.run(SNAPSHOT));
                if let Err(difference) = outcome {
                    panic!("seed {SEED:#x}, scenario {number}, step {place}: {difference}");
                }
            }
            done.fetch_add(scenario.steps.len() as u64, Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(work);
        }
    });
    let done = done.into_inner();
    say(format_args!("snapshots between model-compared operations: {done}, seed: {SEED:#x}"));
}

#[test]
fn an_engine_that_went_through_bytes_gives_the_same_ids_as_one_that_did_not() {
    for seed in 0..300 {
        let scenario = scenario(seed);
        let frozen = scenario.frozen(scenario.setup.model());
        let mut pairs = [0, 1].map(|_| Pair::new(&frozen.setup, frozen.setup.model()));
        for step in &frozen.steps {
            for pair in &mut pairs {
                pair.run(*step).unwrap();
            }
            pairs[1].run(SNAPSHOT).unwrap();
        }
        assert_eq!(pairs[0].issued(), pairs[1].issued(), "seed {seed}");
    }
}

#[test]
fn the_same_state_gives_the_same_bytes_however_it_came_about() {
    // Polled often and once; with a slot used twice in each.
    let run = |polls: &[u64]| {
        let mut engine = Host::new(Config::default());
        let one = engine.schedule(at(0), "one".into(), NONE.with_heartbeat(ms(50))).unwrap();
        engine.start(at(0), one).unwrap();
        let two = engine.schedule(at(0), "two".into(), NONE).unwrap();
        for poll in polls {
            assert!(engine.poll(at(*poll)).is_none());
        }
        engine.heartbeat(at(40), one, Some("40".into())).unwrap();
        engine.abandon(at(60), two).unwrap();
        assert!(engine.poll(at(70)).is_none());
        engine.schedule(at(70), "three".into(), NONE.with_schedule_to_close(ms(9))).unwrap();
        engine
    };
    let (one, other) = (run(&[]), run(&[1, 2, 3, 17, 39]));
    assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&other).unwrap());
}

#[test]
fn pieces_and_the_whole_restore_the_same_engine() {
    let engine = storied();
    let head = serde_json::to_string(&engine.snapshot_head()).unwrap();
    let activities: Vec<Vec<u8>> = engine
        .snapshot_activities()
        .map(|activity| postcard::to_allocvec(&activity).unwrap())
        .collect();
    assert_eq!(activities.len(), engine.len());
    let head: SnapshotHead = serde_json::from_str(&head).unwrap();
    let mut restore = Restore::new(head).unwrap();
    for activity in &activities {
        let activity: ActivitySnapshot<String, String> = postcard::from_bytes(activity).unwrap();
        restore.activity(activity).unwrap();
    }
    let restored: Host = restore.finish().unwrap();
    assert_eq!(postcard::to_allocvec(&restored).unwrap(), postcard::to_allocvec(&engine).unwrap());
}

/// An engine of five stretches of slots: full with holes, given back, two slots open, given back, full.
fn stretched() -> Engine<u32, ()> {
    thinned(5, |key| match key / STRETCH {
        0 => key % 3 > 0,
        1 | 3 => false,
        2 => key == 2 * STRETCH || key == 3 * STRETCH - 9,
        _ => true,
    })
}

/// So many slots are made, and given back, together.
const STRETCH: u32 = 65_536;

/// So many stretches of activities, of which only some stay.
fn thinned(stretches: u32, stays: impl Fn(u32) -> bool) -> Engine<u32, ()> {
    let mut engine = Engine::<u32, ()>::new(Config::DEFAULT);
    let ids: Vec<ActivityId> =
        (0..stretches * STRETCH).map(|key| engine.schedule(at(0), key, NONE).unwrap()).collect();
    for (key, id) in (0..).zip(&ids) {
        if !stays(key) {
            engine.abandon(at(1), *id).unwrap();
        }
    }
    engine.shrink_to_fit();
    engine
}

#[test]
fn a_restored_engine_issues_the_ids_that_the_original_would_have() {
    let mut engine = stretched();
    // Every freed slot, then half a stretch of one that was given back.
    let freed = 65_536_u32.div_ceil(3) + 65_534;
    for key in 0..freed + 32_768 {
        engine.schedule(at(2), key, NONE).unwrap();
    }
    for key in [0, freed, freed + 1_000, freed + 32_767] {
        let id =
            engine.activities().map(|view| view.evidence).find(|it| *it.key == key).unwrap().id;
        engine.abandon(at(3), id).unwrap();
    }
    let bytes = postcard::to_allocvec(&engine).unwrap();
    let mut restored: Engine<u32, ()> = postcard::from_bytes(&bytes).unwrap();
    restored.check_invariants().unwrap();
    assert!(postcard::to_allocvec(&restored).unwrap() == bytes);
    for key in 0..3 * 65_536 {
        assert_eq!(
            restored.schedule(at(4), key, NONE).unwrap(),
            engine.schedule(at(4), key, NONE).unwrap()
        );
    }
    assert!(postcard::to_allocvec(&restored).unwrap() == postcard::to_allocvec(&engine).unwrap());
}

/// A stretch may begin with a slot that is free, after one that was given back.
#[test]
fn a_stretch_that_begins_with_a_free_slot_is_restored() {
    let engine = thinned(3, |key| !(STRETCH..=2 * STRETCH).contains(&key));
    let bytes = postcard::to_allocvec(&engine).unwrap();
    let restored: Engine<u32, ()> = postcard::from_bytes(&bytes).unwrap();
    restored.check_invariants().unwrap();
    assert!(postcard::to_allocvec(&restored).unwrap() == bytes);
}

#[test]
fn a_stretch_that_lacks_a_slot_is_refused() {
    let engine = stretched();
    let mut head = serde_json::to_value(engine.snapshot_head()).unwrap();
    let refusal = |head: &serde_json::Value, missing: u32| {
        let head = serde_json::from_value(head.clone()).unwrap();
        let mut restore = Restore::<u32, ()>::new(head).unwrap();
        for (view, activity) in engine.activities().zip(engine.snapshot_activities()) {
            if *view.evidence.key == missing {
                continue;
            }
            let bytes = postcard::to_allocvec(&activity).unwrap();
            let activity: ActivitySnapshot<u32, ()> = postcard::from_bytes(&bytes).unwrap();
            if let Err(error) = restore.activity(activity) {
                return error.to_string();
            }
        }
        restore.finish().map_or_else(|error| error.to_string(), |_| "restored".to_owned())
    };
    let slot = "a slot before it is neither open nor free";
    for (missing, expected) in [
        (1, format!("activity 0 of the snapshot, a2v0: {slot}")),
        (65_534, format!("activity 43689 of the snapshot, a131072v0: {slot}")),
        (131_072, format!("activity 43690 of the snapshot, a196599v0: {slot}")),
        (196_599, format!("activity 43691 of the snapshot, a262144v0: {slot}")),
        (262_144, format!("activity 43692 of the snapshot, a262145v0: {slot}")),
        (327_678, format!("activity 109226 of the snapshot, a327679v0: {slot}")),
        (327_679, "the end of the snapshot: the counts leave more activities open".to_owned()),
    ] {
        assert_eq!(refusal(&head, missing), expected, "without {missing}");
    }
    // Counted as gone, the last slot may be missing only from the stretch that is being filled.
    head["V1"]["counts"]["abandoned"] = 218_453.into();
    assert_eq!(refusal(&head, 327_679), "restored");
    head["V1"]["slots"]["frontier"] = 1.into();
    assert_eq!(
        refusal(&head, 327_679),
        "the end of the snapshot: a stretch of slots is neither full nor empty"
    );
    // A slot that is free in a stretch that has no other.
    let freed = head["V1"]["slots"]["freed"].as_array_mut().unwrap();
    freed.push(serde_json::json!([65_536 + 9, 3]));
    assert_eq!(
        refusal(&head, 1_000_000),
        format!("activity 43690 of the snapshot, a131072v0: {slot}")
    );
}

/// A small engine as JSON: a freed slot, an activity that has been through much, and one that has not started.
fn small() -> serde_json::Value {
    let mut engine = Host::new(Config::default());
    let gone = engine.schedule(at(0), "gone".into(), NONE).unwrap();
    let heartbeat = NONE.with_heartbeat(ms(9_000));
    let started = engine.schedule(at(5), "started".into(), heartbeat).unwrap();
    engine.schedule(at(5), "waiting".into(), NONE).unwrap();
    engine.start(at(10), started).unwrap();
    engine.heartbeat(at(20), started, None).unwrap();
    engine.abandon(at(20), gone).unwrap();
    engine.suspend(at(20), started).unwrap();
    engine.resume(at(25), started).unwrap();
    assert!(engine.poll(at(30)).is_none());
    serde_json::to_value(&engine).unwrap()
}

type Change<'a> = (&'a str, serde_json::Value);

/// What a small engine's snapshot is read as, after a change of some of its values.
fn changed(changes: &[Change<'_>]) -> Result<Host, String> {
    let mut snapshot = small();
    for (place, value) in changes {
        *snapshot["V1"].pointer_mut(place).unwrap() = value.clone();
    }
    serde_json::from_str(&snapshot.to_string()).map_err(|error| error.to_string())
}

#[test]
fn an_activity_that_contradicts_itself_is_refused() {
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let waiting = "it has not started, and heartbeats or a requested cancellation";
    let long = "it was suspended for longer than it lives";
    let behind = "its heartbeat clock counts from before its last heartbeat";
    let (total, after_start) = ("/records/0/suspension/total", "/records/0/suspension/after_start");
    let cases: [(&[Change<'_>], Option<&str>); 9] = [
        (&[], None),
        (
            &[
                ("/head/counts/heartbeats", 2.into()),
                ("/records/1/heartbeats", 1.into()),
                ("/records/1/last_heartbeat_at", 7.into()),
            ],
            Some(waiting),
        ),
        (&[("/records/1/cancel_requested_at", 7.into())], Some(waiting)),
        (&[("/records/1/moved", json(r#"{"anchor":7,"recovered":0}"#))], Some(waiting)),
        (&[(total, 26.into())], Some(long)),
        (&[(total, 25.into()), (after_start, 21.into())], Some(long)),
        (&[(total, 25.into()), (after_start, 20.into())], None),
        (&[("/records/0/moved/anchor", 19.into())], Some(behind)),
        (&[("/records/0/moved/anchor", 20.into())], None),
    ];
    for (changes, expected) in cases {
        match (changed(changes), expected) {
            (Ok(engine), None) => engine.check_invariants().unwrap(),
            (Err(error), Some(expected)) => {
                assert!(error.contains(expected), "{changes:?}: {error}")
            }
            (read, expected) => panic!("{changes:?}: {read:?} instead of {expected:?}"),
        }
    }
}

#[test]
fn heartbeats_beyond_what_a_record_counts_and_retired_slots_survive() {
    let many = 3 * (1_u64 << 24) + 5;
    let engine = changed(&[
        ("/head/counts/heartbeats", many.into()),
        ("/records/0/heartbeats", many.into()),
        ("/head/slots/freed", serde_json::json!([])),
        ("/head/slots/retired", serde_json::json!([0])),
    ])
    .unwrap();
    engine.check_invariants().unwrap();
    assert_eq!(engine.activities().next().unwrap().evidence.heartbeats, many);
    let again = serde_json::to_value(&engine).unwrap();
    assert_eq!(again["V1"]["head"]["slots"]["retired"], serde_json::json!([0]));
    assert_eq!(again["V1"]["records"][0]["heartbeats"], many);
}

#[test]
fn what_is_no_snapshot_is_told_what_one_is() {
    let error = changed(&[("/records", 3.into())]).unwrap_err();
    assert!(error.contains("expected the records of a snapshot"), "{error}");
    let error = serde_json::from_str::<Host>(r#"{"V1":3}"#).unwrap_err().to_string();
    assert!(error.contains("expected the head and the records of a snapshot"), "{error}");
    let twice = small().to_string().replacen(r#""records""#, r#""records":[],"records""#, 1);
    let error = serde_json::from_str::<Host>(&twice).unwrap_err().to_string();
    assert!(error.contains("duplicate field `records`"), "{error}");
}

#[test]
fn a_snapshot_whose_fields_were_turned_round_restores_too() {
    let engine = storied();
    let text = serde_json::to_string(&engine).unwrap();
    let parts: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["V1"]
            .as_object()
            .unwrap()
            .clone();
    let turned = format!(r#"{{"V1":{{"records":{},"head":{}}}}}"#, parts["records"], parts["head"]);
    let restored: Host = serde_json::from_str(&turned).unwrap();
    assert_eq!(serde_json::to_string(&restored).unwrap(), text);
}

#[test]
fn details_that_are_options_themselves_come_back_as_they_were() {
    type Nested = Engine<Option<()>, Option<Option<u8>>>;
    let mut engine = Nested::new(Config::default());
    for details in [None, Some(None), Some(Some(None)), Some(Some(Some(7)))] {
        let id = engine.schedule(at(0), None, NONE).unwrap();
        engine.start(at(0), id).unwrap();
        engine.heartbeat(at(0), id, details).unwrap();
    }
    let restored: Nested = serde_json::from_str(&serde_json::to_string(&engine).unwrap()).unwrap();
    let details: Vec<_> =
        restored.activities().map(|view| view.evidence.details.copied()).collect();
    // JSON has one null for all the options of a payload; whether there was one at all is kept.
    assert_eq!(details, [None, Some(None), Some(None), Some(Some(Some(7)))]);
    let restored: Nested = postcard::from_bytes(&postcard::to_allocvec(&engine).unwrap()).unwrap();
    assert!(restored.activities().eq(engine.activities()));
}

// S18: three restores in a row; ids issued before are good, dead ones stay dead; what is due comes once.
#[test]
fn ids_and_deadlines_survive_any_number_of_restores() {
    let mut engine = Host::new(Config::default());
    let beating = engine.schedule(at(0), "beating".into(), NONE.with_heartbeat(ms(50))).unwrap();
    engine.start(at(0), beating).unwrap();
    let dead = engine.schedule(at(0), "dead".into(), NONE).unwrap();
    engine.abandon(at(1), dead).unwrap();
    let due = engine.schedule(at(1), "due".into(), NONE.with_schedule_to_start(ms(9))).unwrap();
    assert!(engine.start(at(10), due).is_err(), "due, and not yet delivered");
    for round in 0..3 {
        engine = postcard::from_bytes(&postcard::to_allocvec(&engine).unwrap()).unwrap();
        engine.check_invariants().unwrap();
        engine.heartbeat(at(11 + round), beating, None).unwrap();
        assert!(engine.activity(dead).is_none() && engine.abandon(at(11), dead).is_err());
        assert_eq!(engine.overdue(at(0)), 1);
    }
    let Some(Event::TimedOut(timed_out)) = engine.poll(at(20)) else { panic!("due at 10") };
    assert_eq!((timed_out.activity.key.as_str(), timed_out.deadline), ("due", at(10)));
    assert!(engine.poll(at(20)).is_none());
    let Some(Event::TimedOut(timed_out)) = engine.poll(at(63)) else { panic!("due at 63") };
    assert_eq!(timed_out.activity.id, beating);
    let next = engine.schedule(at(70), "next".into(), NONE).unwrap();
    assert!(![beating, dead, due].contains(&next));
}

// ---------------------------------------------------------------- delivery

/// What a host does, so that it can be kept in a journal.
#[derive(Clone, Debug)]
enum Command {
    Schedule,
    Start(usize),
    Heartbeat(usize),
    Cancel(usize),
    Close(usize),
    Suspend(usize),
    Resume(usize),
    Recover,
    Poll,
}

/// Applies a journal entry; what it gives back is what the host acts on.
fn apply(engine: &mut Host, ids: &mut Vec<ActivityId>, now: u64, command: &Command) -> String {
    let id = |which: &usize| ids[which % ids.len()];
    match command {
        Command::Schedule => {
            let timeouts = NONE.with_heartbeat(ms(40)).with_schedule_to_close(ms(300));
            let id = engine.schedule(at(now), format!("at {now}"), timeouts).unwrap();
            ids.push(id);
            format!("{id}")
        }
        Command::Start(which) => format!("{:?}", engine.start(at(now), id(which))),
        Command::Heartbeat(which) => {
            format!("{:?}", engine.heartbeat(at(now), id(which), Some(format!("beat {now}"))))
        }
        Command::Cancel(which) => format!("{:?}", engine.request_cancel(at(now), id(which))),
        Command::Close(which) => {
            format!("{:?}", engine.close(at(now), id(which), Outcome::Completed))
        }
        Command::Suspend(which) => format!("{:?}", engine.suspend(at(now), id(which))),
        Command::Resume(which) => format!("{:?}", engine.resume(at(now), id(which))),
        Command::Recover => format!("{:?}", engine.recover(at(now), Recovery::REARM)),
        Command::Poll => format!("{:?}", engine.poll(at(now))),
    }
}

// S2, S18, J6, J8: the recipe of the crate docs.
#[test]
fn a_host_that_crashes_after_any_step_gets_the_same_events_again() {
    const STEPS: usize = 260;
    const SNAPSHOT_EVERY: usize = 23;
    let mut rng = SmallRng::seed_from_u64(7);
    let mut now = 0;
    let script: Vec<(u64, Command)> = (0..STEPS)
        .map(|step| {
            now += [0, 0, 1, 5, 17][rng.random_range(0..5)];
            let which = rng.random_range(0..40);
            let command = match rng.random_range(0..16) {
                _ if step == 0 => Command::Schedule,
                0..=3 => Command::Schedule,
                4..=5 => Command::Start(which),
                6..=7 => Command::Heartbeat(which),
                8 => Command::Cancel(which),
                9 => Command::Close(which),
                10 => Command::Suspend(which),
                11 => Command::Resume(which),
                12 => Command::Recover,
                _ => Command::Poll,
            };
            (now, command)
        })
        .collect();
    let mut engine = Host::new(Config::default());
    let mut ids = Vec::new();
    let undisturbed: Vec<String> =
        script.iter().map(|(now, command)| apply(&mut engine, &mut ids, *now, command)).collect();
    assert!(undisturbed.iter().filter(|reply| reply.contains("TimedOut")).count() > 10);

    for crash in 1..=STEPS {
        // What is on disk when the host dies: the last snapshot, and each (now, command) since, written
        // before it was carried out. The reply of the last one, an event perhaps, nobody has seen.
        let taken = crash - crash % SNAPSHOT_EVERY;
        let mut engine = Host::new(Config::default());
        let mut ids = Vec::new();
        for (now, command) in &script[..taken] {
            apply(&mut engine, &mut ids, *now, command);
        }
        let snapshot = postcard::to_allocvec(&(&engine, &ids)).unwrap();
        drop(engine);
        let journal = &script[taken..crash];

        let (mut engine, mut ids): (Host, Vec<ActivityId>) =
            postcard::from_bytes(&snapshot).unwrap();
        let replayed: Vec<String> = journal
            .iter()
            .chain(&script[crash..])
            .map(|(now, command)| apply(&mut engine, &mut ids, *now, command))
            .collect();
        assert_eq!(replayed, undisturbed[taken..], "a crash after step {crash}");
    }
}

// ---------------------------------------------------------------- golden files

/// An engine with something of everything, by fixed steps.
fn storied() -> Host {
    let config = Config::default()
        .with_max_open(1_000)
        .with_missing_details(MissingDetails::Clear)
        .with_geometry(Geometry::new(5, 6))
        .with_max_jump(Some(ms(1_000_000)));
    let mut engine = Host::new(config);
    let all = NONE
        .with_schedule_to_start(ms(500))
        .with_schedule_to_close(ms(90_000))
        .with_start_to_close(ms(60_000))
        .with_heartbeat(ms(1_000));
    let epoch = 1_760_000_000_000;
    let schedule = |engine: &mut Host, after: u64, key: &str| {
        engine.schedule(at(epoch + after), key.to_owned(), all).unwrap()
    };
    let start = |engine: &mut Host, after: u64, key: &str| {
        let id = schedule(engine, after, key);
        engine.start(at(epoch + after), id).unwrap();
        id
    };
    schedule(&mut engine, 0, "waits");
    let gone = start(&mut engine, 0, "closes and leaves a free slot");
    let failed = start(&mut engine, 0, "fails and leaves another");
    let beats = start(&mut engine, 1, "beats");
    let asked = start(&mut engine, 2, "was asked to cancel");
    let paused = start(&mut engine, 3, "is suspended");
    let resumed = start(&mut engine, 4, "was suspended");
    start(&mut engine, 5, "is silent, and recovered");
    engine.schedule(at(epoch + 6), "waits for ever".to_owned(), NONE).unwrap();
    engine.heartbeat(at(epoch + 100), beats, Some("10%".to_owned())).unwrap();
    engine.heartbeat(at(epoch + 120), asked, Some("20%".to_owned())).unwrap();
    engine.heartbeat(at(epoch + 130), asked, None).unwrap();
    engine.request_cancel(at(epoch + 140), asked).unwrap();
    engine.suspend(at(epoch + 150), paused).unwrap();
    engine.suspend(at(epoch + 160), resumed).unwrap();
    engine.resume(at(epoch + 260), resumed).unwrap();
    engine.close(at(epoch + 270), gone, Outcome::Completed).unwrap();
    engine.close(at(epoch + 280), failed, Outcome::Failed).unwrap();
    assert!(engine.poll(at(epoch + 290)).is_none());
    engine.recover(at(epoch + 1_050), Recovery::REARM.with_spread(ms(300)));
    engine.heartbeat(at(epoch + 1_060), beats, Some("30%".to_owned())).unwrap();
    // Those that wait are due since 500, and not all are delivered; an older time is counted.
    assert!(matches!(engine.poll(at(epoch + 1_000)), Some(Event::TimedOut(_))));
    engine
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshot").join(name)
}

/// The file as it is checked in. It is written where it is missing and never again: what a version 1 once
/// wrote is what must be read.
fn golden_bytes(name: &str, current: &[u8]) -> Vec<u8> {
    let path = golden(name);
    if !path.exists() && std::env::var_os("WRITE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, current).unwrap();
    }
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn golden_snapshots_of_version_1_restore_for_ever() {
    let current = storied();
    let json = golden_bytes("v1.json", &serde_json::to_vec_pretty(&current).unwrap());
    let compact = golden_bytes("v1.postcard", &postcard::to_allocvec(&current).unwrap());
    let mut restored: [Host; 2] =
        [serde_json::from_slice(&json).unwrap(), postcard::from_bytes(&compact).unwrap()];
    for engine in &mut restored {
        engine.check_invariants().unwrap();
        assert_eq!(engine.config(), current.config());
        assert!(engine.activities().eq(current.activities()));
        // The next ids, and the whole future.
        let mut twin = current.clone();
        let future = |engine: &mut Host| {
            let mut told = String::new();
            for after in 0..4 {
                let id =
                    engine.schedule(at(1_760_000_002_000 + after), "new".into(), NONE).unwrap();
                told.push_str(&id.to_string());
            }
            while let Some(event) = engine.poll(at(1_760_000_099_999)) {
                told.push_str(&format!("\n{event:?}"));
            }
            told
        };
        assert_eq!(future(engine), future(&mut twin));
    }
    // While version 1 is what is written, it is written as it ever was.
    assert_eq!(serde_json::to_vec_pretty(&current).unwrap(), json);
    assert_eq!(postcard::to_allocvec(&current).unwrap(), compact);
}

// ---------------------------------------------------------------- damaged and hostile

/// Flips, overwrites, cuts, doubles and splices bytes; in text it also puts other numbers in.
fn mutate(bytes: &[u8], rng: &mut SmallRng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..rng.random_range(1..4) {
        if bytes.is_empty() {
            break;
        }
        let place = rng.random_range(0..bytes.len());
        match rng.random_range(0..8) {
            0 => bytes[place] ^= 1 << rng.random_range(0..8),
            1 => bytes[place] = rng.random(),
            2 => bytes.truncate(place),
            3 => {
                bytes.insert(place, rng.random());
            }
            4 => {
                bytes.remove(place);
            }
            5 => {
                let end = (place + rng.random_range(1..40)).min(bytes.len());
                let copy = bytes[place..end].to_vec();
                let to = rng.random_range(0..=bytes.len());
                bytes.splice(to..to, copy);
            }
            _ => {
                // A number somewhere becomes another one.
                let digits = |byte: &u8| byte.is_ascii_digit();
                let Some(from) = bytes[place..].iter().position(digits) else { continue };
                let from = place + from;
                let length = bytes[from..].iter().take_while(|byte| digits(byte)).count();
                let numbers =
                    ["0", "1", "2", "65535", "65536", "16777215", "4026531840", "4294967295"];
                let number = if rng.random_bool(0.5) {
                    numbers[rng.random_range(0..numbers.len())].to_owned()
                } else {
                    rng.random::<u64>().to_string()
                };
                bytes.splice(from..from + length, number.into_bytes());
            }
        }
    }
    bytes
}

#[test]
fn a_hundred_thousand_mutated_snapshots_give_errors_or_sound_engines() {
    const SNAPSHOTS: u64 = 100_000;
    let engine = storied();
    let json = serde_json::to_vec(&engine).unwrap();
    let compact = postcard::to_allocvec(&engine).unwrap();
    let (mut errors, mut sound) = (0_u64, 0_u64);
    for seed in 0..SNAPSHOTS {
        let mut rng = SmallRng::seed_from_u64(seed);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let restored = if seed % 2 == 0 {
                serde_json::from_slice::<Host>(&mutate(&json, &mut rng)).ok()
            } else {
                postcard::from_bytes::<Host>(&mutate(&compact, &mut rng)).ok()
            };
            let is_sound = restored.is_some();
            restored.into_iter().for_each(exercise);
            is_sound
        }));
        match outcome {
            Ok(true) => sound += 1,
            Ok(false) => errors += 1,
            Err(_) => panic!("seed {seed} panics"),
        }
    }
    say(format_args!("mutated snapshots: {SNAPSHOTS}, errors: {errors}, sound engines: {sound}"));
    assert!(errors > 10_000 && sound > 1_000, "both must happen");
}

/// The JSON of a snapshot with one text replaced.
fn refusal(from: &str, to: &str) -> String {
    let text = serde_json::to_string(&storied()).unwrap();
    assert!(text.contains(from), "{from} is not in {text}");
    let error = serde_json::from_str::<Host>(&text.replacen(from, to, 1)).unwrap_err();
    let message = error.to_string();
    message.split(" at line").next().unwrap().to_owned()
}

#[test]
fn a_refused_snapshot_says_what_is_wrong_and_where() {
    for (from, to, expected) in [
        (r#""bottom_bits":5"#, r#""bottom_bits":0"#, "the snapshot's head: the wheel's bits are not within 1 to 8"),
        (r#""max_open":1000"#, r#""max_open":3"#, "the snapshot's head: more activities are open than max_open allows"),
        (r#""failed":1"#, r#""failed":100"#, "the snapshot's head: more activities closed than were scheduled"),
        (r#""failed":1"#, r#""failed":2"#, "activity 5 of the snapshot, a8v0: the counts leave fewer activities open"),
        (r#""failed":1"#, r#""failed":0"#, "the end of the snapshot: the counts leave more activities open"),
        (
            r#""scheduled":9"#,
            r#""scheduled":71776119061217281"#,
            "the snapshot's head: more were scheduled than have a place in the order of scheduling",
        ),
        (
            r#""heartbeats":4"#,
            r#""heartbeats":1"#,
            "activity 0 of the snapshot, a3v0: it has more heartbeats than were counted",
        ),
        (
            r#""newest":1760000001060"#,
            r#""newest":null"#,
            "the snapshot's head: something was counted before any time was seen",
        ),
        (r#""heartbeat":1000"#, r#""heartbeet":1000"#, "unknown field `heartbeet`, expected one of `schedule_to_start`, `schedule_to_close`, `start_to_close`, `heartbeat`"),
        (r#","moved":null"#, "", "missing field `moved`"),
        (r#""frontier":0"#, r#""frontier":1"#, "the snapshot's head: the stretch that slots are taken from is not there"),
        (r#""retired":[]"#, r#""retired":[1]"#, "the snapshot's head: the free slots name one twice, or the retired ones are not in order"),
        (r#""freed":[[1,1],"#, r#""freed":[[1,16777215],"#, "the snapshot's head: a generation is past the last one"),
        (r#""index":3"#, r#""index":4"#, "activity 0 of the snapshot, a4v0: a slot before it is neither open nor free"),
        (r#""index":3"#, r#""index":2"#, "activity 0 of the snapshot, a2v0: its slot is free"),
        (r#""index":4"#, r#""index":3"#, "activity 1 of the snapshot, a3v0: its slot is free or another activity's, or activities are out of order"),
        (r#""index":4"#, r#""index":4026466304"#, "activity 1 of the snapshot, a4026466304v0: a slot is past the last stretch"),
        (r#""order":3"#, r#""order":9"#, "activity 0 of the snapshot, a3v0: its order is not below the number scheduled"),
        (r#""started_at":1760000000001"#, r#""started_at":7"#, "activity 0 of the snapshot, a3v0: it started before it was scheduled or after the newest time seen"),
        (r#""last_heartbeat_at":1760000001060"#, r#""last_heartbeat_at":null"#, "activity 0 of the snapshot, a3v0: its heartbeats and the time of the last one do not agree"),
        (r#""cancel_requested_at":1760000000140"#, r#""cancel_requested_at":1"#, "activity 1 of the snapshot, a4v0: its cancellation was requested before its start or after the newest time seen"),
        (r#"{"V1""#, r#"{"V9""#, "unknown variant `V9`, expected `V1`"),
    ] {
        assert_eq!(refusal(from, to), expected, "{from} -> {to}");
    }
}

#[test]
fn a_snapshot_takes_no_more_memory_than_it_brings() {
    // A compact head that claims 2^60 free slots and brings none.
    let mut bytes = postcard::to_allocvec(&storied().snapshot_head()).unwrap();
    let honest = bytes.clone();
    // Freed slots are a length and pairs of (index, generation); here two: a1v1, a2v1, and a0v1.
    let freed = [3, 1, 1, 2, 1, 0, 1];
    let place = bytes.windows(freed.len()).position(|window| window == freed).unwrap();
    bytes.splice(place..=place, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]);
    assert!(postcard::from_bytes::<SnapshotHead>(&bytes).is_err());
    assert!(postcard::from_bytes::<SnapshotHead>(&honest).is_ok());
    // A piece that is not the next one ends it, whatever its index.
    let head: SnapshotHead = postcard::from_bytes(&honest).unwrap();
    let mut restore = Restore::<String, String>::new(head).unwrap();
    let last =
        storied().snapshot_activities().last().map(|activity| postcard::to_allocvec(&activity));
    let last = postcard::from_bytes(&last.unwrap().unwrap()).unwrap();
    let refused = restore.activity(last).unwrap_err();
    assert!(matches!(refused, RestoreError::Activity { place: 0, .. }));
    assert_eq!(restore.finish().unwrap_err(), refused, "it does not go on after an error");
}
