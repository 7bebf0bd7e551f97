"""Which instances carry the GPUs of one replica, and what they cost."""

from dataclasses import dataclass
from decimal import Decimal

from catalog.gpus import Gpu
from catalog.instance_types import INSTANCE_TYPES, InstanceType

MOST_NODES = 4
"""Nodes over which a replica is offered; more is possible, and rarely what is wanted."""


@dataclass(frozen=True, kw_only=True)
class Supply:
    """Whole instances that carry the GPUs of one replica."""

    instance_type: InstanceType
    nodes: int
    usd_per_hour: Decimal


def supply(gpu: Gpu | None, gpus: int, region: str) -> Supply | None:
    """Return the cheapest instance with `gpus` GPUs; where none has so many, several with EFA."""
    carrying = [
        (kind, price)
        for kind in INSTANCE_TYPES.values()
        if gpu
        and kind.gpus
        and (kind.gpu_name, kind.gpu_memory_mib) == (gpu.ec2_name, gpu.ec2_memory_mib)
        and (price := kind.usd_per_hour.get(region))
    ]
    one = [
        Supply(instance_type=kind, nodes=1, usd_per_hour=price)
        for kind, price in carrying
        if kind.gpus >= gpus
    ]
    several = [
        Supply(instance_type=kind, nodes=gpus // kind.gpus, usd_per_hour=price * gpus / kind.gpus)
        for kind, price in carrying
        if kind.efa_interfaces and gpus % kind.gpus == 0 and gpus // kind.gpus <= MOST_NODES
    ]
    return min(one or several, key=lambda found: found.usd_per_hour, default=None)
