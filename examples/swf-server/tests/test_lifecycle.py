"""A task's way from its scheduling to its end, and a workflow's."""

import pytest
from flow import (
    ACTIVITY,
    BARE,
    SCHEDULED,
    STARTED,
    Flow,
    attributes,
    complete,
    decision,
    pending,
    pending_decisions,
    poll,
    refused,
    schedule,
    seconds,
)


def test_a_whole_workflow_leaves_this_history(swf, clock):
    flow = Flow(swf, input="film.mov", tagList=["urgent"])
    clock.advance(1)
    task = flow.decision_task(identity="decider-1")
    clock.advance(1)
    swf.respond_decision_task_completed(
        taskToken=task["taskToken"],
        executionContext="stage 1",
        decisions=[schedule("a1", input="film.mov", control="for the decider", heartbeatTimeout="60")],
    )
    clock.advance(1)
    work = poll(swf, identity="worker-1")
    clock.advance(1)
    swf.respond_activity_task_completed(taskToken=work["taskToken"], result="film.mp4")
    flow.decide(complete(result="done"))
    events = flow.events()
    assert [event["eventId"] for event in events] == list(range(1, 12))
    assert [(event["eventType"], seconds(event)) for event in events] == [
        ("WorkflowExecutionStarted", 0),
        ("DecisionTaskScheduled", 0),
        ("DecisionTaskStarted", 1),
        ("DecisionTaskCompleted", 2),
        ("ActivityTaskScheduled", 2),
        ("ActivityTaskStarted", 3),
        ("ActivityTaskCompleted", 4),
        ("DecisionTaskScheduled", 4),
        ("DecisionTaskStarted", 4),
        ("DecisionTaskCompleted", 4),
        ("WorkflowExecutionCompleted", 4),
    ]
    started = attributes(events[0])
    assert started["input"] == "film.mov"
    assert started["tagList"] == ["urgent"]
    assert started["workflowType"] == {"name": "encode", "version": "1"}
    assert started["executionStartToCloseTimeout"] == "31536000"
    assert started["taskStartToCloseTimeout"] == "NONE"
    assert started["childPolicy"] == "TERMINATE"
    assert started["taskList"] == {"name": "decide"}
    assert attributes(events[2]) == {"identity": "decider-1", "scheduledEventId": 2}
    assert attributes(events[3]) == {"executionContext": "stage 1", "scheduledEventId": 2, "startedEventId": 3}
    assert attributes(events[4]) == {
        "activityType": ACTIVITY,
        "activityId": "a1",
        "input": "film.mov",
        "control": "for the decider",
        "scheduleToStartTimeout": "NONE",
        "scheduleToCloseTimeout": "NONE",
        "startToCloseTimeout": "NONE",
        "heartbeatTimeout": "60",
        "taskList": {"name": "work"},
        "decisionTaskCompletedEventId": 4,
    }
    assert attributes(events[5]) == {"identity": "worker-1", "scheduledEventId": 5}
    assert attributes(events[6]) == {"result": "film.mp4", "scheduledEventId": 5, "startedEventId": 6}
    assert attributes(events[10]) == {"result": "done", "decisionTaskCompletedEventId": 10}


def test_a_worker_gets_what_it_needs_and_not_the_control(flow):
    flow.schedule(input="film.mov", control="secret")
    task = poll(flow.swf, identity="worker-1")
    del task["ResponseMetadata"]
    assert 1 <= len(task.pop("taskToken")) <= 1024
    assert task == {
        "activityId": "a1",
        "startedEventId": STARTED,
        "workflowExecution": flow.execution,
        "activityType": ACTIVITY,
        "input": "film.mov",
    }


def test_an_empty_poll_has_an_empty_token_and_no_event(swf):
    task = poll(swf)
    del task["ResponseMetadata"]
    assert task == {"taskToken": "", "startedEventId": 0}


def test_a_started_task_without_identity_shows_none(flow):
    flow.work()
    assert attributes(flow.one("ActivityTaskStarted")) == {"scheduledEventId": SCHEDULED}


@pytest.mark.parametrize(
    ("call", "given", "event"),
    [
        ("respond_activity_task_completed", {"result": "film.mp4"}, "ActivityTaskCompleted"),
        ("respond_activity_task_completed", {}, "ActivityTaskCompleted"),
        ("respond_activity_task_failed", {"reason": "disk full", "details": "at 80 %"}, "ActivityTaskFailed"),
        ("respond_activity_task_failed", {}, "ActivityTaskFailed"),
        ("respond_activity_task_canceled", {"details": "at 80 %"}, "ActivityTaskCanceled"),
        ("respond_activity_task_canceled", {}, "ActivityTaskCanceled"),
    ],
)
def test_an_answer_ends_the_task_and_wakes_the_decider(flow, call, given, event):
    token = flow.work()
    answer = getattr(flow.swf, call)(taskToken=token, **given)
    assert answer.keys() == {"ResponseMetadata"}
    assert answer["ResponseMetadata"]["HTTPHeaders"]["content-length"] == "0"
    assert attributes(flow.one(event)) == {"scheduledEventId": SCHEDULED, "startedEventId": STARTED, **given}
    assert flow.types()[-1] == "DecisionTaskScheduled"
    assert flow.describe()["openCounts"]["openActivityTasks"] == 0


@pytest.mark.parametrize(
    "call", ["respond_activity_task_completed", "respond_activity_task_failed", "respond_activity_task_canceled"]
)
def test_after_an_end_the_id_is_free_again(flow, call):
    getattr(flow.swf, call)(taskToken=flow.work())
    token = flow.work()
    assert not flow.beat(token)
    assert flow.types().count("ActivityTaskScheduled") == 2


