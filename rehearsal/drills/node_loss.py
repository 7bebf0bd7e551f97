"""The node of a model's replica is lost, and the replica comes back, or says why it cannot."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from rehearsal.api import Api
from rehearsal.control_plane.connection import Connection
from rehearsal.drills.lost_node import LostNode, is_lost, lose, to_lose
from rehearsal.drills.model import Replicas, replicas_of, said
from rehearsal.drills.steps import Step, watch, watch_while_it_moves
from rehearsal.fleet.observation import Observation, observe
from rehearsal.session import STILL_SECONDS
from settings.finding import counted

SECONDS: Final = 180.0
"""Most that a step may take."""


@dataclass(frozen=True, kw_only=True)
class Meanwhile:
    """What was seen from the loss until replicas were back, or nothing moved any more."""

    wanted: int
    """Replicas that ran before."""
    replicas: Replicas
    """At the end."""
    least: int
    """Fewest that ran at once, of all moments that were looked at."""
    seconds: float


def came_back(seen: Meanwhile, lost: str, before: frozenset[str]) -> Step:
    """Judge whether every replica runs again, and say where, or why not.

    Args:
        seen: What was seen.
        lost: The node that was lost.
        before: Names of the nodes that there were, that one included.
    """
    running = seen.replicas.running
    ok = running >= seen.wanted
    after = f" after {seen.seconds:.1f} s" if ok else said(seen.replicas.waiting)
    return Step(
        name="the replica comes back",
        expected=f"{seen.wanted} of {seen.wanted} run again",
        seen=f"{running} of {seen.wanted} run{_places(seen.replicas, lost, before)}{after}; "
        f"never fewer than {seen.least} ran",
        ok=ok,
    )


def _places(replicas: Replicas, lost: str, before: frozenset[str]) -> str:
    words = [f"{name} ({_kind(name, lost, before)})" for name in sorted(set(replicas.on))]
    return f" on {', '.join(words)}" if words else ""


def _kind(name: str, lost: str, before: frozenset[str]) -> str:
    if name == lost:
        return "made anew"
    return "there before" if name in before else "new"


def all_back(before: Mapping[str, int], now: Mapping[str, int]) -> Step:
    """Judge whether every model has as many replicas at work as before."""
    fewer = [
        f"{name}: {now.get(name, 0)} of {count}"
        for name, count in sorted(before.items())
        if now.get(name, 0) < count
    ]
    total = sum(before.values())
    return Step(
        name="put back",
        expected=f"{total} replicas of {counted(len(before), 'model')} run, as before",
        seen=", ".join(fewer) or "all of them",
        ok=not fewer,
    )


@dataclass(kw_only=True)
class NodeLossDrill:
    """The drill on one model; the fleet and Karpenter put a node in the place of the lost one."""

    api: Api
    connection: Connection
    model: str
    _lost: LostNode | None = field(default=None, init=False)
    _before: Mapping[str, int] = field(default_factory=dict[str, int], init=False)
    _stuck: bool = field(default=False, init=False)
    """Whether it was waited for in vain already."""

    def steps(self) -> Iterator[Step]:
        """Do one step after the other; each yields what was expected and what was seen."""
        before = observe(self.connection)
        self._before = at_work(before)
        replicas = replicas_of(before, self.model)
        self._lost = to_lose(self.api, replicas.on[0])
        begun = time.monotonic()
        yield self._lose(self._lost, before)
        seen = self._watched(self._lost, replicas.running, begun)
        step = came_back(seen, self._lost.name, frozenset(node.name for node in before.nodes))
        self._stuck = not step.ok
        yield step

    def put_back(self) -> None:
        """Lose the node wholly: what replaces it does so only then."""
        self.api.close()  # One that was interrupted in a request is of no further use.
        if self._lost is not None:
            lose(self.api, self._lost)

    def restored(self) -> Step:
        """Return, after `put_back`, whether every model runs as before."""

        def now() -> Mapping[str, int]:
            return at_work(observe(self.connection))

        def back(found: Mapping[str, int]) -> bool:
            return all_back(self._before, found).ok

        still = 0.0 if self._stuck else STILL_SECONDS
        return all_back(self._before, watch_while_it_moves(now, back, SECONDS, still))

    def _lose(self, lost: LostNode, before: Observation) -> Step:
        node = next(node for node in before.nodes if node.name == lost.name)
        others = sorted({pod.model for pod in before.pods if pod.node == lost.name})
        lose(self.api, lost)
        gone = watch(lambda: is_lost(self.api, lost), lambda found: found, SECONDS)
        return Step(
            name="the node is lost",
            expected=f"{lost.name} ({node.instance_type}, pool {node.pool}) goes without a drain, "
            f"and replicas of {', '.join(others)} with it",
            seen=f"{'gone' if gone else 'still there'}, and {counted(len(lost.pods), 'pod')}",
            ok=gone,
        )

    def _watched(self, lost: LostNode, wanted: int, begun: float) -> Meanwhile:
        least = wanted

        def look() -> Replicas:
            nonlocal least
            found = replicas_of(observe(self.connection), self.model, lost.pod_uids)
            least = min(least, found.running)
            return found

        def back(found: Replicas) -> bool:
            return found.running >= wanted

        found = watch_while_it_moves(look, back, SECONDS, STILL_SECONDS)
        return Meanwhile(
            wanted=wanted, replicas=found, least=least, seconds=time.monotonic() - begun
        )


def at_work(seen: Observation) -> Mapping[str, int]:
    """Return how many replicas of each model are ready on a node."""
    return {service.name: replicas_of(seen, service.name).running for service in seen.services}
