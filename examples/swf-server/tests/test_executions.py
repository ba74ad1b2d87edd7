"""Executions: started, signaled, timed, asked to cancel, terminated; timers and decision tasks."""

import pytest
from flow import DOMAIN, WORKFLOW, Flow, attributes, complete, decision, pending_decisions, refused, schedule, seconds

EXECUTION = {"domain": DOMAIN, "workflowId": "wf"}


def timer(timer_id="t1", after="10", **more):
    return decision("StartTimer", timerId=timer_id, startToFireTimeout=after, **more)


def stop_timer(timer_id="t1"):
    return decision("CancelTimer", timerId=timer_id)


def signal(flow, name="go", **more):
    flow.swf.signal_workflow_execution(domain=DOMAIN, workflowId=flow.workflow_id, signalName=name, **more)


# Starting


def test_a_workflow_is_open_once_and_can_be_started_again_after_its_end(swf):
    first = Flow(swf)
    with refused("WorkflowExecutionAlreadyStartedFault"):
        Flow(swf)
    first.decide(complete())
    second = Flow(swf)
    assert first.run_id != second.run_id
    assert first.types()[-1] == "WorkflowExecutionCompleted"
    assert second.types() == ["WorkflowExecutionStarted", "DecisionTaskScheduled"]


def test_an_unknown_workflow_type_is_unknown(swf):
    with refused("UnknownResourceFault"):
        swf.start_workflow_execution(**EXECUTION, workflowType={"name": "nobody", "version": "1"})


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("executionStartToCloseTimeout", "60"),
        ("taskStartToCloseTimeout", "60"),
        ("taskList", {"name": "decide"}),
        ("childPolicy", "ABANDON"),
    ],
)
def test_what_neither_type_nor_start_says_is_a_fault(swf, member, value):
    swf.register_workflow_type(domain=DOMAIN, name="plain", version="1")
    given = {
        "executionStartToCloseTimeout": "60",
        "taskStartToCloseTimeout": "60",
        "taskList": {"name": "decide"},
        "childPolicy": "ABANDON",
    }
    plain = {"name": "plain", "version": "1"}
    missing = {name: other for name, other in given.items() if name != member}
    with refused("DefaultUndefinedFault"):
        swf.start_workflow_execution(**EXECUTION, workflowType=plain, **missing)
    swf.start_workflow_execution(**EXECUTION, workflowType=plain, **{**missing, member: value})


def test_an_execution_cannot_be_without_a_timeout(swf):
    with refused("ValidationException"):
        Flow(swf, executionStartToCloseTimeout="NONE")


# Signals


def test_a_signal_is_recorded_and_wakes_the_decider(flow):
    flow.decide()
    signal(flow, "pause", input="for a minute")
    shown = attributes(flow.one("WorkflowExecutionSignaled"))
    assert (shown["signalName"], shown["input"]) == ("pause", "for a minute")
    assert flow.types()[-1] == "DecisionTaskScheduled"


def test_a_signal_may_name_the_run(flow):
    flow.swf.signal_workflow_execution(**EXECUTION, runId=flow.run_id, signalName="go")
    message = "Unknown execution: WorkflowExecution=[workflowId=wf, runId=another]"
    with refused("UnknownResourceFault", message):
        flow.swf.signal_workflow_execution(**EXECUTION, runId="another", signalName="go")


@pytest.mark.parametrize(
    ("call", "given"),
    [
        ("signal_workflow_execution", {"signalName": "go"}),
        ("request_cancel_workflow_execution", {}),
        ("terminate_workflow_execution", {}),
    ],
)
def test_a_closed_execution_takes_no_calls(flow, call, given):
    flow.decide(complete())
    before = flow.events()
    with refused("UnknownResourceFault"):
        getattr(flow.swf, call)(**EXECUTION, **given)
    assert flow.events() == before


# Ends


