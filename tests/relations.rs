//! Relations between runs: what must not matter does not. Engine against engine, without a model: a random run, the
//! same run with one thing changed, and all answers and events compared.
//!
//! `HEARTWHEEL_OPERATIONS` (of each relation) and `HEARTWHEEL_SEED` choose another run.

#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

#[path = "relations/host.rs"]
mod host;
#[path = "relations/prepare.rs"]
mod prepare;
#[path = "relations/script.rs"]
mod script;
mod support;

use heartwheel::conformance::generate::case_seed;
use heartwheel::conformance::{Action, Limits, Whom};
use heartwheel::Timestamp;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use host::{place_details, Act, Answer, Host};
use prepare::{patient, roomy, tame, unguarded, ALIGNMENT, FAR};
use script::Script;
use support::generate::scenario;
use support::operation::Operation::{self, Common};
use support::operation::Scenario;
use support::runs::{from_env, say, SEED};

const OPERATIONS: u64 = 200_000;

const DRAIN: Operation = Common(Action::Advance);

/// Two runs of which the same is to be heard.
struct Runs {
    original: Vec<Answer>,
    changed: Vec<Answer>,
    /// How much the second differs.
    changes: usize,
}

/// `None` if it says nothing of such a script.
type Relation = fn(Script, &mut SmallRng) -> Option<Runs>;

#[test]
fn a_step_of_time_may_be_taken_in_any_parts() {
    hold("partition of time", roomy, |script, rng| {
        // Every step of time is a poll's, and so is the end of time.
        let mut acts = Vec::new();
        let mut newest = 0;
        for act in script.acts {
            // The silence before a recovery is its own.
            let recovers = matches!(act.operation, Common(Action::Recover { .. }));
            if act.tells_time() && act.now > newest {
                newest = act.now;
                if !recovers {
                    acts.push(poll_at(newest));
                }
            }
            acts.push(act);
        }
        acts.push(poll_at(u64::MAX));
        let (mut parted, mut newest) = (Vec::new(), 0);
        for act in &acts {
            if matches!(act.operation, DRAIN) && act.now > newest {
                let mut parts: Vec<u64> =
                    (0..rng.random_range(0..4)).map(|_| between(newest, act.now, rng)).collect();
                parts.sort_unstable();
                parted
                    .extend(parts.into_iter().map(|now| Act { is_inserted: true, ..poll_at(now) }));
            }
            if act.tells_time() {
                newest = newest.max(act.now);
            }
            parted.push(act.clone());
        }
        let changes = parted.len() - acts.len();
        let [original, changed] = [acts, parted].map(|acts| {
            let mut heard = Host::run(&script.setup, &acts).heard;
            heard.iter_mut().for_each(forget_observation);
            heard
        });
        Some(Runs { original, changed, changes })
    });
}

#[test]
fn a_run_at_another_time_is_the_same_run() {
    hold("time shift", tame, |mut script, rng| {
        let times = || script.acts.iter().filter(|act| act.tells_time()).map(|act| act.now);
        let (earliest, latest) = (times().min()?, times().max()?);
        // Beyond what is tame nothing falls due: limits, grace and spread are below an eighth of this each.
        let reach = FAR.checked_add(latest - earliest).filter(|reach| *reach < FAR * 4)?;
        script.acts.push(poll_at(earliest + reach));
        let last = u64::MAX - reach;
        // An aligned one leaves the wheel as it is, so that the wake-ups are the same too.
        let is_aligned = rng.random();
        let target = if is_aligned {
            (earliest % ALIGNMENT).saturating_add(ALIGNMENT * rng.random_range(0..last / ALIGNMENT))
        } else {
            match rng.random_range(0..5) {
                0 => rng.random_range(0..3),
                1 => last - rng.random_range(0..3),
                2 => rng.random_range(0..=last),
                _ => ((1_u64 << rng.random_range(0..64)) - rng.random_range(0..2)).min(last),
            }
        };
        let distance = target.wrapping_sub(earliest);
        let moved: Vec<Act> = script
            .acts
            .iter()
            .map(|act| Act { now: act.now.wrapping_add(distance), ..act.clone() })
            .collect();
        let original = heard_with_wakeups(&script, &script.acts, is_aligned);
        let mut changed = heard_with_wakeups(&script, &moved, is_aligned);
        for instant in changed.iter_mut().flat_map(Answer::instants_mut) {
            *instant = Timestamp::from_millis(instant.as_millis().wrapping_sub(distance));
        }
        Some(Runs { original, changed, changes: usize::from(distance != 0) })
    });
}

