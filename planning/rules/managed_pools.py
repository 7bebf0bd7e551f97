"""Rules of pools that are managed node groups: size, place, EFA, reserved capacity, repair."""

from collections.abc import Iterator

from catalog.instance_types import INSTANCE_TYPES, InstanceType, find_instance_type
from planning.foundation.cluster import cluster
from planning.foundation.network import zones_of
from planning.rules.group_sizes import BLOCK_SOURCE, size_rules
from planning.rules.pools import INSTANCE_SOURCE
from planning.sharing.ways import way_of
from settings.environment import Environment
from settings.finding import Finding, counted
from settings.managed_pool import ManagedPool

MONITORING_AGENT = "eks-node-monitoring-agent"
PLACEMENT_SOURCE = "Amazon EC2 User Guide, placement strategies"
EFA_SOURCE = "Amazon EKS User Guide, node-efa"
RESERVATION_SOURCE = "Amazon EC2 User Guide, ec2-capacity-reservations"


def managed_rules(name: str, pool: ManagedPool, environment: Environment) -> Iterator[Finding]:
    """Yield what is wrong with a managed pool beyond its instance types."""
    path, zones = f"pools.{name}", zones_of(environment)
    yield from size_rules(name, pool, environment)
    yield from _place(path, pool, zones)
    if pool.efa:
        yield from _efa(path, pool, zones)
    if pool.reservation:
        yield from _reservation(path, pool, zones)
    if pool.capacity == "capacity-block":
        yield from _capacity_block(path, pool)
    if pool.repair and not _is_monitored(environment):
        yield Finding(
            path=f"{path}.repair",
            problem=f"is true, but the cluster has no add-on {MONITORING_AGENT}, which finds out "
            "what has to be repaired",
            fix="leave `repair` out",
            source="Amazon EKS User Guide, node-health",
        )


def managed_warnings(environment: Environment) -> Iterator[Finding]:
    """Yield what works but will surprise."""
    for name, pool in environment.platform.pools.items():
        if not isinstance(pool, ManagedPool):
            continue
        if pool.efa and pool.nodes.max == 1:
            yield Finding(
                path=f"pools.{name}.efa",
                problem="is true for a pool of one node, which has nobody to reach by it",
                fix="leave `efa` out, or raise `nodes`",
                source=EFA_SOURCE,
            )
        if pool.capacity == "capacity-block":
            yield Finding(
                path=f"pools.{name}.capacity",
                problem="a Capacity Block is paid when it is bought; the plan counts its nodes at "
                "the on-demand price",
                fix="read the price of the block in its offer",
                source="Amazon EC2 User Guide, ec2-capacity-blocks",
            )


def _place(path: str, pool: ManagedPool, zones: tuple[str, ...]) -> Iterator[Finding]:
    if pool.zone is not None and pool.zone not in zones:
        yield Finding(
            path=f"{path}.zone",
            problem=f"{pool.zone} is no zone of the network",
            fix=f"use one of {', '.join(zones)}, or name it in `network.zones`",
            source="planning/foundation/network.py",
        )
    if pool.placement_group and pool.zone is None:
        yield _one_zone(f"{path}.placement_group", "a placement group", zones, PLACEMENT_SOURCE)


def _efa(path: str, pool: ManagedPool, zones: tuple[str, ...]) -> Iterator[Finding]:
    found = [kind for kind in map(find_instance_type, pool.instances) if kind and kind.gpus]
    without = [kind.name for kind in found if not kind.efa_interfaces]
    if without:
        yield Finding(
            path=f"{path}.efa",
            problem=f"{', '.join(without)} has no EFA interface",
            fix=f"use {_smallest_with_efa(found[0])}, or leave `efa` out",
            source=INSTANCE_SOURCE,
        )
    elif len(pool.instances) > 1:
        yield _one_type(f"{path}.efa", "a list of interfaces is", pool, EFA_SOURCE)
    if pool.zone is None:
        yield _one_zone(f"{path}.efa", "EFA", zones, EFA_SOURCE)
    # A Capacity Block's nodes are close together of themselves.
    if pool.placement_group is None and pool.capacity != "capacity-block":
        yield Finding(
            path=f"{path}.efa",
            problem="nodes that reach each other by EFA have to stand close together",
            fix="add `placement_group: cluster`",
            source=EFA_SOURCE,
        )


def _reservation(path: str, pool: ManagedPool, zones: tuple[str, ...]) -> Iterator[Finding]:
    if pool.capacity == "spot":
        yield Finding(
            path=f"{path}.reservation",
            problem="spot nodes never take reserved capacity",
            fix="use `capacity: on-demand`, or `capacity-block` for a Capacity Block",
            source=RESERVATION_SOURCE,
        )
    if len(pool.instances) > 1:
        yield _one_type(f"{path}.reservation", "a reservation is", pool, RESERVATION_SOURCE)
    if pool.zone is None:
        yield _one_zone(f"{path}.reservation", "a reservation", zones, RESERVATION_SOURCE)


def _capacity_block(path: str, pool: ManagedPool) -> Iterator[Finding]:
    if pool.reservation is None:
        yield Finding(
            path=f"{path}.capacity",
            problem="is capacity-block, and which block is not said",
            fix="add `reservation: {id: cr-…}` with the block that was bought",
            source=BLOCK_SOURCE,
        )
    if pool.nodes.min and way_of(pool.sharing).in_status:
        yield Finding(
            path=f"{path}.nodes",
            problem=f"at least {pool.nodes.min} all month, but a Capacity Block has nodes only from"
            " its start to 40 minutes before its end",
            fix=f"use `nodes: {{min: 0, max: {pool.nodes.max}}}`",
            source=BLOCK_SOURCE,
        )


def _one_zone(path: str, what: str, zones: tuple[str, ...], source: str) -> Finding:
    return Finding(
        path=path,
        problem=f"{what} lies in one zone, the pool in {len(zones)}: {', '.join(zones)}",
        fix=f"add `zone:` with one of them, for example {zones[0]}",
        source=source,
    )


def _one_type(path: str, what: str, pool: ManagedPool, source: str) -> Finding:
    names = ", ".join(pool.instances)
    return Finding(
        path=path,
        problem=f"{what} for one instance type, the pool has "
        f"{counted(len(pool.instances), 'type')}: {names}",
        fix="name one type in `instances`, and make a pool for each other",
        source=source,
    )


def _smallest_with_efa(like: InstanceType) -> str:
    """Return the smallest type with that GPU and EFA; where no type has both, one with EFA."""
    fits = [
        (found.vcpu, found.name)
        for found in INSTANCE_TYPES.values()
        if found.gpu_name == like.gpu_name and found.efa_interfaces and found.gpus
    ]
    return min(fits)[1] if fits else "p5.48xlarge"


def _is_monitored(environment: Environment) -> bool:
    return any(addon.name == MONITORING_AGENT for addon in cluster(environment).addons_after_nodes)
