"""First-fit placement of minimum replicas, as each kind of pool would do it.

A managed pool has its least nodes; a replica goes to the first with room, and where none has any,
Cluster Autoscaler adds a node up to the most. Karpenter opens a node for a waiting pod, keeps every
instance type that still fits, puts further pods in, emptiest node first, and starts the cheapest
type left: two replicas of one GPU, on types of one and of four GPUs, share one node of four.
Source: kubernetes-sigs/karpenter v1.14.1, pkg/controllers/provisioning; kubernetes/autoscaler
1.36.1, cluster-autoscaler/estimator.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from catalog.instance_types import InstanceType
from planning.demand import gpu_ask
from planning.plan import Placement, PlannedNode, PlannedService
from planning.pool_facts import PoolFacts
from planning.room import Room, SharedDevice
from planning.specs.models import GpuAsk
from settings.karpenter_pool import KarpenterPool
from settings.managed_pool import ManagedPool
from settings.models import ModelSettings
from settings.sharing import HamiSharing

Waiting = list[tuple[str, GpuAsk]]
"""Replicas of one pool, each with its model's name and its ask."""


@dataclass
class _Node:
    """A node in the making: the types it may become, and what is on it."""

    types: tuple[InstanceType, ...]
    gpus_used: int = 0
    replicas: list[str] = field(default_factory=list[str])

    @property
    def gpus(self) -> int:
        """Return the GPUs of its largest type, which is how Karpenter counts an open node."""
        return max(found.gpus for found in self.types)

    def carry(self, name: str, gpus: int) -> None:
        """Put a replica on it that takes so many GPUs nobody used before."""
        self.gpus_used += gpus
        self.replicas.append(name)


def place(models: Iterable[tuple[str, ModelSettings]], pools: dict[str, PoolFacts]) -> Placement:
    """Place the minimum replicas of every model on its pool, largest ask first."""
    waiting: dict[str, Waiting] = {name: [] for name in pools}
    wanted: dict[str, tuple[str, int]] = {}
    for name, model in models:
        wanted[name] = (model.pool, model.replicas.min)
        waiting[model.pool] += [(name, gpu_ask(model))] * model.replicas.min
    nodes = [node for pool in pools.values() for node in _fill(pool, waiting[pool.name])]
    return Placement(nodes=tuple(nodes), services=_services(wanted, nodes))


def _services(
    wanted: dict[str, tuple[str, int]], nodes: list[PlannedNode]
) -> tuple[PlannedService, ...]:
    homes: dict[str, list[str]] = {name: [] for name in wanted}
    for node in nodes:
        for replica in node.replicas:
            homes[replica].append(node.name)
    return tuple(
        PlannedService(
            name=name, pool=pool, wanted=count, placed=len(homes[name]), nodes=tuple(homes[name])
        )
        for name, (pool, count) in wanted.items()
    )


def _fill(pool: PoolFacts, waiting: Waiting) -> list[PlannedNode]:
    asks = sorted(waiting, key=lambda wait: _size(wait[1]), reverse=True)
    settings = pool.settings
    if isinstance(settings, KarpenterPool):
        nodes = _open_as_karpenter(pool, settings, asks)
    elif isinstance(settings.sharing, HamiSharing):
        nodes = _share_devices(pool, settings, settings.sharing, asks)
    else:
        nodes = _fill_in_order(pool, settings, asks)
    return [_planned(pool, index, node) for index, node in enumerate(nodes)]


def _size(ask: GpuAsk) -> tuple[int, int, int]:
    return (ask.devices, ask.memory_mib or 0, ask.cores_percent or 0)


def _fill_in_order(pool: PoolFacts, settings: ManagedPool, asks: Waiting) -> list[_Node]:
    """Give whole GPUs, of the first node with room; where none has any, a node is added."""
    nodes = [_Node((pool.first,)) for _ in range(settings.nodes.min)]
    room = Room(emptiest_first=False)
    for index, node in enumerate(nodes):
        room.add(index, node.gpus)
    for name, ask in asks:
        index = room.take(ask.devices)
        if index is None:
            if len(nodes) == settings.nodes.max or ask.devices > pool.first.gpus:
                continue
            index = len(nodes)
            nodes.append(_Node((pool.first,)))
            room.add(index, pool.first.gpus - ask.devices, replicas=1)
        nodes[index].carry(name, ask.devices)
    return nodes


def _share_devices(
    pool: PoolFacts, settings: ManagedPool, sharing: HamiSharing, asks: Waiting
) -> list[_Node]:
    """Give shares of the devices of a fixed number of nodes, the first with room first."""
    nodes = [_Node((pool.first,)) for _ in range(settings.nodes.max)]
    devices = [
        SharedDevice(memory_mib=pool.gpu_memory_mib, slots=sharing.splits)
        for _ in range(settings.nodes.max * pool.first.gpus)
    ]
    index, previous = 0, None
    for name, ask in asks:
        # Room only shrinks: a device that refused an ask refuses its equals too.
        index = index if ask == previous else 0
        previous = ask
        while index < len(devices) and not devices[index].fits(ask):
            index += 1
        if index < len(devices):
            untouched = devices[index].slots == sharing.splits
            devices[index].take(ask)
            nodes[index // pool.first.gpus].carry(name, 1 if untouched else 0)
    return nodes


def _open_as_karpenter(pool: PoolFacts, settings: KarpenterPool, asks: Waiting) -> list[_Node]:
    """Open nodes under the limit; an open node counts as its largest possible type."""
    nodes: list[_Node] = []
    room, gpus_left = Room(emptiest_first=True), settings.gpu_limit
    for name, ask in asks:
        index = room.take(ask.devices)
        if index is None:
            types = tuple(found for found in pool.types if found.gpus <= gpus_left)
            if ask.devices > max((found.gpus for found in types), default=0):
                continue
            index = len(nodes)
            nodes.append(_Node(types))
            gpus_left -= nodes[index].gpus
            room.add(index, nodes[index].gpus - ask.devices, replicas=1)
        nodes[index].carry(name, ask.devices)
    return nodes


def _planned(pool: PoolFacts, index: int, node: _Node) -> PlannedNode:
    left = (found for found in node.types if found.gpus >= node.gpus_used)
    kind = min(left, key=lambda found: (pool.usd_per_hour(found), found.name))
    return PlannedNode(
        name=f"{pool.name}-{index}",
        pool=pool.name,
        instance_type=kind.name,
        gpus=kind.gpus,
        gpus_used=node.gpus_used,
        replicas=tuple(node.replicas),
    )
