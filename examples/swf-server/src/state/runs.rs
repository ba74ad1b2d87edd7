//! All executions, by number and by name, and which of them have news for their deciders.

use std::collections::{BTreeMap, BTreeSet};

use heartwheel::swf::{
    DomainName, EventAttributes, EventId, ExecutionId, Fault, FaultKind, Histories, RunId,
    WorkflowExecution, WorkflowId,
};
use heartwheel::{ActivityId, Timestamp};
use serde::{Deserialize, Serialize};

use super::keys::Boot;
use super::run::{CloseStatus, Run};

#[derive(Clone, Debug, Default)]
pub(crate) struct Runs {
    by_id: BTreeMap<ExecutionId, Run>,
    /// Oldest first; only the last one may be open.
    by_name: BTreeMap<(DomainName, WorkflowId), Vec<ExecutionId>>,
    /// Who may have changed since [`take_touched`](Self::take_touched) was asked; nobody who is not here.
    touched: BTreeSet<ExecutionId>,
    /// Tasks that somebody was given, by the id that their tokens carry.
    given: BTreeMap<ActivityId, Given>,
    /// The same by execution.
    given_of: BTreeMap<ExecutionId, Vec<ActivityId>>,
    /// How many runs of a domain are open.
    open: BTreeMap<DomainName, usize>,
    /// How many runs there were ever: their ids count them.
    begun: u64,
}

/// A task that was given to a worker or a decider.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Given {
    pub(crate) execution: ExecutionId,
    /// Which boot issued its token.
    pub(crate) boot: Boot,
    /// Of a decision task the event of its scheduling: a late answer is told by it what it missed.
    pub(crate) decision: Option<u32>,
}

impl Histories for Runs {
    /// The tasks of an execution that has closed at this very instant leave no events.
    fn append(&mut self, execution: ExecutionId, at: Timestamp, event: EventAttributes) -> EventId {
        let run = self.get_mut(execution).filter(|run| run.is_open());
        run.map_or(EventId::NEVER, |run| run.append_activity(at, event))
    }
}

impl Runs {
    /// None yet, after so many.
    pub(crate) fn from(begun: u64) -> Self {
        Self { begun, ..Self::default() }
    }

    pub(crate) fn begun(&self) -> u64 {
        self.begun
    }

    /// The number of a new run: never the same again.
    pub(crate) fn next_number(&mut self) -> u64 {
        self.begun += 1;
        self.begun
    }

    pub(crate) fn insert(&mut self, run: Run) {
        if run.is_open() {
            *self.open.entry(run.domain.clone()).or_default() += 1;
        }
        let name = (run.domain.clone(), run.name.workflow_id.clone());
        self.by_name.entry(name).or_default().push(run.id);
        self.touched.insert(run.id);
        self.by_id.insert(run.id, run);
    }

    /// Marks an open run closed.
    pub(crate) fn close(&mut self, id: ExecutionId, at: Timestamp, status: CloseStatus) {
        let Some(run) = self.by_id.get_mut(&id).filter(|run| run.is_open()) else { return };
        run.closed = Some((at, status));
        if let Some(open) = self.open.get_mut(&run.domain) {
            *open -= 1;
        }
    }

    /// Drops a closed run with all that is known of its tasks.
    pub(crate) fn forget(&mut self, id: ExecutionId) {
        let Some(run) = self.by_id.remove(&id) else { return };
        self.touched.remove(&id);
        let name = (run.domain, run.name.workflow_id);
        if let Some(ids) = self.by_name.get_mut(&name) {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.by_name.remove(&name);
            }
        }
        for task in self.given_of.remove(&id).into_iter().flatten() {
            self.given.remove(&task);
        }
    }

    /// Counts open runs that are not there: so many take a minute to start.
    #[cfg(test)]
    pub(crate) fn pretend_open(&mut self, domain: DomainName, count: usize) {
        self.open.insert(domain, count);
    }

    /// How many runs of a domain are open.
    pub(crate) fn open_in(&self, domain: &DomainName) -> usize {
        self.open.get(domain).copied().unwrap_or_default()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Run> {
        self.by_id.values()
    }

    pub(crate) fn give(&mut self, id: ActivityId, given: Given) {
        self.given.insert(id, given);
        self.given_of.entry(given.execution).or_default().push(id);
    }

    pub(crate) fn given(&self, id: ActivityId) -> Option<&Given> {
        self.given.get(&id)
    }

    pub(crate) fn all_given(&self) -> impl Iterator<Item = (ActivityId, Given)> + '_ {
        self.given.iter().map(|(id, given)| (*id, *given))
    }

    pub(crate) fn get(&self, id: ExecutionId) -> Option<&Run> {
        self.by_id.get(&id)
    }

    /// To change it; whether it has news is looked at afterwards.
    pub(crate) fn get_mut(&mut self, id: ExecutionId) -> Option<&mut Run> {
        let run = self.by_id.get_mut(&id)?;
        self.touched.insert(id);
        Some(run)
    }

    /// The executions that may have got news since the last time.
    pub(crate) fn take_touched(&mut self) -> BTreeSet<ExecutionId> {
        std::mem::take(&mut self.touched)
    }

    /// One run of a workflow.
    pub(crate) fn find(
        &self,
        domain: &DomainName,
        name: &WorkflowExecution,
    ) -> Result<&Run, Fault> {
        let ids = self.by_name.get(&(domain.clone(), name.workflow_id.clone()));
        let mut runs = ids.into_iter().flatten().filter_map(|id| self.by_id.get(id));
        runs.find(|run| run.name == *name).ok_or_else(|| Fault::unknown_execution(name))
    }

    /// The open run of a workflow, if it is the one that is meant.
    pub(crate) fn find_open(
        &self,
        domain: &DomainName,
        workflow_id: &WorkflowId,
        run_id: Option<RunId>,
    ) -> Result<ExecutionId, Fault> {
        let last = self
            .by_name
            .get(&(domain.clone(), workflow_id.clone()))
            .and_then(|ids| self.by_id.get(ids.last()?))
            .filter(|run| run.is_open())
            .filter(|run| run_id.as_ref().is_none_or(|run_id| *run_id == run.name.run_id));
        match (last, run_id) {
            (Some(run), _) => Ok(run.id),
            (None, Some(run_id)) => {
                let workflow_id = workflow_id.clone();
                Err(Fault::unknown_execution(&WorkflowExecution { workflow_id, run_id }))
            }
            (None, None) => {
                let message = format!("Unknown execution, workflowId = {workflow_id}");
                Err(Fault::new(FaultKind::UnknownResource, message))
            }
        }
    }
}
