"""moto's SWF for the conformance kit: replay's JSON Lines in, replay's JSON Lines out.

It tells what moto does and mends nothing. A case is one workflow execution; an activity is an activity task of it,
scheduled by a decision, on a task list of its own, so that a poll can ask for this one. Time is moto's, under freezegun,
as in moto's own tests. What happened is read from the execution's history, with the instants that stand there.

A line that moto has no call for (Suspend, Snapshot and the like) is refused on standard error.
"""

import json
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone

import boto3
import moto.swf.models
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from freezegun import freeze_time
from moto import mock_aws

# The case's second 0. Not the epoch's: moto takes a timestamp of 0 for none.
START = datetime(2026, 1, 1, tzinfo=timezone.utc)

DOMAIN = "conformance"
EXECUTION = "case"
ACTIVITY_TYPE = {"name": "activity", "version": "1"}
WORKFLOW_TYPE = {"name": "workflow", "version": "1"}
DECISIONS = {"name": "decisions"}
TIMEOUTS = ["scheduleToStartTimeout", "scheduleToCloseTimeout", "startToCloseTimeout", "heartbeatTimeout"]

# Neither the execution nor a decision is to time out within a case. SWF takes a year at most; moto takes any number.
NEVER = "99999999999"

# What a worker says with its token: moto's call, and the fields that go with it.
WORKER_CALLS = {
    "RecordActivityTaskHeartbeat": ("record_activity_task_heartbeat", ["details"]),
    "RespondActivityTaskCompleted": ("respond_activity_task_completed", ["result"]),
    "RespondActivityTaskFailed": ("respond_activity_task_failed", ["reason", "details"]),
    "RespondActivityTaskCanceled": ("respond_activity_task_canceled", ["details"]),
}

# The events that the format has, and which of their attributes it shows.
EVENTS = {
    "ActivityTaskScheduled": [],
    "ScheduleActivityTaskFailed": ["cause"],
    "ActivityTaskStarted": [],
    "ActivityTaskCompleted": ["result"],
    "ActivityTaskFailed": ["reason", "details"],
    "ActivityTaskTimedOut": ["timeoutType", "details"],
}


