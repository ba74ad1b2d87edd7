//! The engine through bytes and back, as when a host restarts.

use heartwheel::Engine;

use super::record::{Details, Key};

/// Replaces the engine by the one that its snapshot gives.
#[cfg(feature = "serde")]
#[allow(
    clippy::expect_used,
    reason = "an engine that cannot be stored, or not be restored from its own bytes, is a bug in it"
)]
pub(crate) fn through_bytes(engine: &mut Engine<Key, Details>) {
    let bytes = serde_json::to_vec(engine).expect("an engine with texts in it is JSON");
    *engine = serde_json::from_slice(&bytes).expect("an engine takes what it wrote");
}

/// Without the library's feature there are no snapshots; the output is the same, since none shows in it.
#[cfg(not(feature = "serde"))]
pub(crate) const fn through_bytes(_engine: &mut Engine<Key, Details>) {}
