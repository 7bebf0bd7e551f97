"""Settings of the image that the nodes of a pool start from: a closed set of systems."""

from typing import Annotated, Literal

from pydantic import Field

from settings.base import AMI_PATTERN, Setting

UbuntuRelease = Literal["22.04", "24.04", "26.04"]


class Al2023Image(Setting):
    """Amazon Linux 2023 for EKS, with NVIDIA's driver and container toolkit."""

    kind: Literal["al2023"] = "al2023"
    release: str | None = None
    """Its release, `v20260714`, or of a managed pool `1.36.2-20260714`; without it the one of the
    catalog."""


class BottlerocketImage(Setting):
    """Bottlerocket for EKS, with NVIDIA's driver, container toolkit and device plugin."""

    kind: Literal["bottlerocket"]
    release: str | None = None
    """Its release, `1.64.0`; without it the one of the catalog. A managed pool needs it, with the
    commit that AWS tells, `1.64.0-0a1b2c3d`."""


class UbuntuImage(Setting):
    """Ubuntu for EKS, on which the GPU Operator installs driver and container toolkit."""

    kind: Literal["ubuntu"]
    release: UbuntuRelease
    """Version of Ubuntu, in quotes."""
    ami: Annotated[str, Field(pattern=AMI_PATTERN)]
    """Id of the image in the region of the cluster, for its Kubernetes minor."""


AnyNodeImage = Al2023Image | BottlerocketImage | UbuntuImage
NodeImage = Annotated[AnyNodeImage, Field(discriminator="kind")]
"""The image that the nodes of a pool start from."""