def test_a_failed_task_does_not_tell_its_last_heartbeat(flow):
    token = flow.work()
    flow.beat(token, "half way")
    flow.swf.respond_activity_task_failed(taskToken=token, reason="disk full")
    assert "details" not in attributes(flow.one("ActivityTaskFailed"))


def test_a_token_may_be_used_by_another_process(flow, server):
    token = flow.work()
    other = server.client("AKIDOTHER")
    assert other.record_activity_task_heartbeat(taskToken=token)["cancelRequested"] is False
    other.respond_activity_task_completed(taskToken=token)


def test_tasks_of_two_executions_with_one_id_do_not_meet(swf):
    first, second = Flow(swf, "one"), Flow(swf, "two")
    tokens = [first.work(), second.work()]
    assert tokens[0] != tokens[1]
    swf.respond_activity_task_completed(taskToken=tokens[0], result="of one")
    assert attributes(first.one("ActivityTaskCompleted"))["result"] == "of one"
    assert "ActivityTaskCompleted" not in second.types()
    assert second.beat(tokens[1]) is False


def test_what_ends_while_the_decider_decides_leads_to_one_more_decision_task(flow):
    flow.decide(schedule("a1"), schedule("a2"), schedule("a3"))
    tokens = [flow.take() for _ in range(3)]
    flow.swf.respond_activity_task_completed(taskToken=tokens[0])
    deciding = flow.decision_task()["taskToken"]
    for token in tokens[1:]:
        flow.swf.respond_activity_task_completed(taskToken=token)
    assert flow.types().count("DecisionTaskScheduled") == 2
    flow.swf.respond_decision_task_completed(taskToken=deciding)
    assert flow.types().count("DecisionTaskScheduled") == 3
    assert pending_decisions(flow.swf) == 1


def test_a_decider_without_anything_new_is_left_alone(flow):
    flow.decide()
    assert flow.types()[-1] == "DecisionTaskCompleted"
    assert pending_decisions(flow.swf) == 0


@pytest.mark.parametrize(
    ("kind", "given", "event", "status"),
    [
        ("CompleteWorkflowExecution", {"result": "done"}, "WorkflowExecutionCompleted", "COMPLETED"),
        ("FailWorkflowExecution", {"reason": "r", "details": "d"}, "WorkflowExecutionFailed", "FAILED"),
        ("CancelWorkflowExecution", {"details": "d"}, "WorkflowExecutionCanceled", "CANCELED"),
    ],
)
def test_a_decision_closes_the_execution(flow, clock, kind, given, event, status):
    clock.advance(7)
    flow.decide(decision(kind, **given))
    assert attributes(flow.one(event)) == {**given, "decisionTaskCompletedEventId": 4}
    info = flow.describe()["executionInfo"]
    assert (info["executionStatus"], info["closeStatus"]) == ("CLOSED", status)


def test_an_execution_that_closes_takes_its_tasks_with_it_without_events(flow, clock):
    flow.decide(
        schedule("a1", heartbeatTimeout="10"),
        schedule("a2", scheduleToStartTimeout="10"),
        decision("StartTimer", timerId="t", startToFireTimeout="10"),
    )
    flow.take()
    flow.swf.signal_workflow_execution(domain="media", workflowId="wf", signalName="stop")
    flow.decide(complete())
    assert pending(flow.swf) == 0
    before = flow.events()
    clock.advance(1000)
    assert flow.events() == before
    assert before[-1]["eventType"] == "WorkflowExecutionCompleted"
    counts = flow.describe()["openCounts"]
    assert {counts[kind] for kind in ("openActivityTasks", "openTimers", "openDecisionTasks")} == {0}


def test_a_closing_decision_must_see_everything_first(flow):
    task = flow.decision_task()
    flow.swf.signal_workflow_execution(domain="media", workflowId="wf", signalName="wait")
    flow.swf.respond_decision_task_completed(taskToken=task["taskToken"], decisions=[complete()])
    failed = attributes(flow.one("CompleteWorkflowExecutionFailed"))
    assert failed["cause"] == "UNHANDLED_DECISION"
    flow.decide(complete())
    assert flow.types()[-1] == "WorkflowExecutionCompleted"


def test_a_decision_that_is_not_the_last_may_not_close(flow):
    task = flow.decision_task()
    before = flow.events()
    with refused("ValidationException"):
        flow.swf.respond_decision_task_completed(taskToken=task["taskToken"], decisions=[complete(), schedule("a1")])
    assert flow.events() == before


def test_a_marker_is_recorded(flow):
    flow.decide(decision("RecordMarker", markerName="half", details="way"))
    assert attributes(flow.one("MarkerRecorded")) == {
        "markerName": "half",
        "details": "way",
        "decisionTaskCompletedEventId": 4,
    }


def test_a_bare_type_takes_everything_from_the_decision(flow):
    flow.decide(
        schedule(
            "a1",
            BARE,
            taskList={"name": "bare"},
            taskPriority="7",
            scheduleToStartTimeout="1",
            scheduleToCloseTimeout="2",
            startToCloseTimeout="3",
            heartbeatTimeout="4",
        )
    )
    shown = attributes(flow.one("ActivityTaskScheduled"))
    assert shown["taskList"] == {"name": "bare"}
    assert shown["taskPriority"] == "7"
    assert shown["heartbeatTimeout"] == "4"
