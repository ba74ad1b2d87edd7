//! What only the inside of the state shows.

use heartwheel::swf::Caller;
use heartwheel::Timestamp;
use serde_json::{json, Value};

use super::{Boot, Place, Reply, Seed, State};
use crate::calls::Call;
use crate::error::Error;

/// A state with one domain `d`, of this retention, and one workflow type.
fn state(retention: &str) -> State {
    let place = Place { region: String::new(), account: String::new() };
    let mut state = State::new(place, Seed::new([3; 32]), Boot::new(5)).unwrap();
    let domain = json!({"name": "d", "workflowExecutionRetentionPeriodInDays": retention});
    call(&mut state, Call::RegisterDomain, &domain).unwrap();
    let named = json!({"domain": "d", "name": "w", "version": "1"});
    call(&mut state, Call::RegisterWorkflowType, &named).unwrap();
    state
}

fn call(state: &mut State, call: Call, body: &Value) -> Result<Reply, Error> {
    let now = Timestamp::from_millis(1000);
    state.call(now, Caller::UNRESTRICTED, call, body.to_string().as_bytes())
}

fn start(state: &mut State, workflow_id: &str) -> Result<Reply, Error> {
    let body = json!({
        "domain": "d", "workflowId": workflow_id, "workflowType": {"name": "w", "version": "1"},
        "taskList": {"name": "l"}, "executionStartToCloseTimeout": "5",
        "taskStartToCloseTimeout": "NONE", "childPolicy": "ABANDON",
    });
    call(state, Call::StartWorkflowExecution, &body)
}

#[test]
fn a_domain_has_at_most_100_000_open_executions() {
    let mut state = state("1");
    state.runs.pretend_open("d".parse().unwrap(), 99_999);
    start(&mut state, "last").unwrap();
    let error = start(&mut state, "more").unwrap_err().to_string();
    assert!(error.starts_with("LimitExceededFault: "), "{error}");
    let ended = json!({"domain": "d", "workflowId": "last"});
    call(&mut state, Call::TerminateWorkflowExecution, &ended).unwrap();
    start(&mut state, "more").unwrap();
}

#[test]
fn whoever_was_settled_is_not_looked_at_again() {
    for retention in ["1", "NONE"] {
        let mut state = state(retention);
        for number in 0..30 {
            let workflow_id = number.to_string();
            start(&mut state, &workflow_id).unwrap();
            assert!(state.runs.take_touched().is_empty(), "started");
            let signal = json!({"domain": "d", "workflowId": workflow_id, "signalName": "s"});
            call(&mut state, Call::SignalWorkflowExecution, &signal).unwrap();
            assert!(state.runs.take_touched().is_empty(), "signaled");
            if number < 10 {
                let ended = json!({"domain": "d", "workflowId": workflow_id});
                call(&mut state, Call::TerminateWorkflowExecution, &ended).unwrap();
                assert!(state.runs.take_touched().is_empty(), "closed");
            }
        }
        // Twenty time out here, and the retention of all is over later.
        for now in [6000, 86_500_000] {
            state.drain(Timestamp::from_millis(now));
            assert!(state.runs.take_touched().is_empty(), "at {now}");
        }
        assert_eq!(state.runs.iter().count(), 0);
        let snapshot = state.snapshot().to_json().unwrap();
        let mut read = State::from_snapshot(state.place, Boot::new(6), &snapshot).unwrap();
        assert!(read.runs.take_touched().is_empty(), "read");
    }
}
