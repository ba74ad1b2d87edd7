//! The activity service: SWF's calls and decisions about activities, over one engine. Here are the service
//! itself, its executions and its time; the decisions and the workers' calls are in files of their own.

mod calls;
mod config;
mod decisions;
mod execution;
mod queues;
mod rate;
mod record;
mod task;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use crate::{ActivityId, Engine, Event, ScheduleError, TimedOut, Timeouts, Timestamp};

pub use calls::StartedTask;
pub use config::ServiceConfig;
pub use decisions::{DecisionContext, Permission, ScheduleOutcome};
pub use execution::{ExecutionId, ExecutionView};
pub use rate::CreationRate;
pub use record::{RestoreError, ServiceRecord};

use super::fault::Fault;
use super::history::{ActivityTaskTimedOutEventAttributes, EventAttributes};
use super::model::{EventId, WorkflowExecution};
use super::registry::TypeRegistry;
use super::text::{DomainName, LimitedData};

use execution::{Execution, Status};
use queues::Queues;
use rate::Bucket;
use task::{ClosedTask, Task};

/// The host's histories, lent to every call that may add to one.
pub trait Histories {
    /// Appends an event to an execution's history and gives its place, counted from 1 without a gap.
    ///
    /// The instants of one execution never run backwards. A host that stores histories elsewhere buffers
    /// the events of one call and writes them together.
    fn append(&mut self, execution: ExecutionId, at: Timestamp, event: EventAttributes) -> EventId;
}

/// What the service's engine calls its activities: the service's own, and those of the host.
#[derive(
    Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize,
)]
#[allow(clippy::exhaustive_enums, reason = "an activity is the service's or the host's")]
pub enum Key<H> {
    /// A task of the service.
    Activity,
    /// A timer of the host.
    Timer(H),
}

/// What the passing of time brought.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Due<H> {
    /// A task timed out, and its history has the event.
    #[non_exhaustive]
    Activity {
        /// Whose task.
        execution: ExecutionId,
        /// The engine's evidence: when it was scheduled and started, its heartbeats, its last details.
        timed_out: TimedOut<Key<H>, LimitedData>,
    },
    /// A timer of the host's is due.
    #[non_exhaustive]
    Timer {
        /// The host's name for it.
        key: H,
        /// When it was due.
        deadline: Timestamp,
    },
}

/// Why the service did not do as it was told. Nothing has changed but the newest time seen.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// Something fell due before this call and was not polled: the host polls until `None` first.
    #[error("something is due: poll until none is left, then call again with the same time")]
    Undrained,
    /// The host named an execution that is not open.
    #[error("execution {execution} is not open")]
    ExecutionNotOpen {
        /// The execution that it named.
        execution: ExecutionId,
    },
    /// The answer to the caller is a fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// SWF's activities: types, decisions, task lists, workers' calls and timeouts.
