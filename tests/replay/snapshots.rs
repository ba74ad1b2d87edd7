//! That snapshots are invisible: the engine goes through bytes and back, and nothing else is told.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::runner::replay;

/// The time of a line as it is written there, be it none that the replayer takes.
#[derive(Deserialize)]
struct At<'a> {
    #[serde(borrow)]
    at: &'a RawValue,
}

/// Replays `input` with and without a Snapshot after every line, in each way there is, and compares.
#[track_caller]
pub(crate) fn assert_snapshots_are_invisible(name: &str, input: &str) {
    let with_snapshots = after_every_line(input);
    for flags in [&[][..], &["--drain"], &["--json"], &["--json", "--drain"]] {
        let (plain, snapshots) = (replay(flags, input), replay(flags, with_snapshots.as_str()));
        let (expected, taken_before) = without_snapshots(&plain.out);
        let (actual, taken) = without_snapshots(&snapshots.out);
        assert_eq!(actual, expected, "{name} {flags:?}, with snapshots:\n{with_snapshots}");
        assert!(taken > taken_before, "{name} {flags:?}: no snapshot was taken");
        assert_eq!(snapshots.status, plain.status, "{name} {flags:?}");
    }
}

/// Each Snapshot has the time of its line; after a line that says none, that of the one before.
fn after_every_line(input: &str) -> String {
    let mut at = "0";
    let mut output = String::new();
    for line in input.lines() {
        at = serde_json::from_str(line).map_or(at, |line: At<'_>| line.at.get());
        output += &format!("{line}\n{{\"at\":{at},\"action\":\"Snapshot\"}}\n");
    }
    output
}

/// The other lines, and how many snapshots were told of.
fn without_snapshots(told: &str) -> (Vec<&str>, usize) {
    let is_snapshot = |line: &&str| {
        line.ends_with(",\"reply\":\"Snapshot\"}")
            || line.split_whitespace().nth(1) == Some("snapshot")
    };
    let (snapshots, others): (Vec<&str>, Vec<&str>) = told.lines().partition(is_snapshot);
    (others, snapshots.len())
}
