"""Histories in pages, executions described, counted and listed."""

import datetime

import pytest
from flow import DOMAIN, WORKFLOW, Flow, complete, invalid, refused, schedule, seconds
from server import CLOCK_START

EVER = {"oldestDate": 0}


def instant(after_seconds):
    return datetime.datetime.fromtimestamp(CLOCK_START + after_seconds, datetime.timezone.utc)


def ids(events):
    return [event["eventId"] for event in events]


# Histories


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("back", [False, True])
def test_a_history_comes_in_pages_and_in_reverse(flow, size, back):
    flow.decide(*(schedule(f"a{number}") for number in range(3)))
    pages = flow.swf.get_paginator("get_workflow_execution_history").paginate(
        domain=DOMAIN, execution=flow.execution, maximumPageSize=size, reverseOrder=back
    )
    pages = [ids(page["events"]) for page in pages]
    expected = list(range(1, 8))
    if back:
        expected.reverse()
    assert [number for page in pages for number in page] == expected
    assert [len(page) for page in pages] == [size] * (7 // size) + ([7 % size] if 7 % size else [])


def test_a_page_token_of_another_history_is_refused(swf):
    one, two = Flow(swf, "one"), Flow(swf, "two")
    page = swf.get_workflow_execution_history(domain=DOMAIN, execution=one.execution, maximumPageSize=1)
    with refused("ValidationException"):
        swf.get_workflow_execution_history(domain=DOMAIN, execution=two.execution, nextPageToken=page["nextPageToken"])


def test_a_page_has_at_most_1000_events(flow):
    flow.decide(*(schedule(f"a{number}") for number in range(1000)))
    request = {"domain": DOMAIN, "execution": flow.execution}
    page = flow.swf.get_workflow_execution_history(**request)
    assert len(page["events"]) == 1000
    rest = flow.swf.get_workflow_execution_history(**request, nextPageToken=page["nextPageToken"])
    assert ids(rest["events"]) == [1001, 1002, 1003, 1004]
    with invalid("maximumPageSize"):
        flow.swf.get_workflow_execution_history(**request, maximumPageSize=1001)


def test_a_decision_tasks_history_comes_in_pages_under_one_token(flow):
    first = flow.decision_task(maximumPageSize=2)
    assert ids(first["events"]) == [1, 2]
    second = flow.decision_task(maximumPageSize=2, nextPageToken=first["nextPageToken"])
    assert (ids(second["events"]), second["taskToken"]) == ([3], first["taskToken"])
    assert "nextPageToken" not in second
    flow.swf.respond_decision_task_completed(taskToken=second["taskToken"], decisions=[schedule("a1")])
    assert flow.types().count("DecisionTaskStarted") == 1


def test_a_decision_tasks_history_may_come_in_reverse(flow):
    assert ids(flow.decision_task(reverseOrder=True)["events"]) == [3, 2, 1]


def test_the_history_of_an_unknown_run_is_unknown(flow):
    execution = {"workflowId": "wf", "runId": "another"}
    message = "Unknown execution: WorkflowExecution=[workflowId=wf, runId=another]"
    with refused("UnknownResourceFault", message):
        flow.swf.get_workflow_execution_history(domain=DOMAIN, execution=execution)
    with refused("UnknownResourceFault", message):
        flow.swf.describe_workflow_execution(domain=DOMAIN, execution=execution)


# Descriptions


def test_an_open_execution_is_described(flow, clock):
    clock.advance(4)
    flow.schedule()
    described = flow.describe()
    info = described["executionInfo"]
    assert seconds({"eventTimestamp": info.pop("startTimestamp")}) == 0
    assert info == {
        "execution": flow.execution,
        "workflowType": WORKFLOW,
        "executionStatus": "OPEN",
        "cancelRequested": False,
    }
    assert described["executionConfiguration"] == {
        "taskStartToCloseTimeout": "NONE",
        "executionStartToCloseTimeout": "31536000",
        "taskList": {"name": "decide"},
        "childPolicy": "TERMINATE",
    }
    assert seconds({"eventTimestamp": described["latestActivityTaskTimestamp"]}) == 4


# Counts and lists


@pytest.fixture
def several(swf, clock):
    """Two open and two closed executions, started ten seconds apart."""
    flows = {}
    for name, tags in (("a", ["x"]), ("b", ["y"]), ("c", ["x"]), ("d", [])):
        flows[name] = Flow(swf, name, **({"tagList": tags} if tags else {}))
        clock.advance(10)
    for name in ("a", "b"):
        task = flows[name].decision_task()
        swf.respond_decision_task_completed(taskToken=task["taskToken"], decisions=[complete()])
        clock.advance(10)
    return swf


def names(answer):
    return [info["execution"]["workflowId"] for info in answer["executionInfos"]]


def test_open_executions_are_listed_latest_first(several):
    assert names(several.list_open_workflow_executions(domain=DOMAIN, startTimeFilter=EVER)) == ["d", "c"]
    back = several.list_open_workflow_executions(domain=DOMAIN, startTimeFilter=EVER, reverseOrder=True)
    assert names(back) == ["c", "d"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"tagFilter": {"tag": "x"}}, ["c"]),
        ({"typeFilter": {"name": "encode"}}, ["d", "c"]),
        ({"typeFilter": {"name": "encode", "version": "2"}}, []),
        ({"executionFilter": {"workflowId": "d"}}, ["d"]),
    ],
)
def test_open_executions_are_filtered(several, given, expected):
    request = {"domain": DOMAIN, "startTimeFilter": EVER, **given}
    assert names(several.list_open_workflow_executions(**request)) == expected
    assert several.count_open_workflow_executions(**request)["count"] == len(expected)


