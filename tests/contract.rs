//! The contract, a test to a sentence (`sNN_...`), each at the instants before, at and after.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

mod support;

use core::time::Duration;

use heartwheel::{
    ActivityId, CancelOutcome, CommandError, Config, Engine, Geometry, Outcome, ScheduleRefusal,
    TimeoutType, Timeouts, Timestamp,
};

use support::generate::scenario;
use support::operation::Scenario;
use support::shorthand::*;

use TimeoutType::{Heartbeat, ScheduleToClose, ScheduleToStart, StartToClose};

/// Clocks at which a counter, a sign or a level turns over, and room behind them.
const CLOCKS: [u64; 7] = [
    0,
    (1 << 30) - 5,
    (1 << 32) - 3,
    (1 << 36) - 7,
    1_760_000_000_000,
    (1 << 63) - 3,
    u64::MAX - 100_000,
];

const GEOMETRIES: [Geometry; 4] =
    [Geometry::DEFAULT, Geometry::TINY, Geometry::new(2, 2), Geometry::new(3, 1)];

fn engine_of(geometry: Geometry) -> Wheel {
    Engine::new(Config::DEFAULT.with_geometry(geometry))
}

// ---------------------------------------------------------------- 1

/// A xorshift of our own: the numbers, and so the pinned digest, are the same on every platform.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Everything that an engine answers to a fixed list of inputs, in text.
fn transcript(geometry: Geometry, operations: u64) -> String {
    let mut engine: Engine<u64, u64> =
        Engine::new(Config::DEFAULT.with_geometry(geometry).with_max_open(40));
    let mut numbers = Numbers(0x1234_5678_9ABC_DEF1);
    let mut ids = Vec::new();
    let mut now = 1_760_000_000_000;
    let mut text = String::new();
    for key in 0..operations {
        now += [0, 0, 0, 1, 1, 3, 40, 900][numbers.below(8) as usize];
        let id = ids.get(numbers.below(ids.len() as u64 + 1) as usize).copied();
        let reply = match (numbers.below(9), id) {
            (0 | 1, _) | (_, None) => {
                let timeouts = s2s(numbers.below(2_000))
                    .with_schedule_to_close(ms(numbers.below(9_000)))
                    .with_start_to_close(ms(numbers.below(5_000)))
                    .with_heartbeat(ms(numbers.below(1_000)));
                let scheduled = engine.schedule(at(now), key, timeouts);
                ids.extend(scheduled.ok());
                format!("{scheduled:?}")
            }
            (2 | 3, Some(id)) => format!("{:?}", engine.start(at(now), id)),
            (4 | 5, Some(id)) => format!("{:?}", engine.heartbeat(at(now), id, Some(key))),
            (6, Some(id)) => format!("{:?}", engine.request_cancel(at(now), id)),
            (7, Some(id)) => format!("{:?}", engine.close(at(now), id, Outcome::Completed)),
            (_, Some(_)) => format!("{:?}", engine.poll(at(now))),
        };
        text.push_str(&reply);
        text.push('\n');
    }
    let mut stats = engine.stats();
    // What the wheel did is the one thing that its shape may change.
    stats.timers = heartwheel::TimerStats::default();
    text.push_str(&format!("{:?}\n{stats:?}\n", engine.activities().collect::<Vec<_>>()));
    text
}

/// FNV-1a, 64 bits.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

#[test]
fn s01_the_engine_is_a_function_of_its_inputs() {
    let first = transcript(Geometry::DEFAULT, 20_000);
    assert_eq!(first, transcript(Geometry::DEFAULT, 20_000));
    // The shape of the wheel is a matter of cost alone.
    for geometry in GEOMETRIES {
        assert_eq!(digest(&first), digest(&transcript(geometry, 20_000)), "{geometry:?}");
    }
    // The same on every platform. Where this figure changes, an answer has changed, or the fields in
    // which it is given.
    assert_eq!(digest(&first), 0x92165cb5ee8d347c);
}

// ---------------------------------------------------------------- 2

#[test]
fn s02_each_timeout_is_armed_in_its_own_span_only() {
    for clock in CLOCKS {
        let mut engine = engine();
        let view = |engine: &Wheel, id| {
            let deadline = engine.activity(id).unwrap().deadline;
            deadline.map(|deadline| (deadline.at.as_millis() - clock, deadline.timeout_type))
        };
        // Only schedule-to-start: from scheduling until the start.
        let id = engine.schedule(at(clock), "s2s", s2s(10)).unwrap();
        assert_eq!(view(&engine, id), Some((10, ScheduleToStart)));
        engine.start(at(clock + 4), id).unwrap();
        assert_eq!(view(&engine, id), None);
        // Only schedule-to-close: as long as it is open, started or not, whatever the heartbeats.
        let id = engine.schedule(at(clock + 4), "s2c", s2c(10)).unwrap();
        assert_eq!(view(&engine, id), Some((14, ScheduleToClose)));
        engine.start(at(clock + 6), id).unwrap();
        engine.heartbeat(at(clock + 7), id, None).unwrap();
        assert_eq!(view(&engine, id), Some((14, ScheduleToClose)));
        // Only start-to-close: from the start, and no heartbeat moves it.
        let id = engine.schedule(at(clock + 7), "st2c", st2c(10)).unwrap();
        assert_eq!(view(&engine, id), None);
        engine.start(at(clock + 8), id).unwrap();
        engine.heartbeat(at(clock + 9), id, Some("at work")).unwrap();
        assert_eq!(view(&engine, id), Some((18, StartToClose)));
        // Only heartbeat: from the start, then from each accepted heartbeat.
        let id = engine.schedule(at(clock + 9), "hb", hb(10)).unwrap();
        assert_eq!(view(&engine, id), None);
        engine.start(at(clock + 10), id).unwrap();
        assert_eq!(view(&engine, id), Some((20, Heartbeat)));
        engine.heartbeat(at(clock + 13), id, None).unwrap();
        assert_eq!(view(&engine, id), Some((23, Heartbeat)));
        // NONE four times: never.
        let id = engine.schedule(at(clock + 13), "none", NONE).unwrap();
        assert_eq!(view(&engine, id), None);
        engine.start(at(clock + 13), id).unwrap();
        engine.heartbeat(at(clock + 13), id, None).unwrap();
        assert_eq!(view(&engine, id), None);

        let expected = [
            ("s2c", ScheduleToClose, clock + 14),
            ("st2c", StartToClose, clock + 18),
            ("hb", Heartbeat, clock + 23),
        ];
        assert_eq!(drain(&mut engine, clock + 90_000), expected);
        assert_eq!(engine.next_wakeup(), None);
        assert_eq!(engine.len(), 2, "those with nothing armed wait for ever");
    }
}

