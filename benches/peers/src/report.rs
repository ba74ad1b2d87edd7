//! Tables for people, JSON for programs.

use std::io::{self, Write};

use serde_json::{json, Map, Value};

use crate::allocator;
use crate::cli::Workload;
use crate::machine;
use crate::peer::PeerKind;
use crate::suite::Summary;

/// Said under every table: the peers' figures are for less work.
const BARE: &str = "heartwheel runs its whole state machine: four timeouts, details, generations, \
evidence for each event.\nThe others are bare timers with one deadline each and none of that: \
their advantage. limit is no timer at all.";

/// Writes one JSON object a line.
pub fn json(results: &[Summary]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for result in results {
        writeln!(out, "{}", object(result))?;
    }
    Ok(())
}

fn object(result: &Summary) -> Value {
    let row = &result.row;
    let mut object = Map::new();
    object.insert("workload".to_owned(), json!(result.workload.name()));
    object.insert("peer".to_owned(), json!(result.peer));
    object.insert("activities".to_owned(), json!(row.activities));
    let worst = row.worst.as_ref();
    let fields = [
        ("case", row.case.map(Value::from)),
        ("ns_per_op", result.ns().map(Value::from)),
        ("worst_call_ns", worst.map(|worst| worst.ns().into())),
        ("worst_call_entries", worst.and_then(|worst| worst.entries).map(Value::from)),
        ("bytes_per_activity", row.bytes_per_activity.map(Value::from)),
        ("allocations_per_op", row.allocations_per_op.map(Value::from)),
    ];
    let extras = row.extras.iter().map(|&(name, value)| (name, Some(Value::from(value))));
    for (name, value) in fields.into_iter().chain(extras) {
        if let Some(value) = value {
            object.insert(name.to_owned(), value);
        }
    }
    Value::Object(object)
}

/// Prints a table per workload.
pub fn table(results: &[Summary], runs: u32) {
    println!("{}", machine::settings());
    println!(
        "medians of {runs} runs, every line measured in each run; counting allocator: {:.0} ns per \
         allocate-and-free pair",
        allocator::ns_per_pair()
    );
    let mut workloads: Vec<Workload> = results.iter().map(|result| result.workload).collect();
    workloads.dedup();
    for workload in workloads {
        println!("\n{}: {}", workload.name(), operation(workload));
        print_rows(&lines(results, workload));
    }
    print_across(results);
    println!("\n{BARE}");
}

fn operation(workload: Workload) -> &'static str {
    match workload {
        Workload::Steady => "all-in per heartbeat",
        Workload::Limit => "per beat: what the memory and the driver cost",
        Workload::Details => "steady, each beat carrying 64 bytes; per heartbeat",
        Workload::Clustered => "steady, all started in one millisecond; per heartbeat",
        Workload::Sleeper => "steady's beats, polled at next_wakeup or a beat; per heartbeat",
        Workload::Churn => "per whole life: schedule, start, 3 beats, complete",
        Workload::Expiry => "per event, all within 10 s",
        Workload::Burst => "per event after the first, all in 1 ms; the first call is the worst",
        Workload::Idle => "per poll with nothing due; the jump per event",
        Workload::Memory => "live heap with K = u64, D = ()",
    }
}

const HEADER: [&str; 10] = [
    "peer",
    "activities",
    "ns/op",
    "/heartwheel",
    "/limit",
    "worst call",
    "entries",
    "bytes",
    "allocs/op",
    "notes",
];

/// The column of words.
const NOTES: usize = HEADER.len() - 1;

