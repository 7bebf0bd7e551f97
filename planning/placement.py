"""First-fit placement of minimum replicas, as each kind of pool would do it.

A managed pool has its nodes; a replica goes to the first with room. Karpenter opens a node for a
waiting pod, keeps every instance type that still fits, puts further pods in, and starts the
cheapest type left. Source: kubernetes-sigs/karpenter v1.14.1, pkg/controllers/provisioning.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from catalog.instance_types import InstanceType
from planning.demand import gpu_ask
from planning.plan import Placement, PlannedNode, PlannedService
from planning.pool_facts import PoolFacts
from planning.specs.models import GpuAsk
from settings.models import ModelSettings
from settings.pools import HamiSharing, KarpenterPool, ManagedPool


@dataclass
class _Device:
    """A GPU that replicas may share."""

    memory_mib: int
    slots: int
    cores_percent: int = 100

    def take(self, ask: GpuAsk) -> bool:
        memory, cores = ask.memory_mib or self.memory_mib, ask.cores_percent or 100
        if self.slots < 1 or memory > self.memory_mib or cores > self.cores_percent:
            return False
        self.memory_mib -= memory
        self.cores_percent -= cores
        self.slots -= 1
        return True


@dataclass
class _Node:
    """A node in the making: the types it may still become, and what is on it."""

    types: list[InstanceType]
    devices: list[_Device] = field(default_factory=list[_Device])
    whole: int = 0
    replicas: list[str] = field(default_factory=list[str])
    touched: set[int] = field(default_factory=set[int])

    def take(self, name: str, ask: GpuAsk) -> bool:
        if ask.memory_mib is None:
            return self._take_whole(name, ask.devices)
        for index, device in enumerate(self.devices):
            if device.take(ask):
                self.touched.add(index)
                self.replicas.append(name)
                return True
        return False

    def _take_whole(self, name: str, devices: int) -> bool:
        left = [found for found in self.types if found.gpus >= self.whole + devices]
        if not left:
            return False
        self.types, self.whole = left, self.whole + devices
        self.replicas.append(name)
        return True


def place(models: Iterable[tuple[str, ModelSettings]], pools: dict[str, PoolFacts]) -> Placement:
    """Place the minimum replicas of every model on its pool, largest ask first."""
    waiting: dict[str, list[tuple[str, GpuAsk]]] = {name: [] for name in pools}
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


def _fill(pool: PoolFacts, waiting: list[tuple[str, GpuAsk]]) -> list[PlannedNode]:
    asks = sorted(waiting, key=lambda wait: _size(wait[1]), reverse=True)
    settings = pool.settings
    if isinstance(settings, ManagedPool):
        nodes = [_managed_node(pool) for _ in range(settings.nodes)]
        for name, ask in asks:
            any(node.take(name, ask) for node in nodes)
    else:
        nodes = _open_as_karpenter(pool, settings, asks)
    return [_planned(pool, index, node) for index, node in enumerate(nodes)]


def _size(ask: GpuAsk) -> tuple[int, int, int]:
    return (ask.devices, ask.memory_mib or 0, ask.cores_percent or 0)


def _managed_node(pool: PoolFacts) -> _Node:
    sharing = pool.settings.sharing
    slots = sharing.splits if isinstance(sharing, HamiSharing) else 0
    devices = [_Device(pool.gpu_memory_mib, slots) for _ in range(pool.first.gpus)]
    return _Node(types=[pool.first], devices=devices)


def _open_as_karpenter(
    pool: PoolFacts, settings: KarpenterPool, asks: list[tuple[str, GpuAsk]]
) -> list[_Node]:
    """Open nodes under the limit; Karpenter counts an open node as its largest possible type."""
    nodes: list[_Node] = []
    for name, ask in asks:
        if any(node.take(name, ask) for node in sorted(nodes, key=lambda n: len(n.replicas))):
            continue
        room = settings.gpu_limit - sum(max(t.gpus for t in node.types) for node in nodes)
        node = _Node(types=[found for found in pool.types if found.gpus <= room])
        if node.take(name, ask):
            nodes.append(node)
    return nodes


def _planned(pool: PoolFacts, index: int, node: _Node) -> PlannedNode:
    kind = min(node.types, key=lambda found: (pool.usd_per_hour(found), found.name))
    return PlannedNode(
        name=f"{pool.name}-{index}",
        pool=pool.name,
        instance_type=kind.name,
        gpus=kind.gpus,
        gpus_used=node.whole + len(node.touched),
        replicas=tuple(node.replicas),
    )
