//! Small scopes, exhausted: every sequence of operations over two activities on the smallest wheel, compared with
//! the model after each. `HEARTWHEEL_DEPTH` chooses how long the sequences are.
//!
//! Sequences that lead to the same state are continued once. The state is all that the engine's answers depend on
//! (`Engine::image`: instants relative to the newest time seen) and all that the model's do, so what follows one of
//! them follows all: a difference after any is a difference after the one that is continued.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

extern crate alloc;

mod support;

use alloc::collections::BTreeMap;
use core::hash::{Hash, Hasher};
use std::collections::hash_map::DefaultHasher;

use heartwheel::conformance::{Action, Activity, Limits, Model, Policy, When, Whom};
use heartwheel::{MissingDetails, Outcome};

use support::operation::{Operation, Scenario, Setup, Step};
use support::pair::Pair;
use support::runs::{from_env, say};

/// Two on the smallest wheel: slots of 1 ms below, twice as wide with each level.
const SETUP: Setup = Setup {
    bottom_bits: 1,
    upper_bits: 1,
    max_open: 2,
    missing_details: MissingDetails::Keep,
    max_jump: None,
};

/// The wheel depends on time modulo its laps, of which the longest that these timeouts reach are of 2^5 ms.
const BITS: u32 = 5;

const ELDER: Whom = Whom::Open(0);
const YOUNGER: Whom = Whom::Open(1);

/// When commands come: at once, a millisecond later, and at the earliest deadline.
const COMMAND_TIMES: [When; 3] = [When::Same, When::Later(1), When::Earliest(0)];

/// When polls come: also when the engine wants one, and at the next slot of 8 ms, of the third upper level.
const POLL_TIMES: [When; 5] =
    [When::Same, When::Later(1), When::Earliest(0), When::Wakeup(0), When::Boundary(3, 0)];

const NONE: Limits = Limits {
    schedule_to_start: None,
    schedule_to_close: None,
    start_to_close: None,
    heartbeat: None,
};

/// Due as it is scheduled.
const AT_ONCE: Limits = Limits { schedule_to_start: Some(0), ..NONE };
/// All four on one instant, if it starts at once.
const TIED: Limits = Limits {
    schedule_to_start: Some(2),
    schedule_to_close: Some(2),
    start_to_close: Some(2),
    heartbeat: Some(2),
};
/// In the third level of the wheel, and heartbeats that move the deadline until then.
const FAR: Limits = Limits { schedule_to_close: Some(70), heartbeat: Some(3), ..NONE };
/// Nothing is armed before the start, then in the second level.
const SILENT: Limits = Limits { heartbeat: Some(34), ..NONE };

