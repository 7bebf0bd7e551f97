"""Rules of a pool that names instance families instead of types."""

from collections.abc import Iterator
from difflib import get_close_matches

from catalog.instance_types import INSTANCE_TYPES
from planning.pools.instance_choice import family_types, gpu_families, instance_names
from planning.rules.pools import INSTANCE_SOURCE, wrong_type
from settings.dynamic_pool import DynamicPool
from settings.finding import Finding, counted


def family_rules(name: str, pool: DynamicPool, region: str) -> Iterator[Finding]:
    """Yield what is wrong with how a pool says which types it may start."""
    path = f"pools.{name}"
    if not pool.families and not pool.instances:
        yield Finding(
            path=f"{path}.instances",
            problem="is missing, and so is `families`: nothing could be started",
            fix="name instance types, [g6e.2xlarge], or families, [g6e]",
            source=INSTANCE_SOURCE,
        )
    if pool.families and pool.instances:
        yield Finding(
            path=f"{path}.families",
            problem="stands beside `instances`: one list would hide the other",
            fix="keep one of the two",
            source=INSTANCE_SOURCE,
        )
    if pool.gpus_per_node is not None and not pool.families:
        yield Finding(
            path=f"{path}.gpus_per_node",
            problem=f"is {pool.gpus_per_node}, but there are no `families` to choose types from",
            fix="take it out; `instances` are taken as they are",
            source=INSTANCE_SOURCE,
        )
    findings = [found for family in pool.families for found in _family(path, family, region)]
    yield from findings
    if pool.families and not findings and not instance_names(pool, region):
        yield _nothing_left(path, pool, region)


def _family(path: str, family: str, region: str) -> Iterator[Finding]:
    known = [found for found in INSTANCE_TYPES.values() if found.family == family]
    if not known:
        near = get_close_matches(family, gpu_families(), n=3, cutoff=0.5)
        yield Finding(
            path=f"{path}.families",
            problem=f"{family} is not known",
            fix=f"did you mean {' or '.join(near)}?" if near else "use a family such as g6e",
            source=INSTANCE_SOURCE,
        )
    elif not family_types(family, region):
        wrong = (wrong_type(f"{path}.families", found, region) for found in known)
        yield from [finding for finding in wrong if finding][:1]


def _nothing_left(path: str, pool: DynamicPool, region: str) -> Finding:
    found = [one for family in pool.families for one in family_types(family, region)]
    sizes = sorted({one.gpus for one in found})
    listed = ", ".join(map(str, sizes))
    if pool.gpus_per_node is not None and pool.gpus_per_node not in sizes:
        return Finding(
            path=f"{path}.gpus_per_node",
            problem=f"is {pool.gpus_per_node}, but types of {' and '.join(pool.families)} have "
            f"{listed} GPUs",
            fix="use one of these numbers, or leave it out",
            source=INSTANCE_SOURCE,
        )
    least = pool.gpus_per_node or sizes[0]
    return Finding(
        path=f"{path}.gpu_limit",
        problem=f"is {pool.gpu_limit}, the smallest type that may be started has "
        f"{counted(least, 'GPU')}",
        fix=f"raise it to {least}, or choose smaller types",
        source=INSTANCE_SOURCE,
    )
