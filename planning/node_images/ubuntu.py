"""Ubuntu: nothing of NVIDIA's is in the image, the GPU Operator installs it in containers."""

from typing_extensions import override

from catalog.ubuntu import BOOTSTRAP, ROOT_DEVICE
from planning.node_images.image import OF_THE_OPERATOR, GroupImage, NodeImage, Start
from planning.specs.node_images import BootstrapSpec, DiskSpec
from settings.node_image import UbuntuImage


class Ubuntu(NodeImage):
    """Canonical's image for Amazon EKS; EKS neither knows its releases nor starts its kubelet."""

    kind = "ubuntu"
    title = "Ubuntu"
    driver = OF_THE_OPERATOR

    def __init__(self, settings: UbuntuImage) -> None:
        """Be the image that the settings name."""
        super().__init__(settings)
        self.ami = settings.ami
        self.release = settings.release

    @override
    def disks(self, volume_gib: int) -> tuple[DiskSpec, ...]:
        """Return one volume: NVMe disks are left to themselves."""
        return (DiskSpec(device=ROOT_DEVICE, size_gib=volume_gib),)

    @override
    def in_group(self, kubernetes: str) -> GroupImage:
        """Return the id, beside which a group may name neither type nor release."""
        return GroupImage(ami_id=self.ami)

    @override
    def group_user_data(self, start: Start) -> BootstrapSpec:
        """Return the script that joins the cluster."""
        return BootstrapSpec(
            program=BOOTSTRAP,
            cluster_name=start.cluster_name,
            labels=start.labels,
            taints=start.taints,
        )
