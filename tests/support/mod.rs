//! What the tests share: operations on an engine of this crate, their one interpreter beside the model of
//! `heartwheel::conformance`, the generators, shorthand for hand-written cases, and what a restored engine must
//! stand.

#![allow(dead_code, reason = "every test target compiles this module and uses its own part of it")]
#![allow(unused_imports, reason = "as above")]

pub(crate) mod generate;
pub(crate) mod operation;
pub(crate) mod pair;
pub(crate) mod runs;
pub(crate) mod shorthand;
#[cfg(feature = "serde")]
pub(crate) mod sound;