def test_a_request_to_cancel_is_the_deciders_to_answer(flow):
    flow.decide()
    flow.swf.request_cancel_workflow_execution(**EXECUTION)
    assert flow.types()[-2:] == ["WorkflowExecutionCancelRequested", "DecisionTaskScheduled"]
    assert flow.describe()["executionInfo"]["cancelRequested"] is True
    flow.decide(decision("CancelWorkflowExecution", details="as asked"))
    assert flow.describe()["executionInfo"]["closeStatus"] == "CANCELED"


def test_termination_needs_no_decider(flow, clock):
    clock.advance(3)
    flow.swf.terminate_workflow_execution(**EXECUTION, reason="enough", details="really", childPolicy="ABANDON")
    event = flow.events()[-1]
    assert (event["eventType"], seconds(event)) == ("WorkflowExecutionTerminated", 3)
    shown = attributes(event)
    assert (shown["reason"], shown["details"], shown["childPolicy"]) == ("enough", "really", "ABANDON")
    assert pending_decisions(flow.swf) == 0
    info = flow.describe()["executionInfo"]
    assert info["closeStatus"] == "TERMINATED"
    assert seconds({"eventTimestamp": info["closeTimestamp"]}) == 3


def test_an_execution_times_out_at_its_deadline(swf, clock):
    flow = Flow(swf, executionStartToCloseTimeout="3600")
    flow.schedule()
    flow.take()
    clock.advance(3599.999)
    assert flow.describe()["executionInfo"]["executionStatus"] == "OPEN"
    clock.advance(0.001)
    event = flow.events()[-1]
    assert (event["eventType"], seconds(event)) == ("WorkflowExecutionTimedOut", 3600)
    assert attributes(event) == {"timeoutType": "START_TO_CLOSE", "childPolicy": "TERMINATE"}
    assert flow.describe()["executionInfo"]["closeStatus"] == "TIMED_OUT"
    clock.advance(3600)
    assert flow.events()[-1] == event


def test_after_its_timeout_an_execution_has_no_more_events_however_late_time_is_told(swf, clock):
    flow = Flow(swf, executionStartToCloseTimeout="60")
    flow.decide(schedule("early", scheduleToStartTimeout="30"), schedule("late", scheduleToStartTimeout="90"))
    clock.advance(1000)
    ends = [(event["eventType"], seconds(event)) for event in flow.events()[6:]]
    assert ends == [
        ("ActivityTaskTimedOut", 30),
        ("DecisionTaskScheduled", 30),
        ("WorkflowExecutionTimedOut", 60),
    ]
    assert pending_decisions(swf) == 0


# Decision tasks


def test_a_decision_task_times_out_and_comes_again(swf, clock):
    flow = Flow(swf, taskStartToCloseTimeout="30")
    clock.advance(100)
    first = flow.decision_task()
    clock.advance(29.999)
    assert "DecisionTaskTimedOut" not in flow.types()
    clock.advance(0.001)
    timeout = flow.one("DecisionTaskTimedOut")
    assert seconds(timeout) == 130
    assert attributes(timeout) == {"timeoutType": "START_TO_CLOSE", "scheduledEventId": 2, "startedEventId": 3}
    assert flow.types()[-1] == "DecisionTaskScheduled"
    with refused("UnknownResourceFault"):
        swf.respond_decision_task_completed(taskToken=first["taskToken"], decisions=[complete()])
    second = flow.decide(schedule("a1"))
    assert second["taskToken"] != first["taskToken"]
    assert flow.types()[-1] == "ActivityTaskScheduled"


def test_a_decision_task_that_nobody_takes_has_no_timeout(swf, clock):
    flow = Flow(swf, taskStartToCloseTimeout="30")
    clock.advance(86_400)
    assert flow.types() == ["WorkflowExecutionStarted", "DecisionTaskScheduled"]
    flow.decide(complete())