#[test]
fn commands_answer_the_same_however_late_the_polls() {
    hold(
        "late polls",
        |scenario| {
            roomy(scenario);
            // A recovery covers what time no poll has told.
            scenario.steps.retain(|step| !matches!(step.operation, Common(Action::Recover { .. })));
        },
        |mut script, rng| {
            // A poll that is left out tells no time, so no act may rely on it.
            let mut newest = 0;
            for act in script.acts.iter_mut().filter(|act| act.tells_time()) {
                newest = newest.max(act.now);
                act.now = newest;
            }
            script.acts.push(poll_at(u64::MAX));
            let some = rng.random_range(1..=4);
            let mut late = script.acts.clone();
            let last = late.pop();
            late.retain(|act| !act.is_poll() || rng.random_range(0..4) >= some);
            late.extend(last);
            let changes = script.acts.len() - late.len();
            // Commands in their order, and whatever timed out, whenever it was delivered.
            let [original, changed] = [script.acts, late].map(|acts| {
                let mut heard = Host::run(&script.setup, &acts).heard;
                heard.iter_mut().for_each(forget_observation);
                heard.sort_by_key(|answer| {
                    let Answer::TimedOut(timed_out) = answer else { return None };
                    Some(timed_out.activity.key)
                });
                heard
            });
            Some(Runs { original, changed, changes })
        },
    );
}

#[test]
fn snapshots_anywhere_change_nothing() {
    hold("snapshot anywhere", unguarded, |mut script, rng| {
        script.acts.push(poll_at(u64::MAX));
        let one_in = rng.random_range(1..30);
        let mut interrupted = Vec::new();
        for act in &script.acts {
            if rng.random_ratio(1, one_in) {
                interrupted.push(Act::inserted(0, Vec::new(), Common(Action::Snapshot)));
            }
            interrupted.push(act.clone());
        }
        let changes = interrupted.len() - script.acts.len();
        let [original, changed] =
            [script.acts, interrupted].map(|acts| Host::run(&script.setup, &acts));
        let bytes = |host: &Host| postcard::to_allocvec(&host.engine).unwrap();
        assert_eq!(bytes(&original), bytes(&changed));
        Some(Runs { original: original.heard, changed: changed.heard, changes })
    });
}

