"""`--snapshot FILE`: everything survives a restart, tokens and clocks included."""

import time

import pytest
from conftest import furnish
from flow import (
    DOMAIN,
    SCHEDULED,
    STARTED,
    Flow,
    attributes,
    cancel,
    decision,
    pending,
    poll,
    refused,
    schedule,
    seconds,
)
from server import Clock, Server

WRITTEN_SECONDS = 3
"""A running server has written its changes by then."""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state.json"


def resume(flow, server):
    """The same execution, seen through a server that took the place of its own."""
    flow.swf = server.client()
    return flow


def test_a_token_outlives_a_restart_and_its_clocks_go_on(file):
    with Server("--snapshot", file) as server:
        clock = Clock(server)
        furnish(server.client())
        flow = Flow(server.client())
        token = flow.work(heartbeatTimeout="10", startToCloseTimeout="60")
        clock.advance(5)
        flow.beat(token, "before")
        before, now = flow.events(), clock.now()
        assert server.stop() == 0
    with Server("--snapshot", file) as server:
        clock = Clock(server)
        assert clock.now() == now
        resume(flow, server)
        assert flow.events() == before
        clock.advance(9.999)
        assert flow.beat(token) is False
        clock.advance(9.999)
        assert "ActivityTaskTimedOut" not in flow.types()
        clock.advance(0.001)
        timeout = flow.one("ActivityTaskTimedOut")
        assert seconds(timeout) == 24.999
        assert attributes(timeout) == {
            "timeoutType": "HEARTBEAT",
            "scheduledEventId": SCHEDULED,
            "startedEventId": STARTED,
            "details": "before",
        }
        with refused("UnknownResourceFault", f"Unknown activity, scheduledEventId = {SCHEDULED}"):
            flow.beat(token)


def test_all_that_waits_waits_on(file):
    with Server("--snapshot", file) as server:
        swf = server.client()
        furnish(swf)
        flow = Flow(swf)
        flow.decide(
            schedule("low", scheduleToStartTimeout="20"),
            schedule("high", taskPriority="5"),
            decision("StartTimer", timerId="t", startToFireTimeout="10"),
        )
        waiting = Flow(swf, "waiting")
        server.stop()
    with Server("--snapshot", file) as server:
        swf = resume(flow, server).swf
        assert pending(swf) == 2
        assert poll(swf)["activityId"] == "high"
        assert resume(waiting, server).decision_task()["workflowExecution"]["workflowId"] == "waiting"
        Clock(server).advance(30)
        assert seconds(flow.one("TimerFired")) == 10
        assert seconds(flow.one("ActivityTaskTimedOut")) == 20
        assert pending(swf) == 0


def test_a_cancel_request_is_remembered(file):
    with Server("--snapshot", file) as server:
        furnish(server.client())
        flow = Flow(server.client())
        token = flow.work()
        flow.swf.signal_workflow_execution(domain=DOMAIN, workflowId="wf", signalName="stop")
        flow.decide(cancel())
        requested = flow.one("ActivityTaskCancelRequested")["eventId"]
        server.stop()
    with Server("--snapshot", file) as server:
        resume(flow, server)
        assert flow.beat(token) is True
        flow.swf.respond_activity_task_canceled(taskToken=token)
        assert attributes(flow.one("ActivityTaskCanceled"))["latestCancelRequestedEventId"] == requested


def test_a_decision_tasks_token_outlives_a_restart(file):
    with Server("--snapshot", file) as server:
        furnish(server.client())
        flow = Flow(server.client(), taskStartToCloseTimeout="30")
        task = flow.decision_task()
        server.stop()
    with Server("--snapshot", file) as server:
        resume(flow, server)
        flow.swf.respond_decision_task_completed(taskToken=task["taskToken"], decisions=[schedule("a1")])
        Clock(server).advance(1000)
        assert "DecisionTaskTimedOut" not in flow.types()


