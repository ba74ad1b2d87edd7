//! Decision tasks: waiting in their lists, polled, counted. At most one is open per execution; what happens meanwhile
//! leads to another one after it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use heartwheel::swf::access::Request;
use heartwheel::swf::{
    DomainName, Domains, ExecutionId, Fault, FaultKind, Identity, Name, TaskPriority, TaskTimeout,
};
use heartwheel::{ActivityId, Timestamp};
use serde_json::json;

use super::events::present;
use super::history::numbered;
use super::keys::Kind;
use super::pages::Page;
use super::run::{Deciding, Run};
use super::runs::Given;
use super::{Context, Reply, State, TimerKey};
use crate::error::{internal, Error};
use crate::members::Members;

/// The higher priority first, then who came first.
type Place = (Reverse<TaskPriority>, u64);

/// The lists in which decision tasks wait. Made anew from the executions when a snapshot is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct DecisionLists {
    lists: BTreeMap<(DomainName, Name), BTreeMap<Place, ExecutionId>>,
    next_arrival: u64,
}

impl DecisionLists {
    /// Empty ones that count on from here.
    pub(crate) fn from(next_arrival: u64) -> Self {
        Self { lists: BTreeMap::new(), next_arrival }
    }

    pub(crate) fn next_arrival(&self) -> u64 {
        self.next_arrival
    }

    /// Enters the task of an execution if it waits.
    pub(crate) fn add(&mut self, run: &Run) {
        if let Deciding::Waiting { list, priority, arrival, .. } = &run.deciding {
            let list = self.lists.entry((run.domain.clone(), list.clone())).or_default();
            list.insert((Reverse(*priority), *arrival), run.id);
            self.next_arrival = self.next_arrival.max(arrival.saturating_add(1));
        }
    }

    /// Takes the task of an execution out if it waits.
    pub(crate) fn remove(&mut self, run: &Run) {
        if let Deciding::Waiting { list, priority, arrival, .. } = &run.deciding {
            let key = (run.domain.clone(), list.clone());
            if let Some(waiting) = self.lists.get_mut(&key) {
                waiting.remove(&(Reverse(*priority), *arrival));
                if waiting.is_empty() {
                    self.lists.remove(&key);
                }
            }
        }
    }

    fn first(&self, domain: &DomainName, list: &Name) -> Option<ExecutionId> {
        let waiting = self.lists.get(&(domain.clone(), list.clone()))?;
        waiting.values().next().copied()
    }

    fn len(&self, domain: &DomainName, list: &Name) -> usize {
        self.lists.get(&(domain.clone(), list.clone())).map_or(0, BTreeMap::len)
    }
}

impl State {
    /// Schedules one for an open execution that has news and none open.
    pub(crate) fn schedule_decision_task(&mut self, id: ExecutionId, at: Timestamp) {
        let Some(run) = self.runs.get_mut(id) else { return };
        if !(run.is_open() && run.has_news && run.deciding == Deciding::Idle) {
            return;
        }
        run.has_news = false;
        let attributes = json!({
            "taskList": {"name": run.config.task_list},
            "taskPriority": run.config.task_priority,
            "startToCloseTimeout": run.config.task_timeout,
        });
        let scheduled = run.append(at, "DecisionTaskScheduled", attributes);
        run.deciding = Deciding::Waiting {
            scheduled,
            list: run.config.task_list.clone(),
            priority: run.config.task_priority.unwrap_or_default(),
            arrival: self.lists.next_arrival,
        };
        self.lists.add(run);
        self.has_new_tasks = true;
    }

    pub(crate) fn count_pending_decision_tasks(
        &self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let domain: DomainName = members.required("domain")?;
        let list: Name = members.required_structure("taskList")?.required("name")?;
        let asked = Request::CountPendingDecisionTasks { task_list: list.as_str() };
        context.caller.require(&asked, domain.as_str())?;
        self.domains.require(&domain)?;
        let count = self.lists.len(&domain, &list);
        Ok(Reply::Body(json!({"count": count, "truncated": false})))
    }

