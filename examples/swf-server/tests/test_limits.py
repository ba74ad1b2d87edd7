"""Every limit of the service at its boundary, and what is refused leaves nothing behind."""

import pytest
from flow import ACTIVITY, DOMAIN, SCHEDULED, Flow, attributes, cancel, decision, invalid, poll, refused, schedule

WIDE = "\U0001f600"
"""One character, two UTF-16 units, four bytes: lengths are counted in characters."""
LIMITED, DATA, REASON, NAME, VERSION, DESCRIPTION = 2048, 32768, 256, 256, 64, 1024


@pytest.mark.parametrize("character", ["x", "é", WIDE])
def test_details_of_a_heartbeat_have_at_most_2048_characters(flow, clock, character):
    token = flow.work(heartbeatTimeout="10")
    flow.beat(token, character * LIMITED)
    clock.advance(5)
    with invalid("details"):
        flow.beat(token, character * (LIMITED + 1))
    clock.advance(5)
    # What was refused was no heartbeat.
    assert attributes(flow.one("ActivityTaskTimedOut"))["details"] == character * LIMITED


@pytest.mark.parametrize(
    ("call", "member", "limit"),
    [
        ("respond_activity_task_completed", "result", DATA),
        ("respond_activity_task_failed", "details", DATA),
        ("respond_activity_task_failed", "reason", REASON),
        ("respond_activity_task_canceled", "details", DATA),
    ],
)
def test_an_answer_is_no_longer_than_its_limit(flow, call, member, limit):
    token = flow.work()
    before = flow.events()
    with invalid(member):
        getattr(flow.swf, call)(taskToken=token, **{member: WIDE * (limit + 1)})
    assert flow.events() == before
    getattr(flow.swf, call)(taskToken=token, **{member: WIDE * limit})
    assert attributes(flow.events()[-2])[member] == WIDE * limit


def test_an_identity_has_at_most_256_characters(flow):
    flow.schedule()
    with invalid("identity"):
        poll(flow.swf, identity="x" * 257)
    flow.take(identity="x" * 256)
    assert attributes(flow.one("ActivityTaskStarted"))["identity"] == "x" * 256


def refuse(flow, member, **given):
    """A decision with this is refused as a whole, and the decision task can be answered yet."""
    task = flow.decision_task()
    before = flow.events()
    with refused("ValidationException") as caught:
        flow.swf.respond_decision_task_completed(
            taskToken=task["taskToken"], decisions=[schedule("first"), schedule(**given)]
        )
    assert member in caught.value.response["Error"]["Message"]
    assert flow.events() == before
    flow.swf.respond_decision_task_completed(taskToken=task["taskToken"])


TIMEOUTS = ["scheduleToStartTimeout", "scheduleToCloseTimeout", "startToCloseTimeout", "heartbeatTimeout"]
BAD_TIMEOUTS = [
    "31536001",
    "-1",
    "-5",
    "+5",
    "1.5",
    "1e3",
    " 5",
    "5 ",
    "none",
    "None",
    "0x10",
    "five",
    "\u0663",
    "99999999",
    "100000000",
]


@pytest.mark.parametrize("text", BAD_TIMEOUTS)
def test_a_timeout_is_a_whole_number_of_seconds_up_to_a_year_or_none(flow, text):
    refuse(flow, "heartbeatTimeout", heartbeatTimeout=text)


@pytest.mark.parametrize("member", TIMEOUTS)
def test_each_timeout_is_checked(flow, member):
    refuse(flow, member, **{member: "31536001"})


@pytest.mark.parametrize("text", ["0", "1", "31536000", "NONE"])
def test_a_good_timeout_is_shown_as_it_was_given(flow, text):
    flow.schedule(**{member: text for member in TIMEOUTS})
    scheduled = attributes(flow.one("ActivityTaskScheduled"))
    assert [scheduled[member] for member in TIMEOUTS] == [text] * 4


@pytest.mark.parametrize("member", ["StartToClose", "Heartbeat", "ScheduleToStart", "ScheduleToClose"])
def test_a_types_default_timeouts_are_checked_too(swf, member):
    for text in ("31536001", "-5", "1.5"):
        with invalid(f"defaultTask{member}Timeout"):
            swf.register_activity_type(domain=DOMAIN, name="t", version="1", **{f"defaultTask{member}Timeout": text})
    swf.register_activity_type(domain=DOMAIN, name="t", version="1", **{f"defaultTask{member}Timeout": "31536000"})


@pytest.mark.parametrize("text", ["-2147483648", "-1", "0", "2147483647"])
def test_a_priority_is_any_32_bit_number(flow, text):
    flow.schedule(taskPriority=text)
    assert attributes(flow.one("ActivityTaskScheduled"))["taskPriority"] == text


@pytest.mark.parametrize("text", ["-2147483649", "2147483648", "1.5", "high", " 1"])
def test_a_priority_beyond_32_bits_is_refused(flow, text):
    refuse(flow, "taskPriority", taskPriority=text)


