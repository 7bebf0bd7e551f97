"""How a pool that divides its GPUs is filled: against the least that would do, and a GPU each."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from catalog.prices import HOURS_PER_MONTH
from planning.models.roles import least_pods
from planning.pools.facts import PoolFacts
from planning.sharing.device import memory_of
from planning.specs.placement import Packing, PlannedNode
from settings.models import ModelSettings

CENT = Decimal("0.01")


def packings(
    models: Iterable[ModelSettings], pools: Iterable[PoolFacts], nodes: Sequence[PlannedNode]
) -> tuple[Packing, ...]:
    """Return the packing of every pool that divides its GPUs and carries something."""
    own = [*models]
    found = (
        _packing(pool, [model for model in own if model.pool == pool.name], nodes)
        for pool in pools
        if pool.divides
    )
    return tuple(packing for packing in found if packing.replicas)


def _packing(
    pool: PoolFacts, models: Sequence[ModelSettings], nodes: Sequence[PlannedNode]
) -> Packing:
    asks = [(pool.ask(model), least_pods(model)) for model in models]
    memory = sum(memory_of(ask, pool.devices) * count for ask, count in asks)
    cores = sum(ask.devices * (ask.cores_percent or 0) * count for ask, count in asks)
    return Packing(
        pool=pool.name,
        replicas=sum(count for _, count in asks),
        gpus_used=sum(node.gpus_used for node in nodes if node.pool == pool.name),
        gpus_least=max(Decimal(memory) / pool.gpu_memory_mib, Decimal(cores) / 100).quantize(CENT),
        gpus_undivided=sum(ask.devices * count for ask, count in asks),
        usd_per_gpu_month=(
            pool.usd_per_hour(pool.first) * HOURS_PER_MONTH / pool.first.gpus
        ).quantize(CENT),
    )
