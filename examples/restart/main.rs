//! A host that is killed, and what each recovery policy makes of the silence.
//!
//! ```text
//! cargo run --release --example restart                       # a million running activities
//! cargo run --release --example restart -- --outage 20        # shorter than the heartbeat timeout
//! ```
//!
//! A host in a process of its own schedules and starts the activities, takes heartbeats, writes one snapshot,
//! goes on with a journal of (now, command), and is killed without warning. Then, for each policy, another
//! process restores the snapshot, replays the journal, recovers, and serves the workers that are still there;
//! some died in the outage. `crowd` is the workers, `host` the one that dies, `restart` the one that comes back.
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a program that needs std anyway gains nothing from naming the crates below it"
)]

mod crowd;
mod host;
mod journal;
mod restart;

use std::alloc::System;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use cap::Cap;
use clap::{Parser, Subcommand};
use heartwheel::Recovery;

/// Counts what is allocated, so that the peak of a restore is known.
#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Kills a host with running activities, and restarts it under each recovery policy
#[derive(Debug, Parser)]
#[command(name = "restart")]
struct Arguments {
    /// How many activities run
    #[arg(long, default_value_t = 1_000_000)]
    activities: u32,
    /// For how many seconds of the activities' time nobody is there
    #[arg(long, default_value_t = 60)]
    outage: u64,
    #[command(subcommand)]
    role: Option<Role>,
}

/// What the processes are that the program starts of itself.
#[derive(Clone, Debug, Subcommand)]
enum Role {
    /// The host that will be killed
    #[command(hide = true)]
    Host { folder: PathBuf },
    /// The host that comes back, with a policy by its place in the table
    #[command(hide = true)]
    Restart { folder: PathBuf, policy: usize },
}

/// The policies that are tried, with their names for the table.
fn policies() -> [(&'static str, Recovery); 5] {
    let seconds = Duration::from_secs;
    [
        ("Absolute", Recovery::ABSOLUTE),
        ("Rearm", Recovery::REARM),
        ("Rearm, spread 10 s", Recovery::REARM.with_spread(seconds(10))),
        ("Grace 12 s", Recovery::grace(seconds(12))),
        ("Grace 5 s, spread 10 s", Recovery::grace(seconds(5)).with_spread(seconds(10))),
    ]
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    match &arguments.role {
        Some(Role::Host { folder }) => host::run(folder, arguments.activities),
        Some(Role::Restart { folder, policy }) => {
            let (name, recovery) = policies()[*policy];
            restart::run(folder, arguments.activities, arguments.outage, name, recovery)
        }
        None => {
            let folder =
                std::env::temp_dir().join(format!("heartwheel-restart-{}", std::process::id()));
            fs::create_dir_all(&folder)?;
            let told = tell(&arguments, &folder);
            fs::remove_dir_all(&folder)?;
            told
        }
    }
}

/// The story: a host lives and dies, and comes back once for each policy.
fn tell(arguments: &Arguments, folder: &Path) -> Result<(), Box<dyn Error>> {
    println!(
        "{} activities beat every 10 s, their heartbeat timeout is 30 s. One snapshot, a journal after it.",
        arguments.activities
    );
    kill_a_host(arguments, folder)?;
    println!(
        "Killed. {:.1} MB of snapshot, {:.1} MB of journal. Nobody is there for {} s, in which one worker in 20 dies.\n",
        megabytes(&folder.join(host::SNAPSHOT))?,
        megabytes(&folder.join(host::JOURNAL))?,
        arguments.outage
    );
    println!("{}", restart::HEADER);
    for policy in 0..policies().len() {
        let mut child = of_itself(arguments)?;
        let status = child.arg("restart").arg(folder).arg(policy.to_string()).status()?;
        if !status.success() {
            return Err(format!("the restart with policy {policy} failed: {status}").into());
        }
    }
    println!("\nfalse: timed out though its worker lived. late: from the end of 30 s of silence until the event.");
    Ok(())
}

/// Starts a host, waits until it has written a snapshot and some journal, and kills it.
fn kill_a_host(arguments: &Arguments, folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut child = of_itself(arguments)?;
    let mut child = child.arg("host").arg(folder).stdout(Stdio::piped()).spawn()?;
    let progress = child.stdout.take().ok_or("the host's output is not to be had")?;
    // It says so whenever another second of its journal is on disk.
    let mut seconds = 0;
    for line in BufReader::new(progress).lines() {
        println!("  host: {}", line?);
        seconds += 1;
        if seconds == host::SECONDS_BEFORE_DEATH {
            break;
        }
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

fn of_itself(arguments: &Arguments) -> std::io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--activities").arg(arguments.activities.to_string());
    command.arg("--outage").arg(arguments.outage.to_string());
    Ok(command)
}

fn megabytes(path: &Path) -> std::io::Result<f64> {
    Ok(fs::metadata(path)?.len() as f64 / 1e6)
}
