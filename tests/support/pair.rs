//! An engine and the model side by side: runs an operation on both and compares everything that a host can
//! see.

use std::collections::HashSet;
use std::sync::OnceLock;

use heartwheel::{
    ActivityId, ActivityView, CancelOutcome, CommandError, Config, Deadline, Engine, Event,
    Evidence, Heartbeat, HeartbeatError, Jump, ScheduleRefusal, Timeouts, Timestamp,
};

use super::model::{Expiry, Limits, Model, Reply, Story};
use super::operation::{Operation, Setup, Step, When, Whom};

/// The engine's key in these tests: neither `Copy` nor `Clone`, so that the engine can only hand on
/// what it was given.
#[derive(Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(crate) struct Key(pub(crate) u32);

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
    is_guarded: bool,
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
            is_guarded: setup.max_jump.is_some(),
            invariants_every: if setup.bottom_bits > 4 { 29 } else { 7 },
        }
    }

    /// Every id that the engine has issued, in order.
    pub(crate) fn issued(&self) -> &[ActivityId] {
        &self.issued
    }

    /// Runs one operation on both sides and compares; the difference in words, if there is one.
    pub(crate) fn run(&mut self, step: Step) -> Result<(), String> {
        let now = self.resolve_when(step.when);
        self.steps += 1;
        match step.operation {
            Operation::Poll { limit } => self.poll(now, limit)?,
            Operation::ShrinkToFit => self.engine.shrink_to_fit(),
            Operation::Heartbeats { whom, count, details } => {
                self.heartbeats(now, whom, count, details)?;
            }
            Operation::Recover { revival } => {
                let at = Timestamp::from_millis(now);
                let moved = self.engine.recover(at, revival.recovery());
                same("clocks moved", &moved, &self.model.recover(now, &revival))?;
            }
            #[cfg(feature = "serde")]
            Operation::Snapshot => self.snapshot()?,
            #[cfg(not(feature = "serde"))]
            Operation::Snapshot => {}
            command @ (Operation::Schedule { .. }
            | Operation::Start { .. }
            | Operation::Heartbeat { .. }
            | Operation::RequestCancel { .. }
            | Operation::Close { .. }
            | Operation::Abandon { .. }
            | Operation::UpdateTimeouts { .. }
            | Operation::Suspend { .. }
            | Operation::Resume { .. }) => self.command(now, command)?,
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
        let deadline_before = if let Operation::Heartbeat { whom, .. } = operation {
            self.model.deadline(self.resolve_whom(whom))
        } else {
            None
        };
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
            // The first one after a recovery that put the deadline further off brings it nearer.
            let nearer = match (deadline_before, deadline) {
                (Some((before, _)), Some((after, _))) => after < before,
                (before, after) => before.is_none() && after.is_some(),
            };
            if nearer {
                expected.armed += 1;
                expected.disarmed += u64::from(deadline_before.is_some());
            }
            same("timers over a heartbeat", &stats.timers, &expected)?;
        }
        if got.is_refusal() {
            let mut but_the_clock = stats_before;
            but_the_clock.clock_regressions = stats.clock_regressions;
            same("stats over a refusal", &stats, &but_the_clock)?;
            // A guard lets wake-ups follow the newest time seen.
            if !self.is_guarded {
                same("wake-up over a refusal", &self.engine.next_wakeup(), &wakeup_before)?;
            }
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
                let got = self.engine.start(at, id).map_or_else(refused, |()| Reply::Started);
                (got, self.model.start(now, id))
            }
            Operation::Heartbeat { whom, details } => {
                let id = self.resolve_whom(whom);
                let got = beat_reply(self.engine.heartbeat(at, id, details));
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
                    Err(error) => refused(error),
                };
                (got, self.model.request_cancel(now, id))
            }
            Operation::Close { whom, outcome } => {
                let id = self.resolve_whom(whom);
                let closed = self.engine.close(at, id, outcome);
                let got = closed.map_or_else(refused, |closed| Reply::Closed(owned_story(closed)));
                (got, self.model.close(now, id, outcome))
            }
            Operation::Abandon { whom } => {
                let id = self.resolve_whom(whom);
                let closed = self.engine.abandon(at, id);
                let got = closed.map_or_else(refused, |closed| Reply::Closed(owned_story(closed)));
                (got, self.model.abandon(now, id))
            }
            Operation::UpdateTimeouts { whom, limits } => {
                let id = self.resolve_whom(whom);
                let updated = self.engine.update_timeouts(at, id, limits.timeouts());
                let got = updated.map_or_else(refused, |deadline| Reply::Updated {
                    deadline: deadline.map(plain_deadline),
                });
                (got, self.model.update_timeouts(now, id, limits))
            }
            Operation::Suspend { whom } => {
                let id = self.resolve_whom(whom);
                let got = self.engine.suspend(at, id).map_or_else(refused, |()| Reply::Suspended);
                (got, self.model.suspend(now, id))
            }
            Operation::Resume { whom } => {
                let id = self.resolve_whom(whom);
                let resumed = self.engine.resume(at, id);
                let got = resumed.map_or_else(refused, |took| Reply::Resumed {
                    took: u64::try_from(took.as_millis()).expect("no longer than time"),
                });
                (got, self.model.resume(now, id))
            }
            Operation::Poll { .. }
            | Operation::ShrinkToFit
            | Operation::Heartbeats { .. }
            | Operation::Recover { .. }
            | Operation::Snapshot => unreachable!("not a command"),
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
                ScheduleRefusal::JumpPending(jump) => {
                    (jump_pending(jump, Some(error.key.0), None), None)
                }
                _ => unreachable!("a refusal that the tests do not know"),
            },
        };
        if let Some(id) = id {
            assert!(self.known.insert(id), "{id} was issued twice");
            self.issued.push(id);
        }
        (got, self.model.schedule(now, key, limits, id))
    }

    /// One call on the engine, one after the other on the model, which takes the time for seen once.
    fn heartbeats(
        &mut self,
        now: u64,
        whom: Whom,
        count: usize,
        details: Option<u32>,
    ) -> Result<(), String> {
        let ids: Vec<ActivityId> =
            (0..count).map(|further| self.resolve_whom(whom.further(further))).collect();
        let details = |place: usize| details.map(|value| value.wrapping_add(place as u32));
        let mut got = Vec::new();
        let reply = |place, reply| {
            assert_eq!(place, got.len(), "replies come in order");
            got.push(beat_reply(reply));
        };
        self.engine.heartbeats(Timestamp::from_millis(now), &ids, details, reply);
        let mut expected = Vec::new();
        let pending = if ids.is_empty() { None } else { self.model.see(now) };
        for (place, id) in ids.into_iter().enumerate() {
            expected.push(match &pending {
                Some(Reply::JumpPending { from, to, .. }) => {
                    Reply::JumpPending { from: *from, to: *to, key: None, details: details(place) }
                }
                _ => self.model.heartbeat(self.model.now(), id, details(place)),
            });
        }
        same("replies", &got, &expected)
    }

    /// The engine goes through bytes and back, in a format that describes itself or in one that does not; the
    /// bytes are the same again.
    #[cfg(feature = "serde")]
    fn snapshot(&mut self) -> Result<(), String> {
        let restored = if self.steps % 2 == 0 {
            let bytes = serde_json::to_vec(&self.engine).map_err(|error| error.to_string())?;
            let restored = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
            same("bytes", &serde_json::to_vec(&restored).unwrap(), &bytes)?;
            restored
        } else {
            let bytes = postcard::to_allocvec(&self.engine).map_err(|error| error.to_string())?;
            let restored = postcard::from_bytes(&bytes).map_err(|error| error.to_string())?;
            same("bytes", &postcard::to_allocvec(&restored).unwrap(), &bytes)?;
            restored
        };
        // The next ids are the same too.
        let before = core::mem::replace(&mut self.engine, restored);
        same("configuration", &self.engine.config(), &before.config())?;
        self.engine.check_invariants()
    }

    fn poll(&mut self, now: u64, limit: Option<usize>) -> Result<(), String> {
        let mut delivered = 0;
        loop {
            let got = match self.engine.poll(Timestamp::from_millis(now)) {
                Some(Event::JumpPending(jump)) => jump_pending(jump, None, None),
                event => Reply::Polled(event.map(plain_event)),
            };
            same("event", &got, &self.model.poll(now))?;
            let Reply::Polled(polled) = got else { return Ok(()) };
            let Some(expiry) = polled else { break };
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
        self.compare_overdue()?;
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

    fn compare_overdue(&self) -> Result<(), String> {
        let ahead = [0, 1, 7, 300, 1 << 20, u64::MAX][self.steps % 6];
        let now = self.model.now().saturating_add(ahead);
        let got = self.engine.overdue(Timestamp::from_millis(now));
        same("overdue", &got, &self.model.overdue(now))
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

    pub(crate) fn resolve_when(&self, when: When) -> u64 {
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
    pub(crate) fn name(&self, operation: Operation) -> String {
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
            Operation::Heartbeats { whom, count, .. } => {
                format!("{count} heartbeats from {} on", self.resolve_whom(whom))
            }
            Operation::UpdateTimeouts { whom, .. } => {
                format!("update_timeouts {}", self.resolve_whom(whom))
            }
            Operation::Suspend { whom } => format!("suspend {}", self.resolve_whom(whom)),
            Operation::Resume { whom } => format!("resume {}", self.resolve_whom(whom)),
            Operation::Recover { revival } => format!("recover {revival:?}"),
            Operation::Snapshot => "snapshot and restore".to_owned(),
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
        && evidence.recovered == expected.recovered
        && evidence.suspended.as_millis() == u128::from(expected.suspended)
        && evidence.suspended_at.map(Timestamp::as_millis) == expected.suspended_at
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

/// What a refused command says.
fn refused(error: CommandError) -> Reply {
    if let CommandError::JumpPending(jump) = error {
        jump_pending(jump, None, None)
    } else {
        Reply::Refused(error)
    }
}

fn jump_pending(jump: Jump, key: Option<u32>, details: Option<u32>) -> Reply {
    Reply::JumpPending { from: jump.from.as_millis(), to: jump.to.as_millis(), key, details }
}

fn beat_reply(reply: Result<Heartbeat, HeartbeatError<u32>>) -> Reply {
    match reply {
        Ok(beat) => Reply::Beat {
            cancel_requested: beat.cancel_requested,
            deadline: beat.deadline.map(plain_deadline),
        },
        Err(HeartbeatError { details, reason: CommandError::JumpPending(jump), .. }) => {
            jump_pending(jump, None, details)
        }
        Err(error) => Reply::BeatRefused { details: error.details, reason: error.reason },
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
        recovered: evidence.recovered,
        suspended: u64::try_from(evidence.suspended.as_millis()).expect("no longer than time"),
        suspended_at: evidence.suspended_at.map(Timestamp::as_millis),
    }
}
