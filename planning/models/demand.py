"""What one replica of a model asks of its node."""

from dataclasses import dataclass
from math import ceil

from planning.pools.facts import PoolFacts
from planning.sharing.device import memory_of
from planning.sharing.way import MIB_PER_GIB
from planning.specs.devices import GpuAsk
from settings.models import ModelSettings

HOST_SHARE_PERCENT = 70
"""Part of a node's CPU and memory per GPU that a replica may ask for; the rest is left to the
node's agents, so that a node full of replicas always carries them."""
CACHE_PERCENT = 125
"""Disk for weights and compiled graphs, of the GPU memory that has to hold the weights."""


@dataclass(frozen=True)
class Demand:
    """What one replica asks for."""

    gpu: GpuAsk
    cpu_milli: int
    memory_mib: int
    cache_gib: int


def demand(model: ModelSettings, pool: PoolFacts) -> Demand:
    """Return the replica's ask, with host CPU and memory in proportion to its part of the GPUs.

    The smallest ratio of the pool's instance types counts: the replica then fits any of them.
    """
    ask = pool.ask(model)
    gpu_memory_mib = memory_of(ask, pool.devices)
    per_mille = HOST_SHARE_PERCENT * 10 * gpu_memory_mib // pool.gpu_memory_mib
    if ask.shared:
        per_mille //= model.replicas.max
    cpu = min(found.allocatable_cpu_milli // found.gpus for found in pool.types)
    memory = min(found.allocatable_memory_mib // found.gpus for found in pool.types)
    return Demand(
        gpu=ask,
        cpu_milli=max(100, cpu * per_mille // 1000 // 100 * 100),
        memory_mib=max(1024, memory * per_mille // 1000 // 256 * 256),
        cache_gib=ceil(gpu_memory_mib * CACHE_PERCENT / 100 / MIB_PER_GIB),
    )


def volume_gib(pool: PoolFacts) -> int:
    """Return the root volume: 100 GiB for the system and images, and the caches of a full node."""
    gpu_memory_mib = pool.most_gpus_per_node * pool.gpu_memory_mib
    return 100 + ceil(gpu_memory_mib * CACHE_PERCENT / 100 / MIB_PER_GIB)
