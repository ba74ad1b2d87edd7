//! Checks a subject against the model, case by case, and shortens what it finds.

mod apparent;
mod attribute;
mod departure;
mod plan;
mod run;
mod shrink;
mod tally;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use std::collections::HashMap;

pub use departure::{About, Kind};
pub use plan::{Plan, Progress};

use super::generate::{case, case_seed};
use super::profile::{Guarantee, Profile};
use super::report::{Departure, Report, Standing, Verdict};
use super::{Action, Failure, Observation, Operation, Sentence, Subject};
pub(super) use departure::Signature as Look;
use departure::Signature;
use run::{answers, compare, compare_and_follow, Difference};
use shrink::{slower, Shrinking};
use tally::{claims, claims_all, is_muted, Tally};

/// Every so many cases one is done twice, to see whether the answers are the same.
const REPEAT_EVERY: u64 = 16;

/// Departures that look alike before their cases are shortened may turn out to be different ones: so many cases
/// of one look are shortened.
const SHRINKS_OF_ONE_LOOK: u32 = 6;

/// Candidates of so many operations are remembered; longer ones hardly come back, and take room.
const REMEMBERED_LENGTH: usize = 8;

/// Checks a subject: runs the cases of the plan on it and on the model, shortens each difference to a minimal
/// trace, names the sentence of the contract that it breaks, and goes on to find others.
///
/// A panic of the subject is a difference too. The panic hook prints each as ever; a program that does not want
/// that sets its own hook.
pub fn check<S: Subject + ?Sized>(subject: &mut S, profile: &Profile, plan: &Plan) -> Report {
    check_with(subject, profile, plan, |_| {})
}

/// The same, and tells how far it has come after each case.
pub fn check_with<S: Subject + ?Sized>(
    subject: &mut S,
    profile: &Profile,
    plan: &Plan,
    mut progress: impl FnMut(&Progress),
) -> Report {
    let mut check = Check {
        subject,
        profile,
        judged: profile.clone(),
        plan,
        tally: Tally::default(),
        looks: BTreeMap::new(),
        tried: HashMap::new(),
        departures: Vec::new(),
        apparent: BTreeSet::new(),
        done: Progress { cases: 0, operations: 0, departures: 0 },
    };
    let mut aborted = None;
    while check.done.cases < plan.cases && check.departures.len() < plan.departures.max(1) {
        if let Err(failure) = check.case() {
            aborted = Some(failure);
            break;
        }
        progress(&check.done);
    }
    check.report(aborted)
}

/// A check under way.
struct Check<'a, S: ?Sized> {
    subject: &'a mut S,
    profile: &'a Profile,
    /// The profile without what was found wrong often enough.
    judged: Profile,
    plan: &'a Plan,
    tally: Tally,
    /// How many cases were shortened by what their difference looked like.
    looks: BTreeMap<Signature, u32>,
    /// Whether a candidate departs: short ones come back in every round, and in the next shortening of that look. A
    /// subject behind a pipe is slow enough to be spared that.
    tried: HashMap<(Signature, Vec<Operation>), bool>,
    departures: Vec<Departure>,
    /// The sentences that some case seemed to break, whether its shortened form does or not.
    apparent: BTreeSet<Sentence>,
    done: Progress,
}

