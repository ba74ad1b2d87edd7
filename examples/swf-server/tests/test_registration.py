"""Domains and types: registered, described, listed, deprecated, deleted, and each fault."""

import pytest
from flow import ACTIVITY, BARE, DOMAIN, WORKFLOW, invalid, refused, seconds

ACTIVITY_CALLS = [
    "deprecate_activity_type",
    "undeprecate_activity_type",
    "delete_activity_type",
    "describe_activity_type",
]


def test_a_domain_is_registered_described_and_listed(client):
    client.register_domain(name="media", description="films", workflowExecutionRetentionPeriodInDays="30")
    described = client.describe_domain(name="media")
    assert described["domainInfo"]["name"] == "media"
    assert described["domainInfo"]["status"] == "REGISTERED"
    assert described["domainInfo"]["description"] == "films"
    assert described["domainInfo"]["arn"] == "arn:aws:swf:us-east-1:123456789012:/domain/media"
    assert described["configuration"] == {"workflowExecutionRetentionPeriodInDays": "30"}
    listed = client.list_domains(registrationStatus="REGISTERED")["domainInfos"]
    assert [info["name"] for info in listed] == ["media"]
    assert client.list_domains(registrationStatus="DEPRECATED")["domainInfos"] == []


def test_a_domain_is_registered_once(client):
    client.register_domain(name="media", workflowExecutionRetentionPeriodInDays="1")
    with refused("DomainAlreadyExistsFault"):
        client.register_domain(name="media", workflowExecutionRetentionPeriodInDays="1")


def test_a_deprecated_domain_is_deprecated_once_and_comes_back(client):
    client.register_domain(name="media", workflowExecutionRetentionPeriodInDays="1")
    client.deprecate_domain(name="media")
    assert client.describe_domain(name="media")["domainInfo"]["status"] == "DEPRECATED"
    with refused("DomainDeprecatedFault"):
        client.deprecate_domain(name="media")
    client.undeprecate_domain(name="media")
    assert client.describe_domain(name="media")["domainInfo"]["status"] == "REGISTERED"
    with refused("DomainAlreadyExistsFault"):
        client.undeprecate_domain(name="media")


@pytest.mark.parametrize("call", ["describe_domain", "deprecate_domain", "undeprecate_domain"])
def test_an_unknown_domain_is_unknown(client, call):
    with refused("UnknownResourceFault", "Unknown domain: nowhere"):
        getattr(client, call)(name="nowhere")


@pytest.mark.parametrize(
    ("call", "given"),
    [
        ("register_activity_type", {"name": "a", "version": "1"}),
        ("describe_activity_type", {"activityType": ACTIVITY}),
        ("poll_for_activity_task", {"taskList": {"name": "work"}}),
        ("poll_for_decision_task", {"taskList": {"name": "decide"}}),
        ("count_pending_activity_tasks", {"taskList": {"name": "work"}}),
        ("count_pending_decision_tasks", {"taskList": {"name": "decide"}}),
        ("register_workflow_type", {"name": "w", "version": "1"}),
        ("list_activity_types", {"registrationStatus": "REGISTERED"}),
        ("list_workflow_types", {"registrationStatus": "REGISTERED"}),
        ("start_workflow_execution", {"workflowId": "wf", "workflowType": WORKFLOW}),
        ("signal_workflow_execution", {"workflowId": "wf", "signalName": "s"}),
        ("terminate_workflow_execution", {"workflowId": "wf"}),
        ("request_cancel_workflow_execution", {"workflowId": "wf"}),
    ],
)
def test_every_call_needs_its_domain(client, call, given):
    with refused("UnknownResourceFault", "Unknown domain: nowhere"):
        getattr(client, call)(domain="nowhere", **given)


def test_domains_are_listed_in_order_and_in_pages(client):
    for name in ("c", "a", "b"):
        client.register_domain(name=name, workflowExecutionRetentionPeriodInDays="1")
    pages = client.get_paginator("list_domains").paginate(registrationStatus="REGISTERED", maximumPageSize=2)
    names = [[info["name"] for info in page["domainInfos"]] for page in pages]
    assert names == [["a", "b"], ["c"]]
    back = client.list_domains(registrationStatus="REGISTERED", reverseOrder=True)["domainInfos"]
    assert [info["name"] for info in back] == ["c", "b", "a"]


def test_an_activity_type_is_described_as_it_was_registered(swf, clock):
    clock.advance(5)
    defaults = {
        "defaultTaskStartToCloseTimeout": "60",
        "defaultTaskHeartbeatTimeout": "NONE",
        "defaultTaskList": {"name": "work"},
        "defaultTaskPriority": "-3",
        "defaultTaskScheduleToStartTimeout": "0",
        "defaultTaskScheduleToCloseTimeout": "31536000",
    }
    swf.register_activity_type(domain=DOMAIN, name="cut", version="2", description="cuts", **defaults)
    cut = {"name": "cut", "version": "2"}
    described = swf.describe_activity_type(domain=DOMAIN, activityType=cut)
    assert described["configuration"] == defaults
    info = described["typeInfo"]
    assert (info["activityType"], info["status"], info["description"]) == (cut, "REGISTERED", "cuts")
    assert seconds({"eventTimestamp": info["creationDate"]}) == 5
    assert "deprecationDate" not in info


def test_what_is_not_registered_is_not_described(swf):
    assert swf.describe_activity_type(domain=DOMAIN, activityType=BARE)["configuration"] == {}


