"""Why no device of a pool will ever be what a model claims."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from catalog.device_drivers import DeviceDriver
from catalog.gpu_topology import PCI_ADDRESSES, pcie_roots
from catalog.instance_types import InstanceType
from planning.sharing.claims import Named, asked_device, choices, claim_ask
from planning.sharing.mig import find, profile_names
from planning.sharing.selector_refusals import WORDS_SOURCE, selector_refusals
from planning.sharing.way import MIB_PER_GIB
from settings.finding import Finding, counted
from settings.models import ModelSettings

ENGINE_SOURCE = "vLLM 0.33.0: --tensor-parallel-size is fixed when the engine starts"


@dataclass(frozen=True)
class _Claimed:
    """Where a claim goes."""

    instance: InstanceType
    divisible: bool
    cut: bool


def refusals(
    path: str,
    model: ModelSettings,
    instance: InstanceType,
    driver: DeviceDriver,
    *,
    divisible: bool,
    cut: bool,
) -> Iterator[Finding]:
    """Yield why no device of a node of that type will ever be what is claimed.

    Args:
        path: The model's entry, `models.qwen3-8b`.
        model: The entry.
        instance: A type of the pool; its types are alike in their GPU.
        driver: Who publishes the devices.
        divisible: Whether the driver hands out parts of a GPU by memory and cores.
        cut: Whether it cuts GPUs into MIG instances.
    """
    claimed = _Claimed(instance, divisible, cut)
    asks = choices(path, model)
    yield from chain.from_iterable(_parts(named, claimed) for named in asks)
    yield from chain.from_iterable(selector_refusals(*one, instance, driver) for one in asks)
    yield from _counts(asks, instance)
    if asked_device(model).same == "pcieRoot":
        yield from _one_root(f"{path}.device.same", claim_ask(model, instance).devices, instance)


def _parts(named: Named, claimed: _Claimed) -> Iterator[Finding]:
    path, asked = named
    instance = claimed.instance
    if asked.share and not claimed.divisible:
        yield Finding(
            path=f"{path}.share",
            problem="is a part of a GPU, and the driver of `dra` hands out whole ones",
            fix="leave it out, or use a pool of hami-dra, whose driver divides GPUs",
            source=WORDS_SOURCE,
        )
    elif asked.share and asked.share.memory_gib * MIB_PER_GIB > instance.gpu_memory_mib:
        has = instance.gpu_memory_mib // MIB_PER_GIB
        yield Finding(
            path=f"{path}.share.memory_gib",
            problem=f"{asked.share.memory_gib} GiB is more than one {instance.gpu_name} has "
            f"({has} GiB)",
            fix=f"ask for at most {has}, or for whole GPUs on another pool",
            source="catalog/instance_type_facts.py",
        )
    if asked.mig:
        yield from _mig(f"{path}.mig", asked.mig, asked.count, claimed)


def _mig(path: str, profile: str, count: int, claimed: _Claimed) -> Iterator[Finding]:
    if not claimed.cut:
        yield Finding(
            path=path,
            problem=f"{profile}, but no GPU of the pool is ever cut into MIG instances",
            fix="use a pool of `{kind: dra, dynamic_mig: true}` or of mig",
            source="settings/sharing.py",
        )
    elif find(claimed.instance, profile) is None:
        names = ", ".join(profile_names(claimed.instance))
        yield Finding(
            path=path,
            problem=f"{profile} is no profile of the {claimed.instance.gpu_name} of "
            f"{claimed.instance.name}",
            fix=f"use one of {names}",
            source="catalog/mig.py",
        )
    elif count > 1:
        yield Finding(
            path=path,
            problem=f"{count} instances of {profile}: one engine cannot span several instances",
            fix="use one larger profile, or whole GPUs",
            source="NVIDIA MIG User Guide: CUDA sees one compute instance per process",
        )


def _counts(asks: tuple[Named, ...], instance: InstanceType) -> Iterator[Finding]:
    """Yield the alternatives with another number of devices than the engine is started for."""
    (_, first), *others = asks
    everything = getattr(first, "all", False)
    wanted = instance.gpus if everything else first.count
    for path, other in others:
        if other.count != wanted:
            yield Finding(
                path=f"{path}.count",
                problem=f"is {other.count}, but the engine is started for "
                f"{counted(wanted, 'device')}, as the first ask says",
                fix=f"use {wanted} here too, or another model entry",
                source=ENGINE_SOURCE,
            )


def _one_root(path: str, count: int, instance: InstanceType) -> Iterator[Finding]:
    """Yield why no so many GPUs of a node have their PCIe root in common."""
    most = max(Counter(pcie_roots(instance)).values())
    if count > most:
        known = instance.name in PCI_ADDRESSES
        yield Finding(
            path=path,
            problem=f"{counted(count, 'GPU')} at one PCIe root, but of {instance.name} "
            + (
                f"at most {most} have theirs in common"
                if known
                else "no layout is published, so that each is taken to have its own"
            ),
            fix="leave it out" + (f", or ask for {most}" if most > 1 else ""),
            source="catalog/gpu_topology.py",
        )