#[test]
fn s02_the_heartbeat_anchor_is_the_later_of_start_and_last_accepted_heartbeat() {
    let mut engine = engine();
    let id = engine.schedule(at(1_000), "late start", hb(10)).unwrap();
    engine.start(at(5_000), id).unwrap();
    assert_eq!(drain(&mut engine, 5_009), []);
    engine.heartbeat(at(5_009), id, None).unwrap();
    engine.heartbeat(at(5_009), id, None).unwrap();
    assert_eq!(drain(&mut engine, 5_018), []);
    // A refused heartbeat is no heartbeat.
    engine.heartbeat(at(5_019), id, None).unwrap_err();
    assert_eq!(drain(&mut engine, 5_030), [("late start", Heartbeat, 5_019)]);
}

// ---------------------------------------------------------------- 3

/// Engines with one activity each, whose nearest deadline is of the given type, `timeout` after `clock`.
fn armed(geometry: Geometry, timeout_type: TimeoutType, clock: u64, timeout: u64) -> Wheel {
    let mut engine = engine_of(geometry);
    match timeout_type {
        ScheduleToStart => drop(engine.schedule(at(clock), "a", s2s(timeout)).unwrap()),
        ScheduleToClose => drop(engine.schedule(at(clock), "a", s2c(timeout)).unwrap()),
        StartToClose => drop(started(&mut engine, clock, "a", st2c(timeout))),
        Heartbeat => drop(started(&mut engine, clock, "a", hb(timeout))),
    }
    engine
}

#[test]
fn s03_a_deadline_is_due_at_the_instant_itself() {
    // Around the width of every level of every geometry used here.
    let widths = (0..17).flat_map(|bits| [(1_u64 << bits) - 1, 1 << bits, (1 << bits) + 1]);
    let timeouts: Vec<u64> = widths.filter(|width| *width > 0).collect();
    for geometry in GEOMETRIES {
        for clock in CLOCKS {
            for timeout_type in [StartToClose, ScheduleToStart, ScheduleToClose, Heartbeat] {
                for timeout in timeouts.iter().copied() {
                    let mut engine = armed(geometry, timeout_type, clock, timeout);
                    let deadline = clock + timeout;
                    assert!(
                        engine.poll(at(deadline - 1)).is_none(),
                        "early: {geometry:?} {clock} {timeout}"
                    );
                    let event = timed_out(&mut engine, deadline);
                    assert_eq!((event.deadline, event.observed_at), (at(deadline), at(deadline)));
                    assert_eq!(event.timeout_type, timeout_type);
                    assert!(engine.poll(at(deadline + 1)).is_none(), "twice");
                }
            }
        }
    }
}

#[test]
fn s03_zero_is_due_at_the_instant_it_is_armed() {
    for clock in CLOCKS {
        for timeout_type in [StartToClose, ScheduleToStart, ScheduleToClose, Heartbeat] {
            let mut engine = armed(Geometry::DEFAULT, timeout_type, clock, 0);
            assert_eq!(wakeup(&engine), Some(clock));
            assert_eq!(drain(&mut engine, clock), [("a", timeout_type, clock)]);
        }
        let mut engine = engine();
        let id = engine.schedule(at(clock), "never to start", s2s(0)).unwrap();
        assert_eq!(engine.start(at(clock), id), Err(CommandError::NotOpen { id }));
    }
}

#[test]
fn s03_a_command_is_early_enough_just_before_the_deadline_and_too_late_at_it() {
    for clock in CLOCKS {
        for (late, instant) in [(false, clock + 999), (true, clock + 1_000), (true, clock + 1_001)]
        {
            let mut engine = engine();
            let waiting = engine.schedule(at(clock), "waiting", s2s(1_000)).unwrap();
            let beating = started(&mut engine, clock, "beating", hb(1_000));
            let closing = started(&mut engine, clock, "closing", st2c(1_000));
            let cancelled = engine.schedule(at(clock), "cancelled", s2c(1_000)).unwrap();
            assert_eq!(engine.start(at(instant), waiting).is_err(), late);
            assert_eq!(engine.heartbeat(at(instant), beating, None).is_err(), late);
            assert_eq!(engine.close(at(instant), closing, Outcome::Failed).is_err(), late);
            assert_eq!(engine.request_cancel(at(instant), cancelled).is_err(), late);
        }
    }
}

// ---------------------------------------------------------------- 4

/// What a command answers about the id, reduced to whether it was refused and why.
type Ask = fn(&mut Wheel, u64, ActivityId) -> Result<(), CommandError>;

/// Every command about an existing activity.
const ASKS: [(&str, Ask); 7] = [
    ("start", |engine, now, id| engine.start(at(now), id)),
    ("heartbeat", |engine, now, id| {
        engine.heartbeat(at(now), id, Some("late")).map(drop).map_err(|error| error.reason)
    }),
    ("request_cancel", |engine, now, id| engine.request_cancel(at(now), id).map(drop)),
    ("complete", |engine, now, id| engine.close(at(now), id, Outcome::Completed).map(drop)),
    ("fail", |engine, now, id| engine.close(at(now), id, Outcome::Failed).map(drop)),
    ("cancel", |engine, now, id| engine.close(at(now), id, Outcome::Canceled).map(drop)),
    ("abandon", |engine, now, id| engine.abandon(at(now), id).map(drop)),
];

#[test]
fn s04_an_activity_that_is_due_is_not_open_whether_or_not_the_host_polled() {
    for (name, ask) in ASKS {
        for already_started in [false, true] {
            for lateness in [0, 1, 70_000] {
                let run = |polled: bool| {
                    let mut engine = engine();
                    let timeouts =
                        s2s(50).with_heartbeat(ms(50)).with_schedule_to_close(ms(80_000));
                    let id = engine.schedule(at(100), "a", timeouts).unwrap();
                    if already_started {
                        engine.start(at(100), id).unwrap();
                    }
                    let mut events = Vec::new();
                    if polled {
                        events = drain(&mut engine, 150);
                        assert_eq!(events.len(), 1);
                    }
                    let answer = ask(&mut engine, 150 + lateness, id);
                    assert_eq!(
                        answer,
                        Err(CommandError::NotOpen { id }),
                        "{name}, polled: {polled}"
                    );
                    events.extend(drain(&mut engine, 150 + lateness));
                    (answer, events)
                };
                assert_eq!(run(true), run(false), "{name}");
            }
        }
    }
}

