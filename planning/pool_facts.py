"""A pool's settings beside the facts of its instance types."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from catalog.instance_types import InstanceType, find_instance_type
from planning.instance_choice import instance_names
from planning.knapsack import best_fill
from planning.specs.models import GpuAsk
from settings.karpenter_pool import KarpenterPool
from settings.managed_pool import ManagedPool
from settings.sharing import WholeSharing


@dataclass(frozen=True)
class PoolFacts:
    """A pool whose instance types are all known, priced and alike in their GPU."""

    name: str
    settings: KarpenterPool | ManagedPool
    types: tuple[InstanceType, ...]
    """In the order of the settings."""
    region: str

    @property
    def shared(self) -> bool:
        """Return whether several replicas may share one GPU."""
        return self.settings.sharing.kind == "hami"

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
        if isinstance(self.settings, KarpenterPool):
            return self.settings.gpu_limit
        return self.settings.nodes.max * self.first.gpus

    @property
    def size_path(self) -> str:
        """Return the path of the setting that says how large the pool may be."""
        key = "gpu_limit" if isinstance(self.settings, KarpenterPool) else "nodes"
        return f"pools.{self.name}.{key}"

    def most_replicas(self, ask: GpuAsk) -> int:
        """Return how many replicas find room when the pool is full of them and of nothing else."""
        if isinstance(self.settings, KarpenterPool):
            sizes = frozenset(found.gpus for found in self.types)
            return _most_replicas(self.settings.gpu_limit, sizes, ask.devices)
        return self.settings.nodes.max * self._replicas_per_node(ask)

    def _replicas_per_node(self, ask: GpuAsk) -> int:
        sharing = self.settings.sharing
        if ask.memory_mib is None or isinstance(sharing, WholeSharing):
            return self.first.gpus // ask.devices
        by_memory = self.gpu_memory_mib // ask.memory_mib
        return self.first.gpus * min(sharing.splits, by_memory, 100 // (ask.cores_percent or 100))

    @property
    def first(self) -> InstanceType:
        """Return the type a managed node group starts with."""
        return self.types[0]

    def usd_per_hour(self, found: InstanceType) -> Decimal:
        """Return the on-demand price of one node of that type."""
        return found.usd_per_hour[self.region]


def known_pools(
    pools: Mapping[str, KarpenterPool | ManagedPool], region: str
) -> dict[str, PoolFacts]:
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
def _most_replicas(gpu_limit: int, node_sizes: frozenset[int], gpus: int) -> int:
    """Return how many replicas fit nodes of these sizes, in GPUs, within the limit."""
    items = {str(size): (size, Decimal(size // gpus)) for size in node_sizes}
    return sum(int(size) // gpus for size in best_fill(gpu_limit, items))