/// What a host can do: commands, polls, and a restart, which takes no time.
struct Alphabet {
    name: &'static str,
    commands: Vec<(&'static str, Action<Whom>)>,
    command_times: &'static [When],
    polls: Vec<(&'static str, Action<Whom>)>,
}

const fn schedule(limits: Limits) -> Action<Whom> {
    Action::Schedule { activity: Whom::Next, limits }
}

/// A life from its scheduling to its end.
fn lives() -> Alphabet {
    let commands = vec![
        ("schedule at-once", schedule(AT_ONCE)),
        ("schedule tied", schedule(TIED)),
        ("schedule far", schedule(FAR)),
        ("schedule silent", schedule(SILENT)),
        ("start elder", Action::Start { activity: ELDER }),
        ("start younger", Action::Start { activity: YOUNGER }),
        ("beat elder with details", Action::Heartbeat { activity: ELDER, details: Some(1) }),
        ("beat elder", Action::Heartbeat { activity: ELDER, details: None }),
        ("beat younger", Action::Heartbeat { activity: YOUNGER, details: None }),
        ("request-cancel elder", Action::RequestCancel { activity: ELDER }),
        ("request-cancel younger", Action::RequestCancel { activity: YOUNGER }),
        ("complete elder", Action::Close { activity: ELDER, outcome: Outcome::Completed }),
        ("fail younger", Action::Close { activity: YOUNGER, outcome: Outcome::Failed }),
    ];
    let polls = vec![("drain", Action::Advance), ("poll for one", Action::AdvanceAtMost(1))];
    Alphabet { name: "lives", commands, command_times: &COMMAND_TIMES, polls }
}

/// Clocks that are stopped, moved and exchanged.
fn clocks() -> Alphabet {
    let commands = vec![
        ("schedule tied", schedule(TIED)),
        ("schedule far", schedule(FAR)),
        ("start elder", Action::Start { activity: ELDER }),
        ("start younger", Action::Start { activity: YOUNGER }),
        ("beat elder", Action::Heartbeat { activity: ELDER, details: None }),
        ("beat younger", Action::Heartbeat { activity: YOUNGER, details: None }),
        ("cancel elder", Action::Close { activity: ELDER, outcome: Outcome::Canceled }),
        ("suspend elder", Action::Suspend { activity: ELDER }),
        ("suspend younger", Action::Suspend { activity: YOUNGER }),
        ("resume elder", Action::Resume { activity: ELDER }),
        ("resume younger", Action::Resume { activity: YOUNGER }),
        ("update elder to tied", Action::UpdateTimeouts { activity: ELDER, limits: TIED }),
        ("update elder to silent", Action::UpdateTimeouts { activity: ELDER, limits: SILENT }),
        ("recover re-arming", Action::Recover { policy: Policy::Rearm, spread: 0 }),
        ("recover with a grace of 1", Action::Recover { policy: Policy::Grace(1), spread: 0 }),
        ("abandon younger", Action::Abandon { activity: YOUNGER }),
    ];
    let polls = vec![("drain", Action::Advance)];
    Alphabet { name: "clocks", commands, command_times: &COMMAND_TIMES, polls }
}

/// The least with which a timer stands elsewhere than where the activity alone would have it: armed for a deadline
/// that has moved, and anew after a restart.
fn beats() -> Alphabet {
    let commands = vec![
        ("schedule far", schedule(FAR)),
        ("start elder", Action::Start { activity: ELDER }),
        ("beat elder", Action::Heartbeat { activity: ELDER, details: None }),
    ];
    // At the earliest deadline a beat comes too late to move it.
    let command_times = &[When::Same, When::Later(1)];
    let polls = vec![("drain", Action::Advance)];
    Alphabet { name: "beats", commands, command_times, polls }
}

#[test]
fn every_sequence_of_a_life_agrees_with_the_model() {
    exhaust(&lives(), 5);
}

#[test]
fn every_sequence_that_moves_clocks_agrees_with_the_model() {
    exhaust(&clocks(), 4);
}

/// A test of the test: with and without merging, and elsewhere in time, the same states are reached by as many
/// sequences. States that differ in what follows them are not taken for one.
#[test]
fn merging_loses_no_state_and_counts_every_sequence() {
    for (alphabet, depth) in [(lives(), 2), (clocks(), 2), (beats(), 5)] {
        let here = Search { alphabet: &alphabet, start: 0 };
        let elsewhere = Search { alphabet: &alphabet, start: (1 << 63) - (1 << BITS) };
        let mut single = vec![State::FIRST];
        let (mut merged, mut moved) = (single.clone(), single.clone());
        for _ in 1..depth {
            single = here.successors(&single).map(|(_, state)| state).collect();
            merged = merge(here.successors(&merged)).into_values().collect();
            moved = merge(elsewhere.successors(&moved)).into_values().collect();
        }
        let count = |search: &Search<'_>, states: &[State]| -> Vec<(u128, u128)> {
            let next = merge(search.successors(states));
            next.into_iter().map(|(print, state)| (print, state.sequences)).collect()
        };
        let expected = count(&here, &single);
        assert!(merged.len() * 2 < single.len(), "too little is merged to tell");
        assert_eq!(count(&here, &merged), expected);
        assert_eq!(count(&elsewhere, &moved), expected);
    }
}

/// Goes through all sequences up to a length, and says how many they were.
fn exhaust(alphabet: &Alphabet, short: u64) {
    let depth = from_env("HEARTWHEEL_DEPTH", short);
    let search = Search { alphabet, start: 0 };
    let letters = alphabet.letters().len();
    say(format_args!("{}: {letters} letters: {}", alphabet.name, alphabet.describe()));
    let mut states = vec![State::FIRST];
    let mut visited = 0;
    for length in 1..=depth {
        let cases = states.len() * letters;
        let successors = search.successors(&states);
        let represented: u128 = if length < depth {
            states = merge(successors).into_values().collect();
            states.iter().map(|state| state.sequences).sum()
        } else {
            // Nothing follows, so nothing is kept.
            successors.map(|(_, state)| state.sequences).sum()
        };
        assert_eq!(represented, (letters as u128).pow(length as u32));
        visited += cases;
        say(format_args!(
            "{}: length {length}: {cases} cases visited, {represented} represented",
            alphabet.name
        ));
    }
    say(format_args!(
        "{}: {visited} cases visited, all sequences up to length {depth} represented, differences: 0",
        alphabet.name
    ));
}

/// The sequences of an alphabet, from some time on.
struct Search<'a> {
    alphabet: &'a Alphabet,
    start: u64,
}

/// The letters of one of the sequences that lead to a state, and how many there are.
#[derive(Clone)]
struct State {
    path: Vec<u8>,
    sequences: u128,
}

impl State {
    const FIRST: Self = Self { path: Vec::new(), sequences: 1 };
}

