//! draft

#![no_std]

extern crate alloc;

mod activity;
mod chunks;
mod config;
mod engine;
mod error;
mod event;
mod id;
mod rare;
mod slab;
mod stats;
mod time;
mod timeouts;
mod wheel;

pub use config::{Config, Geometry, MissingDetails};
pub use engine::Engine;
pub use error::{CommandError, HeartbeatError, ScheduleError, ScheduleRefusal};
pub use event::{
    ActivityView, CancelOutcome, Closed, Deadline, Event, Evidence, Heartbeat, Outcome, TimedOut,
};
pub use id::ActivityId;
pub use stats::{Lateness, Stats, TimeoutCounts, TimerStats};
pub use time::Timestamp;
pub use timeouts::{TimeoutType, Timeouts};
