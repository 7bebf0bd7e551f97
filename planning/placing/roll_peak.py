"""What the roll of a model needs at its peak, and whether its pool has it.

A surge starts the new replica before an old one ends. Where its pod finds no room the roll stands
still, so a model only surges where there is room beside the minimum replicas of the whole pool,
wherever the scheduler has put them. Source: Kubernetes 1.36 docs, Deployment, maxSurge and
maxUnavailable.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from catalog.instance_types import InstanceType
from planning.models.roles import least_pods
from planning.pools.facts import BEHIND, PoolFacts
from planning.sharing.device import Devices, Room, gpus_touched, take, untouched
from planning.sharing.verdict import Question, Verdict, judge
from planning.specs.devices import GpuAsk
from planning.specs.placement import Placement, PlannedNode
from settings.models import ModelSettings
from settings.replicas import Rollout


@dataclass(frozen=True)
class RollPeak:
    """How a model rolls, and what its pool carries at the peak."""

    rollout: Rollout
    gpus_floor: int
    """GPUs of the pool that carry something while nothing rolls, and"""
    gpus_peak: int
    """at the peak."""
    new_node: str | None = None
    """Instance type of a node that is started for it."""

    def in_place(self) -> "RollPeak":
        """Return the roll that ends an old replica before it starts a new one."""
        return RollPeak("in-place", self.gpus_floor, self.gpus_floor)


def roll_peaks(
    models: Mapping[str, ModelSettings], pools: Mapping[str, PoolFacts], placement: Placement
) -> dict[str, RollPeak]:
    """Return how each model rolls; every pool is known."""
    filled = {name: _Filled(pool, models, placement) for name, pool in pools.items()}
    found: dict[tuple[str, GpuAsk, int], RollPeak] = {}
    peaks: dict[str, RollPeak] = {}
    for name, model in models.items():
        key = model.pool, pools[model.pool].ask(model), model.nodes
        if key not in found:
            found[key] = filled[model.pool].peak(key[1], model.nodes)
        surges = model.rollout != "in-place" and not model.keeps_volumes
        peaks[name] = found[key] if surges else found[key].in_place()
    return peaks


class _Filled:
    """A pool with the minimum replicas of its models."""

    def __init__(
        self, pool: PoolFacts, models: Mapping[str, ModelSettings], placement: Placement
    ) -> None:
        self._pool = pool
        self._own = {name: model for name, model in models.items() if model.pool == pool.name}
        self._nodes = [node for node in placement.nodes if node.pool == pool.name]

    def peak(self, ask: GpuAsk, nodes: int) -> RollPeak:
        """Return how a model rolls whose replica takes this ask of so many nodes."""
        # Replicas of one claim divide its memory by their most: one more would find none.
        more = None if ask.shared else self._more(ask, nodes)
        if more is None or not self._wherever(ask, nodes):
            return RollPeak("in-place", self._gpus, self._gpus)
        gpus, node = more
        return RollPeak("surge", self._gpus, self._gpus + gpus, node)

    @cached_property
    def _rooms(self) -> list[tuple[Devices, Room]]:
        return [self._left(node) for node in self._nodes]

    @cached_property
    def _gpus(self) -> int:
        return sum(gpus_touched(devices, room) for devices, room in self._rooms)

    def _left(self, node: PlannedNode) -> tuple[Devices, Room]:
        """Return the devices of a node and what its replicas leave of them."""
        kind = next(found for found in self._pool.types if found.name == node.instance_type)
        devices = self._pool.way.devices(kind)
        asks = {name: self._pool.ask(self._own[name]) for name in node.replicas}
        once = (name for name in dict.fromkeys(node.replicas) if asks[name].shared)
        each = (name for name in node.replicas if not asks[name].shared)
        room = untouched(devices)
        for name in (*once, *each):
            found = take(devices, room, asks[name])
            room = found[0] if found else room
        return devices, room

    def _one_more(self, ask: GpuAsk) -> tuple[int, str | None] | None:
        """Return the GPUs that one more replica touches first, and the node started for it."""
        for devices, room in self._rooms:
            if found := take(devices, room, ask):
                return gpus_touched(devices, found[0]) - gpus_touched(devices, room), None
        for kind in self._startable():
            devices = self._pool.way.devices(kind)
            if found := take(devices, untouched(devices), ask):
                return gpus_touched(devices, found[0]), kind.name
        return None

    def _more(self, ask: GpuAsk, nodes: int) -> tuple[int, str | None] | None:
        """Return the same of one more replica; one over several nodes takes all of each."""
        if nodes == 1:
            return self._one_more(ask)
        free = sum(take(devices, room, ask) is not None for devices, room in self._rooms)
        started = max(0, nodes - free)
        kinds = self._startable()
        if started and (not kinds or self._most_started(kinds[0]) < started):
            return None
        return nodes * ask.devices, kinds[0].name if started else None

    def _most_started(self, kind: InstanceType) -> int:
        """Return how many nodes of a type the pool may start beside those it has."""
        pool = self._pool
        if pool.nodes is not None:
            return pool.nodes.max - len(self._nodes)
        return (pool.gpus_limit - sum(node.gpus for node in self._nodes)) // kind.gpus

    def _startable(self) -> list[InstanceType]:
        """Return the types of which the pool may start one more node, cheapest first."""
        pool = self._pool
        if pool.nodes is not None:
            return [pool.first] if len(self._nodes) < pool.nodes.max else []
        left = pool.gpus_limit - sum(node.gpus for node in self._nodes)
        fits = (found for found in pool.types if found.gpus <= left)
        return sorted(fits, key=lambda found: (pool.usd_per_hour(found), found.name))

    def _wherever(self, ask: GpuAsk, nodes: int) -> bool:
        """Return whether it finds room whatever places the others have come to.

        Karpenter buys a node for a replica that finds none, within the limit that has been looked
        at.
        """
        if self._pool.nodes is None:
            return True
        others = [*self._asks()]
        # The same ask under another key: it comes when all the others have their places.
        last = replace(ask, shared=True)
        question = Question(
            devices=self._pool.devices,
            nodes=self._pool.nodes.max,
            asks=[*others, *[last] * nodes],
            ranks={other: self._pool.rank(other) for other in others} | {last: -BEHIND - 1},
            first_device=self._pool.way.first_device,
        )
        return judge(question).verdict is Verdict.FITS

    def _asks(self) -> Iterator[GpuAsk]:
        """Yield what has to go to one place: the ask of a replica, or of all that share one."""
        for model in self._own.values():
            ask = self._pool.ask(model)
            one = replace(ask, shared=False)
            yield from [one] * (1 if ask.shared else least_pods(model))
