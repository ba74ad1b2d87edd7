"""One server for the whole run, emptied before each test."""

import pytest
from flow import ACTIVITY, BARE, DECIDE, DOMAIN, WORK, WORKFLOW, Flow
from server import Clock, Server

YEAR = "31536000"


@pytest.fixture(scope="session")
def running():
    with Server() as server:
        yield server


@pytest.fixture(scope="session")
def session_client(running):
    return running.client()


@pytest.fixture(scope="session")
def session_unchecked(running):
    return running.client(parameter_validation=False)


@pytest.fixture
def server(running):
    """The server, with nothing in it and its clock at its start."""
    running.control("reset", {})
    return running


@pytest.fixture
def clock(server):
    return Clock(server)


@pytest.fixture
def client(server, session_client):
    """A boto3 client of an empty server."""
    return session_client


@pytest.fixture
def unchecked(server, session_unchecked):
    """A client that sends whatever it is given: boto3 refuses some requests itself."""
    return session_unchecked


def furnish(client, domain=DOMAIN):
    """Registers a domain and the types of the tests."""
    client.register_domain(name=domain, workflowExecutionRetentionPeriodInDays="1")
    client.register_workflow_type(
        domain=domain,
        **WORKFLOW,
        defaultTaskStartToCloseTimeout="NONE",
        defaultExecutionStartToCloseTimeout=YEAR,
        defaultTaskList=DECIDE,
        defaultChildPolicy="TERMINATE",
    )
    client.register_activity_type(
        domain=domain,
        **ACTIVITY,
        defaultTaskList=WORK,
        defaultTaskScheduleToStartTimeout="NONE",
        defaultTaskScheduleToCloseTimeout="NONE",
        defaultTaskStartToCloseTimeout="NONE",
        defaultTaskHeartbeatTimeout="NONE",
    )
    client.register_activity_type(domain=domain, **BARE)


@pytest.fixture
def swf(client):
    """A client of a server with a domain and types."""
    furnish(client)
    return client


@pytest.fixture
def flow(swf):
    """An execution that waits for its first decision."""
    return Flow(swf)
