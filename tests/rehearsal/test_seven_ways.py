"""The examples of the ways go up beside each other, and each is placed as planned.

Two environments, one after the other on one stack, hold all of them, and a model over two nodes.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from planning.plan import Plan
from planning.planner import plan_config
from planning.specs.base import MODEL_LABEL, MODELS_NAMESPACE
from planning.specs.placement import PlannedService
from rehearsal.fleet.operators.readiness import is_ready
from tests.rehearsal.conftest import eventually
from tests.rehearsal.examples_together import own_names, together
from tests.rehearsal.one_too_many import Extra, one_too_many, waiting
from tests.rehearsal.rehearsed import Done, Rehearsed, rehearsed

BY_DEVICE_PLUGIN = ("whole", "time-slicing", "mps", "mig")
ENVIRONMENTS = {
    "hami": (*BY_DEVICE_PLUGIN, "hami"),
    "dra": (*BY_DEVICE_PLUGIN, "dra", "hami-dra", "two-nodes"),
}
"""HAMi before DRA: the other way round takes two steps (docs/choosing-a-way.md)."""
BY_DEVICE = ("dra", "hami-dra")
"""Ways whose devices the scheduler itself chooses."""
WAYS = (*BY_DEVICE_PLUGIN, "hami", *BY_DEVICE)


@dataclass(frozen=True)
class Cluster:
    """An environment of several examples that was up, and what was seen of it."""

    plan: Plan
    done: Done
    report: dict[str, Any]
    extras: dict[str, Extra]
    """By example."""
    waiting: dict[str, list[str]]
    """By model: the replicas that found no place while the extras were there."""


@dataclass(frozen=True)
class Example:
    """What is one example's own of a cluster."""

    name: str
    cluster: Cluster

    @property
    def pools(self) -> tuple[str, ...]:
        return own_names(self.name, "pools")

    @property
    def models(self) -> tuple[str, ...]:
        return own_names(self.name, "models")

    @property
    def planned(self) -> list[PlannedService]:
        return [one for one in self.cluster.plan.placement.services if one.name in self.models]

    @property
    def services(self) -> list[dict[str, Any]]:
        return [one for one in self.cluster.report["services"] if one["name"] in self.models]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    with rehearsed(tmp_path_factory.mktemp("seven-ways"), "ways") as found:
        yield found


@pytest.fixture(scope="module")
def clusters(stack: Rehearsed) -> dict[str, Cluster]:
    return {name: _seen(stack, name, examples) for name, examples in ENVIRONMENTS.items()}


@pytest.fixture(
    params=[(way, name) for name, held in ENVIRONMENTS.items() for way in held if way in WAYS],
    ids=lambda found: f"{found[0]}-in-{found[1]}",
)
def example(request: pytest.FixtureRequest, clusters: dict[str, Cluster]) -> Example:
    way, environment = request.param
    return Example(way, clusters[environment])


@pytest.fixture
def two_nodes(clusters: dict[str, Cluster]) -> Example:
    return Example("two-nodes", clusters["dra"])


def _seen(stack: Rehearsed, name: str, examples: tuple[str, ...]) -> Cluster:
    """Bring the examples up, ask for one replica too many of each way, and restore."""
    config = together(examples)
    plan = plan_config(name, config)
    extras = {way: _extra(config, plan, way) for way in examples if way in WAYS}
    stack.file.write_text(yaml.safe_dump({"config": config}, sort_keys=False))
    path = stack.file.with_name(f"{name}.json")
    done = stack.run("up", "--json", str(path))
    assert path.exists(), done.said
    left = waiting(stack.kubectl(), extras.values())
    return Cluster(plan, done, json.loads(path.read_text()), extras, left)


def _extra(config: dict[str, Any], plan: Plan, way: str) -> Extra:
    """Return what is one too many of the last model of a way that has its devices to itself."""
    own = own_names(way, "models")
    models = [found.name for found in plan.models if found.name in own and not found.gpu.shared]
    return one_too_many(config, models[-1])


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_examples_go_up_beside_each_other(clusters: dict[str, Cluster], environment: str):
    found = clusters[environment]
    assert found.done.status == 0, found.done.said
    assert found.report["agrees"] is True


def test_every_replica_runs_on_a_node_of_its_pool_as_planned(example: Example):
    observed = {name: example.cluster.report["observed"][name] for name in example.models}
    assert observed == {found.name: {found.pool: found.wanted} for found in example.planned}
    running = {found["name"]: found["running"] for found in example.services}
    assert running == {found.name: found.wanted for found in example.planned}


def test_every_device_carries_what_the_plan_put_there(example: Example):
    plan, report, pools = example.cluster.plan, example.cluster.report, example.pools
    if example.name not in BY_DEVICE:
        used: Counter[str] = Counter()
        for node in report["nodes"]:
            used[node["pool"]] += node["gpus_used"]
        packing = [packed for packed in plan.packing if packed.pool in pools]
        assert all(used[packed.pool] <= packed.gpus_undivided for packed in packing)
        return
    devices: dict[tuple[str, str], list[str]] = {}
    for service in example.services:
        for replica in service["devices"]:
            for device in replica["devices"]:
                place = (device["pool"], device["device"])
                devices.setdefault(place, []).append(service["name"])
    held = Counter(tuple(sorted(names)) for names in devices.values())
    nodes = [node for node in plan.placement.nodes if node.pool in pools]
    assert held == Counter(tuple(sorted(one.replicas)) for node in nodes for one in node.devices)


def test_one_replica_more_than_fits_waits_and_the_plan_had_said_so(example: Example):
    extra = example.cluster.extras[example.name]
    assert {found.path.split(".")[2] for found in extra.refused} == {"replicas"}
    assert {found.path.split(".")[1] for found in extra.refused} <= {*example.models}
    assert len(example.cluster.waiting[extra.model]) == 1


def test_a_replica_over_two_nodes_takes_both_and_starts_anew_as_one(
    two_nodes: Example, stack: Rehearsed
):
    (service,), (planned,) = two_nodes.services, two_nodes.planned
    assert (service["running"], len(set(service["nodes"]))) == (planned.wanted, 2)
    cluster, name = stack.kubectl(), planned.name
    assert two_nodes.cluster.report["observed"][name] == {planned.pool: planned.wanted}
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
