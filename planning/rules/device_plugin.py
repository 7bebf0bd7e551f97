"""Rules of pools whose GPUs the NVIDIA device plugin slices, or hands out as MIG instances."""

from collections.abc import Iterator, Mapping

from catalog.eks import FAMILIES_WITHOUT_DRIVER
from catalog.instance_types import INSTANCE_TYPES, InstanceType
from catalog.mig import Layout, MigProfile, fits_one_gpu, mig_profiles, nearest_profiles
from planning.pools.facts import PoolFacts
from planning.pools.plugin_scaling import scaling_rules
from planning.sharing.mig import Mig
from settings.environment import Environment
from settings.finding import Finding

MIG_SOURCE = "catalog/mig.py"
STRATEGY_SOURCE = (
    "NVIDIA/gpu-operator v26.3.3: controllers/object_controls.go, applyMIGConfiguration"
)


def plugin_pool_rules(pool: PoolFacts, environment: Environment) -> Iterator[Finding]:
    """Yield what is wrong with a pool of slices or of MIG by itself."""
    if isinstance(pool.way, Mig):
        yield from _cut(pool, pool.way)
    yield from scaling_rules(pool, environment.platform.karpenter)


def plugin_rules(pools: Mapping[str, PoolFacts]) -> Iterator[Finding]:
    """Yield what is wrong between pools of MIG: one MIG manager and one device plugin serve all.

    Nodes whose image has both of its own have no part in it.
    """
    pools = {name: pool for name, pool in pools.items() if not pool.image.has_device_plugin}
    cut = {name: pool.way for name, pool in pools.items() if isinstance(pool.way, Mig)}
    mixed = [name for name, way in cut.items() if way.strategy == "mixed"]
    for name in (name for name in cut if mixed and name not in mixed):
        yield Finding(
            path=f"pools.{name}.sharing.strategy",
            problem=f"is single, and that of pool '{mixed[0]}' mixed: the device plugin names MIG "
            "instances in one way in the whole cluster",
            fix="use `strategy: mixed` here too",
            source=STRATEGY_SOURCE,
        )
    yield from _one_meaning(pools)


def _cut(pool: PoolFacts, way: Mig) -> Iterator[Finding]:
    path = f"pools.{pool.name}.sharing"
    for found in pool.types:
        gpu, profiles = f"a GPU of {found.name} ({found.gpu_name})", _profiles(found)
        if not profiles:
            yield Finding(
                path=path,
                problem=f"is mig, but {gpu} cannot be cut",
                fix=f"use `time-slicing`, `mps` or `hami`, or a type of {_families_with_mig()}",
                source=MIG_SOURCE,
            )
            return
        asked = way.settings.profile
        unknown = {asked} if asked else {*way.settings.layout}
        unknown -= {profile.name for profile in profiles}
        for name in sorted(unknown):
            yield Finding(
                path=f"{path}.{'profile' if asked else 'layout'}",
                problem=f"{gpu} has no profile {name}",
                fix=_nearest(found, name),
                source=MIG_SOURCE,
            )
        layout = way.layout(found)
        if not unknown and not fits_one_gpu(profiles, layout):
            yield Finding(
                path=f"{path}.layout",
                problem=f"{_words(layout)} do not fit {gpu} together",
                fix=f"use `{{{_counts(_what_fits(profiles, layout))}}}`, or less",
                source=MIG_SOURCE,
            )


def _profiles(found: InstanceType) -> tuple[MigProfile, ...]:
    return mig_profiles(found.gpu_name or "", found.gpu_memory_mib)


def _nearest(found: InstanceType, name: str) -> str:
    near = nearest_profiles(found.gpu_name or "", found.gpu_memory_mib, name)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"use one of {', '.join(profile.name for profile in _profiles(found))}"


def _what_fits(profiles: tuple[MigProfile, ...], layout: Layout) -> Layout:
    """Return what of a layout fits one GPU: as many as can be of the largest profiles first."""
    kept: dict[str, int] = {}
    for profile in reversed(profiles):
        for count in range(layout.get(profile.name, 0), 0, -1):
            if fits_one_gpu(profiles, {**kept, profile.name: count}):
                kept[profile.name] = count
                break
    return kept


def _words(layout: Layout) -> str:
    return " and ".join(f"{count} x {name}" for name, count in layout.items())


def _counts(layout: Layout) -> str:
    return ", ".join(f"{name}: {count}" for name, count in layout.items())


def _families_with_mig() -> str:
    """Return the instance families whose GPUs can be cut."""
    families = {
        found.family: None
        for found in INSTANCE_TYPES.values()
        if found.gpus
        and found.arch == "amd64"
        and found.family not in FAMILIES_WITHOUT_DRIVER
        and _profiles(found)
    }
    return ", ".join(families)


def _one_meaning(pools: Mapping[str, PoolFacts]) -> Iterator[Finding]:
    """Yield where one name of the MIG manager's file would mean two layouts."""
    known: dict[str, tuple[str, dict[str, int]]] = {}
    for name, pool in pools.items():
        if not isinstance(pool.way, Mig):
            continue
        for found in pool.types:
            layout = pool.way.layout(found)
            other, first = known.setdefault(pool.way.config_name, (found.name, layout))
            if layout and first and layout != first:
                yield Finding(
                    path=f"pools.{name}.sharing.profile",
                    problem=f"{found.name} takes {_counts(layout)} per GPU, {other} takes "
                    f"{_counts(first)}: one name of the MIG manager's file means one layout",
                    fix=f"write `layout: {{{_counts(layout)}}}` for a pool of {found.name} alone",
                    source="planning/pools/plugin_configs.py",
                )
