//! The one driver: steps the clock, polls, delivers beats, counts what fires.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::orders::{spread, Orders, HEARTBEAT_MS, MEASURED_PERIODS, PERIOD_MS};
use crate::peer::Peer;
use crate::row::Worst;

/// A pass is repeated until so much time was measured, so that small populations are not all noise.
pub const MIN_MEASURED: Duration = Duration::from_millis(200);

/// What came out of a peer: counts and sums, because looking each activity up would cost a cache
/// miss that is not the peer's.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Activities that fired.
    pub fired: u64,
    /// The sum of their numbers.
    pub sum: u64,
    /// Commands that were refused.
    pub refused: u64,
}

impl Tally {
    /// Counts a fired activity.
    pub fn fire(&mut self, activity: u32) {
        self.fired += 1;
        self.sum += u64::from(activity);
    }

    /// Counts the refusals of a batch.
    pub fn refuse(&mut self, refused: u64) {
        self.refused += refused;
    }

    /// Counts a command by its reply.
    pub fn reply(&mut self, accepted: bool) {
        self.refused += u64::from(!accepted);
    }
}

/// Stands around every single call into a peer.
pub trait Probe {
    /// Makes the call.
    fn call<P: Peer, R>(&mut self, peer: &mut P, call: impl FnOnce(&mut P) -> R) -> R;

    /// The clock goes on.
    fn step_done(&mut self) {}
}

/// Nothing around the calls: what timed passes use, so that looking for the worst call costs them nothing.
#[derive(Debug)]
pub struct NoProbe;

impl Probe for NoProbe {
    fn call<P: Peer, R>(&mut self, peer: &mut P, call: impl FnOnce(&mut P) -> R) -> R {
        call(peer)
    }
}

/// A clock and the entry counter around each call, for passes of their own.
#[derive(Debug, Default)]
pub struct WorstProbe {
    worst: Worst,
    step_ns: u32,
}

impl WorstProbe {
    /// What was seen.
    pub fn into_worst(self) -> Worst {
        self.worst
    }
}

impl Probe for WorstProbe {
    fn call<P: Peer, R>(&mut self, peer: &mut P, call: impl FnOnce(&mut P) -> R) -> R {
        let visited_before = peer.visited();
        let begun = Instant::now();
        let result = call(peer);
        let ns = begun.elapsed().as_nanos();
        self.step_ns = self.step_ns.max(u32::try_from(ns).unwrap_or(u32::MAX));
        if let (Some(before), Some(after)) = (visited_before, peer.visited()) {
            self.worst.entries = self.worst.entries.max(Some(after - before));
        }
        result
    }

    fn step_done(&mut self) {
        self.worst.step_ns.push(std::mem::take(&mut self.step_ns));
    }
}

/// Polls until nothing is due.
pub fn drain<P: Peer>(peer: &mut P, now: u64, tally: &mut Tally, probe: &mut impl Probe) {
    while let Some(activity) = probe.call(peer, |peer| peer.poll(now)) {
        tally.fire(activity);
    }
}

/// One step of the clock: poll until None, read the next wake-up, deliver the step's beats.
pub fn step<P: Peer>(
    peer: &mut P,
    now: u64,
    beats: &[P::Handle],
    tally: &mut Tally,
    probe: &mut impl Probe,
) {
    drain(peer, now, tally, probe);
    black_box(probe.call(peer, |peer| peer.next_wakeup()));
    tally.refuse(probe.call(peer, |peer| peer.beat_all(now, beats)));
    probe.step_done();
}

/// How a population starts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Start {
    /// Each at its own phase of period 0.
    Spread,
    /// All in the first millisecond.
    Clustered,
}

impl Start {
    /// The periods that are measured: after the starts, so 0 is among them only if nobody starts in it.
    pub fn measured(self) -> std::ops::Range<u64> {
        match self {
            Self::Spread => 1..MEASURED_PERIODS + 1,
            Self::Clustered => 0..MEASURED_PERIODS,
        }
    }
}

/// A peer with its population, and the host that drives it.
#[derive(Debug)]
pub struct Host<'a, P: Peer> {
    pub peer: P,
    pub tally: Tally,
    orders: &'a Orders,
    /// By activity.
    pub handles: Vec<P::Handle>,
    /// The next period's beats, as handles in order: what comes off the wire in a real host.
    beats: Vec<P::Handle>,
    sent: u64,
}

impl<'a, P: Peer> Host<'a, P> {
    /// Schedules and starts everybody; not timed.
    pub fn set_up(orders: &'a Orders, start: Start) -> Self {
        Self::with_peer(P::new(), orders, start, Self::buffers(orders))
    }