#[test]
fn s04_the_error_is_the_same_for_due_closed_recycled_and_never_issued() {
    for (name, ask) in ASKS {
        let mut engine = engine();
        let due = engine.schedule(at(0), "due", s2c(10)).unwrap();
        let closed = engine.schedule(at(0), "closed", NONE).unwrap();
        let recycled = engine.schedule(at(0), "recycled", NONE).unwrap();
        engine.abandon(at(0), recycled).unwrap();
        let newcomer = engine.schedule(at(0), "newcomer", NONE).unwrap();
        engine.abandon(at(0), closed).unwrap();
        let mut other = support::shorthand::engine();
        let never = (0..9).map(|_| other.schedule(at(0), "other", NONE).unwrap()).last().unwrap();
        for id in [due, closed, recycled, never] {
            assert_eq!(ask(&mut engine, 10, id), Err(CommandError::NotOpen { id }), "{name} {id}");
        }
        // Nobody else was touched.
        assert_eq!(*engine.activity(newcomer).unwrap().evidence.key, "newcomer");
        assert_eq!(drain_keys(&mut engine, 10), ["due"]);
        assert_eq!(engine.len(), 1);
    }
}

#[test]
fn s04_a_refused_command_leaves_the_evidence_of_the_timeout_alone() {
    for (name, ask) in ASKS {
        let mut engine = engine();
        let id = started(&mut engine, 5, "a", hb(10));
        engine.heartbeat(at(8), id, Some("half")).unwrap();
        ask(&mut engine, 18, id).unwrap_err();
        ask(&mut engine, 30, id).unwrap_err();
        let event = timed_out(&mut engine, 40);
        assert_eq!((event.deadline, event.observed_at), (at(18), at(40)), "{name}");
        assert_eq!(event.activity.details, Some("half"));
        assert_eq!((event.activity.last_heartbeat_at, event.activity.heartbeats), (Some(at(8)), 1));
        assert_eq!(event.activity.cancel_requested_at, None);
        assert_eq!(engine.stats().heartbeats, 1);
        assert_eq!(engine.stats().timed_out.total(), 1);
    }
}

// ---------------------------------------------------------------- 5

#[test]
fn s05_an_activity_closes_once_and_its_id_is_dead_for_ever() {
    // Each way to close, then everything again on the dead id, before and after its slot is reused.
    let closes: [(&str, Ask); 6] = [
        ("complete", |engine, now, id| engine.close(at(now), id, Outcome::Completed).map(drop)),
        ("fail", |engine, now, id| engine.close(at(now), id, Outcome::Failed).map(drop)),
        ("cancel", |engine, now, id| engine.close(at(now), id, Outcome::Canceled).map(drop)),
        ("abandon", |engine, now, id| engine.abandon(at(now), id).map(drop)),
        ("time out", |engine, _, _| {
            timed_out(engine, 1_000);
            Ok(())
        }),
        ("nothing but waiting", |engine, _, _| {
            drain(engine, 5_000);
            Ok(())
        }),
    ];
    for (how, close) in closes {
        let mut engine = engine();
        let id = started(&mut engine, 0, "first", st2c(1_000).with_heartbeat(ms(2_000)));
        close(&mut engine, 999, id).unwrap();
        assert_eq!(engine.len(), 0, "{how}");
        let newcomer = started(&mut engine, 1_000, "second", NONE);
        assert_ne!(id, newcomer);
        for (name, ask) in ASKS {
            assert_eq!(
                ask(&mut engine, 1_000, id),
                Err(CommandError::NotOpen { id }),
                "{name} after {how}"
            );
        }
        assert!(engine.activity(id).is_none());
        assert_eq!(drain(&mut engine, u64::MAX), [], "no timeout after {how}");
        let view = engine.activity(newcomer).unwrap();
        assert_eq!((*view.evidence.key, view.evidence.heartbeats), ("second", 0));
        let stats = engine.stats();
        let closed = stats.completed
            + stats.failed
            + stats.canceled
            + stats.abandoned
            + stats.timed_out.total();
        assert_eq!((stats.scheduled, closed), (2, 1));
    }
}

#[test]
fn s05_an_unstarted_activity_that_is_canceled_closes_once_too() {
    let mut engine = engine();
    let id = engine.schedule(at(0), "a", s2s(10).with_schedule_to_close(ms(20))).unwrap();
    assert!(matches!(engine.request_cancel(at(9), id), Ok(CancelOutcome::Canceled(_))));
    assert_eq!(engine.request_cancel(at(9), id), Err(CommandError::NotOpen { id }));
    assert_eq!(drain(&mut engine, 100), []);
    assert_eq!((engine.next_wakeup(), engine.len(), engine.stats().canceled), (None, 0, 1));
}

// ---------------------------------------------------------------- 6

/// One activity in each state that can refuse a command.
struct Refusing {
    waiting: ActivityId,
    running: ActivityId,
    due: ActivityId,
}

/// Whether the command was refused, for the right reason and with everything handed back.
type Refuse = fn(&mut Wheel, Timestamp, &Refusing) -> bool;

const REFUSALS: [(&str, Refuse); 9] = [
    ("start of a started one", |engine, now, ids| {
        engine.start(now, ids.running) == Err(CommandError::AlreadyStarted { id: ids.running })
    }),
    ("heartbeat of a waiting one", |engine, now, ids| {
        let error = engine.heartbeat(now, ids.waiting, Some("back to me")).unwrap_err();
        error.reason == CommandError::NotStarted { id: ids.waiting }
            && error.details == Some("back to me")
    }),
    ("heartbeat of a due one", |engine, now, ids| {
        let error = engine.heartbeat(now, ids.due, Some("back to me")).unwrap_err();
        error.reason == CommandError::NotOpen { id: ids.due } && error.details == Some("back to me")
    }),
    ("close of a waiting one", |engine, now, ids| {
        engine.close(now, ids.waiting, Outcome::Completed)
            == Err(CommandError::NotStarted { id: ids.waiting })
    }),
    ("close of a due one", |engine, now, ids| {
        engine.close(now, ids.due, Outcome::Failed) == Err(CommandError::NotOpen { id: ids.due })
    }),
    ("start of a due one", |engine, now, ids| {
        engine.start(now, ids.due) == Err(CommandError::NotOpen { id: ids.due })
    }),
    ("cancel request for a due one", |engine, now, ids| {
        engine.request_cancel(now, ids.due) == Err(CommandError::NotOpen { id: ids.due })
    }),
    ("abandon of a due one", |engine, now, ids| {
        engine.abandon(now, ids.due) == Err(CommandError::NotOpen { id: ids.due })
    }),
    ("schedule at capacity", |engine, now, _| {
        let error = engine.schedule(now, "one too many", hb(1)).unwrap_err();
        error.key == "one too many" && error.reason == ScheduleRefusal::AtCapacity { max_open: 3 }
    }),
];