#[test]
fn an_activity_that_is_scheduled_and_closed_changes_nothing_for_the_others() {
    hold(
        "an unrelated activity",
        |scenario| {
            tame(scenario);
            scenario.setup.max_open = u32::MAX;
            // Shares of a spread go by the order of scheduling.
            for step in &mut scenario.steps {
                if let Common(Action::Recover { spread, .. }) = &mut step.operation {
                    *spread = 0;
                }
            }
        },
        |mut script, rng| {
            let latest = script.acts.iter().map(|act| act.now).max()?;
            // Far from due in any case.
            let endless = Limits { schedule_to_close: Some(1 << 63), ..Limits::default() };
            if latest >= 1 << 63 {
                return None;
            }
            let (mut visited, mut newest, mut key) = (Vec::new(), 0, FIRST_VISITOR);
            let mut staying: Vec<u32> = Vec::new();
            for act in &script.acts {
                if rng.random_ratio(1, 3) {
                    let limits = if rng.random() { brief(rng) } else { endless };
                    let mut at_once =
                        |action| visited.push(Act::inserted(newest, vec![key], Common(action)));
                    at_once(Action::Schedule { activity: Whom::Next, limits });
                    if limits != endless || rng.random() {
                        at_once(Action::Start { activity: ANY });
                        at_once(Action::Heartbeat { activity: ANY, details: Some(key) });
                    }
                    if limits == endless {
                        staying.push(key);
                    } else {
                        at_once(ABANDON);
                    }
                    key += 1;
                }
                if rng.random_ratio(1, 3) && !staying.is_empty() {
                    let leaving = staying.swap_remove(rng.random_range(0..staying.len()));
                    visited.push(Act::inserted(newest, vec![leaving], Common(ABANDON)));
                }
                if act.tells_time() {
                    newest = newest.max(act.now);
                }
                visited.push(act.clone());
            }
            let leave = |key| Act::inserted(newest, vec![key], Common(ABANDON));
            visited.extend(staying.into_iter().map(leave));
            let changes = visited.len() - script.acts.len();
            for acts in [&mut script.acts, &mut visited] {
                acts.push(poll_at(u64::MAX));
            }
            let [original, changed] =
                [script.acts, visited].map(|acts| Host::run(&script.setup, &acts).heard);
            Some(Runs { original, changed, changes })
        },
    );
}

#[test]
fn batches_of_any_size_say_what_one_call_says() {
    hold("batch size", unguarded, |mut script, rng| {
        script.acts.push(poll_at(u64::MAX));
        let mut split = Vec::new();
        for act in &script.acts {
            if let Operation::Heartbeats { whom, details, .. } = act.operation {
                for (place, key) in act.keys.iter().enumerate() {
                    let details = place_details(details, place);
                    let operation = Common(Action::Heartbeat { activity: whom, details });
                    split.push(Act { keys: vec![*key], operation, ..act.clone() });
                }
                continue;
            }
            if matches!(act.operation, DRAIN) {
                for _ in 0..rng.random_range(0..5) {
                    let operation = Common(Action::AdvanceAtMost(rng.random_range(1..4)));
                    split.push(Act::inserted(act.now, Vec::new(), operation));
                }
            }
            split.push(act.clone());
        }
        let changes = split.len().saturating_sub(script.acts.len());
        let [original, changed] =
            [script.acts, split].map(|acts| Host::run(&script.setup, &acts).heard);
        Some(Runs { original, changed, changes })
    });
}

#[test]
fn a_heartbeat_twice_at_one_instant_is_one_but_for_the_count() {
    hold("a heartbeat twice", patient, |mut script, rng| {
        script.acts.push(poll_at(u64::MAX));
        let mut twice = Vec::new();
        for act in &script.acts {
            let beats = matches!(
                act.operation,
                Common(Action::Heartbeat { .. }) | Operation::Heartbeats { .. }
            );
            if beats && rng.random_ratio(3, 4) {
                twice.push(Act { is_inserted: true, ..act.clone() });
            }
            twice.push(act.clone());
        }
        let changes = twice.len() - script.acts.len();
        let [original, changed] = [script.acts, twice].map(|acts| {
            let mut heard = Host::run(&script.setup, &acts).heard;
            for evidence in heard.iter_mut().filter_map(Answer::evidence_mut) {
                evidence.heartbeats = 0;
            }
            heard
        });
        Some(Runs { original, changed, changes })
    });
}

