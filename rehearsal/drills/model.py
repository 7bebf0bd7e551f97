"""The model of a drill: which one it is, where its replicas run, and what keeps others waiting."""

from collections.abc import Iterable
from dataclasses import dataclass

from planning.plan import Plan
from planning.specs.models import ModelServiceSpec
from rehearsal.fleet.observation import Observation
from rehearsal.turn import RehearsalError


@dataclass(frozen=True, kw_only=True)
class Replicas:
    """A model's replicas at one moment."""

    on: tuple[str, ...]
    """Node of each one that is ready, sorted."""
    waiting: tuple[str, ...]
    """Why, of each one that is not."""

    @property
    def running(self) -> int:
        """Return how many are ready on a node."""
        return len(self.on)


def chosen_model(plan: Plan, seen: Observation, name: str | None) -> ModelServiceSpec:
    """Return the model called `name`, or the first one by name that has a replica at work.

    Raises:
        RehearsalError: the stack runs no such model, or in two sets, or none of its replicas runs.
    """
    there = {service.name for service in seen.services}
    models = {model.name: model for model in plan.models if model.name in there}
    at_work = sorted(found for found in models if replicas_of(seen, found).running)
    if name in {model.model for model in plan.models if model.role}:
        raise RehearsalError(
            f"model {name} runs in two sets, one for prefill and one for decode, and a drill "
            "follows one: name another with --model"
        )
    if name is not None and name not in models:
        raise RehearsalError(
            f"stack {plan.stack} runs no model {name}; "
            f"it runs: {', '.join(sorted(models)) or 'none'}"
        )
    if not at_work or (name is not None and name not in at_work):
        raise RehearsalError(
            f"{f'model {name} has' if name else 'the models have'} no replica at work: "
            f"`python -m rehearsal report --stack {plan.stack}` says why"
        )
    return models[name or at_work[0]]


def replicas_of(seen: Observation, model: str, without: Iterable[str] = ()) -> Replicas:
    """Return the replicas of `model`, less the pods with the uids `without`.

    A pod whose node is no more may be called ready for a while: nobody is left to deny it.
    """
    nodes, lost = {node.name for node in seen.nodes}, set(without)
    pods = [pod for pod in seen.pods if pod.model == model and pod.uid not in lost]
    ready = [pod for pod in pods if pod.ready and pod.node in nodes]
    return Replicas(
        on=tuple(sorted(pod.node for pod in ready if pod.node)),
        waiting=tuple(
            pod.reason or "has a node, is not ready yet" for pod in pods if pod not in ready
        ),
    )


def said(waiting: Iterable[str]) -> str:
    """Return why replicas wait, each reason once, as the end of a sentence."""
    reasons = sorted(set(waiting))
    return f"; waits: {'; '.join(reasons)}" if reasons else ""
