"""The four timeouts of an activity: what starts each clock, what stops it, and what the history says."""

import pytest
from flow import SCHEDULED, STARTED, Flow, attributes, pending, poll, refused, schedule, seconds

UNKNOWN = f"Unknown activity, scheduledEventId = {SCHEDULED}"


def timed_out(flow):
    """The attributes and the instant of the only timeout."""
    event = flow.one("ActivityTaskTimedOut")
    return attributes(event), seconds(event)


def never_started(timeout_type):
    return {"timeoutType": timeout_type, "scheduledEventId": SCHEDULED, "startedEventId": 0}


def started(timeout_type, **details):
    return {"timeoutType": timeout_type, "scheduledEventId": SCHEDULED, "startedEventId": STARTED, **details}


@pytest.mark.parametrize("kind", ["SCHEDULE_TO_START", "SCHEDULE_TO_CLOSE"])
def test_a_task_that_nobody_takes_times_out_at_its_deadline(flow, clock, kind):
    member = {"SCHEDULE_TO_START": "scheduleToStartTimeout", "SCHEDULE_TO_CLOSE": "scheduleToCloseTimeout"}[kind]
    flow.schedule(**{member: "10"})
    clock.advance(9.999)
    assert "ActivityTaskTimedOut" not in flow.types()
    assert pending(flow.swf) == 1
    clock.advance(0.001)
    assert timed_out(flow) == (never_started(kind), 10)
    assert pending(flow.swf) == 0
    assert poll(flow.swf)["taskToken"] == ""


def test_a_poll_just_before_schedule_to_start_is_in_time_and_ends_that_clock(flow, clock):
    flow.schedule(scheduleToStartTimeout="10")
    clock.advance(9.999)
    token = flow.take()
    clock.advance(1000)
    flow.swf.respond_activity_task_completed(taskToken=token)
    assert flow.types()[-2:] == ["ActivityTaskCompleted", "DecisionTaskScheduled"]


def test_schedule_to_close_ends_a_started_task_with_its_last_details(flow, clock):
    flow.schedule(scheduleToCloseTimeout="60")
    clock.advance(30)
    token = flow.take()
    clock.advance(29)
    flow.beat(token, "half way")
    clock.advance(0.999)
    assert not flow.beat(token)
    clock.advance(0.001)
    assert timed_out(flow) == (started("SCHEDULE_TO_CLOSE", details="half way"), 60)


def test_start_to_close_counts_from_the_start(flow, clock):
    flow.schedule(startToCloseTimeout="10")
    clock.advance(1000)
    token = flow.take()
    clock.advance(9.999)
    assert not flow.beat(token)
    clock.advance(0.001)
    assert timed_out(flow) == (started("START_TO_CLOSE"), 1010)


def test_a_heartbeat_timeout_counts_from_the_start_until_there_is_a_heartbeat(flow, clock):
    flow.schedule(heartbeatTimeout="10")
    clock.advance(1000)
    token = flow.take()
    clock.advance(9.999)
    assert "ActivityTaskTimedOut" not in flow.types()
    clock.advance(0.001)
    assert timed_out(flow) == (started("HEARTBEAT"), 1010)
    with refused("UnknownResourceFault", UNKNOWN):
        flow.beat(token)


def test_a_heartbeat_timeout_counts_from_the_last_heartbeat_and_tells_its_details(flow, clock):
    token = flow.work(heartbeatTimeout="10")
    for percent in range(0, 100, 20):
        clock.advance(9.999)
        assert flow.beat(token, f"{percent} %") is False
    clock.advance(10)
    assert timed_out(flow) == (started("HEARTBEAT", details="80 %"), 59.995)


def test_heartbeats_keep_a_task_alive_for_an_hour_but_start_to_close_ends_it(flow, clock):
    token = flow.work(heartbeatTimeout="60", startToCloseTimeout="3600")
    for minute in range(60):
        flow.beat(token, f"minute {minute}")
        clock.advance(59)
    assert "ActivityTaskTimedOut" not in flow.types()
    flow.beat(token, "nearly done")
    clock.advance(59)
    flow.beat(token, "the last word")
    clock.advance(1)
    assert timed_out(flow) == (started("START_TO_CLOSE", details="the last word"), 3600)


def test_a_heartbeat_adds_no_event(flow):
    token = flow.work()
    before = flow.events()
    flow.beat(token, "still here")
    assert flow.events() == before


