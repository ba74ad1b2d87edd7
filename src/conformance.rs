//! The contract as something to check against: for this crate's engine, and for anybody else's.

mod check;
mod engine;
pub mod generate;
pub mod lines;
mod model;
mod observation;
mod operation;
mod profile;
mod report;
mod sentence;
mod step;
mod subject;

pub use check::{check, check_with, About, Kind, Plan, Progress};
pub use engine::Heartwheel;
pub use model::{Activity, Beat, Cancel, Expiry, Model, Story};
pub use observation::{Evidence, Observation, Refusal, TimedOut};
pub use operation::{Action, Limits, Operation, Policy};
pub use profile::{Command, Driving, Due, Guarantee, HeartbeatStart, LateCalls, Profile, Told};
pub use report::{Departure, Report, Standing, Verdict};
pub use sentence::Sentence;
pub use step::{Step, When, Whom};
pub use subject::{Failure, Subject};
