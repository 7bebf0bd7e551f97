"""A model is rolled as `kubectl rollout restart` does it, and rolled back; every state is seen."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from planning.specs.base import DOMAIN, MODELS_NAMESPACE
from planning.specs.models import Shape
from planning.specs.rolls import PlannedRoll
from rehearsal.api import Api, Manifest
from rehearsal.control_plane.connection import Connection
from rehearsal.drills.model import replicas_of
from rehearsal.drills.roll_states import RollStates
from rehearsal.drills.rolled import (
    Rolled,
    as_before,
    changed,
    is_complete,
    peak,
    strategy,
)
from rehearsal.drills.spare_nodes import SpareNodes
from rehearsal.drills.steps import Step, watch
from rehearsal.fleet.claims import RESOURCE_CLAIMS
from rehearsal.fleet.node_pools import NODES
from rehearsal.fleet.observation import observe
from rehearsal.session import STILL_SECONDS
from rehearsal.turn import RehearsalError

PODS: Final = f"/api/v1/namespaces/{MODELS_NAMESPACE}/pods"
APPS: Final = f"/apis/apps/v1/namespaces/{MODELS_NAMESPACE}"
COLLECTIONS: Final[Mapping[Shape, str]] = {
    "deployment": "deployments",
    "stateful-set": "statefulsets",
}
"""The workloads whose roll is followed here, by shape."""
ANNOTATION: Final = f"{DOMAIN}/drill"
MANAGER: Final = "llm-platform-drill"
"""Owner of the annotation, and of nothing else: the program's own fields stay its own."""

SECONDS: Final = 240.0
"""Most that a step may take."""


@dataclass(kw_only=True)
class ModelRollDrill:
    """The drill on one model; `put_back` undoes it at any moment."""

    api: Api
    connection: Connection
    planned: PlannedRoll
    shape: Shape
    """One of `COLLECTIONS`."""
    _before: Manifest | None = field(default=None, init=False)
    """The workload before the drill."""

    @property
    def _path(self) -> str:
        return f"{APPS}/{COLLECTIONS[self.shape]}/{self.planned.name}"

    def steps(self) -> Iterator[Step]:
        """Do one step after the other; each yields what was expected and what was seen.

        Raises:
            RehearsalError: the model rolls already, or not all of its replicas run.
        """
        self.put_back()  # A drill that was killed may have left something.
        before = watch(self._workload, is_complete, STILL_SECONDS)
        if not is_complete(before):
            raise RehearsalError(
                f"model {self.planned.name} is not settled: the drill needs every replica at work "
                "first; `python -m rehearsal report` says what waits"
            )
        self._before = before
        spare = SpareNodes.now(self.api, self.connection, self.planned.pool)
        yield strategy(self.planned, before)
        there = self._roll("model-roll")
        yield changed("the roll", self.planned, there)
        yield peak(self.planned, there.states)
        back = self._roll(None)
        yield changed("the way back", self.planned, back)
        yield spare.end()

    def put_back(self) -> None:
        """Take the drill's annotation away."""
        self.api.close()  # One that was interrupted in a request is of no further use.
        self._annotate(None)

    def restored(self) -> Step:
        """Return, after `put_back`, whether the workload is as it was, and nobody owns more."""
        if self._before is None:
            raise RehearsalError("the drill has not begun: there is nothing to hold it against")
        before = self._before

        def back(found: Manifest) -> bool:
            return as_before(before, found, MANAGER).ok

        return as_before(before, watch(self._workload, back, SECONDS), MANAGER)

    def _annotate(self, value: str | None) -> None:
        """Give the pods' template the annotation, and with it new replicas; None: take it away."""
        template: dict[str, Any] = {"metadata": {"annotations": {ANNOTATION: value}}}
        self.api.merge(self._path, {"spec": {"template": template}}, MANAGER)

    def _workload(self) -> Manifest:
        found = self.api.get(self._path)
        if found is None:
            raise RehearsalError(f"what runs the replicas of {self.planned.name} is gone")
        return found

    def _roll(self, value: str | None) -> Rolled:
        """Annotate, and follow every change until all replicas are new or nothing moves."""
        found = self.api.get(PODS) or {}
        pods: list[Manifest] = found["items"]
        states = RollStates(
            planned=self.planned, pods={pod["metadata"]["uid"]: pod for pod in pods}
        )
        self._look(states)
        states.begin()
        old, since = frozenset(states.ready), str(found["metadata"]["resourceVersion"])
        begun = moved = time.monotonic()
        self._annotate(value)
        while True:
            # Asked first: what the roll did until it was complete is among the changes then.
            complete = is_complete(self._workload())
            changes = self.api.changes(PODS, since)
            self._look(states)
            states.follow(changes)
            now = time.monotonic()
            if changes:
                moved, since = now, str(changes[-1]["object"]["metadata"]["resourceVersion"])
            if complete or now - moved > STILL_SECONDS or now - begun > SECONDS:
                break
        waiting = () if complete else self._waiting()
        return Rolled(
            states=states, old=old, complete=complete, waiting=waiting, seconds=now - begun
        )

    def _look(self, states: RollStates) -> None:
        claims = self.api.list(RESOURCE_CLAIMS) or []
        states.look(self.api.list(NODES) or [], claims)

    def _waiting(self) -> tuple[str, ...]:
        return replicas_of(observe(self.connection), self.planned.name).waiting
