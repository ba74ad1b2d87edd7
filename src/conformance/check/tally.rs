//! How often each sentence was put to the test.

use super::super::profile::{Command, Driving, Guarantee, LateCalls, Profile, Told};
use super::super::{Action, Observation, Refusal, Sentence, TimedOut};
use super::departure::Expected;

/// A count for each sentence.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    counts: [u64; Sentence::COUNT],
}

impl Tally {
    pub(super) const fn count(&self, sentence: Sentence) -> u64 {
        self.counts[sentence.number() - 1]
    }

    pub(super) fn add(&mut self, sentence: Sentence, count: u64) {
        self.counts[sentence.number() - 1] += count;
    }

    fn add_if(&mut self, sentence: Sentence, is_tried: bool) {
        self.add(sentence, u64::from(is_tried));
    }

    /// Counts what an operation tries.
    pub(super) fn note(&mut self, expected: &Expected<'_>) {
        let Expected { profile, operation, before, after, told, .. } = expected;
        let now = after.now();
        let timeouts = told.iter().filter_map(Observation::timed_out).count();
        let refused = |wanted: Refusal| told.contains(&Observation::Refused(wanted));
        let activity = operation.action.activity();

        self.add(Sentence::TIMEOUTS, timeouts as u64);
        let at_edge =
            |edge: u64| edge == now || Some(edge) == now.checked_add(profile.instant_unit());
        let edges = before.earliest().is_some_and(at_edge) || after.earliest().is_some_and(at_edge);
        self.add_if(Sentence::INSTANT, edges);
        // Due, and called before or while its timeout is delivered.
        let is_late = activity.is_some_and(|activity| {
            let deadline = before.deadline(activity);
            deadline.is_some_and(|(at, _)| at <= now)
                || told.iter().any(|told| ends(told, activity))
        });
        self.add_if(Sentence::SETTLING, is_late);
        self.add_if(Sentence::ONE_CLOSE, refused(Refusal::NotOpen) && !is_late);
        self.add_if(
            Sentence::REFUSALS,
            told.iter().any(|told| matches!(told, Observation::Refused(_))),
        );
        let canceling = |told: &Observation| {
            matches!(
                told,
                Observation::CancelRequested | Observation::Heartbeat { cancel_requested: true }
            )
        };
        self.add_if(Sentence::CANCELLATION, told.iter().any(canceling));
        self.add(Sentence::EVIDENCE, timeouts as u64);
        self.add_if(
            Sentence::ORDER,
            timeouts > 1 || told.iter().any(|told| is_tie(expected, told)),
        );
        self.add(Sentence::WAKEUPS, 1);
        let limits = operation.action.limits();
        let past_the_end = limits
            .is_some_and(|limits| limits.given().any(|limit| now.checked_add(limit).is_none()));
        self.add_if(Sentence::TIMELINE, operation.at < before.now() || past_the_end);
        self.add_if(Sentence::CAPACITY, refused(Refusal::AtCapacity));
        self.add(Sentence::NO_PANIC, 1);
        self.add_if(Sentence::SNAPSHOTS, operation.action == Action::Snapshot);
        self.add_if(Sentence::RECOVERY, matches!(operation.action, Action::Recover { .. }));
        self.add_if(Sentence::JUMPS, refused(Refusal::JumpPending));
        self.add_if(Sentence::SUSPENSION, told.contains(&Observation::Resumed));
        self.add_if(Sentence::CHANGES, told.contains(&Observation::Updated));
    }
}

fn ends(told: &Observation, activity: u32) -> bool {
    told.timed_out().is_some_and(|timed_out| timed_out.activity == activity)
}

/// Whether two timeouts of the activity that timed out have the same deadline.
fn is_tie(expected: &Expected<'_>, told: &Observation) -> bool {
    let Observation::TimedOut(TimedOut { activity, evidence, .. }) = told else { return false };
    let Some(open) = expected.before.activity(*activity) else { return false };
    open.deadlines().iter().flatten().filter(|(at, _)| *at == evidence.deadline).count() > 1
}

