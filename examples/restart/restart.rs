//! The host that comes back: restores, replays, recovers, and serves the workers that are left.

use std::error::Error;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::{Duration, Instant};

use heartwheel::{Event, Recovery, Timestamp};

use crate::crowd::{ids, survives, Crowd, Host, HEARTBEAT_MS, STEP_MS};
use crate::host::{JOURNAL, SNAPSHOT};
use crate::journal::entries;
use crate::ALLOCATOR;

pub(crate) const HEADER: &str = "\
policy                  timed out    false     lived   late, mean   late, max   restore    replay   peak/final";

/// How long it serves on: longer than every deadline that a policy here can set.
const SERVED_MS: u64 = 60_000;

/// What became of the activities.
#[derive(Debug, Default)]
struct Fate {
    timed_out: u64,
    falsely: u64,
    late_sum_ms: u64,
    late_max_ms: u64,
}

pub(crate) fn run(
    folder: &Path,
    activities: u32,
    outage_s: u64,
    name: &str,
    recovery: Recovery,
) -> Result<(), Box<dyn Error>> {
    let before = ALLOCATOR.allocated();
    let begun = Instant::now();
    let mut engine = restore(&folder.join(SNAPSHOT))?;
    let restored = begun.elapsed();
    let peak = (ALLOCATOR.max_allocated() - before) as f64;
    let peak_to_final = peak / (ALLOCATOR.allocated() - before) as f64;

    let begun = Instant::now();
    for entry in entries(&folder.join(JOURNAL))? {
        entry.apply(&mut engine);
    }
    let replayed = begun.elapsed();

    let back = engine.now().as_millis() + outage_s * 1_000;
    engine.recover(Timestamp::from_millis(back), recovery);
    let fate = serve(&mut engine, activities, back);
    println!(
        "{name:<22} {:>10} {:>8} {:>9} {:>9.1} s {:>9.1} s {:>9} {:>9} {:>9.2}",
        fate.timed_out,
        fate.falsely,
        engine.len(),
        fate.late_sum_ms as f64 / 1e3 / fate.timed_out.max(1) as f64,
        fate.late_max_ms as f64 / 1e3,
        millis(restored),
        millis(replayed),
        peak_to_final,
    );
    Ok(())
}

/// Straight from the file into the engine, one activity at a time.
fn restore(path: &Path) -> Result<Host, Box<dyn Error>> {
    // The reader wants a place for texts and bytes that it could lend; there are none here.
    let mut scratch = [0; 64];
    let file = BufReader::with_capacity(1 << 16, File::open(path)?);
    let (engine, _) = postcard::from_io((file, &mut scratch))?;
    Ok(engine)
}

/// Polls and takes the heartbeats of those who live.
fn serve(engine: &mut Host, activities: u32, back: u64) -> Fate {
    let crowd = Crowd::new(activities);
    let ids = ids(engine, activities);
    let mut fate = Fate::default();
    let mut beats = Vec::new();
    for now in (back..back + SERVED_MS).step_by(STEP_MS as usize) {
        while let Some(event) = engine.poll(Timestamp::from_millis(now)) {
            if let Event::TimedOut(timed_out) = event {
                fate.add(&timed_out);
            }
        }
        beats.clear();
        let living = crowd.at(now - now % STEP_MS).iter().filter(|activity| survives(**activity));
        beats.extend(living.filter_map(|activity| ids[*activity as usize]));
        // A worker whose heartbeat is refused learns that its activity is over.
        engine.heartbeats(Timestamp::from_millis(now), &beats, |_| Some(now), |_, _| {});
    }
    fate
}

impl Fate {
    fn add(&mut self, timed_out: &heartwheel::TimedOut<u32, u64>) {
        let activity = &timed_out.activity;
        self.timed_out += 1;
        self.falsely += u64::from(survives(activity.key));
        let silent_since = activity.last_heartbeat_at.or(activity.started_at);
        let silence =
            silent_since.map_or(0, |since| timed_out.observed_at.as_millis() - since.as_millis());
        let late = silence.saturating_sub(HEARTBEAT_MS);
        self.late_sum_ms += late;
        self.late_max_ms = self.late_max_ms.max(late);
    }
}

fn millis(duration: Duration) -> String {
    format!("{:.0} ms", duration.as_secs_f64() * 1e3)
}
