"""botocore's service model as the judge of every answer: boto3 itself passes over members that it does not know."""

import json
import math

COMMON = {"ValidationException", "SerializationException"}
"""What any call may answer though no call declares it."""


class ModelError(AssertionError):
    """An answer that the service model does not allow."""


def judge(client):
    """Has every answer to this client judged."""
    client.meta.events.register("after-call.swf", check)
    return client


def check(http_response, model, **_):
    """Fails for an answer that is not of the operation's shape."""
    body = http_response.content
    if http_response.status_code >= 400:
        check_fault(json.loads(body), model)
    elif model.output_shape is None:
        require(body == b"", model.name, f"a body: {body}")
    else:
        check_value(json.loads(body), model.output_shape, model.name)


def check_fault(fault, model):
    code = fault["__type"].rpartition("#")[2]
    declared = {shape.name for shape in model.error_shapes}
    require(code in declared | COMMON, model.name, f"an undeclared fault: {fault}")
    require(set(fault) == {"__type", "message"}, model.name, f"other members: {fault}")


def check_value(value, shape, where):
    {
        "structure": check_structure,
        "list": check_list,
        "string": check_string,
        "boolean": lambda value, _, where: require(isinstance(value, bool), where, value),
        "integer": lambda value, _, where: require(type(value) is int, where, value),
        "long": lambda value, _, where: require(type(value) is int, where, value),
        "timestamp": check_timestamp,
    }[shape.type_name](value, shape, where)


def check_structure(value, shape, where):
    require(isinstance(value, dict), where, value)
    if value.get("taskToken") == "":
        # The answer to an empty poll has nothing of what the model requires.
        return
    unknown = value.keys() - shape.members.keys()
    require(not unknown, where, f"unknown members: {unknown}")
    missing = set(shape.required_members) - value.keys()
    require(not missing, where, f"missing members: {missing}")
    for member, inner in value.items():
        check_value(inner, shape.members[member], f"{where}.{member}")


def check_list(value, shape, where):
    require(isinstance(value, list), where, value)
    for place, inner in enumerate(value):
        check_value(inner, shape.member, f"{where}[{place}]")


def check_string(value, shape, where):
    require(isinstance(value, str), where, value)
    limit = shape.metadata.get("max")
    require(limit is None or len(value) <= limit, where, f"{len(value)} characters")
    require(not shape.enum or value in shape.enum, where, value)


def check_timestamp(value, _, where):
    """A number of epoch seconds, to the millisecond."""
    require(isinstance(value, (int, float)) and not isinstance(value, bool), where, value)
    require(math.isclose(value * 1000, round(value * 1000), abs_tol=1e-3), where, value)


def require(holds, where, what):
    if not holds:
        raise ModelError(f"{where}: {what}")