fn lines(results: &[Summary], workload: Workload) -> Vec<Vec<String>> {
    let mut lines = vec![HEADER.map(str::to_owned).to_vec()];
    for result in results.iter().filter(|result| result.workload == workload) {
        let row = &result.row;
        let worst = row.worst.as_ref();
        let ratio = |other: Option<&Summary>| cell(other.and_then(|other| result.ratio(other)), 2);
        let peer = match row.case {
            Some(case) => format!("{} ({case})", result.peer),
            None => result.peer.clone(),
        };
        let mut line = vec![
            peer,
            row.activities.to_string(),
            cell(result.ns(), 1),
            ratio(beside(results, result)),
            ratio(limit_for(results, workload)),
            worst.map_or_else(String::new, |worst| duration(worst.ns())),
            worst.and_then(|worst| worst.entries).map_or_else(String::new, |n| n.to_string()),
            cell(row.bytes_per_activity, 1),
            cell(row.allocations_per_op, 4),
        ];
        let notes = row.extras.iter().map(|&(name, value)| format!("{name} {}", figure(value)));
        line.push(notes.collect::<Vec<_>>().join(", "));
        lines.push(line);
    }
    lines
}

/// The line of heartwheel under the same workload, case and population.
fn beside<'a>(results: &'a [Summary], result: &Summary) -> Option<&'a Summary> {
    let heartwheel = PeerKind::Heartwheel.name();
    results.iter().find(|other| {
        other.workload == result.workload
            && other.peer == heartwheel
            && other.row.case == result.row.case
            && other.row.activities == result.row.activities
    })
}

/// The limit is a limit on heartbeats, so only of the workloads that consist of them.
fn limit_for(results: &[Summary], workload: Workload) -> Option<&Summary> {
    let of_beats = matches!(
        workload,
        Workload::Steady
            | Workload::Limit
            | Workload::Details
            | Workload::Clustered
            | Workload::Sleeper
    );
    results.iter().find(|result| of_beats && result.workload == Workload::Limit)
}

/// Ratios between workloads, which no single table shows.
fn print_across(results: &[Summary]) {
    let heartwheel = PeerKind::Heartwheel.name();
    let of = |workload| results.iter().filter(move |result| result.workload == workload);
    let Some(steady) = of(Workload::Steady).find(|result| result.peer == heartwheel) else {
        return;
    };
    println!();
    for other in [Workload::Details, Workload::Clustered].into_iter().flat_map(of) {
        if other.peer != heartwheel {
            continue;
        }
        if let Some(ratio) = other.ratio(steady) {
            let case = other.row.case.unwrap_or("all");
            println!("heartwheel {} ({case}) / steady: {ratio:.2}", other.workload.name());
        }
    }
    if let Some(limit) = of(Workload::Limit).next() {
        println!("heartwheel / limit: {}", cell(steady.ratio(limit), 2));
    }
    for peer in of(Workload::Steady).filter(|result| result.peer != heartwheel) {
        println!("{} / heartwheel: {}", peer.peer, cell(peer.ratio(steady), 2));
    }
}

fn cell(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(String::new, |value| format!("{value:.decimals$}"))
}

/// Four significant digits, or all of a whole number.
fn figure(value: f64) -> String {
    let digits = if value == 0.0 { 0.0 } else { value.abs().log10().floor() };
    let decimals = if value.fract() == 0.0 { 0 } else { (3.0 - digits).clamp(0.0, 12.0) as usize };
    format!("{value:.decimals$}")
}

/// In the unit that leaves it readable.
fn duration(ns: u32) -> String {
    let ns = f64::from(ns);
    if ns < 1e4 {
        format!("{ns:.0} ns")
    } else if ns < 1e7 {
        format!("{:.1} us", ns / 1e3)
    } else {
        format!("{:.1} ms", ns / 1e6)
    }
}

/// Columns as wide as they need to be; those that are empty throughout are left out.
fn print_rows(lines: &[Vec<String>]) {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = lines.iter().skip(1).filter_map(|line| line.get(column));
        let widest = cells.map(String::len).max().unwrap_or(0);
        let header = lines.first().and_then(|line| line.get(column)).map_or(0, String::len);
        if widest == 0 {
            0
        } else {
            widest.max(header)
        }
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for line in lines {
        let cells = line.iter().zip(&widths).enumerate().filter(|(_, (_, &width))| width > 0);
        let padded = cells.map(|(column, (cell, &width))| match column {
            // Words to the left, figures to the right.
            0 | NOTES => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        println!("  {}", padded.collect::<Vec<_>>().join("  ").trim_end());
    }
}
