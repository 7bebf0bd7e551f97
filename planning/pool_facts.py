"""A pool's settings beside the facts of its instance types."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from catalog.instance_types import InstanceType, find_instance_type
from settings.pools import KarpenterPool, ManagedPool


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
        return self.settings.nodes * self.first.gpus

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
        types = tuple(find_instance_type(instance) for instance in settings.instances)
        usable = tuple(found for found in types if found and _usable(found, region))
        if len(usable) == len(types) and len({found.gpu_name for found in usable}) == 1:
            facts[name] = PoolFacts(name, settings, usable, region)
    return facts


def _usable(found: InstanceType, region: str) -> bool:
    return found.gpus > 0 and region in found.usd_per_hour
