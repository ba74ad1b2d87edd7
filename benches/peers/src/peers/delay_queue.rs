//! tokio-util's DelayQueue under tokio's paused clock.

use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::runtime::{Builder, EnterGuard, Runtime};
use tokio::time::Instant;
use tokio_util::time::delay_queue::{DelayQueue, Key};

use crate::orders::HEARTBEAT_MS;
use crate::peer::Peer;

/// One runtime for all instances in turn: its clock stands still but for our steps.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true);
    builder.build().expect("a runtime without I/O asks nothing of the system")
});

/// A beat is `reset_at`; a step of the clock is `tokio::time::advance`, which turns the runtime's
/// own timer that the queue sleeps on.
#[derive(Debug)]
pub struct DelayQueuePeer {
    queue: DelayQueue<u32>,
    origin: Instant,
    now: u64,
    /// The queue makes its `Sleep` wherever it is called from, so the runtime must be current.
    _context: EnterGuard<'static>,
}

impl DelayQueuePeer {
    fn at(&self, millis: u64) -> Instant {
        self.origin + Duration::from_millis(millis)
    }
}

impl Peer for DelayQueuePeer {
    type Handle = Key;
    // It wakes the task that polls it and tells nobody else when.
    const TELLS_WAKEUP: bool = false;

    fn new() -> Self {
        let context = RUNTIME.enter();
        Self { queue: DelayQueue::new(), origin: Instant::now(), now: 0, _context: context }
    }

    fn schedule(&mut self, _now: u64, activity: u32, deadline: u64) -> Key {
        self.queue.insert_at(activity, self.at(deadline))
    }

    fn beat(&mut self, now: u64, handle: Key) -> bool {
        let deadline = self.at(now + HEARTBEAT_MS);
        // Panics if the key is not there: that would show.
        self.queue.reset_at(&handle, deadline);
        true
    }

    fn complete(&mut self, _now: u64, handle: Key) -> bool {
        self.queue.try_remove(&handle).is_some()
    }

    fn poll(&mut self, now: u64) -> Option<u32> {
        if now > self.now {
            RUNTIME.block_on(tokio::time::advance(Duration::from_millis(now - self.now)));
            self.now = now;
        }
        // Outside of a task: no wakers to keep, no budget to run out of.
        match self.queue.poll_expired(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Some(expired)) => Some(expired.into_inner()),
            Poll::Ready(None) | Poll::Pending => None,
        }
    }

    fn next_wakeup(&self) -> Option<u64> {
        None
    }

    fn shrink(&mut self) {
        self.queue.shrink_to_fit();
    }
}
