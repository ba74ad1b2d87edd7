//! An embeddable state-machine engine for activity timeouts and heartbeats.
//!
//! A workflow engine tells it what happened and what time it is. It answers whether the worker may go
//! on, whether cancellation is requested, and which activities have timed out, with the details of their
//! last heartbeat. It does no I/O, reads no clock, starts no thread and draws no random number.
//!
//! The semantics are those of Amazon SWF's RecordActivityTaskHeartbeat: a heartbeat resets the heartbeat
//! timeout, start-to-close bounds the whole run whatever the heartbeats, a timeout carries the last
//! details, and a cancel request reaches the worker in the heartbeat's reply. Where SWF is silent the
//! choice is ours, and its place in these docs says so.
//!
//! # The model
//!
//! An *activity* is scheduled, is started by a worker, reports heartbeats, and closes exactly once:
//! completed, failed, canceled, timed out or abandoned. A *timeout* is a configured duration or NONE; the
//! *deadline* is the instant it yields; an activity is *due* when `deadline <= now`.
//!
//! | timeout | armed | deadline |
//! |---|---|---|
//! | schedule-to-start | while scheduled | scheduled + timeout |
//! | schedule-to-close | while open | scheduled + timeout |
//! | start-to-close | while started | started + timeout; no heartbeat moves it |
//! | heartbeat | while started | later of start and last accepted heartbeat, + timeout |
//!
//! *Commands* ([`schedule`](Engine::schedule), [`start`](Engine::start),
//! [`heartbeat`](Engine::heartbeat), [`request_cancel`](Engine::request_cancel),
//! [`close`](Engine::close), [`abandon`](Engine::abandon) and those that move clocks,
//! [`update_timeouts`](Engine::update_timeouts), [`suspend`](Engine::suspend), [`resume`](Engine::resume) and
//! [`recover`](Engine::recover)) say what happened; [`poll`](Engine::poll)
//! returns what the passing of time brought, one [`Event`] a call; [`next_wakeup`](Engine::next_wakeup)
//! says when to call it next.
//!
//! # The host loop
//!
//! ```
//! use core::time::Duration;
//! use heartwheel::{Config, Engine, Event, TimeoutType, Timeouts, Timestamp};
//!
//! // The host's clock and commands; here a script of (time, command).
//! let mut engine: Engine<&str, String> = Engine::new(Config::default());
//! let timeouts = Timeouts::NONE
//!     .with_heartbeat(Duration::from_secs(30))
//!     .with_start_to_close(Duration::from_secs(3_600));
//! let encode = engine.schedule(Timestamp::from_millis(0), "encode", timeouts)?;
//! engine.start(Timestamp::from_millis(5_000), encode)?;
//! let reply = engine.heartbeat(Timestamp::from_millis(9_000), encode, Some("10%".into()))?;
//! assert!(!reply.cancel_requested);
//!
//! // Then nothing. The host sleeps until the wake-up, drains, and sleeps again.
//! let mut events = Vec::new();
//! while let Some(wakeup) = engine.next_wakeup() {
//!     let now = wakeup; // a real host reads its clock here: the current time, not the wake-up
//!     while let Some(event) = engine.poll(now) {
//!         events.push(event);
//!     }
//!     // ... and issues the commands that have come in, with a fresh `now`.
//! }
//! let Some(Event::TimedOut(timeout)) = events.pop() else { panic!("one event") };
//! assert_eq!(timeout.timeout_type, TimeoutType::Heartbeat);
//! assert_eq!(timeout.deadline, Timestamp::from_millis(39_000));
//! assert_eq!(timeout.activity.key, "encode");
//! assert_eq!(timeout.activity.details.as_deref(), Some("10%"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The contract
//!
//! 1. The engine is a function of its inputs: the same configuration and the same sequence of (now,
//!    command) give the same results on every platform.
//! 2. There are four timeouts, armed and anchored as the table says. Each may be NONE.
//! 3. A deadline is due at the instant itself. Nothing fires early, not by a millisecond. Zero is a
//!    timeout like any other: due at the instant it is armed.
//! 4. A command at `now` first *settles*: if the activity is due, the timeout wins, the command is
//!    refused, and nothing else changes. So the outcome never depends on whether or when the host polled.
//!    The error is the same, [`CommandError::NotOpen`], for an activity that is due, closed, recycled or
//!    was never issued, and comes before any wrong-state error.
//! 5. An activity closes exactly once. Afterwards its id is dead for ever; a recycled slot never answers
//!    to an old id.
//! 6. `Err` changes nothing but the newest time seen. What the host passed in is handed back.
//! 7. Requesting cancellation of a started activity stops no timer, is idempotent (the first instant is
//!    kept), and shows in the reply of every later heartbeat. One that has not started closes as
//!    canceled. A worker may ignore a request: complete, fail and timeout stay possible.
//! 8. A timeout event carries the key, which timeout, its deadline, when it was observed, when the
//!    activity was scheduled and started, time and count of accepted heartbeats, the last details, and
//!    when cancellation was requested. A host that stores nothing else can explain the timeout.
//! 9. Events come in (deadline, order of scheduling), whatever the jump between polls. If two deadlines of
//!    one activity coincide, the one named is the first of START_TO_CLOSE, SCHEDULE_TO_START,
//!    SCHEDULE_TO_CLOSE, HEARTBEAT: SWF's own enumeration order.
//! 10. [`next_wakeup`](Engine::next_wakeup) is never later than the earliest live deadline, and `None` if
//!     and only if nothing is armed. After a drain at `now` it is `None` or later than `now`. Following it
//!     makes progress: each wake-up fires something or is one of a few moves between levels of the wheel.
//! 11. Time never runs backwards: an older `now` counts as the newest seen, and is counted in the
//!     statistics. Any `u64` instant is legal, also as a deadline; a sum past the end of `u64` never comes
//!     and is not armed. Durations round up to the next millisecond, once, where they enter.
//! 12. Commands are O(1) amortised. A heartbeat touches no timer (but one that moves the only deadline past
//!     the end of time, which disarms it, and the first one after a recovery that had put it further off) and allocates nothing (but a page of counts, once in 16,777,216
//!     beats of one activity). A repeated poll at
//!     one `now` is O(1) whatever the population; a jump costs in proportion to the timers it passes, not
//!     to the time; while polls come at most a millisecond apart, no call moves a whole upper slot.
//! 13. An activity that is due but not yet returned by `poll` counts as open in [`len`](Engine::len), in
//!     the capacity and in views. Hosts that care drain before each command.
//! 14. A panic is a bug in this crate. No argument can cause one.
//! 15. A restored engine is the one that was stored: from any point on, the same calls give the same replies
//!     and events, ids included, and the same bytes again. Deadlines are state: no restore gives anybody more
//!     time. Wake-ups may come later than before, since the wheel is made anew, but never too late.
//! 16. After a silence the host may say what it means ([`recover`](Engine::recover)). Only heartbeat clocks are
//!     moved, as far as the [`Recovery`] says and no further, whatever recoveries there were before. This is the
//!     one exception to sentence 4: a heartbeat deadline between the newest time seen and `now` is covered,
//!     though it has come. One that had come by an instant that the engine has seen stands.
//! 17. With [`Config::with_max_jump`], a time too far past the newest seen is not believed: every command and
//!     `poll` says so and changes nothing, until the host accepts it or goes on with a saner clock.
//! 18. A suspended activity has no deadline. Resumed, each of its clocks has what it had left: anchors move by
//!     the time suspended, at most to the end of time, and the evidence keeps both the true times and the sum.
//! 19. Timeouts may be changed while an activity is open. They count from the same anchors, and a deadline that
//!     is thereby past is due at once.
//!
//! # Choices
//!
//! - A heartbeat without details keeps the details reported before; [`MissingDetails::Clear`] erases them.
//! - A call at the deadline instant loses.
//! - There are no retries: each attempt is a new activity with a new id, and the event carries what the
//!   next attempt needs.
//! - A plain timer is an activity with a schedule-to-close timeout and nothing else.
//! - A heartbeat puts its clock where heartbeats put it, also after a recovery that had put it further off.
//!
//! # Outliving the host
//!
//! With the feature `serde` an [`Engine`] is `Serialize` and `Deserialize`, in formats that describe themselves
//! and in compact ones, in one piece or activity by activity (`Engine::snapshot_activities`, `Restore`).
//!
//! `poll` hands an event over once. A host that must not lose one writes each (now, command) down before it
//! issues it, polls included, and stores a snapshot now and then. When it comes back it restores the last
//! snapshot and issues what was written since: by sentences 1 and 15 every reply and every event comes again,
//! the one that was on its way when the host died as well. Whatever it does with events must bear to be done
//! twice; the id in an event tells them apart.
//!
//! Then it says what the silence means, before any other call; that is a command too, and is written down:
//!
//! ```
//! # #[cfg(feature = "serde")] {
//! use core::time::Duration;
//! use heartwheel::{Config, Engine, Recovery, Timeouts, Timestamp};
//!
//! let at = Timestamp::from_millis;
//! let mut engine: Engine<String, String> = Engine::new(Config::default());
//! let timeouts = Timeouts::NONE.with_heartbeat(Duration::from_secs(30));
//! let id = engine.schedule(at(0), "encode".into(), timeouts).unwrap();
//! engine.start(at(0), id).unwrap();
//! let snapshot = serde_json::to_string(&engine).unwrap();
//! drop(engine); // the host dies, and comes back two minutes later
//!
//! let mut engine: Engine<String, String> = serde_json::from_str(&snapshot).unwrap();
//! // ... the journal is replayed here ...
//! engine.recover(at(120_000), Recovery::grace(Duration::from_secs(10)));
//! assert!(engine.heartbeat(at(125_000), id, Some("40%".into())).is_ok());
//! # }
//! ```
//!
//! [`Recovery`] says which policy resembles which system. A host that is not sure whether there was a silence
//! asks [`overdue`](Engine::overdue) how many would time out, before it polls.
//!
//! # What it does not do
//!
//! Threads, clocks, storage, networking, retries, and keeping ids secret: an [`ActivityId`] is a name, not
//! a capability.
//!
//! # Features
//!
//! - `serde` (on by default): snapshots; `Serialize` and `Deserialize` for the engine and the data types.
//! - `prefetch`: [`Engine::heartbeats`] and the timer wheel fetch records by the processor's own instruction,
//!   on x86; brings in the crate safe_arch.
//! - `swf`: Amazon SWF's activity tasks over the engine, the module `swf`; brings in hmac, sha2 and base64, and
//!   implies `serde`.
//! - `conformance`: the contract as an executable specification that any implementation can be checked against, the
//!   module `conformance`; brings in std, proptest, rand and serde_json.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "conformance")]
extern crate std;

mod activity;
mod chunks;
mod config;
#[cfg(feature = "conformance")]
pub mod conformance;
mod engine;
mod error;
mod event;
mod hint;
mod id;
mod image;
mod rare;
mod recovery;
mod slab;
#[cfg(feature = "serde")]
mod snapshot;
mod stats;
#[cfg(feature = "swf")]
pub mod swf;
mod time;
mod timeouts;
mod wheel;

pub use config::{Config, Geometry, MissingDetails};
pub use engine::Engine;
pub use error::{CommandError, HeartbeatError, ScheduleError, ScheduleRefusal};
pub use event::{
    ActivityView, CancelOutcome, Closed, Deadline, Event, Evidence, Heartbeat, Jump, Outcome,
    TimedOut,
};
pub use id::ActivityId;
pub use recovery::Recovery;
#[cfg(feature = "serde")]
pub use snapshot::{ActivitySnapshot, Restore, RestoreError, SnapshotHead};
pub use stats::{Lateness, Stats, TimeoutCounts, TimerStats};
pub use time::Timestamp;
pub use timeouts::{TimeoutType, Timeouts};

/// The README's examples, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
