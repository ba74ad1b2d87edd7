//! Which workloads over which peers, and their medians.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::time::Duration;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::{Cli, Workload};
use crate::orders::Orders;
use crate::peer::{with_peer, Peer, PeerKind};
use crate::peers::heartwheel::{Details, Heartwheel};
use crate::peers::limit::Limit;
use crate::row::{Row, Worst};
use crate::workloads::{burst, churn, expiry, idle, memory, sleeper, steady, Measure, Pass};

/// Passes that look for the worst call: two, so that what the machine did at a step is told from
/// what the peer does at it every time; more would cost more than they tell.
const WORST_PASSES: u32 = 2;

/// What to measure.
#[derive(Clone, Debug)]
pub struct Selection {
    pub activities: u32,
    pub workloads: BTreeSet<Workload>,
    pub peers: BTreeSet<PeerKind>,
    pub runs: u32,
    /// Whether to look for the worst calls too.
    pub worst: bool,
}

impl Selection {
    /// What the command line asks for: everything, where it names nothing.
    pub fn from_cli(cli: &Cli) -> Self {
        Self {
            activities: cli.activities(),
            workloads: named_or_all(&cli.workloads),
            peers: named_or_all(&cli.peers),
            runs: cli.runs,
            worst: true,
        }
    }
}

/// The values named, or all there are.
pub fn named_or_all<T: Copy + Ord + ValueEnum>(named: &[T]) -> BTreeSet<T> {
    let all = if named.is_empty() { T::value_variants() } else { named };
    all.iter().copied().collect()
}

/// A line of a table over all runs.
#[derive(Clone, Debug)]
pub struct Summary {
    pub workload: Workload,
    pub peer: String,
    /// As the first run measured it, with the worst calls of all passes.
    pub row: Row,
    /// Run by run.
    pub ns_per_op: Vec<f64>,
}

impl Summary {
    /// The median over the runs.
    pub fn ns(&self) -> Option<f64> {
        median(self.ns_per_op.clone())
    }

