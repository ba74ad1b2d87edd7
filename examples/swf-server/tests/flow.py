"""A workflow under test, in the words of the tests: its decider, its workers, its history."""

import contextlib

import pytest
from botocore.exceptions import ClientError
from server import CLOCK_START

DOMAIN = "media"
WORKFLOW = {"name": "encode", "version": "1"}
ACTIVITY = {"name": "transcode", "version": "1"}
"""All its timeouts are NONE by default: a test names those that it is about."""
BARE = {"name": "bare", "version": "1"}
"""It has no defaults."""
DECIDE = {"name": "decide"}
WORK = {"name": "work"}

SCHEDULED = 5
"""The event of the first activity: started, decision task scheduled, started and completed come before it."""
STARTED = SCHEDULED + 1


def decision(kind, **attributes):
    """A decision with its attributes."""
    member = f"{kind[0].lower()}{kind[1:]}DecisionAttributes"
    return {"decisionType": kind, member: attributes}


def schedule(activity_id="a1", activity_type=None, **attributes):
    return decision(
        "ScheduleActivityTask", activityId=activity_id, activityType=activity_type or ACTIVITY, **attributes
    )


def cancel(activity_id="a1"):
    return decision("RequestCancelActivityTask", activityId=activity_id)


def complete(**attributes):
    return decision("CompleteWorkflowExecution", **attributes)


@contextlib.contextmanager
def refused(code, message=None):
    """The call inside is refused with this code and this very message, if one is given."""
    with pytest.raises(ClientError) as caught:
        yield caught
    answer = caught.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, 400)
    if message is not None:
        assert answer["Error"]["Message"] == message


@contextlib.contextmanager
def invalid(member):
    """The call inside is refused with a ValidationException that names the member."""
    with refused("ValidationException") as caught:
        yield
    assert f"'{member}'" in caught.value.response["Error"]["Message"]


def seconds(event):
    """When an event happened, in seconds since the clock's start."""
    return round(event["eventTimestamp"].timestamp() - CLOCK_START, 3)


def attributes(event):
    """An event's attributes."""
    kind = event["eventType"]
    return event[f"{kind[0].lower()}{kind[1:]}EventAttributes"]


def pending(swf, task_list="work", domain=DOMAIN):
    """How many activity tasks wait in a list."""
    return swf.count_pending_activity_tasks(domain=domain, taskList={"name": task_list})["count"]


def pending_decisions(swf, task_list="decide", domain=DOMAIN):
    """How many decision tasks wait in a list."""
    return swf.count_pending_decision_tasks(domain=domain, taskList={"name": task_list})["count"]


def poll(swf, task_list="work", domain=DOMAIN, **more):
    """What a worker gets."""
    return swf.poll_for_activity_task(domain=domain, taskList={"name": task_list}, **more)


class Flow:
    """One execution."""

    def __init__(self, swf, workflow_id="wf", **more):
        self.swf = swf
        self.workflow_id = workflow_id
        more.setdefault("domain", DOMAIN)
        self.domain = more["domain"]
        started = swf.start_workflow_execution(workflowId=workflow_id, workflowType=WORKFLOW, **more)
        self.run_id = started["runId"]

    @property
    def execution(self):
        return {"workflowId": self.workflow_id, "runId": self.run_id}

    def decision_task(self, task_list="decide", **more):
        """The decider's next task."""
        task = self.swf.poll_for_decision_task(domain=self.domain, taskList={"name": task_list}, **more)
        assert task["taskToken"], "no decision task waits"
        return task

    def decide(self, *decisions):
        """Takes the next decision task and answers it."""
        task = self.decision_task()
        self.swf.respond_decision_task_completed(taskToken=task["taskToken"], decisions=list(decisions))
        return task

    def schedule(self, activity_id="a1", **more):
        """Schedules one activity."""
        self.decide(schedule(activity_id, **more))

    def work(self, **more):
        """Schedules an activity and starts it; gives its token."""
        self.schedule(**more)
        return self.take()

    def take(self, task_list="work", **more):
        """Starts the next activity; gives its token."""
        task = poll(self.swf, task_list, self.domain, **more)
        assert task["taskToken"], "no activity task waits"
        return task["taskToken"]

    def beat(self, token, details=None):
        """One heartbeat; gives whether cancellation is requested."""
        more = {} if details is None else {"details": details}
        return self.swf.record_activity_task_heartbeat(taskToken=token, **more)["cancelRequested"]

    def events(self, **more):
        """The whole history."""
        pages = self.swf.get_paginator("get_workflow_execution_history")
        pages = pages.paginate(domain=self.domain, execution=self.execution, **more)
        return [event for page in pages for event in page["events"]]

    def types(self):
        """The history's event types in order."""
        return [event["eventType"] for event in self.events()]

    def all(self, kind):
        """The events of a type."""
        return [event for event in self.events() if event["eventType"] == kind]

    def one(self, kind):
        """The only event of a type."""
        (event,) = self.all(kind)
        return event

    def describe(self):
        return self.swf.describe_workflow_execution(domain=self.domain, execution=self.execution)
