"""EBS volumes: a claim gets one where the scheduler wants its pod, and it ends with its claim.

Source: kubernetes-csi/external-provisioner, README and pkg/controller (annotations, and that a node
which is gone is chosen anew); kubernetes-sigs/aws-ebs-csi-driver, docs (one zone per volume).
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from catalog.storage_drivers import EBS_CSI
from rehearsal.api import Api, Manifest
from rehearsal.fleet.nodes import ZONE_LABEL

CLAIMS: Final = "/api/v1/persistentvolumeclaims"
VOLUMES: Final = "/api/v1/persistentvolumes"
PROVISIONER: Final = "volume.kubernetes.io/storage-provisioner"
SELECTED_NODE: Final = "volume.kubernetes.io/selected-node"
PROVISIONED_BY: Final = "pv.kubernetes.io/provisioned-by"

SIMULATED: Final = (
    (
        "The EBS CSI driver does not run: a claim gets its volume at once, in the zone of the node "
        "that the scheduler chose; nothing is attached, and nothing is kept on it."
    ),
)


def reconcile(api: Api, nodes: Sequence[Manifest]) -> None:
    """Give each claim that has a node its volume, and end each volume whose claim is gone."""
    zones = {
        node["metadata"]["name"]: node["metadata"].get("labels", {}).get(ZONE_LABEL)
        for node in nodes
    }
    for claim in api.list(CLAIMS) or []:
        node = _waits_for(claim)
        if node is None:
            continue
        if zone := zones.get(node):
            api.create(VOLUMES, volume(claim, zone))
        else:
            _choose_anew(api, claim)
    for found in api.list(VOLUMES) or []:
        if _has_ended(found):
            api.delete(f"{VOLUMES}/{found['metadata']['name']}")


def _annotations(found: Manifest) -> Mapping[str, str]:
    return found["metadata"].get("annotations") or {}


def _waits_for(claim: Manifest) -> str | None:
    """Return the node that a claim without a volume is to have one for; None where there is none.

    Every class of the platform waits for its first consumer, so that a claim without a node is one
    without a pod.
    """
    told = _annotations(claim)
    unbound = "volumeName" not in claim["spec"] and "deletionTimestamp" not in claim["metadata"]
    return told.get(SELECTED_NODE) if unbound and told.get(PROVISIONER) == EBS_CSI else None


def _choose_anew(api: Api, claim: Manifest) -> None:
    """Let the scheduler choose again: the node that it had chosen is gone."""
    meta = claim["metadata"]
    path = f"/api/v1/namespaces/{meta['namespace']}/persistentvolumeclaims/{meta['name']}"
    api.merge(path, {"metadata": {"annotations": {SELECTED_NODE: None}}})


def _has_ended(found: Manifest) -> bool:
    ours = _annotations(found).get(PROVISIONED_BY) == EBS_CSI
    deletes = found["spec"].get("persistentVolumeReclaimPolicy") == "Delete"
    return ours and deletes and found.get("status", {}).get("phase") == "Released"


def volume(claim: Manifest, zone: str) -> Manifest:
    """Return the volume of a claim, for this claim alone and in one zone.

    It is of a kind that nobody attaches: no driver would ever answer for one of its own kind.
    """
    meta, spec = claim["metadata"], claim["spec"]
    handle = f"vol-{hashlib.sha256(meta['uid'].encode()).hexdigest()[:17]}"
    in_zone = {"key": ZONE_LABEL, "operator": "In", "values": [zone]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {
            "name": f"pvc-{meta['uid']}",
            "annotations": {PROVISIONED_BY: EBS_CSI},
        },
        "spec": {
            "capacity": {"storage": spec["resources"]["requests"]["storage"]},
            "accessModes": spec["accessModes"],
            "storageClassName": spec["storageClassName"],
            "persistentVolumeReclaimPolicy": "Delete",
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": meta["namespace"],
                "name": meta["name"],
                "uid": meta["uid"],
            },
            "local": {"path": f"/simulated/{handle}"},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [in_zone]}]}},
        },
    }
