//! The conformance kit: this crate's engine passes it, a right engine of another make too, and a wrong one is
//! convicted with a short trace and the sentence that it breaks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

extern crate alloc;

#[path = "conformance/arguments.rs"]
mod arguments;
#[path = "conformance/flaky.rs"]
mod flaky;
#[path = "conformance/naive.rs"]
mod naive;
#[path = "support/runs.rs"]
#[allow(dead_code, reason = "the figures of longer runs")]
mod runs;

use alloc::collections::BTreeSet;
use core::time::Duration;

use heartwheel::conformance::generate::case;
use heartwheel::conformance::invariants::{self, Exchange};
use heartwheel::conformance::{
    check, lines, About, Action, Command, Departure, Evidence, Failure, Guarantee, Heartwheel,
    Kind, Limits, Observation, Operation, Plan, Policy, Profile, Sentence, Standing, Subject,
    TimedOut, Told,
};
use heartwheel::{Config, Geometry, TimeoutType};
use proptest::prelude::*;

use naive::{profile, Fault, Naive};
use runs::say;

const SEED: u64 = 0x6b69_7421;

/// Without the feature `serde` there are no snapshots.
fn full() -> Profile {
    let without = if cfg!(feature = "serde") { None } else { Some(Command::Snapshot) };
    Profile::full().without_commands(without)
}

#[test]
fn this_engine_keeps_every_promise() {
    let mut engine = Heartwheel::new(Config::DEFAULT);
    let report = check(&mut engine, &full(), &Plan::new(SEED).with_cases(4_000));
    say(format_args!("{report}"));
    assert!(report.is_conformant(), "{report}");
    assert!(report.operations >= 100_000, "{}", report.operations);
    for verdict in &report.verdicts {
        let expected = match verdict.sentence {
            // Neither is in that configuration, and cost is nothing that an observation shows.
            Sentence::CAPACITY | Sentence::JUMPS | Sentence::COST => Standing::NotClaimed,
            Sentence::SNAPSHOTS if !cfg!(feature = "serde") => Standing::NotClaimed,
            _ => Standing::Held,
        };
        assert_eq!(verdict.standing, expected, "{}", verdict.sentence);
    }
}

#[test]
fn this_engine_keeps_its_promises_with_bounds_and_a_guard() {
    let config = Config::DEFAULT
        .with_geometry(Geometry::TINY)
        .with_max_open(3)
        .with_max_jump(Some(Duration::from_millis(500)));
    let profile = full().with_max_open(3).with_max_jump(Some(500));
    let mut engine = Heartwheel::new(config);
    let report = check(&mut engine, &profile, &Plan::new(SEED).with_cases(1_000));
    assert!(report.is_conformant(), "{report}");
    for sentence in [Sentence::CAPACITY, Sentence::JUMPS] {
        let verdict = report.verdict(sentence).unwrap();
        assert!(verdict.standing == Standing::Held && verdict.checked >= 100, "{verdict}");
    }
}

#[test]
fn a_right_engine_of_another_make_passes() {
    let report = check(&mut Naive::new(None), &profile(), &Plan::new(SEED).with_cases(2_000));
    assert!(report.is_conformant(), "{report}");
}

/// What must be among the departures of a faulty engine, and how long its trace may be.
type Conviction = (Fault, Sentence, About, Kind, usize);

