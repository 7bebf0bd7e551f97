"""The drill on a Karpenter pool, on the dev environment, by the commands that a person types."""

import json
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal.fleet.node_pools import DISRUPTION
from tests.rehearsal.conftest import eventually
from tests.rehearsal.rehearsed import Rehearsed, ended, rehearsed


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    with rehearsed(tmp_path_factory.mktemp("drill"), "drill") as found:
        yield found


def drills(stack: Rehearsed) -> list[str]:
    """What a drill adds to the cluster, and is there now."""
    kubectl = stack.kubectl()
    deployments = kubectl.get("deployments", "-n", "models", "-l", "llm-platform/drill")
    annotations: dict[str, Any] = kubectl.get("nodepool", "l40s")["metadata"].get("annotations", {})
    names = [found["metadata"]["name"] for found in deployments]
    return names + [key for key in annotations if key == DISRUPTION]


def test_a_pool_is_filled_to_its_limit_and_emptied_as_its_budgets_allow(stack: Rehearsed):
    early = stack.run("drill", "karpenter-pool")
    assert early.status == 1
    assert f"stack {stack.layout.stack} is not up" in early.said
    assert not stack.layout.root.exists()

    up = stack.run("up")
    assert up.status == 0, up.said
    wrong = stack.run("drill", "karpenter-pool", "--pool", "shared-l4")
    assert (wrong.status, wrong.said.partition("Karpenter")[2]) == (
        1,
        " supplies no pool shared-l4; its pools: l40s",
    )

    cut_short = stack.begin("drill", "karpenter-pool")
    eventually("the drill began", lambda: drills(stack))
    cut_short.send_signal(signal.SIGINT)
    interrupted = ended(cut_short)
    assert interrupted.status == 130, interrupted.said
    assert "interrupted; the drill has put back what it had changed" in interrupted.said
    assert drills(stack) == []

    path = stack.file.parent / "drill.json"
    done = stack.run("drill", "karpenter-pool", "--json", str(path))
    assert done.status == 0, done.said
    found = json.loads(path.read_text())
    assert (found["drill"], found["pool"], found["ok"]) == ("karpenter-pool", "l40s", True)
    seen = {step["name"]: step["seen"] for step in found["steps"]}
    # Two models hold a GPU each of the four.
    assert seen["replicas go up"] == ("4 GPUs on 4 nodes, never more than 4; 2 of 5 replicas run")
    assert (
        "all available instance types exceed limits for nodepool (NodePool=l40s)"
        in (seen["the rest waits"])
    )
    assert seen["a budget of 0 nodes"].startswith("2 are, 0 ended")
    assert seen["a budget of 100% of the nodes"] == "2 ended, 2 stay"
    assert drills(stack) == []

    report = stack.run("report", "--json")
    assert report.status == 0, report.said
    (purchase,) = json.loads(report.output)["purchases"]
    assert purchase["bought"] == purchase["expected"] == {"g6e.2xlarge": 2}
