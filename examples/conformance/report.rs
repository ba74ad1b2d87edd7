//! Shows what the kit found, to people or to programs.

use std::io::{self, Write};

use heartwheel::conformance::{Departure, Report, Standing, Verdict};
use serde_json::{json, Value};

/// The summary by sentence, and each departure with its trace.
pub(crate) fn text(report: &Report, mut out: impl Write) -> io::Result<()> {
    write!(out, "{report}")?;
    out.flush()
}

/// The same as one JSON object a line.
pub(crate) fn json(report: &Report, mut out: impl Write) -> io::Result<()> {
    for found in &report.departures {
        writeln!(out, "{}", departure(found))?;
    }
    for found in &report.verdicts {
        writeln!(out, "{}", verdict(found))?;
    }
    writeln!(out, "{}", summary(report))?;
    out.flush()
}

fn departure(departure: &Departure) -> Value {
    json!({
        "departure": format!("{} {}", departure.about, departure.kind),
        "sentence": departure.sentence.number(),
        "cases": departure.cases,
        "caseSeed": departure.case_seed,
        "trace": objects(departure.lines()),
        "expected": objects(departure.expected_lines()),
        "got": objects(departure.got_lines()),
    })
}

fn verdict(verdict: &Verdict) -> Value {
    let standing = match verdict.standing {
        Standing::Held => "held",
        Standing::HeldAsClaimed => "heldAsClaimed",
        Standing::Broken => "broken",
        Standing::Undecided => "undecided",
        Standing::NotClaimed => "notClaimed",
        Standing::NotReached | _ => "notReached",
    };
    json!({
        "sentence": verdict.sentence.number(),
        "says": verdict.sentence.short(),
        "standing": standing,
        "checked": verdict.checked,
    })
}

fn summary(report: &Report) -> Value {
    json!({
        "profile": report.profile,
        "seed": report.seed,
        "cases": report.cases,
        "operations": report.operations,
        "departures": report.departures.len(),
        "conformant": report.is_conformant(),
        "aborted": report.aborted.as_ref().map(ToString::to_string),
    })
}

/// Lines of JSON as the objects that they are.
fn objects(lines: impl Iterator<Item = String>) -> Vec<Value> {
    lines.map(|line| serde_json::from_str(&line).unwrap_or(Value::String(line))).collect()
}
