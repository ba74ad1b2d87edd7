//! What a hostile snapshot can take: a process of its own, so that every byte is counted.

#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

mod support;

use std::alloc::System;

use cap::Cap;
use heartwheel::{Config, Engine};

use support::shorthand::{at, ms, NONE};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

type Host = Engine<String, String>;

/// A stretch of 65,536 slots of this engine is 9 MB, and the wheel's, the text's and the tables' share is a few more.
const BOUND: usize = 32 << 20;

#[test]
fn one_activity_at_the_far_end_of_the_index_space_takes_one_stretch_of_slots() {
    // It is a legal snapshot: every stretch but the last is empty. With one of everything that few have.
    let far = 61_439_u32;
    let mut engine = Host::new(Config::default());
    let id = engine.schedule(at(0), "far".to_owned(), NONE.with_heartbeat(ms(9))).unwrap();
    engine.start(at(0), id).unwrap();
    engine.heartbeat(at(0), id, None).unwrap();
    engine.request_cancel(at(0), id).unwrap();
    engine.suspend(at(0), id).unwrap();
    engine.resume(at(5), id).unwrap();
    let floors = vec!["0"; far as usize + 1].join(",");
    let text = serde_json::to_string(&engine)
        .unwrap()
        .replace(r#""floors":[0]"#, &format!(r#""floors":[{floors}]"#))
        .replace(r#""frontier":0"#, &format!(r#""frontier":{far}"#))
        .replace(r#""index":0"#, &format!(r#""index":{}"#, far << 16))
        // As often as a record counts, so that the count goes beyond it.
        .replace(r#""heartbeats":1"#, r#""heartbeats":16777216"#);
    let restored: Host = serde_json::from_str(&text).unwrap();
    restored.check_invariants().unwrap();
    let id = restored.activities().next().unwrap().evidence.id;
    assert_eq!(id.to_string(), format!("a{}v0", far << 16));
    let peak = ALLOCATOR.max_allocated();
    assert!(peak < BOUND, "{peak} bytes for {} bytes of snapshot", text.len());
}
