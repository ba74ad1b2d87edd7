//! State by command by instant: every combination, printed as a table and compared with the one
//! that is checked in. `UPDATE_MATRIX=1` rewrites it; the difference is then for a reader to judge.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

mod support;

use core::fmt::Write;

use heartwheel::{ActivityId, CancelOutcome, CommandError, Outcome, Recovery};

use support::shorthand::*;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/matrix.txt");

/// The deadline of every activity here that has one ahead.
const DEADLINE: u64 = 1_000;

/// Brings an engine into a state and gives the id that the command is about.
type Prepare = fn(&mut Wheel) -> ActivityId;

const STATES: [(&str, Prepare); 10] = [
    ("never issued", |_| {
        let mut other = engine();
        other.schedule(at(0), "elsewhere", NONE).unwrap()
    }),
    ("scheduled", |engine| engine.schedule(at(900), "a", s2s(100)).unwrap()),
    // Due from the first instant: "before" is a clock that runs backwards, and counts as "at".
    ("scheduled, zero timeout", |engine| engine.schedule(at(DEADLINE), "a", s2s(0)).unwrap()),
    ("started", |engine| started(engine, 900, "a", hb(100))),
    ("started, cancel requested", |engine| {
        let id = started(engine, 900, "a", hb(100));
        engine.request_cancel(at(950), id).unwrap();
        id
    }),
    // With 50 ms left.
    ("scheduled, suspended", |engine| {
        let id = engine.schedule(at(900), "a", s2s(100)).unwrap();
        engine.suspend(at(950), id).unwrap();
        id
    }),
    ("started, suspended", |engine| {
        let id = started(engine, 900, "a", hb(100));
        engine.suspend(at(950), id).unwrap();
        id
    }),
    ("closed", |engine| {
        let id = started(engine, 900, "a", hb(100));
        engine.close(at(950), id, Outcome::Completed).unwrap();
        id
    }),
    ("timed out", |engine| {
        let id = started(engine, 900, "a", hb(50));
        timed_out(engine, 950);
        id
    }),
    ("recycled", |engine| {
        let id = started(engine, 900, "a", hb(100));
        engine.abandon(at(900), id).unwrap();
        // In the same slot, with the same deadline: the old id must not reach it.
        started(engine, 900, "newcomer", hb(100));
        id
    }),
];

/// Runs a command and says what it answered.
type Run = fn(&mut Wheel, u64, ActivityId) -> String;

const COMMANDS: [(&str, Run); 12] = [
    ("start", |engine, now, id| answer(engine.start(at(now), id).map(|()| "started".to_owned()))),
    ("heartbeat", |engine, now, id| {
        let beat = engine.heartbeat(at(now), id, Some("beat")).map_err(|error| error.reason);
        answer(beat.map(|beat| {
            let until = beat.deadline.map_or(0, |deadline| deadline.at.as_millis());
            let asked = if beat.cancel_requested { ", cancel requested" } else { "" };
            format!("beat until {until}{asked}")
        }))
    }),
    ("request_cancel", |engine, now, id| {
        answer(engine.request_cancel(at(now), id).map(|outcome| match outcome {
            CancelOutcome::Canceled(_) => "canceled".to_owned(),
            CancelOutcome::Requested { first_requested_at } => {
                format!("requested at {}", first_requested_at.as_millis())
            }
            _ => unreachable!("an outcome that the table does not know"),
        }))
    }),
    ("close as completed", |engine, now, id| close(engine, now, id, Outcome::Completed)),
    ("close as failed", |engine, now, id| close(engine, now, id, Outcome::Failed)),
    ("close as canceled", |engine, now, id| close(engine, now, id, Outcome::Canceled)),
    ("abandon", |engine, now, id| {
        answer(engine.abandon(at(now), id).map(|closed| format!("{} back", closed.key)))
    }),
    ("update_timeouts", |engine, now, id| {
        let timeouts = s2s(250).with_heartbeat(ms(250));
        answer(engine.update_timeouts(at(now), id, timeouts).map(|deadline| match deadline {
            Some(deadline) => format!("due at {}", deadline.at.as_millis()),
            None => "never due".to_owned(),
        }))
    }),
    ("suspend", |engine, now, id| {
        answer(engine.suspend(at(now), id).map(|()| "suspended".to_owned()))
    }),
    ("resume", |engine, now, id| {
        let resumed = engine.resume(at(now), id);
        let deadline = engine.activity(id).and_then(|view| view.deadline);
        answer(resumed.map(|took| {
            let until = deadline.map_or(0, |deadline| deadline.at.as_millis());
            format!("after {} until {until}", took.as_millis())
        }))
    }),
    ("recover, re-armed", |engine, now, id| {
        let moved = engine.recover(at(now), Recovery::REARM);
        let deadline = engine.activity(id).and_then(|view| view.deadline);
        let until = deadline.map_or(0, |deadline| deadline.at.as_millis());
        format!("{moved} moved, until {until}")
    }),
    ("poll", |engine, now, _| match drain(engine, now).as_slice() {
        [] => "nothing".to_owned(),
        [(key, timeout_type, deadline)] => format!("{key} {timeout_type} {deadline}"),
        more => panic!("{more:?}"),
    }),
];

fn close(engine: &mut Wheel, now: u64, id: ActivityId, outcome: Outcome) -> String {
    answer(engine.close(at(now), id, outcome).map(|closed| format!("{} back", closed.key)))
}

fn answer(result: Result<String, CommandError>) -> String {
    match result {
        Ok(answer) => answer,
        Err(CommandError::NotOpen { .. }) => "NotOpen".to_owned(),
        Err(CommandError::NotStarted { .. }) => "NotStarted".to_owned(),
        Err(CommandError::AlreadyStarted { .. }) => "AlreadyStarted".to_owned(),
        Err(CommandError::AlreadySuspended { .. }) => "AlreadySuspended".to_owned(),
        Err(CommandError::NotSuspended { .. }) => "NotSuspended".to_owned(),
        Err(other) => panic!("{other}"),
    }
}

/// The answer, and who is open afterwards, if anybody is.
fn cell(prepare: Prepare, run: Run, now: u64) -> String {
    let mut engine = engine();
    let id = prepare(&mut engine);
    let answer = run(&mut engine, now, id);
    engine.check_invariants().unwrap();
    let open: Vec<&str> = engine.activities().map(|view| *view.evidence.key).collect();
    if open.is_empty() {
        answer
    } else {
        format!("{answer} ({} open)", open.join(", "))
    }
}

fn table() -> String {
    let mut text = format!(
        "{:26}{:20}{:44}{:44}{}\n",
        "state", "command", "before (999)", "at the deadline (1000)", "after (1001)"
    );
    for (state, prepare) in STATES {
        for (command, run) in COMMANDS {
            let [before, exactly, after] =
                [DEADLINE - 1, DEADLINE, DEADLINE + 1].map(|now| cell(prepare, run, now));
            writeln!(text, "{state:26}{command:20}{before:44}{exactly:44}{after}").unwrap();
        }
    }
    text
}

#[test]
fn every_state_answers_every_command_before_at_and_after_the_deadline_as_tabled() {
    let table = table();
    if std::env::var_os("UPDATE_MATRIX").is_some() {
        std::fs::write(TABLE, &table).unwrap();
    }
    let checked_in = std::fs::read_to_string(TABLE).unwrap();
    for (got, expected) in table.lines().zip(checked_in.lines()) {
        assert_eq!(got, expected);
    }
    assert_eq!(table, checked_in);
}