const CONVICTIONS: [Conviction; 26] = {
    use Fault as F;
    use Sentence as S;
    use TimeoutType::{Heartbeat, ScheduleToClose, ScheduleToStart, StartToClose};
    const BEAT: About = About::Action("RecordActivityTaskHeartbeat");
    const START: About = About::Action("StartActivityTask");
    const CANCEL: About = About::Action("RequestCancelActivityTask");
    const COMPLETE: About = About::Action("RespondActivityTaskCompleted");
    const ADVANCE: About = About::Action("Advance");
    const fn of(timeout_type: TimeoutType) -> About {
        About::Timeout(timeout_type)
    }
    [
        (F::Never(StartToClose), S::TIMEOUTS, of(StartToClose), Kind::Never, 3),
        (F::Never(ScheduleToStart), S::TIMEOUTS, of(ScheduleToStart), Kind::Never, 2),
        (F::Never(ScheduleToClose), S::TIMEOUTS, of(ScheduleToClose), Kind::Never, 2),
        (F::Never(Heartbeat), S::TIMEOUTS, of(Heartbeat), Kind::Never, 3),
        (F::NeitherStart, S::TIMEOUTS, of(StartToClose), Kind::Never, 3),
        (F::NeitherStart, S::TIMEOUTS, of(ScheduleToStart), Kind::Never, 2),
        (F::DueTooLate, S::INSTANT, of(ScheduleToStart), Kind::Late, 2),
        (F::DueTooEarly, S::INSTANT, of(Heartbeat), Kind::Early, 3),
        (F::StartToCloseFromScheduling, S::TIMEOUTS, of(StartToClose), Kind::Early, 3),
        (F::BeatsDoNotCount, S::TIMEOUTS, of(Heartbeat), Kind::Early, 4),
        (F::LateCallsAccepted, S::SETTLING, BEAT, Kind::Accepted, 3),
        (F::ClosedTwice, S::ONE_CLOSE, COMPLETE, Kind::Accepted, 4),
        (F::TimesOutTwice, S::ONE_CLOSE, of(Heartbeat), Kind::AfterClose, 5),
        (F::MissingDetailsClear, S::EVIDENCE, of(Heartbeat), Kind::WrongEvidence(Told::Details), 5),
        (
            F::RefusedDetailsCount,
            S::REFUSALS,
            of(ScheduleToStart),
            Kind::WrongEvidence(Told::Details),
            3,
        ),
        (F::HeartbeatFirst, S::ORDER, of(StartToClose), Kind::WrongType(Heartbeat), 3),
        (F::AnyOrder, S::ORDER, ADVANCE, Kind::OutOfOrder, 5),
        (F::CancelStopsClocks, S::CANCELLATION, of(StartToClose), Kind::Never, 4),
        (F::CancelUntold, S::CANCELLATION, BEAT, Kind::WrongAnswer, 4),
        (F::UnstartedRunsOn, S::CANCELLATION, CANCEL, Kind::WrongAnswer, 2),
        (F::OlderInstantsCount, S::TIMELINE, of(ScheduleToStart), Kind::Late, 4),
        (F::Overflows, S::NO_PANIC, of(ScheduleToStart), Kind::NoAnswer, 1),
        (F::WakesLate, S::WAKEUPS, About::Wakeup, Kind::WakeupLate, 1),
        (F::WakesForNothing, S::WAKEUPS, About::Wakeup, Kind::WakeupForNothing, 1),
        (F::WakesAgain, S::WAKEUPS, About::Wakeup, Kind::WakeupPassed, 3),
        (F::StartedTwice, S::REFUSALS, START, Kind::Accepted, 3),
    ]
};

