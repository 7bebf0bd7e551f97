"""GPU pools that are managed node groups."""

from typing import Literal

from catalog.instance_types import InstanceType
from planning.models.demand import volume_gib
from planning.naming import node_tags
from planning.node_images.start import start_of
from planning.pools.facts import PoolFacts
from planning.pools.marks import node_labels, node_taints
from planning.specs.base import DeviceManager
from planning.specs.pools import ManagedGpuNodesSpec, NetworkInterfaceSpec
from settings.managed_pool import ManagedPool

STATUS_MANAGERS: tuple[DeviceManager, ...] = ("device-plugin", "hami")
"""Drivers that count their devices in a node's status."""
CAPACITY_TYPES: dict[str, Literal["ON_DEMAND", "SPOT", "CAPACITY_BLOCK"]] = {
    "on-demand": "ON_DEMAND",
    "spot": "SPOT",
    "capacity-block": "CAPACITY_BLOCK",
}
ACCELERATOR_LABEL = "k8s.amazonaws.com/accelerator"
"""Tells Cluster Autoscaler that a new node will have GPUs, before its device plugin says so; else
it adds node after node. Source: kubernetes/autoscaler, cloudprovider/aws/README.md."""


def managed_gpu_nodes(
    pool: PoolFacts, settings: ManagedPool, kubernetes: str, stack: str
) -> ManagedGpuNodesSpec:
    """Return a managed node group."""
    image = pool.image.in_group(kubernetes)
    labels, taints = node_labels(pool) | _accelerator(pool), node_taints(pool)
    start = start_of(pool, stack, labels, taints)
    return ManagedGpuNodesSpec(
        name=pool.name,
        instance_types=settings.instances,
        capacity_type=CAPACITY_TYPES[settings.capacity],
        ami_type=image.ami_type,
        release_version=image.release_version,
        ami_id=image.ami_id,
        min_nodes=settings.nodes.min,
        max_nodes=settings.nodes.max,
        disks=pool.image.disks(volume_gib(pool)),
        user_data=pool.image.group_user_data(start),
        labels=labels,
        taints=taints,
        zone=settings.zone,
        placement_group=settings.placement_group,
        network_interfaces=efa_interfaces(pool.first) if settings.efa else (),
        reservation_id=settings.reservation.id if settings.reservation else None,
        repair=settings.repair,
        tags=node_tags(stack, pool.name),
    )


def _accelerator(pool: PoolFacts) -> dict[str, str]:
    """Return the label that promises `nvidia.com/gpu` in a node's status.

    Claimed GPUs never appear there: Cluster Autoscaler would take such a node for one that is not
    ready yet, for ever. Source: kubernetes/autoscaler, cluster-autoscaler/processors/
    customresources/gpu_processor.go; provider AWS names no DRA driver.
    """
    return {ACCELERATOR_LABEL: pool.gpu_name} if pool.way.manager in STATUS_MANAGERS else {}


def efa_interfaces(found: InstanceType) -> tuple[NetworkInterfaceSpec, ...]:
    """Return the interfaces that give a node all of its EFA bandwidth and one address.

    One per network card; the first also carries IP, and it does so without EFA on a type that has a
    card more than EFA interfaces.
    Source: Amazon EC2 User Guide, efa-acc-inst-types.
    """
    first = "interface" if found.network_cards > found.efa_interfaces else "efa"
    return (
        NetworkInterfaceSpec(card=0, device=0, kind=first),
        *(
            NetworkInterfaceSpec(card=card, device=1, kind="efa-only")
            for card in range(1, found.network_cards)
        ),
    )
