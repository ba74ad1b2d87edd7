//! What the tests share: the reference model, the operations, their one interpreter, the
//! generators, and shorthand for hand-written cases.

#![allow(dead_code, reason = "every test target compiles this module and uses its own part of it")]
#![allow(unused_imports, reason = "as above")]

pub(crate) mod generate;
pub(crate) mod model;
pub(crate) mod operation;
pub(crate) mod pair;
pub(crate) mod runs;
pub(crate) mod shorthand;
