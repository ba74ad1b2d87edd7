//! The engine's commands and `poll` under the workloads that a host brings, by population.
//!
//! `cargo bench` measures 10^4 to 10^6 activities; `cargo bench -- --test` runs each once at 10^4. What
//! other timers take for the same is measured by the crate in `benches/peers`.

// The macros below make public functions.
#![allow(missing_docs)]
#![allow(
    clippy::expect_used,
    reason = "a refused command means that the benchmark is wrong: it may fail loudly"
)]

use core::hint::black_box;
use core::time::Duration;

use criterion::measurement::WallTime;
use criterion::{
    criterion_group, criterion_main, BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput,
};
use heartwheel::{ActivityId, Config, Engine, Outcome, Timeouts, Timestamp};
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::SeedableRng;

/// What a host gives an ordinary activity.
const TIMEOUTS: Timeouts = Timeouts::NONE
    .with_heartbeat(Duration::from_millis(HEARTBEAT_MS))
    .with_start_to_close(Duration::from_secs(24 * 60 * 60));
const HEARTBEAT_MS: u64 = 30_000;
/// Each activity beats once per period, a third of its timeout.
const PERIOD_MS: u64 = 10_000;
/// So far away that no number of iterations reaches it.
const FAR: Timeouts = Timeouts::NONE.with_schedule_to_close(Duration::from_secs(1 << 40));
/// Steps of the clock in one iteration of `steady`: at the smallest population, one beat a step.
const STEPS: u64 = 100;
/// Beats that are handed over at a time; the populations are multiples of it.
const BATCH: usize = 1_000;
/// Lives in one iteration of `life`: a wave of work, small beside the population.
const LIVES: u64 = 1_000;
/// Any number would do; one that never changes makes every run the same run.
const SEED: u64 = 0x5EED;

/// The populations. Setting up a million takes longer than CI should wait for a compile check.
fn populations() -> &'static [u32] {
    let mut arguments = std::env::args();
    let measuring = std::env::args().any(|argument| argument == "--bench");
    if measuring && !arguments.any(|argument| argument == "--test") {
        &[10_000, 100_000, 1_000_000]
    } else {
        &[10_000]
    }
}

