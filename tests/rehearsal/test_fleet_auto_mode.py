"""EKS Auto Mode in the rehearsal: its definitions, its pools' twins and disks, what it bought."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from catalog.instance_types import INSTANCE_TYPES
from components.auto_pool import NODE_CLASS, auto_node_class_spec
from components.node_pool import dynamic_node_pool
from rehearsal import crds
from rehearsal.cloud import Cloud, CloudResource
from rehearsal.fleet import auto_mode
from rehearsal.fleet.disks import Disks
from rehearsal.fleet.node_pools import disks, of_the_program, twin
from rehearsal.fleet.simulated import SIMULATED
from rehearsal.purchases import purchases
from tests.planning.planned import planned
from tests.rehearsal.conftest import Kubectl
from tests.rehearsal.held_objects import Cluster

BROUGHT = {
    "nodepools.karpenter.sh",
    "nodeclaims.karpenter.sh",
    "nodeoverlays.karpenter.sh",
    "nodeclasses.eks.amazonaws.com",
}
AUTO: dict[str, Any] = {"pools.l40s.provisioner": "auto"}
CHOSEN = AUTO | {
    "pools.l40s.capacity": ["reserved", "spot"],
    "pools.l40s.reservations": ["cr-0123456789abcdef0"],
    "pools.l40s.zones": ["us-west-2a"],
    "pools.l40s.expire_after_hours": 24,
}


class Definitions(Cluster):
    """An API server that takes definitions."""

    def apply(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        self.objects[path] = dict(body)
        return self.objects[path]

    def delete(self, path: str, **options: Any) -> None:
        self.objects.pop(path, None)

    @property
    def names(self) -> set[str]:
        return {path.rpartition("/")[2] for path in self.objects}


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(tmp_path / "cloud")


def control_plane(**inputs: Any) -> CloudResource:
    return CloudResource(auto_mode.CLUSTER, "dev", "urn", inputs, inputs)


def objects(changes: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the NodeClass and the NodePool of a plan."""
    [spec] = planned(changes).auto_pools
    kinds = (
        ("eks.amazonaws.com/v1", "NodeClass", auto_node_class_spec(spec, "node-role")),
        ("karpenter.sh/v1", "NodePool", dynamic_node_pool(spec, NODE_CLASS)),
    )
    return [
        {"apiVersion": version, "kind": kind, "metadata": {"name": spec.name}, "spec": found}
        for version, kind, found in kinds
    ]


def test_a_cluster_with_auto_mode_has_the_definitions_without_any_chart(cloud: Cloud):
    api = Definitions()
    cloud.put(control_plane(computeConfig={"enabled": True}))
    auto_mode.reconcile(api, cloud)
    assert api.names == BROUGHT
    auto_mode.reconcile(api, cloud)
    assert api.names == BROUGHT


@pytest.mark.parametrize("inputs", [{}, {"computeConfig": {"enabled": False}}])
def test_a_cluster_without_it_has_none_of_them(cloud: Cloud, inputs: dict[str, Any]):
    api = Definitions()
    cloud.put(control_plane(**inputs))
    auto_mode.reconcile(api, cloud)
    assert api.names == set()


def test_definitions_go_with_the_cluster_that_brought_them(cloud: Cloud):
    api = Definitions()
    cloud.put(control_plane(computeConfig={"enabled": True}))
    auto_mode.reconcile(api, cloud)
    cloud.delete(auto_mode.CLUSTER, "dev")
    auto_mode.reconcile(api, cloud)
    assert api.names == set()


def test_definitions_of_our_own_karpenter_stay_where_there_is_no_auto_mode(cloud: Cloud):
    api = Definitions()
    api.apply(f"{auto_mode.DEFINITIONS}/nodepools.karpenter.sh", {})
    auto_mode.reconcile(api, cloud)
    assert api.names == {"nodepools.karpenter.sh"}


def test_the_node_class_is_known_to_belong_to_no_namespace():
    assert crds.namespaced("eks.amazonaws.com", "NodeClass") is False


def test_a_pool_of_auto_mode_gets_a_twin_as_karpenters_do():
    _, pool = objects(AUTO)
    assert of_the_program([pool, twin(pool)]) == [pool]
    assert twin(pool)["spec"]["template"]["spec"]["nodeClassRef"]["kind"] == "KWOKNodeClass"
    assert any("EKS Auto Mode" in sentence for sentence in SIMULATED)


def test_nvme_holds_images_and_pods_unless_the_volume_asked_for_is_as_large():
    node_class, pool = objects(AUTO)
    gib = int(node_class["spec"]["ephemeralStorage"]["size"].removesuffix("Gi"))
    found = disks([pool], [node_class])
    assert found["g6e.2xlarge"] == Disks(volume_gib=gib, raid0=True, larger=True)
    g6e = INSTANCE_TYPES["g6e.2xlarge"]
    nvme_mib = g6e.nvme_gb * 10**9 // 2**20
    assert found["g6e.2xlarge"].capacity_mib(g6e) == nvme_mib
    large = Disks(volume_gib=nvme_mib // 1024 + 1, raid0=True, larger=True)
    assert large.capacity_mib(g6e) == large.volume_gib * 1024


def test_what_auto_mode_bought_is_held_against_the_plan():
    [found] = purchases(planned(AUTO), [])
    assert (found.pool, found.expected, found.bought) == ("l40s", {"g6e.2xlarge": 1}, {})
    assert found.expected_usd_per_hour == Decimal("2.24208")


@pytest.fixture(scope="module")
def eks(kubectl: Kubectl) -> Kubectl:
    """A cluster that knows what EKS brings with Auto Mode."""
    kubectl.apply(*(dict(definition) for definition in crds.auto_mode()))
    for name in BROUGHT:
        kubectl.run("wait", "--for=condition=Established", f"crd/{name}", "--timeout=120s")
    return kubectl


def apply(kubectl: Kubectl, *manifests: dict[str, Any]) -> None:
    """Create objects as the program does: a field that nobody knows is an error."""
    text = "\n---\n".join(json.dumps(each) for each in manifests)
    kubectl.run("apply", "--server-side", "--validate=strict", "-f", "-", text=text)


@pytest.mark.parametrize("changes", [AUTO, CHOSEN], ids=["plain", "chosen"])
def test_the_api_server_takes_a_pool_as_it_was_rendered(eks: Kubectl, changes: dict[str, Any]):
    wanted = objects(changes)
    apply(eks, *wanted)
    for kind, asked in zip(("nodeclass", "nodepool"), wanted, strict=True):
        found = eks.get(kind, "l40s")["spec"]
        assert {key: found[key] for key in asked["spec"]} == asked["spec"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ephemeralStorage": {"size": "many"}}, "spec.ephemeralStorage.size"),
        ({"ephemeralStorage": {"iops": 1}}, "greater than or equal to 3000"),
        ({"tags": {"karpenter.sh/nodepool": "l40s"}}, "restricted tag"),
        ({"amiSelectorTerms": [{"alias": "al2023@v20260714"}]}, "field not declared in schema"),
    ],
    ids=["size", "iops", "tags", "image"],
)
def test_what_the_documentation_rules_out_is_refused(
    eks: Kubectl, change: dict[str, Any], message: str
):
    node_class, _ = objects(AUTO)
    with pytest.raises(AssertionError, match=message):
        apply(eks, node_class | {"spec": node_class["spec"] | change})
