"""Calls with a genuine token that come too late: refused, and nothing is recorded."""

import pytest
from flow import SCHEDULED, cancel, complete, decision, pending, poll, refused

CALLS = [
    "record_activity_task_heartbeat",
    "respond_activity_task_completed",
    "respond_activity_task_failed",
    "respond_activity_task_canceled",
]


def end_task(flow, clock, token, end):
    if end == "timed out":
        clock.advance(10)
    else:
        getattr(flow.swf, f"respond_activity_task_{end}")(taskToken=token)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("end", ["completed", "failed", "canceled", "timed out"])
def test_a_closed_task_is_unknown(flow, clock, end, call):
    token = flow.work(startToCloseTimeout="10")
    end_task(flow, clock, token, end)
    before = flow.events()
    for _ in range(2):
        with refused("UnknownResourceFault", f"Unknown activity, scheduledEventId = {SCHEDULED}"):
            getattr(flow.swf, call)(taskToken=token)
    assert flow.events() == before


def test_the_fault_is_the_one_that_the_model_declares(flow):
    token = flow.work()
    flow.swf.respond_activity_task_completed(taskToken=token)
    with pytest.raises(flow.swf.exceptions.UnknownResourceFault):
        flow.beat(token)


def test_an_old_token_does_not_reach_a_new_task_of_the_same_id(flow):
    old = flow.work()
    flow.swf.respond_activity_task_failed(taskToken=old)
    new = flow.work()
    with refused("UnknownResourceFault", f"Unknown activity, scheduledEventId = {SCHEDULED}"):
        flow.beat(old)
    assert flow.beat(new) is False


def end_execution(flow, clock, end):
    execution = {"domain": "media", "workflowId": "wf"}
    closing = {"completed": "Complete", "failed": "Fail", "canceled": "Cancel"}
    if end == "terminated":
        flow.swf.terminate_workflow_execution(**execution)
    elif end == "timed out":
        clock.advance(31_536_000)
    else:
        flow.swf.signal_workflow_execution(**execution, signalName="end")
        flow.decide(decision(f"{closing[end]}WorkflowExecution"))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("end", ["completed", "failed", "canceled", "terminated", "timed out"])
def test_a_task_of_a_closed_execution_is_unknown_by_the_executions_name(flow, clock, end, call):
    token = flow.work()
    end_execution(flow, clock, end)
    before = flow.events()
    message = f"Unknown execution: WorkflowExecution=[workflowId=wf, runId={flow.run_id}]"
    with refused("UnknownResourceFault", message):
        getattr(flow.swf, call)(taskToken=token)
    assert flow.events() == before


@pytest.mark.parametrize("end", ["completed", "terminated", "timed out"])
def test_a_task_that_waits_is_not_handed_out_after_the_end(flow, clock, end):
    flow.schedule()
    end_execution(flow, clock, end)
    assert pending(flow.swf) == 0
    assert poll(flow.swf)["taskToken"] == ""


def test_a_decision_task_is_answered_once(flow):
    task = flow.decide()
    before = flow.events()
    with refused("UnknownResourceFault"):
        flow.swf.respond_decision_task_completed(taskToken=task["taskToken"])
    assert flow.events() == before


def test_a_decision_task_of_a_closed_execution_is_unknown(flow):
    task = flow.decision_task()
    flow.swf.terminate_workflow_execution(domain="media", workflowId="wf")
    with refused("UnknownResourceFault"):
        flow.swf.respond_decision_task_completed(taskToken=task["taskToken"], decisions=[cancel(), complete()])
    assert flow.types()[-1] == "WorkflowExecutionTerminated"
