"""What a node is started with: its disks, and what its image reads at the first start."""

from typing import Annotated, Any, Literal

from pydantic import Field

from planning.specs.base import Spec, Taint


class DiskSpec(Spec):
    """An encrypted EBS volume of a node."""

    device: str
    size_gib: int


class NodeConfigSpec(Spec):
    """A NodeConfig of Amazon Linux 2023."""

    kind: Literal["node-config"] = "node-config"
    spec: dict[str, Any]
    """As nodeadm reads it; EKS or Karpenter adds what joins the cluster."""


class BottlerocketSettingsSpec(Spec):
    """Settings of Bottlerocket."""

    kind: Literal["bottlerocket"] = "bottlerocket"
    settings: dict[str, Any]
    """Below `settings`; EKS or Karpenter adds what joins the cluster."""


class BootstrapSpec(Spec):
    """A script that joins a node to its cluster, where nobody else does."""

    kind: Literal["bootstrap"] = "bootstrap"
    program: str
    """Path of the image's own script."""
    cluster_name: str
    labels: dict[str, str]
    taints: tuple[Taint, ...]
    """Known from the first moment: EKS itself would set them after pods have come."""


UserDataSpec = Annotated[
    NodeConfigSpec | BottlerocketSettingsSpec | BootstrapSpec, Field(discriminator="kind")
]
"""What an image reads at the first start of a node."""
