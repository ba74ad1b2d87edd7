"""Cancellation: of a task that nobody has, and of one that a worker learns of by its heartbeat."""

import pytest
from flow import SCHEDULED, STARTED, attributes, cancel, pending, pending_decisions, poll, refused, schedule, seconds


def ask_to_cancel(flow, *decisions):
    """Has the decider ask for the cancellation; gives the id of the completion of its decision task."""
    flow.swf.signal_workflow_execution(domain="media", workflowId="wf", signalName="think again")
    flow.decide(*(decisions or [cancel()]))
    return flow.all("DecisionTaskCompleted")[-1]["eventId"]


def test_a_task_that_nobody_has_is_canceled_at_once(flow):
    flow.schedule()
    completed = ask_to_cancel(flow)
    requested, canceled = flow.one("ActivityTaskCancelRequested"), flow.one("ActivityTaskCanceled")
    assert attributes(requested) == {"decisionTaskCompletedEventId": completed, "activityId": "a1"}
    assert attributes(canceled) == {
        "scheduledEventId": SCHEDULED,
        "startedEventId": 0,
        "latestCancelRequestedEventId": requested["eventId"],
    }
    assert canceled["eventId"] == requested["eventId"] + 1
    assert flow.types()[-1] == "DecisionTaskScheduled"
    assert pending(flow.swf) == 0
    assert poll(flow.swf)["taskToken"] == ""


def test_a_task_may_be_scheduled_and_canceled_by_the_same_decider_in_one_breath(flow, clock):
    flow.decide(schedule("a1", scheduleToStartTimeout="10"), cancel("a1"), schedule("a1", scheduleToStartTimeout="20"))
    assert flow.types()[4:] == [
        "ActivityTaskScheduled",
        "ActivityTaskCancelRequested",
        "ActivityTaskCanceled",
        "ActivityTaskScheduled",
        "DecisionTaskScheduled",
    ]
    assert pending(flow.swf) == 1
    clock.advance(100)
    timeout = flow.one("ActivityTaskTimedOut")
    assert (attributes(timeout)["scheduledEventId"], seconds(timeout)) == (8, 20)


def test_a_worker_learns_from_every_later_heartbeat(flow):
    token = flow.work()
    assert flow.beat(token) is False
    completed = ask_to_cancel(flow)
    assert attributes(flow.one("ActivityTaskCancelRequested")) == {
        "decisionTaskCompletedEventId": completed,
        "activityId": "a1",
    }
    assert [flow.beat(token, "going down"), flow.beat(token)] == [True, True]


def test_the_request_alone_is_no_news_for_the_decider(flow):
    flow.work()
    ask_to_cancel(flow)
    assert flow.types()[-1] == "ActivityTaskCancelRequested"
    assert pending_decisions(flow.swf) == 0


def test_a_worker_that_cancels_names_the_request(flow):
    token = flow.work()
    ask_to_cancel(flow)
    requested = flow.one("ActivityTaskCancelRequested")["eventId"]
    assert flow.beat(token)
    flow.swf.respond_activity_task_canceled(taskToken=token, details="cleaned up")
    assert attributes(flow.one("ActivityTaskCanceled")) == {
        "details": "cleaned up",
        "scheduledEventId": SCHEDULED,
        "startedEventId": STARTED,
        "latestCancelRequestedEventId": requested,
    }
    assert flow.types()[-1] == "DecisionTaskScheduled"


def test_repeated_requests_are_all_recorded_and_the_latest_is_named(flow):
    token = flow.work()
    ask_to_cancel(flow, cancel(), cancel())
    ask_to_cancel(flow)
    requests = [event["eventId"] for event in flow.all("ActivityTaskCancelRequested")]
    assert len(requests) == 3
    flow.swf.respond_activity_task_canceled(taskToken=token)
    assert attributes(flow.one("ActivityTaskCanceled"))["latestCancelRequestedEventId"] == requests[-1]


def test_a_worker_may_finish_all_the_same(flow):
    token = flow.work()
    ask_to_cancel(flow)
    flow.swf.respond_activity_task_completed(taskToken=token, result="too late to stop")
    assert attributes(flow.one("ActivityTaskCompleted")) == {
        "result": "too late to stop",
        "scheduledEventId": SCHEDULED,
        "startedEventId": STARTED,
    }


