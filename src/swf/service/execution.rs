//! A workflow execution as the service sees it: a name, a domain, and its tasks.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use crate::swf::model::WorkflowExecution;
use crate::swf::text::{DomainName, GivenId};
use crate::ActivityId;

/// The service's number for one execution: never used again, not a secret.
#[derive(
    Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize,
)]
#[serde(transparent)]
pub struct ExecutionId(u64);

impl ExecutionId {
    pub(super) const fn new(number: u64) -> Self {
        Self(number)
    }

    pub(super) const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ExecutionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "x{}", self.0)
    }
}

/// An execution as it stands.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ExecutionView<'a> {
    /// Its domain.
    pub domain: &'a DomainName,
    /// Its name.
    pub name: &'a WorkflowExecution,
    /// Takes it decisions?
    pub is_open: bool,
    /// How many of its tasks are open; those that are due but not yet polled are.
    pub open_activities: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Execution {
    domain: DomainName,
    name: WorkflowExecution,
    status: Status,
    /// Closed tasks that a worker had.
    closed: Vec<ActivityId>,
}

#[derive(Clone, Debug)]
pub(super) enum Status {
    /// With its open tasks.
    Open(BTreeMap<GivenId, ActivityId>),
    Closed,
}

impl Execution {
    pub(super) const fn new(domain: DomainName, name: WorkflowExecution) -> Self {
        Self { domain, name, status: Status::Open(BTreeMap::new()), closed: Vec::new() }
    }

    pub(super) const fn domain(&self) -> &DomainName {
        &self.domain
    }

    pub(super) const fn name(&self) -> &WorkflowExecution {
        &self.name
    }

    pub(super) const fn status(&self) -> &Status {
        &self.status
    }

    /// The open tasks, if the execution takes any.
    pub(super) fn open_mut(&mut self) -> Option<&mut BTreeMap<GivenId, ActivityId>> {
        match &mut self.status {
            Status::Open(tasks) => Some(tasks),
            Status::Closed => None,
        }
    }

    pub(super) fn remove(&mut self, given: &GivenId) {
        if let Some(tasks) = self.open_mut() {
            tasks.remove(given);
        }
    }

    /// Remembers a closed task, to be forgotten with the execution.
    pub(super) fn keep(&mut self, task: ActivityId) {
        self.closed.push(task);
    }

    pub(super) fn close(&mut self) {
        self.status = Status::Closed;
    }

    pub(super) fn into_parts(self) -> (WorkflowExecution, Vec<ActivityId>) {
        (self.name, self.closed)
    }

    pub(super) fn view(&self) -> ExecutionView<'_> {
        let (is_open, open_activities) = match &self.status {
            Status::Open(tasks) => (true, tasks.len()),
            Status::Closed => (false, 0),
        };
        ExecutionView { domain: &self.domain, name: &self.name, is_open, open_activities }
    }
}
