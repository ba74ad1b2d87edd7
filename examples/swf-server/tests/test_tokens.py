"""Task tokens that were not issued, or not as they are: `Invalid token`, and nothing is reached."""

import string

import pytest
from flow import Flow, invalid, refused
from server import Server

ALPHABET = string.ascii_letters + string.digits + "+/-_=."
MAX_CHARS = 1024


def invented(flow, token):
    """A heartbeat with this token is refused as one that was not issued here."""
    with refused("ValidationException", "Invalid token"):
        flow.beat(token, "not from me")


@pytest.fixture
def token(flow):
    return flow.work()


def test_a_token_has_the_length_that_the_model_allows(token):
    assert 1 <= len(token) <= MAX_CHARS


def test_every_character_counts(flow, token):
    for place, character in enumerate(token):
        for other in {ALPHABET[place % len(ALPHABET)], "A", "_"} - {character}:
            invented(flow, token[:place] + other + token[place + 1 :])
    assert flow.beat(token) is False


def test_the_last_character_has_no_synonym(flow, token):
    """An encoding whose last character has idle bits would let several tokens mean one."""
    for other in set(ALPHABET) - {token[-1]}:
        invented(flow, token[:-1] + other)


def test_a_truncated_token_is_refused_at_every_length(flow, token):
    for length in range(1, len(token)):
        invented(flow, token[:length])
        invented(flow, token[length:])


def test_a_token_with_more_is_refused(flow, token):
    for more in ["=", "A", " ", "\n", "\0", token]:
        invented(flow, token + more)
        invented(flow, more + token)


def test_two_halves_of_two_tokens_make_none(flow, token):
    other = Flow(flow.swf, "other").work()
    for place in range(1, min(len(token), len(other))):
        mixed = token[:place] + other[place:]
        if mixed not in (token, other):
            invented(flow, mixed)


@pytest.mark.parametrize("token", ["x", "a" * MAX_CHARS, "\u00e9" * MAX_CHARS, "null", "{}", "\U0001f600"])
def test_an_invented_token_is_refused(flow, token):
    invented(flow, token)


@pytest.mark.parametrize(
    "call",
    ["respond_activity_task_completed", "respond_activity_task_failed", "respond_activity_task_canceled"],
)
def test_the_other_calls_refuse_it_too(flow, token, call):
    before = flow.events()
    with refused("ValidationException", "Invalid token"):
        getattr(flow.swf, call)(taskToken=token[:-1])
    assert flow.events() == before


def test_a_token_that_is_too_long_breaks_the_shape_first(flow, unchecked):
    with invalid("taskToken"):
        unchecked.record_activity_task_heartbeat(taskToken="a" * (MAX_CHARS + 1))
    with invalid("taskToken"):
        unchecked.record_activity_task_heartbeat(taskToken="")
    with invalid("taskToken"):
        unchecked.record_activity_task_heartbeat()


def test_the_shape_is_told_before_the_seal(flow):
    with invalid("details"):
        flow.beat("invented", "x" * 2049)


def test_a_decision_tasks_token_is_no_activitys(flow):
    deciding = flow.decision_task()["taskToken"]
    invented(flow, deciding)
    flow.swf.respond_decision_task_completed(taskToken=deciding)


def test_an_activitys_token_is_no_decision_tasks(flow, token):
    before = flow.events()
    with refused("ValidationException", "Invalid token"):
        flow.swf.respond_decision_task_completed(taskToken=token)
    assert flow.events() == before


def test_another_servers_token_is_refused(flow, token):
    with Server() as other:
        client = other.client()
        with refused("ValidationException", "Invalid token"):
            client.record_activity_task_heartbeat(taskToken=token)


def test_a_token_does_not_outlive_a_reset(server, flow, token):
    server.control("reset", {})
    with refused("ValidationException", "Invalid token"):
        flow.beat(token)


def test_forgeries_leave_no_trace(flow, token):
    before = flow.events()
    for place in range(len(token)):
        invented(flow, token[:place] + token[place + 1 :])
    assert flow.events() == before
    assert flow.beat(token) is False
