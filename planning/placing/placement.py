"""First-fit placement of minimum replicas, as each kind of pool would do it.

A managed pool has its least nodes; a replica goes to the first with room, and where none has any,
Cluster Autoscaler adds a node up to the most. A static pool of Karpenter has its number of nodes.
Elsewhere Karpenter opens a node for a waiting pod, keeps every
instance type that still fits, puts further pods in, emptiest node first, and starts the cheapest
type left: two replicas of one GPU, on types of one and of four GPUs, share one node of four.
Source: kubernetes-sigs/karpenter v1.14.1, pkg/controllers/provisioning; kubernetes/autoscaler
1.36.1, cluster-autoscaler/estimator.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from catalog.instance_types import InstanceType
from planning.models.roles import least_pods
from planning.placing.room import EmptiestFirst
from planning.placing.verdict import Waiting, pool_verdict
from planning.pools.facts import PoolFacts
from planning.sharing.device import Devices, Room, Taken, gpus_touched, take, untouched
from planning.specs.placement import Placement, PlannedDevice, PlannedNode, PlannedService
from settings.managed_pool import NodeRange
from settings.models import ModelSettings


@dataclass
class _Node:
    """A node in the making: the types it may become, and what is on it."""

    types: tuple[InstanceType, ...]
    devices: Devices
    """Of its largest type, which is how Karpenter counts an open node."""
    room: Room
    replicas: list[tuple[str, Taken]] = field(default_factory=list[tuple[str, Taken]])

    def carry(self, waiting: Waiting) -> bool:
        """Put it on the node, and return whether there was room."""
        found = take(self.devices, self.room, waiting.ask)
        if found is None:
            return False
        self.room, taken = found
        self.replicas += [(waiting.name, taken)] * waiting.replicas
        return True


def place(models: Iterable[tuple[str, ModelSettings]], pools: dict[str, PoolFacts]) -> Placement:
    """Place the minimum replicas of every model on its pool, highest rank first."""
    entries = list(models)
    waiting: dict[str, list[Waiting]] = {name: [] for name in pools}
    for name, model in entries:
        waiting[model.pool] += waiting_replicas(name, model, pools[model.pool])
    nodes = [node for pool in pools.values() for node in _fill(pool, waiting[pool.name])]
    wanted = {name: (model.pool, least_pods(model)) for name, model in entries}
    services = _services(wanted, nodes)
    verdicts = (pool_verdict(pool, waiting[pool.name], services) for pool in pools.values())
    return Placement(nodes=tuple(nodes), services=services, pools=tuple(verdicts))


def waiting_replicas(name: str, model: ModelSettings, pool: PoolFacts) -> Iterator[Waiting]:
    """Yield the pods of a model's minimum replicas, together where they hold the same devices."""
    ask, count = pool.ask(model), least_pods(model)
    if ask.shared:
        yield Waiting(name, ask, count)
    else:
        yield from [Waiting(name, ask)] * count


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


def _fill(pool: PoolFacts, waiting: list[Waiting]) -> list[PlannedNode]:
    ordered = sorted(waiting, key=lambda wait: pool.rank(wait.ask), reverse=True)
    if pool.nodes is None:
        nodes = _open_as_karpenter(pool, ordered)
    else:
        nodes = _fill_in_order(pool, pool.nodes, ordered)
    return [_planned(pool, index, node) for index, node in enumerate(nodes)]


def _fill_in_order(pool: PoolFacts, kept: NodeRange, waiting: list[Waiting]) -> list[_Node]:
    """Use the first node with room; where none has any, a node is added."""
    nodes = [_node(pool, (pool.first,)) for _ in range(kept.min)]
    index, previous = 0, None
    for wait in waiting:
        # Room only shrinks: a node that refused an ask refuses its equals too.
        index = index if wait.ask == previous else 0
        previous = wait.ask
        while index < kept.max:
            fresh = index == len(nodes)
            node = _node(pool, (pool.first,)) if fresh else nodes[index]
            if node.carry(wait):
                nodes += [node] if fresh else []
                break
            index = kept.max if fresh else index + 1
    return nodes


def _open_as_karpenter(pool: PoolFacts, waiting: list[Waiting]) -> list[_Node]:
    """Open nodes under the limit; an open node counts as its largest possible type."""
    nodes: list[_Node] = []
    room, gpus_left = EmptiestFirst(), pool.gpus_limit
    for wait in waiting:
        index = room.take(wait.ask.devices)
        if index is None:
            types = tuple(found for found in pool.types if found.gpus <= gpus_left)
            if not types:
                continue
            node = _node(pool, types)
            if wait.ask.devices > len(node.devices):
                continue
            index = len(nodes)
            nodes.append(node)
            gpus_left -= max(found.gpus for found in types)
            room.add(index, len(node.devices) - wait.ask.devices, replicas=1)
        nodes[index].carry(wait)
    return nodes


def _node(pool: PoolFacts, types: tuple[InstanceType, ...]) -> _Node:
    devices = pool.way.devices(max(types, key=lambda found: found.gpus))
    return _Node(types, devices, untouched(devices))


def _planned(pool: PoolFacts, index: int, node: _Node) -> PlannedNode:
    used = gpus_touched(node.devices, node.room)
    taken = sum(len(devices) for _, devices in set(node.replicas))
    left = [found for found in node.types if len(pool.way.devices(found)) >= taken]
    kind = min(left or node.types, key=lambda found: (pool.usd_per_hour(found), found.name))
    return PlannedNode(
        name=f"{pool.name}-{index}",
        pool=pool.name,
        instance_type=kind.name,
        gpus=kind.gpus,
        gpus_used=min(used, kind.gpus),
        replicas=tuple(name for name, _ in node.replicas),
        devices=_devices(node),
    )


def _devices(node: _Node) -> tuple[PlannedDevice, ...]:
    carried: dict[int, list[str]] = {}
    for name, taken in node.replicas:
        for index in taken:
            carried.setdefault(index, []).append(name)
    return tuple(
        PlannedDevice(
            gpu=node.devices[index].gpu,
            profile=node.devices[index].profile,
            replicas=tuple(carried[index]),
        )
        for index in sorted(carried)
    )
