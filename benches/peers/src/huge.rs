//! As many started activities as fit, with a driver that keeps 8 bytes for each and no order.

use std::hint::black_box;
use std::time::{Duration, Instant};

use heartwheel::ActivityId;
use indicatif::ProgressIterator;

use crate::allocator;
use crate::driver::{drain, NoProbe, Tally};
use crate::machine;
use crate::orders::{spread, MEASURED_PERIODS, PERIOD_MS};
use crate::peer::Peer;
use crate::peers::heartwheel::Heartwheel;

/// As in the drawn orders.
const JITTER_SHARE: u64 = 5;
/// Four rounds make a Feistel network a good shuffle of any domain.
const ROUNDS: u64 = 4;
/// An odd constant whose products mix well: 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Who beats at this place of this period's order: computed, so that nothing need be stored. Within
/// each fifth of the base order every period shuffles anew, which is as far as jitter carries.
fn activity_at(place: u64, period: u64, activities: u64) -> u64 {
    let window = (activities / JITTER_SHARE).max(1);
    let first = place / window * window;
    let length = window.min(activities - first);
    let place = match period {
        0 => place,
        period => first + shuffled(place - first, length, period),
    };
    shuffled(place, activities, 0)
}

/// A bijection of `0..length`: a Feistel network over the least square of a power of two that holds
/// it, walked until it comes back inside.
fn shuffled(place: u64, length: u64, key: u64) -> u64 {
    let half = (u64::BITS - (length - 1).leading_zeros()).div_ceil(2).max(1);
    let mask = (1 << half) - 1;
    let mut walked = place;
    loop {
        let (mut left, mut right) = (walked >> half, walked & mask);
        for round in 0..ROUNDS {
            let mixed = right
                .wrapping_add((key * ROUNDS + round).wrapping_mul(GOLDEN))
                .wrapping_mul(GOLDEN);
            (left, right) = (right, left ^ (mixed >> (u64::BITS / 2)) & mask);
        }
        walked = left << half | right;
        if walked < length {
            return walked;
        }
    }
}

/// Runs steady once and prints what it took.
pub fn run(activities: u32) {
    println!("{}", machine::settings());
    let mut ids: Vec<ActivityId> = Vec::with_capacity(activities as usize);
    let live_before = allocator::live_bytes();
    let mut engine = Heartwheel::<()>::new();
    let mut tally = Tally::default();

    for activity in (0..activities).progress() {
        ids.push(engine.schedule(0, activity, 0));
    }
    let id_at = |ids: &[ActivityId], place: usize, period| {
        ids[activity_at(place as u64, period, u64::from(activities)) as usize]
    };
    for now in (0..PERIOD_MS).progress_count(PERIOD_MS) {
        drain(&mut engine, now, &mut tally, &mut NoProbe);
        for place in spread(activities, PERIOD_MS, now) {
            tally.reply(engine.start(now, id_at(&ids, place, 0)));
        }
    }
    report_memory("started", activities, live_before);

    let mut beats = Vec::new();
    let mut spent = Duration::ZERO;
    let steps = MEASURED_PERIODS * PERIOD_MS;
    for step in (0..steps).progress_count(steps) {
        let (period, at) = (1 + step / PERIOD_MS, step % PERIOD_MS);
        let now = PERIOD_MS + step;
        let places = spread(activities, PERIOD_MS, at);
        beats.clear();
        beats.extend(places.map(|place| id_at(&ids, place, period)));
        let begun = Instant::now();
        crate::driver::step(&mut engine, now, black_box(&beats), &mut tally, &mut NoProbe);
        spent += begun.elapsed();
    }
    report_memory("after 4 periods", activities, live_before);
    assert_eq!(tally, Tally::default(), "something fired or was refused while all beat");
    let sent = MEASURED_PERIODS * u64::from(activities);
    assert_eq!(engine.beats(), Some(sent), "beats were lost");
    println!("{:.1} ns per heartbeat, all-in", spent.as_nanos() as f64 / sent as f64);
}

fn report_memory(when: &str, activities: u32, live_before: u64) {
    let live = allocator::live_bytes() - live_before;
    let gigabytes = |bytes: u64| bytes as f64 / 1e9;
    println!(
        "{activities} {when}: engine {:.2} GB live heap, {:.1} bytes per activity; driver {:.2} GB; \
         VmRSS {:.2} GB, VmHWM {:.2} GB",
        gigabytes(live),
        live as f64 / f64::from(activities),
        gigabytes(live_before),
        gigabytes(machine::status_bytes("VmRSS")),
        gigabytes(machine::status_bytes("VmHWM")),
    );
}
