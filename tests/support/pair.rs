//! An engine and the model side by side: runs an operation on both and compares everything that a host can
//! see.

use std::collections::HashMap;
use std::sync::OnceLock;

use core::time::Duration;

use heartwheel::conformance::{
    Action, Activity, Beat, Cancel, Expiry, Limits, Model, Refusal, Story, When, Whom,
};
use heartwheel::{
    ActivityId, ActivityView, CancelOutcome, CommandError, Config, Deadline, Engine, Event,
    Evidence, Heartbeat, HeartbeatError, Jump, ScheduleRefusal, TimeoutType, Timeouts, Timestamp,
};

use super::operation::{Operation, Setup, Step};

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
    /// By number, which is also the key: the id that the engine gave, if it did.
    ids: Vec<Option<ActivityId>>,
    issued: Vec<ActivityId>,
    numbers: HashMap<ActivityId, u32>,
    steps: usize,
    /// Steps between two calls of `check_invariants`: it walks the wheel, and a wide one is long.
    invariants_every: usize,
    is_guarded: bool,
    max_open: u32,
}

/// An activity by the engine's name and by the model's.
#[derive(Clone, Copy, Debug)]
struct Named {
    id: ActivityId,
    number: u32,
}

/// What became of a command that both sides agree on.
#[derive(Debug)]
enum Agreed {
    Accepted,
    Beat { deadline: Option<(u64, TimeoutType)> },
    Refused,
}

impl Pair {
    pub(crate) fn new(setup: &Setup, model: Model) -> Self {
        Self {
            engine: Engine::new(setup.config()),
            model,
            ids: Vec::new(),
            issued: Vec::new(),
            numbers: HashMap::new(),
            steps: 0,
            is_guarded: setup.max_jump.is_some(),
            max_open: setup.max_open,
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
            Operation::Common(Action::Advance) => self.poll(now, None)?,
            Operation::Common(Action::AdvanceAtMost(limit)) => self.poll(now, Some(limit))?,
            Operation::ShrinkToFit => self.engine.shrink_to_fit(),
            Operation::Heartbeats { whom, count, details } => {
                self.heartbeats(now, whom, count, details)?;
            }
            Operation::Common(Action::Recover { policy, spread }) => {
                let at = Timestamp::from_millis(now);
                let moved = self.engine.recover(at, policy.recovery(spread));
                same("clocks moved", &moved, &self.model.recover(now, policy, spread))?;
            }
            #[cfg(feature = "serde")]
            Operation::Common(Action::Snapshot) => self.snapshot()?,
            #[cfg(not(feature = "serde"))]
            Operation::Common(Action::Snapshot) => {}
            Operation::Common(command) => self.command(now, command)?,
        }
        self.compare()?;
        if self.steps % self.invariants_every == 0 {
            self.engine.check_invariants()?;
        }
        Ok(())
    }

