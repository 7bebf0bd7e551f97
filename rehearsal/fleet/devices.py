"""GPU devices in step with nodes: ResourceSlices, DeviceClasses, and what a node's status says.

Source: k8s.io/dynamic-resource-allocation v0.36, resourceslice/resourceslicecontroller.go (pools).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from catalog.instance_types import INSTANCE_TYPES, InstanceType
from planning.specs.base import DEVICE_MANAGER_LABEL, DOMAIN
from rehearsal.api import Api, Manifest
from rehearsal.fleet import device_classes, hami_devices, nvidia_devices
from rehearsal.fleet.device_plugin import published
from rehearsal.fleet.errors import FleetError
from rehearsal.fleet.gpu_configs import GpuConfigs
from rehearsal.fleet.gpu_devices import cuts, gpus_of
from rehearsal.fleet.nodes import INSTANCE_LABEL
from rehearsal.fleet.resource_slices import RESOURCE_SLICES, Content, slice_manifests

DRIVERS: Final = {"nvidia-dra": nvidia_devices.DRIVER, "hami-dra": hami_devices.DRIVER}
"""DRA drivers by the value of the label `llm-platform/device-manager`."""
DIGEST: Final = f"{DOMAIN}/pool-digest"
"""Annotation of a ResourceSlice: digest of all that its pool holds."""

SIMULATED: Final = (
    (
        "No DRA driver runs: the fleet writes the ResourceSlices and DeviceClasses that the "
        "NVIDIA driver and HAMi's would, for every GPU of the catalog; nothing is prepared on a "
        "node, and sharing settings in claims (time-slicing, MPS) have no effect."
    ),
    (
        "GPUs share a PCIe root where AWS has published the layout (p4d, p4de, g5.48xlarge and "
        "p5.48xlarge); elsewhere each has a root of its own, and NUMA nodes are not published."
    ),
    (
        "MIG layouts are there as soon as a node is, without a reboot; profiles that differ in "
        "media engines only are left out, and the memory and multiprocessors of some profiles "
        "are inferred (`catalog/mig.py` says which)."
    ),
    (
        "A change of the device plugin's or the MIG manager's ConfigMap takes effect at once, and "
        "a container that asks for two slices of a GPU is not turned away."
    ),
)

Pools = dict[tuple[str, str], list[Manifest]]
"""ResourceSlices by driver and node."""


def reconcile(
    api: Api, nodes: Sequence[Manifest], configs: GpuConfigs, *, dynamic_mig: bool
) -> None:
    """Publish the devices of `nodes`, and take back those of nodes that are no more.

    Raises:
        FleetError: the labels of some nodes ask for what there is not; all others are served.
    """
    alive = [node for node in nodes if "deletionTimestamp" not in node["metadata"]]
    problems: list[str] = []
    existing = _pools(api.list(RESOURCE_SLICES) or [])
    managed: dict[tuple[str, str], Manifest] = {}
    for node, instance in _with_gpus(alive):
        try:
            published(node["metadata"]["name"], instance, _labels(node), configs)
            driver = DRIVERS.get(_labels(node).get(DEVICE_MANAGER_LABEL, ""))
            if driver is not None:
                key = (driver, node["metadata"]["name"])
                managed[key] = node
                contents = _contents(node, instance, configs, dynamic_mig=dynamic_mig)
                _publish(api, node, driver, contents, existing.get(key, []))
        except FleetError as problem:
            problems.append(str(problem))
    for gone in existing.keys() - managed.keys():
        for found in existing[gone]:
            api.delete(f"{RESOURCE_SLICES}/{found['metadata']['name']}")
    device_classes.reconcile(api, {driver for driver, _ in managed})
    if problems:
        raise FleetError("; ".join(problems))


def _contents(
    node: Manifest, instance: InstanceType, configs: GpuConfigs, *, dynamic_mig: bool
) -> list[Content]:
    name, labels = node["metadata"]["name"], _labels(node)
    gpus = gpus_of(name, instance)
    if labels[DEVICE_MANAGER_LABEL] == "hami-dra":
        return hami_devices.hami_slices(gpus)
    instances = cuts(name, instance, labels, configs)
    return nvidia_devices.nvidia_slices(gpus, instances, dynamic=dynamic_mig)


def _publish(
    api: Api,
    node: Manifest,
    driver: str,
    contents: Sequence[Content],
    existing: Sequence[Manifest],
) -> None:
    digest = _digest(node, contents)
    if len(existing) == len(contents) and all(_digest_of(one) == digest for one in existing):
        return
    before = [int(one["spec"]["pool"]["generation"]) for one in existing]
    manifests = slice_manifests(node, driver, contents, max(before, default=0) + 1)
    for manifest in manifests:
        manifest["metadata"]["annotations"] = {DIGEST: digest}
        api.apply(f"{RESOURCE_SLICES}/{manifest['metadata']['name']}", manifest)
    kept = {manifest["metadata"]["name"] for manifest in manifests}
    for one in existing:
        if one["metadata"]["name"] not in kept:
            api.delete(f"{RESOURCE_SLICES}/{one['metadata']['name']}")


def _pools(slices: Sequence[Manifest]) -> Pools:
    pools: Pools = {}
    for found in slices:
        if found["spec"]["driver"] in DRIVERS.values():
            key = (found["spec"]["driver"], found["spec"].get("nodeName", ""))
            pools.setdefault(key, []).append(found)
    return pools


def _with_gpus(nodes: Sequence[Manifest]) -> Iterator[tuple[Manifest, InstanceType]]:
    for node in nodes:
        instance = INSTANCE_TYPES.get(_labels(node).get(INSTANCE_LABEL, ""))
        if instance is not None and instance.gpus:
            yield node, instance


def _digest(node: Manifest, contents: Sequence[Content]) -> str:
    """Return the digest of a pool; a node of the same name that came anew makes another."""
    text = json.dumps([node["metadata"]["uid"], contents], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _digest_of(found: Manifest) -> str | None:
    annotations: Mapping[str, str] = found["metadata"].get("annotations", {})
    return annotations.get(DIGEST)


def _labels(found: Manifest) -> dict[str, str]:
    return found["metadata"].get("labels", {})