/// One group: a benchmark per population, under names that sort by it.
fn by_population(
    criterion: &mut Criterion,
    name: &str,
    elements: impl Fn(u32) -> u64,
    bench: impl Fn(&mut BenchmarkGroup<'_, WallTime>, BenchmarkId, u32),
) {
    let mut group = criterion.benchmark_group(name);
    for &population in populations() {
        group.throughput(Throughput::Elements(elements(population)));
        bench(&mut group, BenchmarkId::from_parameter(format!("{population:07}")), population);
    }
    group.finish();
}

const fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// A population that has started over one period, and the order in which it beats.
struct Host<D> {
    engine: Engine<u64, D>,
    beats: Vec<ActivityId>,
    now: u64,
    next_beat: usize,
}

impl<D> Host<D> {
    /// Scheduled in order of their numbers, started in another: a record's place says nothing about
    /// when it beats.
    fn spread(population: u32) -> Self {
        let mut host = Self::scheduled(population);
        host.beats.shuffle(&mut SmallRng::seed_from_u64(SEED));
        for (place, &id) in (0..).zip(&host.beats) {
            let now = at(place * PERIOD_MS / u64::from(population));
            host.engine.start(now, id).expect("scheduled before");
        }
        host.now = PERIOD_MS;
        host
    }

    /// Started in one millisecond.
    fn clustered(population: u32) -> Self {
        let mut host = Self::scheduled(population);
        for &id in &host.beats {
            host.engine.start(Timestamp::ZERO, id).expect("scheduled before");
        }
        host
    }

    fn scheduled(population: u32) -> Self {
        let mut engine = Engine::new(Config::default());
        let schedule =
            |key| engine.schedule(Timestamp::ZERO, key, TIMEOUTS).expect("there is room");
        let beats = (0..u64::from(population)).map(schedule).collect();
        Self { engine, beats, now: 0, next_beat: 0 }
    }

    /// What a stepping host does all day.
    fn step(&mut self, details: impl Fn() -> Option<D>) {
        self.now += 1;
        while let Some(event) = self.engine.poll(at(self.now)) {
            black_box(event);
        }
        black_box(self.engine.next_wakeup());
        for _ in 0..(self.beats.len() as u64).div_ceil(PERIOD_MS) {
            self.beat(details());
        }
    }

    fn beat(&mut self, details: Option<D>) {
        let id = self.beats[self.next_beat];
        self.next_beat = (self.next_beat + 1) % self.beats.len();
        assert!(self.engine.heartbeat(at(self.now), id, details).is_ok(), "a beat was refused");
    }

    fn beat_all(&mut self) {
        let ids = &self.beats[self.next_beat..self.next_beat + BATCH];
        self.next_beat = (self.next_beat + BATCH) % self.beats.len();
        let reply = |_, reply: Result<_, _>| assert!(reply.is_ok(), "a beat was refused");
        self.engine.heartbeats(at(self.now), ids, |_| None, reply);
    }

    /// Steps the clock until everybody has timed out.
    fn expire(mut self) -> Self {
        while !self.engine.is_empty() {
            self.now += 1;
            while let Some(event) = self.engine.poll(at(self.now)) {
                black_box(event);
            }
        }
        self
    }
}

/// Ten thousand steps to a period, and the populations are multiples of that.
fn beats_per_iteration(population: u32) -> u64 {
    STEPS * u64::from(population) / PERIOD_MS
}

fn heartbeat(criterion: &mut Criterion) {
    by_population(
        criterion,
        "heartbeat",
        |_| 1,
        |group, id, population| {
            let mut host = None;
            group.bench_function(id, |bencher| {
                let host = host.get_or_insert_with(|| Host::<()>::spread(population));
                bencher.iter(|| host.beat(None));
            });
        },
    );
}

/// The same in batches, as they come off a wire.
fn heartbeats(criterion: &mut Criterion) {
    by_population(
        criterion,
        "heartbeats",
        |_| BATCH as u64,
        |group, id, population| {
            let mut host = None;
            group.bench_function(id, |bencher| {
                let host = host.get_or_insert_with(|| Host::<()>::spread(population));
                bencher.iter(|| host.beat_all());
            });
        },
    );
}

fn steady(criterion: &mut Criterion) {
    by_population(criterion, "steady", beats_per_iteration, |group, id, population| {
        let mut host = None;
        group.bench_function(id, |bencher| {
            let host = host.get_or_insert_with(|| Host::<()>::spread(population));
            bencher.iter(|| (0..STEPS).for_each(|_| host.step(|| None)));
        });
    });
}

fn details(criterion: &mut Criterion) {
    by_population(criterion, "details", beats_per_iteration, |group, id, population| {
        let mut host = None;
        group.bench_function(id, |bencher| {
            let host = host.get_or_insert_with(|| Host::<[u8; 64]>::spread(population));
            bencher.iter(|| (0..STEPS).for_each(|_| host.step(|| Some([7; 64]))));
        });
    });
}

/// Schedule, start, three beats, complete, beside a population that lives on.
fn life(criterion: &mut Criterion) {
    by_population(
        criterion,
        "life",
        |_| LIVES,
        |group, id, population| {
            let mut host = None;
            group.bench_function(id, |bencher| {
                let host = host.get_or_insert_with(|| Host::<()>::spread(population));
                let mut ids = Vec::with_capacity(LIVES as usize);
                bencher.iter(|| {
                    let (engine, now) = (&mut host.engine, at(host.now));
                    ids.extend((0..LIVES).map(|key| {
                        let id = engine.schedule(now, key, TIMEOUTS).expect("there is room");
                        engine.start(now, id).expect("just scheduled");
                        id
                    }));
                    for &id in [&ids; 3].into_iter().flatten() {
                        assert!(engine.heartbeat(now, id, None).is_ok(), "a beat was refused");
                    }
                    for id in ids.drain(..) {
                        black_box(engine.close(now, id, Outcome::Completed).expect("it lives"));
                    }
                });
            });
        },
    );
}

/// From nothing to a started population: what growing costs.
fn begin(criterion: &mut Criterion) {
    by_population(criterion, "begin", u64::from, |group, id, population| {
        group.sample_size(10);
        group.bench_function(id, |bencher| {
            bencher.iter_with_large_drop(|| Host::<()>::clustered(population));
        });
    });
}

fn expiry(criterion: &mut Criterion) {
    by_population(criterion, "expiry", u64::from, |group, id, population| {
        group.sample_size(10);
        group.bench_function(id, |bencher| {
            let spread = || Host::<()>::spread(population);
            bencher.iter_batched(spread, Host::expire, BatchSize::PerIteration);
        });
    });
}

fn burst(criterion: &mut Criterion) {
    by_population(criterion, "burst", u64::from, |group, id, population| {
        group.sample_size(10);
        group.bench_function(id, |bencher| {
            let clustered = || {
                let mut host = Host::<()>::clustered(population);
                for now in 1..HEARTBEAT_MS {
                    assert!(host.engine.poll(at(now)).is_none(), "fired early");
                }
                host.now = HEARTBEAT_MS - 1;
                host
            };
            bencher.iter_batched(clustered, Host::expire, BatchSize::PerIteration);
        });
    });
}

/// A poll that finds nothing, asked again at the same instant.
fn poll_again(criterion: &mut Criterion) {
    by_population(
        criterion,
        "poll_again",
        |_| 1,
        |group, id, population| {
            let mut host = None;
            group.bench_function(id, |bencher| {
                let host = host.get_or_insert_with(|| Host::<()>::spread(population));
                bencher.iter(|| host.engine.poll(at(host.now)));
            });
        },
    );
}

/// A poll that finds nothing, a millisecond later each time, over timers that are far away.
fn poll_step(criterion: &mut Criterion) {
    by_population(
        criterion,
        "poll_step",
        |_| 1,
        |group, id, population| {
            let mut engine = None;
            let mut now = 0;
            group.bench_function(id, |bencher| {
                let engine = engine.get_or_insert_with(|| far_timers(population));
                bencher.iter(|| {
                    now += 1;
                    engine.poll(at(now))
                });
            });
        },
    );
}

fn far_timers(population: u32) -> Engine<u64, ()> {
    let mut engine = Engine::new(Config::default());
    for key in 0..u64::from(population) {
        engine.schedule(Timestamp::ZERO, key, FAR).expect("there is room");
    }
    engine
}

criterion_group!(
    benches, heartbeat, heartbeats, steady, details, life, begin, expiry, burst, poll_again,
    poll_step
);
criterion_main!(benches);
