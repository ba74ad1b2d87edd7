//! A host of the activity service: histories, one domain, one execution, and shorthand.

use alloc::collections::BTreeMap;

use heartwheel::swf::*;
use heartwheel::{ActivityId, Timestamp};
use serde_json::{json, Value};

pub(crate) fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap_or_else(|error| panic!("{error}"))
}

/// The events of decisions, which the service does not make, are counted as if they were there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Book {
    events: BTreeMap<ExecutionId, Vec<HistoryEvent>>,
}

/// Started, decision scheduled, started, completed: what an execution's history begins with.
pub(crate) const BEFORE: u32 = 4;

impl Histories for Book {
    fn append(&mut self, execution: ExecutionId, at: Timestamp, event: EventAttributes) -> EventId {
        let events = self.events.entry(execution).or_default();
        let last = events.last().map_or(0, |last| last.event_timestamp.timestamp().as_millis());
        assert!(last <= at.as_millis(), "a history runs backwards, from {last} to {at}");
        let event_id = EventId::new(BEFORE + 1 + u32::try_from(events.len()).unwrap());
        events.push(HistoryEvent { event_timestamp: at.into(), event_id, attributes: event });
        event_id
    }
}

/// A service whose own timers are named by words.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) service: ActivityService<String>,
    pub(crate) book: Book,
    pub(crate) x: ExecutionId,
}

impl Host {
    /// One domain `media`, one type `encode` without defaults, one type `rest` with all of them, one execution.
    pub(crate) fn new() -> Self {
        Self::with_config(ServiceConfig::DEFAULT)
    }

    pub(crate) fn with_config(config: ServiceConfig) -> Self {
        let mut service = ActivityService::new(config);
        let types = service.types_mut();
        let bare = json!({"domain": "media", "name": "encode", "version": "1.0"});
        types.register(at(0), read(bare)).unwrap();
        let full = json!({
            "domain": "media", "name": "rest", "version": "1.0", "defaultTaskList": {"name": "spare"},
            "defaultTaskPriority": "3", "defaultTaskScheduleToStartTimeout": "11",
            "defaultTaskScheduleToCloseTimeout": "12", "defaultTaskStartToCloseTimeout": "13",
            "defaultTaskHeartbeatTimeout": "NONE",
        });
        types.register(at(0), read(full)).unwrap();
        let mut host = Self { service, book: Book::default(), x: read(json!(0)) };
        host.x = host.open("order-17");
        host
    }

    pub(crate) fn open(&mut self, workflow_id: &str) -> ExecutionId {
        let name = json!({"workflowId": workflow_id, "runId": "run-1"});
        self.service.open_execution("media".parse().unwrap(), read(name))
    }

    /// Polls until nothing is left; the keys of the host's own timers.
    pub(crate) fn drain(&mut self, now: u64) -> Vec<String> {
        let mut fired = Vec::new();
        while let Some(due) = self.service.poll(at(now), &mut self.book) {
            if let Due::Timer { key, .. } = due {
                fired.push(key);
            }
        }
        fired
    }

    pub(crate) fn context(&self) -> DecisionContext {
        DecisionContext {
            execution: self.x,
            decision_task_completed_event_id: EventId::new(BEFORE),
            permission: Permission::Granted,
        }
    }

    /// Schedules after a drain.
    pub(crate) fn decide(&mut self, now: u64, decision: Value) -> ScheduleOutcome {
        self.drain(now);
        let context = self.context();
        self.service
            .schedule_activity_task(at(now), &mut self.book, context, read(decision))
            .unwrap()
    }

    /// The same for a decision that must succeed.
    pub(crate) fn schedule(&mut self, now: u64, decision: Value) -> EventId {
        let outcome = self.decide(now, decision);
        let ScheduleOutcome::Scheduled { event_id, .. } = outcome else { panic!("{outcome:?}") };
        event_id
    }

    /// The same for a decision that must fail.
    pub(crate) fn refuse(&mut self, now: u64, decision: Value) -> ScheduleActivityTaskFailedCause {
        let outcome = self.decide(now, decision);
        let ScheduleOutcome::Failed { cause, .. } = outcome else { panic!("{outcome:?}") };
        cause
    }

