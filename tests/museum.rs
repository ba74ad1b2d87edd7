//! The museum: bugs that other timer libraries and workflow engines had, translated to this engine's operations.
//!
//! A group is a module, an entry is a test whose name begins with the entry's and the report's. `entries.txt`
//! lists all of them, also those that do not map, with the reason; the test below keeps list and tests in step.
//! The entries about memory are in `museum_memory.rs`, a process of its own, so that bytes can be counted.
//!
//! In a group that is about the wheel every case runs on several shapes of wheel, and at several clocks where that
//! is what it is about.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

mod support;

/// One module to a group of entries.
mod museum {
    mod a_placement;
    mod b_extremes;
    mod c_precision;
    mod d_clock;
    mod e_cancel;
    mod f_order;
    mod g_cost;
    mod h_heartbeats;
    #[cfg(feature = "serde")]
    mod i_leases;
    #[cfg(feature = "serde")]
    mod j_snapshots;
}

use heartwheel::{ActivityId, Config, Engine, Geometry};

use support::shorthand::*;

/// Bits of the bottom level and of the others.
type Shape = (u8, u8);

/// The usual one, the smallest, and some whose levels meet other boundaries.
const SHAPES: [Shape; 6] = [(8, 8), (1, 1), (2, 2), (3, 1), (6, 6), (7, 5)];

/// Those whose every phase can be tried.
const SMALL_SHAPES: [Shape; 3] = [(1, 1), (2, 2), (3, 1)];

/// No keys at all.
const NOTHING: [&str; 0] = [];

fn wheel_of((bottom, upper): Shape) -> Wheel {
    Engine::new(Config::DEFAULT.with_geometry(Geometry::new(bottom, upper)))
}

/// Runs a case on every shape of wheel.
fn on_every_shape(case: impl Fn(&mut Wheel, Shape)) {
    for shape in SHAPES {
        let mut engine = wheel_of(shape);
        case(&mut engine, shape);
        engine.check_invariants().unwrap();
    }
}

/// The width of a slot at a level.
fn width((bottom, upper): Shape, level: u8) -> u64 {
    if level == 0 {
        1
    } else {
        1 << (bottom + (level - 1) * upper)
    }
}

/// How far ahead a level reaches: the range of a wheel that had no level above it. A ring is sixteen laps.
fn range(shape: Shape, level: u8) -> u64 {
    16 * width(shape, level + 1)
}

/// A timer that fires at an absolute instant.
fn timer(engine: &mut Wheel, now: u64, key: &'static str, deadline: u64) -> ActivityId {
    engine.schedule(at(now), key, s2c(deadline - now)).unwrap()
}

/// What a host does between two processes. Keys of this engine are numbers, since words of the program are borrowed.
#[cfg(feature = "serde")]
fn through_bytes(engine: &Engine<u8, u8>) -> Engine<u8, u8> {
    let restored: Engine<u8, u8> =
        postcard::from_bytes(&postcard::to_allocvec(engine).unwrap()).unwrap();
    restored.check_invariants().unwrap();
    restored
}

const ENTRIES: &str = include_str!("museum/entries.txt");

const SOURCES: [&str; 11] = [
    include_str!("museum/a_placement.rs"),
    include_str!("museum/b_extremes.rs"),
    include_str!("museum/c_precision.rs"),
    include_str!("museum/d_clock.rs"),
    include_str!("museum/e_cancel.rs"),
    include_str!("museum/f_order.rs"),
    include_str!("museum/g_cost.rs"),
    include_str!("museum/h_heartbeats.rs"),
    include_str!("museum/i_leases.rs"),
    include_str!("museum/j_snapshots.rs"),
    include_str!("museum_memory.rs"),
];

/// Begins the last field of an entry that has no test.
const NOT_MAPPED: &str = "does not map: ";

/// The names of a source's tests: each function under the attribute, whatever its name.
fn tests_of(source: &str) -> impl Iterator<Item = &str> {
    source.split("#[test]\n").skip(1).map(|after| {
        let (_, name) = after.split_once("fn ").expect("a function");
        name.split_once('(').expect("its arguments").0
    })
}

/// A group's letter and the number in it: `B4`.
fn place(entry: &str) -> (char, u32) {
    let group = entry.chars().next().expect("a group");
    (group, entry[1..].parse().expect("a number"))
}

#[test]
fn the_list_of_entries_and_the_tests_agree() {
    let entries: Vec<[&str; 3]> = ENTRIES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let fields: Vec<&str> = line.split(" | ").collect();
            fields.try_into().unwrap_or_else(|_| panic!("entry, report, test: {line}"))
        })
        .collect();
    // In order, so none is there twice.
    for pair in entries.windows(2) {
        assert!(place(pair[0][0]) < place(pair[1][0]), "{} after {}", pair[1][0], pair[0][0]);
    }
    let (unmapped, mapped): (Vec<[&str; 3]>, Vec<[&str; 3]>) =
        entries.iter().copied().partition(|[_, _, test]| test.starts_with(NOT_MAPPED));
    for [entry, _, test] in &mapped {
        let prefix = format!("{}_", entry.to_lowercase());
        assert!(test.starts_with(&prefix), "{entry} has a test of another name: {test}");
    }
    let mut listed: Vec<&str> = mapped.iter().map(|[_, _, test]| *test).collect();
    let mut written: Vec<&str> = SOURCES.iter().flat_map(|source| tests_of(source)).collect();
    listed.sort_unstable();
    written.sort_unstable();
    assert_eq!(listed, written, "the tests listed, and those that there are");
    println!(
        "{} entries: {} mapped, each a test; {} not mapped",
        entries.len(),
        mapped.len(),
        unmapped.len()
    );
    // As many as were collected: an entry may move from one kind to the other, but none gets lost.
    assert_eq!(entries.len(), 137);
}