def test_late_calls_are_told_the_same_after_a_restart(file):
    with Server("--snapshot", file) as server:
        furnish(server.client())
        flow, ended = Flow(server.client()), Flow(server.client(), "ended")
        late = flow.work()
        flow.swf.respond_activity_task_completed(taskToken=late)
        of_ended = ended.work()
        flow.swf.terminate_workflow_execution(domain=DOMAIN, workflowId="ended")
        server.stop()
    with Server("--snapshot", file) as server:
        resume(flow, server)
        with refused("UnknownResourceFault", f"Unknown activity, scheduledEventId = {SCHEDULED}"):
            flow.beat(late)
        message = f"Unknown execution: WorkflowExecution=[workflowId=ended, runId={ended.run_id}]"
        with refused("UnknownResourceFault", message):
            flow.beat(of_ended)
        with refused("ValidationException", "Invalid token"):
            flow.beat(late[:-1])


def test_a_crash_loses_only_the_last_moment(file):
    with Server("--snapshot", file) as server:
        furnish(server.client())
        flow = Flow(server.client())
        token = flow.work()
        time.sleep(WRITTEN_SECONDS)
        server.process.kill()
        server.process.wait()
    with Server("--snapshot", file) as server:
        assert resume(flow, server).beat(token) is False


def crash(server, file, before):
    """Ends the server by kill -9 before anything since then was written, however slow this machine is."""
    server.process.kill()
    server.process.wait()
    file.write_bytes(before)


def written(file, server):
    """The snapshot once it has all that has happened."""
    time.sleep(WRITTEN_SECONDS)
    assert server.process.poll() is None
    return file.read_bytes()


def test_what_was_issued_before_a_crash_never_names_what_came_after_it(file):
    with Server("--snapshot", file) as server:
        furnish(server.client())
        flow = Flow(server.client())
        kept = flow.work()
        before = written(file, server)
        # Of this the snapshot knows nothing.
        lost = [Flow(server.client(), f"lost{number}") for number in range(3)]
        lost_tokens = [flow.work() for flow in lost]
        lost_runs = {flow.run_id for flow in lost}
        crash(server, file, before)
    lost_decision = None
    for _ in range(2):
        with Server("--snapshot", file) as server:
            swf = resume(flow, server).swf
            later = [Flow(swf, f"lost{number}") for number in range(3)]
            later_tokens = [other.work() for other in later]
            waiting = Flow(swf, "waiting")
            decision_token = waiting.decision_task()["taskToken"]
            assert lost_runs.isdisjoint(other.run_id for other in later)
            histories = [other.events() for other in later]
            for token in lost_tokens:
                with refused("UnknownResourceFault"):
                    flow.beat(token, "from before")
                with refused("UnknownResourceFault"):
                    swf.respond_activity_task_completed(taskToken=token)
            if lost_decision is not None:
                with refused("UnknownResourceFault"):
                    swf.respond_decision_task_completed(taskToken=lost_decision)
            assert [other.events() for other in later] == histories
            # What the snapshot knows goes on, and so does what is new.
            assert not any(flow.beat(token) for token in [kept, *later_tokens])
            # A second crash, before this boot has written anything at all.
            lost_runs |= {other.run_id for other in later}
            lost_tokens += later_tokens
            lost_decision = decision_token
            crash(server, file, before)


def test_a_crash_before_anything_happened_is_one_like_the_others(file):
    with Server("--snapshot", file) as server:
        before = file.read_bytes()
        furnish(server.client())
        token = Flow(server.client()).work()
        crash(server, file, before)
    with Server("--snapshot", file) as server:
        with refused("UnknownResourceFault", "Unknown activity"):
            server.client().record_activity_task_heartbeat(taskToken=token)


def test_a_snapshot_that_cannot_be_written_is_found_at_the_start(file):
    with pytest.raises(RuntimeError, match="--snapshot"):
        Server("--snapshot", file.parent / "missing" / file.name)


def test_without_a_snapshot_nothing_is_kept():
    with Server() as server:
        furnish(server.client())
        token = Flow(server.client()).work()
        server.stop()
    with Server() as server:
        with refused("ValidationException", "Invalid token"):
            server.client().record_activity_task_heartbeat(taskToken=token)


def test_a_broken_snapshot_is_refused_and_left_as_it_is(file):
    file.write_text('{"half')
    with pytest.raises(RuntimeError, match="state.json"):
        Server("--snapshot", file)
    assert file.read_text() == '{"half'
