//! The [contract](crate#the-contract) as an executable specification, to check any implementation of activity
//! timeouts against: another engine in this process, a program behind a pipe, an emulator.
//!
//! - A host's side is data: [`Operation`]s with their instants, [`Observation`]s in answer, both also as the JSON
//!   Lines of the replayer ([`lines`]).
//! - The [`Model`] says what each operation should bring. It is written from the contract alone.
//! - A [`Profile`] is what an implementation says of itself. It is held to that, and not to this crate's choices.
//! - A [`Subject`] is what is checked. [`check`] generates cases from the profile, runs them on the subject and on
//!   the model, shortens each difference to a few lines, says which sentence of the contract it breaks, and goes
//!   on to find others. The [`Report`] sums up by sentence: held, held as claimed, broken, undecided, not claimed.
//! - Property tests of one's own take the generators ([`generate`]), the model and the laws ([`invariants`]).
//!
//! Needs the feature `conformance`, which brings in std, proptest, rand and serde_json.
//!
//! # Checking an engine of one's own
//!
//! Here is one that knows start-to-close and nothing else. It keeps what it says of itself; and once it claims to
//! deliver in the order of deadlines, it is convicted.
//!
//! ```
//! use heartwheel::conformance::{
//!     check, Action, Command, Evidence, Failure, Guarantee, Limits, Observation, Operation, Plan,
//!     Profile, Refusal, Sentence, Subject, TimedOut,
//! };
//! use heartwheel::TimeoutType;
//!
//! /// An open activity: its number, its timeouts, when it started.
//! type Open = (u32, Limits, Option<u64>);
//!
//! /// What is open, and the newest time seen.
//! #[derive(Default)]
//! struct Mine(Vec<Open>, u64);
//!
//! impl Subject for Mine {
//!     fn reset(&mut self) -> Result<(), Failure> {
//!         *self = Self::default();
//!         Ok(())
//!     }
//!
//!     fn apply(&mut self, operation: &Operation) -> Result<Vec<Observation>, Failure> {
//!         let Self(open, now) = self;
//!         *now = operation.at.max(*now);
//!         let is_due = |(_, limits, started): &Open| {
//!             started.zip(limits.start_to_close).is_some_and(|(at, limit)| at + limit <= *now)
//!         };
//!         // Where the activity of the operation is, unless it is closed or due.
//!         let named = operation.action.activity();
//!         let place = open.iter().position(|one| Some(one.0) == named && !is_due(one));
//!         Ok(match (operation.action, place) {
//!             (Action::Schedule { activity, limits }, _) => {
//!                 open.push((activity, limits, None));
//!                 vec![Observation::Scheduled]
//!             }
//!             (Action::Start { .. }, Some(place)) if open[place].2.is_none() => {
//!                 open[place].2 = Some(*now);
//!                 vec![Observation::Started]
//!             }
//!             (Action::Close { outcome, .. }, Some(place)) if open[place].2.is_some() => {
//!                 open.remove(place);
//!                 vec![Observation::Closed(outcome)]
//!             }
//!             (Action::Advance, _) => {
//!                 let (due, alive): (Vec<Open>, _) = open.drain(..).partition(is_due);
//!                 *open = alive;
//!                 let (timeout_type, evidence) = (TimeoutType::StartToClose, Evidence::default());
//!                 due.into_iter()
//!                     .map(|(activity, ..)| TimedOut { activity, timeout_type, evidence: evidence.clone() })
//!                     .map(Observation::TimedOut)
//!                     .collect()
//!             }
//!             _ => vec![Observation::Refused(Refusal::Unspecified)],
//!         })
//!     }
//! }
//!
//! let profile = Profile::bare("mine")
//!     .with_timeouts([TimeoutType::StartToClose])
//!     .with_commands([Command::Complete, Command::Fail])
//!     .with_guarantees([Guarantee::Repeatable, Guarantee::OlderInstants])
//!     .with_times_up_to(1 << 40);
//! let report = check(&mut Mine::default(), &profile, &Plan::new(1));
//! assert!(report.is_conformant(), "{report}");
//!
//! let boastful = profile.with_guarantees([Guarantee::OrderOfDeadlines]);
//! let report = check(&mut Mine::default(), &boastful, &Plan::new(1));
//! assert_eq!(report.departures[0].sentence, Sentence::ORDER);
//! // Two scheduled, two started, one advance.
//! assert!(report.departures[0].trace.len() <= 5, "{report}");
//! ```

mod check;
mod engine;
pub mod generate;
pub mod invariants;
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
