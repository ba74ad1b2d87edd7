//! N silent activities expire over 10 s.

use std::time::{Duration, Instant};

use crate::driver::{Host, Start, MIN_MEASURED};
use crate::orders::Orders;
use crate::peer::Peer;
use crate::row::Row;
use crate::workloads::Pass;

/// Timed from the last start to the last event, so that moving timers down the levels is counted.
pub fn expiry<P: Peer>(orders: &Orders, _pass: Pass) -> Vec<Row> {
    let sums = orders.sums(0);
    let mut spent = Duration::ZERO;
    let mut events = 0;
    while spent < MIN_MEASURED {
        let mut host = Host::<P>::set_up(orders, Start::Spread);
        let begun = Instant::now();
        host.fall_silent(0, &sums);
        spent += begun.elapsed();
        events += u64::from(orders.activities());
    }
    let ns_per_op = Some(spent.as_nanos() as f64 / events as f64);
    vec![Row { activities: orders.activities(), ns_per_op, ..Row::default() }]
}
