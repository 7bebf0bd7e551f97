"""How a node is lost: its instance ends without a word, and what ran on it with it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from rehearsal.api import Api, Manifest, RefusedError
from rehearsal.fleet.node_pools import NODE_CLAIMS, NODES

PODS: Final = "/api/v1/pods"


@dataclass(frozen=True, kw_only=True)
class LostNode:
    """A node that is to be lost, as it was before."""

    name: str
    uid: str
    """Tells it from one that takes its name."""
    claim: str | None
    """Karpenter's NodeClaim; None where a node group supplies it."""
    pods: tuple[tuple[str, str, str], ...]
    """Namespace, name and uid of each pod on it."""

    @property
    def pod_uids(self) -> frozenset[str]:
        """Return the uids of the pods on it: a StatefulSet's next pod takes the name again."""
        return frozenset(uid for _, _, uid in self.pods)


def to_lose(api: Api, name: str) -> LostNode:
    """Return the node called `name`, as it is now."""
    node = api.get(f"{NODES}/{name}") or Manifest(metadata={})
    claims = [
        claim["metadata"]["name"]
        for claim in api.list(NODE_CLAIMS, resourceVersion="") or []
        if claim.get("status", {}).get("nodeName") == name
    ]
    pods = api.list(PODS, fieldSelector=f"spec.nodeName={name}", resourceVersion="") or []
    found = [pod["metadata"] for pod in pods]
    return LostNode(
        name=name,
        uid=node["metadata"].get("uid", ""),
        claim=claims[0] if claims else None,
        pods=tuple((pod["namespace"], pod["name"], pod["uid"]) for pod in found),
    )


def lose(api: Api, lost: LostNode) -> None:
    """End the node at once, also where it was begun before: without a drain, without grace.

    What takes EKS minutes follows at once: the cloud controller deletes the Node of an instance
    that is no more, Karpenter deletes its NodeClaim when EC2 tells it of the end, and the pod
    garbage collector removes pods without a node.
    Sources: kubernetes.io/docs/concepts/architecture/nodes (node controller) and .../pods/
    pod-lifecycle (garbage collection), karpenter.sh/docs/concepts/disruption (interruption).
    """
    path = f"{NODES}/{lost.name}"
    node = api.get(path)
    if node is not None and node["metadata"]["uid"] == lost.uid:
        # Karpenter's finalizer would have it drained first: an instance that ended waits for none.
        api.merge(path, {"metadata": {"uid": lost.uid, "finalizers": None}})
        _delete(api, path, lost.uid)
    if lost.claim is not None:
        api.delete(f"{NODE_CLAIMS}/{lost.claim}")
    for namespace, name, uid in lost.pods:
        _delete(api, f"/api/v1/namespaces/{namespace}/pods/{name}", uid)


def is_lost(api: Api, lost: LostNode) -> bool:
    """Return whether the node is gone; another one may have taken its name."""
    node = api.get(f"{NODES}/{lost.name}")
    return node is None or node["metadata"]["uid"] != lost.uid


def _delete(api: Api, path: str, uid: str) -> None:
    """Delete what has this uid; nothing happens when another object has taken its name."""
    try:
        api.delete(path, gracePeriodSeconds=0, preconditions={"uid": uid})
    except RefusedError as refused:
        if refused.status != HTTPStatus.CONFLICT:
            raise
