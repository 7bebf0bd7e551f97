"""A pool's settings beside the facts of its instance types."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property

from catalog.instance_types import InstanceType, find_instance_type
from planning.instance_choice import instance_names
from planning.knapsack import best_fill
from planning.sharing.device import Devices, take, untouched, weight_of
from planning.sharing.way import Way
from planning.sharing.ways import way_of
from planning.specs.devices import GpuAsk
from settings.dynamic_pool import DynamicPool
from settings.models import ModelSettings
from settings.pools import AnyPool

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
        return self.way.ask(model, self.first)

    def weight(self, ask: GpuAsk) -> int:
        """Return what a replica takes, in thousandths of a GPU."""
        return weight_of(ask, self.devices, self.gpu_memory_mib)

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
    def gpus_limit(self) -> int:
        """Return the most GPUs the pool may own."""
        if isinstance(self.settings, DynamicPool):
            return self.settings.gpu_limit
        return self.settings.nodes.max * self.first.gpus

    @property
    def size_path(self) -> str:
        """Return the path of the setting that says how large the pool may be."""
        key = "gpu_limit" if isinstance(self.settings, DynamicPool) else "nodes"
        return f"pools.{self.name}.{key}"

    def most_replicas(self, ask: GpuAsk) -> int:
        """Return how many replicas find room when the pool is full of them and of nothing else."""
        if isinstance(self.settings, DynamicPool):
            sizes = frozenset((found.gpus, len(self.way.devices(found))) for found in self.types)
            return _most_replicas(self.settings.gpu_limit, sizes, ask.devices)
        per_node = _replicas_per_node(self.devices, ask)
        return MOST_CLAIMANTS * bool(per_node) if ask.shared else self.settings.nodes.max * per_node

    @property
    def first(self) -> InstanceType:
        """Return the type a managed node group starts with."""
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
