"""The drill on a Karpenter pool of a stack that is up: one cut short, and one to its end."""

import json
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.fleet.node_pools import DISRUPTION
from tests.rehearsal.conftest import eventually
from tests.rehearsal.rehearsed import Done, Rehearsed, ended

POOL = "l40s"


@dataclass(frozen=True)
class PoolDrill:
    """What was seen."""

    interrupted: Done
    left_by_interrupted: list[str]
    """What the drill adds to the cluster, and was still there."""
    found: dict[str, Any]
    """The JSON of the one to its end."""
    left: list[str]
    report: dict[str, Any]
    """Of the stack, after them."""


def pool_drill(stack: Rehearsed, folder: Path) -> PoolDrill:
    """Drill Karpenter's pool."""
    cut_short = stack.begin("drill", "karpenter-pool")
    eventually("the drill began", lambda: cut_short.poll() is not None or _added(stack))
    cut_short.send_signal(signal.SIGINT)
    interrupted, left = ended(cut_short), _added(stack)
    path = folder / "drill.json"
    done = stack.run("drill", "karpenter-pool", "--json", str(path))
    assert done.status == 0, done.said
    found, left_at_the_end = json.loads(path.read_text()), _added(stack)
    after = stack.run("report", "--json")
    assert after.status == 0, after.said
    return PoolDrill(interrupted, left, found, left_at_the_end, json.loads(after.output))


def _added(stack: Rehearsed) -> list[str]:
    kubectl = stack.kubectl()
    deployments = kubectl.get("deployments", "-n", "models", "-l", "llm-platform/drill")
    annotations = kubectl.get("nodepool", POOL)["metadata"].get("annotations", {})
    names = [found["metadata"]["name"] for found in deployments]
    return names + [key for key in annotations if key == DISRUPTION]
