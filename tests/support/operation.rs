//! One operation enum, and one interpreter that runs an operation against the engine and against the
//! model and compares everything the host can see. Random runs, property tests and fuzzers share it.

use core::fmt::Write;
use std::collections::HashSet;
use std::sync::OnceLock;

use heartwheel::{
    ActivityId, ActivityView, CancelOutcome, Config, Deadline, Engine, Event, Evidence, Geometry,
    MissingDetails, Outcome, ScheduleRefusal, Stats, Timeouts, Timestamp,
};

use super::model::{Expiry, Limits, Model, Reply, Story};

/// The engine's key in these tests: neither `Copy` nor `Clone`, so that the engine can only hand on
/// what it was given.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Key(pub(crate) u32);

/// The shape of one run.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) bottom_bits: u8,
    pub(crate) upper_bits: u8,
    pub(crate) max_open: u32,
    pub(crate) missing_details: MissingDetails,
}

impl Setup {
    pub(crate) fn config(&self) -> Config {
        Config::DEFAULT
            .with_geometry(Geometry::new(self.bottom_bits, self.upper_bits))
            .with_max_open(self.max_open)
            .with_missing_details(self.missing_details)
    }
}

/// Which instant an operation passes as `now`, chosen when it runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum When {
    /// The newest time seen.
    Same,
    /// So much later, at most the end of time.
    Later(u64),
    /// So much earlier, at least zero: the clock runs backwards.
    Earlier(u64),
    /// At this instant, whatever was seen before.
    At(u64),
    /// This far before the end of time.
    BeforeEnd(u64),
    /// At the engine's next wake-up, moved by so much.
    Wakeup(i64),
    /// At the earliest deadline, moved by so much.
    Earliest(i64),
    /// At the deadline of the n-th open activity, moved by so much.
    Deadline(usize, i64),
    /// At the next multiple of `2^bits` after the newest time seen, moved by so much.
    Boundary(u8, i64),
}

/// Which activity an operation names, found when it runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Whom {
    /// The n-th open one in order of scheduling, counted round and round.
    Open(usize),
    /// The n-th ever scheduled, counted round and round: mostly one long closed.
    Scheduled(usize),
    /// An id that another engine issued, or that is made up.
    Stranger(usize),
}

/// What a host can do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Operation {
    Schedule {
        limits: Limits,
    },
    Start {
        whom: Whom,
    },
    Heartbeat {
        whom: Whom,
        details: Option<u32>,
    },
    RequestCancel {
        whom: Whom,
    },
    Close {
        whom: Whom,
        outcome: Outcome,
    },
    Abandon {
        whom: Whom,
    },
    /// Poll until `None`, or for so many events.
    Poll {
        limit: Option<usize>,
    },
    ShrinkToFit,
}

impl Operation {
    /// The same with another activity.
    fn renamed(self, rename: impl Fn(Whom) -> Whom) -> Self {
        match self {
            Self::Start { whom } => Self::Start { whom: rename(whom) },
            Self::Heartbeat { whom, details } => Self::Heartbeat { whom: rename(whom), details },
            Self::RequestCancel { whom } => Self::RequestCancel { whom: rename(whom) },
            Self::Close { whom, outcome } => Self::Close { whom: rename(whom), outcome },
            Self::Abandon { whom } => Self::Abandon { whom: rename(whom) },
            Self::Schedule { .. } | Self::Poll { .. } | Self::ShrinkToFit => self,
        }
    }
}

/// An operation and its time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Step {
    pub(crate) when: When,
    pub(crate) operation: Operation,
}

/// A whole run.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) setup: Setup,
    pub(crate) steps: Vec<Step>,
}

impl Scenario {
    /// Runs it to the end, and gives the engine's statistics, or to the first difference.
    pub(crate) fn run(&self) -> Result<Stats, String> {
        self.run_against(Model::new(
            self.setup.max_open,
            self.setup.missing_details == MissingDetails::Keep,
        ))
    }

    /// The same against a model of one's own: a wrong one must be found out.
    pub(crate) fn run_against(&self, model: Model) -> Result<Stats, String> {
        let mut pair = Pair::new(&self.setup, model);
        for (place, step) in self.steps.iter().enumerate() {
            pair.run(*step).map_err(|difference| format!("step {place}: {difference}"))?;
        }
        pair.engine.check_invariants()?;
        Ok(pair.engine.stats())
    }

