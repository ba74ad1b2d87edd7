//! Measures heartwheel and the timers that a user would pick instead, with one driver, in one run.
//!
//! `README.md` says what is measured, how, and what each peer lacks.

mod allocator;
mod cli;
mod driver;
mod huge;
mod machine;
mod orders;
mod peer;
mod peers;
mod plot;
mod report;
mod row;
mod suite;
mod workloads;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<(), Box<dyn std::error::Error>> {
    if cli.memory_child {
        return workloads::memory::child(cli);
    }
    if let Some(activities) = cli.huge {
        huge::run(activities);
        return Ok(());
    }
    if let Some(file) = &cli.plot {
        return plot::run(cli, file);
    }
    let results = suite::run(&suite::Selection::from_cli(cli))?;
    if cli.json {
        report::json(&results)?;
    } else {
        report::table(&results, cli.runs);
    }
    Ok(())
}
