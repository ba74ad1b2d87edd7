#!/usr/bin/env python3
"""Heartbeats over HTTP on loopback, to this server and to moto's in the same run: requests per second and p99.

Both servers are started here, get the same workflow and the same requests, and are stopped. With `--wrk` the public
load generator wrk sends them; without, a small client of this file's, which is the bottleneck against a fast server.
"""

import argparse
import asyncio
import contextlib
import dataclasses
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

import boto3

sys.path.append(str(pathlib.Path(__file__).parent / "tests"))
from server import binary

DOMAIN = "load"
TYPE = {"name": "load", "version": "1"}
LIST = {"name": "load"}
HOUR = "3600"
DETAILS = "x" * 64
START_SECONDS = 15
PERCENTILE = 0.99
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261124/us-east-1/swf/aws4_request, "
    "SignedHeaders=host;x-amz-date;x-amz-target, Signature=00"
)


@dataclasses.dataclass
class Measured:
    """What came of one run."""

    requests: int
    seconds: float
    p99_ms: float
    refused: int

    def row(self, server, connections):
        rate = self.requests / self.seconds
        return f"{server:10} {connections:11} {self.requests:9} {self.refused:8} {rate:11.0f} {self.p99_ms:10.2f}"


# Servers


def free_port():
    """A port that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def running(command, port):
    """A server that answers on its port, until the end of the block."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            wait_for(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_for(process, port):
    """Waits until somebody listens."""
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args[0]} does not listen")


def commands():
    """The servers by name: how each is started on a port."""
    return {
        "heartwheel": lambda port: [binary(), "--listen", f"127.0.0.1:{port}", "--log", "error"],
        "moto": lambda port: [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
    }


def started_task(url):
    """A token of a started task whose timeouts are far away."""
    swf = boto3.client(
        "swf", endpoint_url=url, region_name="us-east-1", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="x"
    )
    swf.register_domain(name=DOMAIN, workflowExecutionRetentionPeriodInDays="1")
    swf.register_activity_type(domain=DOMAIN, **TYPE)
    swf.register_workflow_type(
        domain=DOMAIN,
        **TYPE,
        defaultTaskList=LIST,
        defaultTaskStartToCloseTimeout=HOUR,
        defaultExecutionStartToCloseTimeout=HOUR,
        defaultChildPolicy="TERMINATE",
    )
    swf.start_workflow_execution(domain=DOMAIN, workflowId="load", workflowType=TYPE)
    attributes = {"activityType": TYPE, "activityId": "load", "taskList": LIST}
    for clock in ("scheduleToStart", "scheduleToClose", "startToClose", "heartbeat"):
        attributes[f"{clock}Timeout"] = HOUR
    decision = {"decisionType": "ScheduleActivityTask", "scheduleActivityTaskDecisionAttributes": attributes}
    task = swf.poll_for_decision_task(domain=DOMAIN, taskList=LIST)
    swf.respond_decision_task_completed(taskToken=task["taskToken"], decisions=[decision])
    return swf.poll_for_activity_task(domain=DOMAIN, taskList=LIST)["taskToken"]


def headers(port):
    """What every request has, but for its length."""
    return {
        "Host": f"127.0.0.1:{port}",
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "SimpleWorkflowService.RecordActivityTaskHeartbeat",
        "X-Amz-Date": "20261124T000000Z",
        "Authorization": AUTHORIZATION,
    }


# The small client


class Load:
    """Connections that send one request after the other until there were enough or time is over."""

    def __init__(self, port, body, given):
        lines = [f"{name}: {value}" for name, value in {**headers(port), "Content-Length": len(body)}.items()]
        self.request = "\r\n".join(["POST / HTTP/1.1", *lines, "", body]).encode()
        self.port = port
        self.left = given.requests
        self.seconds = given.seconds
        self.latencies = []
        self.refused = 0

    async def run(self, connections):
        start = time.perf_counter()
        self.end = start + self.seconds
        await asyncio.gather(*(self.connection() for _ in range(connections)))
        seconds = time.perf_counter() - start
        self.latencies.sort()
        p99 = self.latencies[int(PERCENTILE * (len(self.latencies) - 1))]
        return Measured(len(self.latencies), seconds, 1000 * p99, self.refused)

    async def connection(self):
        """One connection; a server that closes it is connected to again, and that is part of the latency."""
        stream = None
        while self.left > 0 and time.perf_counter() < self.end:
            self.left -= 1
            start = time.perf_counter()
            stream = stream or await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = stream
            writer.write(self.request)
            keeps = await self.answer(reader)
            self.latencies.append(time.perf_counter() - start)
            if not keeps:
                writer.close()
                stream = None
        if stream:
            stream[1].close()

    async def answer(self, reader):
        """Reads an answer; gives whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(re.search(rb"content-length: (\d+)", head)[1])
        body = await reader.readexactly(length)
        self.refused += b'"cancelRequested"' not in body
        return head.startswith(b"http/1.1") and b"connection: close" not in head


def by_client(port, body, connections, given):
    return asyncio.run(Load(port, body, given).run(connections))


# wrk


def by_wrk(port, body, connections, given):
    """The same by wrk, which is bounded by time alone."""
    lines = [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers(port).items()]
    script = "\n".join(['wrk.method = "POST"', f"wrk.body = {json.dumps(body)}", *lines])
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{given.seconds}s", "--latency", "-s", file.name]
        command.append(f"http://127.0.0.1:{port}/")
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    requests, seconds = re.search(r"(\d+) requests in ([\d.]+)s", output).groups()
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    p99_ms = float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    return Measured(int(requests), float(seconds), p99_ms, int(refused[1]) if refused else 0)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16], help="how many at once [1 16]")
    parser.add_argument("--requests", type=int, default=50_000, help="at most so many a run [%(default)s]")
    parser.add_argument("--seconds", type=int, default=10, help="at most so long a run [%(default)s]")
    parser.add_argument("--wrk", action="store_true", help="send with wrk, for --seconds")
    return parser.parse_args()


def main():
    given = arguments()
    measure = by_wrk if given.wrk else by_client
    print("server     connections  requests  refused  requests/s     p99 ms")
    for server, command in commands().items():
        port = free_port()
        with running(command(port), port) as url:
            body = json.dumps({"taskToken": started_task(url), "details": DETAILS})
            for connections in given.connections:
                print(measure(port, body, connections, given).row(server, connections), flush=True)


if __name__ == "__main__":
    main()
