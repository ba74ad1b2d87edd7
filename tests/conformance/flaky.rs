//! Subjects that do not do the same twice: what was seen of them is told.

use heartwheel::conformance::{
    check, Failure, Guarantee, Kind, Observation, Operation, Plan, Profile, Report, Subject,
};
use heartwheel::TimeoutType;

use crate::naive::{profile, Fault, Naive, MEANT};

/// Ends of a flaky phase to try, in resets: from before the first case to after all shortening.
const ENDS: core::ops::Range<u32> = 0..80;

/// Wrong at first, right later; and one reset may fail.
struct Flaky {
    right: Naive,
    wrong: Naive,
    resets: u32,
    wrong_until: u32,
    fails_at: Option<u32>,
    /// It told something wrong.
    departed: bool,
}

impl Flaky {
    fn new(wrong_until: u32, fails_at: Option<u32>) -> Self {
        let wrong = Naive::new(Some(Fault::Never(TimeoutType::ScheduleToClose)));
        let right = Naive::new(None);
        Self { right, wrong, resets: 0, wrong_until, fails_at, departed: false }
    }
}

impl Subject for Flaky {
    fn reset(&mut self) -> Result<(), Failure> {
        self.resets += 1;
        if Some(self.resets) == self.fails_at {
            return Err(Failure::new("once"));
        }
        self.right.reset()?;
        self.wrong.reset()
    }

    fn apply(&mut self, operation: &Operation) -> Result<Vec<Observation>, Failure> {
        let (right, wrong) = (self.right.apply(operation)?, self.wrong.apply(operation)?);
        if self.resets > self.wrong_until {
            return Ok(right);
        }
        self.departed |= right != wrong;
        Ok(wrong)
    }
}

fn without(guarantees: &[Guarantee]) -> Profile {
    profile().without_guarantees(guarantees.iter().copied())
}

fn look(subject: &mut impl Subject, profile: &Profile) -> Report {
    check(subject, profile, &Plan::new(crate::SEED).with_cases(10).with_departures(1))
}

#[test]
fn a_departure_that_was_seen_is_told_though_it_does_not_come_again() {
    for promised in [true, false] {
        let mut profile = without(&[Guarantee::Wakeups]);
        if !promised {
            profile.guarantees.remove(&Guarantee::Repeatable);
        }
        let mut unrepeatable = 0;
        for end in ENDS {
            let mut flaky = Flaky::new(end, None);
            let report = look(&mut flaky, &profile);
            assert_eq!(report.is_conformant(), !flaky.departed, "{end} resets: {report}");
            let kinds = report.departures.iter().map(|found| found.kind);
            unrepeatable += kinds.filter(|kind| *kind == Kind::Unrepeatable).count();
        }
        assert_eq!(unrepeatable > 0, promised, "{unrepeatable} are said to be unrepeatable");
    }
}

#[test]
fn a_reset_that_fails_ends_the_check_wherever_it_comes() {
    for at in ENDS {
        let mut flaky = Flaky::new(u32::MAX, Some(at));
        let report = look(&mut flaky, &without(&[Guarantee::Wakeups]));
        let failed = (1..=flaky.resets).contains(&at);
        assert_eq!(report.aborted.is_some(), failed, "reset {at} of {}: {report}", flaky.resets);
    }
}

/// Panics at a reset, after so many, or the first time that it does all at once; it never has a wake-up.
struct Panics {
    engine: Naive,
    resets_left: Option<u32>,
    all_at_once: bool,
}

impl Subject for Panics {
    fn reset(&mut self) -> Result<(), Failure> {
        self.resets_left = self.resets_left.map(|left| left.checked_sub(1).expect(MEANT));
        self.engine.reset()
    }

    fn apply(&mut self, operation: &Operation) -> Result<Vec<Observation>, Failure> {
        self.engine.apply(operation)
    }

    fn next_wakeup(&mut self) -> Result<Option<u64>, Failure> {
        Err(Failure::new("no alarm clock"))
    }

    fn apply_all(&mut self, operations: &[Operation]) -> Vec<Result<Vec<Observation>, Failure>> {
        assert!(!core::mem::take(&mut self.all_at_once), "{MEANT}");
        operations.iter().map(|operation| self.apply(operation)).collect()
    }
}

fn says(report: &Report, reason: &str) -> bool {
    let told = report.departures.iter().flat_map(|found| &found.got);
    let mut told = told.filter(|told| matches!(told, Observation::Other(_)));
    told.any(|told| format!("{told:?}").contains(reason))
}

#[test]
fn a_panic_of_a_reset_ends_the_check_and_is_told() {
    for resets in 0..3 {
        let mut panics =
            Panics { engine: Naive::new(None), resets_left: Some(resets), all_at_once: false };
        let report = look(&mut panics, &without(&[Guarantee::Wakeups]));
        let aborted = report.aborted.expect("it panicked").to_string();
        assert!(aborted.contains("panic") && aborted.contains(MEANT), "{aborted}");
    }
}

#[test]
fn a_panic_that_does_not_come_again_one_by_one_is_told() {
    for profile in
        [without(&[Guarantee::Wakeups]), without(&[Guarantee::Wakeups, Guarantee::Repeatable])]
    {
        let mut panics = Panics { engine: Naive::new(None), resets_left: None, all_at_once: true };
        let report = look(&mut panics, &profile);
        assert!(says(&report, MEANT), "{report}");
    }
}

#[test]
fn a_wake_up_that_fails_is_told_with_its_reason() {
    let mut panics = Panics { engine: Naive::new(None), resets_left: None, all_at_once: false };
    let report = look(&mut panics, &profile());
    assert!(says(&report, "no alarm clock"), "{report}");
}
