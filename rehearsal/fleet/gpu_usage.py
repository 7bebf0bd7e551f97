"""How many GPUs of a node are in use."""

import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Final

from catalog.instance_types import InstanceType
from rehearsal.api import Manifest
from rehearsal.fleet.claims import HeldDevice
from rehearsal.fleet.gpus import is_hami
from rehearsal.hami.objects import GPU, GPU_CORES, GPU_MEMORY, hami_gpus_used
from rehearsal.quantities import quantity

DOMAIN: Final = "nvidia.com/"
GPU_OF_DEVICE: Final = re.compile(r"(?:hami-)?gpu-(\d+)")
"""Number of the GPU that a device is, or is a part of."""

Amounts = dict[str, Decimal]
"""Extended resources by name."""


def gpus_used(
    node: Manifest,
    instance: InstanceType | None,
    pods: Sequence[Manifest],
    held: Iterable[HeldDevice],
) -> int:
    """Return the GPUs of `node` that its `pods` use.

    Exact where claims or HAMi say which GPU. Of time-slices and MIG instances it is the least
    number of GPUs that has as many: which one a container gets, only the kubelet knows.

    Args:
        node: With its labels and allocatable resources.
        instance: Its type; None where the catalog does not have it.
        pods: Those on it that have not ended.
        held: Devices of its pools that claims hold.
    """
    if instance is None or instance.gpus == 0:
        return 0
    labels: dict[str, str] = node["metadata"].get("labels", {})
    claimed = {gpu_of(device) for device in held if not device.admin}
    asked = _asked(pods)
    if is_hami(labels):
        return max(hami_gpus_used(pods), _least_of_hami(asked, instance))
    return max(len(claimed), _least(asked, node, instance))


def gpu_of(device: HeldDevice) -> str:
    """Return the number of the GPU that a device is, or is a part of."""
    found = GPU_OF_DEVICE.match(device.device)
    return found[1] if found else device.device


def _asked(pods: Iterable[Manifest]) -> Amounts:
    total: Amounts = {}
    for pod in pods:
        for container in pod["spec"]["containers"]:
            requests: dict[str, str] = container.get("resources", {}).get("requests", {})
            for key, amount in requests.items():
                if key.startswith(DOMAIN):
                    total[key] = total.get(key, Decimal(0)) + quantity(amount)
    return total


def _least(asked: Amounts, node: Manifest, instance: InstanceType) -> int:
    """Return the least GPUs that have what was asked for: each has an equal part of the node's."""
    allocatable: dict[str, str] = node.get("status", {}).get("allocatable", {})
    has = {key: quantity(allocatable[key]) for key in asked if key in allocatable}
    needed = [asked[key] * instance.gpus / amount for key, amount in has.items() if amount]
    return _whole(max(needed, default=Decimal(0)))


def _least_of_hami(asked: Amounts, instance: InstanceType) -> int:
    memory = asked.get(GPU_MEMORY, Decimal(0)) / instance.gpu_memory_mib
    cores = asked.get(GPU_CORES, Decimal(0)) / 100
    without_shares = asked.get(GPU, Decimal(0)) if not memory and not cores else Decimal(0)
    return _whole(max(memory, cores, without_shares))


def _whole(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_CEILING))
