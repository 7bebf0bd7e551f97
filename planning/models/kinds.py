"""How a model scales, by who calls it: people who wait, jobs that do not, sessions, searches."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from settings.models import WorkloadKind


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """When a replica is added, and when one goes."""

    waiting_per_replica: int
    """Waiting requests per replica that add one more."""
    scale_down_seconds: int
    """How long there must be too many replicas before one goes."""


SCALING: Final[Mapping[WorkloadKind, Scaling]] = MappingProxyType(
    {
        # Source of the 5: vllm-project/production-stack, helm/values.yaml.
        "chat": Scaling(waiting_per_replica=5, scale_down_seconds=300),
        # Nobody waits for the single request: a long queue keeps the batches full.
        "batch": Scaling(waiting_per_replica=50, scale_down_seconds=300),
        # A session comes back after its tools have run, and its prefix is in its replica's cache.
        "agent": Scaling(waiting_per_replica=2, scale_down_seconds=900),
        # Requests are short: a queue of them is gone before another replica has loaded.
        "embedding": Scaling(waiting_per_replica=20, scale_down_seconds=300),
    }
)
"""All but the first are this platform's own choice, to be measured."""
