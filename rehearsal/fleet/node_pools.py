"""Twins of the program's NodePools, which the rehearsal's Karpenter serves.

Karpenter serves a NodePool whose node class its cloud provider knows. The program's NodePools name
an EC2NodeClass, or a NodeClass of EKS Auto Mode, so each gets a twin that names a KWOKNodeClass and
says the same otherwise.
"""

import copy
import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from catalog.instance_types import INSTANCE_TYPES, InstanceType
from planning.specs.base import DOMAIN
from rehearsal.api import Api, Manifest
from rehearsal.fleet.disks import Disks, volume_gib
from rehearsal.fleet.instance_offers import CAPACITY_TYPE_LABEL, ON_DEMAND
from rehearsal.fleet.nodes import INSTANCE_LABEL
from rehearsal.quantities import quantity

NODE_POOLS: Final = "/apis/karpenter.sh/v1/nodepools"
NODE_CLAIMS: Final = "/apis/karpenter.sh/v1/nodeclaims"
NODES: Final = "/api/v1/nodes"
EC2_NODE_CLASSES: Final = "/apis/karpenter.k8s.aws/v1/ec2nodeclasses"
AUTO_NODE_CLASSES: Final = "/apis/eks.amazonaws.com/v1/nodeclasses"
POOL_OF_NODE: Final = "karpenter.sh/nodepool"

FINALIZER: Final = f"{DOMAIN}/rehearsal"
"""Holds a deleted NodePool, and its twin, until its nodes are gone, as NodeClaims do on AWS."""
TWIN_OF: Final = f"{DOMAIN}/rehearsal-of"
"""Label of a twin: the name of the program's NodePool."""
SUFFIX: Final = "-rehearsal"
DISRUPTION: Final = f"{DOMAIN}/rehearsal-disruption"
"""Annotation of a program's NodePool: fields of `disruption`, as JSON, that its twin has instead.
A drill sets it for as long as it watches."""
AWS_GROUPS: Final = ("karpenter.k8s.aws", "eks.amazonaws.com")
"""Groups of the node classes that a program names: of its own Karpenter, and of EKS Auto Mode."""
RESERVED: Final = "reserved"
NODE_CLASS: Final = {"group": "karpenter.kwok.sh", "kind": "KWOKNodeClass", "name": "default"}

SIMULATED: Final = (
    (
        "Karpenter is the real core controller with its kwok provider; each NodePool has a twin "
        f"named `<name>{SUFFIX}` that it serves; of an EC2NodeClass only the disks "
        "are read, and what it tells the device plugin of Bottlerocket."
    ),
    (
        "Capacity reservations do not exist here: a pool's twin leaves `reserved` out and tries "
        "its other capacity types, or on-demand where it has no other."
    ),
    (
        "Karpenter's features NodeOverlay and StaticCapacity are always on here; what an overlay "
        "says of a node is what the node has from its start, before any device plugin would have "
        "said so."
    ),
)


def twin_name(name: str) -> str:
    """Return the name of the twin of the NodePool called `name`."""
    return f"{name}{SUFFIX}"


def twin(node_pool: Manifest) -> Manifest:
    """Return the NodePool that Karpenter serves in the place of the program's `node_pool`."""
    name = node_pool["metadata"]["name"]
    spec: dict[str, Any] = copy.deepcopy(node_pool["spec"])
    node: dict[str, Any] = spec["template"]["spec"]
    node["nodeClassRef"] = dict(NODE_CLASS)
    node["requirements"] = [_unreserved(one) for one in node["requirements"]]
    if instead := node_pool["metadata"].get("annotations", {}).get(DISRUPTION):
        spec["disruption"] = spec.get("disruption", {}) | json.loads(instead)
    return {
        "apiVersion": node_pool["apiVersion"],
        "kind": node_pool["kind"],
        "metadata": {
            "name": twin_name(name),
            "labels": {TWIN_OF: name},
            "finalizers": [FINALIZER],
        },
        "spec": spec,
    }


def _unreserved(requirement: Manifest) -> Manifest:
    """Return a requirement without `reserved`, of which nothing is for sale here."""
    if requirement["key"] != CAPACITY_TYPE_LABEL or RESERVED not in requirement["values"]:
        return requirement
    others = [value for value in requirement["values"] if value != RESERVED]
    return requirement | {"values": others or [ON_DEMAND]}


def of_the_program(node_pools: Iterable[Manifest]) -> list[Manifest]:
    """Return the NodePools that name a node class of AWS."""
    return [
        pool
        for pool in node_pools
        if pool["spec"]["template"]["spec"]["nodeClassRef"]["group"] in AWS_GROUPS
    ]


