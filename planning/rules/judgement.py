"""What placement and cost say about an environment: refusals and warnings."""

from collections.abc import Iterator, Mapping

from planning.node_images.warnings import image_warnings
from planning.pools.facts import PoolFacts
from planning.rules.auto_mode_warnings import auto_warnings
from planning.rules.certificates import certificate_warnings
from planning.rules.cluster import cluster_warnings
from planning.rules.dra_warnings import dra_warnings
from planning.rules.karpenter_warnings import karpenter_warnings
from planning.rules.loading import loading_warnings
from planning.rules.managed_pools import managed_warnings
from planning.rules.network import network_warnings
from planning.rules.storage import storage_warnings
from planning.sharing.verdict import Verdict
from planning.specs.costs import Cost
from planning.specs.placement import Placement
from settings.environment import Environment
from settings.finding import Finding, counted
from settings.loading import own_prefix
from settings.models import ModelSettings

PLACEMENT_SOURCE = "planning/placing/placement.py"
COST_SOURCE = "planning/cost.py, on-demand prices of the catalog"


def unplaced(
    placement: Placement, pools: Mapping[str, PoolFacts], models: Mapping[str, ModelSettings]
) -> Iterator[Finding]:
    """Yield a refusal for every model whose minimum replicas can never all fit its pool."""
    refused = {found.name for found in placement.pools if found.verdict == Verdict.DOES_NOT_FIT}
    for service in placement.services:
        if service.placed < service.wanted and service.pool in refused:
            pool, least = pools[service.pool], models[service.name].replicas.min
            pods = "" if service.wanted == least else f", which takes {service.wanted} pods"
            yield Finding(
                path=f"models.{service.name}.replicas.min",
                problem=f"is {least}{pods}, but {service.placed} find room beside the other "
                f"models of pool '{pool.name}', which may own "
                f"{counted(pool.gpus_for_replicas, 'GPU')}",
                fix=f"raise {pool.size_path}, or lower replicas.min",
                source=PLACEMENT_SOURCE,
            )


def order_warnings(placement: Placement) -> Iterator[Finding]:
    """Yield a warning for every pool where it depends on the order who finds room."""
    for found in placement.pools:
        if found.verdict == Verdict.DEPENDS:
            yield Finding(
                path=f"pools.{found.name}",
                problem="minimum replicas may all find room, and it depends on the order in which "
                f"they come; left waiting would be one of {', '.join(found.may_wait)}",
                fix="make the pool larger by a node, or ask for shares that divide a GPU evenly",
                source=PLACEMENT_SOURCE,
            )


def over_budget(environment: Environment, cost: Cost) -> Iterator[Finding]:
    """Yield a refusal where even the floor is beyond the budget."""
    allowed = environment.platform.budget.usd_per_month
    if cost.floor_usd_per_month > allowed:
        yield Finding(
            path="budget.usd_per_month",
            problem=f"{allowed:,} USD, but minimum replicas alone cost "
            f"{cost.floor_usd_per_month:,.2f} USD per month",
            fix="raise it, lower replicas.min, or use smaller instances",
            source=COST_SOURCE,
        )


def warnings(environment: Environment, cost: Cost) -> Iterator[Finding]:
    """Yield what works but will surprise."""
    allowed = environment.platform.budget.usd_per_month
    if cost.floor_usd_per_month <= allowed < cost.ceiling_usd_per_month:
        yield Finding(
            path="budget.usd_per_month",
            problem=f"{allowed:,} USD covers the floor, but everything at its limit all month "
            f"would cost {cost.ceiling_usd_per_month:,.2f} USD",
            fix="lower gpu_limit or nodes of a pool if such a month must not happen",
            source=COST_SOURCE,
        )
    yield from network_warnings(environment)
    yield from cluster_warnings(environment)
    yield from karpenter_warnings(environment)
    yield from auto_warnings(environment)
    yield from managed_warnings(environment)
    yield from image_warnings(environment)
    yield from storage_warnings(environment)
    yield from loading_warnings(environment)
    yield from certificate_warnings(environment)
    yield from dra_warnings(environment)
    for name, model in environment.platform.models.items():
        if model.revision is None and own_prefix(model.load) is None:
            yield Finding(
                path=f"models.{name}.revision",
                problem="is not pinned: a restarted replica may load other weights than its peers",
                fix=f"add the commit of {model.model} that you have tested",
                source="Hugging Face Hub, repository revisions",
            )