    /// The steps up to the first difference, each with the instant and the place it came to: then
    /// one may be taken out without moving the others.
    pub(crate) fn frozen(&self, model: Model) -> Self {
        let mut frozen = Self { setup: self.setup.clone(), steps: Vec::new() };
        let mut pair = Pair::new(&self.setup, model);
        for step in &self.steps {
            let when = When::At(pair.resolve_when(step.when));
            let open = pair.model.open().len().max(1);
            let operation = step.operation.renamed(|whom| match whom {
                Whom::Open(which) => Whom::Open(which % open),
                Whom::Scheduled(_) | Whom::Stranger(_) => whom,
            });
            frozen.steps.push(Step { when, operation });
            if pair.run(*step).is_err() {
                break;
            }
        }
        frozen
    }

    /// The scenario without some steps.
    pub(crate) fn without(&self, steps: core::ops::Range<usize>) -> Self {
        let mut fewer = self.clone();
        fewer.steps.drain(steps);
        fewer
    }

    /// The scenario without one step that scheduled: the activities after it move up a place.
    pub(crate) fn without_schedule(&self, step: usize) -> Self {
        let mut fewer = self.without(step..step + 1);
        for later in &mut fewer.steps[step..] {
            later.operation = later.operation.renamed(|whom| match whom {
                Whom::Open(which) => Whom::Open(which.saturating_sub(1)),
                Whom::Scheduled(_) | Whom::Stranger(_) => whom,
            });
        }
        fewer
    }

    /// Every step with the instants and ids it came to, up to the first difference.
    pub(crate) fn describe(&self, model: Model) -> String {
        let mut text = format!("{:?}\n", self.setup);
        let mut pair = Pair::new(&self.setup, model);
        for (place, step) in self.steps.iter().enumerate() {
            let now = pair.resolve_when(step.when);
            writeln!(text, "{place:4} @{now} {} <- {step:?}", pair.name(step.operation)).unwrap();
            if pair.run(*step).is_err() {
                break;
            }
        }
        text
    }
}

/// Ids that a fresh engine has not issued. Those of another engine may come to be issued here too:
/// then both sides know them.
fn strangers() -> &'static [ActivityId] {
    static STRANGERS: OnceLock<Vec<ActivityId>> = OnceLock::new();
    STRANGERS.get_or_init(|| {
        let mut other: Engine<(), ()> = Engine::new(Config::DEFAULT);
        let mut ids = Vec::new();
        for _ in 0..40 {
            let id = other.schedule(Timestamp::ZERO, (), Timeouts::NONE).unwrap();
            other.abandon(Timestamp::ZERO, id).unwrap();
            ids.push(id);
        }
        for _ in 0..300 {
            ids.push(other.schedule(Timestamp::ZERO, (), Timeouts::NONE).unwrap());
        }
        ids.extend(made_up());
        ids
    })
}

/// Ids at the edges of their number ranges, as a host could read them from a damaged store.
#[cfg(feature = "serde")]
fn made_up() -> Vec<ActivityId> {
    let edges = [
        0,
        1,
        (1 << 24) - 2,
        (1 << 24) - 1,
        1 << 24,
        0xEFFF_FFFF,
        0xF000_0000,
        u32::MAX - 1,
        u32::MAX,
    ];
    let mut ids = Vec::new();
    for index in edges {
        for generation in edges {
            let text = format!(r#"{{"index":{index},"generation":{generation}}}"#);
            ids.push(serde_json::from_str(&text).expect("the stored form of an id"));
        }
    }
    ids
}

#[cfg(not(feature = "serde"))]
fn made_up() -> Vec<ActivityId> {
    Vec::new()
}

/// An engine and the model, run side by side.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) engine: Engine<Key, u32>,
    pub(crate) model: Model,
    issued: Vec<ActivityId>,
    known: HashSet<ActivityId>,
    keys: u32,
    steps: usize,
    /// Steps between two calls of `check_invariants`: it walks the wheel, and a wide one is long.
    invariants_every: usize,
}

impl Pair {
    pub(crate) fn new(setup: &Setup, model: Model) -> Self {
        Self {
            engine: Engine::new(setup.config()),
            model,
            issued: Vec::new(),
            known: HashSet::new(),
            keys: 0,
            steps: 0,
            invariants_every: if setup.bottom_bits > 4 { 29 } else { 7 },
        }
    }

