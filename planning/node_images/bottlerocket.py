"""Bottlerocket: driver, toolkit, device plugin and MIG manager are in the image, told by settings.

Sources: bottlerocket.dev/en/os/1.54.x/api/settings/kubelet-device-plugins; Amazon EKS User Guide,
ml-eks-optimized-ami, device-management-nvidia-mig, -time-slicing and -dra-device-plugin.
"""

from typing import Any

from typing_extensions import override

from catalog.bottlerocket import (
    BOTTLEROCKET_RELEASE,
    DATA_DEVICE,
    GPU_AMI_TYPE,
    MIG_MODELS,
    SYSTEM_DEVICE,
    SYSTEM_GIB,
)
from planning.node_images.image import GroupImage, NodeImage, Start
from planning.sharing.hami import NO_DEVICE_PLUGIN_LABEL
from planning.sharing.mig import Mig
from planning.sharing.slices import Mps, Slices
from planning.sharing.way import Way
from planning.specs.base import MIG_CONFIG_LABEL, NO_MIG_MANAGER_LABEL, PLUGIN_CONFIG_LABEL
from planning.specs.node_images import BottlerocketSettingsSpec, DiskSpec
from settings.node_image import BottlerocketImage

INSTANCE_STORE: dict[str, Any] = {
    "000-mount-instance-storage": {
        "commands": [
            ["apiclient", "ephemeral-storage", "init"],
            [
                *("apiclient", "ephemeral-storage", "bind", "--dirs"),
                *("/var/lib/containerd", "/var/lib/kubelet", "/var/log/pods"),
            ],
        ],
        "mode": "always",
        "essential": True,
    }
}
"""Images, weights and caches lie on the NVMe disks that the instance has anyway: what Karpenter
writes of itself. Source: aws/karpenter-provider-aws, amifamily/bootstrap/bottlerocket.go."""


class Bottlerocket(NodeImage):
    """The EKS-optimized image with NVIDIA's driver."""

    kind = "bottlerocket"
    title = "Bottlerocket"
    has_device_plugin = True

    def __init__(self, settings: BottlerocketImage) -> None:
        """Be the release that the settings name."""
        super().__init__(settings)
        self.release = settings.release

    @override
    def labels(self, way: Way) -> dict[str, str]:
        """Return labels that keep the GPU Operator's device plugin and MIG manager off.

        What the operator's own would look for is left out: the settings say it.
        """
        asked = (MIG_CONFIG_LABEL, PLUGIN_CONFIG_LABEL)
        kept = {key: value for key, value in way.labels().items() if key not in asked}
        return kept | NO_DEVICE_PLUGIN_LABEL | {NO_MIG_MANAGER_LABEL: "false"}

    @override
    def disks(self, volume_gib: int) -> tuple[DiskSpec, ...]:
        """Return the small disk of the system, and the one of everything else."""
        return (
            DiskSpec(device=SYSTEM_DEVICE, size_gib=SYSTEM_GIB),
            DiskSpec(device=DATA_DEVICE, size_gib=volume_gib),
        )

    @property
    @override
    def alias(self) -> str:
        """Return the alias; Karpenter takes the NVIDIA variant for types with GPUs."""
        return f"bottlerocket@v{self.release or BOTTLEROCKET_RELEASE}"

    @override
    def in_group(self, kubernetes: str) -> GroupImage:
        """Return type and release, with its commit."""
        return GroupImage(ami_type=GPU_AMI_TYPE, release_version=self.release)

    @override
    def karpenter_user_data(self, start: Start) -> BottlerocketSettingsSpec | None:
        """Return what its device plugin is told; Karpenter itself sees to the NVMe disks."""
        settings = _device_plugin(start)
        return BottlerocketSettingsSpec(settings=settings) if settings else None

    @override
    def group_user_data(self, start: Start) -> BottlerocketSettingsSpec | None:
        """Return what its device plugin is told, and what the NVMe disks are for."""
        settings = _device_plugin(start)
        if start.has_nvme:
            settings["bootstrap-commands"] = INSTANCE_STORE
        return BottlerocketSettingsSpec(settings=settings) if settings else None


def _device_plugin(start: Start) -> dict[str, Any]:
    """Return the settings of the device plugin; none for whole GPUs, which are its default."""
    way = start.way
    told: dict[str, Any] = {}
    if isinstance(way, Slices):
        told = {
            "device-sharing-strategy": way.kind,
            way.kind: {"replicas": way.replicas, "rename-by-default": False},
        }
        if not isinstance(way, Mps):
            told[way.kind]["fail-requests-greater-than-one"] = True
    elif isinstance(way, Mig):
        told = {
            "device-partitioning-strategy": "mig",
            "mig": {"profile": {MIG_MODELS[start.gpu]: way.settings.profile}},
        }
    elif way.manager != "device-plugin":
        told = {"enabled": False}
    return {"kubelet-device-plugins": {"nvidia": told}} if told else {}