///
/// The host owns histories ([`Histories`]), the names of things (domains, runs, tokens) and permission; the
/// service works with the engine's ids. It names tasks by [`ActivityId`] and executions by [`ExecutionId`]: a
/// thin handler of the host's opens tokens, checks permission and calls here. `H` names the host's own
/// [timers](Self::start_timer), which share the engine and its order of events.
///
/// # Time comes first
/// Every call takes the time. Before a call the host polls until `None`, with the same time; a call that
/// something due precedes is refused as [`Undrained`](ServiceError::Undrained) and changes nothing. So
/// events come in order of time, and no answer depends on when the host last polled. Once drained, any
/// number of calls may follow at that instant: a timeout of zero seconds that one of them arms is delivered by
/// the next poll, and until then no worker gets that task and no call about it succeeds.
///
/// # Memory
/// A late call is answered by what it missed, so of each task that a worker had 24 bytes or so stay until the host
/// [forgets](Self::forget_execution) its execution, as it drops the history. They are less than the task's three
/// events in that history, so whatever bounds histories bounds them: under SWF's quota of 25,000 events they are of
/// 8,333 tasks at most.
///
/// ```
/// use heartwheel::swf::*;
/// use heartwheel::Timestamp;
///
/// struct Count(u32);
/// impl Histories for Count {
///     fn append(&mut self, _: ExecutionId, _: Timestamp, _: EventAttributes) -> EventId {
///         self.0 += 1;
///         EventId::new(self.0)
///     }
/// }
///
/// let mut service: ActivityService<u64> = ActivityService::new(ServiceConfig::DEFAULT);
/// let mut histories = Count(3);
/// let now = Timestamp::from_millis(1_420_142_405_123);
/// while let Some(due) = service.poll(now, &mut histories) {
///     // Schedule a decision task, fire a timer of the host's.
/// }
/// let (domain, list): (DomainName, Name) = ("media".parse()?, "main".parse()?);
/// let work = service.poll_for_activity_task(now, &mut histories, &domain, &list, None)?;
/// assert!(work.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ActivityService<H> {
    config: ServiceConfig,
    engine: Engine<Key<H>, LimitedData>,
    types: TypeRegistry,
    executions: BTreeMap<ExecutionId, Execution>,
    /// The open tasks.
    tasks: BTreeMap<ActivityId, Task>,
    /// Tasks that a worker had, so that a late call gets its answer.
    closed: BTreeMap<ActivityId, ClosedTask>,
    queues: Queues,
    bucket: Bucket,
    next_execution: u64,
    /// Counts scheduled tasks: the order of arrival.
    next_arrival: u64,
    /// The newest time seen.
    now: Timestamp,
    /// The instant up to which everything due is polled.
    drained_at: Option<Timestamp>,
}

impl<H> ActivityService<H> {
    /// A service without types, executions and tasks.
    #[must_use]
    pub fn new(config: ServiceConfig) -> Self {
        Self {
            config,
            engine: Engine::new(config.engine()),
            types: TypeRegistry::new(),
            executions: BTreeMap::new(),
            tasks: BTreeMap::new(),
            closed: BTreeMap::new(),
            queues: Queues::default(),
            bucket: Bucket::default(),
            next_execution: 0,
            next_arrival: 0,
            now: Timestamp::ZERO,
            drained_at: None,
        }
    }

    /// Takes in an execution that the host has started, and gives it a number that is never used again.
    pub fn open_execution(&mut self, domain: DomainName, name: WorkflowExecution) -> ExecutionId {
        let id = ExecutionId::new(self.next_execution);
        self.next_execution += 1;
        self.executions.insert(id, Execution::new(domain, name));
        id
    }

    /// An execution has closed, however: its tasks end without events, their clocks stop, no worker gets
    /// those that wait, and later calls about them get `Unknown execution`.
    ///
    /// # Errors
    /// [`ServiceError::Undrained`]; [`ServiceError::ExecutionNotOpen`].
    pub fn close_execution(
        &mut self,
        now: Timestamp,
        execution: ExecutionId,
    ) -> Result<(), ServiceError> {
        let now = self.ready(now)?;
        let tasks = match self.executions.get(&execution).map(Execution::status) {
            Some(Status::Open(open)) => open.values().copied().collect::<Vec<_>>(),
            Some(Status::Closed) | None => {
                return Err(ServiceError::ExecutionNotOpen { execution });
            }
        };
        for id in tasks {
            // A task that is due at this very instant stays in the engine; poll passes over it.
            drop(self.engine.abandon(now, id));
            self.remove(id);
        }
        if let Some(execution) = self.executions.get_mut(&execution) {
            execution.close();
        }
        Ok(())
    }

    /// The host no longer keeps a closed execution: its name, given back, and its tasks' ids are dropped, and
    /// later calls about them get `Unknown activity`. `None`, and nothing, for one that is open or unknown.
    pub fn forget_execution(&mut self, execution: ExecutionId) -> Option<WorkflowExecution> {
        match self.executions.get(&execution)?.status() {
            Status::Open(_) => return None,
            Status::Closed => {}
        }
        let (name, tasks) = self.executions.remove(&execution)?.into_parts();
        for id in tasks {
            self.closed.remove(&id);
        }
        Some(name)
    }