    /// The driver's own arrays, apart from the peer so that its memory can be told from theirs.
    pub fn buffers(orders: &Orders) -> (Vec<P::Handle>, Vec<P::Handle>) {
        let activities = orders.activities() as usize;
        (Vec::with_capacity(activities), Vec::with_capacity(activities))
    }

    /// The same with a peer and arrays made before.
    pub fn with_peer(
        peer: P,
        orders: &'a Orders,
        start: Start,
        (handles, beats): (Vec<P::Handle>, Vec<P::Handle>),
    ) -> Self {
        let tally = Tally::default();
        let mut host = Host { peer, tally, orders, handles, beats, sent: 0 };
        match start {
            Start::Spread => host.start_spread(),
            Start::Clustered => host.start_clustered(),
        }
        host
    }

    /// All are scheduled at 0 in order of their numbers, then started in the base order: a record's
    /// place says nothing about when it beats.
    fn start_spread(&mut self) {
        for (activity, phase) in (0..).zip(self.orders.phases()) {
            let handle = self.peer.schedule(0, activity, u64::from(phase) + HEARTBEAT_MS);
            self.handles.push(handle);
        }
        for now in 0..PERIOD_MS {
            drain(&mut self.peer, now, &mut self.tally, &mut NoProbe);
            for &activity in &self.orders.period(0)[self.orders.places(now)] {
                let accepted = self.peer.start(now, self.handles[activity as usize]);
                self.tally.reply(accepted);
            }
        }
    }

    fn start_clustered(&mut self) {
        for activity in 0..self.orders.activities() {
            let handle = self.peer.schedule(0, activity, HEARTBEAT_MS);
            let accepted = self.peer.start(0, handle);
            self.tally.reply(accepted);
            self.handles.push(handle);
        }
    }

    /// Lays out a period's beats; not timed, and touches the pages that the period will read.
    pub fn load(&mut self, period: u64) {
        let order = self.orders.period(period);
        self.beats.clear();
        self.beats.extend(order.iter().map(|&activity| self.handles[activity as usize]));
    }

    /// The beats of a step of the loaded period.
    pub fn beats(&self, step: u64) -> &[P::Handle] {
        &self.beats[self.orders.places(step)]
    }

    /// Runs the loaded period.
    pub fn run(&mut self, period: u64, probe: &mut impl Probe) {
        let activities = self.orders.activities();
        for at in 0..PERIOD_MS {
            let beats = &self.beats[spread(activities, PERIOD_MS, at)];
            step(&mut self.peer, period * PERIOD_MS + at, beats, &mut self.tally, probe);
        }
        self.sent += u64::from(activities);
    }

    /// One waking of a host that sleeps in between: polls, delivers the beats of the loaded period's
    /// step, and asks when to wake next.
    pub fn wake(&mut self, now: u64, at: u64, probe: &mut impl Probe) -> Option<u64> {
        drain(&mut self.peer, now, &mut self.tally, probe);
        let beats = &self.beats[self.orders.places(at)];
        self.tally.refuse(probe.call(&mut self.peer, |peer| peer.beat_all(now, beats)));
        self.sent += beats.len() as u64;
        probe.call(&mut self.peer, |peer| peer.next_wakeup())
    }

    /// Asserts that every command was accepted, and that nothing fired while all were beating.
    pub fn check_beating(&self) {
        assert_eq!(self.tally, Tally::default(), "something fired or was refused while all beat");
        if let Some(beats) = self.peer.beats() {
            assert_eq!(beats, self.sent, "beats were lost");
        }
    }

    /// Silence from the end of `last_period` on: steps the clock until everybody must have fired, and
    /// asserts at each step that exactly those fired whose last beat was one timeout ago.
    pub fn check_silence(&mut self, last_period: u64) {
        let sums = self.orders.sums(last_period);
        self.fall_silent(last_period, &sums);
    }

    /// The same with the sums drawn beforehand, to be timed.
    pub fn fall_silent(&mut self, last_period: u64, sums: &[u64]) {
        let first_due = last_period * PERIOD_MS + HEARTBEAT_MS;
        for now in (last_period + 1) * PERIOD_MS..first_due {
            drain(&mut self.peer, now, &mut self.tally, &mut NoProbe);
            black_box(self.peer.next_wakeup());
        }
        assert_eq!(self.tally, Tally::default(), "fired early");
        for (at, &sum) in (0..).zip(sums) {
            let mut tally = Tally::default();
            drain(&mut self.peer, first_due + at, &mut tally, &mut NoProbe);
            black_box(self.peer.next_wakeup());
            let fired = self.orders.places(at).len() as u64;
            assert_eq!(tally, Tally { fired, sum, refused: 0 }, "wrong at {} ms", first_due + at);
        }
    }
}
