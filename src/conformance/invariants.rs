//! Laws that can be judged from what was done and told alone, without the model: for logs of a run, for
//! simulations, for implementations that are watched and not driven.
//!
//! Each law is a function over a history, from a fresh start on, and names the first place where it is broken. A
//! history keeps all laws if the implementation keeps the [contract](crate#the-contract); the reverse is what
//! [`check`](super::check) is for.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::{Action, Limits, Observation, Operation, Sentence, TimedOut};
use crate::TimeoutType;

/// An operation, and what was told of it.
#[allow(clippy::exhaustive_structs, reason = "made by hand by whoever has a log")]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Exchange {
    /// What was done.
    pub operation: Operation,
    /// What came of it, in order.
    pub told: Vec<Observation>,
    /// The next wake-up afterwards, where that was asked for.
    pub wakeup: Option<Option<u64>>,
}

/// A law that is broken.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// At which exchange.
    pub place: usize,
    /// The sentence of the contract that is broken.
    pub sentence: Sentence,
    /// What is wrong, in words.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exchange {}: {} ({})", self.place, self.what, self.sentence)
    }
}

impl core::error::Error for Violation {}

/// A law.
pub type Law = fn(&[Exchange]) -> Result<(), Violation>;

/// Every law, by name.
pub const ALL: &[(&str, Law)] = &[
    ("never_early", never_early),
    ("only_configured", only_configured),
    ("one_close", one_close),
    ("in_order", in_order),
    ("last_details", last_details),
    ("true_evidence", true_evidence),
    ("wakeups_lead", wakeups_lead),
];

/// Checks every law.
///
/// # Errors
///
/// The first violation of the first law that is broken.
pub fn check_all(history: &[Exchange]) -> Result<(), Violation> {
    ALL.iter().try_for_each(|(_, law)| law(history))
}

/// No timeout comes before its anchor and its length allow (sentence 3): suspensions and recoveries can only
/// put it off.
///
/// # Errors
///
/// The first timeout that comes early.
pub fn never_early(history: &[Exchange]) -> Result<(), Violation> {
    walk(history, |watch, timed_out| {
        let (anchor, limit) = watch.life(timed_out)?.clock(timed_out.timeout_type)?;
        let earliest = anchor.saturating_add(limit);
        (watch.now < earliest).then(|| {
            let named = timed_out.timeout_type;
            (Sentence::INSTANT, format!("{named} at {}, not due before {earliest}", watch.now))
        })
    })
}

/// No timeout comes that the activity does not have, or not yet (sentence 2).
///
/// # Errors
///
/// The first that does.
pub fn only_configured(history: &[Exchange]) -> Result<(), Violation> {
    walk(history, |watch, timed_out| {
        let named = timed_out.timeout_type;
        match watch.life(timed_out)?.clock(named) {
            Some(_) => None,
            None => Some((Sentence::TIMEOUTS, format!("{named} is not armed"))),
        }
    })
}

/// An activity closes once; afterwards nothing about it is accepted, and it does not time out (sentence 5).
///
/// # Errors
///
/// The first sign of life after a close.
pub fn one_close(history: &[Exchange]) -> Result<(), Violation> {
    let mut watch = Watch::default();
    for (place, exchange) in history.iter().enumerate() {
        let violation = |what| Err(Violation { place, sentence: Sentence::ONE_CLOSE, what });
        watch.begin(exchange);
        for told in &exchange.told {
            let answers = !matches!(
                told,
                Observation::Refused(_) | Observation::Other(_) | Observation::Scheduled
            );
            let activity = match told.timed_out() {
                Some(timed_out) => Some(timed_out.activity),
                None => exchange.operation.action.activity().filter(|_| answers),
            };
            if let Some(activity) = activity.filter(|activity| !watch.is_open(*activity)) {
                return violation(format!("{told:?} of activity {activity}, which is not open"));
            }
            watch.note(exchange, told);
        }
    }
    Ok(())
}