/// Whether a profile claims what a sentence says.
pub(super) fn claims(profile: &Profile, sentence: Sentence) -> bool {
    let has = |command| profile.has(command);
    match sentence {
        Sentence::REPEATABLE => profile.promises(Guarantee::Repeatable),
        Sentence::TIMEOUTS | Sentence::INSTANT => !profile.timeouts.is_empty(),
        Sentence::SETTLING => {
            profile.late_calls == LateCalls::Refused
                || (profile.driving == Driving::Drained
                    && profile.late_calls == LateCalls::Accepted)
        }
        Sentence::ONE_CLOSE | Sentence::REFUSALS => profile.late_calls != LateCalls::Unspecified,
        Sentence::CANCELLATION => has(Command::RequestCancel),
        Sentence::EVIDENCE => !profile.evidence.is_empty() && !profile.timeouts.is_empty(),
        Sentence::ORDER => {
            profile.promises(Guarantee::OrderOfDeadlines)
                || profile.promises(Guarantee::OrderOfTimeouts)
        }
        Sentence::WAKEUPS => profile.promises(Guarantee::Wakeups),
        Sentence::TIMELINE => {
            profile.promises(Guarantee::OlderInstants) || profile.last_instant == u64::MAX
        }
        // Cost is nothing that an observation shows.
        Sentence::COST => false,
        Sentence::CAPACITY => profile.max_open < u32::MAX,
        Sentence::SNAPSHOTS => has(Command::Snapshot),
        Sentence::RECOVERY => has(Command::Recover),
        Sentence::JUMPS => profile.max_jump.is_some(),
        Sentence::SUSPENSION => has(Command::Suspend),
        Sentence::CHANGES => has(Command::UpdateTimeouts),
        _ => true,
    }
}

/// Whether what a profile claims of a sentence is the whole of it.
pub(super) fn claims_all(profile: &Profile, sentence: Sentence) -> bool {
    let full = Profile::full();
    let all = |guarantees: &[Guarantee]| guarantees.iter().all(|it| profile.promises(*it));
    let has_timeouts = profile.timeouts.is_superset(&full.timeouts);
    match sentence {
        Sentence::TIMEOUTS => has_timeouts && profile.heartbeat_start == full.heartbeat_start,
        Sentence::INSTANT => {
            has_timeouts && profile.due == full.due && all(&[Guarantee::ZeroTimeouts])
        }
        Sentence::REFUSALS => all(&[Guarantee::Reasons]),
        Sentence::EVIDENCE => has_timeouts && profile.evidence.is_superset(&full.evidence),
        Sentence::ORDER => all(&[
            Guarantee::OrderOfDeadlines,
            Guarantee::OrderOfScheduling,
            Guarantee::OrderOfTimeouts,
        ]),
        Sentence::TIMELINE => {
            all(&[Guarantee::OlderInstants]) && profile.last_instant == full.last_instant
        }
        _ => true,
    }
}

/// Whether a part of what a profile claims of a sentence was no longer looked at, since it was told wrongly too often.
pub(super) fn is_muted(profile: &Profile, judged: &Profile, sentence: Sentence) -> bool {
    let without = |guarantee| profile.promises(guarantee) && !judged.promises(guarantee);
    match sentence {
        Sentence::EVIDENCE => profile.evidence != judged.evidence,
        Sentence::CANCELLATION => {
            let told = Told::CancelRequestedAt;
            profile.evidence.contains(&told) && !judged.evidence.contains(&told)
        }
        Sentence::WAKEUPS => without(Guarantee::Wakeups),
        Sentence::SETTLING
        | Sentence::ONE_CLOSE
        | Sentence::REFUSALS
        | Sentence::CAPACITY
        | Sentence::JUMPS => without(Guarantee::Reasons),
        Sentence::ORDER => without(Guarantee::OrderOfTimeouts),
        _ => false,
    }
}
