"""What a model that keeps volumes needs of a cluster, small enough for one node."""

from contextlib import closing
from typing import Any

from components.storage import Storage, StorageArgs
from components.workloads.stateful_set import stateful_set_spec
from planning.specs.base import POOL_LABEL
from planning.specs.infrastructure import StorageSpec
from rehearsal.api import Api
from rehearsal.control_plane import Connection
from rehearsal.fleet.node_pools import NODES
from rehearsal.fleet.nodes import ZONE_LABEL
from rehearsal.fleet.operators import ebs_csi
from tests.components.test_stateful_set import KEPT
from tests.recording import record

ZONE = "us-west-2b"
SMALL = KEPT.model_copy(update={"cpu_milli": 1000, "memory_mib": 1024, "cache_gib": 1})
LABELS = {POOL_LABEL: KEPT.pool, ZONE_LABEL: ZONE}


def storage_class() -> dict[str, Any]:
    """Return the platform's StorageClass as the API server takes it."""

    def program() -> None:
        Storage("storage", StorageArgs(spec=StorageSpec(class_name="gp3", tags={})))

    inputs = record(program)["storage-class"].inputs
    return {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", **inputs}


def priority() -> dict[str, Any]:
    """Return the PriorityClass of the model."""
    return {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": SMALL.priority_class},
        "value": 1000,
    }


def stateful_set() -> dict[str, Any]:
    """Return the model's StatefulSet, with one replica."""
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": SMALL.name},
        "spec": stateful_set_spec(SMALL, "default") | {"replicas": 1},
    }


def provision(connection: Connection) -> bool:
    """Do one round of the stand-in for the EBS CSI driver."""
    with closing(Api(connection)) as api:
        ebs_csi.reconcile(api, api.list(NODES) or [])
    return True
