//! The state behind its lock, with a clock: calls, long polls, and the passing of time though nobody calls.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use heartwheel::swf::access::Policy;
use heartwheel::swf::Caller;
use heartwheel::Timestamp;
use tokio::sync::{watch, Notify};
use tokio::time::Instant;

use crate::calls::Call;
use crate::clock::{Clock, ClockKind, MANUAL_START};
use crate::error::{CommonError, Error};
use crate::state::{Place, Reply, Snapshot, State};

/// How long a poll without a task is held: so long by the server's clock, or so long in fact.
#[derive(Clone, Copy, Debug)]
pub struct LongPoll {
    pub by_clock: Duration,
    pub in_fact: Duration,
}

impl LongPoll {
    /// SWF's own, a minute; under a manual clock, which may stand still, a second in fact.
    #[must_use]
    pub fn default_of(kind: ClockKind) -> Self {
        let minute = Duration::from_secs(60);
        let in_fact = match kind {
            ClockKind::System => minute,
            ClockKind::Manual => Duration::from_secs(1),
        };
        Self { by_clock: minute, in_fact }
    }
}

/// What the lock is for.
#[derive(Debug)]
struct Guarded {
    state: State,
    /// The last snapshot is taken: nothing may be answered that is not in it.
    closed: bool,
}

impl Guarded {
    fn open(&mut self) -> Result<&mut State, Error> {
        if self.closed {
            return Err(Error::common(CommonError::ServiceUnavailable, "the server ends"));
        }
        Ok(&mut self.state)
    }
}

/// One server's state and clock.
#[derive(Debug)]
pub struct Host {
    guarded: Mutex<Guarded>,
    pub clock: Clock,
    place: Place,
    long_poll: LongPoll,
    /// Tells polls that wait to try again.
    new_tasks: Notify,
    /// Tells the timekeeper that something is due earlier than it thinks.
    earlier: Notify,
    /// Counts calls that were answered, so that whoever writes snapshots sees whether there is anything new.
    changes: AtomicU64,
    closing: watch::Sender<bool>,
}

impl Host {
    #[must_use]
    pub fn new(state: State, clock: Clock, long_poll: LongPoll) -> Self {
        Self {
            place: state.place().clone(),
            guarded: Mutex::new(Guarded { state, closed: false }),
            clock,
            long_poll,
            new_tasks: Notify::new(),
            earlier: Notify::new(),
            changes: AtomicU64::new(0),
            closing: watch::Sender::new(false),
        }
    }

    /// Answers a call; a poll without a task is held.
    ///
    /// # Errors
    /// The state's; ServiceUnavailable after the last snapshot.
    pub async fn call(
        &self,
        policy: Option<&Policy>,
        call: Call,
        body: &[u8],
    ) -> Result<Reply, Error> {
        let caller = Caller::new(policy, &self.place.region, &self.place.account);
        let until = Instant::now() + self.long_poll.in_fact;
        let mut closing = self.closing.subscribe();
        let mut since = None;
        loop {
            // From here on no new task is missed.
            let new_task = self.new_tasks.notified();
            tokio::pin!(new_task);
            new_task.as_mut().enable();
            let (now, reply) = self.try_call(caller, call, body)?;
            let Reply::NoTask(none) = reply else { return Ok(reply) };
            let waited = now.saturating_since(*since.get_or_insert(now));
            if waited >= self.long_poll.by_clock || *closing.borrow_and_update() {
                return Ok(Reply::Body(none));
            }
            tokio::select! {
                () = new_task => {}
                () = tokio::time::sleep_until(until) => return Ok(Reply::Body(none)),
                _ = closing.changed() => return Ok(Reply::Body(none)),
            }
        }
    }

    fn try_call(
        &self,
        caller: Caller<'_>,
        call: Call,
        body: &[u8],
    ) -> Result<(Timestamp, Reply), Error> {
        let mut guarded = self.lock();
        let state = guarded.open()?;
        let wakeup = state.next_wakeup();
        let now = self.clock.now();
        let reply = state.call(now, caller, call, body);
        if !matches!(reply, Ok(Reply::NoTask(_)) | Err(_)) {
            self.changes.fetch_add(1, Ordering::SeqCst);
        }
        self.tell(state, wakeup);
        Ok((now, reply?))
    }

    /// Moves a manual clock and lets happen what is due.
    ///
    /// # Errors
    /// ServiceUnavailable after the last snapshot.
    pub fn advance(&self, by: Duration) -> Result<Timestamp, Error> {
        let mut guarded = self.lock();
        let state = guarded.open()?;
        let now = self.clock.now();
        let now = now.checked_add(by).unwrap_or(Timestamp::MAX);
        self.clock.set(now);
        state.drain(now);
        self.changes.fetch_add(1, Ordering::SeqCst);
        // Polls may have waited long enough by this clock.
        self.new_tasks.notify_waiters();
        Ok(now)
    }

    /// Forgets everything, and puts a manual clock to its start.
    ///
    /// # Errors
    /// ServiceUnavailable after the last snapshot.
    pub fn reset(&self, state: State) -> Result<Timestamp, Error> {
        let mut guarded = self.lock();
        *guarded.open()? = state;
        self.clock.set(MANUAL_START);
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.new_tasks.notify_waiters();
        Ok(self.clock.now())
    }

    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Lets time pass by the system's clock, for ever.
    pub async fn keep_time(&self) {
        loop {
            let earlier = self.earlier.notified();
            let wakeup = {
                let state = &mut self.lock().state;
                let now = self.clock.now();
                state.drain(now);
                if state.take_new_tasks() {
                    self.new_tasks.notify_waiters();
                }
                state.next_wakeup().map(|wakeup| wakeup.saturating_since(now))
            };
            match wakeup {
                None => earlier.await,
                Some(after) => tokio::select! {
                    () = tokio::time::sleep(after.min(LONGEST_SLEEP)) => {}
                    () = earlier => {}
                },
            }
        }
    }

    /// Answers all polls that wait, and every later one at once.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// How many calls were answered.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// A copy of the state. Calls wait while it is made, and not while it is written.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.lock().state.snapshot()
    }

    /// The last copy, in which everything is that was or will be answered: later calls are refused.
    #[must_use]
    pub fn last_snapshot(&self) -> Snapshot {
        let mut guarded = self.lock();
        guarded.closed = true;
        guarded.state.snapshot()
    }

    fn tell(&self, state: &mut State, wakeup: Option<Timestamp>) {
        if state.take_new_tasks() {
            self.new_tasks.notify_waiters();
        }
        let is_earlier = match (wakeup, state.next_wakeup()) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(before), Some(after)) => after < before,
        };
        if is_earlier {
            self.earlier.notify_one();
        }
    }

    /// A call that panicked has been answered by nothing; the state is taken as it is.
    fn lock(&self) -> MutexGuard<'_, Guarded> {
        self.guarded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The system's clock may be set, and a machine may sleep: no sleep is longer than this.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