def test_an_answered_decision_task_does_not_time_out(swf, clock):
    flow = Flow(swf, taskStartToCloseTimeout="30")
    flow.decide()
    clock.advance(86_400)
    assert "DecisionTaskTimedOut" not in flow.types()


def test_a_decision_task_tells_what_the_last_one_had_seen(flow):
    first = flow.decide()
    assert (first["startedEventId"], first["previousStartedEventId"]) == (3, 0)
    signal(flow)
    second = flow.decision_task()
    assert (second["startedEventId"], second["previousStartedEventId"]) == (7, 3)
    assert [event["eventId"] for event in second["events"]] == list(range(1, 8))
    assert second["workflowType"] == WORKFLOW
    assert second["workflowExecution"] == flow.execution


def test_the_context_of_the_latest_decision_is_described(flow):
    task = flow.decision_task()
    flow.swf.respond_decision_task_completed(taskToken=task["taskToken"], executionContext="step 1")
    assert flow.describe()["latestExecutionContext"] == "step 1"


# Timers


def test_a_timer_fires_at_its_deadline(flow, clock):
    flow.decide(timer(control="why"))
    started = flow.one("TimerStarted")
    assert attributes(started) == {
        "timerId": "t1",
        "control": "why",
        "startToFireTimeout": "10",
        "decisionTaskCompletedEventId": 4,
    }
    clock.advance(9.999)
    assert "TimerFired" not in flow.types()
    clock.advance(5)
    fired = flow.one("TimerFired")
    assert (attributes(fired), seconds(fired)) == ({"timerId": "t1", "startedEventId": 5}, 10)
    assert flow.types()[-1] == "DecisionTaskScheduled"


def test_a_canceled_timer_does_not_fire(flow, clock):
    flow.decide(timer())
    signal(flow)
    flow.decide(stop_timer())
    completed = flow.all("DecisionTaskCompleted")[-1]["eventId"]
    assert attributes(flow.one("TimerCanceled")) == {
        "timerId": "t1",
        "startedEventId": 5,
        "decisionTaskCompletedEventId": completed,
    }
    clock.advance(100)
    assert "TimerFired" not in flow.types()


def test_a_timers_id_is_in_use_while_it_runs(flow, clock):
    flow.decide(timer(), timer())
    assert attributes(flow.one("StartTimerFailed")) == {
        "timerId": "t1",
        "cause": "TIMER_ID_ALREADY_IN_USE",
        "decisionTaskCompletedEventId": 4,
    }
    clock.advance(10)
    flow.decide(timer())
    clock.advance(10)
    assert [seconds(event) for event in flow.all("TimerFired")] == [10, 20]


def test_an_unknown_timer_is_not_canceled(flow):
    flow.decide(stop_timer())
    assert attributes(flow.one("CancelTimerFailed")) == {
        "timerId": "t1",
        "cause": "TIMER_ID_UNKNOWN",
        "decisionTaskCompletedEventId": 4,
    }


def test_a_timer_of_no_time_fires_at_once(flow):
    flow.decide(timer(after="0"))
    assert seconds(flow.one("TimerFired")) == 0


def test_timers_and_timeouts_come_in_the_order_of_their_deadlines(flow, clock):
    flow.decide(timer("t1", "30"), schedule("a1", scheduleToStartTimeout="20"), timer("t2", "10"))
    clock.advance(100)
    happened = [(event["eventType"], seconds(event)) for event in flow.events()[7:]]
    assert [entry for entry in happened if entry[0] != "DecisionTaskScheduled"] == [
        ("TimerFired", 10),
        ("ActivityTaskTimedOut", 20),
        ("TimerFired", 30),
    ]


def test_open_things_are_counted(flow):
    flow.decide(timer("t1"), timer("t2"), schedule("a1"))
    counts = flow.describe()["openCounts"]
    assert counts == {
        "openActivityTasks": 1,
        "openDecisionTasks": 0,
        "openTimers": 2,
        "openChildWorkflowExecutions": 0,
        "openLambdaFunctions": 0,
    }
