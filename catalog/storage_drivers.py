"""EKS add-ons that mount shared files, each with the account its controller runs as."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, kw_only=True)
class DriverVersion:
    """An add-on version that a published configuration runs on a cluster of that minor."""

    kubernetes: str
    """Minor, for example `1.36`."""
    addon: str
    version: str
    """Version as EKS writes it."""
    source: str
    read: date


@dataclass(frozen=True, kw_only=True)
class StorageDriver:
    """A CSI driver that EKS offers as an add-on."""

    addon: str
    """Name of the add-on."""
    csi_name: str
    """What a PersistentVolume calls it."""
    controller_account: str | None
    """ServiceAccount of its controller, in kube-system; None where no role of its own is used."""
    source: str


EBS_CSI: Final = "ebs.csi.aws.com"
"""What a StorageClass calls the EBS driver, an add-on of every cluster. Source:
kubernetes-sigs/aws-ebs-csi-driver: docs/parameters.md."""

# Each driver's DaemonSet tolerates every taint by default, so it runs on GPU nodes too.
EFS: Final = StorageDriver(
    addon="aws-efs-csi-driver",
    csi_name="efs.csi.aws.com",
    controller_account="efs-csi-controller-sa",
    source="kubernetes-sigs/aws-efs-csi-driver: charts/aws-efs-csi-driver/values.yaml",
)
FSX_LUSTRE: Final = StorageDriver(
    addon="aws-fsx-csi-driver",
    csi_name="fsx.csi.aws.com",
    controller_account="fsx-csi-controller-sa",
    source="kubernetes-sigs/aws-fsx-csi-driver: charts/aws-fsx-csi-driver/values.yaml, v1.10.0",
)
MOUNTPOINT_S3: Final = StorageDriver(
    addon="aws-mountpoint-s3-csi-driver",
    csi_name="s3.csi.aws.com",
    # A volume with `authenticationSource: pod` is read with the role of the pod that mounts it.
    controller_account=None,
    source="awslabs/mountpoint-s3-csi-driver v2.7.0: docs/CONFIGURATION.md, values.yaml",
)


_SOURCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "aws-efs-csi-driver": "devopscoop: variables of project1-dev",
        "aws-fsx-csi-driver": "variables of a published EKS module with FSx for Lustre",
        "aws-mountpoint-s3-csi-driver": "variables of a published EKS inference platform",
    }
)


def _seen(kubernetes: str, addon: str, version: str) -> DriverVersion:
    return DriverVersion(
        kubernetes=kubernetes,
        addon=addon,
        version=version,
        source=_SOURCES[addon],
        read=date(2026, 11, 21),
    )


DRIVER_VERSIONS: Final = (
    _seen("1.36", "aws-mountpoint-s3-csi-driver", "v2.7.0-eksbuild.1"),  # renovate: aws-eks-addon
    _seen("1.35", "aws-efs-csi-driver", "v3.4.1-eksbuild.1"),  # renovate: aws-eks-addon
    _seen("1.35", "aws-fsx-csi-driver", "v1.9.0-eksbuild.1"),  # renovate: aws-eks-addon
)
"""Pins; a driver that is missing for a minor was not seen on a cluster of it."""

STORAGE_DRIVERS: Final[Mapping[str, StorageDriver]] = MappingProxyType(
    {driver.addon: driver for driver in (EFS, FSX_LUSTRE, MOUNTPOINT_S3)}
)


def driver_version(driver: StorageDriver, kubernetes: str) -> str | None:
    """Return the pinned version; None lets EKS choose its default, since no pin has a source."""
    pins = {(pin.addon, pin.kubernetes): pin.version for pin in DRIVER_VERSIONS}
    return pins.get((driver.addon, kubernetes))
