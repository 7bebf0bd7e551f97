"""What a roll did, held against what the plan says of it."""

from dataclasses import dataclass
from typing import Any, Final

from planning.specs.rolls import PlannedRoll
from rehearsal.api import Manifest
from rehearsal.drills.model import said
from rehearsal.drills.roll_states import RollStates
from rehearsal.drills.steps import Step
from settings.finding import counted

COUNTS: Final = ("replicas", "updatedReplicas", "availableReplicas")
"""Fields of the status of a Deployment and of a StatefulSet: all replicas, the new ones, and the
ready ones."""


@dataclass(frozen=True, kw_only=True)
class Rolled:
    """A roll, from the change of the template until every replica was new, or nothing moved."""

    states: RollStates
    old: frozenset[str]
    """Uids of the replicas before."""
    complete: bool
    waiting: tuple[str, ...]
    """Why, of each replica that is not ready in a roll that stands still."""
    seconds: float


def is_complete(workload: Manifest) -> bool:
    """Return whether every replica of a workload is ready and of its newest template.

    Source: kubernetes.io/docs/concepts/workloads/controllers/deployment (complete deployment).
    """
    wanted = workload["spec"].get("replicas", 1)
    status: Manifest = workload.get("status", {})
    seen = status.get("observedGeneration", 0) >= workload["metadata"]["generation"]
    counts = (status.get(kind, 0) for kind in COUNTS)
    return seen and all(count == wanted for count in counts)


def strategy(planned: PlannedRoll, workload: Manifest) -> Step:
    """Judge whether the workload rolls as the plan says."""
    if "updateStrategy" in workload["spec"]:
        return _one_by_one(planned, workload["spec"]["updateStrategy"])
    wanted = (1, 0) if planned.rollout == "surge" else (0, 1)
    rolling: dict[str, Any] = workload["spec"]["strategy"].get("rollingUpdate", {})
    found = rolling.get("maxSurge"), rolling.get("maxUnavailable")
    return Step(
        name="what a roll may do",
        expected=f"{planned.rollout}: maxSurge {wanted[0]}, maxUnavailable {wanted[1]}",
        seen=f"maxSurge {found[0]}, maxUnavailable {found[1]}",
        ok=found == wanted,
    )


def _one_by_one(planned: PlannedRoll, update: Manifest) -> Step:
    """Judge a StatefulSet, which never has a replica too many and rolls all but a partition."""
    partition = update.get("rollingUpdate", {}).get("partition", 0)
    return Step(
        name="what a roll may do",
        expected=f"{planned.rollout}: RollingUpdate of every replica, one after the other",
        seen=f"{update['type']}, partition {partition}",
        ok=(planned.rollout, update["type"], partition) == ("in-place", "RollingUpdate", 0),
    )


def changed(name: str, planned: PlannedRoll, rolled: Rolled) -> Step:
    """Judge whether every replica is new, and whether as many answered as the plan says."""
    states = rolled.states
    ready = frozenset(states.ready)
    new = ready - rolled.old
    least = states.least_ready
    return Step(
        name=name,
        expected=f"{len(rolled.old)} of {len(rolled.old)} are new, "
        f"never fewer than {planned.serving} ready",
        seen=f"{len(new)} of {len(rolled.old)} are new after {rolled.seconds:.1f} s, "
        f"never fewer than {least} ready in {counted(states.states, 'state')} of the API"
        f"{said(rolled.waiting)}",
        ok=rolled.complete and new == ready and least >= planned.serving,
    )


def peak(planned: PlannedRoll, states: RollStates) -> Step:
    """Judge what the roll took of the pool, and what the pool had, against its limit."""
    return Step(
        name="GPUs at the peak",
        expected=f"at most {planned.gpus_limit} in pool {planned.pool}; with every model's minimum "
        f"replicas the plan counts {planned.gpus_peak}",
        seen=f"{states.most_gpus} in use, on nodes with {states.gpus_there}; "
        f"at most {counted(states.most_placed, 'replica')} of {planned.name} at once",
        ok=states.most_gpus <= states.gpus_there <= planned.gpus_limit,
    )


def as_before(before: Manifest, now: Manifest, manager: str) -> Step:
    """Judge whether a workload says what it said, and `manager` owns none of its fields.

    The next `up` would find a field that somebody else owns, or a value that it had not given.
    """
    own = [one for one in now["metadata"].get("managedFields", []) if one["manager"] == manager]
    same, complete = now["spec"] == before["spec"], is_complete(now)
    return Step(
        name="put back",
        expected=f"the {_kind(now)} says what it said, the drill owns no field, every replica is "
        "ready",
        seen=f"it says {'the same' if same else 'something else'}, "
        f"{'the drill owns a field' if own else 'the drill owns none'}, "
        f"{now.get('status', {}).get('availableReplicas', 0)} of {now['spec']['replicas']} are",
        ok=same and complete and not own,
    )


def _kind(workload: Manifest) -> str:
    return workload.get("kind", "Deployment")