    /// Arms a timer of the host's own: for SWF's timers, and the timeouts of decision tasks and executions.
    /// Nothing that is due can change its outcome, so it needs no drain.
    ///
    /// # Errors
    /// Hands the key back as [`Engine::schedule`] does.
    pub fn start_timer(
        &mut self,
        now: Timestamp,
        key: H,
        after: Duration,
    ) -> Result<ActivityId, ScheduleError<Key<H>>> {
        let now = self.observe(now);
        let timeouts = Timeouts::NONE.with_schedule_to_close(after);
        self.engine.schedule(now, Key::Timer(key), timeouts)
    }

    /// Takes a timer of the host's out and gives its key back; `None` for one that is due, fired or canceled,
    /// and for a task's id.
    pub fn cancel_timer(&mut self, now: Timestamp, id: ActivityId) -> Option<H> {
        let now = self.observe(now);
        match self.engine.activity(id)?.evidence.key {
            Key::Activity => return None,
            Key::Timer(_) => {}
        }
        match self.engine.abandon(now, id).ok()?.key {
            Key::Activity => None,
            Key::Timer(key) => Some(key),
        }
    }

    /// The next thing that is due, one a call, in the order of (deadline, scheduling); `None` once all are
    /// delivered. A task's timeout is in its history when this returns, stamped with its deadline.
    #[must_use = "what is due is handed over once"]
    pub fn poll(&mut self, now: Timestamp, histories: &mut impl Histories) -> Option<Due<H>> {
        let now = self.observe(now);
        while let Some(Event::TimedOut(timed_out)) = self.engine.poll(now) {
            match timed_out.activity.key {
                Key::Timer(key) => return Some(Due::Timer { key, deadline: timed_out.deadline }),
                Key::Activity => {
                    // The task of an execution that closed at that very instant has no event.
                    let Some(task) = self.remove(timed_out.activity.id) else { continue };
                    let attributes = ActivityTaskTimedOutEventAttributes {
                        timeout_type: timed_out.timeout_type,
                        scheduled_event_id: task.scheduled_event_id,
                        started_event_id: task.started_event_id(),
                        details: timed_out.activity.details.clone(),
                    };
                    histories.append(task.execution, timed_out.deadline, attributes.into());
                    return Some(Due::Activity { execution: task.execution, timed_out });
                }
            }
        }
        self.drained_at = Some(now);
        None
    }

    /// When to call [`poll`](Self::poll) next; see [`Engine::next_wakeup`].
    #[must_use]
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        self.engine.next_wakeup()
    }

    /// The activity types.
    #[must_use]
    pub const fn types(&self) -> &TypeRegistry {
        &self.types
    }

    /// The activity types, to register, deprecate and delete.
    pub fn types_mut(&mut self) -> &mut TypeRegistry {
        &mut self.types
    }

    /// An execution, open or closed; `None` once it is forgotten.
    #[must_use]
    pub fn execution(&self, execution: ExecutionId) -> Option<ExecutionView<'_>> {
        self.executions.get(&execution).map(Execution::view)
    }

    /// The engine, to look at.
    #[must_use]
    pub const fn engine(&self) -> &Engine<Key<H>, LimitedData> {
        &self.engine
    }

    /// Time never runs backwards, in histories neither.
    fn observe(&mut self, now: Timestamp) -> Timestamp {
        self.now = self.now.max(now).max(self.engine.now());
        self.now
    }

    /// The time, if nothing is due before this call.
    fn ready(&mut self, now: Timestamp) -> Result<Timestamp, ServiceError> {
        let now = self.observe(now);
        if self.drained_at != Some(now) {
            if self.engine.next_wakeup().is_some_and(|wakeup| wakeup <= now) {
                return Err(ServiceError::Undrained);
            }
            self.drained_at = Some(now);
        }
        Ok(now)
    }

    /// Takes a task out of every list. If a worker had it, its number is kept for late calls.
    fn remove(&mut self, id: ActivityId) -> Option<Task> {
        let task = self.tasks.remove(&id)?;
        if let Some(execution) = self.executions.get_mut(&task.execution) {
            execution.remove(&task.activity_id);
            if task.is_started() {
                execution.keep(id);
                let Task { execution, scheduled_event_id, .. } = task;
                self.closed.insert(id, ClosedTask { execution, scheduled_event_id });
            } else {
                let domain = execution.domain();
                self.queues.remove(domain, &task.task_list, task.place());
            }
        }
        Some(task)
    }
}
