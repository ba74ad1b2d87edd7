//! The bank: bugs that timer libraries and workflow engines had, each put back by a small change of a correct engine
//! that is the bank's own. The conformance kit must convict every one of them, and acquit the engine without a fault.
//!
//! The engine shares no code with the crate's own, nor with the model. Its wheel is tiny, three levels of four slots, so
//! that a few operations reach everything. The table in `tests/bank/convictions.txt` says of each fault which sentence of
//! the contract the kit found broken first, after how many operations, and how many lines its minimal trace has. What
//! changes it makes the kit better or worse: `HEARTWHEEL_WRITE=1` writes it anew, and the difference is looked at.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

mod bank {
    pub(crate) mod activity;
    pub(crate) mod engine;
    pub(crate) mod fault;
    pub(crate) mod slab;
    pub(crate) mod subject;
    pub(crate) mod wheel;
}

#[path = "support/runs.rs"]
#[allow(dead_code, reason = "the figures of longer runs")]
mod runs;

use core::cell::Cell;
use std::panic::{set_hook, take_hook};
use std::sync::Once;

use heartwheel::conformance::{check, Departure, Plan, Profile, Report};

use bank::fault::{Fault, BANK};
use bank::subject::Bank;
use runs::say;

const SEED: u64 = 0x6261_6e6b;

/// A million operations and more without a fault, since a case has some 40.
const CASES_TO_ACQUIT: u64 = 27_000;

/// A fault that is not convicted by then has escaped.
const CASES_TO_CONVICT: u64 = 10_000;

/// The table as it was last looked at.
const CONVICTIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bank/convictions.txt");

/// All rows of the bank: none is to go unnoticed.
const ROWS: usize = 95;

/// As many as fill up soon: then what is refused, and what counts as open, shows.
const FEW: u32 = 3;

#[test]
fn without_a_fault_the_engine_is_acquitted() {
    let guarded = Profile::full().with_max_open(FEW).with_max_jump(Some(500));
    for (profile, cases) in [(Profile::full(), CASES_TO_ACQUIT), (guarded, CASES_TO_ACQUIT / 10)] {
        let plan = Plan::new(SEED).with_cases(cases);
        let report = check(&mut Bank::new(&profile, None), &profile, &plan);
        let Report { operations, departures, .. } = &report;
        say(format_args!(
            "without a fault: {operations} operations, {} departures",
            departures.len()
        ));
        assert!(report.is_conformant(), "{report}");
    }
}

#[test]
fn every_fault_is_convicted() {
    let mut table =
        format!("entry  {:24}  {:31}  sentence  operations  lines\n", "report", "fault");
    let mut escaped = Vec::new();
    for row in BANK {
        let (operations, departure) = convict(row.fault);
        let Some(departure) = departure else {
            escaped.push(row.fault);
            continue;
        };
        table += &format!(
            "{:5}  {:24}  {:31}  {:8}  {:10}  {:5}\n",
            row.entry,
            row.report,
            format!("{:?}", row.fault),
            departure.sentence.number(),
            operations,
            departure.trace.len(),
        );
    }
    let convicted = BANK.len() - escaped.len();
    say(format_args!("{table}bank: {convicted} of {} convicted", BANK.len()));
    assert!(escaped.is_empty(), "escaped: {escaped:?}");
    assert_eq!(BANK.len(), ROWS);
    if std::env::var_os("HEARTWHEEL_WRITE").is_some() {
        std::fs::write(CONVICTIONS, &table).unwrap();
    }
    // rand's small generator is another one where words have 32 bits.
    if cfg!(target_pointer_width = "64") {
        let kept = std::fs::read_to_string(CONVICTIONS).unwrap();
        assert!(kept == table, "other convictions than in {CONVICTIONS}");
    }
}

/// How many operations the kit needed, to the end of the case that showed it, and what it found.
fn convict(fault: Fault) -> (u64, Option<Departure>) {
    let plan = Plan::new(SEED).with_cases(CASES_TO_CONVICT).with_departures(1);
    let mut operations = 0;
    for profile in [Profile::full(), Profile::full().with_max_open(FEW)] {
        let report = quietly(|| check(&mut Bank::new(&profile, Some(fault)), &profile, &plan));
        operations += report.operations;
        if let Some(departure) = report.departures.into_iter().next() {
            return (operations, Some(departure));
        }
    }
    (operations, None)
}

/// Some faults panic, and do so hundreds of times until their trace is short: of a check only what it returns counts.
fn quietly(check: impl FnOnce() -> Report) -> Report {
    thread_local!(static IS_QUIET: Cell<bool> = const { Cell::new(false) });
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let say = take_hook();
        set_hook(Box::new(move |panic| {
            if !IS_QUIET.get() {
                say(panic);
            }
        }));
    });
    IS_QUIET.set(true);
    let report = check();
    IS_QUIET.set(false);
    report
}
