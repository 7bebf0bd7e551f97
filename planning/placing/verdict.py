"""What can be said of the minimum replicas of a pool before anything is started."""

from collections.abc import Sequence
from dataclasses import dataclass

from planning.pools.facts import PoolFacts
from planning.sharing.verdict import Question, Verdict, judge
from planning.specs.devices import GpuAsk
from planning.specs.placement import PlannedPool, PlannedService


@dataclass(frozen=True)
class Waiting:
    """Replicas that have to go to one place: one, or all that hold the same devices."""

    name: str
    ask: GpuAsk
    replicas: int = 1


def pool_verdict(
    pool: PoolFacts, waiting: Sequence[Waiting], services: Sequence[PlannedService]
) -> PlannedPool:
    """Return the verdict of a pool.

    Karpenter buys a node for a replica that finds none, so that its first-fit placement stands.
    """
    if pool.nodes is None:
        left = [found for found in services if found.pool == pool.name]
        names = tuple(found.name for found in left if found.placed < found.wanted)
        verdict = Verdict.DOES_NOT_FIT if names else Verdict.FITS
        return PlannedPool(name=pool.name, verdict=verdict, may_wait=names)
    judged = judge(
        Question(
            devices=pool.devices,
            nodes=pool.nodes.max,
            asks=[wait.ask for wait in waiting],
            ranks={wait.ask: pool.rank(wait.ask) for wait in waiting},
            first_device=pool.way.first_device,
        )
    )
    names = dict.fromkeys(wait.name for wait in waiting if wait.ask in judged.waiting)
    return PlannedPool(name=pool.name, verdict=judged.verdict, may_wait=tuple(names))