/// Timeouts of one operation come in the order of deadline and scheduling (sentence 9). For implementations that
/// tell deadlines.
///
/// # Errors
///
/// The first that is out of order.
pub fn in_order(history: &[Exchange]) -> Result<(), Violation> {
    let mut order: BTreeMap<u32, usize> = BTreeMap::new();
    for (place, exchange) in history.iter().enumerate() {
        if let (Action::Schedule { activity, .. }, true) =
            (exchange.operation.action, exchange.told.contains(&Observation::Scheduled))
        {
            order.insert(activity, place);
        }
        let keys = timeouts(exchange).map(|timed_out| {
            (timed_out.evidence.deadline, order.get(&timed_out.activity).copied())
        });
        let keys: Vec<_> = keys.collect();
        if let Some(pair) = keys.windows(2).find(|pair| pair[0] > pair[1]) {
            let what = format!("a deadline of {} after one of {}", pair[1].0, pair[0].0);
            return Err(Violation { place, sentence: Sentence::ORDER, what });
        }
    }
    Ok(())
}

/// A timeout carries the details of the last accepted heartbeat that brought some (sentence 8). For
/// implementations that tell details and keep them.
///
/// # Errors
///
/// The first that carries others.
pub fn last_details(history: &[Exchange]) -> Result<(), Violation> {
    walk(history, |watch, timed_out| {
        let expected = watch.life(timed_out)?.details;
        let told = timed_out.evidence.details;
        (told != expected).then(|| {
            (Sentence::EVIDENCE, format!("details {told:?}, {expected:?} were the last accepted"))
        })
    })
}

/// What a timeout tells is what was accepted, and refused commands leave no trace in it (sentences 6 and 8). For
/// implementations that tell everything.
///
/// # Errors
///
/// The first that tells otherwise.
pub fn true_evidence(history: &[Exchange]) -> Result<(), Violation> {
    walk(history, |watch, timed_out| {
        let (life, told) = (watch.life(timed_out)?, &timed_out.evidence);
        let happened = told.scheduled_at == life.scheduled_at
            && told.started_at == life.started_at
            && told.last_heartbeat_at == life.last_heartbeat_at
            && told.heartbeats == life.heartbeats
            && told.cancel_requested_at == life.cancel_requested_at
            && told.observed_at == watch.now
            && told.deadline <= told.observed_at;
        (!happened).then(|| (Sentence::EVIDENCE, format!("{told:?}, but {life:?}")))
    })
}

/// A wake-up is not later than the deadline of a timeout that came after it and that nothing moved meanwhile, and
/// lies ahead after a full advance (sentence 10). For implementations that tell deadlines. Costs O(n log n) of the
/// length of the history.
///
/// # Errors
///
/// The first that is late or has passed.
pub fn wakeups_lead(history: &[Exchange]) -> Result<(), Violation> {
    let violation = |place, what| Err(Violation { place, sentence: Sentence::WAKEUPS, what });
    let mut now = 0;
    // Where the deadline of an activity may have been moved last; by a recovery, that of any.
    let (mut moved, mut recovered) = (BTreeMap::new(), 0);
    // The wake-ups that are later than all that were told after them, so in falling order; none is later than any.
    let mut latest: Vec<(usize, u128)> = Vec::new();
    for (place, exchange) in history.iter().enumerate() {
        now = now.max(newest(exchange));
        let is_full = exchange.operation.action == Action::Advance && !is_refused(exchange);
        if let (true, Some(Some(wakeup))) = (is_full, exchange.wakeup) {
            if wakeup <= now {
                return violation(
                    place,
                    format!("a wake-up at {wakeup} after an advance to {now}"),
                );
            }
        }
        for timed_out in timeouts(exchange) {
            let deadline = timed_out.evidence.deadline;
            let since = moved.get(&timed_out.activity).copied().unwrap_or(0).max(recovered);
            let late = latest.partition_point(|(_, wakeup)| *wakeup > u128::from(deadline));
            let last = latest[..late].last().filter(|(earlier, _)| *earlier >= since);
            if let Some((earlier, _)) = last {
                let wakeup = history[*earlier].wakeup.flatten();
                let what = format!("wake-up {wakeup:?} with a deadline at {deadline}");
                return violation(*earlier, what);
            }
        }
        let action = exchange.operation.action;
        if let Some(activity) = action.activity() {
            moved.insert(activity, place);
        }
        if let Action::Recover { .. } = action {
            recovered = place;
        }
        if let Some(wakeup) = exchange.wakeup {
            let wakeup = wakeup.map_or(u128::MAX, u128::from);
            latest.truncate(latest.partition_point(|(_, before)| *before > wakeup));
            latest.push((place, wakeup));
        }
    }
    Ok(())
}

