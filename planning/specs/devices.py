"""Specs of what a replica takes of GPUs, and of what its pod carries to get it."""

from dataclasses import dataclass
from hashlib import sha256

from pydantic import Field

from planning.specs.base import Spec


@dataclass(frozen=True, kw_only=True)
class GpuAsk:
    """What one replica takes of the GPUs of its pool."""

    devices: int
    """Devices the replica touches: GPUs, slices of one, or MIG instances."""
    memory_mib: int | None = None
    """GPU memory of a share of each device, in MiB; None for whole devices."""
    cores_percent: int | None = None
    """Streaming multiprocessors of that share, in percent; None for whole devices."""
    profile: str | None = None
    """MIG profile of each device; None for anything else."""
    shared: bool = False
    """Whether all replicas of the model hold the same devices together."""
    behind: bool = False
    """Whether it waits until every other replica of its pool has found its place."""
    alternatives: tuple["GpuAsk", ...] = ()
    """Asks to try after this one, best first."""


class DeviceRequestSpec(Spec):
    """One request of a ResourceClaim."""

    device_class: str
    """Name of the DeviceClass."""
    count: int | None = 1
    """Devices, all of one node; None for all that the selectors take."""
    selectors: tuple[str, ...] = ()
    """CEL expressions over `device`; each must hold."""
    capacity: dict[str, str] = Field(default_factory=dict[str, str])
    """Quantities asked of each device, by the name of its capacity; none takes the default."""
    admin_access: bool = False
    """Whether it sees devices that others hold, and takes nothing from them."""


class ClaimSpec(Spec):
    """A ResourceClaim, or the ResourceClaimTemplate that makes one per pod."""

    model: str
    """The model whose replicas hold it."""
    shared: bool = False
    """Whether it is one claim that all replicas hold together."""
    requests: tuple[DeviceRequestSpec, ...]
    """One request; several are alternatives, best first."""
    match_attribute: str | None = None
    """Attribute that all devices have in common, with its domain."""
    distinct_attribute: str | None = None
    """Attribute in which all devices differ, with its domain."""

    @property
    def name(self) -> str:
        """Return its name: the API lets nobody change a claim, so another one has another name."""
        digest = sha256(self.model_dump_json().encode()).hexdigest()
        return f"{self.model}-{digest[:8]}"


class PrioritySpec(Spec):
    """A PriorityClass of replicas; it drives out nobody."""

    name: str
    value: int
    """Thousandths of a GPU; below zero for those that let all others go first."""
    description: str


class GpuGrant(Spec):
    """What a pod carries to get its GPUs, whoever hands them out."""

    limits: dict[str, str] = Field(default_factory=dict[str, str])
    """Extended resources that the container asks for."""
    claim: ClaimSpec | None = None
    scheduler_name: str | None = None
    """None for the scheduler of the cluster."""
    annotations: dict[str, str] = Field(default_factory=dict[str, str])
    brings_shared_memory: bool = False
    """Whether the driver mounts a `/dev/shm` of its own, which a volume of the pod would hide."""
    memory_utilization: float | None = None
    """Part of the GPU's memory that the engine may use, where nothing else holds it back; None
    leaves the engine's own default."""
