//! This library: every call goes through the whole state machine.

use std::fmt::Debug;
use std::time::Duration;

use heartwheel::{ActivityId, Config, Engine, Event, Outcome, Timeouts, Timestamp};

use crate::orders::{HEARTBEAT_MS, START_TO_CLOSE_MS};
use crate::peer::Peer;

/// The timeouts of every activity here.
pub const TIMEOUTS: Timeouts = Timeouts::NONE
    .with_heartbeat(Duration::from_millis(HEARTBEAT_MS))
    .with_start_to_close(Duration::from_millis(START_TO_CLOSE_MS));

/// What a beat carries.
pub trait Details: Debug + Sized {
    /// The details of a beat at `now`.
    fn fresh(now: u64) -> Option<Self>;
}

impl Details for () {
    fn fresh(_now: u64) -> Option<Self> {
        None
    }
}

impl Details for [u8; 64] {
    fn fresh(now: u64) -> Option<Self> {
        Some([now as u8; 64])
    }
}

/// The host allocates it at each beat and the engine frees the one before.
impl Details for String {
    fn fresh(_now: u64) -> Option<Self> {
        // Alike each time: formatting would cost several times what allocating does.
        Some(String::from(TEXT))
    }
}

/// 64 bytes of progress.
const TEXT: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The engine, keyed by the activity's number.
#[derive(Debug)]
pub struct Heartwheel<D> {
    engine: Engine<u64, D>,
}

impl<D> Heartwheel<D> {
    fn schedule_with(&mut self, now: u64, activity: u32, timeouts: Timeouts) -> ActivityId {
        let now = Timestamp::from_millis(now);
        match self.engine.schedule(now, u64::from(activity), timeouts) {
            Ok(id) => id,
            Err(refused) => panic!("activity {activity} was refused: {}", refused.reason),
        }
    }
}

impl<D: Details> Peer for Heartwheel<D> {
    type Handle = ActivityId;

    fn new() -> Self {
        Self { engine: Engine::new(Config::default()) }
    }

    fn schedule(&mut self, now: u64, activity: u32, _deadline: u64) -> ActivityId {
        self.schedule_with(now, activity, TIMEOUTS)
    }

    fn start(&mut self, now: u64, handle: ActivityId) -> bool {
        self.engine.start(Timestamp::from_millis(now), handle).is_ok()
    }

    fn plain(&mut self, now: u64, activity: u32, deadline: u64) -> ActivityId {
        let timeout = Duration::from_millis(deadline - now);
        self.schedule_with(now, activity, Timeouts::NONE.with_schedule_to_close(timeout))
    }

    fn beat(&mut self, now: u64, handle: ActivityId) -> bool {
        self.engine.heartbeat(Timestamp::from_millis(now), handle, D::fresh(now)).is_ok()
    }

    fn beat_all(&mut self, now: u64, handles: &[ActivityId]) -> u64 {
        let (now_at, mut refused) = (Timestamp::from_millis(now), 0);
        let reply = |_, reply: Result<_, _>| refused += u64::from(reply.is_err());
        self.engine.heartbeats(now_at, handles, |_| D::fresh(now), reply);
        refused
    }

    fn complete(&mut self, now: u64, handle: ActivityId) -> bool {
        self.engine.close(Timestamp::from_millis(now), handle, Outcome::Completed).is_ok()
    }

    fn poll(&mut self, now: u64) -> Option<u32> {
        match self.engine.poll(Timestamp::from_millis(now))? {
            Event::TimedOut(timed_out) => Some(timed_out.activity.key as u32),
            _ => panic!("an event that no workload asks for"),
        }
    }

    fn next_wakeup(&self) -> Option<u64> {
        self.engine.next_wakeup().map(Timestamp::as_millis)
    }

    fn visited(&self) -> Option<u64> {
        Some(self.engine.stats().timers.visited)
    }

    fn beats(&self) -> Option<u64> {
        Some(self.engine.stats().heartbeats)
    }

    fn shrink(&mut self) {
        self.engine.shrink_to_fit();
    }
}
