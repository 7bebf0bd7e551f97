"""EC2 instance types: what each one has, what Kubernetes may use of it, and its price.

Source of the numbers: `instance_type_facts.py`.
Source of the rules: awslabs/amazon-eks-ami, nodeadm/internal/kubelet/config.go (kube-reserved,
hard eviction) and maxpods/maxpods.go; aws/karpenter-provider-aws,
pkg/providers/instancetype/types.go (default network card, memory a VM does not see); 2026-08-21.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, Literal, cast

from catalog.instance_type_facts import COLUMNS, TABLE

Architecture = Literal["amd64", "arm64"]

GRAVITON_RESERVED_MIB: Final = 64
"""Contiguous memory that arm64 instances keep for themselves, in MiB."""

VM_OVERHEAD_PER_MILLE: Final = 75
"""Memory that EC2 counts and the node does not see: Karpenter's `vmMemoryOverheadPercent`."""

HARD_EVICTION_MIB: Final = 100
"""The kubelet's `evictionHard` threshold `memory.available` on EKS AL2023, in MiB."""

UNKNOWN: Final = "-"


@dataclass(frozen=True, kw_only=True)
class InstanceType:
    """One EC2 instance type."""

    name: str
    """API name, for example `g6e.2xlarge`."""
    arch: Architecture
    """Value of the node label `kubernetes.io/arch`."""
    vcpu: int
    """Virtual CPUs."""
    memory_mib: int
    """Memory as EC2 states it, in MiB; see `capacity_memory_mib` for what a node reports."""
    gpus: int
    """Whole NVIDIA GPUs, which is what a node advertises; 0 where it holds a fraction of one."""
    gpu_name: str | None
    """Value of the label `karpenter.k8s.aws/instance-gpu-name`; None without an NVIDIA GPU."""
    gpu_memory_mib: int
    """Memory of each GPU (or of the fraction) as EC2 states it, in MiB; 0 without a GPU."""
    nvme_gb: int
    """Local NVMe in all, in GB (10**9 bytes)."""
    network_gbps: float
    """Baseline network bandwidth, in Gbit/s."""
    efa_interfaces: int
    """Most Elastic Fabric Adapter interfaces; 0 where EFA is not offered."""
    max_enis: int
    """Most network interfaces, over all network cards."""
    pod_enis: int
    """Most network interfaces of the default network card: only these carry pod addresses."""
    ipv4_per_eni: int
    """Private IPv4 addresses per network interface."""
    usd_per_hour: Mapping[str, Decimal] = field(hash=False)
    """Dollars per hour on demand (Linux, shared tenancy) by region; an unknown price is absent."""

    @property
    def family(self) -> str:
        """Return the part before the size, for example `g6e` of `g6e.2xlarge`."""
        return self.name.split(".", 1)[0]

    @property
    def network_cards(self) -> int:
        """Return the network cards, each of which carries as many interfaces as the default one."""
        return self.max_enis // self.pod_enis

    @property
    def max_pods(self) -> int:
        """Return the most pods of a node without prefix delegation."""
        return self.pod_enis * (self.ipv4_per_eni - 1) + 2

    @property
    def capacity_memory_mib(self) -> int:
        """Return the memory a node is planned to report as capacity, in MiB, as Karpenter does."""
        visible = self.memory_mib - (GRAVITON_RESERVED_MIB if self.arch == "arm64" else 0)
        return visible * (1000 - VM_OVERHEAD_PER_MILLE) // 1000

    @property
    def allocatable_cpu_milli(self) -> int:
        """Return the CPU that pods may request, in thousandths of a core.

        Reserved are 6 % of the first core, 1 % of the second, 0.5 % of the next two and 0.25 % of
        the rest.
        """
        tenths_reserved = sum(
            per_core * min(max(self.vcpu - first, 0), count)
            for first, count, per_core in (
                (0, 1, 600),
                (1, 1, 100),
                (2, 2, 50),
                (4, self.vcpu, 25),
            )
        )
        return self.vcpu * 1000 - tenths_reserved // 10

    @property
    def allocatable_memory_mib(self) -> int:
        """Return the memory that pods may request, in MiB.

        Reserved are 255 MiB, 11 MiB per possible pod, and the hard eviction threshold.
        """
        kube_reserved_mib = 255 + 11 * self.max_pods
        return self.capacity_memory_mib - kube_reserved_mib - HARD_EVICTION_MIB


def _instance_type(row: str) -> InstanceType:
    cells = dict(zip(COLUMNS, row.split(), strict=True))
    return InstanceType(
        name=cells["name"],
        arch=cast("Architecture", cells["arch"]),
        vcpu=int(cells["vcpu"]),
        memory_mib=int(cells["memory_mib"]),
        gpus=int(cells["gpus"]),
        gpu_name=None if cells["gpu_name"] == UNKNOWN else cells["gpu_name"],
        gpu_memory_mib=int(cells["gpu_memory_mib"]),
        nvme_gb=int(cells["nvme_gb"]),
        network_gbps=float(cells["network_gbps"]),
        efa_interfaces=int(cells["efa_interfaces"]),
        max_enis=int(cells["max_enis"]),
        pod_enis=int(cells["pod_enis"]),
        ipv4_per_eni=int(cells["ipv4_per_eni"]),
        usd_per_hour=MappingProxyType(
            {r: Decimal(cells[r]) for r in COLUMNS[-4:] if cells[r] != UNKNOWN}
        ),
    )


INSTANCE_TYPES: Final[Mapping[str, InstanceType]] = MappingProxyType(
    {found.name: found for found in map(_instance_type, TABLE.splitlines())}
)
"""Every instance type the platform knows, by name: NVIDIA types, and types for system nodes."""


def find_instance_type(name: str) -> InstanceType | None:
    """Return the type called `name`, or None where the catalog has none."""
    return INSTANCE_TYPES.get(name)


def nearest_instance_types(name: str) -> tuple[str, ...]:
    """Return up to three known names that look like `name`, best first, for an error's fix."""
    return tuple(get_close_matches(name, INSTANCE_TYPES, n=3))