/// What is known of an activity from what was accepted.
#[derive(Clone, Debug)]
struct Life {
    limits: Limits,
    scheduled_at: u64,
    started_at: Option<u64>,
    last_heartbeat_at: Option<u64>,
    heartbeats: u64,
    details: Option<u32>,
    cancel_requested_at: Option<u64>,
}

impl Life {
    /// From when and for how long a timeout runs, if it does.
    fn clock(&self, timeout_type: TimeoutType) -> Option<(u64, u64)> {
        let limits = &self.limits;
        let (anchor, limit) = match timeout_type {
            TimeoutType::StartToClose => (self.started_at, limits.start_to_close),
            TimeoutType::ScheduleToClose => (Some(self.scheduled_at), limits.schedule_to_close),
            TimeoutType::ScheduleToStart => {
                let waiting = self.started_at.is_none();
                (waiting.then_some(self.scheduled_at), limits.schedule_to_start)
            }
            TimeoutType::Heartbeat => {
                (self.last_heartbeat_at.or(self.started_at), limits.heartbeat)
            }
        };
        Some((anchor?, limit?))
    }
}

/// Everything that is open, as a history goes on.
#[derive(Debug, Default)]
struct Watch {
    now: u64,
    open: BTreeMap<u32, Life>,
}

impl Watch {
    fn is_open(&self, activity: u32) -> bool {
        self.open.contains_key(&activity)
    }

    fn life(&self, timed_out: &TimedOut) -> Option<&Life> {
        self.open.get(&timed_out.activity)
    }

    fn begin(&mut self, exchange: &Exchange) {
        self.now = self.now.max(newest(exchange));
    }

    fn note(&mut self, exchange: &Exchange, told: &Observation) {
        let now = self.now;
        let action = exchange.operation.action;
        if let Observation::TimedOut(timed_out) = told {
            self.open.remove(&timed_out.activity);
            return;
        }
        if let (Observation::Scheduled, Action::Schedule { activity, limits }) = (told, action) {
            let life = Life {
                limits,
                scheduled_at: now,
                started_at: None,
                last_heartbeat_at: None,
                heartbeats: 0,
                details: None,
                cancel_requested_at: None,
            };
            self.open.insert(activity, life);
            return;
        }
        let Some(activity) = action.activity() else { return };
        let Some(life) = self.open.get_mut(&activity) else { return };
        match (told, action) {
            (Observation::Started, _) => life.started_at = Some(now),
            (Observation::Heartbeat { .. }, Action::Heartbeat { details, .. }) => {
                life.last_heartbeat_at = Some(now);
                life.heartbeats += 1;
                life.details = details.or(life.details);
            }
            (Observation::CancelRequested, _) => {
                life.cancel_requested_at.get_or_insert(now);
            }
            (Observation::Updated, Action::UpdateTimeouts { limits, .. }) => life.limits = limits,
            (Observation::Closed(_) | Observation::Abandoned, _) => {
                self.open.remove(&activity);
            }
            (_, _) => {}
        }
    }
}

/// Looks at each timeout of an activity that is open, with what is known before it.
fn walk(
    history: &[Exchange],
    mut broken: impl FnMut(&Watch, &TimedOut) -> Option<(Sentence, String)>,
) -> Result<(), Violation> {
    let mut watch = Watch::default();
    for (place, exchange) in history.iter().enumerate() {
        watch.begin(exchange);
        for told in &exchange.told {
            if let Observation::TimedOut(timed_out) = told {
                if let Some((sentence, what)) = broken(&watch, timed_out) {
                    return Err(Violation { place, sentence, what });
                }
            }
            watch.note(exchange, told);
        }
    }
    Ok(())
}

fn timeouts(exchange: &Exchange) -> impl Iterator<Item = &TimedOut> {
    exchange.told.iter().filter_map(Observation::timed_out)
}

/// The instant of an exchange, unless it is not believed or takes no time.
fn newest(exchange: &Exchange) -> u64 {
    let timeless = exchange.operation.action == Action::Snapshot;
    let unseen = exchange.told.contains(&Observation::Refused(super::Refusal::JumpPending));
    if timeless || unseen {
        0
    } else {
        exchange.operation.at
    }
}

fn is_refused(exchange: &Exchange) -> bool {
    exchange.told.iter().any(|told| matches!(told, Observation::Refused(_)))
}