def test_a_worker_may_fail_all_the_same(flow):
    token = flow.work()
    ask_to_cancel(flow)
    flow.swf.respond_activity_task_failed(taskToken=token, reason="could not stop")
    assert attributes(flow.one("ActivityTaskFailed"))["reason"] == "could not stop"


def test_a_worker_may_cancel_though_nobody_asked(flow):
    flow.swf.respond_activity_task_canceled(taskToken=flow.work(), details="my own idea")
    assert attributes(flow.one("ActivityTaskCanceled")) == {
        "details": "my own idea",
        "scheduledEventId": SCHEDULED,
        "startedEventId": STARTED,
    }


def test_a_request_moves_no_clock(flow, clock):
    token = flow.work(heartbeatTimeout="10", startToCloseTimeout="25")
    clock.advance(5)
    flow.beat(token, "page 1")
    clock.advance(5)
    ask_to_cancel(flow)
    clock.advance(4.999)
    assert flow.beat(token, "page 2") is True
    clock.advance(9.999)
    assert flow.beat(token, "page 3") is True
    clock.advance(100)
    timeout = flow.one("ActivityTaskTimedOut")
    assert seconds(timeout) == 25
    assert attributes(timeout) == {
        "timeoutType": "START_TO_CLOSE",
        "scheduledEventId": SCHEDULED,
        "startedEventId": STARTED,
        "details": "page 3",
    }


def test_a_worker_that_ignores_a_request_times_out(flow, clock):
    token = flow.work(heartbeatTimeout="10")
    flow.beat(token, "page 1")
    ask_to_cancel(flow)
    clock.advance(10)
    timeout = flow.one("ActivityTaskTimedOut")
    assert seconds(timeout) == 10
    assert attributes(timeout)["details"] == "page 1"
    with refused("UnknownResourceFault"):
        flow.swf.respond_activity_task_canceled(taskToken=token)


def test_a_request_for_one_task_does_not_touch_another(flow):
    flow.decide(schedule("a1"), schedule("a2"))
    first, second = flow.take(), flow.take()
    ask_to_cancel(flow, cancel("a2"))
    assert [flow.beat(first), flow.beat(second)] == [False, True]


def test_a_new_task_of_the_same_id_knows_nothing_of_an_old_request(flow):
    token = flow.work()
    ask_to_cancel(flow)
    flow.swf.respond_activity_task_canceled(taskToken=token)
    token = flow.work()
    assert flow.beat(token) is False
    flow.swf.respond_activity_task_canceled(taskToken=token)
    latest = flow.all("ActivityTaskCanceled")[-1]
    assert "latestCancelRequestedEventId" not in attributes(latest)


@pytest.mark.parametrize("end", ["never", "completed", "failed", "canceled", "timed out"])
def test_a_request_for_an_id_that_is_not_open_fails(flow, clock, end):
    if end != "never":
        token = flow.work(startToCloseTimeout="10")
        if end == "timed out":
            clock.advance(10)
        else:
            getattr(flow.swf, f"respond_activity_task_{end}")(taskToken=token)
    completed = ask_to_cancel(flow)
    assert attributes(flow.one("RequestCancelActivityTaskFailed")) == {
        "activityId": "a1",
        "cause": "ACTIVITY_ID_UNKNOWN",
        "decisionTaskCompletedEventId": completed,
    }
    assert flow.types()[-1] == "DecisionTaskScheduled"


def test_a_request_at_the_deadline_is_too_late(flow, clock):
    flow.schedule(scheduleToStartTimeout="10")
    flow.swf.signal_workflow_execution(domain="media", workflowId="wf", signalName="think again")
    deciding = flow.decision_task()["taskToken"]
    clock.advance(10)
    flow.swf.respond_decision_task_completed(taskToken=deciding, decisions=[cancel()])
    assert "ActivityTaskCanceled" not in flow.types()
    assert attributes(flow.one("RequestCancelActivityTaskFailed"))["cause"] == "ACTIVITY_ID_UNKNOWN"
    assert attributes(flow.one("ActivityTaskTimedOut"))["timeoutType"] == "SCHEDULE_TO_START"