    fn command(&mut self, now: u64, action: Action<Whom>) -> Result<(), String> {
        let stats_before = self.engine.stats();
        let wakeup_before = self.engine.next_wakeup();
        let deadline_before = if let Action::Heartbeat { activity, .. } = action {
            self.model.deadline(self.resolve_whom(activity).number)
        } else {
            None
        };
        let agreed = self.both(now, action)?;
        let stats = self.engine.stats();
        if let Agreed::Beat { deadline } = agreed {
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
        if let Agreed::Refused = agreed {
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
    fn both(&mut self, now: u64, action: Action<Whom>) -> Result<Agreed, String> {
        let at = Timestamp::from_millis(now);
        let Some(whom) = action.activity() else { unreachable!("not a command") };
        if let Action::Schedule { limits, .. } = action {
            return self.schedule(now, limits);
        }
        let Named { id, number } = self.resolve_whom(whom);
        match action {
            Action::Start { .. } => {
                let got = self.engine.start(at, id);
                let got = got.map_err(|error| self.refused(now, id, error));
                agree("start", &got, &self.model.start(now, number))
            }
            Action::Heartbeat { details, .. } => {
                let got = self.engine.heartbeat(at, id, details);
                let got = self.beat(now, id, details, got);
                agree("heartbeat", &got, &self.model.heartbeat(now, number, details))?;
                Ok(got.map_or(Agreed::Refused, |beat| Agreed::Beat { deadline: beat.deadline }))
            }
            Action::RequestCancel { .. } => {
                let got = match self.engine.request_cancel(at, id) {
                    Ok(CancelOutcome::Canceled(closed)) => Ok(Cancel::Closed(self.story(closed))),
                    Ok(CancelOutcome::Requested { first_requested_at }) => {
                        Ok(Cancel::Requested { first_requested_at: first_requested_at.as_millis() })
                    }
                    Ok(_) => unreachable!("a cancel outcome that the tests do not know"),
                    Err(error) => Err(self.refused(now, id, error)),
                };
                agree("request to cancel", &got, &self.model.request_cancel(now, number))
            }
            Action::Close { outcome, .. } => {
                let closed = self.engine.close(at, id, outcome);
                let got = closed
                    .map(|closed| self.story(closed))
                    .map_err(|error| self.refused(now, id, error));
                agree("close", &got, &self.model.close(now, number, outcome))
            }
            Action::Abandon { .. } => {
                let closed = self.engine.abandon(at, id);
                let got = closed
                    .map(|closed| self.story(closed))
                    .map_err(|error| self.refused(now, id, error));
                agree("abandon", &got, &self.model.abandon(now, number))
            }
            Action::UpdateTimeouts { limits, .. } => {
                let timeouts = self.shaved(limits);
                let updated = self.engine.update_timeouts(at, id, timeouts);
                let got = updated
                    .map(|deadline| deadline.map(plain_deadline))
                    .map_err(|error| self.refused(now, id, error));
                agree("update", &got, &self.model.update_timeouts(now, number, limits))
            }
            Action::Suspend { .. } => {
                let got = self.engine.suspend(at, id).map_err(|error| self.refused(now, id, error));
                agree("suspend", &got, &self.model.suspend(now, number))
            }
            Action::Resume { .. } => {
                let resumed =
                    self.engine.resume(at, id).map_err(|error| self.refused(now, id, error));
                let got = resumed.map(whole_millis);
                agree("resume", &got, &self.model.resume(now, number))
            }
            Action::Schedule { .. }
            | Action::Advance
            | Action::AdvanceAtMost(_)
            | Action::Recover { .. }
            | Action::Snapshot
            | _ => unreachable!("not a command"),
        }
    }

    fn schedule(&mut self, now: u64, limits: Limits) -> Result<Agreed, String> {
        let number = u32::try_from(self.ids.len()).expect("fewer steps than that");
        let at = Timestamp::from_millis(now);
        let got = self.engine.schedule(at, Key(number), self.shaved(limits)).map_err(|error| {
            assert_eq!(error.key, Key(number), "the key is handed back");
            match error.reason {
                ScheduleRefusal::AtCapacity { max_open } => {
                    assert_eq!(max_open, self.max_open, "the configured maximum");
                    Refusal::AtCapacity
                }
                ScheduleRefusal::JumpPending(jump) => self.jump_pending(now, jump),
                ScheduleRefusal::Exhausted => panic!("no test schedules that often"),
                _ => unreachable!("a refusal that the tests do not know"),
            }
        });
        let expected = self.model.schedule(now, number, limits);
        self.ids.push(got.ok());
        if let Ok(id) = got {
            assert_eq!(self.numbers.insert(id, number), None, "{id} was issued twice");
            self.issued.push(id);
        }
        agree("schedule", &got.map(|_| ()), &expected)
    }

    /// Durations that round up to the limits: on every eighth step each is a nanosecond short.
    fn shaved(&self, limits: Limits) -> Timeouts {
        let mut timeouts = limits.timeouts();
        if self.steps % 8 != 0 {
            return timeouts;
        }
        let short = |timeout: Option<Duration>| {
            timeout.filter(|timeout| !timeout.is_zero()).map(|some| some - Duration::from_nanos(1))
        };
        if let Some(timeout) = short(timeouts.schedule_to_start()) {
            timeouts = timeouts.with_schedule_to_start(timeout);
        }
        if let Some(timeout) = short(timeouts.schedule_to_close()) {
            timeouts = timeouts.with_schedule_to_close(timeout);
        }
        if let Some(timeout) = short(timeouts.start_to_close()) {
            timeouts = timeouts.with_start_to_close(timeout);
        }
        if let Some(timeout) = short(timeouts.heartbeat()) {
            timeouts = timeouts.with_heartbeat(timeout);
        }
        timeouts
    }

    /// One call on the engine, one after the other on the model, which takes the time for seen once.
    fn heartbeats(
        &mut self,
        now: u64,
        whom: Whom,
        count: usize,
        details: Option<u32>,
    ) -> Result<(), String> {
        let named: Vec<Named> =
            (0..count).map(|further| self.resolve_whom(whom.further(further))).collect();
        let ids: Vec<ActivityId> = named.iter().map(|named| named.id).collect();
        let details = |place: usize| details.map(|value| value.wrapping_add(place as u32));
        let mut replies = Vec::new();
        let reply = |place, reply| {
            assert_eq!(place, replies.len(), "replies come in order");
            replies.push(reply);
        };
        self.engine.heartbeats(Timestamp::from_millis(now), &ids, details, reply);
        let seen = if ids.is_empty() { Ok(()) } else { self.model.see(now) };
        same("replies in number", &replies.len(), &ids.len())?;
        for (place, (named, reply)) in named.into_iter().zip(replies).enumerate() {
            let got = self.beat(now, named.id, details(place), reply);
            let expected = seen.and_then(|()| {
                self.model.heartbeat(self.model.now(), named.number, details(place))
            });
            same("reply", &got, &expected)?;
        }
        Ok(())
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
                Some(Event::JumpPending(jump)) => Err(self.jump_pending(now, jump)),
                Some(Event::TimedOut(timed_out)) => Ok(Some(timed_out)),
                Some(_) => unreachable!("an event that the tests do not know"),
                None => Ok(None),
            };
            let id =
                got.as_ref().ok().and_then(Option::as_ref).map(|timed_out| timed_out.activity.id);
            let got = got.map(|event| event.map(|timed_out| self.expiry(timed_out)));
            same("event", &got, &self.model.poll(now))?;
            if got.is_err() {
                return Ok(());
            }
            let Some(id) = id else { break };
            same("activity after its timeout", &self.engine.activity(id).is_none(), &true)?;
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
                let key = view.evidence.key.0;
                let Some(activity) = open.iter().find(|open| open.story().activity == key) else {
                    return Err(format!("activities(): {id} is not open"));
                };
                self.same_view(&view, activity)?;
            }
            same("activities() in number", &seen, &open.len())?;
        }
        let looked_up = if crowded { 4 } else { open.len() };
        for turn in 0..looked_up {
            let activity = &open[(self.steps + turn) % open.len()];
            let key = activity.story().activity;
            let view = self.ids[key as usize].and_then(|id| self.engine.activity(id));
            let Some(view) = view else { return Err(format!("activity {key} is None")) };
            self.same_view(&view, activity)?;
        }
        self.compare_dead()
    }

