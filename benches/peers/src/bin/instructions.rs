//! One operation many times, for callgrind to count; `../instructions.sh` runs it and subtracts.
//!
//! Everything before the operations depends on the population alone, so two runs that differ in the
//! number of operations differ by those operations and nothing else.

use std::hint::black_box;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use heartwheel::{ActivityId, Config, Engine, Outcome, Timeouts, Timestamp};

/// As in the other workloads.
const TIMEOUTS: Timeouts = Timeouts::NONE
    .with_heartbeat(Duration::from_secs(30))
    .with_start_to_close(Duration::from_secs(24 * 60 * 60));
/// Each activity beats once per period.
const PERIOD_MS: u64 = 10_000;
/// Periods before counting, so that the wheel is in its steady state: more than a heartbeat timeout.
const WARM_PERIODS: u64 = 4;

#[derive(Debug, Parser)]
struct Cli {
    operation: Operation,
    /// How many activities live
    activities: u32,
    /// How many operations; of `steady`, beats
    operations: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Operation {
    /// Heartbeats alone, at one instant
    Beat,
    /// Heartbeats with everything that a stepping host pays beside them
    Steady,
    /// Polls with nothing due, at one instant
    Poll,
    /// Polls with nothing due, 1 ms apart
    PollStep,
    /// Schedule, start, 3 beats, complete
    Life,
}

fn main() {
    let cli = Cli::parse();
    let mut host = Host::new(cli.activities);
    match cli.operation {
        Operation::Beat => host.beats(cli.operations),
        Operation::Steady => host.steady(cli.operations),
        Operation::Poll => host.polls(cli.operations, 0),
        Operation::PollStep => host.polls(cli.operations, 1),
        Operation::Life => host.lives(cli.operations),
    }
    black_box(host.engine.stats());
}

struct Host {
    engine: Engine<u64, ()>,
    ids: Vec<ActivityId>,
}

impl Host {
    /// All started, evenly over a period.
    fn new(activities: u32) -> Self {
        let mut host = Self { engine: Engine::new(Config::default()), ids: Vec::new() };
        for activity in 0..u64::from(activities) {
            let now = Timestamp::from_millis(activity * PERIOD_MS / u64::from(activities));
            let id = host.begin(now, activity);
            host.ids.push(id);
        }
        host
    }

    fn begin(&mut self, now: Timestamp, key: u64) -> ActivityId {
        let id = self.engine.schedule(now, key, TIMEOUTS).expect("there is room");
        self.engine.start(now, id).expect("just scheduled");
        id
    }

    fn beat(&mut self, now: Timestamp, place: u64) {
        let id = self.ids[(place % self.ids.len() as u64) as usize];
        assert!(self.engine.heartbeat(now, id, None).is_ok(), "a beat was refused");
    }

    fn beats(&mut self, count: u64) {
        for place in 0..count {
            self.beat(Timestamp::from_millis(PERIOD_MS), place);
        }
    }

    fn steady(&mut self, count: u64) {
        let activities = self.ids.len() as u64;
        for sent in 0..count + WARM_PERIODS * activities {
            let now = Timestamp::from_millis(PERIOD_MS + sent * PERIOD_MS / activities);
            // One poll a step, with however many beats; the population decides how they share it.
            if now > self.engine.now() {
                for step in self.engine.now().as_millis() + 1..=now.as_millis() {
                    assert!(self.engine.poll(Timestamp::from_millis(step)).is_none());
                    black_box(self.engine.next_wakeup());
                }
            }
            self.beat(now, sent);
        }
    }

    fn polls(&mut self, count: u64, step_ms: u64) {
        for call in 0..count {
            let now = Timestamp::from_millis(PERIOD_MS + call * step_ms);
            assert!(self.engine.poll(now).is_none(), "something was due");
        }
    }

    fn lives(&mut self, count: u64) {
        let now = Timestamp::from_millis(PERIOD_MS);
        for life in 0..count {
            let id = self.begin(now, life);
            for _ in 0..3 {
                assert!(self.engine.heartbeat(now, id, None).is_ok(), "a beat was refused");
            }
            assert!(self.engine.close(now, id, Outcome::Completed).is_ok(), "a life was lost");
        }
    }
}
