//! The smallest wheel, exhausted: every tuple of timers, moved deadlines and steps of time out of a few distances.
//! `HEARTWHEEL_DISTANCES` chooses how many.

extern crate std;

use std::io::Write;

use super::*;

/// Around the ends of slots and laps, and of what the first three levels reach (16 laps of 2, 4 and 8 ms), so that
/// any first few of them have some of each.
const DISTANCES: [u64; 16] = [1, 32, 0, 63, 2, 33, 64, 31, 3, 127, 62, 65, 128, 30, 96, 5];

/// Where the laps of these levels stand to the beginning.
const PHASES: u64 = 8;

/// What is done before a step of time.
const CHANGES: [fn(&mut Pair, u64); 2] = [
    |pair, distance| {
        pair.arm(pair.now + distance);
    },
    |pair, distance| pair.postpone(0, pair.now + distance),
];

#[test]
fn every_tuple_of_changes_and_steps_agrees_at_the_smallest_wheel() {
    let count = std::env::var("HEARTWHEEL_DISTANCES").map_or(5, |count| count.parse().unwrap());
    let distances = &DISTANCES[..count];
    let mut cases = 0;
    for phase in 0..PHASES {
        let pair = Pair::new(Geometry::TINY, 1_760_000_000_000 + phase);
        // Without a timer there is no deadline to move.
        cases += rounds(&pair, &CHANGES[..1], 2, distances);
    }
    // All distances for a timer and its step, then twice those with either change.
    assert_eq!(cases, PHASES * 4 * (count as u64).pow(6));
    let mut stderr = std::io::stderr();
    writeln!(stderr, "wheel: {cases} tuples over {count} distances, differences: 0").unwrap();
}

/// A change, a step and all that can follow; says how many tuples that were.
fn rounds(pair: &Pair, changes: &[fn(&mut Pair, u64)], left: u32, distances: &[u64]) -> u64 {
    let mut cases = 0;
    for (change, distance) in
        changes.iter().flat_map(|change| distances.iter().map(move |distance| (change, distance)))
    {
        let mut changed = pair.clone();
        change(&mut changed, *distance);
        for step in distances {
            let mut pair = changed.clone();
            pair.drain(pair.now + step);
            cases += if left == 0 {
                pair.finish();
                1
            } else {
                rounds(&pair, &CHANGES, left - 1, distances)
            };
        }
    }
    cases
}