    /// One id of the past in turn, and one stranger: neither answers unless it is open.
    fn compare_dead(&self) -> Result<(), String> {
        let past = self.issued.get(self.steps % self.issued.len().max(1));
        let strangers = strangers();
        let stranger = strangers.get(self.steps % strangers.len());
        for id in past.into_iter().chain(stranger) {
            let open = self.numbers.get(id).is_some_and(|key| self.model.activity(*key).is_some());
            if self.engine.activity(*id).is_some() != open {
                return Err(format!("activity({id}) answers: {}, open: {open}", !open));
            }
        }
        Ok(())
    }

    pub(crate) fn resolve_when(&self, when: When) -> u64 {
        when.resolve(&self.model, self.engine.next_wakeup().map(Timestamp::as_millis))
    }

    fn resolve_whom(&self, whom: Whom) -> Named {
        let scheduled = self.ids.len() as u32;
        let number = whom.resolve(&self.model, scheduled);
        match (self.ids.get(number as usize), whom) {
            (Some(Some(id)), _) => Named { id: *id, number },
            // Scheduling was refused, or there was none: any id that was not issued will do.
            (_, Whom::Open(which) | Whom::Scheduled(which) | Whom::Stranger(which)) => {
                let id = strangers()[which % strangers().len()];
                Named { id, number: self.numbers.get(&id).copied().unwrap_or(u32::MAX) }
            }
            (_, _) => unreachable!("only a schedule names the next"),
        }
    }

    /// The operation as a reader wants it, with the id that it comes to.
    pub(crate) fn name(&self, operation: Operation) -> String {
        let whom = match operation {
            Operation::Common(action) => action.activity().filter(|whom| *whom != Whom::Next),
            Operation::Heartbeats { whom, .. } => Some(whom),
            Operation::ShrinkToFit => None,
        };
        match whom {
            Some(whom) => format!("{} {operation:?}", self.resolve_whom(whom).id),
            None => format!("{operation:?}"),
        }
    }

