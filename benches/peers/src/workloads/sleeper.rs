//! steady's beats, but the host polls only when `next_wakeup` says so or a beat arrives.

use std::time::{Duration, Instant};

use crate::driver::{Host, NoProbe, Probe, Start, WorstProbe, MIN_MEASURED};
use crate::orders::{Orders, MEASURED_PERIODS, PERIOD_MS};
use crate::peer::Peer;
use crate::row::Row;
use crate::workloads::Pass;

/// How often the host woke because the timer said so.
#[derive(Clone, Copy, Debug, Default)]
struct Wakeups {
    /// At all.
    all: u64,
    /// At instants at which no beat would have woken it anyway.
    alone: u64,
}

/// Measures one peer; those that tell no wake-up are not asked.
pub fn sleeper<P: Peer>(orders: &Orders, pass: Pass) -> Vec<Row> {
    let mut row = Row { activities: orders.activities(), ..Row::default() };
    match pass {
        Pass::Timed => {
            let (spent, beats, wakeups) = timed::<P>(orders);
            row.ns_per_op = Some(spent.as_nanos() as f64 / beats as f64);
            // One beat per activity and period, so per beat is per activity and period.
            row.extras = vec![
                ("wakeups_per_activity_and_period", wakeups.all as f64 / beats as f64),
                ("wakeups_alone", wakeups.alone as f64 / beats as f64),
            ];
        }
        Pass::Worst => {
            let mut probe = WorstProbe::default();
            let mut host = Host::<P>::set_up(orders, Start::Spread);
            for period in Start::Spread.measured() {
                host.load(period);
                sleep_through(&mut host, period, &mut probe);
            }
            host.check_beating();
            host.check_silence(MEASURED_PERIODS);
            row.worst = Some(probe.into_worst());
        }
    }
    vec![row]
}

fn timed<P: Peer>(orders: &Orders) -> (Duration, u64, Wakeups) {
    let mut spent = Duration::ZERO;
    let mut beats = 0;
    let mut wakeups = Wakeups::default();
    while spent < MIN_MEASURED {
        let mut host = Host::<P>::set_up(orders, Start::Spread);
        for period in Start::Spread.measured() {
            host.load(period);
            let begun = Instant::now();
            let woke = sleep_through(&mut host, period, &mut NoProbe);
            spent += begun.elapsed();
            beats += u64::from(orders.activities());
            wakeups.all += woke.all;
            wakeups.alone += woke.alone;
        }
        host.check_beating();
    }
    (spent, beats, wakeups)
}

/// One period: from instant to instant at which there is something to do.
fn sleep_through<P: Peer>(host: &mut Host<'_, P>, period: u64, probe: &mut impl Probe) -> Wakeups {
    let origin = period * PERIOD_MS;
    let mut wakeups = Wakeups::default();
    let mut at = 0;
    while at < PERIOD_MS {
        let now = origin + at;
        let wakeup = host.wake(now, at, probe);
        probe.step_done();

        let next_beat = (at + 1..PERIOD_MS).find(|&step| !host.beats(step).is_empty());
        let next_beat = next_beat.unwrap_or(PERIOD_MS);
        let wakeup = wakeup.map_or(u64::MAX, |wakeup| wakeup.max(now + 1) - origin);
        wakeups.all += u64::from(wakeup <= next_beat);
        wakeups.alone += u64::from(wakeup < next_beat);
        at = next_beat.min(wakeup);
    }
    wakeups
}
