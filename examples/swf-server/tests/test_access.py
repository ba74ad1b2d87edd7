"""Access control by `--policy`: an IAM policy document for each access key id."""

import json
import subprocess

import pytest
from conftest import furnish
from flow import ACTIVITY, DOMAIN, Flow, attributes, cancel, complete, decision, pending, poll, refused, schedule
from server import Clock, Server, binary
from wire import raw_answer, sample_request, send

MEDIA = "arn:aws:swf:us-east-1:123456789012:/domain/media"


def statement(effect, actions, condition=None, resource=MEDIA):
    names = [f"swf:{action}" for action in actions]
    made = {"Effect": effect, "Action": names, "Resource": resource}
    return made if condition is None else {**made, "Condition": condition}


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


ALL = statement("Allow", ["*"], resource="*")
WORKER = ["PollForActivityTask", "RecordActivityTaskHeartbeat", "RespondActivityTask*", "CountPendingActivityTasks"]
ON_WORK = {"StringEquals": {"swf:taskList.name": "work"}}

POLICIES = {
    "ADMIN": document(ALL),
    "NOTHING": document(statement("Allow", ["ListDomains"], resource="*")),
    "WORKER": document(statement("Allow", WORKER)),
    "AKIAIOSFODNN7EXAMPLE": document(statement("Allow", WORKER)),
    "WORKERONWORK": document(statement("Allow", WORKER, ON_WORK), statement("Allow", ["RecordActivityTaskHeartbeat"])),
    "NOBEATS": document(ALL, statement("Deny", ["RecordActivityTaskHeartbeat"])),
    "ELSEWHERE": document(statement("Allow", ["*"], resource=MEDIA.replace("media", "other"))),
    "NODECISIONS": document(statement("Allow", ["PollForDecisionTask", "RespondDecisionTaskCompleted"])),
    "DECIDER": document(
        statement("Allow", ["PollForDecisionTask", "RespondDecisionTaskCompleted", "CompleteWorkflowExecution"]),
        statement("Allow", ["RequestCancelActivityTask", "RecordMarker", "StartTimer", "CancelTimer"]),
        statement("Allow", ["ScheduleActivityTask"], ON_WORK),
    ),
    "TRANSCODER": document(
        statement("Allow", ["PollForDecisionTask", "RespondDecisionTaskCompleted"]),
        statement(
            "Allow",
            ["ScheduleActivityTask"],
            {"StringLike": {"swf:activityType.name": "trans*"}, "StringEquals": {"swf:activityType.version": "1"}},
        ),
    ),
    "REGISTRAR": document(
        statement(
            "Allow",
            ["RegisterActivityType"],
            {
                "StringEquals": {"swf:name": "cut"},
                "StringNotEquals": {"swf:version": "9"},
                "StringEqualsIfExists": {"swf:defaultTaskList.name": "work"},
            },
        )
    ),
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    file = tmp_path_factory.mktemp("policy") / "policy.json"
    file.write_text(json.dumps(POLICIES))
    with Server("--policy", file) as server:
        yield server


@pytest.fixture(scope="module")
def by_key(guarded):
    return {key: guarded.client(key) for key in [*POLICIES, "STRANGER"]}


@pytest.fixture
def keys(guarded, by_key):
    """Clients by access key id, of a furnished server."""
    guarded.control("reset", {})
    furnish(by_key["ADMIN"])
    return by_key


@pytest.fixture
def flow(keys):
    return Flow(keys["ADMIN"])


DENIED = "OperationNotPermittedFault"


@pytest.mark.parametrize("key", ["NOTHING", "STRANGER", "ELSEWHERE", "NODECISIONS"])
def test_what_no_statement_allows_is_denied(keys, flow, key):
    token = flow.work()
    before = flow.events()
    with refused(DENIED):
        keys[key].record_activity_task_heartbeat(taskToken=token)
    with refused(DENIED):
        keys[key].respond_activity_task_completed(taskToken=token)
    with refused(DENIED):
        poll(keys[key])
    with refused(DENIED):
        pending(keys[key])
    assert flow.events() == before
    assert flow.beat(token) is False


def test_the_fault_is_the_one_that_the_model_declares(keys, flow):
    with pytest.raises(keys["NOTHING"].exceptions.OperationNotPermittedFault):
        keys["NOTHING"].record_activity_task_heartbeat(taskToken=flow.work())


def test_a_worker_does_its_part_and_no_more(keys, flow):
    worker = keys["WORKER"]
    flow.schedule()
    token = poll(worker)["taskToken"]
    assert worker.record_activity_task_heartbeat(taskToken=token, details="1")["cancelRequested"] is False
    worker.respond_activity_task_completed(taskToken=token)
    with refused(DENIED):
        worker.poll_for_decision_task(domain=DOMAIN, taskList={"name": "decide"})
    with refused(DENIED):
        worker.terminate_workflow_execution(domain=DOMAIN, workflowId="wf")
    with refused(DENIED):
        worker.register_domain(name="more", workflowExecutionRetentionPeriodInDays="1")


def test_a_denial_wins_over_what_is_allowed(keys, flow):
    token = flow.work()
    with refused(DENIED):
        keys["NOBEATS"].record_activity_task_heartbeat(taskToken=token)
    keys["NOBEATS"].respond_activity_task_completed(taskToken=token)


def test_a_denied_heartbeat_does_not_keep_a_task_alive(guarded, keys, flow):
    token = flow.work(heartbeatTimeout="10")
    flow.beat(token, "mine")
    clock = Clock(guarded)
    clock.advance(5)
    with refused(DENIED):
        keys["NOBEATS"].record_activity_task_heartbeat(taskToken=token, details="not mine")
    clock.advance(5)
    assert attributes(flow.one("ActivityTaskTimedOut"))["details"] == "mine"


def test_a_poll_is_constrained_by_its_task_list(keys, flow):
    worker = keys["WORKERONWORK"]
    flow.decide(schedule("a1"), schedule("a2", taskList={"name": "secret"}))
    assert pending(worker) == 1
    assert poll(worker)["activityId"] == "a1"
    with refused(DENIED):
        poll(worker, "secret")
    with refused(DENIED):
        pending(worker, "secret")


def test_a_condition_on_a_parameter_that_a_heartbeat_has_not_does_not_hold(keys, flow):
    token = flow.work()
    worker = keys["WORKERONWORK"]
    worker.record_activity_task_heartbeat(taskToken=token)
    with refused(DENIED):
        worker.respond_activity_task_completed(taskToken=token)


def test_a_token_of_another_domain_is_judged_by_that_domain(keys):
    furnish(keys["ADMIN"], "other")
    token = Flow(keys["ADMIN"], domain="other").work()
    with refused(DENIED):
        keys["WORKER"].record_activity_task_heartbeat(taskToken=token)
    assert keys["ELSEWHERE"].record_activity_task_heartbeat(taskToken=token)["cancelRequested"] is False


def test_the_seal_is_told_before_the_permission_and_the_permission_before_the_task(keys, flow):
    token = flow.work()
    with refused("ValidationException", "Invalid token"):
        keys["STRANGER"].record_activity_task_heartbeat(taskToken=token[:-1])
    flow.swf.respond_activity_task_completed(taskToken=token)
    with refused(DENIED):
        keys["STRANGER"].record_activity_task_heartbeat(taskToken=token)
    with refused("UnknownResourceFault"):
        keys["WORKER"].record_activity_task_heartbeat(taskToken=token)


def test_a_caller_without_an_access_key_is_no_caller(guarded, keys, flow):
    body = json.dumps({"taskToken": flow.work()})
    answer = send(guarded, "RecordActivityTaskHeartbeat", body)
    assert (answer.status, answer.error) == (403, "MissingAuthenticationToken")


def test_an_access_key_is_read_from_the_signature_of_2012_too(guarded, keys, flow):
    """The reference page's sample is signed so; its key is a worker's here."""
    answer = raw_answer(guarded, sample_request(guarded, flow.work()))
    assert (answer.status, answer.body) == (200, b'{"cancelRequested":false}')
    request = sample_request(guarded, "invented").replace(b"AKIAIOSFODNN7EXAMPLE", b"STRANGER")
    assert raw_answer(guarded, request).error == "ValidationException"
    flow.swf.terminate_workflow_execution(domain=DOMAIN, workflowId="wf")
    request = sample_request(guarded, Flow(flow.swf).work()).replace(b"AKIAIOSFODNN7EXAMPLE", b"STRANGER")
    assert raw_answer(guarded, request).error == DENIED


def decide(client, *decisions):
    """As a decider with these permissions decides."""
    task = client.poll_for_decision_task(domain=DOMAIN, taskList={"name": "decide"})
    client.respond_decision_task_completed(taskToken=task["taskToken"], decisions=list(decisions))


@pytest.mark.parametrize(
    ("given", "event"),
    [
        (schedule("a1"), "ScheduleActivityTaskFailed"),
        (schedule("a1", {"name": "nobody", "version": "1"}), "ScheduleActivityTaskFailed"),
        (cancel("a1"), "RequestCancelActivityTaskFailed"),
        (decision("StartTimer", timerId="t", startToFireTimeout="1"), "StartTimerFailed"),
        (decision("CancelTimer", timerId="t"), "CancelTimerFailed"),
        (decision("RecordMarker", markerName="m"), "RecordMarkerFailed"),
        (complete(), "CompleteWorkflowExecutionFailed"),
        (decision("FailWorkflowExecution"), "FailWorkflowExecutionFailed"),
        (decision("CancelWorkflowExecution"), "CancelWorkflowExecutionFailed"),
    ],
)
def test_a_denied_decision_fails_by_an_event(keys, flow, given, event):
    decide(keys["NODECISIONS"], given)
    failed = attributes(flow.one(event))
    assert (failed["cause"], failed["decisionTaskCompletedEventId"]) == ("OPERATION_NOT_PERMITTED", 4)
    assert flow.types()[-1] == "DecisionTaskScheduled"
    assert flow.describe()["executionInfo"]["executionStatus"] == "OPEN"


def test_a_decision_is_constrained_by_its_task_list(keys, flow):
    decide(
        keys["DECIDER"],
        schedule("a1", taskList={"name": "work"}),
        schedule("a2", taskList={"name": "secret"}),
        schedule("a3"),
    )
    assert [attributes(event)["activityId"] for event in flow.all("ActivityTaskScheduled")] == ["a1", "a3"]
    failed = attributes(flow.one("ScheduleActivityTaskFailed"))
    assert failed == {
        "activityType": ACTIVITY,
        "activityId": "a2",
        "cause": "OPERATION_NOT_PERMITTED",
        "decisionTaskCompletedEventId": 4,
    }


def test_a_decision_is_constrained_by_its_activity_type(keys, flow):
    flow.swf.register_activity_type(domain=DOMAIN, name="transcode", version="2")
    decide(
        keys["TRANSCODER"],
        schedule("a1"),
        schedule("a2", {"name": "bare", "version": "1"}),
        schedule("a3", {"name": "transcode", "version": "2"}),
    )
    assert attributes(flow.one("ActivityTaskScheduled"))["activityId"] == "a1"
    failed = flow.all("ScheduleActivityTaskFailed")
    assert [attributes(event)["cause"] for event in failed] == ["OPERATION_NOT_PERMITTED"] * 2


def test_a_registration_is_constrained_by_what_it_registers(keys):
    registrar = keys["REGISTRAR"]
    for given in (
        {"name": "other", "version": "1"},
        {"name": "cut", "version": "9"},
        {"name": "cut", "version": "1", "defaultTaskList": {"name": "secret"}},
    ):
        with refused(DENIED):
            registrar.register_activity_type(domain=DOMAIN, **given)
    registrar.register_activity_type(domain=DOMAIN, name="cut", version="1", defaultTaskList={"name": "work"})
    registrar.register_activity_type(domain=DOMAIN, name="cut", version="2")


def test_a_denied_caller_does_not_learn_whether_a_domain_is_there(keys):
    with refused(DENIED):
        poll(keys["STRANGER"], domain="nowhere")


@pytest.mark.parametrize(
    "broken",
    [
        '{"A": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "swf:*", "Resource": "*", '
        '"Condition": {"NumericEquals": {"swf:name": "1"}}}]}}',
        '{"A": {"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps", "Action": "swf:*", "Resource": "*"}]}}',
        '{"A": {"Statement": []',
    ],
)
def test_a_policy_that_is_not_understood_is_refused_at_the_start(tmp_path, broken):
    file = tmp_path / "policy.json"
    file.write_text(broken)
    command = [binary(), "--listen", "127.0.0.1:0", "--policy", file]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=10)
    assert ended.returncode != 0
    assert "policy.json" in ended.stderr
    assert ended.stdout == ""
