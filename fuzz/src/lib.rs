//! What each fuzz target does with its bytes; a panic is a finding. Shared by the targets and by
//! `tests/fuzz_corpus.rs`, which replays the committed corpora on every `cargo test`.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "compiled into the targets' library and into a test, each of which uses a part"
)]
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a program that needs std anyway gains nothing from naming the crates below it"
)]

// What is shared with the library's tests names it.
extern crate alloc;

pub mod lines;
pub mod operations;
mod replayer;
#[cfg(feature = "swf")]
pub mod requests;
#[cfg(feature = "serde")]
pub mod snapshot;