    /// Runs one operation on both sides and compares; the difference in words, if there is one.
    pub(crate) fn run(&mut self, step: Step) -> Result<(), String> {
        let now = self.resolve_when(step.when);
        self.steps += 1;
        match step.operation {
            Operation::Poll { limit } => self.poll(now, limit)?,
            Operation::ShrinkToFit => self.engine.shrink_to_fit(),
            command @ (Operation::Schedule { .. }
            | Operation::Start { .. }
            | Operation::Heartbeat { .. }
            | Operation::RequestCancel { .. }
            | Operation::Close { .. }
            | Operation::Abandon { .. }) => self.command(now, command)?,
        }
        self.compare()?;
        if self.steps % self.invariants_every == 0 {
            self.engine.check_invariants()?;
        }
        Ok(())
    }

    fn command(&mut self, now: u64, operation: Operation) -> Result<(), String> {
        let stats_before = self.engine.stats();
        let wakeup_before = self.engine.next_wakeup();
        let (got, expected) = self.both(now, operation);
        same("reply", &got, &expected)?;
        let stats = self.engine.stats();
        if let Reply::Beat { deadline, .. } = got {
            let mut expected = stats_before.timers;
            // A beat that moves its deadline past the end of time takes the timer out with it, or
            // the engine would announce a wake-up for nothing; no other beat touches a timer.
            if deadline.is_none() && stats.timers.disarmed == expected.disarmed + 1 {
                expected.disarmed += 1;
            }
            same("timers over a heartbeat", &stats.timers, &expected)?;
        }
        if got.is_refusal() {
            let mut but_the_clock = stats_before;
            but_the_clock.clock_regressions = stats.clock_regressions;
            same("stats over a refusal", &stats, &but_the_clock)?;
            same("wake-up over a refusal", &self.engine.next_wakeup(), &wakeup_before)?;
        }
        Ok(())
    }

    /// One command on the engine and on the model.
    fn both(&mut self, now: u64, operation: Operation) -> (Reply, Reply) {
        let at = Timestamp::from_millis(now);
        match operation {
            Operation::Schedule { limits } => self.schedule(now, limits),
            Operation::Start { whom } => {
                let id = self.resolve_whom(whom);
                let got =
                    self.engine.start(at, id).map_or_else(Reply::Refused, |()| Reply::Started);
                (got, self.model.start(now, id))
            }
            Operation::Heartbeat { whom, details } => {
                let id = self.resolve_whom(whom);
                let got = match self.engine.heartbeat(at, id, details) {
                    Ok(beat) => Reply::Beat {
                        cancel_requested: beat.cancel_requested,
                        deadline: beat.deadline.map(plain_deadline),
                    },
                    Err(error) => {
                        Reply::BeatRefused { details: error.details, reason: error.reason }
                    }
                };
                (got, self.model.heartbeat(now, id, details))
            }
            Operation::RequestCancel { whom } => {
                let id = self.resolve_whom(whom);
                let got = match self.engine.request_cancel(at, id) {
                    Ok(CancelOutcome::Canceled(closed)) => {
                        Reply::CanceledUnstarted(owned_story(closed))
                    }
                    Ok(CancelOutcome::Requested { first_requested_at }) => Reply::CancelRequested {
                        first_requested_at: first_requested_at.as_millis(),
                    },
                    Ok(_) => unreachable!("a cancel outcome that the tests do not know"),
                    Err(error) => Reply::Refused(error),
                };
                (got, self.model.request_cancel(now, id))
            }
            Operation::Close { whom, outcome } => {
                let id = self.resolve_whom(whom);
                let closed = self.engine.close(at, id, outcome);
                let got =
                    closed.map_or_else(Reply::Refused, |closed| Reply::Closed(owned_story(closed)));
                (got, self.model.close(now, id, outcome))
            }
            Operation::Abandon { whom } => {
                let id = self.resolve_whom(whom);
                let closed = self.engine.abandon(at, id);
                let got =
                    closed.map_or_else(Reply::Refused, |closed| Reply::Closed(owned_story(closed)));
                (got, self.model.abandon(now, id))
            }
            Operation::Poll { .. } | Operation::ShrinkToFit => unreachable!("not a command"),
        }
    }

    fn schedule(&mut self, now: u64, limits: Limits) -> (Reply, Reply) {
        let key = self.keys;
        self.keys += 1;
        let at = Timestamp::from_millis(now);
        let (got, id) = match self.engine.schedule(at, Key(key), limits.timeouts()) {
            Ok(id) => (Reply::Scheduled, Some(id)),
            Err(error) => match error.reason {
                ScheduleRefusal::AtCapacity { max_open } => {
                    (Reply::ScheduleRefused { key: error.key.0, max_open }, None)
                }
                ScheduleRefusal::Exhausted => (Reply::ScheduleExhausted { key: error.key.0 }, None),
                _ => unreachable!("a refusal that the tests do not know"),
            },
        };
        if let Some(id) = id {
            assert!(self.known.insert(id), "{id} was issued twice");
            self.issued.push(id);
        }
        (got, self.model.schedule(now, key, limits, id))
    }

