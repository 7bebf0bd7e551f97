"""The stand-in for the EBS CSI driver: which claims get a volume, where, and when it ends."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from catalog.storage_drivers import EBS_CSI
from components.workloads.cache_volume import claim_template
from planning.specs.cache import CacheSpec
from rehearsal.api import Manifest
from rehearsal.fleet.operators import ebs_csi, keda
from tests.rehearsal.held_objects import Cluster

CACHE = CacheSpec(
    storage_class="gp3",
    gib=33,
    weights_gib=17,
    others_gib=16,
    folder="f",
    usd_per_month=Decimal("2.64"),
)
NODES: list[Manifest] = [
    {"metadata": {"name": name, "labels": {"topology.kubernetes.io/zone": zone}}}
    for name, zone in (("a", "us-west-2a"), ("b", "us-west-2b"))
]
CHOSEN = {ebs_csi.PROVISIONER: EBS_CSI, ebs_csi.SELECTED_NODE: "b"}


class Core(Cluster):
    """The same with the objects of the core API, and deletions."""

    def __init__(self, *objects: Manifest) -> None:
        super().__init__()
        self.objects = {path(each): deepcopy(each) for each in objects}

    def delete(self, path: str, **options: Any) -> None:
        self.objects.pop(path, None)

    @property
    def volumes(self) -> list[Manifest]:
        return self.list(ebs_csi.VOLUMES)


def path(found: Manifest) -> str:
    metadata = found["metadata"]
    if found["kind"] == "PersistentVolume":
        return f"{ebs_csi.VOLUMES}/{metadata['name']}"
    inside = f"/api/v1/namespaces/{metadata['namespace']}/persistentvolumeclaims"
    return f"{inside}/{metadata['name']}"


def claim(annotations: dict[str, str], **spec: Any) -> Manifest:
    template = claim_template(CACHE, {"llm-platform/model": "chat"})
    metadata = template["metadata"] | {
        "name": "cache-chat-0",
        "namespace": "models",
        "uid": "u",
        "annotations": annotations,
    }
    return {
        "kind": "PersistentVolumeClaim",
        "metadata": metadata,
        "spec": template["spec"] | spec,
    }


def test_a_claim_gets_its_volume_in_the_zone_of_the_node_that_its_pod_goes_to() -> None:
    cluster = Core(claim(CHOSEN))
    ebs_csi.reconcile(cluster, NODES)
    ebs_csi.reconcile(cluster, NODES)
    (made,) = cluster.volumes
    spec = made["spec"]
    assert spec["claimRef"] == {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "namespace": "models",
        "name": "cache-chat-0",
        "uid": "u",
    }
    assert spec["capacity"] == {"storage": "33Gi"}
    assert (spec["accessModes"], spec["storageClassName"]) == (["ReadWriteOnce"], "gp3")
    (term,) = spec["nodeAffinity"]["required"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [
        {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["us-west-2b"]}
    ]


@pytest.mark.parametrize(
    "waiting",
    [
        claim({ebs_csi.PROVISIONER: EBS_CSI}),
        claim(CHOSEN | {ebs_csi.PROVISIONER: "efs.csi.aws.com"}),
        claim(CHOSEN, volumeName="pvc-u"),
    ],
    ids=["no pod yet", "another driver's", "bound"],
)
def test_no_other_claim_gets_one(waiting: Manifest) -> None:
    cluster = Core(waiting)
    ebs_csi.reconcile(cluster, NODES)
    assert cluster.volumes == []


def test_where_the_chosen_node_is_gone_the_scheduler_chooses_anew() -> None:
    cluster = Core(claim(CHOSEN))
    ebs_csi.reconcile(cluster, NODES[:1])
    assert cluster.volumes == []
    asked = cluster.objects[path(claim(CHOSEN))]["metadata"]["annotations"]
    assert asked == {ebs_csi.SELECTED_NODE: None}


def test_a_volume_ends_when_its_claim_is_gone_and_no_other_does() -> None:
    made = ebs_csi.volume(claim(CHOSEN), "us-west-2b")
    released = made | {"status": {"phase": "Released"}}
    bound = deepcopy(made) | {"status": {"phase": "Bound"}}
    bound["metadata"]["name"] = "pvc-bound"
    foreign = deepcopy(released)
    foreign["metadata"] = {"name": "model-files"}
    cluster = Core(released, bound, foreign)
    ebs_csi.reconcile(cluster, NODES)
    assert {found["metadata"]["name"] for found in cluster.volumes} == {"pvc-bound", "model-files"}


def test_keda_keeps_a_stateful_set_within_its_bounds() -> None:
    patched: list[tuple[str, Any]] = []

    class Scaling(Cluster):
        def merge(self, path: str, body: Any, manager: str = "") -> Manifest | None:
            patched.append((path, body))
            return None

    named = {"name": "chat", "namespace": "models"}
    scaled: Manifest = {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": named,
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "chat"},
            "minReplicaCount": 2,
            "maxReplicaCount": 3,
        },
    }
    sets: Manifest = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": named,
        "spec": {"replicas": 1},
    }
    keda.reconcile(Scaling(scaled, sets))
    scale = "/apis/apps/v1/namespaces/models/statefulsets/chat/scale"
    assert patched == [(scale, {"spec": {"replicas": 2}})]
