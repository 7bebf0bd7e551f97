"""The fleet at work, on a control plane and with Karpenter itself."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from planning.pools.plugin_configs import CONFIG_LABEL
from planning.specs.base import (
    DEVICE_MANAGER_LABEL,
    GPU_TAINT,
    MODEL_LABEL,
    PLUGIN_CONFIG_LABEL,
    POOL_LABEL,
)
from rehearsal.cloud import Cloud, CloudResource
from rehearsal.control_plane import Connection, ControlPlane
from rehearsal.control_plane.supervisor import Supervisor
from rehearsal.crds import excerpts
from rehearsal.fleet import Fleet, FleetError, Observation, observe
from rehearsal.layout import REPOSITORY, Layout
from tests.rehearsal.conftest import Kubectl, established, eventually

REGION = "us-west-2"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
KINDS = ("EC2NodeClass", "NodeClaim", "NodeOverlay", "NodePool", "ScaledObject", "Cluster")
CHARTS = ("karpenter-crd", "keda", "cloudnative-pg")


@dataclass(frozen=True)
class Scene:
    """A control plane with its fleet, and what a test does with them."""

    plane: ControlPlane
    fleet: Fleet
    kubectl: Kubectl
    connection: Connection

    def seen(self) -> Observation:
        return observe(self.connection)

    def group(
        self,
        name: str,
        size: int,
        instance: str = "g6e.12xlarge",
        most: int | None = None,
        **labels: str,
    ) -> None:
        inputs = {
            "nodeGroupName": name,
            "instanceTypes": [instance],
            "diskSize": 500,
            "scalingConfig": {"desiredSize": size, "minSize": size, "maxSize": most or size},
            "subnetIds": ["subnet-a", "subnet-b"],
            "labels": {POOL_LABEL: name, **labels},
            "taints": [{"key": GPU_TAINT.key, "value": "true", "effect": "NO_SCHEDULE"}],
        }
        put(self.cloud, NODE_GROUP, f"dev:{name}", inputs)

    @property
    def cloud(self) -> Cloud:
        return Cloud(self.plane.layout.cloud)

    def nodes(self, pool: str) -> list[str]:
        return [node.name for node in self.seen().nodes if node.pool == pool and node.ready]

    def running(self, model: str) -> list[str]:
        return [pod.name for pod in self.seen().pods if pod.model == model and pod.ready]

    def process(self, name: str) -> psutil.Process:
        layout = self.plane.layout
        found = Supervisor(layout.root / "fleet", layout.logs).running(name)
        assert found is not None, f"{name} does not run"
        return found


def put(cloud: Cloud, kind: str, identity: str, inputs: dict[str, Any]) -> None:
    cloud.put(CloudResource(type=kind, id=identity, urn="urn", inputs=inputs, outputs={}))


def with_subnets(layout: Layout) -> Layout:
    for letter in "ab":
        inputs = {"availabilityZone": REGION + letter}
        put(Cloud(layout.cloud), "aws:ec2/subnet:Subnet", f"subnet-{letter}", inputs)
    return layout


@pytest.fixture(scope="module")
def scene(started: ControlPlane, kubectl: Kubectl) -> Iterator[Scene]:
    layout = with_subnets(started.layout)
    fleet = Fleet(layout, REGION)
    connection = started.connection()
    assert connection is not None
    try:
        fleet.start()
        definitions = [dict(found) for chart in CHARTS for found in excerpts(chart)]
        kubectl.apply(*(one for one in definitions if one["spec"]["names"]["kind"] in KINDS))
        eventually("all definitions", lambda: all(map(established, kubectl.get("crd"))))
        yield Scene(started, fleet, kubectl, connection)
    finally:
        fleet.stop()
        account = Cloud(layout.cloud)
        for left in account.all():
            account.delete(left.type, left.id)


def model(name: str, pool: str, replicas: int) -> dict[str, Any]:
    labels = {MODEL_LABEL: name}
    resources = {
        "requests": {"cpu": "2", "memory": "8Gi", "ephemeral-storage": "60Gi"},
        "limits": {"nvidia.com/gpu": "1"},
    }
    template = {
        "metadata": {"labels": labels},
        "spec": {
            "nodeSelector": {POOL_LABEL: pool},
            "tolerations": [{"key": GPU_TAINT.key, "operator": "Exists"}],
            "containers": [{"name": "vllm", "image": "example", "resources": resources}],
        },
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": template,
        },
    }


def pool(name: str, *, limit: int, instances: list[str]) -> list[dict[str, Any]]:
    """The two objects of a Karpenter pool, as the program has them."""
    requirements = {
        "karpenter.sh/capacity-type": ["reserved", "spot", "on-demand"],
        "topology.kubernetes.io/zone": [f"{REGION}b"],
        "node.kubernetes.io/instance-type": instances,
        "karpenter.k8s.aws/instance-gpu-name": ["l40s"],
    }
    found = [{"tags": {"karpenter.sh/discovery": "dev"}}]
    node_class = {
        "apiVersion": "karpenter.k8s.aws/v1",
        "kind": "EC2NodeClass",
        "metadata": {"name": name},
        "spec": {
            "role": "node",
            "amiSelectorTerms": [{"alias": "al2023@v20260714"}],
            "subnetSelectorTerms": found,
            "securityGroupSelectorTerms": found,
            "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": "500Gi"}}],
        },
    }
    template = {
        "metadata": {"labels": {POOL_LABEL: name}},
        "spec": {
            "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": name},
            "requirements": [
                {"key": key, "operator": "In", "values": values}
                for key, values in requirements.items()
            ],
            "taints": [GPU_TAINT.model_dump()],
            "expireAfter": "Never",
            "terminationGracePeriod": "30m",
        },
    }
    node_pool = {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": name},
        "spec": {
            "limits": {"nvidia.com/gpu": str(limit)},
            "disruption": {
                "consolidationPolicy": "WhenEmpty",
                "consolidateAfter": "15m",
                "budgets": [{"nodes": "0", "schedule": "0 6 * * mon-fri", "duration": "14h"}],
            },
            "weight": 50,
            "template": template,
        },
    }
    return [node_class, node_pool]


def test_a_managed_group_comes_grows_shrinks_with_its_pods_and_goes(scene: Scene) -> None:
    scene.group("managed", 1)
    eventually("one node", lambda: scene.nodes("managed") == ["managed-0"])
    scene.group("managed", 2)
    eventually("two nodes", lambda: scene.nodes("managed") == ["managed-0", "managed-1"])
    scene.kubectl.apply(model("whole", "managed", 6))
    eventually("six replicas", lambda: len(scene.running("whole")) == 6)
    assert sum(node.gpus_used for node in scene.seen().nodes if node.pool == "managed") == 6

    scene.group("managed", 1)
    eventually("one node again", lambda: scene.nodes("managed") == ["managed-0"])
    eventually("its GPUs are full", lambda: len(scene.running("whole")) == 4)
    waiting = [found for found in scene.seen().pods if found.node is None]
    assert len(waiting) == 2
    assert all("Insufficient nvidia.com/gpu" in (found.reason or "") for found in waiting)

    lost = set(scene.running("whole"))
    scene.kubectl.run("delete", "node", "managed-0")
    eventually("other replicas", lambda: len({*scene.running("whole")} - lost) == 4)

    scene.kubectl.run("delete", "deployment", "whole")
    scene.cloud.delete(NODE_GROUP, "dev:managed")
    eventually("no node", lambda: not [n for n in scene.seen().nodes if n.pool == "managed"])


def test_a_group_without_fixed_size_has_the_nodes_its_pods_need_and_no_more(scene: Scene) -> None:
    scene.group("scaled", 0, most=2)
    scene.kubectl.apply(model("wide", "scaled", 3))
    eventually("three replicas", lambda: len(scene.running("wide")) == 3)
    assert scene.nodes("scaled") == ["scaled-0"]
    scene.kubectl.apply(model("wide", "scaled", 9))
    eventually("full nodes", lambda: len(scene.running("wide")) == 8)
    assert scene.nodes("scaled") == ["scaled-0", "scaled-1"]
    (waiting,) = [found for found in scene.seen().pods if found.node is None]
    assert "Insufficient nvidia.com/gpu" in (waiting.reason or "")
    scene.kubectl.run("delete", "deployment", "wide")
    eventually("no node", lambda: not [n for n in scene.seen().nodes if n.pool == "scaled"])
    scene.cloud.delete(NODE_GROUP, "dev:scaled")


def test_hamis_shares_are_let_in_until_the_gpus_memory_is_spent(scene: Scene) -> None:
    scene.group("shared", 1, instance="g6e.2xlarge", gpu="on")
    share = model("share", "shared", 3)
    spec = share["spec"]["template"]["spec"]
    spec["schedulerName"] = "hami-scheduler"
    limits = {"nvidia.com/gpu": "1", "nvidia.com/gpumem": "20000", "nvidia.com/gpucores": "30"}
    spec["containers"][0]["resources"] = {"limits": limits}
    scene.kubectl.apply(share)
    eventually("two shares", lambda: len(scene.running("share")) == 2)
    (waiting,) = [found for found in scene.seen().pods if found.node is None]
    assert "1/1 CardInsufficientMemory" in (waiting.reason or "")
    (node,) = [node for node in scene.seen().nodes if node.pool == "shared"]
    assert (node.gpus, node.gpus_used) == (1, 1)
    scene.kubectl.run("delete", "deployment", "share")
    scene.cloud.delete(NODE_GROUP, "dev:shared")


def test_a_sliced_node_waits_for_its_configuration_and_a_claimed_one_has_its_devices(
    scene: Scene,
) -> None:
    sliced: dict[str, Any] = {PLUGIN_CONFIG_LABEL: "mps-4"}
    claimed: dict[str, Any] = {DEVICE_MANAGER_LABEL: "nvidia-dra"}
    scene.group("sliced", 1, **sliced)
    scene.group("claimed", 1, **claimed)
    told = eventually("a message", lambda: scene.fleet.problems().get("GPU devices"))
    assert "node sliced-0: no ConfigMap of the device plugin has the configuration 'mps-4'" in told

    def gpus(node: str) -> str | None:
        return scene.kubectl.get("node", node)["status"]["allocatable"].get("nvidia.com/gpu")

    def pools() -> list[str]:
        return [one["spec"]["pool"]["name"] for one in scene.kubectl.get("resourceslices")]

    assert gpus("sliced-0") is None
    sharing = {"mps": {"resources": [{"name": "nvidia.com/gpu", "replicas": 4}]}}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "gpu-operator"}}
    config_map = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "device-plugin-configs-1",
            "namespace": "gpu-operator",
            "labels": {CONFIG_LABEL: "device-plugin"},
        },
        "data": {"mps-4": json.dumps({"version": "v1", "sharing": sharing})},
    }
    scene.kubectl.apply(namespace, config_map)
    eventually("slices of GPUs", lambda: gpus("sliced-0") == "16")
    eventually("all is well", lambda: scene.fleet.problems() == {})
    assert gpus("claimed-0") is None
    assert pools() == ["claimed-0"]
    for name in ("sliced", "claimed"):
        scene.cloud.delete(NODE_GROUP, f"dev:{name}")
    eventually("no devices", lambda: not pools())
    eventually("no class", lambda: not scene.kubectl.get("deviceclasses"))


def test_a_managed_group_of_an_unknown_type_is_reported_and_holds_up_nobody(scene: Scene) -> None:
    scene.group("odd", 1, instance="g6e.12xlarg")
    problem = eventually("a message", lambda: scene.fleet.problems().get("managed nodes"))
    assert "node group odd: the catalog has no instance type g6e.12xlarg; nearest:" in problem
    assert problem in (scene.plane.layout.logs / "fleet.log").read_text()
    scene.cloud.delete(NODE_GROUP, "dev:odd")
    eventually("all is well", lambda: scene.fleet.problems() == {})


def test_karpenter_buys_up_to_the_limit_and_a_pool_goes_after_its_nodes(scene: Scene) -> None:
    scene.kubectl.apply(*pool("l40s", limit=6, instances=["g6e.2xlarge", "g6e.12xlarge"]))
    scene.kubectl.apply(model("qwen", "l40s", 8))
    eventually("six replicas", lambda: len(scene.running("qwen")) == 6)

    def reasons() -> list[str]:
        waiting = [found for found in scene.seen().pods if found.node is None]
        return [found.reason or "" for found in waiting if "Karpenter" in (found.reason or "")]

    assert "exceed limits for nodepool (NodePool=l40s)" in eventually("a reason", reasons)[0]
    nodes = [node for node in scene.seen().nodes if node.pool == "l40s"]
    assert sum(node.gpus for node in nodes) == sum(node.gpus_used for node in nodes) == 6
    assert {node.capacity_type for node in nodes} == {"spot"}
    assert all(node.usd_per_hour for node in nodes)
    assert [found.wanted for found in scene.seen().services] == [8]
    labels = scene.kubectl.get("nodes", nodes[0].name)["metadata"]["labels"]
    assert labels["nvidia.com/gpu.present"] == "true"
    assert labels["karpenter.k8s.aws/instance-family"] == "g6e"
    assert labels["topology.kubernetes.io/zone"] == f"{REGION}b"

    scene.kubectl.run("delete", "nodepool", "l40s", "--wait=false")

    def pool_or_its_nodes() -> tuple[bool, bool]:
        # The pool first: nodes that are seen after it outlived it.
        there = bool(scene.kubectl.get("nodepools"))
        return there, bool([node for node in scene.seen().nodes if node.pool == "l40s"])

    def gone() -> bool:
        there, has_nodes = pool_or_its_nodes()
        assert there or not has_nodes, "the pool went before its nodes"
        return not there

    eventually("the pool is gone", gone)
    scene.kubectl.run("delete", "deployment,ec2nodeclass", "--all")


def test_karpenter_and_the_fleet_listen_on_this_machine_only(scene: Scene) -> None:
    listening = [
        connection.laddr.ip
        for name in ("fleet", "karpenter")
        for connection in scene.process(name).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert set(listening) == {"127.0.0.1"}


def test_a_scaled_object_keeps_its_deployment_within_bounds(scene: Scene) -> None:
    scene.kubectl.apply(model("scaled", "nowhere", 0))

    def scaled_object(least: int, most: int) -> dict[str, Any]:
        spec: dict[str, Any] = {
            "scaleTargetRef": {"name": "scaled"},
            "minReplicaCount": least,
            "maxReplicaCount": most,
            "triggers": [{"type": "cron", "metadata": {}}],
        }
        metadata = {"name": "scaled", "namespace": "default"}
        kind = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject"}
        return kind | {"metadata": metadata, "spec": spec}

    def wanted() -> int:
        return next(found.wanted for found in scene.seen().services if found.name == "scaled")

    scene.kubectl.apply(scaled_object(2, 4))
    eventually("the floor", lambda: wanted() == 2)
    scene.kubectl.run("scale", "deployment/scaled", "--replicas=9")
    eventually("the ceiling", lambda: wanted() == 4)
    deployment = scene.kubectl.get("deployment", "scaled", "--show-managed-fields")
    by = {found["manager"] for found in deployment["metadata"]["managedFields"]}
    assert "llm-platform-rehearsal-keda" in by
    scene.kubectl.run("delete", "scaledobject,deployment", "scaled")


def test_a_killed_fleet_converges_when_started_again_and_finds_its_karpenter(scene: Scene) -> None:
    scene.kubectl.apply(*pool("again", limit=2, instances=["g6e.2xlarge", "g6e.12xlarge"]))
    scene.kubectl.apply(model("one", "again", 1))
    eventually("a replica", lambda: len(scene.running("one")) == 1)
    fleet, karpenter = scene.process("fleet"), scene.process("karpenter")
    fleet.kill()
    eventually("it is dead", lambda: not scene.fleet.running())
    scene.group("late", 1)
    scene.fleet.start()
    eventually("a node of the time between", lambda: scene.nodes("late") == ["late-0"])
    assert scene.process("karpenter") == karpenter
    before = scene.process("fleet")
    scene.fleet.start()
    assert scene.process("fleet") == before, "a start of what runs changes nothing"
    scene.cloud.delete(NODE_GROUP, "dev:late")
    scene.kubectl.run("delete", "deployment", "one")
    scene.kubectl.run("delete", "nodepool", "again", "--wait=false")


def test_a_postgres_cluster_is_ready_with_a_secret_that_goes_with_it(scene: Scene) -> None:
    spec: dict[str, Any] = {"instances": 1, "storage": {"size": "1Gi"}}
    kind = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster"}
    scene.kubectl.apply(kind | {"metadata": {"name": "db"}, "spec": spec})
    scene.kubectl.run("wait", "cluster.postgresql.cnpg.io/db", "--for=condition=Ready")
    assert {"uri", "username", "password"} < scene.kubectl.get("secret", "db-app")["data"].keys()
    assert scene.kubectl.get("service", "db-rw")["spec"]["ports"][0]["port"] == 5432
    scene.kubectl.run("delete", "cluster.postgresql.cnpg.io", "db", "--cascade=foreground")
    found = scene.kubectl.get("secret,service", "-l", "cnpg.io/cluster=db")
    assert found == []


def test_a_second_fleet_of_the_same_rehearsal_is_refused(scene: Scene) -> None:
    command = [sys.executable, "-m", "rehearsal.fleet", "--root", str(scene.plane.layout.root)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "another process keeps this fleet in step" in done.stderr
    assert scene.fleet.running()


def test_the_fleet_survives_its_api_server_and_karpenter_ends_with_its_api(scene: Scene) -> None:
    eventually("the pool of a test before is gone", lambda: not scene.kubectl.get("nodepools"))
    layout = scene.plane.layout
    server = Supervisor(layout.control_plane, layout.logs).running("kube-apiserver")
    assert server is not None
    server.kill()
    scene.plane.start(print)
    scene.group("after", 1)
    eventually("a node", lambda: scene.nodes("after") == ["after-0"])
    scene.kubectl.run("delete", "crd", "-l", "!none", "--wait=false")
    eventually("no definition", lambda: not scene.kubectl.get("crd"))
    scene.cloud.delete(NODE_GROUP, "dev:after")
    eventually("no node", lambda: not scene.seen().nodes)
    assert Supervisor(layout.root / "fleet", layout.logs).running("karpenter") is None


def of_folder(folder: Path) -> list[str]:
    """The processes that name `folder` in their arguments."""
    commands = [" ".join(found.info["cmdline"] or []) for found in psutil.process_iter(["cmdline"])]
    return [command for command in commands if str(folder) in command]


def test_stop_leaves_no_process_and_may_be_repeated(tmp_path: Path) -> None:
    fleet = Fleet(with_subnets(Layout(tmp_path / "alone")), REGION)
    fleet.start()
    assert fleet.running()
    assert of_folder(tmp_path)
    fleet.stop()
    assert not fleet.running()
    assert of_folder(tmp_path) == []
    fleet.stop()


def test_the_fleet_ends_by_itself_when_its_folder_is_gone(tmp_path: Path) -> None:
    fleet = Fleet(Layout(tmp_path / "alone"), REGION)
    fleet.start()
    shutil.rmtree(tmp_path / "alone")
    eventually("no process", lambda: of_folder(tmp_path) == [], seconds=5)
    assert not (tmp_path / "alone").exists()


def test_the_fleet_ends_soon_when_told_to(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "alone")
    fleet = Fleet(layout, REGION)
    fleet.start()
    process = Supervisor(layout.root / "fleet", layout.logs).running("fleet")
    assert process is not None
    os.kill(process.pid, signal.SIGTERM)
    eventually("it ended", lambda: not fleet.running(), seconds=2)
    assert "ended" in (layout.logs / "fleet.log").read_text()


def test_a_missing_karpenter_is_named_with_the_way_to_build_it(tmp_path: Path) -> None:
    fleet = Fleet(Layout(tmp_path / "alone"), REGION, tools=tmp_path)
    with pytest.raises(FleetError, match=r"karpenter is missing: build .* rehearsal\.tools"):
        fleet.start()
