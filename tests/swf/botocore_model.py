#!/usr/bin/env python3
"""Judges tests/swf/samples.json by botocore's own model of SWF.

tests/swf_wire.rs proves that each sample is what the library reads and writes, to the member. This script proves
that each is what SWF's service model says: known members only, the required ones there, types, lengths and
enumerated words right, and that the samples of a shape leave out no member and no word of the model.

It needs botocore, which the suite of examples/swf-server installs:

    examples/swf-server/tests/run
    examples/swf-server/target/venv/bin/python tests/swf/botocore_model.py
"""

import json
import pathlib
import sys

import botocore.loaders
import botocore.model
import botocore.parsers

# Of HistoryEvent the library has the activities' part alone.
PARTIAL = {"HistoryEvent", "EventType"}

model = botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("swf", "service-2"), "swf")
seen = {}
words = {}
faults = set()
# Any service may answer with these; they are not in its model.
COMMON_FAULTS = {"ValidationException", "SerializationException"}
problems = []


def check(shape, value, where):
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            return problems.append(f"{where}: not a structure")
        for name in shape.required_members:
            if name not in value:
                problems.append(f"{where}: required {name} is missing")
        seen.setdefault(shape.name, set()).update(value)
        for name, member in value.items():
            if name not in shape.members:
                problems.append(f"{where}: {name} is not in the model")
            else:
                check(shape.members[name], member, f"{where}.{name}")
    elif kind == "string":
        if not isinstance(value, str):
            return problems.append(f"{where}: not a string")
        least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 1 << 30)
        if not least <= len(value) <= most:
            problems.append(f"{where}: length {len(value)} is not in {least}..{most}")
        if shape.enum:
            words.setdefault(shape.name, set()).add(value)
            if value not in shape.enum:
                problems.append(f"{where}: {value} is not in {shape.enum}")
    elif kind in ("integer", "long"):
        if not isinstance(value, int) or isinstance(value, bool):
            problems.append(f"{where}: not a whole number")
    elif kind == "timestamp":
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            problems.append(f"{where}: not a number of seconds")
    elif kind == "boolean":
        if not isinstance(value, bool):
            problems.append(f"{where}: not a boolean")
    else:
        problems.append(f"{where}: no samples of a {kind} were expected")


def check_fault(fault, where):
    answer = {"body": json.dumps(fault).encode(), "headers": {}, "status_code": 400}
    error = botocore.parsers.create_parser("json").parse(answer, None)["Error"]
    faults.add(error["Code"])
    if error["Message"] != fault["message"]:
        problems.append(f"{where}: botocore reads {error}")
    if error["Code"] not in COMMON_FAULTS and not model.shape_for(error["Code"]).metadata.get("exception"):
        problems.append(f"{where}: {error['Code']} is no fault of the model")


def main():
    samples = json.loads(pathlib.Path(__file__).with_name("samples.json").read_text())
    for place, sample in enumerate(samples):
        if sample["shape"] == "Fault":
            check_fault(sample["value"], f"sample {place} Fault")
            continue
        shape = model.shape_for(sample["shape"])
        check(shape, sample["value"], f"sample {place} {shape.name}")
        # botocore's parser must read every member back.
        answer = {"body": json.dumps(sample["value"]).encode(), "headers": {}, "status_code": 200}
        parsed = botocore.parsers.create_parser("json").parse(answer, shape)
        if set(parsed) - {"ResponseMetadata"} != set(sample["value"]):
            problems.append(f"sample {place} {shape.name}: botocore reads {sorted(parsed)}")
    for name in model.shape_names:
        if model.shape_for(name).metadata.get("exception") and name not in faults:
            problems.append(f"{name}: no sample")
    for name, members in seen.items():
        left_out = set(model.shape_for(name).members) - members
        if left_out and name not in PARTIAL:
            problems.append(f"{name}: no sample has {sorted(left_out)}")
    for name, some in words.items():
        left_out = set(model.shape_for(name).enum) - some
        if left_out and name not in PARTIAL:
            problems.append(f"{name}: no sample has {sorted(left_out)}")
    print("\n".join(problems) or f"{len(samples)} samples of {len(seen)} shapes agree with botocore {botocore.__version__}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
