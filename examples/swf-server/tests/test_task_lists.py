"""Task lists: priority, then arrival; who waits is counted; polls are held."""

import threading
import time

from conftest import furnish
from flow import DOMAIN, Flow, pending, pending_decisions, poll, schedule


def order(swf, count, task_list="work"):
    """The ids of the next tasks."""
    return [poll(swf, task_list)["activityId"] for _ in range(count)]


def test_tasks_are_handed_out_in_the_order_of_arrival(flow):
    names = ["c", "a", "b"]
    flow.decide(*map(schedule, names))
    assert order(flow.swf, 3) == names


def test_a_higher_priority_goes_first_and_the_default_is_zero(flow):
    priorities = {"low": "-1", "first": "5", "plain": None, "zero": "0", "second": "5", "least": "-2147483648"}
    decisions = [
        schedule(name, **({"taskPriority": priority} if priority else {})) for name, priority in priorities.items()
    ]
    flow.decide(*decisions)
    assert order(flow.swf, 6) == ["first", "second", "plain", "zero", "low", "least"]


def test_a_type_may_give_the_priority(flow):
    flow.swf.register_activity_type(
        domain=DOMAIN,
        name="urgent",
        version="1",
        defaultTaskPriority="9",
        defaultTaskList={"name": "work"},
        **{
            f"defaultTask{name}Timeout": "NONE"
            for name in ("ScheduleToStart", "ScheduleToClose", "StartToClose", "Heartbeat")
        },
    )
    flow.decide(schedule("plain"), schedule("urgent", {"name": "urgent", "version": "1"}))
    assert order(flow.swf, 2) == ["urgent", "plain"]


def test_lists_do_not_meet(flow):
    flow.decide(schedule("here"), schedule("there", taskList={"name": "elsewhere"}))
    assert (pending(flow.swf), pending(flow.swf, "elsewhere"), pending(flow.swf, "empty")) == (1, 1, 0)
    assert order(flow.swf, 1, "elsewhere") == ["there"]
    assert order(flow.swf, 1) == ["here"]


def test_lists_of_two_domains_do_not_meet(swf):
    furnish(swf, "other")
    Flow(swf, domain="other").schedule("theirs")
    assert (pending(swf), pending(swf, domain="other")) == (0, 1)
    assert poll(swf)["taskToken"] == ""
    assert poll(swf, domain="other")["activityId"] == "theirs"


def test_two_executions_share_a_list_in_the_order_of_arrival(swf):
    one, two = Flow(swf, "one"), Flow(swf, "two")
    for flow, name in ((one, "1"), (two, "2")):
        flow.schedule(name)
    one.swf.signal_workflow_execution(domain=DOMAIN, workflowId="one", signalName="more")
    one.schedule("3")
    assert order(swf, 3) == ["1", "2", "3"]


def test_only_tasks_that_wait_are_counted(flow):
    flow.decide(*(schedule(f"a{number}") for number in range(3)))
    counts = [pending(flow.swf)]
    for _ in range(3):
        flow.take()
        counts.append(pending(flow.swf))
    assert counts == [3, 2, 1, 0]


def test_a_timed_out_task_waits_no_longer(flow, clock):
    flow.decide(schedule("a1", scheduleToStartTimeout="10"), schedule("a2", scheduleToStartTimeout="20"))
    clock.advance(10)
    assert pending(flow.swf) == 1
    assert order(flow.swf, 1) == ["a2"]


def test_decision_tasks_are_counted_while_they_wait(swf):
    flows = [Flow(swf, name) for name in ("one", "two")]
    assert pending_decisions(swf) == 2
    task = flows[0].decision_task()
    assert task["workflowExecution"]["workflowId"] == "one"
    assert pending_decisions(swf) == 1


def test_decision_tasks_of_a_higher_priority_go_first(swf):
    Flow(swf, "plain")
    Flow(swf, "urgent", taskPriority="1")
    task = swf.poll_for_decision_task(domain=DOMAIN, taskList={"name": "decide"})
    assert task["workflowExecution"]["workflowId"] == "urgent"


def test_an_execution_may_have_a_task_list_of_its_own(swf):
    flow = Flow(swf, taskList={"name": "own"})
    assert (pending_decisions(swf), pending_decisions(swf, "own")) == (0, 1)
    assert flow.decision_task("own")["startedEventId"] == 3


def later(call, after_seconds=0.2):
    """Starts a thread that makes the call in a moment."""
    timer = threading.Timer(after_seconds, call)
    timer.start()
    return timer


def test_a_held_poll_gets_a_task_as_soon_as_there_is_one(flow, server):
    scheduling = later(lambda: flow.schedule("awaited"))
    start = time.monotonic()
    task = poll(server.client())
    assert task["activityId"] == "awaited"
    assert 0.1 < time.monotonic() - start < 0.9
    scheduling.join()


def test_a_held_decision_poll_hears_of_a_timeout(flow, server, clock):
    flow.schedule(scheduleToStartTimeout="10")
    advancing = later(lambda: clock.advance(10))
    task = server.client().poll_for_decision_task(domain=DOMAIN, taskList={"name": "decide"})
    assert task["events"][-3]["eventType"] == "ActivityTaskTimedOut"
    advancing.join()


def test_an_empty_poll_is_held_no_longer_than_a_second_under_a_manual_clock(swf):
    start = time.monotonic()
    assert poll(swf)["taskToken"] == ""
    assert time.monotonic() - start < 3
