"""A Karpenter pool is filled beyond its limit and emptied again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from planning.specs.base import MODELS_NAMESPACE
from rehearsal.api import Api
from rehearsal.control_plane.connection import Connection
from rehearsal.drills.moment import Moment, blocked_budgets, drill_pods, moment
from rehearsal.drills.pool import NAME, Pool, deployment
from rehearsal.drills.steps import Step, watch
from rehearsal.fleet.node_pools import DISRUPTION, NODE_POOLS, twin_name
from rehearsal.turn import RehearsalError
from settings.finding import counted

DEPLOYMENTS: Final = f"/apis/apps/v1/namespaces/{MODELS_NAMESPACE}/deployments"
OVER_THE_LIMIT: Final = "exceed limits for nodepool"
"""Karpenter's words. Source: kubernetes-sigs/karpenter v1.14.1, pkg/controllers/provisioning."""
AFTER: Final = "2s"
"""`consolidateAfter` for as long as the drill watches: the program's is too long for that."""

SECONDS: Final = 60.0
"""Most that a step may take: Karpenter looks for empty nodes every 10 s, and once more after 15 s
before it ends them. Source: kubernetes-sigs/karpenter v1.14.1, pkg/controllers/disruption."""
UNTOUCHED_SECONDS: Final = 26.0
"""Nodes that are still there after this long would have been ended otherwise."""


@dataclass(frozen=True, kw_only=True)
class KarpenterPoolDrill:
    """The drill on one pool; `put_back` undoes it at any moment."""

    api: Api
    connection: Connection
    pool: Pool

    def steps(self) -> Iterator[Step]:
        """Do one step after the other; each yields what was expected and what was seen.

        Raises:
            RehearsalError: the pool's models leave no GPU of it to the drill.
        """
        self.put_back()  # A drill that was killed may have left something.
        before = watch(self._moment, lambda found: found.replicas == 0, SECONDS)
        free = self.pool.reachable_gpus - sum(node.gpus_used for node in before.nodes)
        if free < 1:
            raise RehearsalError(
                f"pool {self.pool.name}: its models take all {self.pool.reachable_gpus} GPUs of "
                "its limit; the drill needs a free one: raise `gpu_limit`, or lower `replicas.min`"
            )
        yield from self._up(free, self.pool.gpu_limit + 1)
        yield self._down()
        yield self._blocked()
        yield self._released()

    def put_back(self) -> None:
        """Take the drill's Deployment away, and give the pool its own disruption settings back."""
        self.api.close()  # One that was interrupted in a request is of no further use.
        self._disrupt(None)
        self.api.delete(f"{DEPLOYMENTS}/{NAME}")

    def restored(self) -> Step:
        """Return, after `put_back`, whether nothing of the drill is left."""

        def left() -> tuple[int, bool]:
            names = (self.pool.name, twin_name(self.pool.name))
            pools = [self.api.get(f"{NODE_POOLS}/{name}") or {} for name in names]
            own, served = (pool.get("spec", {}).get("disruption") for pool in pools)
            return len(drill_pods(self.api)), own == served

        pods, same = watch(left, lambda found: found == (0, True), SECONDS)
        return Step(
            name="put back",
            expected=f"its own budgets and {self.pool.consolidate_after} again; no replica is left",
            seen=f"{'its own settings' if same else 'other settings'}; {pods} replicas are left",
            ok=same and pods == 0,
        )

    def _up(self, free: int, replicas: int) -> Iterator[Step]:
        pool, most = self.pool, 0

        def look() -> Moment:
            nonlocal most
            found = self._moment()
            most = max(most, found.gpus)
            return found

        def settled(found: Moment) -> bool:
            judged = all("Karpenter: " in why for why in found.waiting)
            return found.running == free and found.replicas == replicas and judged

        self.api.apply(f"{DEPLOYMENTS}/{NAME}", deployment(pool, replicas))
        found = watch(look, settled, SECONDS)
        yield Step(
            name="replicas go up",
            expected=f"{counted(pool.reachable_gpus, 'GPU')}, never more than the limit of "
            f"{pool.gpu_limit}; {free} of {replicas} replicas run",
            seen=f"{counted(found.gpus, 'GPU')} on {counted(len(found.nodes), 'node')}, "
            f"never more than {most}; {found.running} of {replicas} replicas run",
            ok=found.gpus == pool.reachable_gpus
            and most <= pool.gpu_limit
            and found.running == free,
        )
        reasons = sorted({why.rpartition("Karpenter: ")[2] for why in found.waiting})
        yield Step(
            name="the rest waits",
            expected=f"{replicas - free} wait, refused by Karpenter for the limit",
            seen=f"{len(found.waiting)} wait: {'; '.join(reasons) or 'no reason'}",
            ok=len(found.waiting) == replicas - free
            and all(OVER_THE_LIMIT in why for why in found.waiting),
        )

    def _down(self) -> Step:
        nodes = self._moment().names
        self.api.merge(f"{DEPLOYMENTS}/{NAME}", {"spec": {"replicas": 0}})
        found = watch(self._moment, lambda found: found.replicas == 0, SECONDS)
        return Step(
            name="replicas go down",
            expected=f"empty nodes stay for {self.pool.consolidate_after}, longer than a drill "
            "watches",
            seen=f"{len(found.empty)} empty, {len(found.empty_long_enough)} of them long "
            f"enough; {len(nodes - found.names)} ended",
            ok=bool(found.empty) and found.names == nodes and not found.empty_long_enough,
        )

    def _blocked(self) -> Step:
        begun, known = self._moment(), blocked_budgets(self.api, self.pool)

        def look() -> tuple[Moment, list[str]]:
            refusals = blocked_budgets(self.api, self.pool)
            words = [text for key, text in refusals.items() if key not in known]
            return self._moment(), words

        def decided(answer: tuple[Moment, list[str]]) -> bool:
            found, words = answer
            refused = bool(words) and found.empty_long_enough >= begun.empty
            return refused or found.names != begun.names

        self._disrupt({"consolidateAfter": AFTER, "budgets": [{"nodes": "0"}]})
        found, words = watch(look, decided, UNTOUCHED_SECONDS)
        said = f"; Karpenter: {words[-1]}" if words else ""
        return Step(
            name="a budget of 0 nodes",
            expected=f"{len(begun.empty)} empty for {AFTER}, none ended",
            seen=f"{len(found.empty_long_enough)} are, "
            f"{len(begun.names - found.names)} ended{said}",
            ok=found.names == begun.names and found.empty_long_enough >= begun.empty,
        )

    def _released(self) -> Step:
        begun = self._moment()
        at_work = begun.names - begun.empty
        self._disrupt({"consolidateAfter": AFTER, "budgets": [{"nodes": "100%"}]})
        found = watch(self._moment, lambda found: not found.names & begun.empty, SECONDS)
        return Step(
            name="a budget of 100% of the nodes",
            expected=f"{len(begun.empty)} empty ended, {len(at_work)} at work stay",
            seen=f"{len(begun.empty - found.names)} ended, {len(at_work & found.names)} stay",
            ok=found.names == at_work,
        )

    def _disrupt(self, instead: dict[str, Any] | None) -> None:
        """Let the pool's twin have other disruption settings than the program says; None: the same.

        The fleet keeps twins in step, and so has to be told; the program's own spec stays its own.
        """
        value = None if instead is None else json.dumps(instead)
        annotations = {"metadata": {"annotations": {DISRUPTION: value}}}
        self.api.merge(f"{NODE_POOLS}/{self.pool.name}", annotations)

    def _moment(self) -> Moment:
        return moment(self.api, self.connection, self.pool)
