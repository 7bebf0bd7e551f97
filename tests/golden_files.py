"""The committed golden files, read as what they are: resources with their inputs."""

import json
from collections.abc import Mapping
from typing import Any, cast

from tests.program import GOLDEN

Resources = dict[str, dict[str, Any]]
"""Every resource of an environment by its name."""
CLUSTER, QUEUE = "cluster-control-plane", "karpenter-queue"
NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"


def golden_of(stack: str) -> Resources:
    """Return what the golden file of a stack shows."""
    return json.loads((GOLDEN / f"{stack}.json").read_text("utf-8"))


def of_type(golden: Resources, type_: str) -> dict[str, Any]:
    """Return the inputs of the resources of one type by name; there is at least one."""
    found = {name: each["inputs"] for name, each in golden.items() if each["type"] == type_}
    assert found, type_
    return found


def at(inputs: Any, path: str) -> Any:
    """Return what stands at a dotted path; JSON in a text is looked into."""
    for key in path.split("."):
        opened = json.loads(inputs) if isinstance(inputs, str) else inputs
        inputs = cast("Mapping[str, Any]", opened).get(key)
        if inputs is None:
            return None
    return inputs


def statements(golden: Resources, type_: str, field: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the statements of every policy in a field of one type, each with its resource."""
    return [
        (name, statement)
        for name, inputs in of_type(golden, type_).items()
        for statement in json.loads(inputs[field])["Statement"]
    ]