    pub(crate) fn request_cancel(&mut self, now: u64, activity_id: &str) -> EventId {
        self.drain(now);
        let context = self.context();
        let decision = read(json!({ "activityId": activity_id }));
        self.service
            .request_cancel_activity_task(at(now), &mut self.book, context, decision)
            .unwrap()
    }

    /// Polls a task list after a drain.
    pub(crate) fn work(&mut self, now: u64, list: &str) -> Option<StartedTask> {
        self.drain(now);
        let (domain, list) = ("media".parse().unwrap(), list.parse().unwrap());
        let identity = Some("worker 7".parse().unwrap());
        self.service
            .poll_for_activity_task(at(now), &mut self.book, &domain, &list, identity)
            .unwrap()
    }

    /// A task scheduled and started at once.
    pub(crate) fn started(&mut self, now: u64, decision: Value) -> ActivityId {
        self.schedule(now, decision);
        self.work(now, "main").unwrap().id
    }

    /// A heartbeat after a drain: is cancellation requested?
    pub(crate) fn beat(
        &mut self,
        now: u64,
        task: ActivityId,
        details: Option<&str>,
    ) -> Result<bool, ServiceError> {
        self.drain(now);
        let details = details.map(|details| details.parse().unwrap());
        self.service
            .record_activity_task_heartbeat(at(now), task, details)
            .map(|status| status.cancel_requested)
    }

    pub(crate) fn complete(
        &mut self,
        now: u64,
        task: ActivityId,
        result: Option<&str>,
    ) -> Result<(), ServiceError> {
        self.drain(now);
        let result = result.map(|result| result.parse().unwrap());
        self.service.respond_activity_task_completed(at(now), &mut self.book, task, result)
    }

    pub(crate) fn fail(&mut self, now: u64, task: ActivityId) -> Result<(), ServiceError> {
        self.drain(now);
        let (reason, details) =
            (Some("disk full".parse().unwrap()), Some("0 left".parse().unwrap()));
        self.service.respond_activity_task_failed(at(now), &mut self.book, task, reason, details)
    }

    pub(crate) fn cancel(&mut self, now: u64, task: ActivityId) -> Result<(), ServiceError> {
        self.drain(now);
        let details = Some("half way".parse().unwrap());
        self.service.respond_activity_task_canceled(at(now), &mut self.book, task, details)
    }

    pub(crate) fn close(&mut self, now: u64) {
        self.drain(now);
        self.service.close_execution(at(now), self.x).unwrap();
    }

    pub(crate) fn pending(&mut self, now: u64, list: &str) -> u32 {
        self.drain(now);
        let (domain, list) = ("media".parse().unwrap(), list.parse().unwrap());
        let count = self.service.count_pending_activity_tasks(at(now), &domain, &list).unwrap();
        assert!(!count.truncated);
        count.count
    }

    /// The events of the execution, in order.
    pub(crate) fn history(&self) -> &[HistoryEvent] {
        self.book.events.get(&self.x).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn types(&self) -> Vec<&'static str> {
        self.history().iter().map(|event| event.attributes.event_type().as_str()).collect()
    }

    /// The last event as it travels.
    pub(crate) fn last(&self) -> Value {
        serde_json::to_value(self.history().last().unwrap()).unwrap()
    }
}

/// A decision for list `main` with these timeouts in seconds: schedule-to-start, schedule-to-close,
/// start-to-close, heartbeat.
pub(crate) fn encode(activity_id: &str, [s2s, s2c, st2c, hb]: [&str; 4]) -> Value {
    json!({
        "activityType": {"name": "encode", "version": "1.0"}, "activityId": activity_id,
        "taskList": {"name": "main"}, "scheduleToStartTimeout": s2s, "scheduleToCloseTimeout": s2c,
        "startToCloseTimeout": st2c, "heartbeatTimeout": hb,
    })
}

/// The same without any timeout.
pub(crate) fn endless(activity_id: &str) -> Value {
    encode(activity_id, ["NONE"; 4])
}

/// The decision with one more member, or another value for one.
pub(crate) fn with(mut decision: Value, member: &str, value: impl Into<Value>) -> Value {
    decision[member] = value.into();
    decision
}

/// The decision without a member.
pub(crate) fn without(mut decision: Value, member: &str) -> Value {
    decision.as_object_mut().unwrap().remove(member);
    decision
}
