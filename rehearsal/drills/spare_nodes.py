"""Nodes that Karpenter bought for a drill, and that nobody needs after it."""

from dataclasses import dataclass
from typing import Final

from rehearsal.api import Api
from rehearsal.control_plane.connection import Connection
from rehearsal.drills.steps import Step, watch
from rehearsal.fleet.node_pools import NODE_CLAIMS
from rehearsal.fleet.observation import ObservedNode, observe
from settings.finding import counted

SECONDS: Final = 120.0
"""Most that they may take to end."""


@dataclass(frozen=True)
class SpareNodes:
    """A pool as it was before a drill; what the drill added to it ends without a wait."""

    api: Api
    connection: Connection
    pool: str
    nodes: int
    """How many it had."""
    empty: frozenset[str]
    """Those of them that were empty already."""

    @classmethod
    def now(cls, api: Api, connection: Connection, pool: str) -> "SpareNodes":
        """Return the pool as it is now."""
        found = _nodes(connection, pool)
        empty = frozenset(node.name for node in found if node.gpus_used == 0)
        return cls(api, connection, pool, len(found), empty)

    def end(self) -> Step:
        """Delete the NodeClaims of nodes that the drill left empty: the pool would keep them idle.

        It would do so for its `idle_minutes`, longer than a drill watches.
        """
        begun = _nodes(self.connection, self.pool)
        spare = {node.name for node in begun if node.gpus_used == 0} - self.empty
        for claim in self.api.list(NODE_CLAIMS, resourceVersion="") or []:
            if claim.get("status", {}).get("nodeName") in spare:
                self.api.delete(f"{NODE_CLAIMS}/{claim['metadata']['name']}")
        found = watch(self._count, lambda count: count == self.nodes, SECONDS)
        return Step(
            name="spare nodes end",
            expected=f"{counted(self.nodes, 'node')} in pool {self.pool}, as before",
            seen=f"{counted(found, 'node')}; after the drill there were {len(begun)}",
            ok=found == self.nodes,
        )

    def _count(self) -> int:
        return len(_nodes(self.connection, self.pool))


def _nodes(connection: Connection, pool: str) -> list[ObservedNode]:
    return [node for node in observe(connection).nodes if node.pool == pool]
