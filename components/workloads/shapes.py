"""Which renderer makes which shape."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from components.workloads.deployment import deployment
from components.workloads.leader_worker_set import leader_worker_set
from components.workloads.stateful_set import stateful_set
from components.workloads.workload import Workload, WorkloadArgs
from planning.specs.models import Shape

SHAPES: Final[Mapping[Shape, Callable[[str, WorkloadArgs], Workload]]] = MappingProxyType(
    {
        "deployment": deployment,
        "leader-worker-set": leader_worker_set,
        "stateful-set": stateful_set,
    }
)
"""By shape."""
