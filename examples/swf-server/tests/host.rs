//! The end of a host: what it has answered is in its last snapshot.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

#[allow(dead_code, reason = "shared with the other tests")]
mod support;

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use support::place;
use swf_server::calls::Call;
use swf_server::clock::{Clock, ClockKind, MANUAL_START};
use swf_server::error::Error;
use swf_server::host::{Host, LongPoll};
use swf_server::state::{Boot, State};

/// A host of the tests' domain and types, with a manual clock.
fn host() -> Host {
    let clock = Clock::new(ClockKind::Manual, MANUAL_START);
    Host::new(support::Host::new().state, clock, LongPoll::default_of(ClockKind::Manual))
}

async fn start(host: &Host, workflow_id: &str) -> Result<(), Error> {
    let body = json!({
        "domain": "d", "workflowId": workflow_id, "workflowType": {"name": "w", "version": "1"},
    });
    let body = body.to_string();
    host.call(None, Call::StartWorkflowExecution, body.as_bytes()).await.map(|_| ())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_snapshot_has_every_call_that_was_answered() {
    let host = Arc::new(host());
    let callers = (0..4).map(|caller| {
        let host = Arc::clone(&host);
        tokio::spawn(async move {
            let mut answered = 0;
            loop {
                match start(&host, &format!("{caller}-{answered}")).await {
                    Ok(()) => answered += 1,
                    Err(error) => return (answered, error.status()),
                }
                tokio::task::yield_now().await;
            }
        })
    });
    let callers: Vec<_> = callers.collect();
    while host.changes() < 20 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let snapshot = host.last_snapshot().to_json().unwrap();
    let mut answered = 0;
    for caller in callers {
        let (count, status) = caller.await.unwrap();
        assert_eq!(status, 503);
        answered += count;
    }
    assert!(answered >= 20, "{answered}");
    let state = State::from_snapshot(place(), Boot::new(6), &snapshot).unwrap();
    let mut read = support::Host { state, now: MANUAL_START.as_millis() / 1000 };
    let open = json!({"domain": "d", "startTimeFilter": {"oldestDate": 0}});
    assert_eq!(read.ok("CountOpenWorkflowExecutions", open)["count"], answered);
}

#[tokio::test]
async fn after_the_last_snapshot_nobody_moves_the_clock_or_the_state() {
    let host = host();
    host.advance(Duration::from_secs(1)).unwrap();
    let last = host.last_snapshot().to_json().unwrap();
    assert_eq!(start(&host, "x").await.unwrap_err().status(), 503);
    assert_eq!(host.advance(Duration::from_secs(1)).unwrap_err().status(), 503);
    assert_eq!(host.reset(support::Host::new().state).unwrap_err().status(), 503);
    assert_eq!(host.clock.now(), MANUAL_START.checked_add(Duration::from_secs(1)).unwrap());
    assert_eq!(host.snapshot().to_json().unwrap(), last);
}
