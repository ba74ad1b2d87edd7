//! The small trait behind which every timer stands, and the list of them.

use clap::ValueEnum;

/// A timer under test. Times are milliseconds since its making.
///
/// Heartwheel runs its whole state machine behind these calls; the others are bare timers, one per
/// activity, whose deadline a beat moves to [`HEARTBEAT_MS`](crate::orders::HEARTBEAT_MS) later.
pub trait Peer: Sized {
    /// What a beat names the activity by, drawn into the order beforehand: whatever the timer
    /// itself hands out if that can be copied, else the activity's number.
    type Handle: Copy;

    /// Whether [`next_wakeup`](Self::next_wakeup) answers; without it a host cannot sleep.
    const TELLS_WAKEUP: bool = true;
    /// Whether the timer can be armed at all; `limit` cannot.
    const FIRES: bool = true;

    /// An empty one, at its defaults.
    fn new() -> Self;

    /// Makes an activity. A bare timer is armed here with the deadline that the start will give it.
    fn schedule(&mut self, now: u64, activity: u32, deadline: u64) -> Self::Handle;

    /// Starts the activity; nothing for a bare timer.
    fn start(&mut self, _now: u64, _handle: Self::Handle) -> bool {
        true
    }

    /// Arms a timer with one deadline and no beats.
    fn plain(&mut self, now: u64, activity: u32, deadline: u64) -> Self::Handle {
        self.schedule(now, activity, deadline)
    }

    /// A heartbeat; false if it was refused.
    fn beat(&mut self, now: u64, handle: Self::Handle) -> bool;

    /// The heartbeats of one instant, for which a timer may have one call: how many were refused.
    fn beat_all(&mut self, now: u64, handles: &[Self::Handle]) -> u64 {
        handles.iter().map(|&handle| u64::from(!self.beat(now, handle))).sum()
    }

    /// Ends the activity and takes its timer out; false if it was not there.
    fn complete(&mut self, now: u64, handle: Self::Handle) -> bool;

    /// The next activity that is due, until there is none. A timer that yields its due entries only
    /// all at once does so in the first call and hands them on in the next.
    fn poll(&mut self, now: u64) -> Option<u32>;

    /// When to poll next.
    fn next_wakeup(&self) -> Option<u64>;

    /// Timer entries visited so far, if the timer counts them.
    fn visited(&self) -> Option<u64> {
        None
    }

    /// Beats accepted so far, if it counts them: the proof that the beats were not optimised away.
    fn beats(&self) -> Option<u64> {
        None
    }

    /// Gives back memory that nothing live needs, if it can.
    fn shrink(&mut self) {}
}

/// The peers by name.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, ValueEnum)]
pub enum PeerKind {
    /// This library: the whole state machine
    Heartwheel,
    /// tokio-util's DelayQueue: `reset_at`, paused clock
    DelayQueue,
    /// nexus-timer: `reschedule`
    NexusTimer,
    /// hierarchical_hash_wheel_timer's cancellable quad wheel: cancel and insert
    HashWheel,
    /// std's BinaryHeap, re-armed lazily, a deadline array beside it
    BinaryHeap,
    /// std's BTreeSet: remove and insert
    BtreeSet,
}

impl PeerKind {
    /// The name used in tables, in JSON and on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// Calls a function that is generic over the peer with the type that a [`PeerKind`] names.
macro_rules! with_peer {
    ($kind:expr, $function:ident $(, $argument:expr)*) => {{
        use $crate::peer::PeerKind;
        use $crate::peers;
        match $kind {
            PeerKind::Heartwheel => $function::<peers::heartwheel::Heartwheel<()>>($($argument),*),
            PeerKind::DelayQueue => $function::<peers::delay_queue::DelayQueuePeer>($($argument),*),
            PeerKind::NexusTimer => $function::<peers::nexus::Nexus>($($argument),*),
            PeerKind::HashWheel => $function::<peers::hash_wheel::HashWheel>($($argument),*),
            PeerKind::BinaryHeap => $function::<peers::heap::LazyHeap>($($argument),*),
            PeerKind::BtreeSet => $function::<peers::btree::Tree>($($argument),*),
        }
    }};
}
pub(crate) use with_peer;