def test_a_heartbeat_without_details_keeps_the_earlier_ones(flow, clock):
    token = flow.work(heartbeatTimeout="10")
    flow.beat(token, "page 3")
    clock.advance(5)
    flow.beat(token)
    clock.advance(10)
    assert timed_out(flow) == (started("HEARTBEAT", details="page 3"), 15)


def test_details_come_back_as_they_went(flow, clock):
    details = 'ключ "π" \\ \u2028 \U0001f600 \t\n'
    token = flow.work(heartbeatTimeout="10")
    flow.beat(token, details)
    clock.advance(10)
    assert timed_out(flow)[0]["details"] == details


@pytest.mark.parametrize("call", ["beat", "complete", "fail", "cancel"])
def test_a_call_at_the_deadline_is_too_late(flow, clock, call):
    token = flow.work(heartbeatTimeout="10")
    clock.advance(10)
    calls = {
        "beat": flow.swf.record_activity_task_heartbeat,
        "complete": flow.swf.respond_activity_task_completed,
        "fail": flow.swf.respond_activity_task_failed,
        "cancel": flow.swf.respond_activity_task_canceled,
    }
    with refused("UnknownResourceFault", UNKNOWN):
        calls[call](taskToken=token)
    assert timed_out(flow) == (started("HEARTBEAT"), 10)


@pytest.mark.parametrize("call", ["complete", "fail", "cancel"])
def test_a_call_just_before_the_deadline_is_in_time(flow, clock, call):
    token = flow.work(
        heartbeatTimeout="10", startToCloseTimeout="10", scheduleToCloseTimeout="10", scheduleToStartTimeout="10"
    )
    clock.advance(9.999)
    calls = {
        "complete": flow.swf.respond_activity_task_completed,
        "fail": flow.swf.respond_activity_task_failed,
        "cancel": flow.swf.respond_activity_task_canceled,
    }
    calls[call](taskToken=token)
    clock.advance(1000)
    assert "ActivityTaskTimedOut" not in flow.types()


def test_a_poll_at_the_deadline_gets_nothing(flow, clock):
    flow.schedule(scheduleToStartTimeout="10")
    clock.advance(10)
    assert poll(flow.swf)["taskToken"] == ""
    assert "ActivityTaskStarted" not in flow.types()


@pytest.mark.parametrize(
    ("given", "kind", "at"),
    [
        ({"heartbeatTimeout": "5", "startToCloseTimeout": "20", "scheduleToCloseTimeout": "30"}, "HEARTBEAT", 5),
        ({"heartbeatTimeout": "20", "startToCloseTimeout": "5", "scheduleToCloseTimeout": "30"}, "START_TO_CLOSE", 5),
        (
            {"heartbeatTimeout": "20", "startToCloseTimeout": "30", "scheduleToCloseTimeout": "5"},
            "SCHEDULE_TO_CLOSE",
            5,
        ),
    ],
)
def test_of_several_clocks_the_first_one_due_is_named(flow, clock, given, kind, at):
    flow.work(**given)
    clock.advance(100)
    assert timed_out(flow) == (started(kind), at)


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        (["startToCloseTimeout", "scheduleToCloseTimeout", "heartbeatTimeout"], "START_TO_CLOSE"),
        (["startToCloseTimeout", "heartbeatTimeout"], "START_TO_CLOSE"),
        (["scheduleToCloseTimeout", "heartbeatTimeout"], "SCHEDULE_TO_CLOSE"),
    ],
)
def test_of_clocks_due_at_one_instant_the_first_of_the_service_models_order_is_named(flow, clock, members, kind):
    flow.work(**{member: "10" for member in members})
    clock.advance(10)
    assert timed_out(flow) == (started(kind), 10)


def test_a_task_that_nobody_takes_names_schedule_to_start_before_schedule_to_close(flow, clock):
    flow.schedule(scheduleToStartTimeout="10", scheduleToCloseTimeout="10")
    clock.advance(10)
    assert timed_out(flow) == (never_started("SCHEDULE_TO_START"), 10)


def test_a_timeout_is_stamped_with_its_deadline_however_late_time_is_told(flow, clock):
    flow.schedule(scheduleToStartTimeout="10")
    clock.advance(86_400)
    *_, timeout, decision = flow.events()
    assert (timeout["eventType"], seconds(timeout)) == ("ActivityTaskTimedOut", 10)
    assert (decision["eventType"], seconds(decision)) == ("DecisionTaskScheduled", 10)


