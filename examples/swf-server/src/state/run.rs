//! One execution: its configuration, its history, its decision task and its timers.

use std::collections::BTreeMap;
use std::sync::Arc;

use heartwheel::swf::{
    DomainName, EventAttributes, EventId, EventType, ExecutionId, HistoryEvent, Name, TaskPriority,
    WorkflowExecution,
};
use heartwheel::{ActivityId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

use super::config::Config;
use super::events;
use super::workflow_types::WorkflowType;

/// An execution, open or closed.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Run {
    pub(crate) id: ExecutionId,
    pub(crate) domain: DomainName,
    pub(crate) name: WorkflowExecution,
    pub(crate) workflow_type: WorkflowType,
    pub(crate) config: Config,
    pub(crate) tags: Vec<String>,
    pub(crate) started_at: Timestamp,
    pub(crate) closed: Option<(Timestamp, CloseStatus)>,
    pub(crate) cancel_requested: bool,
    /// As it travels. Events never change, so a copy of the state shares them.
    pub(crate) history: Vec<Arc<Value>>,
    /// The instant of the last event: histories never run backwards.
    last_event_at: Timestamp,
    pub(crate) latest_activity_at: Option<Timestamp>,
    pub(crate) latest_context: Option<String>,
    pub(crate) deciding: Deciding,
    /// Has something happened that the decider ought to hear of and that no decision task has told it?
    pub(crate) has_news: bool,
    /// The start of the last decision task that was completed; 0 before.
    pub(crate) previous_started: u32,
    /// Open timers by the decider's names, each with the event of its start.
    pub(crate) timers: BTreeMap<String, Timer>,
    /// The execution's timeout.
    pub(crate) timeout: Option<ActivityId>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Timer {
    pub(crate) started_event_id: u32,
    pub(crate) timer: ActivityId,
}

/// How an execution ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum CloseStatus {
    #[serde(rename = "COMPLETED")]
    Completed,
    #[serde(rename = "FAILED")]
    Failed,
    #[serde(rename = "CANCELED")]
    Canceled,
    #[serde(rename = "TERMINATED")]
    Terminated,
    #[serde(rename = "CONTINUED_AS_NEW")]
    ContinuedAsNew,
    #[serde(rename = "TIMED_OUT")]
    TimedOut,
}

/// The one decision task that may be open.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Deciding {
    /// None is.
    Idle,
    /// In the list, at this place.
    Waiting { scheduled: u32, list: Name, priority: TaskPriority, arrival: u64 },
    /// A decider has it. The timer is its timeout, and names it in its token.
    Started { scheduled: u32, started: u32, timer: ActivityId, list: Name },
}

impl Deciding {
    /// Has a decider got it from this list?
    pub(crate) fn is_started_from(&self, polled: &Name) -> bool {
        matches!(self, Self::Started { list, .. } if list == polled)
    }
}

/// What an execution begins with.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) id: ExecutionId,
    pub(crate) domain: DomainName,
    pub(crate) name: WorkflowExecution,
    pub(crate) workflow_type: WorkflowType,
    pub(crate) config: Config,
    pub(crate) tags: Vec<String>,
    pub(crate) at: Timestamp,
}

impl Run {
    pub(crate) fn new(start: Start) -> Self {
        let Start { id, domain, name, workflow_type, config, tags, at } = start;
        Self {
            id,
            domain,
            name,
            workflow_type,
            config,
            tags,
            started_at: at,
            closed: None,
            cancel_requested: false,
            history: Vec::new(),
            last_event_at: at,
            latest_activity_at: None,
            latest_context: None,
            deciding: Deciding::Idle,
            has_news: false,
            previous_started: 0,
            timers: BTreeMap::new(),
            timeout: None,
        }
    }

    pub(crate) const fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    /// Appends an event; the attributes that are null are left out.
    pub(crate) fn append(&mut self, at: Timestamp, event_type: &str, attributes: Value) -> u32 {
        let (at, event_id) = self.next(at);
        self.history.push(Arc::new(events::event(at, event_id, event_type, attributes)));
        event_id
    }

    /// The same for something that the decider must hear of.
    pub(crate) fn append_news(
        &mut self,
        at: Timestamp,
        event_type: &str,
        attributes: Value,
    ) -> u32 {
        self.has_news = true;
        self.append(at, event_type, attributes)
    }

    /// The same for an event of an activity.
    pub(crate) fn append_activity(
        &mut self,
        at: Timestamp,
        attributes: EventAttributes,
    ) -> EventId {
        let (at, event_id) = self.next(at);
        let event_id = EventId::new(event_id);
        let event_type = attributes.event_type();
        if event_type == EventType::ActivityTaskScheduled {
            self.latest_activity_at = Some(at);
        }
        self.has_news |= event_type.concerns_decider();
        let event = HistoryEvent { event_timestamp: at.into(), event_id, attributes };
        self.history.push(Arc::new(json!(event)));
        event_id
    }

    fn next(&mut self, at: Timestamp) -> (Timestamp, u32) {
        self.last_event_at = self.last_event_at.max(at);
        let event_id = u32::try_from(self.history.len() + 1).unwrap_or(u32::MAX);
        (self.last_event_at, event_id)
    }
}
