//! The corpora of the fuzz targets, replayed by what the targets themselves run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

extern crate alloc;

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use std::path::Path;

/// Hands every file of a target's corpus to it. The name of the one that fails is the last that is printed.
fn replay(target: &str, run: fn(&[u8])) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> =
        std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", directory.display());
    for file in &files {
        println!("{}", file.display());
        run(&std::fs::read(file).unwrap());
    }
}

#[test]
fn operations() {
    replay("operations", fuzz::operations::run);
}

#[cfg(feature = "serde")]
#[test]
fn snapshots() {
    replay("snapshot", fuzz::snapshot::run);
}

#[test]
fn lines() {
    replay("lines", fuzz::lines::run);
}

#[cfg(feature = "swf")]
#[test]
fn requests() {
    replay("requests", fuzz::requests::run);
}