@pytest.mark.parametrize("member", ["scheduleToStartTimeout", "scheduleToCloseTimeout"])
def test_zero_is_due_at_once_where_it_counts_from_the_scheduling(flow, member):
    flow.schedule(**{member: "0"})
    kind = {"scheduleToStartTimeout": "SCHEDULE_TO_START", "scheduleToCloseTimeout": "SCHEDULE_TO_CLOSE"}[member]
    assert timed_out(flow) == (never_started(kind), 0)


@pytest.mark.parametrize("member", ["startToCloseTimeout", "heartbeatTimeout"])
def test_zero_is_due_at_once_where_it_counts_from_the_start(flow, member):
    token = flow.work(**{member: "0"})
    with refused("UnknownResourceFault", UNKNOWN):
        flow.beat(token)
    kind = {"startToCloseTimeout": "START_TO_CLOSE", "heartbeatTimeout": "HEARTBEAT"}[member]
    assert timed_out(flow) == (started(kind), 0)


def test_without_timeouts_a_task_waits_and_works_for_months(flow, clock):
    flow.schedule()
    clock.advance(100 * 86_400)
    token = flow.take()
    clock.advance(100 * 86_400)
    flow.swf.respond_activity_task_completed(taskToken=token, result="at last")
    assert attributes(flow.one("ActivityTaskCompleted"))["result"] == "at last"


def test_a_year_is_a_timeout_to_the_millisecond(swf, clock):
    flow = Flow(swf)
    flow.schedule(scheduleToStartTimeout="31535999")
    clock.advance(31_535_998.999)
    assert "ActivityTaskTimedOut" not in flow.types()
    clock.advance(0.001)
    assert timed_out(flow) == (never_started("SCHEDULE_TO_START"), 31_535_999)


def test_timeouts_at_one_instant_come_in_the_order_of_scheduling_and_lead_to_one_decision_task(flow, clock):
    names = [f"a{number}" for number in (3, 1, 2)]
    flow.decide(*(schedule(name, scheduleToStartTimeout="10") for name in names))
    clock.advance(10)
    timeouts = flow.all("ActivityTaskTimedOut")
    assert [attributes(event)["scheduledEventId"] for event in timeouts] == [5, 6, 7]
    assert {seconds(event) for event in timeouts} == {10}
    assert flow.types().count("DecisionTaskScheduled") == 2


def test_one_long_advance_leaves_the_same_history_as_many_short_ones(swf, clock):
    histories = []
    for workflow_id, steps in (("short", [1] * 40), ("long", [40])):
        start = clock.now()
        flow = Flow(swf, workflow_id)
        flow.decide(*(schedule(f"a{at}", scheduleToStartTimeout=str(at)) for at in (30, 10, 20)))
        for step in steps:
            clock.advance(step)
        histories.append(
            [
                (event["eventType"], event["eventTimestamp"].timestamp() - start, attributes(event))
                for event in flow.events()
            ]
        )
        swf.terminate_workflow_execution(domain="media", workflowId=workflow_id)
    assert histories[0] == histories[1]


def test_after_a_timeout_the_id_is_free_again(flow, clock):
    flow.schedule(scheduleToStartTimeout="10")
    clock.advance(10)
    flow.schedule()
    assert flow.types().count("ActivityTaskScheduled") == 2
    assert "ScheduleActivityTaskFailed" not in flow.types()


def test_the_type_gives_the_timeouts_that_the_decision_leaves_out(swf, clock):
    swf.register_activity_type(
        domain="media",
        name="strict",
        version="1",
        defaultTaskList={"name": "work"},
        defaultTaskScheduleToStartTimeout="11",
        defaultTaskScheduleToCloseTimeout="12",
        defaultTaskStartToCloseTimeout="13",
        defaultTaskHeartbeatTimeout="14",
    )
    flow = Flow(swf)
    strict = {"name": "strict", "version": "1"}
    flow.decide(schedule("a1", strict), schedule("a2", strict, scheduleToStartTimeout="5", heartbeatTimeout="NONE"))
    first, second = map(attributes, flow.all("ActivityTaskScheduled"))
    shown = ["scheduleToStartTimeout", "scheduleToCloseTimeout", "startToCloseTimeout", "heartbeatTimeout"]
    assert [first[member] for member in shown] == ["11", "12", "13", "14"]
    assert [second[member] for member in shown] == ["5", "12", "13", "NONE"]
    clock.advance(100)
    assert [seconds(event) for event in flow.all("ActivityTaskTimedOut")] == [5, 11]
