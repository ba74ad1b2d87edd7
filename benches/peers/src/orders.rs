//! Who beats when: drawn beforehand, the same for every peer, never timed.

use std::ops::Range;

use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

/// Each activity beats once per period.
pub const PERIOD_MS: u64 = 10_000;
/// The heartbeat timeout: three periods, so that no beat is late, however the order is redrawn.
pub const HEARTBEAT_MS: u64 = 30_000;
/// The start-to-close timeout; nothing measured here reaches it.
pub const START_TO_CLOSE_MS: u64 = 24 * 60 * 60 * 1_000;
/// Periods that are measured: 40 s, more than the 30 s after which the first timers come round.
pub const MEASURED_PERIODS: u64 = 4;

/// Any number would do; one that never changes makes every run the same run.
const SEED: u64 = 0x5EED;
/// A beat comes up to a fifth of a period after its place in the base order.
const JITTER_SHARE: u32 = 5;

/// The orders of a run: a base order in which the activities start, and one order per period.
#[derive(Debug)]
pub struct Orders {
    activities: u32,
    /// `periods[0]` is the base order, the others are redrawn from it. 4 bytes a beat.
    periods: Vec<Vec<u32>>,
}

impl Orders {
    /// Draws the base order and one for each measured period.
    ///
    /// The base order is a shuffle: in a host that has run for a while, who beats next has nothing
    /// to do with where its record lies.
    pub fn draw(activities: u32) -> Self {
        let mut rng = SmallRng::seed_from_u64(SEED);
        let mut base: Vec<u32> = (0..activities).collect();
        base.shuffle(&mut rng);
        let redrawn: Vec<_> = (0..MEASURED_PERIODS).map(|_| redraw(&base, &mut rng)).collect();
        let periods = std::iter::once(base).chain(redrawn).collect();
        Self { activities, periods }
    }

    /// How many activities there are.
    pub fn activities(&self) -> u32 {
        self.activities
    }

    /// The order of a period; 0 is the base order.
    pub fn period(&self, period: u64) -> &[u32] {
        &self.periods[period as usize]
    }

    /// The places in an order that belong to a step: the beats are spread evenly over the steps.
    pub fn places(&self, step: u64) -> Range<usize> {
        spread(self.activities, PERIOD_MS, step)
    }

    /// The step at which each activity starts, by activity.
    pub fn phases(&self) -> Vec<u16> {
        let mut phases = vec![0_u16; self.activities as usize];
        for step in 0..PERIOD_MS {
            for &activity in &self.period(0)[self.places(step)] {
                phases[activity as usize] = step as u16;
            }
        }
        phases
    }

    /// For each step of a period, the sum of the activities that beat in it: a cheap fingerprint of
    /// who must fire one timeout later.
    pub fn sums(&self, period: u64) -> Vec<u64> {
        let order = self.period(period);
        let sum = |step| order[self.places(step)].iter().map(|&activity| u64::from(activity)).sum();
        (0..PERIOD_MS).map(sum).collect()
    }
}

/// The share of `items` that belongs to a step, where `steps` of them share evenly.
pub fn spread(items: u32, steps: u64, step: u64) -> Range<usize> {
    let edge = |step: u64| (step * u64::from(items) / steps) as usize;
    edge(step)..edge(step + 1)
}

/// The base order, each place put back by a uniform jitter.
fn redraw(base: &[u32], rng: &mut SmallRng) -> Vec<u32> {
    let jitter = (base.len() as u32 / JITTER_SHARE).max(1);
    let mut keyed: Vec<u64> = base
        .iter()
        .enumerate()
        .map(|(place, &activity)| {
            let key = place as u64 + u64::from(rng.random_range(0..jitter));
            // Key and activity in one word, so that sorting moves 8 bytes.
            key << 32 | u64::from(activity)
        })
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|keyed| keyed as u32).collect()
}
