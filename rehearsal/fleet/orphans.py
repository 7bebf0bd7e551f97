"""Nodes that outlive their NodeClaim: machines that nobody claims any more.

Karpenter ends them on AWS; its kwok provider counts them and cannot end them, and Karpenter then
stands still. Source: kubernetes-sigs/karpenter v1.14.1, pkg/controllers/nodeclaim/garbagecollection
and kwok/cloudprovider (names of nodes).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rehearsal.api import Api, Manifest
from rehearsal.fleet.node_pools import NODE_CLAIMS, NODES, POOL_OF_NODE

PROVIDER: Final = "kwok://"


def orphans(nodes: Iterable[Manifest], claims: Iterable[Manifest]) -> Iterator[str]:
    """Yield the names of Karpenter's nodes without a claim; a claim is there before its node."""
    claimed = tuple(f"kwok-{claim['metadata']['name']}-" for claim in claims)
    for node in nodes:
        metadata = node["metadata"]
        started = node.get("spec", {}).get("providerID", "").startswith(PROVIDER)
        leaving = "deletionTimestamp" in metadata
        if started and not leaving and not metadata["name"].startswith(claimed):
            yield metadata["name"]


def reconcile(api: Api, nodes: Sequence[Manifest]) -> None:
    """End the nodes of Karpenter that are no claim's; `nodes` were listed before."""
    of_karpenter = [node for node in nodes if POOL_OF_NODE in node["metadata"].get("labels", {})]
    if not of_karpenter:
        return
    claims = api.list(NODE_CLAIMS, resourceVersion="")
    if claims is None:  # Karpenter's own API is gone, or not there yet: nothing is known of claims.
        return
    for name in orphans(of_karpenter, claims):
        api.delete(f"{NODES}/{name}")
