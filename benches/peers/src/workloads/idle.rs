//! Polls with nothing due, whatever the population; and one long jump.

use std::hint::black_box;
use std::time::Instant;

use crate::driver::{drain, NoProbe, Probe, Tally, WorstProbe};
use crate::orders::{spread, Orders, PERIOD_MS, START_TO_CLOSE_MS};
use crate::peer::Peer;
use crate::row::{Row, Worst};
use crate::workloads::Pass;

/// The smallest population.
const SMALLEST: u32 = 100;
/// Polls at one instant: enough that one takes far longer than reading the clock twice.
const REPEATED: u32 = 100_000;
/// Polls 1 ms apart: ten seconds of a host that steps.
const STEPS: u64 = 10_000;
/// Timers in the year.
const YEAR_TIMERS: u32 = 1_000;
/// The jump.
const YEAR_MS: u64 = 365 * 24 * 60 * 60 * 1_000;

/// Measures one peer at each power of ten up to the activities asked for.
pub fn idle<P: Peer>(orders: &Orders, _pass: Pass) -> Vec<Row> {
    let sizes = std::iter::successors(Some(SMALLEST), |size| size.checked_mul(10));
    let sizes = sizes.take_while(|&size| size <= orders.activities().max(SMALLEST));
    let mut rows: Vec<Row> = sizes.flat_map(empty_polls::<P>).collect();
    rows.push(year::<P>());
    rows
}

/// A day's timers, not one of which is near.
fn empty_polls<P: Peer>(activities: u32) -> [Row; 2] {
    let mut peer = P::new();
    let mut tally = Tally::default();
    for step in 0..PERIOD_MS {
        drain(&mut peer, step, &mut tally, &mut NoProbe);
        for activity in spread(activities, PERIOD_MS, step) {
            peer.plain(step, activity as u32, step + START_TO_CLOSE_MS);
        }
    }

    let now = PERIOD_MS;
    tally.fired += u64::from(peer.poll(now).is_some());
    let begun = Instant::now();
    for _ in 0..REPEATED {
        tally.fired += u64::from(black_box(&mut peer).poll(now).is_some());
    }
    let repeated = Row {
        case: Some("one instant"),
        activities,
        ns_per_op: Some(begun.elapsed().as_nanos() as f64 / f64::from(REPEATED)),
        worst: Some(worst_poll(&mut peer, now..=now, &mut tally)),
        ..Row::default()
    };

    let begun = Instant::now();
    for now in now + 1..=now + STEPS {
        tally.fired += u64::from(black_box(&mut peer).poll(now).is_some());
    }
    let ns = begun.elapsed().as_nanos() as f64 / STEPS as f64;
    let probed = now + STEPS + 1..=now + 2 * STEPS;
    let stepped = Row {
        case: Some("1 ms apart"),
        activities,
        ns_per_op: Some(ns),
        worst: Some(worst_poll(&mut peer, probed, &mut tally)),
        ..Row::default()
    };
    assert_eq!(tally, Tally::default(), "something fired with nothing due");
    [repeated, stepped]
}

fn worst_poll<P: Peer>(
    peer: &mut P,
    instants: std::ops::RangeInclusive<u64>,
    tally: &mut Tally,
) -> Worst {
    let mut probe = WorstProbe::default();
    for now in instants {
        drain(peer, now, tally, &mut probe);
        probe.step_done();
    }
    probe.into_worst()
}

/// Timers spread over a year, all passed at once: per event, the work that the jump passes.
fn year<P: Peer>() -> Row {
    let mut peer = year_of_timers::<P>();
    let begun = Instant::now();
    pass_year(&mut peer, &mut NoProbe);
    let spent = begun.elapsed();

    let mut peer = year_of_timers::<P>();
    let visited_before = peer.visited();
    let mut probe = WorstProbe::default();
    pass_year(&mut peer, &mut probe);
    probe.step_done();
    let visited = peer.visited().zip(visited_before).map(|(after, before)| after - before);
    Row {
        case: Some("one-year jump"),
        activities: YEAR_TIMERS,
        ns_per_op: Some(spent.as_nanos() as f64 / f64::from(YEAR_TIMERS)),
        worst: Some(probe.into_worst()),
        extras: visited.map(|visited| ("entries_visited", visited as f64)).into_iter().collect(),
        ..Row::default()
    }
}

fn year_of_timers<P: Peer>() -> P {
    let mut peer = P::new();
    for timer in 0..YEAR_TIMERS {
        let deadline = u64::from(timer + 1) * YEAR_MS / u64::from(YEAR_TIMERS);
        peer.plain(0, timer, deadline);
    }
    peer
}

fn pass_year<P: Peer>(peer: &mut P, probe: &mut impl Probe) {
    let mut tally = Tally::default();
    drain(peer, YEAR_MS, &mut tally, probe);
    let timers = u64::from(YEAR_TIMERS);
    let all = Tally { fired: timers, sum: timers * (timers - 1) / 2, refused: 0 };
    assert_eq!(tally, all, "not every timer of the year fired once");
}
