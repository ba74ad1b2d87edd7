//! steady, and those that differ from it by one thing: limit, details, clustered.

use std::time::{Duration, Instant};

use crate::driver::{Host, NoProbe, Start, WorstProbe, MIN_MEASURED};
use crate::orders::Orders;
use crate::peer::Peer;
use crate::row::Row;
use crate::workloads::Pass;

/// Everybody started at its own phase.
pub fn steady<P: Peer>(orders: &Orders, pass: Pass) -> Vec<Row> {
    vec![measure::<P>(orders, pass, Start::Spread)]
}

/// Everybody started in one millisecond.
pub fn clustered<P: Peer>(orders: &Orders, pass: Pass) -> Vec<Row> {
    vec![measure::<P>(orders, pass, Start::Clustered)]
}

/// One period's step costs about as much as the beats in it or more, below a thousand; that is what
/// a small host pays, so it is left in.
fn measure<P: Peer>(orders: &Orders, pass: Pass, start: Start) -> Row {
    match pass {
        Pass::Timed => timed::<P>(orders, start),
        Pass::Worst => worst::<P>(orders, start),
    }
}

fn timed<P: Peer>(orders: &Orders, start: Start) -> Row {
    let mut spent = Duration::ZERO;
    let mut beats = 0;
    while spent < MIN_MEASURED {
        let mut host = Host::<P>::set_up(orders, start);
        for period in start.measured() {
            host.load(period);
            let begun = Instant::now();
            host.run(period, &mut NoProbe);
            spent += begun.elapsed();
            beats += u64::from(orders.activities());
        }
        host.check_beating();
    }
    let ns_per_op = Some(spent.as_nanos() as f64 / beats as f64);
    Row { activities: orders.activities(), ns_per_op, ..Row::default() }
}

/// Ends in silence, so that each peer proves that it really moved its deadlines.
fn worst<P: Peer>(orders: &Orders, start: Start) -> Row {
    let mut host = Host::<P>::set_up(orders, start);
    let mut probe = WorstProbe::default();
    for period in start.measured() {
        host.load(period);
        host.run(period, &mut probe);
    }
    host.check_beating();
    if P::FIRES {
        host.check_silence(start.measured().end - 1);
    }
    let worst = Some(probe.into_worst());
    Row { activities: orders.activities(), worst, ..Row::default() }
}
