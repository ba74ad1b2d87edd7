//! Live heap per started activity, its peak, allocations per heartbeat, resident memory.

use std::process::Command;

use clap::ValueEnum;
use serde_json::{json, Value};

use crate::allocator;
use crate::cli::Cli;
use crate::driver::{Host, NoProbe, Start};
use crate::machine;
use crate::orders::{Orders, MEASURED_PERIODS};
use crate::peer::{with_peer, Peer, PeerKind};
use crate::row::Row;

/// The figures beside bytes per activity and allocations per heartbeat, by their names in JSON.
const EXTRAS: [&str; 3] = ["peak_bytes_per_activity", "bytes_after_closing_all", "peak_rss_bytes"];

/// Measures one peer in a process of its own: peaks only ever grow.
pub fn memory(kind: PeerKind, activities: u32) -> Result<Row, Box<dyn std::error::Error>> {
    let name = kind.name();
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--memory-child", "--peer", &name, "--activities", &activities.to_string()]);
    let output = command.output()?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(format!("memory of {name}: {complaint}").into());
    }
    let figures: Value = serde_json::from_slice(&output.stdout)?;
    let figure = |field: &str| figures[field].as_f64();
    Ok(Row {
        activities,
        bytes_per_activity: figure("bytes_per_activity"),
        allocations_per_op: figure("allocations_per_op"),
        extras: EXTRAS.iter().filter_map(|&field| Some((field, figure(field)?))).collect(),
        ..Row::default()
    })
}

/// What the process of its own does.
pub fn child(cli: &Cli) -> Result<(), Box<dyn std::error::Error>> {
    let kinds = PeerKind::value_variants();
    let kind = cli.peers.first().or_else(|| kinds.first()).ok_or("no peer")?;
    println!("{}", with_peer!(*kind, figures, cli.activities()));
    Ok(())
}

fn figures<P: Peer>(activities: u32) -> Value {
    let orders = Orders::draw(activities);
    let buffers = Host::<P>::buffers(&orders);
    let per_activity = |bytes: u64| bytes as f64 / f64::from(activities);

    // Drawing the orders peaked above what lives of them, so the least peak that shows is that.
    let live_before = allocator::live_bytes();
    let peak_before = allocator::peak_bytes();
    let mut host = Host::<P>::with_peer(P::new(), &orders, Start::Spread, buffers);
    let started = allocator::live_bytes() - live_before;

    let allocations_before = allocator::allocations();
    for period in Start::Spread.measured() {
        host.load(period);
        host.run(period, &mut NoProbe);
    }
    let allocations = allocator::allocations() - allocations_before;
    host.check_beating();
    let peak = allocator::peak_bytes();
    let peak_rss = machine::status_bytes("VmHWM");

    let now = Start::Spread.measured().end * crate::orders::PERIOD_MS;
    for &handle in &host.handles {
        assert!(host.peer.complete(now, handle), "an activity was lost");
    }
    host.peer.shrink();
    let closed = allocator::live_bytes().saturating_sub(live_before);

    let beats = MEASURED_PERIODS * u64::from(activities);
    let mut figures = json!({
        "bytes_per_activity": per_activity(started),
        "allocations_per_op": allocations as f64 / beats as f64,
        "bytes_after_closing_all": closed,
        "peak_rss_bytes": peak_rss,
    });
    // Hidden below the drawing's own peak it would be a figure about the driver.
    if peak > peak_before {
        figures["peak_bytes_per_activity"] = json!(per_activity(peak - live_before));
    }
    figures
}