impl<S: Subject + ?Sized> Check<'_, S> {
    /// The next case. An error is one of `reset`.
    fn case(&mut self) -> Result<(), Failure> {
        let seed = case_seed(self.plan.seed, self.done.cases);
        let mut operations = case(self.profile, seed);
        let tally = &mut self.tally;
        let found = compare_and_follow(self.subject, &self.judged, &mut operations, tally)?;
        let nothing = found.is_nothing();
        for difference in [found.wakeup, found.behaviour].into_iter().flatten() {
            self.found(&operations, &difference, seed)?;
        }
        if nothing
            && self.profile.promises(Guarantee::Repeatable)
            && self.done.cases % REPEAT_EVERY == 0
        {
            self.repeat(&operations, seed)?;
        }
        self.done.cases += 1;
        self.done.operations += operations.len() as u64;
        self.done.departures = self.departures.len();
        Ok(())
    }

    fn found(
        &mut self,
        operations: &[Operation],
        difference: &Difference,
        seed: u64,
    ) -> Result<(), Failure> {
        let look = difference.signature;
        self.notice(&operations[..=difference.place], difference)?;
        let shrinks = self.looks.entry(look).or_insert(0);
        *shrinks += 1;
        if *shrinks > SHRINKS_OF_ONE_LOOK {
            self.mute(look);
            // Counted with the first of its look.
            let alike = |departure: &&mut Departure| departure.look == look;
            if let Some(departure) = self.departures.iter_mut().find(alike) {
                departure.cases += 1;
            }
            return Ok(());
        }
        let raw = operations[..=difference.place].to_vec();
        let (profile, tried) = (&self.judged, &mut self.tried);
        let mut trial = Trial { subject: &mut *self.subject, profile, look, failed: None };
        let mut departs = |candidate: &[Operation]| {
            if trial.failed.is_some() || candidate.len() > REMEMBERED_LENGTH {
                return trial.departs(candidate);
            }
            *tried.entry((look, candidate.to_vec())).or_insert_with(|| trial.departs(candidate))
        };
        if !departs(&raw) {
            if let Some(failure) = trial.failed {
                return Err(failure);
            }
            self.note_once(&raw, difference, seed);
            return Ok(());
        }
        let budget = self.plan.shrink_runs;
        let mut trace = Shrinking::new(profile, raw.clone(), &mut departs, budget).shrink();
        if let Some(failure) = trial.failed {
            return Err(failure);
        }
        let mut signature = look;
        if let Some(slowed) = slower(profile, &trace) {
            let holds = self
                .difference(&slowed, look)?
                .is_some_and(|found| found.place + 1 == slowed.len());
            if look.kind == Kind::Early {
                // What is off by one is that at any speed; a deadline that is elsewhere moves with the rest.
                signature.at_edge &= !holds;
            }
            if holds && !trace.iter().all(in_whole_seconds) {
                trace = slowed;
            }
        }
        let Some(shown) = self.difference(&trace, look)? else {
            self.note_once(&raw, difference, seed);
            return Ok(());
        };
        if signature.kind == Kind::Never && self.comes_later(&trace, &shown)? {
            signature.kind = Kind::Late;
        }
        self.note(&trace, &shown, signature, seed);
        Ok(())
    }

    /// Notices which sentences a case seems to break: they are not held then, whatever becomes of the case.
    fn notice(&mut self, case: &[Operation], difference: &Difference) -> Result<(), Failure> {
        let look = difference.signature;
        if let Kind::WakeupLate | Kind::WakeupForNothing | Kind::WakeupPassed | Kind::NoAnswer =
            look.kind
        {
            // It breaks the same sentence whatever is in the case; and silence takes long.
            return Ok(());
        }
        let profile = &self.judged;
        let mut trial = Trial { subject: &mut *self.subject, profile, look, failed: None };
        let departs = |candidate: &[Operation]| trial.departs(candidate);
        let stripped = apparent::stripped(profile, case.to_vec(), difference, departs);
        let sentence = attribute::sentence(self.profile, &stripped, difference, look);
        self.apparent.insert(sentence);
        self.apparent.extend(attribute::suspects(self.profile, &stripped));
        trial.failed.map_or(Ok(()), Err)
    }

    /// Notes what the same operations did not show again: it was seen.
    fn note_once(&mut self, raw: &[Operation], difference: &Difference, seed: u64) {
        let mut signature = difference.signature;
        if self.profile.promises(Guarantee::Repeatable) {
            signature.kind = Kind::Unrepeatable;
        }
        self.note(raw, difference, signature, seed);
    }

    /// What was told wrongly that often would go on to hide what comes after it: it is looked at no more.
    fn mute(&mut self, look: Signature) {
        let judged = &mut self.judged;
        let is_less = match look.kind {
            Kind::WrongEvidence(told) => judged.evidence.remove(&told),
            Kind::WakeupLate | Kind::WakeupForNothing | Kind::WakeupPassed => {
                judged.guarantees.remove(&Guarantee::Wakeups)
            }
            Kind::WrongReason => judged.guarantees.remove(&Guarantee::Reasons),
            Kind::WrongType(_) if look.breaks == Some(Sentence::ORDER) => {
                judged.guarantees.remove(&Guarantee::OrderOfTimeouts)
            }
            // These are what an implementation does, and not only what it says of it.
            Kind::Never
            | Kind::Late
            | Kind::Early
            | Kind::Unconfigured
            | Kind::AfterClose
            | Kind::WrongType(_)
            | Kind::OutOfOrder
            | Kind::Accepted
            | Kind::Refused
            | Kind::WrongAnswer
            | Kind::Unrepeatable
            | Kind::NoAnswer => false,
        };
        if is_less {
            // What departed by the old profile may not by the new one.
            self.tried.clear();
        }
    }

    fn difference(
        &mut self,
        operations: &[Operation],
        look: Signature,
    ) -> Result<Option<Difference>, Failure> {
        let found = compare(self.subject, &self.judged, operations, &mut Tally::default())?;
        Ok(found.like(look))
    }

    /// Whether the timeout that is missing at the end of a trace comes when the clock runs on.
    fn comes_later(
        &mut self,
        trace: &[Operation],
        difference: &Difference,
    ) -> Result<bool, Failure> {
        let Some(activity) = missing(difference) else { return Ok(false) };
        let mut longer = trace.to_vec();
        for ahead in [1, 2, 1_000, 1_000_000] {
            let ahead = self.profile.timeout_unit().saturating_mul(ahead);
            let at = difference.now.saturating_add(ahead).min(self.profile.last_instant);
            let at = at - at % self.profile.instant_unit();
            longer.push(Operation { at, action: Action::Advance });
        }
        let answers = answers(self.subject, self.profile, &longer)?;
        let told = answers.iter().skip(trace.len()).flat_map(|answer| answer.told.iter().flatten());
        let mut timed_out = told.filter_map(Observation::timed_out);
        Ok(timed_out.any(|timed_out| timed_out.activity == activity))
    }

    /// Does a case again and once more.
    fn repeat(&mut self, operations: &[Operation], seed: u64) -> Result<(), Failure> {
        self.tally.add(Sentence::REPEATABLE, 1);
        let first = answers(self.subject, self.profile, operations)?;
        let again = answers(self.subject, self.profile, operations)?;
        let place = first.iter().zip(&again).position(|(first, again)| first != again);
        let Some(place) = place else { return Ok(()) };
        let about = About::Action(super::lines::action_name(&operations[place].action));
        let signature = Signature::new(about, Kind::Unrepeatable);
        let difference = Difference {
            place,
            signature,
            expected: first[place].told.clone().unwrap_or_default(),
            got: again[place].clone(),
            now: operations[..=place].iter().map(|operation| operation.at).max().unwrap_or(0),
            earliest: None,
        };
        self.note(&operations[..=place], &difference, signature, seed);
        Ok(())
    }

    /// Notes a departure, unless it is one that is known.
    fn note(
        &mut self,
        trace: &[Operation],
        difference: &Difference,
        signature: Signature,
        seed: u64,
    ) {
        let sentence = attribute::sentence(self.profile, trace, difference, signature);
        let (about, kind) = (signature.about, signature.kind);
        let known = self
            .departures
            .iter_mut()
            .find(|known| (known.sentence, known.about, known.kind) == (sentence, about, kind));
        if let Some(known) = known {
            known.cases += 1;
            return;
        }
        let wakeup = match (&difference.got.wakeup, about) {
            (Some(Ok(wakeup)), About::Wakeup) => Some((difference.earliest, *wakeup)),
            _ => None,
        };
        self.departures.push(Departure {
            sentence,
            about,
            kind,
            trace: trace.to_vec(),
            now: difference.now,
            expected: difference.expected.clone(),
            got: difference.got.observations(),
            wakeup,
            cases: 1,
            case_seed: seed,
            look: difference.signature,
        });
    }

    fn report(self, aborted: Option<Failure>) -> Report {
        let verdict = |sentence| {
            let broken = self.departures.iter().filter(|found| found.sentence == sentence).count();
            let checked = self.tally.count(sentence);
            let standing = match (broken, claims(self.profile, sentence), checked) {
                (1.., _, _) => Standing::Broken,
                (0, false, _) => Standing::NotClaimed,
                (0, true, 0) => Standing::NotReached,
                (0, true, _)
                    if self.apparent.contains(&sentence)
                        || is_muted(self.profile, &self.judged, sentence) =>
                {
                    Standing::Undecided
                }
                (0, true, _) if !claims_all(self.profile, sentence) => Standing::HeldAsClaimed,
                (0, true, _) => Standing::Held,
            };
            Verdict { sentence, standing, checked }
        };
        let verdicts = Sentence::all().map(verdict).collect();
        Report {
            profile: self.profile.name.clone(),
            seed: self.plan.seed,
            cases: self.done.cases,
            operations: self.done.operations,
            verdicts,
            departures: self.departures,
            aborted,
        }
    }
}

