"""Karpenter's nodes: instances that no resource of the account records.

They are read from the control plane, which is where they run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rehearsal.api import Api, UnreachableError
from rehearsal.control_plane.connection import Connection
from rehearsal.control_plane.supervisor import Supervisor
from rehearsal.fleet.node_pools import NODES, POOL_OF_NODE, SUFFIX
from rehearsal.fleet.nodes import ZONE_LABEL
from rehearsal.layout import Layout
from rehearsal.providers.plugin import ProviderError


@dataclass(frozen=True, order=True)
class LiveNode:
    """A node that Karpenter started and that still runs."""

    pool: str
    """The program's NodePool."""
    name: str
    zone: str


def live_nodes(layout: Layout) -> tuple[LiveNode, ...]:
    """Return Karpenter's nodes; without a control plane nothing of the simulated fleet runs.

    Raises:
        ProviderError: the control plane runs and does not answer.
    """
    supervisor = Supervisor(layout.control_plane.absolute(), layout.logs.absolute())
    connection = Connection.read(layout.connection)
    if connection is None or supervisor.running("kube-apiserver") is None:
        return ()
    api = Api(connection)
    try:
        nodes = api.list(NODES, labelSelector=POOL_OF_NODE, resourceVersion="") or []
    except UnreachableError as error:
        raise ProviderError(f"nobody knows which nodes still run: {error}; try again") from error
    finally:
        api.close()
    return tuple(sorted(_live_node(node["metadata"]) for node in nodes))


def _live_node(metadata: dict[str, Any]) -> LiveNode:
    labels = metadata["labels"]
    pool = labels[POOL_OF_NODE].removesuffix(SUFFIX)
    return LiveNode(pool=pool, name=metadata["name"], zone=labels.get(ZONE_LABEL, ""))


def counted(nodes: Sequence[LiveNode]) -> str:
    """Return `2 instances of pool l40s still run (a, b)` for each pool; `nodes` are sorted."""
    parts: list[str] = []
    for pool, group in groupby(nodes, key=lambda node: node.pool):
        names = [node.name for node in group]
        many = f"{len(names)} instances" if len(names) > 1 else "1 instance"
        still = "still run" if len(names) > 1 else "still runs"
        parts.append(f"{many} of pool {pool} {still} ({', '.join(names)})")
    return "; ".join(parts)
