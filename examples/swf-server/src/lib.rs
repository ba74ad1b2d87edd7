//! A local Amazon SWF for development and tests, on heartwheel. It checks no signatures.
//!
//! [`state`] is the whole of it as data, without clock and I/O. Around it are the clock, the lock and the wake-ups
//! ([`host`]), who calls ([`policy`]), the file ([`snapshot`]) and HTTP ([`http`]).

pub mod args;
pub mod calls;
pub mod clock;
pub mod error;
pub mod host;
pub mod http;
pub mod members;
pub mod policy;
pub mod random;
pub mod snapshot;
pub mod state;
