//! The service's state as a host stores it, beside the engine's own. Only what cannot be derived is in it:
//! task lists and the ids in use are built anew.

use alloc::vec::Vec;

use super::execution::{Execution, ExecutionId, Status};
use super::rate::Bucket;
use super::task::{ClosedTask, Task};
use super::{ActivityService, Key, ServiceConfig};
use crate::swf::model::WorkflowExecution;
use crate::swf::registry::TypeRegistry;
use crate::swf::text::{DomainName, LimitedData, RunId, WorkflowId};
use crate::{ActivityId, Engine, Timestamp};

/// Everything that the service knows and its engine does not: types, executions, tasks and counters.
///
/// Plain serde, so that any format can store it, in an order that depends on nothing but what happened. It
/// fits one engine, the one that the service had at that moment: store both, together.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub struct ServiceRecord {
    /// Of this layout.
    version: u32,
    now: Timestamp,
    next_execution: u64,
    next_arrival: u64,
    bucket: Bucket,
    types: TypeRegistry,
    executions: Vec<ExecutionRecord>,
    tasks: Vec<(ActivityId, Task)>,
    closed: Vec<(ActivityId, ClosedTask)>,
}

/// The layout that this code writes, and the only one it reads.
const VERSION: u32 = 1;

#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
struct ExecutionRecord {
    id: ExecutionId,
    domain: DomainName,
    workflow_id: WorkflowId,
    run_id: RunId,
    is_open: bool,
}

/// Why a service was not restored.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// A layout of another release.
    #[error("a record of version {version}, this release reads version {VERSION}")]
    Version {
        /// The record's version.
        version: u32,
    },
    /// The engine has a [guard on jumps](crate::Config::with_max_jump), which a service's never has.
    #[error("the engine has a guard on jumps: it is no service's")]
    Guarded,
    /// A task of the record is not in the engine as the record has it, or one of the engine's not in the
    /// record: they are not of one moment.
    #[error("the record and the engine disagree about activity {id}")]
    Engine {
        /// The engine's id.
        id: ActivityId,
    },
    /// The record contradicts itself about an execution.
    #[error("the record contradicts itself about execution {execution}")]
    Execution {
        /// The execution.
        execution: ExecutionId,
    },
    /// The record contradicts itself about a task: it is there twice, or its id is in use.
    #[error("the record contradicts itself about activity {id}")]
    Task {
        /// The engine's id.
        id: ActivityId,
    },
}

impl<H> ActivityService<H> {
    /// The service's state, to be stored together with the [engine's](Self::engine).
    #[must_use]
    pub fn record(&self) -> ServiceRecord {
        let executions = self.executions.iter().map(|(id, execution)| ExecutionRecord {
            id: *id,
            domain: execution.domain().clone(),
            workflow_id: execution.name().workflow_id.clone(),
            run_id: execution.name().run_id.clone(),
            is_open: matches!(execution.status(), Status::Open(_)),
        });
        ServiceRecord {
            version: VERSION,
            now: self.now,
            next_execution: self.next_execution,
            next_arrival: self.next_arrival,
            bucket: self.bucket,
            types: self.types.clone(),
            executions: executions.collect(),
            tasks: self.tasks.iter().map(|(id, task)| (*id, task.clone())).collect(),
            closed: self.closed.iter().map(|(id, task)| (*id, *task)).collect(),
        }
    }

    /// The service as it was, from what was stored of it and of its engine. The configuration is the host's
    /// to give anew; its engine part is the restored engine's.
    ///
    /// # Errors
    /// [`RestoreError`] for a record that contradicts itself or the engine. The engine is gone then.
    pub fn restore(
        config: ServiceConfig,
        engine: Engine<Key<H>, LimitedData>,
        record: ServiceRecord,
    ) -> Result<Self, RestoreError> {
        if record.version != VERSION {
            return Err(RestoreError::Version { version: record.version });
        }
        let config = config.with_engine(engine.config());
        if config.engine() != engine.config() {
            return Err(RestoreError::Guarded);
        }
        let mut service = Self::new(config);
        service.engine = engine;
        service.now = record.now.max(service.engine.now());
        service.next_execution = record.next_execution;
        service.next_arrival = record.next_arrival;
        service.bucket = record.bucket;
        service.types = record.types;
        for execution in record.executions {
            service.restore_execution(execution)?;
        }
        for (id, task) in record.tasks {
            service.restore_task(id, task)?;
        }
        for (id, task) in record.closed {
            service.restore_closed(id, task)?;
        }
        service.check_engine()?;
        Ok(service)
    }

    /// Enters a task into every list. Its execution is open.
    pub(super) fn insert(&mut self, id: ActivityId, task: Task) {
        if let Some(execution) = self.executions.get_mut(&task.execution) {
            if !task.is_started() {
                self.queues.add(execution.domain(), &task.task_list, task.place(), id);
            }
            if let Some(open) = execution.open_mut() {
                open.insert(task.activity_id.clone(), id);
            }
        }
        self.tasks.insert(id, task);
    }

    fn restore_execution(&mut self, record: ExecutionRecord) -> Result<(), RestoreError> {
        let ExecutionRecord { id, domain, workflow_id, run_id, is_open } = record;
        let mut execution = Execution::new(domain, WorkflowExecution { workflow_id, run_id });
        if !is_open {
            execution.close();
        }
        let is_new = self.executions.insert(id, execution).is_none();
        if is_new && id.get() < self.next_execution {
            Ok(())
        } else {
            Err(RestoreError::Execution { execution: id })
        }
    }

    fn restore_task(&mut self, id: ActivityId, task: Task) -> Result<(), RestoreError> {
        let Some(activity) = self.engine.activity(id) else {
            return Err(RestoreError::Engine { id });
        };
        let is_ours = matches!(activity.evidence.key, Key::Activity);
        let started = activity.evidence.started_at.is_some();
        if !is_ours || started != task.is_started() {
            return Err(RestoreError::Engine { id });
        }
        let execution = task.execution;
        let Some(open) = self.executions.get_mut(&execution).and_then(Execution::open_mut) else {
            return Err(RestoreError::Execution { execution });
        };
        let id_in_use = open.contains_key(&task.activity_id) || self.tasks.contains_key(&id);
        if id_in_use || task.arrival >= self.next_arrival {
            return Err(RestoreError::Task { id });
        }
        self.insert(id, task);
        Ok(())
    }

    fn restore_closed(&mut self, id: ActivityId, task: ClosedTask) -> Result<(), RestoreError> {
        let execution = task.execution;
        let found = self.executions.get_mut(&execution);
        found.ok_or(RestoreError::Execution { execution })?.keep(id);
        let is_new = self.closed.insert(id, task).is_none();
        if is_new && !self.tasks.contains_key(&id) {
            Ok(())
        } else {
            Err(RestoreError::Task { id })
        }
    }

    /// An activity of the engine's that no task stands for must be one whose execution closed at the very
    /// instant at which it was due.
    fn check_engine(&self) -> Result<(), RestoreError> {
        let stray = self.engine.activities().find(|activity| {
            let is_ours = matches!(activity.evidence.key, Key::Activity);
            let is_due = activity.deadline.is_some_and(|deadline| deadline.at <= self.now);
            is_ours && !is_due && !self.tasks.contains_key(&activity.evidence.id)
        });
        stray.map_or(Ok(()), |activity| Err(RestoreError::Engine { id: activity.evidence.id }))
    }
}
