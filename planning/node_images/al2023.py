"""Amazon Linux 2023: NVIDIA's driver and toolkit are in the image, the device plugin is not."""

from typing_extensions import override

from catalog.eks import NODE_GROUP_RELEASES, NODE_IMAGE_RELEASE
from planning.node_images.image import GroupImage, NodeImage, Start
from planning.specs.node_images import NodeConfigSpec
from settings.node_image import Al2023Image

GPU_AMI_TYPE = "AL2023_x86_64_NVIDIA"
FAST_IMAGE_PULL = {"featureGates": {"FastImagePull": True}}
"""Layers are pulled and unpacked side by side: an image of 10 GB takes minutes one after another.
Instances below `.2xlarge` ignore it; images since September 2025 know it, and older ones refuse to
start. Sources: https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/doc/examples.md;
awslabs/amazon-eks-ami pull 2352."""
INSTANCE_STORE = {"instance": {"localStorage": {"strategy": "RAID0"}}}
"""Images, weights and caches lie on the NVMe disks that the instance has anyway.
Source: https://awslabs.github.io/amazon-eks-ami/nodeadm/doc/api/"""


class Al2023(NodeImage):
    """The EKS-optimized image with NVIDIA's driver."""

    kind = "al2023"
    title = "Amazon Linux 2023"

    def __init__(self, settings: Al2023Image) -> None:
        """Be the release that the settings name."""
        super().__init__(settings)
        self.release = settings.release

    @property
    @override
    def alias(self) -> str:
        """Return the alias; Karpenter takes the NVIDIA variant for types with GPUs."""
        return f"al2023@{self.release or NODE_IMAGE_RELEASE}"

    @override
    def in_group(self, kubernetes: str) -> GroupImage:
        """Return type and release, kubelet's patch first."""
        release = self.release or NODE_GROUP_RELEASES[kubernetes]
        return GroupImage(ami_type=GPU_AMI_TYPE, release_version=release)

    @override
    def karpenter_user_data(self, start: Start) -> NodeConfigSpec:
        """Return how images are pulled; Karpenter itself sees to the NVMe disks."""
        return NodeConfigSpec(spec=FAST_IMAGE_PULL)

    @override
    def group_user_data(self, start: Start) -> NodeConfigSpec:
        """Return how images are pulled, and what the NVMe disks are for."""
        return NodeConfigSpec(spec=FAST_IMAGE_PULL | INSTANCE_STORE)
