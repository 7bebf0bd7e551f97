"""One replica more than fits: how many that is by the plan, and which waits in the cluster."""

from collections.abc import Collection
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from planning.planner import plan_config
from planning.specs.base import MODEL_LABEL, MODELS_NAMESPACE
from settings.environment import PLATFORM_KEY
from settings.finding import Finding, RefusedError
from tests.rehearsal.conftest import Kubectl, eventually

MOST_EXTRA = 40
GENTLY = ("--wait=false", "--ignore-not-found")
"""A pod goes with the node that Karpenter ends."""


@dataclass(frozen=True)
class Extra:
    """So many further replicas of a model that the last of them does not fit."""

    model: str
    count: int
    refused: tuple[Finding, ...]
    """What the plan says of them."""


def one_too_many(config: dict[str, Any], model: str) -> Extra:
    """Return how many further replicas of a model are the first that the plan refuses."""
    for count in range(1, MOST_EXTRA):
        changed = deepcopy(config)
        entry = changed[PLATFORM_KEY]["models"][model]
        least = entry.get("replicas", {}).get("min", 1) + count
        entry["replicas"] = {"min": least, "max": least}
        try:
            plan_config("one-too-many", changed)
        except RefusedError as refused:
            return Extra(model, count, refused.findings)
    raise AssertionError(f"{MOST_EXTRA} more replicas of {model} would fit")


def waiting(cluster: Kubectl, extras: Collection[Extra]) -> dict[str, list[str]]:
    """Return which replicas are left without a place, by model, while all extras are there."""
    deployments = {
        found["metadata"]["name"]: found
        for found in cluster.get("deployments", "-n", MODELS_NAMESPACE)
    }
    pods = [pod for extra in extras for pod in _pods(extra, deployments[extra.model])]
    found: dict[str, list[str]] = {}

    def one_of_each() -> bool:
        seen = cluster.get("pods", "-n", MODELS_NAMESPACE, "-l", MODEL_LABEL)
        found.update({extra.model: [] for extra in extras})
        for pod in seen:
            model = pod["metadata"]["labels"][MODEL_LABEL]
            if model in found and "nodeName" not in pod["spec"]:
                found[model].append(pod["metadata"]["name"])
        return all(map(_was_tried, seen)) and all(len(names) == 1 for names in found.values())

    cluster.apply(*pods)
    try:
        # Where it is not so, the test of each model says what waits.
        with suppress(AssertionError):
            eventually("one replica of each waits", one_of_each)
    finally:
        names = [pod["metadata"]["name"] for pod in pods]
        cluster.run("delete", "pods", "-n", MODELS_NAMESPACE, *names, *GENTLY)
    return found


def _pods(extra: Extra, deployment: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the extras of a model, as its own Deployment would make them."""
    template = deployment["spec"]["template"]
    return [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": template["metadata"]
            | {"name": f"{extra.model}-extra-{number}", "namespace": MODELS_NAMESPACE},
            "spec": template["spec"],
        }
        for number in range(extra.count)
    ]


def _was_tried(pod: dict[str, Any]) -> bool:
    """Return whether a scheduler has placed a pod, or has said that it cannot."""
    conditions = pod["status"].get("conditions", ())
    return any(found["type"] == "PodScheduled" for found in conditions)
