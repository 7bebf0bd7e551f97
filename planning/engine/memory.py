"""The GPU of a replica as its engine sees it: a whole one, a share, an instance, or a slice."""

from catalog.gpus import GPUS, Gpu
from catalog.instance_types import InstanceType
from planning.fit.fit import most_utilisation
from planning.fit.question import EngineChoice, GpuMemory, Parallelism
from planning.pools.facts import PoolFacts
from planning.sharing.slices import USABLE_PART
from planning.sharing.way import MIB_PER_GIB
from planning.specs.devices import GpuAsk

BY_EC2 = {(gpu.ec2_name, gpu.ec2_memory_mib): gpu for gpu in GPUS.values()}
"""By name and memory as EC2 states them."""


def gpu_of(found: InstanceType) -> Gpu | None:
    """Return what is known of the GPUs of an instance type; None where nothing is."""
    return BY_EC2.get((found.gpu_name or "", found.gpu_memory_mib))


def engine_memory(pool: PoolFacts, ask: GpuAsk, part: float | None) -> GpuMemory | None:
    """Return the smallest device that a replica may get; None where its GPU is not known.

    Args:
        pool: The pool, whose GPUs are alike.
        ask: What the replica asks for; each of its alternatives counts.
        part: Part of the memory that the pool leaves to the engine, where neighbours are not kept
            from the rest.
    """
    gpu = gpu_of(min(pool.types, key=lambda found: found.gpu_memory_mib))
    if gpu is None:
        return None
    devices = (_device(gpu, pool, one, part) for one in (ask, *ask.alternatives))
    return min(devices, key=lambda device: device.total_gib)


def _device(gpu: Gpu, pool: PoolFacts, ask: GpuAsk, part: float | None) -> GpuMemory:
    whole = GpuMemory.whole(gpu)
    if ask.memory_mib is not None:
        gib = ask.memory_mib / MIB_PER_GIB
        visible = min(gib, gpu.visible_gib)
        return _part(whole, f"{gib:g} GiB of {gpu.name}", total_gib=visible)
    if ask.profile is not None:
        cut = (found.memory_mib for found in pool.devices if found.profile == ask.profile)
        visible = next(cut, 0) / MIB_PER_GIB or gpu.visible_gib
        return _part(whole, f"{ask.profile} of {gpu.name}", total_gib=visible)
    if part is not None:
        # All of the GPU is visible, and the fair part of it free, CUDA contexts included.
        free = gpu.visible_gib * part / USABLE_PART
        return _part(whole, f"{part / USABLE_PART:.0%} of {gpu.name}", free_gib=free)
    return whole


def _part(whole: GpuMemory, name: str, **sizes: float) -> GpuMemory:
    return GpuMemory.model_validate(whole.model_dump() | {"name": name} | sizes)


def bounded_utilisation(
    gpu: GpuMemory | None, parallel: Parallelism, engine: EngineChoice, part: float | None
) -> float | None:
    """Return the part of its memory that an engine has to be told; None where its default will do.

    A small share has too little besides the CUDA context for the release's default.
    """
    wanted = engine.budget_share() if part is None else part
    most = most_utilisation(gpu, parallel, engine) if gpu else 1.0
    bounded = min(wanted, most) or wanted
    return bounded if bounded < engine.budget_share() else part
