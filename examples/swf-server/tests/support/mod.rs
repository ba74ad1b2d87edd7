//! A state with one domain `d`, workflow type `w`, activity type `a`, and shorthand.

use heartwheel::swf::Caller;
use heartwheel::Timestamp;
use serde_json::{json, Value};
use swf_server::calls::{named, Call, Named};
use swf_server::error::Error;
use swf_server::state::{Boot, Place, Reply, Seed, State};

pub fn place() -> Place {
    Place { region: "us-east-1".to_owned(), account: "123456789012".to_owned() }
}

pub fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

pub struct Host {
    pub state: State,
    pub now: u64,
}

impl Host {
    pub fn new() -> Self {
        Self::with_retention("1")
    }

    /// The same, whose domain keeps closed executions for so many days.
    pub fn with_retention(days: &str) -> Self {
        let state = State::new(place(), Seed::new([3; 32]), Boot::new(5)).unwrap();
        let mut host = Self { state, now: 1000 };
        host.ok(
            "RegisterDomain",
            json!({"name": "d", "workflowExecutionRetentionPeriodInDays": days}),
        );
        host.ok(
            "RegisterWorkflowType",
            json!({
                "domain": "d", "name": "w", "version": "1", "defaultTaskList": {"name": "deciders"},
                "defaultTaskStartToCloseTimeout": "30", "defaultChildPolicy": "ABANDON",
                "defaultExecutionStartToCloseTimeout": "3600",
            }),
        );
        host.ok(
            "RegisterActivityType",
            json!({
                "domain": "d", "name": "a", "version": "1", "defaultTaskList": {"name": "workers"},
                "defaultTaskScheduleToStartTimeout": "100", "defaultTaskScheduleToCloseTimeout": "NONE",
                "defaultTaskStartToCloseTimeout": "NONE", "defaultTaskHeartbeatTimeout": "60",
            }),
        );
        host
    }

    /// The server that a new boot makes of this one's snapshot.
    #[track_caller]
    pub fn restarted(&self, boot: u64) -> Self {
        let snapshot = self.state.snapshot().to_json().unwrap();
        let state = State::from_snapshot(place(), Boot::new(boot), &snapshot).unwrap();
        Self { state, now: self.now }
    }

    pub fn call(&mut self, name: &str, body: Value) -> Result<Reply, Error> {
        let Named::Call(call) = named(name) else { panic!("{name}") };
        self.state.call(at(self.now), Caller::UNRESTRICTED, call, body.to_string().as_bytes())
    }

    /// The body of a call that must succeed; null for none.
    #[track_caller]
    pub fn ok(&mut self, name: &str, body: Value) -> Value {
        match self.call(name, body).unwrap() {
            Reply::Empty => Value::Null,
            Reply::Body(body) | Reply::NoTask(body) => body,
        }
    }

    /// The run id of a new execution.
    #[track_caller]
    pub fn start(&mut self, workflow_id: &str) -> String {
        let body = json!({
            "domain": "d", "workflowId": workflow_id, "workflowType": {"name": "w", "version": "1"},
        });
        self.ok("StartWorkflowExecution", body)["runId"].as_str().unwrap().to_owned()
    }

    pub fn signal(&mut self, workflow_id: &str) -> Result<(), Error> {
        let body = json!({"domain": "d", "workflowId": workflow_id, "signalName": "s"});
        self.call("SignalWorkflowExecution", body).map(|_| ())
    }

    pub fn poll(&mut self, call: Call, list: &str) -> Value {
        self.ok(call.name(), json!({"domain": "d", "taskList": {"name": list}}))
    }

    #[track_caller]
    pub fn decide(&mut self, decisions: Value) -> Value {
        let task = self.poll(Call::PollForDecisionTask, "deciders");
        let body = json!({"taskToken": task["taskToken"], "decisions": decisions});
        self.ok("RespondDecisionTaskCompleted", body);
        task
    }

    /// The events of an execution, as (type, second).
    pub fn history(&mut self, workflow_id: &str, run_id: &str) -> Vec<(String, f64)> {
        let execution = json!({"workflowId": workflow_id, "runId": run_id});
        let body = json!({"domain": "d", "execution": execution});
        let answer = self.ok("GetWorkflowExecutionHistory", body);
        let events = answer["events"].as_array().unwrap().iter();
        let read = events.map(|event| {
            let kind = event["eventType"].as_str().unwrap().to_owned();
            (kind, event["eventTimestamp"].as_f64().unwrap())
        });
        read.collect()
    }

    pub fn types(&mut self, workflow_id: &str, run_id: &str) -> Vec<String> {
        self.history(workflow_id, run_id).into_iter().map(|(kind, _)| kind).collect()
    }
}

pub fn schedule(activity_id: &str) -> Value {
    json!({
        "decisionType": "ScheduleActivityTask",
        "scheduleActivityTaskDecisionAttributes":
            {"activityType": {"name": "a", "version": "1"}, "activityId": activity_id},
    })
}

pub fn complete() -> Value {
    json!({"decisionType": "CompleteWorkflowExecution"})
}