/// A test of the test: heartbeats that do not come, or starts a millisecond later, are heard of afterwards.
#[test]
fn a_run_that_is_another_one_sounds_different() {
    let (mut without_beats, mut a_moment_later) = (0, 0);
    for number in 0..200 {
        let mut scenario = scenario(case_seed(SEED, number));
        roomy(&mut scenario);
        let mut script = Script::record(&scenario);
        script.acts.push(poll_at(u64::MAX));
        // Of the acts themselves nothing is written down, only of what comes after them.
        let differs = |is_wanted: fn(&Act) -> bool, change: fn(&mut Act)| {
            let mut acts = script.acts.clone();
            acts.iter_mut().filter(|act| is_wanted(act)).for_each(|act| act.is_inserted = true);
            let mut changed = acts.clone();
            changed.iter_mut().filter(|act| act.is_inserted).for_each(change);
            Host::run(&script.setup, &acts).heard != Host::run(&script.setup, &changed).heard
        };
        without_beats += usize::from(differs(
            |act| matches!(act.operation, Common(Action::Heartbeat { .. })),
            |act| act.operation = Operation::ShrinkToFit,
        ));
        a_moment_later += usize::from(differs(
            |act| matches!(act.operation, Common(Action::Start { .. })),
            |act| act.now = act.now.saturating_add(1),
        ));
    }
    assert!(without_beats > 150 && a_moment_later > 150, "{without_beats}, {a_moment_later}");
}

/// Compares run after run, until there were enough operations.
fn hold(name: &str, prepare: fn(&mut Scenario), relation: Relation) {
    let seed = from_env("HEARTWHEEL_SEED", SEED);
    let operations = from_env("HEARTWHEEL_OPERATIONS", OPERATIONS);
    let (mut compared, mut changes) = (0, 0);
    for number in 0.. {
        let mut scenario = scenario(case_seed(seed, number));
        prepare(&mut scenario);
        let script = Script::record(&scenario);
        let length = script.acts.len() as u64;
        // Not the seed of any scenario.
        let mut rng = SmallRng::seed_from_u64(!case_seed(seed, number));
        let Some(runs) = relation(script, &mut rng) else { continue };
        let differ = |place: &usize| runs.original.get(*place) != runs.changed.get(*place);
        let longest = runs.original.len().max(runs.changed.len());
        if let Some(place) = (0..longest).find(differ) {
            panic!(
                "{name}, seed {seed:#x}, scenario {number}, answer {place}:\n     original {:?}\n     changed  {:?}",
                runs.original.get(place),
                runs.changed.get(place)
            );
        }
        compared += length;
        changes += runs.changes;
        if compared >= operations {
            break;
        }
    }
    assert!(changes as u64 > compared / 1_000, "{changes} changes are few");
    say(format_args!(
        "{name}: {compared} operations, {changes} changes, differences: 0, seed: {seed:#x}"
    ));
}

/// Keys that no script has.
const FIRST_VISITOR: u32 = 1 << 31;

/// A name that the keys of an act stand for.
const ANY: Whom = Whom::Open(0);

const ABANDON: Action<Whom> = Action::Abandon { activity: ANY };

/// Timeouts of an activity that comes and goes in an instant.
fn brief(rng: &mut SmallRng) -> Limits {
    let mut limit = || rng.random_bool(0.6).then(|| 1 << rng.random_range(0..20));
    Limits {
        schedule_to_start: limit(),
        schedule_to_close: limit(),
        start_to_close: limit(),
        heartbeat: limit(),
    }
}

fn poll_at(now: u64) -> Act {
    Act { now, keys: Vec::new(), operation: DRAIN, is_inserted: false }
}

/// An instant from one to another, near either end or anywhere.
fn between(from: u64, to: u64, rng: &mut SmallRng) -> u64 {
    let width = (to - from) >> rng.random_range(0..64);
    let part = rng.random_range(0..=width);
    if rng.random() {
        from + part
    } else {
        to - part
    }
}

fn forget_observation(answer: &mut Answer) {
    if let Answer::TimedOut(timed_out) = answer {
        timed_out.observed_at = timed_out.deadline;
    }
}

/// What a run says, and if asked for, when it wants to be woken after each act.
fn heard_with_wakeups(script: &Script, acts: &[Act], with_wakeups: bool) -> Vec<Answer> {
    let mut host = Host::new(&script.setup);
    for act in acts {
        host.act(act);
        if with_wakeups {
            host.heard.push(Answer::Wakeup(host.engine.next_wakeup()));
        }
    }
    host.heard
}
