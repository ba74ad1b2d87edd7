//! Holds any program to the contract that speaks replay's lines on standard input and output.
//!
//! ```text
//! cargo run --release --example conformance -- --command "python3 adapter.py" --profile swf
//! ```
//!
//! `program` keeps the process, `lines` makes a subject of it, `profiles` says what may be claimed, and `report`
//! shows what the kit found.
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a program that needs std anyway gains nothing from naming the crates below it"
)]

mod lines;
mod profiles;
mod program;
mod report;

use std::io::{self, ErrorKind, IsTerminal};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use heartwheel::conformance::{check_with, Plan};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::lines::Lines;
use crate::profiles::Claims;
use crate::program::Program;

/// Holds a program to the contract: runs cases on it, and shortens what departs to minimal traces.
#[derive(Debug, Parser)]
#[command(name = "conformance", after_help = AFTER_HELP)]
struct Arguments {
    /// The program with its arguments, in words as a shell has them
    #[arg(long, value_parser = words)]
    command: Words,
    /// What it claims
    #[arg(long, value_enum, default_value_t = Claims::Heartwheel)]
    profile: Claims,
    /// The same seed gives the same cases
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many cases, of some 40 operations each
    #[arg(long, default_value_t = 200)]
    cases: u64,
    /// End when so many different departures were found
    #[arg(long, default_value_t = 10)]
    departures: usize,
    /// How many times one case may be run again to shorten it
    #[arg(long, default_value_t = 500)]
    shrink_runs: usize,
    /// How long one case may take, in seconds
    #[arg(long, default_value_t = 30)]
    limit: u64,
    /// Print one JSON object a line: each departure, each sentence, and a summary
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = r#"The program reads the replayer's lines and answers in the replayer's lines
(cargo run --example replay -- --help). One process does all cases: a case begins with
Reset, and after each line comes a Sync, which the program answers, flushing, when it has
told everything before it. A whole case is written at once. A process that ends, has not
answered within the limit, or talks on (a line of more than 1 MiB, an answer of more than
16 MiB) is a departure, and the next case has another process.

The exit status is 0 if everything claimed held, 1 if not, 2 if nothing could be said."#;

/// The words of a command.
#[derive(Clone, Debug)]
struct Words(Vec<String>);

fn words(command: &str) -> Result<Words, &'static str> {
    match shlex::split(command) {
        Some(words) if !words.is_empty() => Ok(Words(words)),
        Some(_) => Err("it is empty"),
        None => Err("a quote is not closed"),
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let program = Program::new(arguments.command.0, Duration::from_secs(arguments.limit));
    let plan = Plan::new(arguments.seed)
        .with_cases(arguments.cases)
        .with_departures(arguments.departures)
        .with_shrink_runs(arguments.shrink_runs);
    let bar = progress_bar(arguments.cases);
    let report =
        check_with(&mut Lines::new(program), &arguments.profile.profile(), &plan, |progress| {
            bar.set_position(progress.cases);
            bar.set_message(format!("{} departures", progress.departures));
        });
    bar.finish_and_clear();
    let stdout = io::stdout().lock();
    let written =
        if arguments.json { report::json(&report, stdout) } else { report::text(&report, stdout) };
    match written {
        // Whoever read the output has seen enough (`| head`): nobody is left to complain to.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("cannot write the report: {error}");
            ExitCode::from(2)
        }
        Ok(()) | Err(_) if report.aborted.is_some() => ExitCode::from(2),
        Ok(()) | Err(_) if report.is_conformant() => ExitCode::SUCCESS,
        Ok(()) | Err(_) => ExitCode::FAILURE,
    }
}

/// On a terminal alone. indicatif draws it on standard error.
fn progress_bar(cases: u64) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(cases), ProgressDrawTarget::stderr());
    let style =
        ProgressStyle::with_template("{bar:30} {pos}/{len} cases, {msg} ({elapsed}, {eta} left)");
    bar.enable_steady_tick(Duration::from_secs(1));
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
