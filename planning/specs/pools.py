"""Specs of the GPU pools and of the layer that hands the GPUs out."""

import json
from hashlib import sha256
from typing import Literal

from planning.specs.base import Spec, Taint
from planning.specs.infrastructure import ReleaseSpec
from planning.specs.node_images import DiskSpec, UserDataSpec


class DisruptionBudgetSpec(Spec):
    """Most nodes that Karpenter takes away at once."""

    nodes: str
    """A number, or a part of the pool: `10%`."""
    reasons: tuple[Literal["Empty", "Drifted"], ...] = ()
    """What it is about; none means everything."""
    schedule: str | None = None
    """Cron in UTC; it stands with `duration`, or neither does."""
    duration: str | None = None
    """How long it holds from there: `14h`, `14h30m`."""


class NodeOverlaySpec(Spec):
    """A Karpenter NodeOverlay: what nodes offer that their instance type alone does not tell."""

    name: str
    node_labels: dict[str, str]
    """Labels of the nodes that it is about."""
    instance_types: tuple[str, ...]
    capacity: dict[str, int]
    """Extended resources of one node, by name; they take the place of what Karpenter counts."""


class StaticNodesSpec(Spec):
    """How many nodes a pool has whatever pods ask for."""

    nodes: int
    most_nodes: int
    """Nodes at once while some are replaced."""


class DynamicPoolSpec(Spec):
    """A NodePool and the node class it starts nodes from, whoever runs Karpenter."""

    name: str
    cluster_name: str
    """Value of the discovery tag."""
    instance_types: tuple[str, ...]
    capacity: tuple[Literal["reserved", "spot", "on-demand"], ...]
    reservations: tuple[str, ...] = ()
    """Ids of the capacity reservations that `reserved` means."""
    zones: tuple[str, ...] = ()
    """Zones that nodes start in; none means every zone of the network."""
    gpu_limit: int
    """Most GPUs the pool may own at once, in whole devices."""
    static: StaticNodesSpec | None = None
    """None where pods decide how many nodes there are."""
    gpus_per_node: tuple[int, ...]
    """GPUs of each instance type, in the order of `instance_types`."""
    idle_minutes: int
    budgets: tuple[DisruptionBudgetSpec, ...]
    weight: int | None = None
    expire_after_hours: int | None = None
    """Hours after which a node is replaced; None: never."""
    termination_grace_minutes: int
    """Minutes after which a draining node is ended whatever runs on it."""
    delete_minutes: int
    """Minutes that a destroy waits for the pool and its nodes to be gone."""
    labels: dict[str, str]
    taints: tuple[Taint, ...]
    tags: dict[str, str]
    """AWS tags of its instances and their disks: a bill is split by them."""


class GpuPoolSpec(DynamicPoolSpec):
    """A pool of our own Karpenter: its node class is an EC2NodeClass."""

    devices_per_gpu: int = 1
    """What Karpenter counts as `nvidia.com/gpu` for one GPU; more than 1 goes with `overlays`."""
    overlays: tuple[NodeOverlaySpec, ...] = ()
    """None where every node offers the GPUs of its instance type."""
    ami_alias: str
    """Pinned AMI alias, for example `al2023@v20260714`."""
    disks: tuple[DiskSpec, ...]
    """The last one is for images, caches and pods, where no NVMe disk takes its place."""
    user_data: UserDataSpec | None
    """None where the image needs to be told nothing."""


class AutoPoolSpec(DynamicPoolSpec):
    """A pool of EKS Auto Mode: its node class is a NodeClass of EKS, which chooses the image."""

    volume_gib: int
    """Encrypted volume of images, caches and pods, where no larger NVMe disk takes its place."""


class NetworkInterfaceSpec(Spec):
    """A network interface that every node of a group is launched with."""

    card: int
    """Network card, from 0."""
    device: int
    """Index on the card."""
    kind: Literal["interface", "efa", "efa-only"]
    """`efa` carries IP too, `efa-only` does not."""


class ManagedGpuNodesSpec(Spec):
    """An EKS managed node group of GPU nodes."""

    name: str
    instance_types: tuple[str, ...]
    capacity_type: Literal["ON_DEMAND", "SPOT", "CAPACITY_BLOCK"]
    ami_type: str | None
    """The kind of image in the words of EKS; None where `ami_id` says which image."""
    release_version: str | None
    """Pinned release of that image, of Amazon Linux with kubelet's patch first:
    `1.36.2-20260714`."""
    ami_id: str | None = None
    """An image that is none of EKS's own."""
    min_nodes: int
    max_nodes: int
    disks: tuple[DiskSpec, ...]
    """The last one is for images, caches and pods, where no NVMe disk takes its place."""
    user_data: UserDataSpec | None
    """None where the image needs to be told nothing."""
    labels: dict[str, str]
    taints: tuple[Taint, ...]
    zone: str | None = None
    """The zone of all its nodes; None: every zone of the network."""
    placement_group: Literal["cluster"] | None = None
    network_interfaces: tuple[NetworkInterfaceSpec, ...] = ()
    """None: the one that EC2 gives every instance."""
    reservation_id: str | None = None
    """Capacity reservation, or Capacity Block, that its nodes take."""
    repair: bool = False
    """Whether EKS repairs what the node monitoring agent reports."""
    tags: dict[str, str]
    """AWS tags of its instances and their disks: a bill is split by them."""

    @property
    def autoscaled(self) -> bool:
        """Return whether Cluster Autoscaler chooses the number of nodes."""
        return self.max_nodes > self.min_nodes


class ScaledGroupSpec(Spec):
    """A node group that Cluster Autoscaler scales."""

    pool: str
    min_nodes: int
    max_nodes: int


class ClusterAutoscalerSpec(Spec):
    """Cluster Autoscaler's release, and all that it may scale."""

    service_account: str
    groups: tuple[ScaledGroupSpec, ...]
    release: ReleaseSpec


class NamespaceSpec(Spec):
    """A namespace with its Pod Security level."""

    name: str
    pod_security: Literal["restricted", "baseline", "privileged"]


class ConfigMapSpec(Spec):
    """A ConfigMap that a chart is told the name of, made before its release."""

    prefix: str
    """Its name without the digest."""
    labels: dict[str, str]
    data: dict[str, str]

    @property
    def name(self) -> str:
        """Return its name: other data, another name, so that who mounts it starts anew."""
        text = json.dumps(self.data, sort_keys=True)
        return f"{self.prefix}-{sha256(text.encode()).hexdigest()[:8]}"


class OperatorSpec(Spec):
    """A controller that comes as one chart in a namespace of its own."""

    namespace: NamespaceSpec
    release: ReleaseSpec
    config_maps: tuple[ConfigMapSpec, ...] = ()
    """What the chart's values name, in the same namespace."""