#[test]
fn s06_an_error_changes_nothing_but_the_newest_time_seen() {
    let mut engine: Wheel = Engine::new(Config::DEFAULT.with_max_open(3));
    let waiting = engine.schedule(at(0), "waiting", s2s(100)).unwrap();
    let running = started(&mut engine, 0, "running", hb(100).with_start_to_close(ms(500)));
    let due = engine.schedule(at(0), "due", s2c(50)).unwrap();
    engine.heartbeat(at(10), running, Some("ten")).unwrap();
    engine.request_cancel(at(11), running).unwrap();
    let ids = Refusing { waiting, running, due };
    let picture = |engine: &Wheel| {
        let views = format!("{:?}", engine.activities().collect::<Vec<_>>());
        (views, engine.next_wakeup(), engine.stats(), engine.len())
    };
    let before = picture(&engine);
    for (now, (name, refuse)) in (60..).zip(REFUSALS) {
        assert!(refuse(&mut engine, at(now), &ids), "{name}");
        assert_eq!(picture(&engine), before, "{name}");
        assert_eq!(engine.now(), at(now), "{name}");
        engine.check_invariants().unwrap();
    }
    // Nor is there anything that shows only later: in the next id, in the events.
    assert_eq!(drain(&mut engine, 99), [("due", ScheduleToClose, 50)]);
    assert_eq!(engine.schedule(at(99), "next", NONE).unwrap().to_string(), "a2v1");
    assert_eq!(drain(&mut engine, 109), [("waiting", ScheduleToStart, 100)]);
    assert_eq!(drain(&mut engine, 110), [("running", Heartbeat, 110)]);
}

// ---------------------------------------------------------------- 7

#[test]
fn s07_a_cancel_request_stops_no_timer_and_shows_in_every_later_heartbeat() {
    for (timeouts, timeout_type, deadline) in
        [(st2c(100), StartToClose, 100), (s2c(100), ScheduleToClose, 100), (hb(60), Heartbeat, 105)]
    {
        let mut engine = engine();
        let id = started(&mut engine, 0, "a", timeouts);
        assert!(!engine.heartbeat(at(10), id, None).unwrap().cancel_requested);
        for instant in [20, 30, 20] {
            // The first instant is kept, however often it is asked.
            let asked = engine.request_cancel(at(instant), id).unwrap();
            assert_eq!(asked, CancelOutcome::Requested { first_requested_at: at(20) });
        }
        assert_eq!(engine.activity(id).unwrap().evidence.cancel_requested_at, Some(at(20)));
        for instant in [40, 45] {
            assert!(engine.heartbeat(at(instant), id, None).unwrap().cancel_requested);
        }
        assert_eq!(drain(&mut engine, deadline - 1), []);
        let event = timed_out(&mut engine, deadline);
        assert_eq!((event.timeout_type, event.deadline), (timeout_type, at(deadline)));
        assert_eq!(event.activity.cancel_requested_at, Some(at(20)));
    }
}

#[test]
fn s07_a_worker_may_ignore_a_cancel_request() {
    for outcome in [Outcome::Completed, Outcome::Failed, Outcome::Canceled] {
        let mut engine = engine();
        let id = started(&mut engine, 0, "a", st2c(100));
        engine.request_cancel(at(5), id).unwrap();
        let closed = engine.close(at(99), id, outcome).unwrap();
        assert_eq!(closed.cancel_requested_at, Some(at(5)));
        assert_eq!(drain(&mut engine, 100), []);
    }
    // And one that nobody asked may give up.
    let mut engine = engine();
    let id = started(&mut engine, 0, "a", NONE);
    assert_eq!(engine.close(at(1), id, Outcome::Canceled).unwrap().cancel_requested_at, None);
}

#[test]
fn s07_a_cancel_request_for_an_unstarted_activity_closes_it() {
    let mut engine = engine();
    let id = engine.schedule(at(0), "a", s2s(10)).unwrap();
    let Ok(CancelOutcome::Canceled(closed)) = engine.request_cancel(at(9), id) else {
        panic!("not closed")
    };
    assert_eq!((closed.key, closed.scheduled_at, closed.started_at), ("a", at(0), None));
    assert_eq!(closed.cancel_requested_at, Some(at(9)));
    assert!(engine.is_empty());
    assert_eq!(engine.next_wakeup(), None);
}

// ---------------------------------------------------------------- 8

#[test]
fn s08_a_timeout_carries_the_whole_story() {
    // Whichever of the timeouts it is that ends a started activity.
    for (timeouts, timeout_type, deadline) in
        [(st2c(100), StartToClose, 107), (s2c(100), ScheduleToClose, 105), (hb(80), Heartbeat, 111)]
    {
        let mut engine = engine();
        let id = engine.schedule(at(5), "key", timeouts).unwrap();
        engine.start(at(7), id).unwrap();
        engine.heartbeat(at(9), id, Some("a third")).unwrap();
        engine.request_cancel(at(20), id).unwrap();
        engine.heartbeat(at(30), id, Some("two thirds")).unwrap();
        // Nothing reported is nothing lost.
        engine.heartbeat(at(31), id, None).unwrap();
        let event = timed_out(&mut engine, 2_000);
        assert_eq!(event.timeout_type, timeout_type);
        assert_eq!(event.deadline, at(deadline));
        assert_eq!(event.observed_at, at(2_000));
        let story = event.activity;
        assert_eq!((story.id, story.key), (id, "key"));
        assert_eq!((story.scheduled_at, story.started_at), (at(5), Some(at(7))));
        assert_eq!((story.last_heartbeat_at, story.heartbeats), (Some(at(31)), 3));
        assert_eq!(story.details, Some("two thirds"));
        assert_eq!(story.cancel_requested_at, Some(at(20)));
        let lateness = engine.stats().lateness;
        assert_eq!(
            (lateness.count, lateness.sum_ms, lateness.max_ms),
            (1, 2_000 - deadline, 2_000 - deadline)
        );
    }
}

#[test]
fn s08_what_never_happened_is_none() {
    let mut engine = engine();
    let id = engine.schedule(at(5), "key", s2s(10)).unwrap();
    let event = timed_out(&mut engine, 15);
    assert_eq!((event.timeout_type, event.activity.id), (ScheduleToStart, id));
    assert_eq!(
        (event.deadline, event.observed_at, event.activity.scheduled_at),
        (at(15), at(15), at(5))
    );
    assert_eq!((event.activity.started_at, event.activity.last_heartbeat_at), (None, None));
    assert_eq!((event.activity.heartbeats, event.activity.details), (0, None));
    assert_eq!(event.activity.cancel_requested_at, None);
    assert_eq!(engine.stats().lateness.count, 0, "observed at the deadline is not late");
}

