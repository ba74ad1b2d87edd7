//! Whole lives: schedule, start, 3 beats, complete; N live at any time.

use std::time::{Duration, Instant};

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use crate::driver::{drain, NoProbe, Tally, MIN_MEASURED};
use crate::orders::{spread, Orders, HEARTBEAT_MS};
use crate::peer::Peer;
use crate::row::Row;
use crate::workloads::Pass;

/// A life.
const LIFE_MS: u64 = 2_000;
/// The beats of a life come at each half second.
const BEAT_MS: u64 = 500;
/// Beats in a life.
const BEATS: u64 = 3;
/// And up to so much later, so that they do not come in the order of starting.
const JITTER_MS: u64 = 400;
/// Measured lives of each place, one after another: 32 s, so that what lives leave behind in the
/// timers for 30 s is met as well.
const ROUNDS: u64 = 16;

/// Measures one peer.
pub fn churn<P: Peer>(orders: &Orders, _pass: Pass) -> Vec<Row> {
    let activities = orders.activities();
    let beats = Beats::draw(activities);
    let mut spent = Duration::ZERO;
    let mut lives = 0;
    while spent < MIN_MEASURED {
        let mut host = Host::<P>::set_up(activities, &beats);
        let begun = Instant::now();
        for round in 1..=ROUNDS {
            host.round(round);
        }
        spent += begun.elapsed();
        lives += u64::from(activities) * ROUNDS;
        host.end(ROUNDS + 1);
    }
    let ns_per_op = Some(spent.as_nanos() as f64 / lives as f64);
    vec![Row { activities, ns_per_op, ..Row::default() }]
}

/// Who beats at which step of a round; the same in every round.
#[derive(Debug)]
struct Beats {
    /// By step, one after another.
    activities: Vec<u32>,
    /// Where each step begins; one more than there are steps.
    edges: Vec<usize>,
}

impl Beats {
    fn draw(activities: u32) -> Self {
        // Any number would do; one that never changes makes every run the same run.
        let mut rng = SmallRng::seed_from_u64(0xC4A4);
        let mut steps = vec![Vec::new(); LIFE_MS as usize];
        for beat in 1..=BEATS {
            for born in 0..LIFE_MS {
                for activity in spread(activities, LIFE_MS, born) {
                    let at = born + beat * BEAT_MS + rng.random_range(0..JITTER_MS);
                    steps[(at % LIFE_MS) as usize].push(activity as u32);
                }
            }
        }
        let mut edges = vec![0];
        for step in &steps {
            edges.push(edges[edges.len() - 1] + step.len());
        }
        Self { activities: steps.concat(), edges }
    }

    fn at(&self, step: u64) -> &[u32] {
        &self.activities[self.edges[step as usize]..self.edges[step as usize + 1]]
    }
}

struct Host<'a, P: Peer> {
    peer: P,
    beats: &'a Beats,
    activities: u32,
    handles: Vec<P::Handle>,
    tally: Tally,
}

impl<'a, P: Peer> Host<'a, P> {
    /// Round 0, in which nobody dies and those not born yet do not beat; not timed.
    fn set_up(activities: u32, beats: &'a Beats) -> Self {
        let handles = Vec::with_capacity(activities as usize);
        let mut host = Self { peer: P::new(), beats, activities, handles, tally: Tally::default() };
        for now in 0..LIFE_MS {
            drain(&mut host.peer, now, &mut host.tally, &mut NoProbe);
            for place in spread(activities, LIFE_MS, now) {
                let handle = host.begin(now, place);
                host.handles.push(handle);
            }
            for &activity in beats.at(now) {
                if let Some(&handle) = host.handles.get(activity as usize) {
                    let accepted = host.peer.beat(now, handle);
                    host.tally.reply(accepted);
                }
            }
        }
        host
    }

    fn begin(&mut self, now: u64, place: usize) -> P::Handle {
        let handle = self.peer.schedule(now, place as u32, now + HEARTBEAT_MS);
        let accepted = self.peer.start(now, handle);
        self.tally.reply(accepted);
        handle
    }

    /// Everybody's life ends and another begins in its place.
    fn round(&mut self, round: u64) {
        for step in 0..LIFE_MS {
            let now = round * LIFE_MS + step;
            drain(&mut self.peer, now, &mut self.tally, &mut NoProbe);
            std::hint::black_box(self.peer.next_wakeup());
            for place in spread(self.activities, LIFE_MS, step) {
                let accepted = self.peer.complete(now, self.handles[place]);
                self.tally.reply(accepted);
                self.handles[place] = self.begin(now, place);
            }
            for &activity in self.beats.at(step) {
                let accepted = self.peer.beat(now, self.handles[activity as usize]);
                self.tally.reply(accepted);
            }
        }
    }

    /// Ends all lives; then nothing may ever fire.
    fn end(&mut self, round: u64) {
        let ended = round * LIFE_MS;
        for &handle in &self.handles {
            let accepted = self.peer.complete(ended, handle);
            self.tally.reply(accepted);
        }
        for now in ended..=ended + HEARTBEAT_MS {
            drain(&mut self.peer, now, &mut self.tally, &mut NoProbe);
        }
        assert_eq!(self.tally, Tally::default(), "something fired or was refused in a whole life");
    }
}
