#!/usr/bin/env python3
"""A boto3 decider and its workers encode films against a running server, and all goes wrong that can.

One execution sees a worker that reports its progress, one that learns from a heartbeat that it should stop, a task
that is canceled before anybody takes it, a worker that is killed, and each of the four timeouts. Its history is
printed at the end and checked: the exit code is 1 if anything is missing.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import threading
import time
import uuid

import boto3

DOMAIN = "film-studio"
WORKFLOW = {"name": "make-film", "version": "1"}
ACTIVITY = {"name": "encode", "version": "1"}
DECIDER = {"name": "studio"}
ENDS = ["ActivityTaskCompleted", "ActivityTaskFailed", "ActivityTaskCanceled", "ActivityTaskTimedOut"]
LONG = 1000
"""More frames than any worker here gets to encode."""
KILLED_AFTER = 3
"""The frame after which a worker dies."""


class Studio:
    """The film studio's account: how it is reached, and how long its timeouts are."""

    def __init__(self, endpoint, unit_seconds):
        self.endpoint = endpoint
        self.unit_seconds = unit_seconds
        # The server looks at no signature; a policy of its own would look at the key.
        self.swf = boto3.client(
            "swf",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID", "local"),
            aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY", "local"),
        )

    def units(self, count):
        """A timeout as SWF writes it."""
        return str(count * self.unit_seconds)

    def register(self):
        """Registers the domain and the types, if nobody has yet."""
        swf = self.swf
        with contextlib.suppress(swf.exceptions.DomainAlreadyExistsFault):
            swf.register_domain(name=DOMAIN, workflowExecutionRetentionPeriodInDays="1")
        with contextlib.suppress(swf.exceptions.TypeAlreadyExistsFault):
            swf.register_workflow_type(
                domain=DOMAIN,
                **WORKFLOW,
                defaultTaskList=DECIDER,
                defaultTaskStartToCloseTimeout="60",
                defaultExecutionStartToCloseTimeout="3600",
                defaultChildPolicy="TERMINATE",
            )
        with contextlib.suppress(swf.exceptions.TypeAlreadyExistsFault):
            clocks = ("ScheduleToStart", "ScheduleToClose", "StartToClose", "Heartbeat")
            defaults = {f"defaultTask{clock}Timeout": "NONE" for clock in clocks}
            swf.register_activity_type(domain=DOMAIN, **ACTIVITY, **defaults)


class Worker:
    """Takes tasks from one list and encodes them frame by frame, with a heartbeat for each."""

    def __init__(self, studio, task_list):
        self.swf = studio.swf
        self.task_list = task_list
        self.frame_seconds = studio.unit_seconds / 4

    def run(self, frames, tell=lambda line: None):
        """Encodes one film, unless it is canceled or timed out before."""
        token = self.take()
        try:
            for frame in range(1, frames + 1):
                details = f"frame {frame} of {frames}"
                answer = self.swf.record_activity_task_heartbeat(taskToken=token, details=details)
                tell(f"frame {frame}")
                if answer["cancelRequested"]:
                    self.swf.respond_activity_task_canceled(taskToken=token, details=f"stopped at {details}")
                    return
                time.sleep(self.frame_seconds)
            self.swf.respond_activity_task_completed(taskToken=token, result=f"{frames} frames")
        except self.swf.exceptions.UnknownResourceFault as fault:
            tell(f"too late: {fault.response['Error']['Message']}")

    def take(self):
        """Polls until there is a task."""
        while True:
            task = self.swf.poll_for_activity_task(
                domain=DOMAIN, taskList={"name": self.task_list}, identity=f"worker-{os.getpid()}"
            )
            if task["taskToken"]:
                return task["taskToken"]


class Film:
    """One execution and its decider."""

    def __init__(self, studio):
        self.studio = studio
        self.swf = studio.swf
        self.workflow_id = f"film-{uuid.uuid4()}"
        self.run_id = self.swf.start_workflow_execution(
            domain=DOMAIN, workflowId=self.workflow_id, workflowType=WORKFLOW, taskList={"name": self.workflow_id}
        )["runId"]
        self.task, self.seen = None, []
        self.wait()

    def task_list(self, scene):
        """A list of this execution alone, so that two stories at once do not meet."""
        return f"{self.workflow_id}-{scene}"

    def wait(self):
        """Waits for the next decision task."""
        while True:
            task = self.swf.poll_for_decision_task(domain=DOMAIN, taskList={"name": self.workflow_id})
            if task["taskToken"]:
                self.task, self.seen = task["taskToken"], task["events"]
                return

    def decide(self, *decisions):
        """Answers the decision task."""
        self.swf.respond_decision_task_completed(taskToken=self.task, decisions=list(decisions))

    def schedule(self, scene, **timeouts):
        """The decision to schedule the task of a scene."""
        attributes = {
            "activityType": ACTIVITY,
            "activityId": scene,
            "taskList": {"name": self.task_list(scene)},
            **{f"{clock}Timeout": self.studio.units(units) for clock, units in timeouts.items()},
        }
        return {"decisionType": "ScheduleActivityTask", "scheduleActivityTaskDecisionAttributes": attributes}

    def cancel(self, *scenes):
        """Has a customer ask for an end, and the decider ask for the cancellations."""
        self.swf.signal_workflow_execution(domain=DOMAIN, workflowId=self.workflow_id, signalName="stop")
        self.wait()
        self.decide(
            *(
                {
                    "decisionType": "RequestCancelActivityTask",
                    "requestCancelActivityTaskDecisionAttributes": {"activityId": scene},
                }
                for scene in scenes
            )
        )

    def open_activities(self):
        """How many tasks are open, as far as the decider has seen."""
        kinds = [event["eventType"] for event in self.seen]
        return kinds.count("ActivityTaskScheduled") - sum(map(kinds.count, ENDS))

    def history(self):
        """All events."""
        pages = self.swf.get_paginator("get_workflow_execution_history").paginate(
            domain=DOMAIN, execution={"workflowId": self.workflow_id, "runId": self.run_id}
        )
        return [event for page in pages for event in page["events"]]

    def worker(self, scene, frames):
        """Starts a worker of this process for a scene."""
        worker = Worker(self.studio, self.task_list(scene))
        thread = threading.Thread(target=worker.run, args=(frames,), daemon=True)
        thread.start()
        return thread