#[test]
fn s08_a_recycled_slot_carries_nothing_of_the_life_before() {
    let mut engine = engine();
    let id = started(&mut engine, 0, "first", NONE);
    engine.heartbeat(at(1), id, Some("old")).unwrap();
    engine.request_cancel(at(2), id).unwrap();
    engine.abandon(at(3), id).unwrap();
    let second = started(&mut engine, 4, "second", hb(10));
    assert!(!engine.heartbeat(at(5), second, None).unwrap().cancel_requested);
    let story = timed_out(&mut engine, 15).activity;
    assert_eq!((story.key, story.scheduled_at, story.heartbeats), ("second", at(4), 1));
    assert_eq!((story.details, story.cancel_requested_at), (None, None));
}

// ---------------------------------------------------------------- 9

/// Key, timeout and deadline of each event.
type Events = Vec<(usize, TimeoutType, u64)>;

/// Activities whose deadlines collide, straddle the levels and come in no order, and the events that
/// the contract promises for them.
fn crowd(geometry: Geometry, clock: u64) -> (Engine<usize, ()>, Events) {
    let mut engine = Engine::new(Config::DEFAULT.with_geometry(geometry));
    let mut numbers = Numbers(0xC0FF_EE00 ^ clock);
    let mut expected = Vec::new();
    for key in 0..400 {
        let bits = numbers.below(14);
        let timeout = (1 << bits) + numbers.below(3) * numbers.below(1 << bits);
        let deadline = clock + timeout;
        match numbers.below(4) {
            0 => drop(engine.schedule(at(clock), key, s2c(timeout)).unwrap()),
            1 => drop(started(&mut engine, clock, key, st2c(timeout))),
            2 => drop(started(&mut engine, clock, key, hb(timeout))),
            _ => drop(engine.schedule(at(clock), key, s2s(timeout)).unwrap()),
        }
        let timeout_type = engine.activities().last().unwrap().deadline.unwrap().timeout_type;
        expected.push((deadline, key, timeout_type));
    }
    expected.sort_unstable();
    let expected = expected
        .into_iter()
        .map(|(deadline, key, timeout_type)| (key, timeout_type, deadline))
        .collect();
    (engine, expected)
}

#[test]
fn s09_events_come_by_deadline_then_by_order_of_scheduling_whatever_the_jumps() {
    for geometry in GEOMETRIES {
        for clock in CLOCKS {
            let end = clock + 50_000;
            let (mut engine, expected) = crowd(geometry, clock);
            assert_eq!(drain(&mut engine, end), expected, "one jump");
            for stride in [1, 7, 1_000, 1_024, 4_097] {
                let (mut engine, expected) = crowd(geometry, clock);
                let mut events = Vec::new();
                let mut now = clock;
                while now < end {
                    now += stride;
                    events.extend(drain(&mut engine, now));
                }
                assert_eq!(events, expected, "strides of {stride}");
            }
            let (mut engine, expected) = crowd(geometry, clock);
            let mut batches = Vec::new();
            while !engine.is_empty() {
                batches.extend(drain_at_most(&mut engine, end, 3));
            }
            assert_eq!(batches, expected, "in batches");
        }
    }
}

#[test]
fn s09_order_of_scheduling_is_not_order_of_slots() {
    for geometry in GEOMETRIES {
        let mut engine = engine_of(geometry);
        let [first, second, third] =
            ["x", "y", "z"].map(|key| engine.schedule(at(0), key, NONE).unwrap());
        engine.abandon(at(0), third).unwrap();
        engine.abandon(at(0), first).unwrap();
        engine.abandon(at(0), second).unwrap();
        // The slots come back as third, first, second; one deadline by three different roads.
        engine.schedule(at(0), "a", s2c(1_000)).unwrap();
        let b = engine.schedule(at(300), "b", hb(600)).unwrap();
        engine.start(at(350), b).unwrap();
        engine.schedule(at(999), "c", s2s(1)).unwrap();
        assert_eq!(drain_keys(&mut engine, 5_000), ["b", "a", "c"], "b fell due at 950");
    }
    let mut engine = engine();
    let late_start = engine.schedule(at(0), "a", st2c(10)).unwrap();
    engine.schedule(at(1), "b", s2c(19)).unwrap();
    engine.start(at(10), late_start).unwrap();
    assert_eq!(drain_keys(&mut engine, 20), ["a", "b"], "armed last, scheduled first");
}

#[test]
fn s09_what_falls_due_between_two_polls_of_a_drain_takes_its_place_in_the_order() {
    for geometry in GEOMETRIES {
        let mut engine = engine_of(geometry);
        let first = engine.schedule(at(0), "first", st2c(0)).unwrap();
        for (key, timeout) in [("five", 5), ("ten", 10), ("ten too", 10)] {
            engine.schedule(at(0), key, s2c(timeout)).unwrap();
        }
        assert_eq!(drain_at_most(&mut engine, 10, 1), [("five", ScheduleToClose, 5)]);
        // Due at 10 like the others, scheduled before them.
        engine.start(at(10), first).unwrap();
        engine.schedule(at(10), "last", s2s(0)).unwrap();
        assert_eq!(drain_keys(&mut engine, 10), ["first", "ten", "ten too", "last"]);
    }
}

#[test]
fn s09_of_two_deadlines_of_one_activity_at_one_instant_the_first_by_swf_order_is_named() {
    // Every subset of the types that can be armed at once, all due at 100.
    let unstarted = [(ScheduleToStart, s2s(100)), (ScheduleToClose, s2c(100))];
    for (types, expected) in
        [(0b01, ScheduleToStart), (0b10, ScheduleToClose), (0b11, ScheduleToStart)]
    {
        let mut engine = engine();
        engine.schedule(at(0), "a", merged(&unstarted, types)).unwrap();
        assert_eq!(drain(&mut engine, 100), [("a", expected, 100)], "{types:b}");
    }
    let running = [(StartToClose, st2c(60)), (ScheduleToClose, s2c(100)), (Heartbeat, hb(30))];
    for (types, expected) in [
        (0b011, StartToClose),
        (0b101, StartToClose),
        (0b110, ScheduleToClose),
        (0b111, StartToClose),
        (0b100, Heartbeat),
    ] {
        let mut engine = engine();
        let id = engine.schedule(at(0), "a", merged(&running, types)).unwrap();
        engine.start(at(40), id).unwrap();
        engine.heartbeat(at(69), id, None).unwrap();
        engine.heartbeat(at(70), id, None).unwrap_or_else(|error| panic!("{types:b}: {error}"));
        assert_eq!(drain(&mut engine, 200), [("a", expected, 100)], "{types:b}");
    }
}