    /// The median over the runs of the ratio to another line in the same run.
    pub fn ratio(&self, other: &Self) -> Option<f64> {
        let pairs = self.ns_per_op.iter().zip(&other.ns_per_op);
        median(pairs.map(|(mine, theirs)| mine / theirs).collect())
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = values.get(middle)?;
    if values.len() % 2 == 1 {
        return Some(*upper);
    }
    Some((upper + values[middle - 1]) / 2.0)
}

/// One peer under one workload.
struct Cell {
    workload: Workload,
    peer: String,
    case: Option<&'static str>,
    measure: Task,
}

enum Task {
    Here { measure: Measure, worst: bool },
    Child(PeerKind),
}

/// Measures every cell in each run, so that a ratio never spans two runs.
pub fn run(selection: &Selection) -> Result<Vec<Summary>, Box<dyn std::error::Error>> {
    let cells: Vec<Cell> =
        selection.workloads.iter().flat_map(|&workload| cells(workload, selection)).collect();
    let progress = progress(cells.len() as u64 * u64::from(selection.runs));
    progress.set_message("drawing the orders");
    let orders = Orders::draw(selection.activities);
    let mut results = Vec::new();
    for run in 0..selection.runs {
        for cell in &cells {
            announce(&progress, cell, run + 1, selection.runs);
            for row in measure(cell, &orders, selection.worst && run < WORST_PASSES)? {
                file(&mut results, cell, row);
            }
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    Ok(results)
}

fn measure(
    cell: &Cell,
    orders: &Orders,
    look_for_worst: bool,
) -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    match cell.measure {
        Task::Child(kind) => Ok(vec![memory::memory(kind, orders.activities())?]),
        Task::Here { measure, worst } => {
            let mut rows = measure(orders, Pass::Timed);
            if worst && look_for_worst {
                for (row, seen) in rows.iter_mut().zip(measure(orders, Pass::Worst)) {
                    row.worst = seen.worst;
                }
            }
            Ok(rows)
        }
    }
}

/// Adds a row to the line that it belongs to.
fn file(results: &mut Vec<Summary>, cell: &Cell, mut row: Row) {
    row.case = row.case.or(cell.case);
    let known = results.iter_mut().find(|known| {
        known.workload == cell.workload
            && known.peer == cell.peer
            && known.row.case == row.case
            && known.row.activities == row.activities
    });
    let Some(known) = known else {
        let ns_per_op = row.ns_per_op.into_iter().collect();
        let (workload, peer) = (cell.workload, cell.peer.clone());
        results.push(Summary { workload, peer, row, ns_per_op });
        return;
    };
    known.ns_per_op.extend(row.ns_per_op);
    merge(&mut known.row.worst, row.worst);
}

fn merge(mine: &mut Option<Worst>, theirs: Option<Worst>) {
    match (mine.as_mut(), theirs) {
        (Some(mine), Some(theirs)) => mine.merge(&theirs),
        (None, theirs) => *mine = theirs,
        (Some(_), None) => {}
    }
}

fn cells(workload: Workload, selection: &Selection) -> Vec<Cell> {
    let here = |peer: String, case, measure, worst| {
        let measure = Task::Here { measure, worst };
        Cell { workload, peer, case, measure }
    };
    let each = |with: fn(PeerKind) -> Option<Measure>, worst| {
        let cell = |&kind: &PeerKind| Some(here(kind.name(), None, with(kind)?, worst));
        selection.peers.iter().filter_map(cell).collect()
    };
    match workload {
        Workload::Steady => each(|kind| Some(with_peer!(kind, steady_of)), true),
        Workload::Clustered => each(|kind| Some(with_peer!(kind, clustered_of)), true),
        Workload::Sleeper => each(|kind| with_peer!(kind, sleeper_of), true),
        Workload::Churn => each(|kind| Some(with_peer!(kind, churn_of)), false),
        Workload::Expiry => each(|kind| Some(with_peer!(kind, expiry_of)), false),
        Workload::Burst => each(|kind| Some(with_peer!(kind, burst_of)), false),
        Workload::Idle => each(|kind| Some(with_peer!(kind, idle_of)), false),
        Workload::Limit => {
            vec![here("limit".to_owned(), None, steady::steady::<Limit>, true)]
        }
        Workload::Details if selection.peers.contains(&PeerKind::Heartwheel) => {
            let cell = |case, measure| here(PeerKind::Heartwheel.name(), Some(case), measure, true);
            vec![
                cell("[u8; 64]", detailed::<[u8; 64]>()),
                cell("fresh heap string", detailed::<String>()),
            ]
        }
        // The others carry nothing.
        Workload::Details => Vec::new(),
        Workload::Memory => {
            let cell = |&kind: &PeerKind| Cell {
                workload,
                peer: kind.name(),
                case: None,
                measure: Task::Child(kind),
            };
            selection.peers.iter().map(cell).collect()
        }
    }
}

fn steady_of<P: Peer>() -> Measure {
    steady::steady::<P>
}

fn detailed<D: Details>() -> Measure {
    steady::steady::<Heartwheel<D>>
}

fn clustered_of<P: Peer>() -> Measure {
    steady::clustered::<P>
}

fn sleeper_of<P: Peer>() -> Option<Measure> {
    P::TELLS_WAKEUP.then_some(sleeper::sleeper::<P> as Measure)
}

fn churn_of<P: Peer>() -> Measure {
    churn::churn::<P>
}

fn expiry_of<P: Peer>() -> Measure {
    expiry::expiry::<P>
}

fn burst_of<P: Peer>() -> Measure {
    burst::burst::<P>
}

fn idle_of<P: Peer>() -> Measure {
    idle::idle::<P>
}

/// On a terminal the bar says it; in a log a line does.
fn announce(progress: &ProgressBar, cell: &Cell, run: u32, runs: u32) {
    let message = format!("{} {}, run {run} of {runs}", cell.workload.name(), cell.peer);
    if progress.is_hidden() {
        eprintln!("{message}");
    }
    progress.set_message(message);
}

fn progress(cells: u64) -> ProgressBar {
    let bar = ProgressBar::new(cells);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    if std::io::stderr().is_terminal() {
        // Often enough that the seconds move; a redraw costs the measuring thread nothing but a lock.
        bar.enable_steady_tick(Duration::from_secs(1));
    }
    bar
}
