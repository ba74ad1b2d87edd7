"""ScheduleActivityTaskFailed: every cause, and which one is told where there are several."""

import pytest
from flow import ACTIVITY, BARE, SCHEDULED, attributes, pending, schedule

MISSING = {"name": "nobody", "version": "1"}
ALL = {
    "taskList": {"name": "work"},
    "scheduleToStartTimeout": "NONE",
    "scheduleToCloseTimeout": "NONE",
    "startToCloseTimeout": "NONE",
    "heartbeatTimeout": "NONE",
}
OPEN_LIMIT = 1000


def cause(flow, *decisions):
    """The cause of the only failure among these decisions."""
    flow.decide(*decisions)
    return attributes(flow.one("ScheduleActivityTaskFailed"))["cause"]


def test_a_failure_says_all_there_is_to_say_and_wakes_the_decider(flow):
    flow.decide(schedule("a1", MISSING, input="not told", control="not told"))
    assert attributes(flow.one("ScheduleActivityTaskFailed")) == {
        "activityType": MISSING,
        "activityId": "a1",
        "cause": "ACTIVITY_TYPE_DOES_NOT_EXIST",
        "decisionTaskCompletedEventId": 4,
    }
    assert flow.types()[-1] == "DecisionTaskScheduled"
    assert pending(flow.swf) == 0


def test_a_version_is_part_of_the_type(flow):
    other = {"name": ACTIVITY["name"], "version": "2"}
    assert cause(flow, schedule("a1", other)) == "ACTIVITY_TYPE_DOES_NOT_EXIST"


def test_a_deprecated_type_takes_no_new_tasks_and_those_scheduled_go_on(flow):
    flow.schedule("a1")
    flow.swf.deprecate_activity_type(domain="media", activityType=ACTIVITY)
    token = flow.take()
    flow.swf.respond_activity_task_completed(taskToken=token)
    assert cause(flow, schedule("a2")) == "ACTIVITY_TYPE_DEPRECATED"
    flow.swf.undeprecate_activity_type(domain="media", activityType=ACTIVITY)
    flow.schedule("a3")
    assert pending(flow.swf) == 1


def test_a_deleted_type_does_not_exist(flow):
    flow.swf.deprecate_activity_type(domain="media", activityType=ACTIVITY)
    flow.swf.delete_activity_type(domain="media", activityType=ACTIVITY)
    assert cause(flow, schedule("a1")) == "ACTIVITY_TYPE_DOES_NOT_EXIST"


@pytest.mark.parametrize("started", [False, True])
def test_an_id_is_in_use_while_its_task_is_open(flow, started):
    flow.schedule("a1")
    if started:
        flow.take()
    flow.swf.signal_workflow_execution(domain="media", workflowId="wf", signalName="again")
    assert cause(flow, schedule("a1")) == "ACTIVITY_ID_ALREADY_IN_USE"


def test_an_id_is_in_use_within_one_answer_too(flow):
    assert cause(flow, schedule("a1"), schedule("a1"), schedule("a2")) == "ACTIVITY_ID_ALREADY_IN_USE"
    assert [event["eventId"] for event in flow.all("ActivityTaskScheduled")] == [SCHEDULED, SCHEDULED + 2]


def test_each_cause_hides_the_later_ones(flow):
    """Every decision but the last lacks something; each one mends what the one before it was told."""
    deprecated = {"name": "old", "version": "1"}
    flow.swf.register_activity_type(domain="media", **deprecated)
    flow.swf.deprecate_activity_type(domain="media", activityType=deprecated)
    decisions = [schedule("used"), schedule("used", MISSING), schedule("used", deprecated), schedule("used", BARE)]
    given = {}
    for number, member in enumerate([None, *ALL]):
        if member is not None:
            given[member] = ALL[member]
        decisions.append(schedule(f"a{number}", BARE, **given))
    flow.decide(*decisions)
    causes = [attributes(event)["cause"] for event in flow.all("ScheduleActivityTaskFailed")]
    assert causes == [
        "ACTIVITY_TYPE_DOES_NOT_EXIST",
        "ACTIVITY_TYPE_DEPRECATED",
        "ACTIVITY_ID_ALREADY_IN_USE",
        "DEFAULT_TASK_LIST_UNDEFINED",
        "DEFAULT_SCHEDULE_TO_START_TIMEOUT_UNDEFINED",
        "DEFAULT_SCHEDULE_TO_CLOSE_TIMEOUT_UNDEFINED",
        "DEFAULT_START_TO_CLOSE_TIMEOUT_UNDEFINED",
        "DEFAULT_HEARTBEAT_TIMEOUT_UNDEFINED",
    ]
    assert flow.types()[-2:] == ["ActivityTaskScheduled", "DecisionTaskScheduled"]


@pytest.mark.parametrize("member", ALL)
def test_each_missing_default_has_its_cause(flow, member):
    given = {name: value for name, value in ALL.items() if name != member}
    expected = {
        "taskList": "DEFAULT_TASK_LIST_UNDEFINED",
        "scheduleToStartTimeout": "DEFAULT_SCHEDULE_TO_START_TIMEOUT_UNDEFINED",
        "scheduleToCloseTimeout": "DEFAULT_SCHEDULE_TO_CLOSE_TIMEOUT_UNDEFINED",
        "startToCloseTimeout": "DEFAULT_START_TO_CLOSE_TIMEOUT_UNDEFINED",
        "heartbeatTimeout": "DEFAULT_HEARTBEAT_TIMEOUT_UNDEFINED",
    }
    assert cause(flow, schedule("a1", BARE, **given)) == expected[member]


def test_an_empty_timeout_says_nothing(flow):
    given = {**ALL, "heartbeatTimeout": ""}
    assert cause(flow, schedule("a1", BARE, **given)) == "DEFAULT_HEARTBEAT_TIMEOUT_UNDEFINED"


def test_a_thousand_activities_may_be_open_and_no_more(flow):
    names = [f"a{number}" for number in range(OPEN_LIMIT + 1)]
    assert cause(flow, *map(schedule, names)) == "OPEN_ACTIVITIES_LIMIT_EXCEEDED"
    failed = flow.one("ScheduleActivityTaskFailed")
    assert attributes(failed)["activityId"] == names[-1]
    assert flow.describe()["openCounts"]["openActivityTasks"] == OPEN_LIMIT
    flow.swf.respond_activity_task_completed(taskToken=flow.take())
    flow.schedule(names[-1])
    assert flow.describe()["openCounts"]["openActivityTasks"] == OPEN_LIMIT


def test_the_limit_is_told_last(flow):
    decisions = [schedule(f"a{number}") for number in range(OPEN_LIMIT)]
    assert cause(flow, *decisions, schedule("more", BARE)) == "DEFAULT_TASK_LIST_UNDEFINED"