/// The timeouts of the types whose bits are set, together.
fn merged(choices: &[(TimeoutType, Timeouts)], bits: u8) -> Timeouts {
    let mut together = NONE;
    for (place, (timeout_type, timeouts)) in choices.iter().enumerate() {
        if bits >> place & 1 == 1 {
            together = match timeout_type {
                StartToClose => together.with_start_to_close(timeouts.start_to_close().unwrap()),
                ScheduleToStart => {
                    together.with_schedule_to_start(timeouts.schedule_to_start().unwrap())
                }
                ScheduleToClose => {
                    together.with_schedule_to_close(timeouts.schedule_to_close().unwrap())
                }
                Heartbeat => together.with_heartbeat(timeouts.heartbeat().unwrap()),
            };
        }
    }
    together
}

// ---------------------------------------------------------------- 10

#[test]
fn s10_following_the_wake_ups_fires_everything_at_its_deadline() {
    for geometry in GEOMETRIES {
        for clock in CLOCKS {
            let (mut engine, expected) = crowd(geometry, clock);
            let population = expected.len();
            let (fired, empty) = follow_wakeups(&mut engine);
            let instants: Vec<(usize, u64)> =
                expected.iter().map(|(key, _, deadline)| (*key, *deadline)).collect();
            assert_eq!(fired, instants, "each at its own deadline, none late");
            // Fewer than there are timers, even where a level is one bit high and they go down a dozen.
            assert!(empty < population, "{empty} wake-ups fired nothing");
            assert!(engine.is_empty());
        }
    }
}

#[test]
fn s10_one_sleeper_is_worth_a_few_wake_ups_however_far_it_sleeps() {
    for (geometry, levels) in [
        (Geometry::DEFAULT, 8),
        (Geometry::TINY, 64),
        (Geometry::new(2, 2), 32),
        (Geometry::new(3, 1), 62),
    ] {
        for clock in [0, 1, (1 << 36) - 7, 1_760_000_000_000, (1 << 63) - 3] {
            for timeout in (0..63).map(|bits| 1_u64 << bits) {
                let mut engine = engine_of(geometry);
                engine.schedule(at(clock), "a", s2c(timeout)).unwrap();
                let (fired, empty) = follow_wakeups(&mut engine);
                assert_eq!(fired, [("a", clock + timeout)]);
                assert!(empty < levels, "{empty} empty wake-ups for 2^{}", timeout.ilog2());
            }
        }
    }
}

#[test]
fn s10_heartbeats_cost_no_wake_up_more_than_their_timeout_does() {
    let mut engine = engine();
    let id = started(&mut engine, 0, "a", hb(30_000));
    let mut wakeups = 0;
    for beat in 1..=1_000 {
        let instant = beat * 10_000;
        while let Some(next) = wakeup(&engine).filter(|next| *next <= instant) {
            assert_eq!(drain(&mut engine, next), []);
            wakeups += 1;
        }
        engine.heartbeat(at(instant), id, None).unwrap();
    }
    // 10,000 s of beating, the last beat never more than 10 s old: a look every 20 s or more.
    assert!(wakeups <= 510, "{wakeups} wake-ups");
    assert_eq!(follow_wakeups(&mut engine).0, [("a", 10_030_000)]);
}

#[test]
fn s10_the_wake_up_is_never_late_and_none_only_if_nothing_is_armed() {
    for geometry in GEOMETRIES {
        for clock in CLOCKS {
            let mut engine = engine_of(geometry);
            assert_eq!(engine.next_wakeup(), None);
            engine.schedule(at(clock), "none", NONE).unwrap();
            assert_eq!(engine.next_wakeup(), None);
            let far = engine.schedule(at(clock), "far", s2c(90_000)).unwrap();
            assert!(wakeup(&engine).is_some_and(|wakeup| wakeup <= clock + 90_000));
            // A nearer one, by a start.
            let near =
                engine.schedule(at(clock), "near", s2s(80_000).with_heartbeat(ms(7))).unwrap();
            engine.start(at(clock + 100), near).unwrap();
            assert!(wakeup(&engine).is_some_and(|wakeup| wakeup <= clock + 107));
            assert_eq!(drain(&mut engine, clock + 106), []);
            assert!(wakeup(&engine).is_some_and(|wakeup| wakeup == clock + 107));
            engine.close(at(clock + 106), near, Outcome::Completed).unwrap();
            assert_eq!(drain(&mut engine, clock + 107), []);
            assert!(wakeup(&engine)
                .is_some_and(|wakeup| wakeup > clock + 107 && wakeup <= clock + 90_000));
            engine.abandon(at(clock + 107), far).unwrap();
            assert_eq!(engine.next_wakeup(), None);
        }
    }
}

#[test]
fn s10_while_something_is_due_the_wake_up_is_not_ahead() {
    let mut engine = engine();
    for key in ["a", "b", "c"] {
        engine.schedule(at(100), key, s2c(50)).unwrap();
    }
    for left in [3, 2, 1] {
        assert!(wakeup(&engine).is_some_and(|wakeup| wakeup <= 150), "{left} to come");
        timed_out(&mut engine, 500);
    }
    assert_eq!(engine.next_wakeup(), None);
}

// ---------------------------------------------------------------- 11

#[test]
fn s11_an_older_now_counts_as_the_newest_seen_and_is_counted() {
    let mut engine = engine();
    assert_eq!(engine.now(), Timestamp::ZERO);
    let a = engine.schedule(at(1_000), "a", hb(10)).unwrap();
    assert_eq!(engine.stats().clock_regressions, 0);
    // Scheduled at 3, which is 1000.
    engine.schedule(at(3), "b", s2c(10)).unwrap();
    engine.start(at(990), a).unwrap();
    assert_eq!(engine.activity(a).unwrap().evidence.started_at, Some(at(1_000)));
    engine.heartbeat(at(1_005), a, None).unwrap();
    // Back by three: the heartbeat does not shorten what it was given.
    let beat = engine.heartbeat(at(1_002), a, None).unwrap();
    assert_eq!(beat.deadline.unwrap().at, at(1_015));
    assert_eq!(engine.poll(at(0)), None);
    assert_eq!((engine.now(), engine.stats().clock_regressions), (at(1_005), 4));
    assert_eq!(engine.poll(at(1_009)), None);
    assert_eq!(timed_out(&mut engine, 1_010).activity.key, "b");
    // What is due stays due, and is observed at the newest time, not the older.
    assert_eq!(engine.poll(at(1_014)), None);
    engine.heartbeat(at(1_015), a, None).unwrap_err();
    engine.heartbeat(at(1_001), a, None).unwrap_err();
    assert_eq!(timed_out(&mut engine, 7).observed_at, at(1_015));
    assert_eq!(engine.stats().clock_regressions, 6);
}

