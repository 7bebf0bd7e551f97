"""What an environment costs per month of 730 hours, between floor and ceiling.

Floor: what minimum replicas need, all month. Ceiling: everything at its limit, all month. Prices
are on demand, since spot has no dated price table. Of storage, only the volumes that replicas
keep are counted: at least those of minimum replicas, at most those of all, since a volume stays
when its replica goes. Not counted: traffic, requests, root volumes, the database's, the model
bucket, FSx for Lustre and EFS.
"""

from collections import Counter
from decimal import Decimal

from catalog.instance_types import INSTANCE_TYPES
from catalog.prices import (
    CONTROL_PLANE_USD_PER_HOUR,
    HOURS_PER_MONTH,
    INTERFACE_ENDPOINT_USD_PER_HOUR,
    NAT_GATEWAY_USD_PER_HOUR,
    PUBLIC_IPV4_USD_PER_HOUR,
)
from planning.foundation.network import interface_endpoints, nat_gateways, zones_of
from planning.models.cache import usd_per_month, volume_gib
from planning.models.roles import least_pods, most_pods
from planning.placing.knapsack import best_fill
from planning.pools.facts import PoolFacts
from planning.specs.costs import Cost, CostLine
from planning.specs.placement import PlannedNode
from settings.environment import Environment

CENT, TENTH_OF_MILL = Decimal("0.01"), Decimal("0.0001")


def can_be_priced(environment: Environment) -> bool:
    """Return whether the catalog has the prices of the region and of the system nodes."""
    system = INSTANCE_TYPES.get(environment.platform.cluster.system_nodes.instance)
    return system is not None and environment.region in system.usd_per_hour


def cost(
    environment: Environment, pools: dict[str, PoolFacts], nodes: tuple[PlannedNode, ...]
) -> Cost:
    """Return the monthly bill, line by line."""
    lines = (
        *_fixed_lines(environment),
        *(line for pool in pools.values() for line in _pool_lines(pool, nodes)),
        *_volume_lines(environment),
    )
    return Cost(
        lines=lines,
        floor_usd_per_month=sum((line.floor_usd_per_month for line in lines), Decimal(0)),
        ceiling_usd_per_month=sum((line.ceiling_usd_per_month for line in lines), Decimal(0)),
    )


def _line(item: str, floor: int, ceiling: int, usd_per_hour: Decimal) -> CostLine:
    month = usd_per_hour * HOURS_PER_MONTH
    return CostLine(
        item=item,
        floor_count=floor,
        ceiling_count=ceiling,
        usd_per_hour=usd_per_hour,
        floor_usd_per_month=(month * floor).quantize(CENT),
        ceiling_usd_per_month=(month * ceiling).quantize(CENT),
    )


def _fixed_lines(environment: Environment) -> tuple[CostLine, ...]:
    region, platform = environment.region, environment.platform
    gateways = nat_gateways(environment)
    endpoints = len(interface_endpoints(environment)) * len(zones_of(environment))
    system = platform.cluster.system_nodes
    nat = NAT_GATEWAY_USD_PER_HOUR[region].usd + PUBLIC_IPV4_USD_PER_HOUR[region].usd
    price = INSTANCE_TYPES[system.instance].usd_per_hour[region]
    endpoint = INTERFACE_ENDPOINT_USD_PER_HOUR[region].usd
    lines = (
        _line("EKS control plane", 1, 1, CONTROL_PLANE_USD_PER_HOUR[region].usd),
        _line("NAT gateway and its address", gateways, gateways, nat),
        _line("interface endpoint in a zone", endpoints, endpoints, endpoint),
        _line(f"system nodes {system.instance}", system.count, system.count, price),
    )
    return tuple(line for line in lines if line.ceiling_count)


def _volume_lines(environment: Environment) -> tuple[CostLine, ...]:
    """Return what replicas keep, one line for each size of volume."""
    floor, ceiling = Counter[int](), Counter[int]()
    for model in environment.platform.models.values():
        if (gib := volume_gib(model)) is not None:
            floor[gib] += least_pods(model)
            ceiling[gib] += most_pods(model)
    return tuple(
        _volume_line(gib, floor[gib], ceiling[gib], usd_per_month(gib, environment.region))
        for gib in sorted(floor)
    )


def _volume_line(gib: int, floor: int, ceiling: int, usd: Decimal) -> CostLine:
    return CostLine(
        item=f"cache volume of {gib} GiB",
        floor_count=floor,
        ceiling_count=ceiling,
        usd_per_hour=(usd / HOURS_PER_MONTH).quantize(TENTH_OF_MILL),
        floor_usd_per_month=(usd * floor).quantize(CENT),
        ceiling_usd_per_month=(usd * ceiling).quantize(CENT),
    )


def _pool_lines(pool: PoolFacts, nodes: tuple[PlannedNode, ...]) -> list[CostLine]:
    floor = Counter(node.instance_type for node in nodes if node.pool == pool.name)
    ceiling = _dearest_nodes(pool)
    return [
        _line(
            f"pool {pool.name} {found.name}",
            floor[found.name],
            ceiling[found.name],
            pool.usd_per_hour(found),
        )
        for found in pool.types
        if floor[found.name] or ceiling[found.name]
    ]


def _dearest_nodes(pool: PoolFacts) -> Counter[str]:
    """Return the nodes that cost most within the pool's limit, by instance type.

    A pool of a given number of nodes may run any of its types, as capacity allows; what a static
    one has more while a node is replaced is no matter of months.
    """
    if pool.nodes is not None:
        return Counter({max(pool.types, key=pool.usd_per_hour).name: pool.nodes.max})
    items = {found.name: (found.gpus, pool.usd_per_hour(found)) for found in pool.types}
    return Counter(best_fill(pool.gpus_limit, items))