class Case:
    """One workflow execution, and what its decider and its workers know."""

    def __init__(self, swf, clock):
        moto.swf.models.swf_backends.reset()
        self.swf, self.clock = swf, clock
        self.at = 0
        self.is_read = False  # whether the history has nothing new at this instant
        clock.move_to(START)
        swf.register_domain(name=DOMAIN, workflowExecutionRetentionPeriodInDays="1")
        swf.register_activity_type(domain=DOMAIN, **ACTIVITY_TYPE)
        swf.register_workflow_type(domain=DOMAIN, **WORKFLOW_TYPE)
        started = swf.start_workflow_execution(
            domain=DOMAIN,
            workflowId=EXECUTION,
            workflowType=WORKFLOW_TYPE,
            taskList=DECISIONS,
            executionStartToCloseTimeout=NEVER,
            taskStartToCloseTimeout=NEVER,
            childPolicy="TERMINATE",
        )
        self.execution = {"workflowId": EXECUTION, "runId": started["runId"]}
        self.read = 0  # how many events of the history
        self.scheduled = {}  # the event's id: (activityId, instant)
        self.started = {}  # the event's id: instant
        self.runs = Counter()  # of each activityId
        self.tokens = {}  # (activityId, run): the token, kept when the run is over

    def move_to(self, at):
        if at != self.at:
            self.at, self.is_read = at, False
            self.clock.move_to(START + timedelta(milliseconds=round(at * 1000)))

    def new_events(self):
        """What is new in the history, as lines. Reading it is also what makes moto look for timeouts."""
        if self.is_read:
            return []
        self.is_read = True
        events = self.swf.get_workflow_execution_history(domain=DOMAIN, execution=self.execution)["events"]
        new, self.read = events[self.read :], len(events)
        return [self.event(event) for event in new if event["eventType"] in EVENTS]

    def event(self, event):
        kind, at = event["eventType"], since_start(event["eventTimestamp"])
        attributes = event[f"{kind[0].lower()}{kind[1:]}EventAttributes"]
        shown = {name: attributes[name] for name in EVENTS[kind] if name in attributes}
        if kind == "ActivityTaskScheduled":
            self.runs[attributes["activityId"]] += 1
            self.scheduled[event["eventId"]] = attributes["activityId"], at
        elif kind == "ActivityTaskStarted":
            self.started[event["eventId"]] = at
        if "activityId" in attributes:
            activity_id = attributes["activityId"]
        else:
            activity_id, scheduled_at = self.scheduled[attributes["scheduledEventId"]]
        if kind == "ActivityTaskTimedOut":
            shown["scheduledAt"] = scheduled_at
            if attributes.get("startedEventId") in self.started:
                shown["startedAt"] = self.started[attributes["startedEventId"]]
        return {"at": at, "event": kind, "activityId": activity_id, **shown}

    def do(self, line):
        """Does what the line says. An event that comes of it is in the history, to be read before the next line."""
        action = line["action"]
        about = {"activityId": line["activityId"]}
        method = self.method(action)
        self.is_read = False
        try:
            answer = method(line)
        except Exception as error:  # noqa: BLE001
            # moto runs in this process and its own exceptions come through; a server of it would answer 500.
            code, message = type(error).__name__, str(error)
            if isinstance(error, ClientError):
                code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
            tell({"at": line["at"], "error": code, "action": action, **about, "message": message})
        else:
            if answer:
                tell({"at": line["at"], "reply": action, **about, **answer})

    def method(self, action):
        if action == "ScheduleActivityTask":
            return self.schedule
        if action == "StartActivityTask":
            return self.start
        if action == "RequestCancelActivityTask":
            return self.request_cancel
        if action in WORKER_CALLS:
            return self.call
        raise Unreadable(f"moto has no {action}")

    def schedule(self, line):
        self.decide(
            "ScheduleActivityTask",
            {
                "activityType": ACTIVITY_TYPE,
                "activityId": line["activityId"],
                "taskList": {"name": line["activityId"]},
                **{name: line.get(name, "NONE") for name in TIMEOUTS},
            },
        )

    def request_cancel(self, line):
        self.decide("RequestCancelActivityTask", {"activityId": line["activityId"]})

    def decide(self, decision, attributes):
        # A signal sees to it that there is a decision to make.
        self.swf.signal_workflow_execution(domain=DOMAIN, workflowId=EXECUTION, signalName="line", input="")
        token = self.swf.poll_for_decision_task(domain=DOMAIN, taskList=DECISIONS)["taskToken"]
        name = f"{decision[0].lower()}{decision[1:]}DecisionAttributes"
        self.swf.respond_decision_task_completed(
            taskToken=token, decisions=[{"decisionType": decision, name: attributes}]
        )

    def start(self, line):
        activity_id = line["activityId"]
        task = self.swf.poll_for_activity_task(domain=DOMAIN, taskList={"name": activity_id})
        if not task.get("taskToken"):
            # That is how SWF says that there is nothing to start.
            raise UnknownResourceFault("the poll was empty")
        self.tokens[activity_id, self.runs[activity_id]] = task["taskToken"]

    def call(self, line):
        activity_id, action = line["activityId"], line["action"]
        run = line.get("run", self.runs[activity_id])
        if (activity_id, run) not in self.tokens:
            # Nobody has a token to call with, so this call cannot be made at all.
            raise UnknownResourceFault("no token was issued")
        name, fields = WORKER_CALLS[action]
        given = {field: line[field] for field in fields if line.get(field) is not None}
        answer = getattr(self.swf, name)(taskToken=self.tokens[activity_id, run], **given)
        return {"cancelRequested": answer["cancelRequested"]} if "cancelRequested" in answer else None


class UnknownResourceFault(Exception):
    """The format's word for a refusal, where SWF has another way to say it."""


class Unreadable(Exception):
    """A line that this program cannot do anything with."""


def since_start(instant):
    """In seconds, as the format has them: whole milliseconds, and no needless zeros."""
    millis = round((instant - START) / timedelta(milliseconds=1))
    return millis // 1000 if millis % 1000 == 0 else millis / 1000


def play(case, line):
    """Plays one line; the case goes on, or a new one begins."""
    case.move_to(line["at"])
    for event in case.new_events():
        tell(event)
    action = line["action"]
    if action == "Sync":
        tell({"reply": action})
        sys.stdout.flush()
    elif action == "Reset":
        tell({"reply": action})
        return Case(case.swf, case.clock)
    elif action != "Advance":
        case.do(line)
    return case


def tell(record):
    print(json.dumps(record, ensure_ascii=False, separators=(",", ":")))


def main():
    # moto sleeps for a second of real time before it says that a poll found nothing. That tells nothing.
    moto.swf.models.sleep = lambda _seconds: None
    unsigned = Config(region_name="us-east-1", signature_version=UNSIGNED)
    with mock_aws():
        swf = boto3.client("swf", config=unsigned)
        with freeze_time(START) as clock:
            case = Case(swf, clock)
            for number, text in enumerate(sys.stdin, 1):
                try:
                    case = play(case, json.loads(text))
                except Unreadable as unreadable:
                    print(f"line {number}: {unreadable}", file=sys.stderr)


if __name__ == "__main__":
    main()