#[test]
fn s11_the_same_instant_again_is_no_regression() {
    let mut engine = engine();
    for _ in 0..3 {
        engine.schedule(at(5), "a", NONE).unwrap();
        assert_eq!(engine.poll(at(5)), None);
    }
    assert_eq!(engine.stats().clock_regressions, 0);
}

#[test]
fn s11_every_instant_of_u64_is_legal_and_a_sum_past_the_end_never_comes() {
    for geometry in GEOMETRIES {
        for before_end in [0, 1, 2, 1_000, 1 << 40] {
            let clock = u64::MAX - before_end;
            let mut engine = engine_of(geometry);
            engine.schedule(at(clock), "the last instant", s2c(before_end)).unwrap();
            engine.schedule(at(clock), "past the end", s2c(before_end + 1)).unwrap();
            engine.schedule(at(clock), "far past it", s2c(u64::MAX)).unwrap();
            engine
                .schedule(at(clock), "further", NONE.with_schedule_to_close(Duration::MAX))
                .unwrap();
            if before_end > 0 {
                assert_eq!(drain(&mut engine, u64::MAX - 1), []);
                assert_eq!(wakeup(&engine), Some(u64::MAX));
            }
            assert_eq!(
                drain(&mut engine, u64::MAX),
                [("the last instant", ScheduleToClose, u64::MAX)]
            );
            assert_eq!((engine.next_wakeup(), engine.len()), (None, 3));
            // Life goes on at the last instant.
            let id = started(
                &mut engine,
                u64::MAX,
                "at the end",
                hb(1).with_start_to_close(ms(u64::MAX)),
            );
            let beat = engine.heartbeat(at(u64::MAX), id, Some("still here")).unwrap();
            assert_eq!(beat.deadline, None);
            engine.schedule(at(u64::MAX), "at once", s2s(0)).unwrap();
            assert_eq!(drain_keys(&mut engine, u64::MAX), ["at once"]);
            engine.check_invariants().unwrap();
        }
    }
    // From the first instant to the last.
    let mut engine = engine();
    engine.schedule(at(0), "all of time", s2c(u64::MAX)).unwrap();
    assert_eq!(drain(&mut engine, u64::MAX - 1), []);
    assert_eq!(drain(&mut engine, u64::MAX), [("all of time", ScheduleToClose, u64::MAX)]);
}

#[test]
fn s11_durations_round_up_to_the_next_millisecond() {
    for (duration, millis) in [
        (Duration::ZERO, 0),
        (Duration::from_nanos(1), 1),
        (Duration::from_micros(999), 1),
        (Duration::from_millis(1), 1),
        (Duration::from_nanos(1_000_001), 2),
        (Duration::from_nanos(1_999_999), 2),
    ] {
        for timeouts in
            [NONE.with_schedule_to_start(duration), NONE.with_schedule_to_close(duration)]
        {
            let mut engine = engine();
            let id = engine.schedule(at(100), "a", timeouts).unwrap();
            assert_eq!(engine.activity(id).unwrap().deadline.unwrap().at, at(100 + millis));
        }
        for timeouts in [NONE.with_start_to_close(duration), NONE.with_heartbeat(duration)] {
            let mut engine = engine();
            let id = started(&mut engine, 100, "a", timeouts);
            assert_eq!(engine.activity(id).unwrap().deadline.unwrap().at, at(100 + millis));
        }
        let rounded = NONE.with_heartbeat(duration).heartbeat();
        assert_eq!(rounded, Some(ms(millis)), "once, where it enters");
    }
}

// ---------------------------------------------------------------- 12

#[test]
fn s12_a_million_heartbeats_touch_no_timer() {
    let mut engine: Engine<u64, u64> = Engine::new(Config::DEFAULT);
    let ids: Vec<_> = (0..10)
        .map(|key| started(&mut engine, 0, key, hb(30_000).with_start_to_close(ms(86_400_000))))
        .collect();
    let timers = engine.stats().timers;
    assert_eq!((timers.armed, timers.disarmed), (10, 0));
    for beat in 0..1_000_000_u64 {
        let id = ids[(beat % 10) as usize];
        engine.heartbeat(at(beat / 50), id, Some(beat)).unwrap();
    }
    let after = engine.stats().timers;
    assert_eq!((after.armed, after.disarmed), (timers.armed, timers.disarmed));
    assert_eq!((after.visited, after.moved), (timers.visited, timers.moved));
    assert_eq!(engine.stats().heartbeats, 1_000_000);
    // And their timers were not forgotten over it.
    assert_eq!(drain(&mut engine, 49_998), []);
    assert_eq!(drain_keys(&mut engine, 49_999), (0..10).collect::<Vec<_>>());
}

#[test]
fn s12_a_timer_is_visited_a_few_times_in_a_long_life_of_heartbeats() {
    let mut engine = engine();
    let id = started(&mut engine, 0, "a", hb(30_000));
    for second in 1..=100_000 {
        let now = at(second * 1_000);
        assert_eq!(engine.poll(now), None);
        engine.heartbeat(now, id, None).unwrap();
    }
    // The last beat is never more than 1 s old: a visit every 29 s, and a few on the way down.
    let timers = engine.stats().timers;
    assert!(timers.visited <= 4_000, "{timers:?}");
    assert_eq!((timers.armed, timers.disarmed), (1, 0));
}

#[test]
fn s12_a_jump_costs_by_the_timers_it_passes_not_by_the_time() {
    for (geometry, levels) in [
        (Geometry::DEFAULT, 8),
        (Geometry::TINY, 64),
        (Geometry::new(2, 2), 32),
        (Geometry::new(3, 1), 62),
    ] {
        let mut engine = engine_of(geometry);
        engine.schedule(at(0), "a", s2c(1 << 63)).unwrap();
        assert_eq!(drain(&mut engine, (1 << 63) - 1), []);
        let visited = engine.stats().timers.visited;
        assert!(visited <= levels, "{visited} visits in a jump over 2^63");
        assert_eq!(drain_keys(&mut engine, 1 << 63), ["a"]);
        let visited = engine.stats().timers.visited;
        assert!(visited <= levels, "{visited} visits in a life of 2^63");
        // A jump over nothing visits nothing.
        assert_eq!(drain(&mut engine, u64::MAX), []);
        assert_eq!(engine.stats().timers.visited, visited);
    }
}

