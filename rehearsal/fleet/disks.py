"""How much local storage a node has for images, caches and pods.

Source: aws/karpenter-provider-aws v1.14.1, pkg/providers/instancetype/types.go
(`ephemeralStorage`, `kubeReservedResources`, `evictionThreshold`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from catalog.bottlerocket import DATA_DEVICE
from catalog.instance_types import InstanceType

DEFAULT_VOLUME_GIB: Final = 20
"""Root volume where nothing is asked for. Source: the same, pkg/providers/amifamily, and EKS."""
RESERVED_MIB: Final = 1024
EVICTION_PERCENT: Final = 10
"""Free storage below which the kubelet evicts pods."""


@dataclass(frozen=True, kw_only=True)
class Disks:
    """What a node class or launch template asks for."""

    volume_gib: int = DEFAULT_VOLUME_GIB
    """Root volume."""
    raid0: bool = False
    """Whether the instance's own NVMe disks hold images and pods, where it has some."""

    larger: bool = False
    """Whether NVMe disks that are smaller than the volume are left to themselves, as EKS Auto Mode
    does. Source: Amazon EKS User Guide, automode-learn-instances, "considerations"."""

    def capacity_mib(self, instance: InstanceType) -> int:
        """Return the ephemeral storage of a node of this type, in MiB."""
        volume, nvme = self.volume_gib * 1024, instance.nvme_gb * 10**9 // 2**20
        if self.raid0 and nvme and not (self.larger and nvme <= volume):
            return nvme
        return volume

    def allocatable_mib(self, instance: InstanceType) -> int:
        """Return what pods may take of it, in MiB."""
        return self.capacity_mib(instance) * (100 - EVICTION_PERCENT) // 100 - RESERVED_MIB


def volume_gib(sizes: Mapping[str, int]) -> int:
    """Return the size of the volume that images and pods are on, of all volumes by device.

    It is the root, but for an image that keeps its system on a disk of its own.
    """
    return (
        sizes.get(DATA_DEVICE)
        or next((size for size in sizes.values() if size), 0)
        or (DEFAULT_VOLUME_GIB)
    )
