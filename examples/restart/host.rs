//! The host that dies: it runs until somebody kills it.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use heartwheel::{Config, Timestamp};

use crate::crowd::{ids, Crowd, Host, PERIOD_MS, STEP_MS, TIMEOUTS};
use crate::journal::{Command, Entry, Journal};

pub(crate) const SNAPSHOT: &str = "snapshot";
pub(crate) const JOURNAL: &str = "journal";

/// Seconds of journal after which it has lived long enough.
pub(crate) const SECONDS_BEFORE_DEATH: u64 = 4;

/// Periods before the snapshot: long enough that timers have come round.
const PERIODS_BEFORE_SNAPSHOT: u64 = 4;

pub(crate) fn run(folder: &Path, activities: u32) -> Result<(), Box<dyn Error>> {
    let crowd = Crowd::new(activities);
    let mut engine = Host::new(Config::default());
    start_all(&mut engine, &crowd)?;
    let ids = ids(&engine, activities);
    let mut now = PERIOD_MS;
    while now < PERIODS_BEFORE_SNAPSHOT * PERIOD_MS {
        for command in commands(&crowd, &ids, now) {
            Entry { now, command }.apply(&mut engine);
        }
        now += STEP_MS;
    }
    write_snapshot(&engine, folder)?;
    let mut journal = Journal::create(&folder.join(JOURNAL))?;
    loop {
        for command in commands(&crowd, &ids, now) {
            let entry = Entry { now, command };
            journal.write(entry)?;
            entry.apply(&mut engine);
        }
        now += STEP_MS;
        if now % 1_000 == 0 {
            journal.flush()?;
            println!("journaled until {} s", now / 1_000);
        }
    }
}

/// Over the first period, each at its own place in it.
fn start_all(engine: &mut Host, crowd: &Crowd) -> Result<(), Box<dyn Error>> {
    for step in (0..PERIOD_MS).step_by(STEP_MS as usize) {
        let now = Timestamp::from_millis(step);
        for activity in crowd.at(step) {
            let id = engine.schedule(now, *activity, TIMEOUTS).map_err(|refused| refused.reason)?;
            engine.start(now, id)?;
        }
    }
    Ok(())
}

/// What a step of the clock brings: a poll, and the heartbeats that have come in.
fn commands<'a>(
    crowd: &'a Crowd,
    ids: &'a [Option<heartwheel::ActivityId>],
    now: u64,
) -> impl Iterator<Item = Command> + 'a {
    let beats = crowd.at(now).iter().filter_map(move |activity| {
        let id = *ids.get(*activity as usize)?;
        Some(Command::Heartbeat { id: id?, details: now })
    });
    std::iter::once(Command::Poll).chain(beats)
}

/// Under another name first: a host that dies in the middle of it must not leave half of one.
fn write_snapshot(engine: &Host, folder: &Path) -> Result<(), Box<dyn Error>> {
    let unfinished = folder.join("snapshot.unfinished");
    let mut file = postcard::to_io(engine, BufWriter::new(File::create(&unfinished)?))?;
    file.flush()?;
    fs::rename(unfinished, folder.join(SNAPSHOT))?;
    Ok(())
}