/// Tries candidates for a shorter case.
struct Trial<'a, S: ?Sized> {
    subject: &'a mut S,
    profile: &'a Profile,
    look: Signature,
    /// A reset has failed; from then on nothing is tried, and nothing departs.
    failed: Option<Failure>,
}

impl<S: Subject + ?Sized> Trial<'_, S> {
    /// Whether a candidate's first difference is its last operation's, and looks like this.
    fn departs(&mut self, candidate: &[Operation]) -> bool {
        let Self { subject, profile, look, failed } = self;
        if failed.is_some() {
            return false;
        }
        match compare(&mut **subject, profile, candidate, &mut Tally::default()) {
            Ok(found) => found.like(*look).is_some_and(|found| {
                found.place + 1 == candidate.len() && found.signature == *look
            }),
            Err(failure) => {
                *failed = Some(failure);
                false
            }
        }
    }
}

/// Whether the timeouts of an operation can stand in a line of the replayer.
fn in_whole_seconds(operation: &Operation) -> bool {
    let limits = operation.action.limits();
    limits.map_or(true, |limits| limits.given().all(|limit| limit % 1_000 == 0))
}

/// The activity whose timeout is expected first and did not come.
fn missing(difference: &Difference) -> Option<u32> {
    let got = difference.got.told.as_ref().ok()?;
    let activities = |told: &[Observation]| -> Vec<u32> {
        told.iter().filter_map(Observation::timed_out).map(|it| it.activity).collect()
    };
    let came = activities(got);
    activities(&difference.expected).into_iter().find(|activity| !came.contains(activity))
}
