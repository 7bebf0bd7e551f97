"""The catalog as Karpenter's kwok provider reads it: what AWS would sell, where and for how much.

Source of the format: kubernetes-sigs/karpenter v1.14.1, kwok/cloudprovider/helpers.go.
Source of the labels: aws/karpenter-provider-aws v1.14.1, pkg/apis/v1/labels.go and
pkg/providers/instancetype/types.go.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from catalog.instance_types import InstanceType
from rehearsal.fleet.disks import Disks
from rehearsal.fleet.gpus import GPU
from rehearsal.fleet.nodes import REGION_LABEL, ZONE_LABEL, allocatable

AWS: Final = "karpenter.k8s.aws"
CAPACITY_TYPE_LABEL: Final = "karpenter.sh/capacity-type"
ON_DEMAND: Final = "on-demand"
SPOT: Final = "spot"

SPOT_SHARE: Final = Decimal("0.40")
"""Assumed spot price over the on-demand price: there is no dated table of spot prices."""

OVERHEAD_CPU_MILLI: Final = 100
OVERHEAD_MEMORY_MIB: Final = 10
"""What the kwok provider takes off every type: added here, so that the catalog's reserves hold."""

SIMULATED: Final = (
    (
        f"Spot costs {SPOT_SHARE:.0%} of the on-demand price, is never sold out and never taken "
        "back: an assumption, since there is no dated table of spot prices."
    ),
    "Every priced instance type is for sale in every zone of the program's subnets.",
)


def usd_per_hour(instance: InstanceType, region: str, capacity_type: str) -> Decimal | None:
    """Return the price of `capacity_type`; None where the catalog has no price in `region`."""
    price = instance.usd_per_hour.get(region)
    if price is None or capacity_type != SPOT:
        return price
    return price * SPOT_SHARE


def instance_types_file(
    region: str,
    types: Iterable[InstanceType],
    zones: tuple[str, ...],
    disks: Mapping[str, Disks],
) -> list[dict[str, Any]]:
    """Return the instance types file for those of `types` that have a price in `region`.

    `disks` is told by instance type; a type that it does not name has a root volume of 20 GiB.
    """
    return [
        {
            "name": instance.name,
            "architecture": instance.arch,
            "operatingSystems": ["linux"],
            "resources": _resources(instance, disks.get(instance.name, Disks())),
            "offerings": list(_offerings(instance, region, zones)),
        }
        for instance in types
        if region in instance.usd_per_hour
    ]


def instance_labels(instance: InstanceType) -> dict[str, str]:
    """Return the labels that the AWS provider gives a node of this type, and pools may require."""
    category, generation = _category(instance.family)
    labels = {
        f"{AWS}/instance-category": category,
        f"{AWS}/instance-family": instance.family,
        f"{AWS}/instance-generation": generation,
        f"{AWS}/instance-size": instance.name.split(".", 1)[1],
        f"{AWS}/instance-cpu": str(instance.vcpu),
        f"{AWS}/instance-memory": str(instance.memory_mib),
    }
    if instance.nvme_gb:
        labels[f"{AWS}/instance-local-nvme"] = str(instance.nvme_gb)
    if instance.gpu_name is not None:
        labels |= {
            f"{AWS}/instance-gpu-name": instance.gpu_name,
            f"{AWS}/instance-gpu-manufacturer": "nvidia",
            f"{AWS}/instance-gpu-count": str(instance.gpus),
            f"{AWS}/instance-gpu-memory": str(instance.gpu_memory_mib),
        }
    return labels


def _resources(instance: InstanceType, disks: Disks) -> dict[str, str]:
    resources = allocatable(instance, disks) | {
        "cpu": f"{instance.allocatable_cpu_milli + OVERHEAD_CPU_MILLI}m",
        "memory": f"{instance.allocatable_memory_mib + OVERHEAD_MEMORY_MIB}Mi",
    }
    return resources | ({GPU: str(instance.gpus)} if instance.gpus else {})


def _offerings(
    instance: InstanceType, region: str, zones: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    for capacity_type in (ON_DEMAND, SPOT):
        price = usd_per_hour(instance, region, capacity_type)
        for zone in zones:
            labels = {
                CAPACITY_TYPE_LABEL: capacity_type,
                ZONE_LABEL: zone,
                REGION_LABEL: region,
            } | instance_labels(instance)
            yield {
                "Price": None if price is None else float(price),
                "Available": True,
                "Requirements": [
                    {"key": key, "operator": "In", "values": [value]}
                    for key, value in labels.items()
                ],
            }


def _category(family: str) -> tuple[str, str]:
    """Return `g` and `6` of `g6e`: the letters before the first digits, and these digits."""
    found = re.match(r"([a-z]+)(\d+)", family)
    if found is None:
        raise ValueError(f"instance family {family}: no letters followed by a number")
    return found[1], found[2]
