"""What travels: headers and bodies to the byte, and AWS's common errors."""

import http.client
import json

import pytest
from server import Server
from wire import TARGET, raw_answer, sample_request, send

BASE = "com.amazonaws.swf.base.model#"


def test_the_reference_pages_sample_is_answered_to_the_byte(server, flow):
    answer = raw_answer(server, sample_request(server, flow.work()))
    assert answer.status == 200
    assert answer.body == b'{"cancelRequested":false}'
    assert answer.headers["Content-Length"] == "25"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["x-amzn-RequestId"]


def test_the_samples_details_are_the_ones_that_a_timeout_tells(server, flow, clock):
    raw_answer(server, sample_request(server, flow.work(heartbeatTimeout="10")))
    clock.advance(10)
    timeout = flow.one("ActivityTaskTimedOut")
    assert timeout["activityTaskTimedOutEventAttributes"]["details"] == "starting task"


def test_request_ids_differ(server):
    ids = {send(server, "ListDomains").headers["x-amzn-RequestId"] for _ in range(20)}
    assert len(ids) == 20


def test_a_connection_serves_many_requests(server, flow):
    token = flow.work()
    connection = http.client.HTTPConnection(server.address, timeout=10)
    for _ in range(100):
        headers = {"X-Amz-Target": f"{TARGET}.RecordActivityTaskHeartbeat"}
        connection.request("POST", "/", json.dumps({"taskToken": token}), headers)
        assert connection.getresponse().read() == b'{"cancelRequested":false}'
    connection.close()


def test_a_fault_is_a_400_with_type_and_message(server):
    answer = send(server, "RecordActivityTaskHeartbeat", b'{"taskToken":"invented"}')
    assert answer.status == 400
    assert json.loads(answer.body) == {
        "__type": "com.amazon.coral.validate#ValidationException",
        "message": "Invalid token",
    }


def test_a_late_calls_fault_has_its_namespace(server, flow):
    token = flow.work()
    flow.swf.respond_activity_task_completed(taskToken=token)
    answer = send(server, "RecordActivityTaskHeartbeat", json.dumps({"taskToken": token}))
    assert json.loads(answer.body) == {
        "__type": f"{BASE}UnknownResourceFault",
        "message": "Unknown activity, scheduledEventId = 5",
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"taskToken":"a"',
        b'{"taskToken":"a"}x',
        b'{"taskToken":"\\ud800"}',
    ],
)
def test_a_body_that_is_no_json_structure_is_a_serialization_exception(server, body):
    answer = send(server, "RecordActivityTaskHeartbeat", body)
    assert (answer.status, answer.error) == (400, "SerializationException")


def test_deep_json_is_refused_and_harms_nothing(server):
    answer = send(server, "RecordActivityTaskHeartbeat", b'{"taskToken":' + b"[" * 100_000)
    assert (answer.status, answer.error) == (400, "SerializationException")
    assert send(server, "ListDomains", b'{"registrationStatus":"REGISTERED"}').status == 200


def test_unknown_members_are_passed_over(server, flow):
    body = json.dumps({"taskToken": flow.work(), "colour": "blue"})
    assert send(server, "RecordActivityTaskHeartbeat", body).status == 200


def test_text_comes_back_however_it_was_escaped(server, flow, clock):
    token = flow.work(heartbeatTimeout="10")
    body = json.dumps({"taskToken": token, "details": "é\U0001f600"}, ensure_ascii=False).encode()
    assert send(server, "RecordActivityTaskHeartbeat", body).status == 200
    clock.advance(10)
    assert flow.one("ActivityTaskTimedOut")["activityTaskTimedOutEventAttributes"]["details"] == "é\U0001f600"


def test_timestamps_are_epoch_seconds_with_milliseconds(server, flow, clock):
    clock.advance(0.25)
    flow.decide()
    body = json.dumps({"domain": "media", "execution": flow.execution})
    events = json.loads(send(server, "GetWorkflowExecutionHistory", body).body)["events"]
    assert [event["eventTimestamp"] for event in events] == [1700000000.0, 1700000000.0, 1700000000.25, 1700000000.25]


@pytest.mark.parametrize(
    ("call", "status", "error"),
    [
        (None, 400, "MissingAction"),
        ("Nonsense", 404, "UnknownOperationException"),
        ("recordActivityTaskHeartbeat", 404, "UnknownOperationException"),
        ("TagResource", 400, "UnsupportedOperation"),
    ],
)
def test_a_missing_unknown_or_unsupported_action_is_a_clear_fault(server, call, status, error):
    answer = send(server, call)
    assert (answer.status, answer.error) == (status, error)


@pytest.mark.parametrize("request_line", [("GET", "/"), ("POST", "/elsewhere"), ("PUT", "/")])
def test_another_method_or_path_is_refused(server, request_line):
    method, path = request_line
    answer = send(server, "ListDomains", method=method, path=path)
    assert answer.status == 404


def test_a_request_larger_than_a_megabyte_is_refused(server):
    body = json.dumps({"taskToken": "x", "details": "x" * 1_048_576}).encode()
    answer = send(server, "RecordActivityTaskHeartbeat", body)
    assert (answer.status, answer.error) == (413, "RequestEntityTooLargeException")


def test_every_refusal_is_logged(tmp_path):
    policy = tmp_path / "policy.json"
    policy.write_text("{}")
    with Server("--policy", policy) as server:
        send(server)
        send(server, "Nonsense")
        send(server, "ListDomains", path="/elsewhere")
        send(server, "ListDomains")
        send(server, path="/control/nowhere")
        send(server, path="/control/reset", Origin="https://example.com")
        assert server.refusals() == [
            ("/", "MissingAction"),
            ("/", "UnknownOperationException"),
            ("/elsewhere", "UnknownOperationException"),
            ("/", "MissingAuthenticationToken"),
            ("/control/nowhere", "UnknownOperationException"),
            ("/control/reset", "AccessDeniedException"),
        ]


def test_without_an_access_key_everything_is_allowed_where_there_is_no_policy(server):
    assert send(server, "ListDomains", b'{"registrationStatus":"REGISTERED"}').status == 200