BAD_NAMES = ["a:b", "a/b", "a|b", "arn", "a\x00b", "a\x1fb", "a\x7fb", "a\x9fb", "x" * (NAME + 1)]
GOOD_NAMES = ["x", "x" * NAME, "é" * NAME, "barn", "arns", "ARN", "a b", "a\xa0b", "a\\b", "\u2028", WIDE]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_bad_name_is_refused_wherever_a_name_stands(flow, name):
    refuse(flow, "activityId", activity_id=name)
    swf, version = flow.swf, "1"
    with invalid("name"):
        swf.register_activity_type(domain=DOMAIN, name=name, version=version)
    with invalid("name"):
        swf.register_workflow_type(domain=DOMAIN, name=name, version=version)
    with invalid("name"):
        swf.register_domain(name=name, workflowExecutionRetentionPeriodInDays="1")
    with invalid("taskList.name"):
        poll(swf, name)
    with invalid("workflowId"):
        Flow(swf, name)


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_a_good_name_is_taken_wherever_a_name_stands(flow, name):
    flow.schedule(name, taskList={"name": name})
    task = poll(flow.swf, name)
    assert task["activityId"] == name
    flow.swf.register_activity_type(domain=DOMAIN, name=name, version="1")
    flow.swf.register_domain(name=name, workflowExecutionRetentionPeriodInDays="1")
    Flow(flow.swf, name)


def test_bad_names_are_refused_in_decisions_of_all_kinds(flow):
    refuse(flow, "taskList.name", taskList={"name": "a:b"})
    flow.swf.signal_workflow_execution(domain=DOMAIN, workflowId="wf", signalName="again")
    task = flow.decision_task()
    for decided in (cancel("a|b"), decision("StartTimer", timerId="a/b", startToFireTimeout="1")):
        with refused("ValidationException"):
            flow.swf.respond_decision_task_completed(taskToken=task["taskToken"], decisions=[decided])


def test_versions_and_descriptions_have_limits(swf):
    with invalid("version"):
        swf.register_activity_type(domain=DOMAIN, name="t", version="x" * (VERSION + 1))
    with invalid("description"):
        swf.register_activity_type(domain=DOMAIN, name="t", version="1", description="x" * (DESCRIPTION + 1))
    swf.register_activity_type(domain=DOMAIN, name="t", version="x" * VERSION, description="x" * DESCRIPTION)


@pytest.mark.parametrize("member", ["input", "control"])
def test_input_and_control_have_at_most_32768_characters(flow, member):
    refuse(flow, member, **{member: "x" * (DATA + 1)})
    flow.swf.signal_workflow_execution(domain=DOMAIN, workflowId="wf", signalName="again")
    flow.decide(schedule("a1", **{member: WIDE * DATA}))
    assert attributes(flow.one("ActivityTaskScheduled"))[member] == WIDE * DATA


@pytest.mark.parametrize("member", ["activityType", "activityId"])
def test_a_decision_needs_what_it_is_about(flow, unchecked, member):
    task = flow.decision_task()
    given = schedule("a1")
    del given["scheduleActivityTaskDecisionAttributes"][member]
    with refused("ValidationException") as caught:
        unchecked.respond_decision_task_completed(taskToken=task["taskToken"], decisions=[given])
    assert member in caught.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    "kind", ["ContinueAsNewWorkflowExecution", "StartChildWorkflowExecution", "ScheduleLambdaFunction", "Nonsense"]
)
def test_a_decision_that_is_not_carried_out_is_refused_clearly(flow, unchecked, kind):
    task = flow.decision_task()
    before = flow.events()
    with refused("ValidationException") as caught:
        unchecked.respond_decision_task_completed(
            taskToken=task["taskToken"], decisions=[schedule("a1"), {"decisionType": kind}]
        )
    assert "decisionType" in caught.value.response["Error"]["Message"]
    assert flow.events() == before


@pytest.mark.parametrize(
    "given",
    [{"taskToken": 5}, {"taskToken": ["x"]}, {"taskToken": "x", "details": 7}, {"taskToken": "x", "details": {}}],
)
def test_a_wrong_type_is_a_serialization_exception(unchecked, given):
    with refused("SerializationException"):
        unchecked.record_activity_task_heartbeat(**given)


def test_null_is_absent(flow, unchecked):
    token = flow.work()
    unchecked.record_activity_task_heartbeat(taskToken=token, details=None)
    with invalid("taskToken"):
        unchecked.record_activity_task_heartbeat(taskToken=None)


def test_ids_of_256_characters_come_back_in_events_and_tasks(swf):
    flow = Flow(swf, "w" * NAME)
    flow.schedule("a" * NAME)
    task = poll(swf)
    assert task["activityId"] == "a" * NAME
    assert task["workflowExecution"]["workflowId"] == "w" * NAME
    assert len(task["taskToken"]) <= 1024
    assert attributes(flow.one("ActivityTaskScheduled"))["activityType"] == ACTIVITY
    assert flow.one("ActivityTaskScheduled")["eventId"] == SCHEDULED
