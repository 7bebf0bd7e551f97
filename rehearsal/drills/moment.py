"""A Karpenter pool and a drill's replicas at one moment."""

from dataclasses import dataclass
from typing import Final

from planning.specs.base import MODELS_NAMESPACE
from rehearsal.api import Api, Manifest
from rehearsal.control_plane.connection import Connection
from rehearsal.drills.pool import DRILL_LABEL, NAME, Pool
from rehearsal.fleet.node_pools import NODE_CLAIMS, POOL_OF_NODE, twin_name
from rehearsal.fleet.observation import ObservedNode, observe
from rehearsal.fleet.pending import condition, pending_reason

EVENTS: Final = "/api/v1/events"
PODS: Final = f"/api/v1/namespaces/{MODELS_NAMESPACE}/pods"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The pool's nodes, and the drill's replicas."""

    nodes: tuple[ObservedNode, ...]
    replicas: int
    """Of the drill, whatever their state."""
    running: int
    """Replicas that are ready on a node."""
    waiting: tuple[str, ...]
    """Why, of each replica without a node."""
    consolidatable: frozenset[str]
    """Nodes without a new or ended pod for the pool's `consolidateAfter`, as Karpenter says."""

    @property
    def names(self) -> frozenset[str]:
        """Return the names of the pool's nodes."""
        return frozenset(node.name for node in self.nodes)

    @property
    def gpus(self) -> int:
        """Return the GPUs of the pool's nodes."""
        return sum(node.gpus for node in self.nodes)

    @property
    def empty(self) -> frozenset[str]:
        """Return the names of the nodes whose GPUs nobody asked for."""
        return frozenset(node.name for node in self.nodes if node.gpus_used == 0)

    @property
    def empty_long_enough(self) -> frozenset[str]:
        """Return the names of the nodes that Karpenter would end if a budget allowed it."""
        return self.empty & self.consolidatable


def moment(api: Api, connection: Connection, pool: Pool) -> Moment:
    """Return what is now."""
    pods = drill_pods(api)
    refusals = api.list(EVENTS, fieldSelector="reason=FailedScheduling") or []
    served = twin_name(pool.name)
    claims = api.list(NODE_CLAIMS, labelSelector=f"{POOL_OF_NODE}={served}") or []
    nodes = [node for node in observe(connection).nodes if node.pool == pool.name]
    return Moment(
        nodes=tuple(nodes),
        replicas=len(pods),
        running=sum(condition(pod, "Ready").get("status") == "True" for pod in pods),
        waiting=tuple(
            pending_reason(pod, refusals) for pod in pods if not pod["spec"].get("nodeName")
        ),
        consolidatable=frozenset(
            claim["status"]["nodeName"]
            for claim in claims
            if condition(claim, "Consolidatable").get("status") == "True"
        ),
    )


def drill_pods(api: Api) -> list[Manifest]:
    """Return the drill's replicas."""
    return api.list(PODS, labelSelector=f"{DRILL_LABEL}={NAME}") or []


def blocked_budgets(api: Api, pool: Pool) -> dict[tuple[str, int], str]:
    """Return what Karpenter said of budgets that block, by event and how often it was said."""
    selector = f"reason=DisruptionBlocked,involvedObject.name={twin_name(pool.name)}"
    return {
        (event["metadata"]["uid"], event.get("count") or 1): event["message"]
        for event in api.list(EVENTS, fieldSelector=selector) or []
    }
