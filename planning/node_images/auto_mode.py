"""The image of EKS Auto Mode, which AWS chooses: nothing of the GPU Operator runs on it."""

from typing_extensions import override

from planning.node_images.image import NodeImage
from planning.sharing.way import Way
from planning.specs.base import NO_OPERANDS_LABEL


class AutoMode(NodeImage):
    """A variant of Bottlerocket with a device plugin of its own, which takes no settings."""

    kind = "auto"
    title = "of EKS Auto Mode"
    has_device_plugin = True

    @override
    def labels(self, way: Way) -> dict[str, str]:
        """Return labels that keep all of the GPU Operator off."""
        return way.labels() | {NO_OPERANDS_LABEL: "false"}
