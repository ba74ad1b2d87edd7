//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::peer::PeerKind;

/// Heartwheel against its peers: same driver, same order, same run.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    /// How many activities live at a time; `idle` and `--plot` go up to it by powers of ten
    /// [default: 1000000, for the plot 10000000]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub activities: Option<u32>,

    /// A workload to measure; may be repeated; all of them if absent
    #[arg(long = "workload", value_name = "W")]
    pub workloads: Vec<Workload>,

    /// A peer to measure; may be repeated; all of them if absent
    #[arg(long = "peer", value_name = "P")]
    pub peers: Vec<PeerKind>,

    /// Runs; figures are medians over them
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub runs: u32,

    /// One JSON object a line instead of tables
    #[arg(long)]
    pub json: bool,

    /// Measure `steady` and `limit` from 10^3 activities up and write an SVG plot
    #[arg(long, value_name = "FILE", conflicts_with_all = ["huge", "json"])]
    pub plot: Option<PathBuf>,

    /// Heartwheel alone with this many started activities: memory and ns per beat
    #[arg(long, value_name = "N", conflicts_with = "json")]
    pub huge: Option<u32>,

    /// Measures the memory of one peer in this process and prints one JSON object
    #[arg(long, hide = true)]
    pub memory_child: bool,
}

impl Cli {
    /// The population of the tables.
    pub fn activities(&self) -> u32 {
        self.activities.unwrap_or(1_000_000)
    }
}

/// The workloads, by the names under which their figures are quoted.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, ValueEnum)]
pub enum Workload {
    /// Every activity beats once per 10 s; the clock steps 1 ms
    Steady,
    /// The same beats as bare memory touches
    Limit,
    /// Steady, each beat carrying 64 bytes
    Details,
    /// Steady, all started in one millisecond
    Clustered,
    /// Steady's beats; the host sleeps until `next_wakeup` or a beat
    Sleeper,
    /// Whole lives of 2 s: schedule, start, 3 beats, complete
    Churn,
    /// Silent activities expire over 10 s
    Expiry,
    /// All expire in one millisecond
    Burst,
    /// Polls with nothing due, and a one-year jump
    Idle,
    /// Live heap, peak, allocations per heartbeat
    Memory,
}

impl Workload {
    /// The name used in tables, in JSON and on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}