    fn poll(&mut self, now: u64, limit: Option<usize>) -> Result<(), String> {
        let mut delivered = 0;
        loop {
            let got = self.engine.poll(Timestamp::from_millis(now)).map(plain_event);
            same("event", &Reply::Polled(got.clone()), &self.model.poll(now))?;
            let Some(expiry) = got else { break };
            same(
                "activity after its timeout",
                &self.engine.activity(expiry.story.id).is_none(),
                &true,
            )?;
            delivered += 1;
            if limit == Some(delivered) {
                return Ok(());
            }
        }
        // Drained: the wake-up lies ahead of every time seen, or there is none.
        let newest = self.model.now();
        match self.engine.next_wakeup() {
            Some(wakeup) if wakeup.as_millis() <= newest => {
                Err(format!("wake-up: {wakeup} after a drain at {newest}ms, it should lie ahead"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Everything a host can look at.
    fn compare(&self) -> Result<(), String> {
        same("newest time seen", &self.engine.now().as_millis(), &self.model.now())?;
        same("len", &self.engine.len(), &self.model.open().len())?;
        same("is_empty", &self.engine.is_empty(), &self.model.open().is_empty())?;
        let stats = self.engine.stats();
        let mut expected = self.model.counts();
        expected.timers = stats.timers;
        same("stats", &stats, &expected)?;
        self.compare_wakeup()?;
        self.compare_views()
    }

    fn compare_wakeup(&self) -> Result<(), String> {
        let wakeup = self.engine.next_wakeup().map(Timestamp::as_millis);
        match (self.model.earliest(), wakeup) {
            (Some(earliest), Some(wakeup)) if wakeup <= earliest => Ok(()),
            (None, None) => Ok(()),
            (earliest, wakeup) => {
                Err(format!("wake-up: {wakeup:?} for the earliest deadline {earliest:?}"))
            }
        }
    }

    fn compare_views(&self) -> Result<(), String> {
        let open = self.model.open();
        // A crowd is walked now and then, and a few of it looked up each time; a handful always.
        let crowded = open.len() > 16;
        if !crowded || self.steps % 16 == 0 {
            let mut last = None;
            let mut seen = 0;
            for view in self.engine.activities() {
                let id = view.evidence.id;
                // By index, so never twice.
                if last.is_some_and(|last| last >= id) {
                    return Err(format!("activities(): {id} after {last:?}"));
                }
                last = Some(id);
                seen += 1;
                let Some(activity) = open.iter().find(|activity| activity.story.id == id) else {
                    return Err(format!("activities(): {id} is not open"));
                };
                same_view(&view, activity)?;
            }
            same("activities() in number", &seen, &open.len())?;
        }
        let looked_up = if crowded { 4 } else { open.len() };
        for turn in 0..looked_up {
            let activity = &open[(self.steps + turn) % open.len()];
            let Some(view) = self.engine.activity(activity.story.id) else {
                return Err(format!("activity({}) is None", activity.story.id));
            };
            same_view(&view, activity)?;
        }
        self.compare_dead()
    }

    /// One id of the past in turn, and one stranger: neither answers unless it is open.
    fn compare_dead(&self) -> Result<(), String> {
        let past = self.issued.get(self.steps % self.issued.len().max(1));
        let strangers = strangers();
        let stranger = strangers.get(self.steps % strangers.len());
        for id in past.into_iter().chain(stranger) {
            let open = self.model.open().iter().any(|activity| activity.story.id == *id);
            if self.engine.activity(*id).is_some() != open {
                return Err(format!("activity({id}) answers: {}, open: {open}", !open));
            }
        }
        Ok(())
    }

    fn resolve_when(&self, when: When) -> u64 {
        let newest = self.model.now();
        match when {
            When::Same => newest,
            When::Later(millis) => newest.saturating_add(millis),
            When::Earlier(millis) => newest.saturating_sub(millis),
            When::At(instant) => instant,
            When::BeforeEnd(millis) => u64::MAX - millis,
            When::Wakeup(offset) => self
                .engine
                .next_wakeup()
                .map_or(newest, |wakeup| wakeup.as_millis().saturating_add_signed(offset)),
            When::Earliest(offset) => self
                .model
                .earliest()
                .map_or(newest, |earliest| earliest.saturating_add_signed(offset)),
            When::Deadline(which, offset) => {
                let open = self.model.open();
                let deadline =
                    open.get(which % open.len().max(1)).and_then(super::model::Activity::deadline);
                deadline.map_or(newest, |(at, _)| at.saturating_add_signed(offset))
            }
            When::Boundary(bits, offset) => {
                let below = (1_u64 << bits) - 1;
                (newest | below).saturating_add(1).saturating_add_signed(offset)
            }
        }
    }

    fn resolve_whom(&self, whom: Whom) -> ActivityId {
        let open = self.model.open();
        match whom {
            Whom::Open(which) if !open.is_empty() => open[which % open.len()].story.id,
            Whom::Open(which) | Whom::Scheduled(which) if !self.issued.is_empty() => {
                self.issued[which % self.issued.len()]
            }
            Whom::Open(which) | Whom::Scheduled(which) | Whom::Stranger(which) => {
                strangers()[which % strangers().len()]
            }
        }
    }

    /// The operation as a reader wants it, with the id that it comes to.
    fn name(&self, operation: Operation) -> String {
        match operation {
            Operation::Schedule { limits } => format!(
                "schedule s2s={:?} s2c={:?} st2c={:?} hb={:?}",
                limits.schedule_to_start,
                limits.schedule_to_close,
                limits.start_to_close,
                limits.heartbeat
            ),
            Operation::Start { whom } => format!("start {}", self.resolve_whom(whom)),
            Operation::Heartbeat { whom, details } => {
                format!("heartbeat {} {details:?}", self.resolve_whom(whom))
            }
            Operation::RequestCancel { whom } => {
                format!("request_cancel {}", self.resolve_whom(whom))
            }
            Operation::Close { whom, outcome } => {
                format!("close {} {outcome:?}", self.resolve_whom(whom))
            }
            Operation::Abandon { whom } => format!("abandon {}", self.resolve_whom(whom)),
            Operation::Poll { limit: None } => "drain".to_owned(),
            Operation::Poll { limit: Some(limit) } => format!("poll for {limit}"),
            Operation::ShrinkToFit => "shrink_to_fit".to_owned(),
        }
    }
}

fn same<T: core::fmt::Debug + PartialEq>(what: &str, got: &T, expected: &T) -> Result<(), String> {
    if got == expected {
        Ok(())
    } else {
        Err(format!("{what}:\n     got      {got:?}\n     expected {expected:?}"))
    }
}

fn same_view(
    view: &ActivityView<'_, Key, u32>,
    activity: &super::model::Activity,
) -> Result<(), String> {
    let evidence = &view.evidence;
    // Compared in place: a view is looked at after every operation.
    let expected = &activity.story;
    let matches = evidence.id == expected.id
        && evidence.key.0 == expected.key
        && evidence.scheduled_at.as_millis() == expected.scheduled_at
        && evidence.started_at.map(Timestamp::as_millis) == expected.started_at
        && evidence.last_heartbeat_at.map(Timestamp::as_millis) == expected.last_heartbeat_at
        && evidence.heartbeats == expected.heartbeats
        && evidence.details.copied() == expected.details
        && evidence.cancel_requested_at.map(Timestamp::as_millis) == expected.cancel_requested_at
        && view.timeouts == activity.limits.timeouts()
        && view.deadline.map(plain_deadline) == activity.deadline();
    if matches {
        Ok(())
    } else {
        Err(format!(
            "view:\n     got      {view:?}\n     expected {activity:?}, {:?}",
            activity.deadline()
        ))
    }
}

fn plain_deadline(deadline: Deadline) -> (u64, heartwheel::TimeoutType) {
    (deadline.at.as_millis(), deadline.timeout_type)
}

fn plain_event(event: Event<Key, u32>) -> Expiry {
    let Event::TimedOut(timed_out) = event else {
        unreachable!("an event that the tests do not know")
    };
    Expiry {
        timeout_type: timed_out.timeout_type,
        deadline: timed_out.deadline.as_millis(),
        observed_at: timed_out.observed_at.as_millis(),
        story: owned_story(timed_out.activity),
    }
}

fn owned_story(evidence: Evidence<Key, u32>) -> Story {
    Story {
        id: evidence.id,
        key: evidence.key.0,
        scheduled_at: evidence.scheduled_at.as_millis(),
        started_at: evidence.started_at.map(Timestamp::as_millis),
        last_heartbeat_at: evidence.last_heartbeat_at.map(Timestamp::as_millis),
        heartbeats: evidence.heartbeats,
        details: evidence.details,
        cancel_requested_at: evidence.cancel_requested_at.map(Timestamp::as_millis),
    }
}
