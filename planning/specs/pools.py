"""Specs of the GPU pools and of the layer that hands the GPUs out."""

from typing import Literal

from planning.specs.base import Spec, Taint
from planning.specs.infrastructure import ReleaseSpec


class GpuPoolSpec(Spec):
    """A Karpenter NodePool and the EC2NodeClass it starts nodes from."""

    name: str
    cluster_name: str
    """Value of the discovery tag."""
    instance_types: tuple[str, ...]
    capacity: tuple[Literal["spot", "on-demand"], ...]
    gpu_limit: int
    """Most GPUs the pool may own at once, in whole devices."""
    gpus_per_node: tuple[int, ...]
    """GPUs of each instance type, in the order of `instance_types`."""
    ami_alias: str
    """Pinned AMI alias, for example `al2023@v20260714`."""
    volume_gib: int
    """Encrypted root volume."""
    idle_minutes: int
    termination_grace_minutes: int
    """Minutes after which a draining node is ended whatever runs on it."""
    labels: dict[str, str]
    taints: tuple[Taint, ...]


class ManagedGpuNodesSpec(Spec):
    """An EKS managed node group of GPU nodes, of a fixed size."""

    name: str
    instance_types: tuple[str, ...]
    capacity_type: Literal["ON_DEMAND", "SPOT"]
    ami_type: str
    release_version: str
    """Pinned release of the image, kubelet's patch first: `1.36.2-20260714`."""
    nodes: int
    volume_gib: int
    labels: dict[str, str]
    taints: tuple[Taint, ...]


class NamespaceSpec(Spec):
    """A namespace with its Pod Security level."""

    name: str
    pod_security: Literal["restricted", "baseline", "privileged"]


class OperatorSpec(Spec):
    """A controller that comes as one chart in a namespace of its own."""

    namespace: NamespaceSpec
    release: ReleaseSpec