def disks(node_pools: Iterable[Manifest], node_classes: Iterable[Manifest]) -> dict[str, Disks]:
    """Return the disks of each instance type that a NodePool names.

    Where two pools give one type different disks it is the smaller ones: a file of instance types
    holds one size, and what fits the smaller fits both.
    """
    by_class = {found["metadata"]["name"]: _disks(found) for found in node_classes}
    by_type: dict[str, Disks] = {}
    for pool in node_pools:
        spec = pool["spec"]["template"]["spec"]
        wanted = by_class.get(spec["nodeClassRef"]["name"], Disks())
        for instance in _instance_types(spec.get("requirements", [])):
            known = by_type.get(instance.name, wanted)
            by_type[instance.name] = min(
                known, wanted, key=lambda one, on=instance: one.capacity_mib(on)
            )
    return by_type


def reconcile(api: Api, node_pools: Sequence[Manifest]) -> None:
    """Give each NodePool of the program its twin; let a deleted one go after its nodes."""
    program = {pool["metadata"]["name"]: pool for pool in of_the_program(node_pools)}
    twins = {pool["metadata"]["name"]: pool for pool in node_pools if _is_twin(pool)}
    for name, pool in program.items():
        existing = twins.get(twin_name(name))
        if "deletionTimestamp" in pool["metadata"]:
            _release(api, pool, existing)
        else:
            _serve(api, pool, existing)
    for existing in twins.values():
        if existing["metadata"]["labels"][TWIN_OF] not in program:
            _end_twin(api, existing)


def _serve(api: Api, pool: Manifest, existing: Manifest | None) -> None:
    # The finalizer first: a NodePool that has a twin must not go before it.
    if FINALIZER not in _finalizers(pool):
        _set_finalizers(api, pool, [*_finalizers(pool), FINALIZER])
    wanted = twin(pool)
    if existing is not None and "deletionTimestamp" in existing["metadata"]:
        _end_twin(api, existing)
    # Both went through the defaults of the same API: what says the same is the same.
    elif existing is None or existing["spec"] != wanted["spec"]:
        api.apply(f"{NODE_POOLS}/{wanted['metadata']['name']}", wanted)


def _release(api: Api, pool: Manifest, existing: Manifest | None) -> None:
    if existing is not None:
        _end_twin(api, existing)
    else:
        _drop_finalizer(api, pool)


def _end_twin(api: Api, existing: Manifest) -> None:
    """Take a step to end a twin: its NodeClaims and nodes go first.

    The garbage collector would delete the NodeClaims too, but it learns of a new API only after
    half a minute.
    """
    name = existing["metadata"]["name"]
    if "deletionTimestamp" not in existing["metadata"]:
        api.delete(f"{NODE_POOLS}/{name}")
        return
    selector = f"{POOL_OF_NODE}={name}"
    claims = api.list(NODE_CLAIMS, labelSelector=selector, resourceVersion="") or []
    for claim in claims:
        if "deletionTimestamp" not in claim["metadata"]:
            api.delete(f"{NODE_CLAIMS}/{claim['metadata']['name']}")
    if not claims and not api.list(NODES, labelSelector=selector, resourceVersion=""):
        _drop_finalizer(api, existing)


def _drop_finalizer(api: Api, pool: Manifest) -> None:
    if FINALIZER in _finalizers(pool):
        _set_finalizers(api, pool, [one for one in _finalizers(pool) if one != FINALIZER])


def _set_finalizers(api: Api, pool: Manifest, finalizers: list[str]) -> None:
    metadata = pool["metadata"]
    change = {"finalizers": finalizers, "resourceVersion": metadata["resourceVersion"]}
    api.merge(f"{NODE_POOLS}/{metadata['name']}", {"metadata": change})


def _finalizers(pool: Manifest) -> list[str]:
    return pool["metadata"].get("finalizers", [])


def _is_twin(pool: Manifest) -> bool:
    return TWIN_OF in pool["metadata"].get("labels", {})


def _disks(node_class: Manifest) -> Disks:
    spec = node_class["spec"]
    if storage := spec.get("ephemeralStorage"):
        asked = int(quantity(storage["size"]) // 2**30)
        return Disks(volume_gib=asked, raid0=True, larger=True)
    mappings: list[Manifest] = spec.get("blockDeviceMappings", [])
    sizes = {
        one.get("deviceName", ""): int(quantity(one["ebs"]["volumeSize"]) // 2**30)
        for one in mappings
        if "volumeSize" in one.get("ebs", {})
    }
    raid0 = spec.get("instanceStorePolicy") == "RAID0"
    return Disks(volume_gib=volume_gib(sizes), raid0=raid0)


def _instance_types(requirements: Iterable[Manifest]) -> list[InstanceType]:
    """Return the types of the catalog that `requirements` name."""
    names = [
        value
        for requirement in requirements
        if requirement["key"] == INSTANCE_LABEL and requirement["operator"] == "In"
        for value in requirement["values"]
    ]
    return [INSTANCE_TYPES[name] for name in names if name in INSTANCE_TYPES]
