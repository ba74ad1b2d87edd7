"""The server under test: built once, started on a free port, told through its control endpoint how time passes."""

import functools
import json
import os
import pathlib
import subprocess
import tempfile
import urllib.request

import boto3
from botocore.config import Config
from model import judge

MANIFEST = pathlib.Path(__file__).parent.parent / "Cargo.toml"
CLOCK_START = 1_700_000_000
STOP_SECONDS = 10


@functools.cache
def binary():
    """The path of the server's binary."""
    if given := os.environ.get("SWF_SERVER"):
        return given
    build = ["cargo", "build", "--release", "--message-format=json", "--manifest-path", MANIFEST]
    output = subprocess.run(build, check=True, stdout=subprocess.PIPE, text=True).stdout
    artifacts = (json.loads(line) for line in output.splitlines())
    return next(artifact["executable"] for artifact in artifacts if artifact.get("executable"))


class Server:
    """A running server with a manual clock."""

    def __init__(self, *arguments):
        self.log = tempfile.TemporaryFile("w+")
        command = [binary(), "--listen", "127.0.0.1:0", "--clock", "manual", *map(str, arguments)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            self.process.kill()
            self.log.seek(0)
            message = f"the server did not start: {line}{self.log.read()}"
            self.kill()
            raise RuntimeError(message)
        self.url = line.removeprefix("listening on ").strip()
        self.address = self.url.removeprefix("http://")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends the server as a service manager would, and gives its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            self.kill()

    def kill(self):
        """Ends the server as a crash would."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def refusals(self):
        """What the log says of refused requests: the call or the path, and the error's code."""
        self.log.seek(0)
        entries = (json.loads(line)["fields"] for line in self.log)
        return [(entry["call"], entry["error"].partition(":")[0]) for entry in entries if entry["message"] == "refused"]

    def client(self, access_key="AKIDEXAMPLE", **config):
        """A boto3 client of this server whose answers are judged by the service model."""
        client = boto3.client(
            "swf",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=access_key,
            aws_secret_access_key="not looked at",
            config=Config(retries={"total_max_attempts": 1}, **config),
        )
        return judge(client)

    def control(self, path, body=None):
        """Calls the control endpoint: GET without a body, else POST."""
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"{self.url}/control/{path}", data, timeout=STOP_SECONDS) as answer:
            return json.load(answer)


class Clock:
    """The server's time."""

    def __init__(self, server):
        self.server = server

    def advance(self, seconds):
        """Moves time on; whatever falls due has happened when this returns."""
        return self.server.control("advance", {"seconds": seconds})["now"]

    def now(self):
        """Epoch seconds."""
        return self.server.control("now")["now"]
