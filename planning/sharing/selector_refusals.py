"""Why no device of a pool is what a claim selects."""

from collections.abc import Iterator
from difflib import get_close_matches

from catalog.device_drivers import DeviceDriver
from catalog.gpu_products import GpuProduct, gpu_product
from catalog.instance_types import InstanceType
from planning.sharing.cel_check import slips
from planning.sharing.mig import find
from planning.sharing.way import MIB_PER_GIB
from settings.devices import DeviceAlternative
from settings.finding import Finding

WORDS_SOURCE = "catalog/device_drivers.py"
PRODUCT_SOURCE = "catalog/gpu_products.py"


def selector_refusals(
    path: str, asked: DeviceAlternative, instance: InstanceType, driver: DeviceDriver
) -> Iterator[Finding]:
    """Yield why no device of a node of that type is what the ask at `path` selects."""
    gpu = gpu_product(instance)
    if gpu:
        yield from _unlike(path, asked, gpu, _memory_mib(asked, instance, gpu))
    for slip in slips(asked.cel, driver) if asked.cel else ():
        yield Finding(path=f"{path}.cel", problem=slip.problem, fix=slip.fix, source=WORDS_SOURCE)


def _unlike(
    path: str, asked: DeviceAlternative, gpu: GpuProduct, memory_mib: int
) -> Iterator[Finding]:
    """Yield what the devices of the pool are not."""
    product, architecture = asked.product, asked.architecture
    if product and product.lower() not in gpu.product.lower():
        yield Finding(
            path=f"{path}.product",
            problem=f"no device of the pool is a '{product}': they are {gpu.product}",
            fix="leave it out, or use a pool of other GPUs",
            source=PRODUCT_SOURCE,
        )
    if architecture and architecture != gpu.architecture:
        close = get_close_matches(architecture.title(), [gpu.architecture], cutoff=0.8)
        said = f"write '{close[0]}'" if close else "leave it out"
        yield Finding(
            path=f"{path}.architecture",
            problem=f"no device of the pool is of '{architecture}': they are {gpu.architecture}",
            fix=f"{said}, or use a pool of other GPUs",
            source=PRODUCT_SOURCE,
        )
    capability = asked.min_compute_capability
    if capability and _version(capability) > _version(gpu.compute_capability):
        yield Finding(
            path=f"{path}.min_compute_capability",
            problem=f"{capability}, but the devices of the pool have {gpu.compute_capability}",
            fix="lower it, or use a pool of other GPUs",
            source=PRODUCT_SOURCE,
        )
    if asked.min_memory_gib and asked.min_memory_gib * MIB_PER_GIB > memory_mib:
        yield Finding(
            path=f"{path}.min_memory_gib",
            problem=f"{asked.min_memory_gib} GiB, but the driver says {memory_mib:,} MiB of each "
            f"device of the pool, which is {memory_mib / MIB_PER_GIB:.1f} GiB",
            fix=f"ask for at most {memory_mib // MIB_PER_GIB}, or use a pool of other GPUs",
            source=PRODUCT_SOURCE,
        )


def _memory_mib(asked: DeviceAlternative, instance: InstanceType, gpu: GpuProduct) -> int:
    """Return the memory that the driver reports of a device, in MiB."""
    profile = find(instance, asked.mig) if asked.mig else None
    return profile.memory_mib if profile else gpu.memory_mib


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))
