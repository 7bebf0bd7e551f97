"""Specs of where the minimum replicas go."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import PlainSerializer

from planning.sharing.verdict import Verdict
from planning.specs.base import Spec
from planning.specs.costs import Usd


class PlannedDevice(Spec):
    """A device of a node that carries something: a GPU, a slice of it, or a MIG instance."""

    gpu: int
    """Number of the GPU in its node."""
    profile: str | None
    """MIG profile."""
    replicas: tuple[str, ...]
    """Model names, one per replica that holds it."""


class PlannedNode(Spec):
    """A GPU node that minimum replicas need."""

    name: str
    pool: str
    instance_type: str
    gpus: int
    gpus_used: int
    """Devices that at least one replica touches."""
    replicas: tuple[str, ...]
    """Model names, one per replica on the node."""
    devices: tuple[PlannedDevice, ...]
    """Those that carry something."""


class PlannedService(Spec):
    """Where the minimum replicas of a model go."""

    name: str
    pool: str
    wanted: int
    placed: int
    nodes: tuple[str, ...]


class PoolSummary(Spec):
    """A pool at a glance."""

    name: str
    provisioner: Literal["karpenter", "auto", "managed"]
    sharing: str
    instance_types: tuple[str, ...]
    gpus_per_node: tuple[int, ...]
    """Of each instance type."""
    usd_per_hour: tuple[Usd, ...]
    """On-demand price of one node of each instance type."""
    gpu_name: str
    gpu_memory_mib: int
    """Per GPU."""
    gpus_floor: int
    """GPUs of the nodes that minimum replicas need."""
    gpus_limit: int


class PlannedPool(Spec):
    """Whether the minimum replicas of a pool find room, wherever the scheduler puts them."""

    name: str
    verdict: Verdict
    may_wait: tuple[str, ...]
    """Models of which a replica may be left waiting."""


class Packing(Spec):
    """How the minimum replicas of a pool that divides its GPUs fill them."""

    pool: str
    replicas: int
    gpus_used: int
    """GPUs that carry something."""
    gpus_least: Annotated[Decimal, PlainSerializer(float, when_used="json")]
    """Sum of what they ask for, in GPUs: of memory or of cores, what is more."""
    gpus_undivided: int
    """What they would take with a GPU each."""
    usd_per_gpu_month: Usd
    """Price of a node of the pool's first type for 730 hours, by its GPUs."""


class Placement(Spec):
    """First-fit placement of minimum replicas."""

    nodes: tuple[PlannedNode, ...]
    services: tuple[PlannedService, ...]
    pools: tuple[PlannedPool, ...]
