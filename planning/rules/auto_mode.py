"""Rules of pools that EKS Auto Mode supplies."""

from collections.abc import Iterator

from catalog.auto_mode import AUTO_MODE_FAMILIES, OWN_DEFINITIONS
from catalog.instance_types import InstanceType, find_instance_type
from planning.pools.instance_choice import instance_names
from planning.rules.karpenter import dynamic_pool_rules, reservation_rules
from settings.auto_pool import LONGEST_LIFE_HOURS, AutoPool
from settings.environment import Environment
from settings.finding import Finding
from settings.karpenter_pool import KarpenterPool
from settings.sharing import Sharing

ACCELERATED = "Amazon EKS User Guide, auto-accelerated"
INSTANCES = "Amazon EKS User Guide, automode-learn-instances"
RESERVATIONS = "Amazon EKS User Guide, auto-odcr"
LIFE = "Amazon EKS User Guide, automode and create-node-pool"
CLAIMS = "Amazon EKS User Guide, device-management-nvidia-dra-device-plugin"


def auto_pool_rules(name: str, pool: AutoPool, environment: Environment) -> Iterator[Finding]:
    """Yield what is wrong with a pool of EKS Auto Mode beside what every instance type needs."""
    path = f"pools.{name}"
    yield from dynamic_pool_rules(name, pool, environment)
    if pool.sharing.kind != "whole":
        yield _not_whole(f"{path}.sharing", pool.sharing)
    yield from _beside_karpenter(path, environment)
    yield from _families(path, pool, environment.region)
    yield from _reservations(path, pool)
    yield from _life(path, pool)


def _not_whole(path: str, sharing: Sharing) -> Finding:
    """Return why nodes of Auto Mode hand out their GPUs whole or not at all."""
    claimed = sharing.kind in ("dra", "hami-dra")
    if claimed:
        why = "Auto Mode supports no claims, and a DRA driver beside its own device plugin would "
        why += "hand out each GPU a second time"
    elif sharing.kind == "hami":
        why = "Auto Mode's device plugin cannot be turned off, and HAMi's beside it would hand out "
        why += "each GPU a second time"
    else:
        why = "Auto Mode's device plugin is part of the node and takes no configuration of ours, "
        why += "neither for slices nor for MIG"
    return Finding(
        path=path,
        problem=f"is {sharing.kind}: {why}",
        fix="leave it out for whole GPUs, or use `provisioner: managed`",
        source=CLAIMS if claimed else ACCELERATED,
    )


def _beside_karpenter(path: str, environment: Environment) -> Iterator[Finding]:
    pools = environment.platform.pools
    other = next((name for name, pool in pools.items() if isinstance(pool, KarpenterPool)), None)
    if other is not None:
        yield Finding(
            path=f"{path}.provisioner",
            problem=f"is auto, and that of pool '{other}' karpenter: with Auto Mode EKS brings "
            f"{' and '.join(OWN_DEFINITIONS)}, which Karpenter's own chart can then not install, "
            "nor keep at its release",
            fix="use one of the two for all pools; `managed` goes with both",
            source=f"{INSTANCES}; catalog/auto_mode.py, OWN_DEFINITIONS",
        )


def _families(path: str, pool: AutoPool, region: str) -> Iterator[Finding]:
    found = [one for one in map(find_instance_type, instance_names(pool, region)) if one]
    first_of: dict[str, InstanceType] = {}
    for one in found:
        if one.gpus and one.family not in AUTO_MODE_FAMILIES:
            first_of.setdefault(one.family, one)
    for family, first in first_of.items():
        yield Finding(
            path=f"{path}.{'families' if pool.families else 'instances'}",
            problem=f"{first.name}: EKS Auto Mode starts no type of family {family}",
            fix="use a type of another family, for example g6e.2xlarge, or another `provisioner`",
            source=INSTANCES,
        )


def _reservations(path: str, pool: AutoPool) -> Iterator[Finding]:
    unnamed = Finding(
        path=f"{path}.reservations",
        problem="is empty, but `capacity` has reserved: a node is reserved only from a "
        "reservation that is named",
        fix="name the reservations, cr-…, or take reserved out of `capacity`: open ones are "
        "used by on-demand nodes anyway",
        source=RESERVATIONS,
    )
    yield from reservation_rules(path, pool, unnamed)


def _life(path: str, pool: AutoPool) -> Iterator[Finding]:
    whole = pool.expire_after_hours * 60 + pool.termination_grace_minutes
    if whole > LONGEST_LIFE_HOURS * 60:
        most = LONGEST_LIFE_HOURS - -(-pool.termination_grace_minutes // 60)
        yield Finding(
            path=f"{path}.expire_after_hours",
            problem=f"is {pool.expire_after_hours}, with {pool.termination_grace_minutes} minutes "
            f"of grace more than the {LONGEST_LIFE_HOURS} hours, 21 days, that a node of Auto Mode "
            "may live",
            fix=f"use at most {most}, or less grace",
            source=LIFE,
        )