#[test]
fn s12_a_repeated_poll_looks_at_no_timer_whatever_the_population() {
    for population in [100, 10_000] {
        let mut engine: Engine<u64, ()> = Engine::new(Config::DEFAULT);
        for key in 0..population {
            engine.schedule(at(0), key, s2c(10 + key * 7)).unwrap();
        }
        assert_eq!(drain(&mut engine, 9), []);
        let timers = engine.stats().timers;
        for _ in 0..1_000 {
            assert_eq!(engine.poll(at(9)), None);
        }
        assert_eq!(engine.stats().timers, timers);
    }
}

#[test]
fn s12_a_poll_a_tick_later_moves_no_whole_upper_slot() {
    // A hundred thousand timers in one slot of an upper level: the worst a cascade can meet.
    let population = 100_000;
    let mut engine: Engine<u64, ()> = Engine::new(Config::DEFAULT);
    for key in 0..population {
        engine.schedule(at(0), key, s2c(600_000 + key % 100)).unwrap();
    }
    let mut worst = 0;
    for now in 1..600_000 {
        let visited = engine.stats().timers.visited;
        assert_eq!(engine.poll(at(now)), None);
        worst = worst.max(engine.stats().timers.visited - visited);
    }
    assert!(worst <= population / 100, "{worst} entries visited by one poll");
    assert_eq!(drain(&mut engine, 600_100).len() as u64, population);
}

#[test]
fn s12_a_life_arms_and_disarms_once_for_each_change_of_deadline() {
    let mut engine = engine();
    let id = engine.schedule(at(0), "a", s2s(10).with_start_to_close(ms(20))).unwrap();
    assert_eq!((engine.stats().timers.armed, engine.stats().timers.disarmed), (1, 0));
    engine.start(at(5), id).unwrap();
    assert_eq!((engine.stats().timers.armed, engine.stats().timers.disarmed), (2, 1));
    engine.close(at(6), id, Outcome::Completed).unwrap();
    assert_eq!((engine.stats().timers.armed, engine.stats().timers.disarmed), (2, 2));
    // With nothing armed there is nothing to do.
    let id = started(&mut engine, 6, "b", NONE);
    engine.close(at(6), id, Outcome::Completed).unwrap();
    assert_eq!((engine.stats().timers.armed, engine.stats().timers.disarmed), (2, 2));
}

// ---------------------------------------------------------------- 13

#[test]
fn s13_due_but_not_yet_polled_counts_as_open() {
    let mut engine: Wheel = Engine::new(Config::DEFAULT.with_max_open(2));
    let due = engine.schedule(at(0), "due", s2c(10)).unwrap();
    engine.schedule(at(0), "open", NONE).unwrap();
    for now in [10, 11] {
        // In the capacity,
        let refused = engine.schedule(at(now), "third", NONE).unwrap_err();
        assert_eq!(refused.reason, ScheduleRefusal::AtCapacity { max_open: 2 });
        // in len,
        assert_eq!((engine.len(), engine.is_empty()), (2, false));
        // and in views, where the deadline that has passed shows.
        let view = engine.activity(due).unwrap();
        assert_eq!(
            view.deadline.map(|deadline| (deadline.at, deadline.timeout_type)),
            Some((at(10), ScheduleToClose))
        );
        assert_eq!(engine.activities().count(), 2);
    }
    // A host that drains first has the room.
    assert_eq!(drain_keys(&mut engine, 11), ["due"]);
    assert_eq!(engine.len(), 1);
    assert!(engine.activity(due).is_none());
    engine.schedule(at(11), "third", NONE).unwrap();
}

// ---------------------------------------------------------------- 14

#[test]
fn s14_no_argument_can_cause_a_panic() {
    let instants = [0, 1, (1 << 32) - 1, 1 << 32, 1 << 63, u64::MAX - 1, u64::MAX];
    let durations =
        [Duration::ZERO, Duration::from_nanos(1), ms(1 << 63), ms(u64::MAX), Duration::MAX];
    for geometry in
        [Geometry::new(0, 0), Geometry::new(255, 255), Geometry::new(10, 1), Geometry::new(1, 10)]
    {
        for max_open in [0, 1, u32::MAX] {
            for first in instants {
                for then in instants {
                    for duration in durations {
                        let mut engine: Wheel = Engine::new(
                            Config::DEFAULT.with_geometry(geometry).with_max_open(max_open),
                        );
                        abuse(&mut engine, at(first), at(then), duration);
                        engine.check_invariants().unwrap();
                    }
                }
            }
        }
    }
}

/// Every call with the same extreme arguments, in an order that reaches each state.
fn abuse(engine: &mut Wheel, first: Timestamp, then: Timestamp, duration: Duration) {
    let timeouts = NONE
        .with_schedule_to_close(duration)
        .with_start_to_close(duration)
        .with_heartbeat(duration);
    let mut other = support::shorthand::engine();
    let stranger = other.schedule(first, "stranger", timeouts).unwrap();
    let id = engine.schedule(first, "a", timeouts).unwrap_or(stranger);
    let second =
        engine.schedule(first, "b", timeouts.with_schedule_to_start(duration)).unwrap_or(stranger);
    for now in [first, then] {
        for id in [id, second, stranger] {
            // Refused or accepted: what matters is that it returns.
            let _ = engine.start(now, id);
            let _ = engine.heartbeat(now, id, Some("d"));
            let _ = engine.heartbeat(now, id, None);
            let _ = engine.activity(id);
        }
        let _ = engine.next_wakeup();
        let _ = engine.poll(now);
        engine.shrink_to_fit();
    }
    let _ = engine.request_cancel(then, id);
    let _ = engine.close(then, id, Outcome::Completed);
    let _ = engine.abandon(first, second);
    while engine.poll(then).is_some() {}
}

#[test]
fn s14_the_shapes_a_host_may_ask_for_all_agree_with_the_model() {
    for bottom_bits in [0, 1, 2, 3, 9, 10, 11, 255] {
        for upper_bits in [0, 1, 4, 9, 10, 11, 255] {
            for seed in 0..20 {
                let mut scenario: Scenario = scenario(seed);
                scenario.setup.bottom_bits = bottom_bits;
                scenario.setup.upper_bits = upper_bits;
                scenario.run().unwrap_or_else(|error| {
                    panic!("({bottom_bits}, {upper_bits}), seed {seed}: {error}")
                });
            }
        }
    }
}
