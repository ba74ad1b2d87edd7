//! Hostile snapshots: an error, or an engine that is sound and runs to the end of time.

#[path = "../../tests/support/sound.rs"]
mod sound;

use sound::{exercise, Host};

/// Restores the bytes and, if that gives an engine, uses it. JSON begins with a brace, and postcard with the
/// number of a version, which is none.
///
/// # Panics
/// If the engine is not sound, or stores itself otherwise than it was stored.
pub fn run(bytes: &[u8]) {
    if bytes.first() == Some(&b'{') {
        let Ok(engine) = serde_json::from_slice::<Host>(bytes) else { return };
        let stored = serde_json::to_vec(&engine).expect("texts are JSON");
        let again: Host = serde_json::from_slice(&stored).expect("it takes what it wrote");
        assert_eq!(serde_json::to_vec(&again).expect("as before"), stored);
        exercise(engine);
    } else if let Ok(engine) = postcard::from_bytes(bytes) {
        exercise(engine);
    }
}
