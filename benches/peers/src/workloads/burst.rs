//! N expire in one millisecond.

use std::time::Instant;

use crate::driver::{drain, Host, NoProbe, Start, Tally};
use crate::orders::{Orders, HEARTBEAT_MS};
use crate::peer::Peer;
use crate::row::{Row, Worst};
use crate::workloads::Pass;

/// The clock steps up to the millisecond; then the first call, which must find an order, is timed
/// apart from the rest. The steps before are a figure of their own: what was prepared in them is
/// not free either.
pub fn burst<P: Peer>(orders: &Orders, _pass: Pass) -> Vec<Row> {
    let activities = u64::from(orders.activities());
    let mut host = Host::<P>::set_up(orders, Start::Clustered);
    let begun = Instant::now();
    for now in 1..HEARTBEAT_MS {
        drain(&mut host.peer, now, &mut host.tally, &mut NoProbe);
    }
    let before = begun.elapsed();
    assert_eq!(host.tally, Tally::default(), "fired early");

    let visited_before = host.peer.visited();
    let begun = Instant::now();
    let first = host.peer.poll(HEARTBEAT_MS);
    let first_call = begun.elapsed();
    let visited = host.peer.visited().zip(visited_before).map(|(after, before)| after - before);
    host.tally.fire(first.expect("everybody is due"));

    let begun = Instant::now();
    drain(&mut host.peer, HEARTBEAT_MS, &mut host.tally, &mut NoProbe);
    let rest = begun.elapsed();
    let sum = activities * (activities - 1) / 2;
    assert_eq!(host.tally, Tally { fired: activities, sum, refused: 0 }, "not exactly once each");

    let first_ns = u32::try_from(first_call.as_nanos()).unwrap_or(u32::MAX);
    let per_event = |ns: u128| ns as f64 / activities as f64;
    vec![Row {
        activities: orders.activities(),
        ns_per_op: Some(per_event(rest.as_nanos())),
        worst: Some(Worst { step_ns: vec![first_ns], entries: visited }),
        extras: vec![
            ("ns_per_op_with_first_call", per_event((first_call + rest).as_nanos())),
            ("ns_per_op_before", per_event(before.as_nanos())),
        ],
        ..Row::default()
    }]
}
