"""The DaemonSets of GPU nodes: each tolerates every taint there, and runs where it should alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.charts import CHARTS, GPU_OPERATOR, HAMI, HAMI_DRA, NVIDIA_DRA
from planning.plan import Plan
from planning.planner import plan_config
from planning.releases import gpu_operator, hami, hami_dra, nvidia_dra
from planning.sharing.hami import NO_DEVICE_PLUGIN_LABEL
from planning.sharing.ways import way_of
from planning.specs.base import GPU_TAINT, GPU_TOLERATION, Taint, Toleration
from planning.specs.infrastructure import ReleaseSpec
from settings.files import read_config, stack_of
from settings.sharing import (
    DraSharing,
    HamiDraSharing,
    HamiSharing,
    MigSharing,
    MpsSharing,
    Sharing,
    TimeSlicingSharing,
    WholeSharing,
)
from tests.documents import ENVIRONMENT_FILES, REPOSITORY
from tests.helm import chart_of, releases_of
from tests.planning.planned import planned

COLLECTED = REPOSITORY.parent / "shared" / "charts"
"""Values files of the charts, present where the project is developed."""
TEAM = Toleration(key="team")
WANTED = (GPU_TOLERATION, TEAM)
TAINTS = (GPU_TAINT, Taint(key="team", value="search"))


@dataclass(frozen=True)
class Agent:
    """A DaemonSet of GPU nodes."""

    chart: str
    tolerations: str
    """Path of its tolerations in the values."""
    node_selector: str | None
    """Path of its node selector; None where the chart itself finds the nodes that have a GPU."""
    tolerates_gpus: bool
    """Whether the chart's own tolerations cover the taint of GPU nodes; a list that is set takes
    their place. Sources: values.yaml of each chart at the version of the catalog."""


AGENTS = (
    Agent(GPU_OPERATOR.name, "daemonsets.tolerations", None, tolerates_gpus=True),
    Agent(
        GPU_OPERATOR.name, "node-feature-discovery.worker.tolerations", None, tolerates_gpus=True
    ),
    Agent(
        NVIDIA_DRA.name,
        "kubeletPlugin.tolerations",
        "kubeletPlugin.nodeSelector",
        tolerates_gpus=True,
    ),
    Agent(
        HAMI.name,
        "devicePlugin.tolerations",
        "devicePlugin.nvidiaNodeSelector",
        tolerates_gpus=False,
    ),
    Agent(
        HAMI_DRA.name,
        "drivers.nvidia.daemonSet.tolerations",
        "drivers.nvidia.daemonSet.nodeSelector",
        tolerates_gpus=False,
    ),
)
IDS = [f"{agent.chart}: {agent.tolerations}" for agent in AGENTS]
OPERATORS = (
    gpu_operator(WANTED),
    nvidia_dra(WANTED),
    hami([10], "1.36", WANTED),
    hami_dra(WANTED),
)
RELEASES = {found.release.name: found.release for found in OPERATORS if found is not None}


def at(values: Mapping[str, Any], path: str) -> Any:
    place: Any = values
    for key in path.split("."):
        place = place.get(key, {})
    return place or None


def tolerates(tolerations: Sequence[Mapping[str, str]], taint: Taint) -> bool:
    """Return whether a pod stands a taint, as the scheduler matches them."""
    return any(
        each.get("effect") in {None, taint.effect}
        and (
            each.get("key") in {None, taint.key}
            if each["operator"] == "Exists"
            else (each["key"], each["value"]) == (taint.key, taint.value)
        )
        for each in tolerations
    )


def covered(agent: Agent, release: ReleaseSpec, taint: Taint) -> bool:
    asked = at(release.values, agent.tolerations)
    if asked is None:
        return agent.tolerates_gpus and taint == GPU_TAINT
    return tolerates(asked, taint)


@pytest.mark.parametrize("taint", TAINTS, ids=lambda taint: taint.key)
@pytest.mark.parametrize("agent", AGENTS, ids=IDS)
def test_every_agent_tolerates_the_gpu_taint_and_what_a_pool_adds(agent: Agent, taint: Taint):
    assert covered(agent, RELEASES[agent.chart], taint)


PLANS: dict[str, Plan] = {
    **{file.name: plan_config(stack_of(file), read_config(file)) for file in ENVIRONMENT_FILES},
    "further taints": planned({"pools.l40s.taints": [{"key": "team", "value": "search"}]}),
}


@pytest.mark.parametrize("name", PLANS)
def test_on_every_node_of_a_plan_its_agents_tolerate_every_taint(name: str):
    plan = PLANS[name]
    releases = {chart_of(each.chart): each for each in releases_of(plan)}
    seen: set[str] = set()
    for agent in AGENTS:
        for nodes in (*plan.gpu_pools, *plan.managed_gpu_nodes):
            if agent.chart not in releases:
                continue
            wanted = at(releases[agent.chart].values, agent.node_selector or "")
            selector: dict[str, str] = wanted or {}
            if selector.items() <= nodes.labels.items():
                seen.add(agent.chart)
                for taint in nodes.taints:
                    assert covered(agent, releases[agent.chart], taint), (agent, nodes.name)
    assert seen == {agent.chart for agent in AGENTS} & releases.keys()
    assert len(seen) > 1


# Of HAMi DRA no values file of the pinned version was collected.
@pytest.mark.parametrize("agent", AGENTS[:-1], ids=IDS[:-1])
def test_what_is_recorded_of_a_chart_s_own_tolerations_is_so(agent: Agent):
    file: Path = COLLECTED / f"{agent.chart}-{CHARTS[agent.chart].version}.values.yaml"
    if COLLECTED.exists():
        own = at(yaml.safe_load(file.read_text("utf-8")), agent.tolerations)
        assert bool(own and tolerates(own, GPU_TAINT)) is agent.tolerates_gpus
    assert agent.chart in CHARTS


@pytest.mark.parametrize(
    ("toleration", "stands"),
    [
        ({"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}, True),
        ({"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "nvidia.com/gpu", "operator": "Exists"}, True),
        ({"operator": "Exists"}, True),
        ({"key": "nvidia.com/gpu", "operator": "Equal", "value": "true"}, True),
        ({"key": "nvidia.com/gpu", "operator": "Equal", "value": "present"}, False),
        ({"key": "team", "operator": "Exists"}, False),
    ],
)
def test_a_toleration_is_matched_as_the_scheduler_does(toleration: dict[str, str], *, stands: bool):
    assert tolerates([toleration], GPU_TAINT) is stands


WAYS: list[Sharing] = [
    WholeSharing(),
    TimeSlicingSharing(kind="time-slicing", replicas=2),
    MpsSharing(kind="mps", replicas=2),
    MigSharing(kind="mig", profile="1g.10gb"),
    DraSharing(kind="dra"),
    HamiSharing(kind="hami"),
    HamiDraSharing(kind="hami-dra"),
]
DRIVERS = {
    "nvidia-dra": RELEASES[NVIDIA_DRA.name].values["kubeletPlugin"]["nodeSelector"],
    "hami": RELEASES[HAMI.name].values["devicePlugin"]["nvidiaNodeSelector"],
    "hami-dra": RELEASES[HAMI_DRA.name].values["drivers"]["nvidia"]["daemonSet"]["nodeSelector"],
}


@pytest.mark.parametrize("wanted", [True, False])
def test_the_exporter_s_metrics_are_offered_to_prometheus_where_that_is_wanted(*, wanted: bool):
    changed = {"observability": {"service_monitors": True}} if wanted else {}
    values = planned(changed).gpu_operator.release.values
    assert values.get("dcgmExporter") == ({"serviceMonitor": {"enabled": True}} if wanted else None)


@pytest.mark.parametrize("sharing", WAYS, ids=lambda sharing: sharing.kind)
def test_exactly_one_driver_publishes_the_devices_of_a_node(sharing: Sharing):
    way = way_of(sharing)
    labels = way.labels()
    found = {name for name, wanted in DRIVERS.items() if wanted.items() <= labels.items()}
    if not NO_DEVICE_PLUGIN_LABEL.items() <= labels.items():
        found.add("device-plugin")
    assert found == {way.manager}