def test_an_activity_type_is_registered_once_even_if_deprecated(swf):
    with refused("TypeAlreadyExistsFault"):
        swf.register_activity_type(domain=DOMAIN, **ACTIVITY)
    swf.deprecate_activity_type(domain=DOMAIN, activityType=ACTIVITY)
    with refused("TypeAlreadyExistsFault"):
        swf.register_activity_type(domain=DOMAIN, **ACTIVITY)


def test_an_activity_type_goes_through_its_life(swf, clock):
    with refused("TypeNotDeprecatedFault"):
        swf.delete_activity_type(domain=DOMAIN, activityType=ACTIVITY)
    with refused("TypeAlreadyExistsFault"):
        swf.undeprecate_activity_type(domain=DOMAIN, activityType=ACTIVITY)
    clock.advance(9)
    swf.deprecate_activity_type(domain=DOMAIN, activityType=ACTIVITY)
    info = swf.describe_activity_type(domain=DOMAIN, activityType=ACTIVITY)["typeInfo"]
    assert info["status"] == "DEPRECATED"
    assert seconds({"eventTimestamp": info["deprecationDate"]}) == 9
    with refused("TypeDeprecatedFault"):
        swf.deprecate_activity_type(domain=DOMAIN, activityType=ACTIVITY)
    swf.undeprecate_activity_type(domain=DOMAIN, activityType=ACTIVITY)
    swf.deprecate_activity_type(domain=DOMAIN, activityType=ACTIVITY)
    swf.delete_activity_type(domain=DOMAIN, activityType=ACTIVITY)
    with refused("UnknownResourceFault"):
        swf.describe_activity_type(domain=DOMAIN, activityType=ACTIVITY)
    swf.register_activity_type(domain=DOMAIN, **ACTIVITY)


@pytest.mark.parametrize("call", ACTIVITY_CALLS)
def test_an_unknown_activity_type_is_unknown(swf, call):
    with refused("UnknownResourceFault"):
        getattr(swf, call)(domain=DOMAIN, activityType={"name": "nobody", "version": "1"})


def test_types_of_one_name_in_two_domains_do_not_meet(swf):
    swf.register_domain(name="other", workflowExecutionRetentionPeriodInDays="1")
    with refused("UnknownResourceFault"):
        swf.describe_activity_type(domain="other", activityType=ACTIVITY)
    swf.register_activity_type(domain="other", **ACTIVITY)


def test_activity_types_are_listed_by_status_and_name(swf):
    swf.deprecate_activity_type(domain=DOMAIN, activityType=BARE)

    def listed(**given):
        infos = swf.list_activity_types(domain=DOMAIN, **given)["typeInfos"]
        return [info["activityType"]["name"] for info in infos]

    assert listed(registrationStatus="REGISTERED") == ["transcode"]
    assert listed(registrationStatus="DEPRECATED") == ["bare"]
    assert listed(registrationStatus="REGISTERED", name="nobody") == []


def test_a_workflow_type_goes_through_its_life(swf):
    described = swf.describe_workflow_type(domain=DOMAIN, workflowType=WORKFLOW)
    assert described["typeInfo"]["status"] == "REGISTERED"
    assert described["configuration"] == {
        "defaultTaskStartToCloseTimeout": "NONE",
        "defaultExecutionStartToCloseTimeout": "31536000",
        "defaultTaskList": {"name": "decide"},
        "defaultChildPolicy": "TERMINATE",
    }
    with refused("TypeAlreadyExistsFault"):
        swf.register_workflow_type(domain=DOMAIN, **WORKFLOW)
    with refused("TypeNotDeprecatedFault"):
        swf.delete_workflow_type(domain=DOMAIN, workflowType=WORKFLOW)
    swf.deprecate_workflow_type(domain=DOMAIN, workflowType=WORKFLOW)
    with refused("TypeDeprecatedFault"):
        swf.deprecate_workflow_type(domain=DOMAIN, workflowType=WORKFLOW)
    with refused("TypeDeprecatedFault"):
        swf.start_workflow_execution(domain=DOMAIN, workflowId="wf", workflowType=WORKFLOW)
    swf.undeprecate_workflow_type(domain=DOMAIN, workflowType=WORKFLOW)
    swf.deprecate_workflow_type(domain=DOMAIN, workflowType=WORKFLOW)
    swf.delete_workflow_type(domain=DOMAIN, workflowType=WORKFLOW)
    with refused("UnknownResourceFault"):
        swf.describe_workflow_type(domain=DOMAIN, workflowType=WORKFLOW)


def test_a_deprecated_domain_takes_no_new_types_and_executions_but_can_be_looked_at(swf):
    """None of these calls declares DomainDeprecatedFault: what is not there for an operation any longer is unknown."""
    swf.deprecate_domain(name=DOMAIN)
    with refused("UnknownResourceFault"):
        swf.start_workflow_execution(domain=DOMAIN, workflowId="wf", workflowType=WORKFLOW)
    with refused("UnknownResourceFault"):
        swf.register_activity_type(domain=DOMAIN, name="new", version="1")
    with refused("UnknownResourceFault"):
        swf.register_workflow_type(domain=DOMAIN, name="new", version="1")
    listed = swf.list_activity_types(domain=DOMAIN, registrationStatus="REGISTERED")["typeInfos"]
    assert [info["activityType"]["name"] for info in listed] == ["bare", "transcode"]


def test_a_retention_period_is_required_and_a_number_of_days(client):
    with invalid("workflowExecutionRetentionPeriodInDays"):
        client.register_domain(name="media", workflowExecutionRetentionPeriodInDays="91")
    for days in ("0", "90", "NONE"):
        client.register_domain(name=f"of-{days}", workflowExecutionRetentionPeriodInDays=days)