#[test]
fn wrong_engines_are_convicted_by_short_traces_of_the_right_sentence() {
    // The panics of one of them are meant; all others are told as ever.
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic
            .payload()
            .downcast_ref::<String>()
            .map_or(true, |what| !what.contains(naive::MEANT))
        {
            tell(panic);
        }
    }));
    let mut failures = Vec::new();
    for (fault, sentence, about, kind, length) in CONVICTIONS {
        let mut wrong = Naive::new(Some(fault));
        let report = check(&mut wrong, &profile(), &Plan::new(SEED).with_cases(2_000));
        let is_it = |found: &&Departure| {
            // A panic is told of the operation at which it happens to come.
            let about = kind == Kind::NoAnswer || found.about == about;
            found.sentence == sentence && about && found.kind == kind
        };
        match report.departures.iter().find(is_it) {
            Some(found) if found.trace.len() <= length => {}
            Some(found) => failures.push(format!("{fault:?}: more than {length} lines\n{found}")),
            None => failures.push(format!("{fault:?}: not convicted of {sentence}\n{report}")),
        }
        let stands = report.verdict(sentence).unwrap().standing;
        if stands != Standing::Broken {
            failures.push(format!("{fault:?}: {sentence} is {stands:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What is told wrongly again and again is looked at no more; that nothing else was seen then acquits of nothing.
#[test]
fn a_sentence_of_which_a_part_was_no_longer_looked_at_is_undecided() {
    let mut wrong = Naive::new(Some(Fault::RefusedDetailsCount));
    let report = check(&mut wrong, &profile(), &Plan::new(SEED).with_cases(2_000));
    let stands = |sentence| report.verdict(sentence).unwrap().standing;
    assert_eq!(stands(Sentence::REFUSALS), Standing::Broken, "{report}");
    assert_eq!(stands(Sentence::EVIDENCE), Standing::Undecided, "{report}");
}

/// The shortest of them needs one line alone, and shows most often.
#[test]
fn one_command_that_breaks_three_sentences_is_convicted_of_all_three() {
    let mut wrong = Naive::new(Some(Fault::AnyBeatAccepted));
    let report = check(&mut wrong, &profile(), &Plan::new(SEED).with_cases(500));
    for sentence in [Sentence::SETTLING, Sentence::ONE_CLOSE, Sentence::REFUSALS] {
        let stands = report.verdict(sentence).unwrap().standing;
        assert_eq!(stands, Standing::Broken, "{sentence}\n{report}");
    }
}

#[test]
fn a_timeout_of_another_type_is_a_matter_of_order_only_where_deadlines_coincide() {
    let mut wrong = Naive::new(Some(Fault::HeartbeatToldInstead));
    let report = check(&mut wrong, &profile(), &Plan::new(SEED).with_cases(2_000));
    for sentence in [Sentence::TIMEOUTS, Sentence::ORDER] {
        let stands = report.verdict(sentence).unwrap().standing;
        assert_eq!(stands, Standing::Broken, "{sentence}\n{report}");
    }
}

/// Shortened, the cases of which a cancel request is a part end as the one that needs none.
#[test]
fn what_looks_like_another_departure_and_is_more_than_that_is_not_held() {
    let mut wrong = Naive::new(Some(Fault::StartToCloseLost));
    for seed in 0..5 {
        let report =
            check(&mut wrong, &profile(), &Plan::new(seed).with_cases(500).with_departures(20));
        let stands = |sentence| report.verdict(sentence).unwrap().standing;
        assert_eq!(stands(Sentence::TIMEOUTS), Standing::Broken, "{report}");
        let cancellation = stands(Sentence::CANCELLATION);
        assert!(matches!(cancellation, Standing::Broken | Standing::Undecided), "{report}");
        // And what has nothing to do with it is.
        assert_eq!(stands(Sentence::EVIDENCE), Standing::HeldAsClaimed, "{report}");
    }
}

/// A subject whose observations are told otherwise.
struct Retelling<S>(S, fn(&Operation, Vec<Observation>) -> Vec<Observation>);

impl<S: Subject> Subject for Retelling<S> {
    fn reset(&mut self) -> Result<(), Failure> {
        self.0.reset()
    }

    fn apply(&mut self, operation: &Operation) -> Result<Vec<Observation>, Failure> {
        Ok((self.1)(operation, self.0.apply(operation)?))
    }

    fn next_wakeup(&mut self) -> Result<Option<u64>, Failure> {
        self.0.next_wakeup()
    }
}

/// With details that are no string of digits.
fn garble(operation: &Operation, told: Vec<Observation>) -> Vec<Observation> {
    let tell = |told: Observation| {
        if told.timed_out().is_none() {
            return told;
        }
        let line = lines::write_observation(&told, operation, 0);
        let line = line.replace(",\"scheduledAt\"", ",\"details\":7,\"scheduledAt\"");
        lines::read_observation(&line).unwrap().observation.unwrap()
    };
    told.into_iter().map(tell).collect()
}

#[test]
fn evidence_that_cannot_be_read_is_wrong_where_it_is_claimed_and_a_timeout_all_the_same() {
    let plan = Plan::new(SEED).with_cases(100);
    let mut garbling = Retelling(Naive::new(None), garble);
    let report = check(&mut garbling, &profile(), &plan);
    assert!(!report.departures.is_empty());
    for found in &report.departures {
        assert_eq!(found.kind, Kind::WrongEvidence(Told::Details), "{report}");
        assert!(found.got_lines().any(|line| line.contains("\"details\":7,")), "{report}");
    }
    let report = check(&mut garbling, &profile().without_evidence([Told::Details]), &plan);
    assert!(report.is_conformant(), "{report}");
}

#[test]
fn what_is_unreadable_in_a_line_is_kept_word_for_word() {
    let line = "{\"at\":\"noon\",\"event\":\"ActivityTaskTimedOut\",\"activityId\":\"a0\",\
        \"timeoutType\":\"HEARTBEAT\",\"details\":[7],\"scheduledAt\":-1,\"startedAt\":{},\
        \"lastHeartbeatAt\":1e3,\"heartbeats\":0.5,\"cancelRequestedAt\":true,\"recovered\":-1,\
        \"suspendedSeconds\":\"\",\"observedAt\":0.0001}";
    let read = lines::read_observation(line).unwrap();
    assert_eq!((read.at, read.activity), (None, Some(0)));
    let told = read.observation.unwrap();
    assert_eq!(told.timed_out().unwrap().evidence.unreadable.len(), 10);
    let advance = Operation { at: 0, action: Action::Advance };
    assert_eq!(lines::write_observation(&told, &advance, 0), line);
}

/// What was due, in words that mean nothing here.
fn mumble(_: &Operation, told: Vec<Observation>) -> Vec<Observation> {
    let mumble = |told: Observation| match told.timed_out() {
        Some(_) => Observation::Other("something timed out".to_owned()),
        None => told,
    };
    told.into_iter().map(mumble).collect()
}

#[test]
fn a_timeout_in_other_words_is_no_timeout_that_never_fires() {
    let plan = Plan::new(SEED).with_cases(100);
    let report = check(&mut Retelling(Naive::new(None), mumble), &profile(), &plan);
    let kinds: BTreeSet<Kind> = report.departures.iter().map(|found| found.kind).collect();
    assert_eq!(kinds, BTreeSet::from([Kind::WrongAnswer]), "{report}");
    assert_eq!(report.verdict(Sentence::TIMEOUTS).unwrap().standing, Standing::Broken, "{report}");
}

/// A refusal after what was due, in words of its own.
fn complain(_: &Operation, mut told: Vec<Observation>) -> Vec<Observation> {
    let is_late = told.iter().any(|told| told.timed_out().is_some());
    if let (Some(last @ Observation::Refused(_)), true) = (told.last_mut(), is_late) {
        *last = Observation::Other("this should not happen".to_owned());
    }
    told
}

#[test]
fn an_answer_in_other_words_is_not_held_against_a_timeout_told_before_it() {
    let plan = Plan::new(SEED).with_cases(500);
    let mut complaining = Retelling(Drained(Naive::new(None)), complain);
    let report = check(&mut complaining, &Profile::swf(), &plan);
    let kinds: BTreeSet<Kind> = report.departures.iter().map(|found| found.kind).collect();
    assert_eq!(kinds, BTreeSet::from([Kind::WrongAnswer]), "{report}");
    assert_eq!(report.verdict(Sentence::TIMEOUTS).unwrap().standing, Standing::Held, "{report}");
}

#[test]
fn an_engine_that_remembers_what_it_should_forget_is_convicted_of_sentence_1() {
    let mut wrong = Naive::new(Some(Fault::Remembers));
    let report = check(&mut wrong, &profile(), &Plan::new(SEED).with_cases(500));
    let found = report.departures.iter().find(|found| found.kind == Kind::Unrepeatable);
    assert_eq!(found.map(|found| found.sentence), Some(Sentence::REPEATABLE), "{report}");
}

#[test]
fn what_a_profile_does_not_claim_is_not_held_against_an_engine() {
    let no_wakeups = profile().without_guarantees([Guarantee::Wakeups]);
    let no_order = profile().without_guarantees([
        Guarantee::OrderOfDeadlines,
        Guarantee::OrderOfScheduling,
        Guarantee::OrderOfTimeouts,
    ]);
    let clears = profile().with_missing_details(heartwheel::MissingDetails::Clear);
    let after = profile().with_due(heartwheel::conformance::Due::AfterDeadline);
    let accepts = profile().with_late_calls(heartwheel::conformance::LateCalls::Accepted);
    let silent = profile().without_evidence([Told::Details]);
    let without = |timeout_type| {
        let mut fewer = profile();
        fewer.timeouts.remove(&timeout_type);
        fewer
    };
    for (fault, profile) in [
        (Fault::WakesLate, no_wakeups),
        (Fault::AnyOrder, no_order.clone()),
        (Fault::HeartbeatFirst, no_order),
        (Fault::MissingDetailsClear, clears),
        (Fault::DueTooLate, after),
        (Fault::LateCallsAccepted, accepts),
        (Fault::RefusedDetailsCount, silent),
        (Fault::Never(TimeoutType::Heartbeat), without(TimeoutType::Heartbeat)),
        (Fault::OlderInstantsCount, profile().without_guarantees([Guarantee::OlderInstants])),
        (Fault::Overflows, profile().with_times_up_to(1 << 40)),
    ] {
        let mut lenient = Naive::new(Some(fault));
        let report = check(&mut lenient, &profile, &Plan::new(SEED).with_cases(500));
        assert!(report.is_conformant(), "{fault:?}\n{report}");
    }
}

#[test]
fn a_sentence_of_which_less_is_claimed_is_held_as_claimed() {
    use heartwheel::conformance::{Due, HeartbeatStart};
    let fewer = full().with_timeouts([TimeoutType::ScheduleToClose]);
    let schedule = full().with_heartbeat_start(HeartbeatStart::Schedule);
    let naive = |profile: Profile, fault| {
        check(&mut Naive::new(fault), &profile, &Plan::new(SEED).with_cases(300))
    };
    let engine = |profile: Profile| {
        let plan = Plan::new(SEED).with_cases(300);
        check(&mut Heartwheel::new(Config::DEFAULT), &profile, &plan)
    };
    let after = profile().with_due(Due::AfterDeadline);
    for (report, sentence, standing) in [
        (engine(full()), Sentence::TIMEOUTS, Standing::Held),
        (engine(fewer.clone()), Sentence::TIMEOUTS, Standing::HeldAsClaimed),
        (engine(fewer), Sentence::SETTLING, Standing::Held),
        // This engine counts from the start.
        (engine(schedule), Sentence::TIMEOUTS, Standing::Broken),
        (
            engine(full().without_evidence([Told::Details])),
            Sentence::EVIDENCE,
            Standing::HeldAsClaimed,
        ),
        (
            engine(
                full().without_guarantees([Guarantee::OrderOfScheduling, Guarantee::OlderInstants]),
            ),
            Sentence::ORDER,
            Standing::HeldAsClaimed,
        ),
        (naive(after, Some(Fault::DueTooLate)), Sentence::INSTANT, Standing::HeldAsClaimed),
        (naive(profile(), None), Sentence::REFUSALS, Standing::HeldAsClaimed),
        (naive(profile(), None), Sentence::EVIDENCE, Standing::HeldAsClaimed),
        (naive(profile(), None), Sentence::INSTANT, Standing::Held),
    ] {
        let verdict = report.verdict(sentence).unwrap();
        assert_eq!(verdict.standing, standing, "{sentence}\n{report}");
        let is_told = verdict.to_string().contains("held as claimed");
        assert_eq!(is_told, standing == Standing::HeldAsClaimed, "{verdict}");
    }
}

#[test]
fn a_trace_reproduces_its_departure_and_comes_back_from_its_lines() {
    use heartwheel::conformance::lines::read_operation;
    let mut wrong = Naive::new(Some(Fault::BeatsDoNotCount));
    let report = check(&mut wrong, &profile(), &Plan::new(SEED));
    let found = report.departures.first().unwrap();
    let read: Vec<_> = found.lines().map(|line| read_operation(&line).unwrap()).collect();
    assert_eq!(read, found.trace);
    wrong.reset().unwrap();
    let got = found.trace.iter().map(|operation| wrong.apply(operation).unwrap()).last();
    assert_eq!(got.as_ref(), Some(&found.got));
}

#[test]
fn the_sentences_in_short_are_those_of_the_readme() {
    let readme = include_str!("../README.md");
    let list = readme.split("## The contract").nth(1).unwrap();
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let list = words(list);
    for sentence in Sentence::all() {
        let entry = format!("{}. {}", sentence.number(), words(sentence.short()));
        assert!(list.contains(&entry), "{entry}");
    }
}

/// What an engine tells of a case, as a log of it.
fn history(subject: &mut impl Subject, operations: &[Operation]) -> Vec<Exchange> {
    subject.reset().unwrap();
    let exchange = |operation: &Operation| Exchange {
        operation: *operation,
        told: subject.apply(operation).unwrap(),
        wakeup: Some(subject.next_wakeup().unwrap()),
    };
    operations.iter().map(exchange).collect()
}

#[test]
fn a_history_of_this_engine_keeps_every_law() {
    let mut engine = Heartwheel::new(Config::DEFAULT);
    for seed in 0..2_000 {
        let history = history(&mut engine, &case(&full(), seed));
        invariants::check_all(&history).unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
    }
}

#[test]
fn laws_are_broken_by_faulty_engines() {
    for (law, fault) in [
        ("never_early", Fault::DueTooEarly),
        ("one_close", Fault::TimesOutTwice),
        ("in_order", Fault::AnyOrder),
        ("last_details", Fault::RefusedDetailsCount),
        // It tells neither when anything was scheduled nor when it was observed.
        ("true_evidence", Fault::WakesLate),
        ("wakeups_lead", Fault::WakesLate),
    ] {
        let (_, broken) = invariants::ALL.iter().find(|(name, _)| *name == law).unwrap();
        let mut wrong = Naive::new(Some(fault));
        let mut cases = (0..2_000).map(|seed| case(&profile(), seed));
        let convicted = cases.any(|case| broken(&history(&mut wrong, &case)).is_err());
        assert!(convicted, "{law}");
    }
}

/// Every timeout looks back at the wake-ups since its activity was scheduled: all of them, here.
#[test]
fn a_long_history_is_judged_by_its_wakeups_without_going_through_it_for_each_timeout() {
    const ACTIVITIES: u32 = 100_000;
    let mut history = Vec::new();
    let mut exchange = |at, action, told, wakeup| {
        history.push(Exchange { operation: Operation { at, action }, told, wakeup: Some(wakeup) });
    };
    for activity in 0..ACTIVITIES {
        let limits = Limits::default();
        let action = Action::Schedule { activity, limits };
        exchange(0, action, vec![Observation::Scheduled], Some(1));
    }
    for activity in 0..ACTIVITIES {
        let deadline = u64::from(activity) + 1;
        let mut evidence = Evidence::default();
        evidence.deadline = deadline;
        let timeout_type = TimeoutType::ScheduleToClose;
        let timed_out = Observation::TimedOut(TimedOut { activity, timeout_type, evidence });
        let wakeup = (activity + 1 < ACTIVITIES).then_some(deadline + 1);
        exchange(deadline, Action::Advance, vec![timed_out], wakeup);
    }
    assert_eq!(invariants::wakeups_lead(&history), Ok(()));
    // One that is late for the last, told before all timeouts; and none that is told in the middle of them.
    let (first, middle) = (ACTIVITIES as usize, ACTIVITIES as usize * 3 / 2);
    for (place, wakeup) in [(first, Some(u64::from(ACTIVITIES) + 1)), (middle, None)] {
        let told = history[place].wakeup.replace(wakeup);
        let broken = invariants::wakeups_lead(&history).unwrap_err();
        assert_eq!((broken.place, broken.sentence), (place, Sentence::WAKEUPS));
        history[place].wakeup = told;
    }
}

/// The same as it is said: each timeout with each wake-up before it, back to what may have moved it.
fn wakeups_lead_as_it_is_said(history: &[Exchange]) -> Option<usize> {
    let mut now = 0;
    for (place, exchange) in history.iter().enumerate() {
        now = now.max(exchange.operation.at);
        let is_full = exchange.operation.action == Action::Advance;
        if is_full && matches!(exchange.wakeup, Some(Some(at)) if at <= now) {
            return Some(place);
        }
        for timed_out in exchange.told.iter().filter_map(Observation::timed_out) {
            for (earlier, before) in history[..place].iter().enumerate().rev() {
                let deadline = timed_out.evidence.deadline;
                if before.wakeup.is_some_and(|wakeup| wakeup.map_or(true, |at| at > deadline)) {
                    return Some(earlier);
                }
                let action = before.operation.action;
                if action.activity() == Some(timed_out.activity)
                    || matches!(action, Action::Recover { .. })
                {
                    break;
                }
            }
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn wakeups_are_judged_as_it_is_said(
        drawn in prop::collection::vec((0_u64..4, 0_u32..4, 0_u8..4, 1_u64..40), 1..40)
    ) {
        let mut at = 0;
        let exchanges = drawn.into_iter().map(|(step, activity, kind, value)| {
            at += step;
            let (action, told) = match kind {
                0 => (Action::Start { activity }, vec![Observation::Started]),
                1 => (Action::Recover { policy: Policy::Rearm, spread: 0 }, vec![Observation::Recovered]),
                _ => {
                    let mut evidence = Evidence::default();
                    evidence.deadline = at;
                    let timeout_type = TimeoutType::Heartbeat;
                    let timed_out = TimedOut { activity, timeout_type, evidence };
                    (Action::Advance, vec![Observation::TimedOut(timed_out)])
                }
            };
            let wakeup = match value % 8 {
                0 => None,
                1 => Some(None),
                _ => Some(Some(at + value)),
            };
            Exchange { operation: Operation { at, action }, told, wakeup }
        });
        let history: Vec<Exchange> = exchanges.collect();
        let judged = invariants::wakeups_lead(&history).err().map(|broken| broken.place);
        prop_assert_eq!(judged, wakeups_lead_as_it_is_said(&history));
    }
}

#[test]
fn a_timeout_that_the_activity_does_not_have_breaks_a_law() {
    let schedule = Action::Schedule { activity: 0, limits: Limits::default() };
    let timed_out = TimedOut {
        activity: 0,
        timeout_type: TimeoutType::ScheduleToClose,
        evidence: Evidence::default(),
    };
    let exchange =
        |action, told| Exchange { operation: Operation { at: 0, action }, told, wakeup: None };
    let history = [
        exchange(schedule, vec![Observation::Scheduled]),
        exchange(Action::Advance, vec![Observation::TimedOut(timed_out)]),
    ];
    let broken = invariants::only_configured(&history).unwrap_err();
    assert_eq!((broken.place, broken.sentence), (1, Sentence::TIMEOUTS));
    assert_eq!(invariants::check_all(&history), Err(broken));
}

#[test]
fn presets_are_kept_by_engines_that_are_as_they_say() {
    // SWF drains before each command; the two others accept late calls, clear details and know no zero.
    let temporal = Profile::resembles_temporal();
    let cadence = Profile::resembles_cadence();
    for profile in [temporal, cadence] {
        for (fault, is_kept) in [(Fault::LateCallsAccepted, false), (Fault::LikeTemporal, true)] {
            let report = check(&mut Naive::new(Some(fault)), &profile, &Plan::new(SEED));
            assert_eq!(report.is_conformant(), is_kept, "{report}");
        }
    }
    let swf = Profile::swf();
    let report = check(&mut Drained(Naive::new(None)), &swf, &Plan::new(SEED));
    assert!(report.is_conformant(), "{report}");
    let report = check(&mut Naive::new(None), &swf, &Plan::new(SEED));
    assert!(!report.is_conformant(), "one that does not drain is none");
}

/// Delivers what is due before each command.
struct Drained(Naive);

impl Subject for Drained {
    fn reset(&mut self) -> Result<(), Failure> {
        self.0.reset()
    }

    fn apply(&mut self, operation: &Operation) -> Result<Vec<Observation>, Failure> {
        let mut told = self.0.apply(&Operation { action: Action::Advance, ..*operation })?;
        if operation.action != Action::Advance {
            told.extend(self.0.apply(operation)?);
        }
        Ok(told)
    }
}
