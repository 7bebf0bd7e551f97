"""What every renderer of a workload is given, and what it hands back."""

from dataclasses import dataclass

import pulumi

from components.model_loading import LoadingWires
from planning.specs.models import ModelServiceSpec


@dataclass(frozen=True, kw_only=True)
class WorkloadArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: ModelServiceSpec
    namespace: pulumi.Input[str]
    account: pulumi.Input[str]
    """Name of the replicas' ServiceAccount."""
    wires: LoadingWires
    """What their way of loading needs."""
    options: pulumi.ResourceOptions
    """Parent, what it waits for, and how long it may take."""


def roll_bounds(spec: ModelServiceSpec) -> dict[str, int]:
    """Return how many replicas a roll may add or take away at once."""
    surge = 1 if spec.rollout == "surge" else 0
    return {"maxSurge": surge, "maxUnavailable": 1 - surge}


@dataclass(frozen=True, kw_only=True)
class ScaleTarget:
    """What a scaler points at."""

    api_version: str
    kind: str
    name: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What runs the replicas."""

    resource: pulumi.Resource
    target: ScaleTarget