    fn same_view(
        &self,
        view: &ActivityView<'_, Key, u32>,
        activity: &Activity,
    ) -> Result<(), String> {
        let evidence = &view.evidence;
        // Compared in place: a view is looked at after every operation.
        let expected = activity.story();
        let matches = Some(evidence.id) == self.ids[expected.activity as usize]
            && evidence.key.0 == expected.activity
            && evidence.scheduled_at.as_millis() == expected.scheduled_at
            && evidence.started_at.map(Timestamp::as_millis) == expected.started_at
            && evidence.last_heartbeat_at.map(Timestamp::as_millis) == expected.last_heartbeat_at
            && evidence.heartbeats == expected.heartbeats
            && evidence.details.copied() == expected.details
            && evidence.cancel_requested_at.map(Timestamp::as_millis)
                == expected.cancel_requested_at
            && evidence.recovered == expected.recovered
            && evidence.suspended.as_millis() == u128::from(expected.suspended)
            && evidence.suspended_at.map(Timestamp::as_millis) == expected.suspended_at
            && view.timeouts == activity.limits().timeouts()
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

    /// What a refused command says, which names the id that it was about.
    fn refused(&self, now: u64, id: ActivityId, error: CommandError) -> Refusal {
        let (named, refusal) = match error {
            CommandError::NotOpen { id } => (id, Refusal::NotOpen),
            CommandError::NotStarted { id } => (id, Refusal::NotStarted),
            CommandError::AlreadyStarted { id } => (id, Refusal::AlreadyStarted),
            CommandError::AlreadySuspended { id } => (id, Refusal::AlreadySuspended),
            CommandError::NotSuspended { id } => (id, Refusal::NotSuspended),
            CommandError::JumpPending(jump) => (id, self.jump_pending(now, jump)),
            _ => unreachable!("an error that the tests do not know"),
        };
        assert_eq!(named, id, "{error} names the id of the command");
        refusal
    }

    fn jump_pending(&self, now: u64, jump: Jump) -> Refusal {
        let span = (jump.from.as_millis(), jump.to.as_millis());
        assert_eq!(span, (self.model.now(), now), "from the newest time seen to the time given");
        Refusal::JumpPending
    }

    fn beat(
        &self,
        now: u64,
        id: ActivityId,
        details: Option<u32>,
        reply: Result<Heartbeat, HeartbeatError<u32>>,
    ) -> Result<Beat, Refusal> {
        match reply {
            Ok(beat) => Ok(Beat {
                cancel_requested: beat.cancel_requested,
                deadline: beat.deadline.map(plain_deadline),
            }),
            Err(error) => {
                assert_eq!(error.details, details, "details are handed back");
                Err(self.refused(now, id, error.reason))
            }
        }
    }

    fn expiry(&self, timed_out: heartwheel::TimedOut<Key, u32>) -> Expiry {
        Expiry {
            timeout_type: timed_out.timeout_type,
            deadline: timed_out.deadline.as_millis(),
            observed_at: timed_out.observed_at.as_millis(),
            story: self.story(timed_out.activity),
        }
    }

    /// What the engine tells at an activity's end.
    fn story(&self, evidence: Evidence<Key, u32>) -> Story {
        let activity = evidence.key.0;
        assert_eq!(Some(evidence.id), self.ids[activity as usize], "the key's own id");
        let mut story = Story::default();
        story.activity = activity;
        story.scheduled_at = evidence.scheduled_at.as_millis();
        story.started_at = evidence.started_at.map(Timestamp::as_millis);
        story.last_heartbeat_at = evidence.last_heartbeat_at.map(Timestamp::as_millis);
        story.heartbeats = evidence.heartbeats;
        story.details = evidence.details;
        story.cancel_requested_at = evidence.cancel_requested_at.map(Timestamp::as_millis);
        story.recovered = evidence.recovered;
        story.suspended = whole_millis(evidence.suspended);
        story.suspended_at = evidence.suspended_at.map(Timestamp::as_millis);
        story
    }
}

/// The same on both sides, and what that was.
fn agree<T: core::fmt::Debug + PartialEq>(
    what: &str,
    got: &Result<T, Refusal>,
    expected: &Result<T, Refusal>,
) -> Result<Agreed, String> {
    same(what, got, expected)?;
    Ok(if got.is_ok() { Agreed::Accepted } else { Agreed::Refused })
}

fn same<T: core::fmt::Debug + PartialEq>(what: &str, got: &T, expected: &T) -> Result<(), String> {
    if got == expected {
        Ok(())
    } else {
        Err(format!("{what}:\n     got      {got:?}\n     expected {expected:?}"))
    }
}

fn plain_deadline(deadline: Deadline) -> (u64, TimeoutType) {
    (deadline.at.as_millis(), deadline.timeout_type)
}

fn whole_millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).expect("no longer than time")
}
