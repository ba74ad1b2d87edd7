//! The engine's own name for an activity.

use core::fmt;

/// Names one activity of one engine, for ever: a slot's index and the generation of its use.
///
/// Copy, 8 bytes, opaque. Only the engine makes them (and serde, so that they may be stored beside
/// the host's data; and a genuine task token gives back the one it was sealed with). A slot is reused, first freed first, under the next generation, so an old id
/// never answers for a new activity. A slot serves 16,777,215 activities; then it is retired.
///
/// An id is not a secret: a host that hands ids to strangers must seal them, as `swf::token` does.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct ActivityId {
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

impl fmt::Display for ActivityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a{}v{}", self.index, self.generation)
    }
}

impl fmt::Debug for ActivityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
