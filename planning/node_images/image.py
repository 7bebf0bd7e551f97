"""What every image of a GPU node can say of itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from catalog.eks import NODE_IMAGE_ROOT
from planning.sharing.way import Way
from planning.specs.base import Taint
from planning.specs.node_images import DiskSpec, UserDataSpec
from settings.base import Setting


@dataclass(frozen=True, kw_only=True)
class DriverSite:
    """Who brings NVIDIA's driver and container toolkit, and where the driver then is."""

    by_operator: bool
    """Whether the GPU Operator does, in containers; else the image."""
    root: str
    """Folder of the host that the driver's files are below."""


OF_THE_IMAGE = DriverSite(by_operator=False, root="/")
"""Also of Bottlerocket: AWS installs the DRA driver there with the chart's own root, which is `/`.
Sources: Amazon EKS User Guide, device-management-nvidia-dra-device-plugin;
bottlerocket-os/bottlerocket-core-kit pull 459."""
OF_THE_OPERATOR = DriverSite(by_operator=True, root="/run/nvidia/driver")
"""Source: NVIDIA/gpu-operator v26.3.3, deployments/gpu-operator/values.yaml, hostPaths."""


@dataclass(frozen=True, kw_only=True)
class GroupImage:
    """An image as a managed node group names it: by type and release, or by its id."""

    ami_type: str | None = None
    release_version: str | None = None
    ami_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Start:
    """What is known of a node before it starts."""

    way: Way
    """How it hands out its GPUs."""
    gpu: tuple[str, int]
    """EC2's name of its GPUs, and the memory of one in MiB."""
    has_nvme: bool
    """Whether every instance type of the pool has NVMe disks of its own."""
    cluster_name: str
    labels: dict[str, str]
    taints: tuple[Taint, ...]


class NodeImage:
    """One kind of image; a subclass per kind of `image`, and one for EKS Auto Mode."""

    kind: ClassVar[str]
    """The word of the settings."""
    title: ClassVar[str]
    driver: ClassVar[DriverSite] = OF_THE_IMAGE
    has_device_plugin: ClassVar[bool] = False
    """Whether the image publishes GPUs by a device plugin of its own."""

    def __init__(self, settings: Setting) -> None:
        """Be the image that the settings name."""
        self.settings = settings

    def labels(self, way: Way) -> dict[str, str]:
        """Return the labels of nodes: those of the way, and whom the image needs not."""
        return way.labels()

    def disks(self, volume_gib: int) -> tuple[DiskSpec, ...]:
        """Return the volumes; the last one is for images, caches and pods."""
        return (DiskSpec(device=NODE_IMAGE_ROOT, size_gib=volume_gib),)

    @property
    def alias(self) -> str:
        """Return the image as Karpenter names it.

        Raises:
            ValueError: Karpenter cannot start it, which the rules have refused before.
        """
        raise ValueError(f"{self.title}: Karpenter has no name for it")

    def in_group(self, kubernetes: str) -> GroupImage:  # noqa: ARG002
        """Return the image as a managed node group of that Kubernetes minor names it.

        Raises:
            ValueError: no group can start it; the settings offer none.
        """
        raise ValueError(f"{self.title}: a managed node group cannot start it")

    def karpenter_user_data(self, start: Start) -> UserDataSpec | None:  # noqa: ARG002
        """Return what a node of Karpenter reads at its first start."""
        return None

    def group_user_data(self, start: Start) -> UserDataSpec | None:  # noqa: ARG002
        """Return what a node of a managed group reads at its first start."""
        return None


def driver_site(images: Iterable[NodeImage]) -> DriverSite:
    """Return who brings the driver in a cluster of these images, of which the rules let no two
    differ."""
    sites = (image.driver for image in images)
    return next((site for site in sites if site.by_operator), OF_THE_IMAGE)
