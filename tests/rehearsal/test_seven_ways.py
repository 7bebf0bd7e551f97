"""Each example of a way goes up, one after the other on one stack, and is placed as planned.

And after them a model over two nodes.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from planning.plan import Plan
from planning.planner import plan_config
from planning.specs.base import MODEL_LABEL, MODELS_NAMESPACE
from rehearsal.fleet.operators.readiness import is_ready
from rehearsal.layout import REPOSITORY
from settings.environment import PLATFORM_KEY
from settings.files import read_config
from settings.finding import Finding, RefusedError
from tests.rehearsal.conftest import eventually
from tests.rehearsal.rehearsed import Rehearsed, rehearsed

EXAMPLES = REPOSITORY / "docs" / "examples"
WAYS = ("whole", "time-slicing", "mps", "mig", "hami", "dra", "hami-dra")
"""HAMi before DRA: the other way round takes two steps (docs/choosing-a-way.md)."""
BY_DEVICE = ("dra", "hami-dra")
"""Ways whose devices the scheduler itself chooses."""
MOST_EXTRA = 40
GENTLY = ("--wait=false", "--ignore-not-found")
"""A pod goes with the node that Karpenter ends."""


@dataclass(frozen=True)
class Example:
    """An example that is up."""

    name: str
    plan: Plan
    stack: Rehearsed
    report: dict[str, Any]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    with rehearsed(tmp_path_factory.mktemp("seven-ways"), "ways") as found:
        yield found


@pytest.fixture(scope="module", params=WAYS)
def example(
    request: pytest.FixtureRequest, stack: Rehearsed, tmp_path_factory: pytest.TempPathFactory
) -> Example:
    return _up(request.param, stack, tmp_path_factory)


@pytest.fixture(scope="module")
def two_nodes(stack: Rehearsed, tmp_path_factory: pytest.TempPathFactory) -> Example:
    return _up("two-nodes", stack, tmp_path_factory)


def _up(name: str, stack: Rehearsed, folders: pytest.TempPathFactory) -> Example:
    shutil.copy(EXAMPLES / f"{name}.yaml", stack.file)
    path = folders.mktemp(name) / "report.json"
    done = stack.run("up", "--json", str(path))
    assert done.status == 0, done.said
    plan = plan_config(name, read_config(EXAMPLES / f"{name}.yaml"))
    return Example(name, plan, stack, json.loads(path.read_text()))


def test_every_replica_runs_on_a_node_of_its_pool_as_planned(example: Example):
    assert example.report["agrees"] is True
    running = {found["name"]: found["running"] for found in example.report["services"]}
    assert running == {found.name: found.wanted for found in example.plan.placement.services}


def test_every_device_carries_what_the_plan_put_there(example: Example):
    if example.name not in BY_DEVICE:
        used = {node["pool"]: node["gpus_used"] for node in example.report["nodes"]}
        assert all(used[packed.pool] <= packed.gpus_undivided for packed in example.plan.packing)
        return
    held: Counter[tuple[str, ...]] = Counter()
    devices: dict[tuple[str, str], list[str]] = {}
    for service in example.report["services"]:
        for replica in service["devices"]:
            for device in replica["devices"]:
                place = (device["pool"], device["device"])
                devices.setdefault(place, []).append(service["name"])
    held.update(tuple(sorted(names)) for names in devices.values())
    planned = Counter(
        tuple(sorted(device.replicas))
        for node in example.plan.placement.nodes
        for device in node.devices
    )
    assert held == planned


def test_one_replica_more_than_fits_waits_and_the_plan_had_said_so(example: Example):
    model = [found for found in example.plan.models if not found.gpu.shared][-1]
    extra = _first_that_does_not_fit(example.name, model.name)
    cluster = example.stack.kubectl()
    deployment = cluster.get(f"deployment/{model.name}", "-n", MODELS_NAMESPACE)
    template = deployment["spec"]["template"]
    names = [f"{model.name}-extra-{number}" for number in range(extra)]
    for name in names:
        metadata = {**template["metadata"], "name": name, "namespace": MODELS_NAMESPACE}
        cluster.apply({"apiVersion": "v1", "kind": "Pod", **template, "metadata": metadata})
    try:
        label = f"{MODEL_LABEL}={model.name}"

        def states() -> list[str] | None:
            pods = cluster.get("pods", "-n", MODELS_NAMESPACE, "-l", label)
            waiting = [pod for pod in pods if "nodeName" not in pod["spec"]]
            return [pod["metadata"]["name"] for pod in waiting] if len(waiting) == 1 else None

        assert len(eventually("exactly one waits", states)) == 1
    finally:
        cluster.run("delete", "pods", "-n", MODELS_NAMESPACE, *names, *GENTLY)


def test_a_replica_over_two_nodes_takes_both_and_starts_anew_as_one(two_nodes: Example):
    (service,), (planned,) = two_nodes.report["services"], two_nodes.plan.placement.services
    assert two_nodes.report["agrees"] is True
    assert (service["running"], len(set(service["nodes"]))) == (planned.wanted, 2)
    cluster, name = two_nodes.stack.kubectl(), planned.name
    pods = ("pods", "-n", MODELS_NAMESPACE, "-l", f"{MODEL_LABEL}={name}")

    def ready() -> dict[str, dict[str, Any]]:
        return {pod["metadata"]["uid"]: pod for pod in cluster.get(*pods) if is_ready(pod)}

    before = ready()
    found = {_variables(pod)["LWS_WORKER_INDEX"]: pod for pod in before.values()}
    assert {_variables(pod)["LWS_LEADER_ADDRESS"] for pod in found.values()} == {
        f"{name}-0.{name}-0.{MODELS_NAMESPACE}"
    }
    slices = ("endpointslices", "-n", MODELS_NAMESPACE, "-l", f"kubernetes.io/service-name={name}")
    (endpoints,) = cluster.get(*slices)
    assert [one["targetRef"]["uid"] for one in endpoints["endpoints"]] == [
        found["0"]["metadata"]["uid"]
    ]
    worker = found["1"]["metadata"]["name"]
    cluster.run("delete", "pod", worker, "-n", MODELS_NAMESPACE, "--wait=false")
    eventually("both are new", lambda: len(ready().keys() - before.keys()) == len(ready()) == 2)


def _variables(pod: dict[str, Any]) -> dict[str, str]:
    found = pod["spec"]["containers"][0]["env"]
    return {one["name"]: one["value"] for one in found if "value" in one}


def _first_that_does_not_fit(name: str, model: str) -> int:
    """Return how many further replicas of a model the plan does not let in any more."""
    for extra in range(1, MOST_EXTRA):
        if findings := _refusal(name, model, extra):
            assert [found.path.split(".")[2] for found in findings] == ["replicas"]
            return extra
    raise AssertionError(f"{name}: {MOST_EXTRA} more replicas of {model} would fit")


def _refusal(name: str, model: str, extra: int) -> tuple[Finding, ...]:
    config = read_config(EXAMPLES / f"{name}.yaml")
    entry = config[PLATFORM_KEY]["models"][model]
    least = entry.get("replicas", {}).get("min", 1) + extra
    entry["replicas"] = {"min": least, "max": least}
    try:
        plan_config(name, config)
    except RefusedError as refused:
        return refused.findings
    return ()