def reported_progress(film):
    """A film takes longer than its heartbeat timeout, and the heartbeats keep it alive."""
    film.decide(film.schedule("progress", heartbeat=1))
    film.worker("progress", frames=8)
    film.wait()


def canceled_before_and_after_the_start(film):
    """Nobody has taken the one film yet; the other's worker learns of it from its heartbeat."""
    film.decide(film.schedule("unwanted"), film.schedule("stopped", heartbeat=1))
    worker = film.worker("stopped", frames=LONG)
    time.sleep(film.studio.unit_seconds)
    film.cancel("unwanted", "stopped")
    worker.join()
    # The first one's end is known at once, the second one's when its worker has heard.
    film.wait()
    while film.open_activities():
        film.decide()
        film.wait()


def four_timeouts(film):
    """Nobody comes; everything takes too long; the work takes too long; a worker is killed."""
    film.decide(
        film.schedule("nobody", scheduleToStart=1),
        film.schedule("too-long", scheduleToClose=2),
        film.schedule("too-slow", startToClose=1, heartbeat=1),
        film.schedule("killed", heartbeat=1, startToClose=100),
    )
    workers = [film.worker(scene, frames=LONG) for scene in ("too-long", "too-slow")]
    kill_midway(film)
    film.wait()
    while film.open_activities():
        film.decide()
        film.wait()
    for worker in workers:
        worker.join()


def kill_midway(film):
    """Runs a worker in a process of its own and kills it while it works."""
    studio = film.studio
    command = [sys.executable, __file__, "--endpoint", studio.endpoint, "--worker", film.task_list("killed")]
    command += ["--fast"] if studio.unit_seconds == 1 else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.strip() == f"frame {KILLED_AFTER}":
                process.kill()
                break


def tell_story(film):
    """All scenes, and the end."""
    for scene in (reported_progress, canceled_before_and_after_the_start, four_timeouts):
        print(scene.__doc__, flush=True)
        scene(film)
    film.decide({"decisionType": "CompleteWorkflowExecution"})


SHOWN = [
    "activityId",
    "scheduleToStartTimeout",
    "scheduleToCloseTimeout",
    "startToCloseTimeout",
    "heartbeatTimeout",
    "timeoutType",
    "details",
    "result",
    "signalName",
    "scheduledEventId",
    "startedEventId",
    "latestCancelRequestedEventId",
]


def attributes(event):
    """An event's attributes."""
    kind = event["eventType"]
    return event[f"{kind[0].lower()}{kind[1:]}EventAttributes"]


def show(events):
    """Prints a history, without its decision tasks."""
    start = events[0]["eventTimestamp"]
    for event in events:
        kind = event["eventType"]
        if kind.startswith("DecisionTask"):
            continue
        given = attributes(event)
        shown = [f"{name}={given[name]}" for name in SHOWN if given.get(name, "NONE") != "NONE"]
        seconds = (event["eventTimestamp"] - start).total_seconds()
        print(f"{event['eventId']:4} {seconds:8.3f} s  {kind:28} {', '.join(shown)}".rstrip())


def missing(events):
    """What the story should have left in the history, and has not."""
    by_type = {}
    for event in events:
        by_type.setdefault(event["eventType"], []).append(attributes(event))
    timeouts = by_type.get("ActivityTaskTimedOut", [])
    canceled = by_type.get("ActivityTaskCanceled", [])
    details = [given.get("details", "") for given in timeouts if given["timeoutType"] == "HEARTBEAT"]
    kinds = {given["timeoutType"] for given in timeouts}
    checks = {
        f"timeout {kind}": kind in kinds
        for kind in ("SCHEDULE_TO_START", "SCHEDULE_TO_CLOSE", "START_TO_CLOSE", "HEARTBEAT")
    }
    checks["cancellation before the start"] = any(given["startedEventId"] == 0 for given in canceled)
    checks["cancellation by heartbeat"] = any(
        given["startedEventId"] and given.get("latestCancelRequestedEventId") for given in canceled
    )
    checks["the killed worker's last details"] = f"frame {KILLED_AFTER} of {LONG}" in details
    return [check for check, passed in checks.items() if not passed]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoint", default="http://127.0.0.1:4567", help="the server's URL [%(default)s]")
    parser.add_argument("--fast", action="store_true", help="timeouts of one and two seconds instead of three and six")
    parser.add_argument("--worker", metavar="LIST", help="be a worker of this task list alone, for one film")
    return parser.parse_args()


def main():
    given = arguments()
    studio = Studio(given.endpoint, unit_seconds=1 if given.fast else 3)
    if given.worker:
        Worker(studio, given.worker).run(LONG, tell=lambda line: print(line, flush=True))
        return 0
    studio.register()
    film = Film(studio)
    tell_story(film)
    events = film.history()
    print()
    show(events)
    print()
    if lacking := missing(events):
        print(f"MISSING: {', '.join(lacking)}")
        return 1
    print("all there: four timeout types, both cancellations, and the killed worker's last details")
    return 0


if __name__ == "__main__":
    sys.exit(main())