def test_a_start_time_includes_both_its_ends(several):
    def listed(oldest, latest):
        span = {"oldestDate": instant(oldest), "latestDate": instant(latest)}
        return names(several.list_open_workflow_executions(domain=DOMAIN, startTimeFilter=span))

    assert listed(20, 30) == ["d", "c"]
    assert listed(21, 30) == ["d"]
    assert listed(20, 29) == ["c"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"startTimeFilter": EVER}, ["b", "a"]),
        ({"closeTimeFilter": {"oldestDate": instant(45)}}, ["b"]),
        ({"startTimeFilter": EVER, "closeStatusFilter": {"status": "COMPLETED"}}, ["b", "a"]),
        ({"startTimeFilter": EVER, "closeStatusFilter": {"status": "FAILED"}}, []),
        ({"startTimeFilter": EVER, "tagFilter": {"tag": "y"}}, ["b"]),
    ],
)
def test_closed_executions_are_listed_and_counted(several, given, expected):
    assert names(several.list_closed_workflow_executions(domain=DOMAIN, **given)) == expected
    assert several.count_closed_workflow_executions(domain=DOMAIN, **given)["count"] == len(expected)


def test_a_closed_execution_shows_when_and_how(several):
    info = several.list_closed_workflow_executions(domain=DOMAIN, startTimeFilter=EVER)["executionInfos"][-1]
    assert (info["executionStatus"], info["closeStatus"], info["tagList"]) == ("CLOSED", "COMPLETED", ["x"])
    assert seconds({"eventTimestamp": info["closeTimestamp"]}) == 40


def test_lists_come_in_pages(several):
    pages = several.get_paginator("list_open_workflow_executions").paginate(
        domain=DOMAIN, startTimeFilter=EVER, maximumPageSize=1
    )
    assert [names(page) for page in pages] == [["d"], ["c"]]


def test_filters_that_exclude_each_other_are_refused(several):
    with refused("ValidationException"):
        several.list_closed_workflow_executions(domain=DOMAIN)
    with refused("ValidationException"):
        several.list_closed_workflow_executions(domain=DOMAIN, startTimeFilter=EVER, closeTimeFilter=EVER)
    with refused("ValidationException"):
        several.list_open_workflow_executions(
            domain=DOMAIN, startTimeFilter=EVER, tagFilter={"tag": "x"}, executionFilter={"workflowId": "a"}
        )