impl Alphabet {
    fn describe(&self) -> String {
        let names = |letters: &[(&'static str, Action<Whom>)]| {
            let names: Vec<&str> = letters.iter().map(|(name, _)| *name).collect();
            names.join(", ")
        };
        format!(
            "{} at {:?}; {} at {POLL_TIMES:?}; snapshot and restore",
            names(&self.commands),
            self.command_times,
            names(&self.polls)
        )
    }

    fn letters(&self) -> Vec<Step> {
        let at = |times: &[When], action: &Action<Whom>| -> Vec<Step> {
            times
                .iter()
                .map(|when| Step { when: *when, operation: Operation::Common(*action) })
                .collect()
        };
        let commands =
            self.commands.iter().flat_map(|(_, command)| at(self.command_times, command));
        let polls = self.polls.iter().flat_map(|(_, poll)| at(&POLL_TIMES, poll));
        commands.chain(polls).chain(at(&[When::Same], &Action::Snapshot)).collect()
    }
}

impl Search<'_> {
    /// What each letter makes of each state, compared with the model.
    fn successors<'a>(&'a self, states: &'a [State]) -> impl Iterator<Item = (Pair, State)> + 'a {
        let letters = self.alphabet.letters();
        let paths = states.iter().flat_map(move |state| {
            (0..letters.len() as u8).map(move |letter| {
                let path = state.path.iter().copied().chain([letter]).collect();
                State { path, sequences: state.sequences }
            })
        });
        let letters = self.alphabet.letters();
        paths.map(move |state| {
            let steps = state.path.iter().map(|letter| letters[usize::from(*letter)]);
            match self.run(steps.clone()) {
                Ok(pair) => (pair, state),
                Err(difference) => {
                    let steps = [self.first()].into_iter().chain(steps).collect();
                    let found = Scenario { setup: SETUP, steps };
                    panic!("{}{difference}", found.describe(SETUP.model()));
                }
            }
        })
    }

    fn run(&self, steps: impl Iterator<Item = Step>) -> Result<Pair, String> {
        let mut pair = Pair::new(&SETUP, SETUP.model());
        pair.run(self.first())?;
        for step in steps {
            pair.run(step)?;
        }
        pair.engine.check_invariants()?;
        Ok(pair)
    }

    const fn first(&self) -> Step {
        Step { when: When::At(self.start), operation: Operation::Common(Action::Advance) }
    }
}

/// One state for all that are alike.
fn merge(states: impl Iterator<Item = (Pair, State)>) -> BTreeMap<u128, State> {
    let mut merged = BTreeMap::new();
    for (pair, State { path, sequences }) in states {
        merged.entry(print(&pair)).or_insert(State { path, sequences: 0 }).sequences += sequences;
    }
    merged
}

/// All that answers depend on, in 128 bits: of 10^9 states two are taken for one with a chance below 10^-20.
fn print(pair: &Pair) -> u128 {
    let engine = pair.engine.image(BITS).expect("timers within the laps that BITS tells apart");
    let model = model_image(&pair.model);
    let half = |salt: u64| {
        let mut hasher = DefaultHasher::new();
        (salt, &engine, &model).hash(&mut hasher);
        hasher.finish()
    };
    u128::from(half(0)) << 64 | u128::from(half(1))
}

/// Each due where its clock stands.
const ZERO: Limits = Limits {
    schedule_to_start: Some(0),
    schedule_to_close: Some(0),
    start_to_close: Some(0),
    heartbeat: Some(0),
};

/// What the model knows of each activity, relative to the newest time: its story, its timeouts, and where each of its
/// clocks stands, which is when a timeout of zero would end it.
fn model_image(model: &Model) -> Vec<impl Hash> {
    let now = model.now();
    let mut probe = model.clone();
    for activity in model.open() {
        let number = activity.story().activity;
        // Refused if it is due: then only its end can follow, and its deadlines tell that as they are.
        let _ = probe.update_timeouts(now, number, ZERO);
        // Refused if it is not suspended.
        let _ = probe.resume(now, number);
    }
    let since = |instant: u64| instant.wrapping_sub(now);
    let image = |(activity, probed): (&Activity, &Activity)| {
        let (story, limits) = (activity.story(), activity.limits());
        (
            [
                Some(story.scheduled_at),
                story.started_at,
                story.last_heartbeat_at,
                story.cancel_requested_at,
                story.suspended_at,
            ]
            .map(|instant| instant.map(since)),
            probed.deadlines().map(|deadline| deadline.map(|(at, _)| since(at))),
            (story.heartbeats, story.details, story.recovered, story.suspended),
            [
                limits.schedule_to_start,
                limits.schedule_to_close,
                limits.start_to_close,
                limits.heartbeat,
            ],
        )
    };
    model.open().iter().zip(probe.open()).map(image).collect()
}
