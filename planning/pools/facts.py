"""A pool's settings beside the facts of its instance types."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, cached_property

from catalog.instance_types import InstanceType, find_instance_type
from planning.node_images.image import NodeImage
from planning.node_images.images import image_of
from planning.placing.knapsack import best_fill
from planning.pools.instance_choice import instance_names
from planning.sharing.device import Devices, take, untouched, weight_of
from planning.sharing.way import Way
from planning.sharing.ways import way_of
from planning.specs.devices import GpuAsk
from settings.dynamic_pool import DynamicPool
from settings.karpenter_pool import KarpenterPool
from settings.managed_pool import ManagedPool, NodeRange
from settings.models import ModelSettings
from settings.pools import AnyPool

BEHIND = 1_000_000
"""More thousandths of a GPU than any node has."""
MOST_CLAIMANTS = 256
"""Pods that hold one claim. Source: Kubernetes 1.36, resource.k8s.io/v1,
ResourceClaimReservedForMaxSize."""


@dataclass(frozen=True)
class PoolFacts:
    """A pool whose instance types are all known, priced and alike in their GPU."""

    name: str
    settings: AnyPool
    types: tuple[InstanceType, ...]
    """In the order of the settings."""
    region: str

    @cached_property
    def way(self) -> Way:
        """Return how it hands out its GPUs."""
        return way_of(self.settings.sharing)

    @cached_property
    def image(self) -> NodeImage:
        """Return what its nodes start from."""
        return image_of(self.settings)

    @cached_property
    def devices(self) -> Devices:
        """Return what a node of its first type publishes."""
        return self.way.devices(self.first)

    @property
    def divides(self) -> bool:
        """Return whether several replicas may be on one GPU."""
        return any(
            device.slots > 1 or device.memory_mib < self.gpu_memory_mib for device in self.devices
        )

    def ask(self, model: ModelSettings) -> GpuAsk:
        """Return what a replica of the model takes of a node."""
        ask = self.way.ask(model, self.first)
        return replace(ask, behind=True) if model.kind == "batch" else ask

    def weight(self, ask: GpuAsk) -> int:
        """Return what a replica takes, in thousandths of a GPU."""
        return weight_of(ask, self.devices, self.gpu_memory_mib)

    def rank(self, ask: GpuAsk) -> int:
        """Return what decides who goes first of replicas that wait together: the higher rank."""
        weight = self.weight(ask)
        return weight - BEHIND if ask.behind else weight

    @property
    def gpu_memory_mib(self) -> int:
        """Return the memory of one GPU, in MiB."""
        return self.types[0].gpu_memory_mib

    @property
    def gpu_name(self) -> str:
        """Return the GPU's name as Karpenter labels it."""
        return self.types[0].gpu_name or ""

    @property
    def most_gpus_per_node(self) -> int:
        """Return the GPUs of the largest instance type."""
        return max(found.gpus for found in self.types)

    @property
    def is_static(self) -> bool:
        """Return whether Karpenter keeps a fixed number of nodes, whatever pods ask for."""
        return isinstance(self.settings, KarpenterPool) and self.settings.static_nodes is not None

    @cached_property
    def nodes(self) -> NodeRange | None:
        """Return between how many nodes it is kept; None where Karpenter starts a node for each
        replica that finds none, within `gpus_limit`."""
        match self.settings:
            case ManagedPool(nodes=nodes):
                return nodes
            case KarpenterPool(static_nodes=int() as count):
                return NodeRange(min=count, max=count)
            case _:
                return None

    @property
    def most_nodes(self) -> int | None:
        """Return how many nodes there may be at once; None where only GPUs are limited.

        Karpenter replaces a node of a static pool by one that it starts before.
        """
        if self.is_static:
            return self.gpus_limit // self.first.gpus
        return self.nodes.max if self.nodes else None

    @property
    def gpus_limit(self) -> int:
        """Return the most GPUs the pool may own."""
        if isinstance(self.settings, DynamicPool):
            return self.settings.gpu_limit
        return self.settings.nodes.max * self.first.gpus

    @property
    def gpus_for_replicas(self) -> int:
        """Return the GPUs that replicas can count on: not those that are there while a static pool
        replaces a node."""
        return self.nodes.max * self.first.gpus if self.nodes else self.gpus_limit

    @property
    def size_path(self) -> str:
        """Return the path of the setting that says how large the pool may be."""
        dynamic = "static_nodes" if self.is_static else "gpu_limit"
        key = dynamic if isinstance(self.settings, DynamicPool) else "nodes"
        return f"pools.{self.name}.{key}"

    def most_replicas(self, ask: GpuAsk) -> int:
        """Return how many replicas find room when the pool is full of them and of nothing else."""
        if self.nodes is None:
            sizes = frozenset((found.gpus, len(self.way.devices(found))) for found in self.types)
            return _most_replicas(self.gpus_limit, sizes, ask.devices)
        per_node = _replicas_per_node(self.devices, ask)
        return MOST_CLAIMANTS * bool(per_node) if ask.shared else self.nodes.max * per_node

    @property
    def first(self) -> InstanceType:
        """Return the type a group starts with: EKS its first, Karpenter the cheapest."""
        if self.is_static:
            return min(self.types, key=lambda found: (self.usd_per_hour(found), found.name))
        return self.types[0]

    def usd_per_hour(self, found: InstanceType) -> Decimal:
        """Return the on-demand price of one node of that type."""
        return found.usd_per_hour[self.region]


def known_pools(pools: Mapping[str, AnyPool], region: str) -> dict[str, PoolFacts]:
    """Return the facts of every pool whose types are all known and priced in the region."""
    facts: dict[str, PoolFacts] = {}
    for name, settings in pools.items():
        types = tuple(map(find_instance_type, instance_names(settings, region)))
        usable = tuple(found for found in types if found and _usable(found, region))
        if len(usable) == len(types) and len({found.gpu_name for found in usable}) == 1:
            facts[name] = PoolFacts(name, settings, usable, region)
    return facts


def _usable(found: InstanceType, region: str) -> bool:
    return found.gpus > 0 and region in found.usd_per_hour


@cache
def _most_replicas(gpu_limit: int, sizes: frozenset[tuple[int, int]], devices: int) -> int:
    """Return how many replicas fit nodes of these GPUs and devices, within the limit of GPUs."""
    per_node = {gpus: Decimal(count // devices) for gpus, count in sizes}
    items = {str(gpus): (gpus, replicas) for gpus, replicas in per_node.items()}
    return sum(int(per_node[int(gpus)]) for gpus in best_fill(gpu_limit, items))


@cache
def _replicas_per_node(devices: Devices, ask: GpuAsk) -> int:
    """Return how many replicas fit one node that carries nothing else."""
    room, count = untouched(devices), 0
    while found := take(devices, room, ask):
        room, count = found[0], count + 1
    return count