    /// PollForDecisionTask: a task, or another page of the history that came with one.
    pub(crate) fn poll_for_decision_task(
        &mut self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let domain: DomainName = members.required("domain")?;
        let list: Name = members.required_structure("taskList")?.required("name")?;
        let identity: Option<Identity> = members.optional("identity")?;
        let view = View {
            page: Page::read(members)?,
            from_previous: members.flag("startAtPreviousStartedEvent")?,
        };
        let asked = Request::PollForDecisionTask { task_list: list.as_str() };
        context.caller.require(&asked, domain.as_str())?;
        self.domains.require(&domain)?;
        if let Some(task_token) = view.page.continued()? {
            let (boot, opened) = self.unseal(Kind::Decision, &task_token)?;
            if opened.domain != domain {
                return Err(Fault::invalid_token().into());
            }
            self.given(Kind::Decision, boot, opened.id)?;
            let execution = self.current(opened.id)?;
            // Permission was asked for one list: another one's tasks are not shown.
            let run = self.runs.get(execution);
            if run.is_none_or(|run| !run.deciding.is_started_from(&list)) {
                return Err(Fault::invalid_token().into());
            }
            return self.shown(execution, opened.id, &view);
        }
        let Some(id) = self.lists.first(&domain, &list) else {
            return Ok(Reply::NoTask(json!({
                "taskToken": "", "startedEventId": 0, "previousStartedEventId": 0, "events": [],
            })));
        };
        let timer = self.start_decision_task(id, context.now, identity)?;
        self.shown(id, timer, &view)
    }

    fn start_decision_task(
        &mut self,
        id: ExecutionId,
        now: Timestamp,
        identity: Option<Identity>,
    ) -> Result<ActivityId, Error> {
        let lost = || internal("a task has no execution");
        let run = self.runs.get_mut(id).ok_or_else(lost)?;
        let Deciding::Waiting { scheduled, list, .. } = &run.deciding else { return Err(lost()) };
        let (scheduled, list) = (*scheduled, list.clone());
        // The timer names the task in its token, so there is one even if it is never due.
        let after = run.config.task_timeout.duration().unwrap_or(Duration::MAX);
        let timer = self.service.start_timer(now, TimerKey::DecisionTask(id), after);
        let timer = timer.map_err(internal)?;
        self.lists.remove(run);
        let attributes = json!({"identity": identity, "scheduledEventId": scheduled});
        let started = run.append(now, "DecisionTaskStarted", attributes);
        run.deciding = Deciding::Started { scheduled, started, timer, list };
        // The history that goes with it has all of it.
        run.has_news = false;
        let boot = self.keys.boot;
        self.runs.give(timer, Given { execution: id, boot, decision: Some(scheduled) });
        Ok(timer)
    }

    /// The execution whose started decision task this is, still.
    pub(crate) fn current(&self, timer: ActivityId) -> Result<ExecutionId, Fault> {
        let unknown = |message| Fault::new(FaultKind::UnknownResource, message);
        let known =
            self.runs.given(timer).and_then(|given| Some((given.execution, given.decision?)));
        let (id, scheduled) = known.ok_or_else(|| unknown("Unknown decision".to_owned()))?;
        let run = self.runs.get(id).ok_or_else(|| unknown("Unknown execution".to_owned()))?;
        if !run.is_open() {
            return Err(Fault::unknown_execution(&run.name));
        }
        if matches!(run.deciding, Deciding::Started { timer: current, .. } if current == timer) {
            return Ok(id);
        }
        Err(unknown(format!("Unknown decision, scheduledEventId = {scheduled}")))
    }

    /// The answer to a poll: the task and a page of its history, up to its start.
    fn shown(&self, id: ExecutionId, timer: ActivityId, view: &View) -> Result<Reply, Error> {
        let run = self.runs.get(id).ok_or_else(Fault::invalid_token)?;
        let Deciding::Started { started, .. } = run.deciding else {
            return Err(Fault::invalid_token().into());
        };
        let boot = self.runs.given(timer).map_or(self.keys.boot, |given| given.boot);
        let token = self.seal(Kind::Decision, &run.domain, boot, timer)?;
        // The start of the previous one is shown again.
        let shown_from = if view.from_previous { run.previous_started } else { 0 } as usize;
        let started_at = started as usize;
        let events = numbered(&run.history).take(started_at).skip_while(|(id, _)| *id < shown_from);
        let (events, next) = view.page.cut(events, &[token.as_str()], |(id, _)| *id)?;
        let events: Vec<_> = events.into_iter().map(|(_, event)| event).collect();
        Ok(Reply::Body(present(json!({
            "taskToken": token,
            "startedEventId": started,
            "workflowExecution": run.name,
            "workflowType": run.workflow_type,
            "events": events,
            "nextPageToken": next,
            "previousStartedEventId": run.previous_started,
        }))))
    }
}

/// Which part of the history a poll wants.
#[derive(Debug)]
struct View {
    page: Page,
    from_previous: bool,
}

/// How long a timeout is, where none is for ever.
pub(crate) fn forever(timeout: TaskTimeout) -> Duration {
    timeout.duration().unwrap_or(Duration::MAX)
}
