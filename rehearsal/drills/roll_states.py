"""What became of a model's replicas while they were rolled: every state that the API server had.

The pods are watched, and not asked for now and then: a moment with a replica too few is seen
however short it is. A ReplicaSet's own count of ready replicas follows its pods.
Source: kubernetes.io/docs/reference/using-api/api-concepts (efficient detection of changes).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from catalog.instance_types import find_instance_type
from planning.specs.base import MODEL_LABEL, POOL_LABEL
from planning.specs.rolls import PlannedRoll
from rehearsal.api import Manifest
from rehearsal.fleet.claims import by_name, devices_of
from rehearsal.fleet.gpu_usage import gpus_used
from rehearsal.fleet.nodes import INSTANCE_LABEL
from rehearsal.fleet.observation import ENDED
from rehearsal.fleet.pending import condition

REVISION: Final = "pod-template-hash"
"""Label of a pod: the ReplicaSet that made it."""


@dataclass(kw_only=True)
class RollStates:
    """Extremes of the states that were seen; the first one is that of the start."""

    planned: PlannedRoll
    pods: dict[str, Manifest]
    """All pods of the namespace, by uid: a StatefulSet gives a new one the name of the old."""
    states: int = field(default=0, init=False)
    least_ready: int = field(default=0, init=False)
    most_placed: int = field(default=0, init=False)
    """Replicas that had a node at once, those that were ending included."""
    most_gpus: int = field(default=0, init=False)
    """GPUs of the model's pool that pods used at once."""
    gpus_there: int = field(default=0, init=False)
    """Most GPUs that the pool's nodes had whenever they were looked at."""
    _nodes: dict[str, Manifest] = field(default_factory=dict[str, Manifest], init=False)
    _claims: dict[tuple[str, str], Manifest] = field(
        default_factory=dict[tuple[str, str], Manifest], init=False
    )

    def look(self, nodes: Iterable[Manifest], claims: Iterable[Manifest]) -> None:
        """Note the nodes and ResourceClaims of now; those that have gone stay known."""
        pool = [node for node in nodes if _label(node, POOL_LABEL) == self.planned.pool]
        self.gpus_there = max(self.gpus_there, sum(_gpus(node) for node in pool))
        self._nodes |= {node["metadata"]["name"]: node for node in pool}
        self._claims |= by_name(claims)

    def begin(self) -> None:
        """Take the state of now for the first one."""
        self.least_ready = len(self.ready)
        self._note()

    def follow(self, changes: Iterable[Manifest]) -> None:
        """Take one change after the other: each makes a state. Look at the nodes before."""
        for change in changes:
            pod: Manifest = change["object"]
            if change["type"] == "DELETED":
                self.pods.pop(pod["metadata"]["uid"], None)
            else:
                self.pods[pod["metadata"]["uid"]] = pod
            self._note()

    @property
    def ready(self) -> Mapping[str, str]:
        """Return the ready replicas that are not ending: uid, and the ReplicaSet's revision."""
        return {
            uid: _label(pod, REVISION)
            for uid, pod in self.pods.items()
            if _label(pod, MODEL_LABEL) == self.planned.name
            and condition(pod, "Ready").get("status") == "True"
            and "deletionTimestamp" not in pod["metadata"]
        }

    def _note(self) -> None:
        self.states += 1
        self.least_ready = min(self.least_ready, len(self.ready))
        alive = [pod for pod in self.pods.values() if _phase(pod) not in ENDED]
        placed = [pod for pod in alive if pod["spec"].get("nodeName")]
        own = [pod for pod in placed if _label(pod, MODEL_LABEL) == self.planned.name]
        self.most_placed = max(self.most_placed, len(own))
        self.most_gpus = max(self.most_gpus, self._gpus_used(placed))

    def _gpus_used(self, placed: Iterable[Manifest]) -> int:
        on: dict[str, list[Manifest]] = {}
        for pod in placed:
            on.setdefault(pod["spec"]["nodeName"], []).append(pod)
        total = 0
        for name, pods in on.items():
            if node := self._nodes.get(name):
                held = [device for pod in pods for device in devices_of(pod, self._claims)]
                instance = find_instance_type(_label(node, INSTANCE_LABEL))
                total += gpus_used(node, instance, pods, held)
        return total


def _label(found: Manifest, key: str) -> str:
    return found["metadata"].get("labels", {}).get(key, "")


def _phase(pod: Manifest) -> str:
    return pod.get("status", {}).get("phase", "")


def _gpus(node: Manifest) -> int:
    instance = find_instance_type(_label(node, INSTANCE_LABEL))
    return instance.gpus if instance else 0
