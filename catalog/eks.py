"""What Amazon EKS offers: Kubernetes minors, add-on versions, the node image."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, Literal, get_args

AS_OF: Final = date(2026, 11, 21)
"""The day these facts were read. Planning reads no clock: what is past is past on this day, so that
the same file gives the same plan tomorrow; a refresh of the catalog moves the day.
"""

AddonName = Literal[
    "vpc-cni",
    "kube-proxy",
    "coredns",
    "eks-pod-identity-agent",
    "aws-ebs-csi-driver",
    "metrics-server",
    "eks-node-monitoring-agent",
]
ADDON_NAMES: Final[tuple[AddonName, ...]] = get_args(AddonName)
"""The add-ons of every cluster of this platform."""

UPGRADE_NOTICE: Final = timedelta(days=90)
"""How long before the end of its support a minor is worth a word."""


@dataclass(frozen=True, kw_only=True)
class KubernetesMinor:
    """One Kubernetes minor on EKS."""

    name: str
    """For example `1.36`."""
    standard_support_ends: date
    """Last day at the standard price; afterwards a control plane costs six times as much."""
    source: str
    """Where the date was read."""

    @property
    def is_past(self) -> bool:
        """Return whether standard support had ended on the day of the catalog."""
        return self.standard_support_ends < AS_OF

    @property
    def ends_soon(self) -> bool:
        """Return whether it ends within the time that an upgrade wants to be planned in."""
        return not self.is_past and self.standard_support_ends - AS_OF < UPGRADE_NOTICE


KUBERNETES_VERSIONS: Final[Mapping[str, KubernetesMinor]] = MappingProxyType(
    {
        name: KubernetesMinor(name=name, standard_support_ends=ends, source=source)
        for name, ends, source in (
            (
                "1.36",
                date(2027, 8, 2),
                "page 'EKS 1.36' of devopsdreams; matrix of awsome-distributed-ai",
            ),
            ("1.35", date(2027, 3, 27), "aws-samples/sample-apex-skills: cluster-lifecycle"),
            ("1.34", date(2026, 12, 2), "aws-samples/sample-apex-skills: cluster-lifecycle"),
            ("1.33", date(2026, 7, 29), "aws-samples/sample-apex-skills: cluster-lifecycle"),
        )
    }
)
"""Minors that EKS runs, newest first; the last one is past its standard support.

Standard support lasts 14 months, extended support 12 more. Source: Amazon EKS User Guide,
kubernetes-versions.
"""

SUPPORTED_MINORS: Final = tuple(
    name for name, minor in KUBERNETES_VERSIONS.items() if not minor.is_past
)
"""Those in standard support on the day of the catalog."""


@dataclass(frozen=True, kw_only=True)
class AddonVersion:
    """An add-on version that a cluster of that minor was seen to run."""

    addon: AddonName
    kubernetes: str
    """Minor, for example `1.36`."""
    version: str
    """Version as EKS writes it."""
    source: str
    """The report of the cluster that ran it."""
    read: date
    """When that cluster ran it."""


_UPGRADE: Final = ("page 'Session Log: EKS upgrade 1.31 → 1.36'", date(2026, 9, 23))
_MATRIX: Final = ("awsome-distributed-ai: page 'Compatibility matrix'", date(2026, 9, 16))
_TERRAFORM: Final = (
    "public Terraform of a 1.36 cluster, beside kube-proxy v1.36.0-eksbuild.25",
    date(2026, 11, 21),
)
_CDK: Final = ("public CDK program, its add-on versions for 1.35", date(2026, 11, 21))
_EVIDENCE: Final[Mapping[tuple[str, AddonName], tuple[str, date]]] = {
    ("1.36", "eks-pod-identity-agent"): _MATRIX,
    ("1.36", "metrics-server"): _TERRAFORM,
    ("1.36", "eks-node-monitoring-agent"): _TERRAFORM,
    ("1.35", "metrics-server"): _CDK,
    ("1.35", "eks-node-monitoring-agent"): _CDK,
}
"""Where a pin was seen, if not in the log of the upgrade."""


def _seen(kubernetes: str, addon: AddonName, version: str) -> AddonVersion:
    source, read = _EVIDENCE.get((kubernetes, addon), _UPGRADE)
    return AddonVersion(
        addon=addon, kubernetes=kubernetes, version=version, source=source, read=read
    )


ADDON_VERSIONS: Final = (
    _seen("1.36", "vpc-cni", "v1.22.4-eksbuild.3"),  # renovate: aws-eks-addon
    _seen("1.36", "kube-proxy", "v1.36.0-eksbuild.25"),  # renovate: aws-eks-addon
    _seen("1.36", "coredns", "v1.14.3-eksbuild.23"),  # renovate: aws-eks-addon
    _seen("1.36", "eks-pod-identity-agent", "v1.3.10-eksbuild.3"),  # renovate: aws-eks-addon
    _seen("1.36", "aws-ebs-csi-driver", "v1.66.0-eksbuild.1"),  # renovate: aws-eks-addon
    _seen("1.36", "metrics-server", "v0.9.0-eksbuild.11"),  # renovate: aws-eks-addon
    _seen("1.36", "eks-node-monitoring-agent", "v1.7.2-eksbuild.1"),  # renovate: aws-eks-addon
    _seen("1.35", "vpc-cni", "v1.22.4-eksbuild.3"),  # renovate: aws-eks-addon
    _seen("1.35", "kube-proxy", "v1.35.3-eksbuild.29"),  # renovate: aws-eks-addon
    _seen("1.35", "coredns", "v1.13.2-eksbuild.31"),  # renovate: aws-eks-addon
    _seen("1.35", "aws-ebs-csi-driver", "v1.66.0-eksbuild.1"),  # renovate: aws-eks-addon
    _seen("1.35", "metrics-server", "v0.8.1-eksbuild.6"),  # renovate: aws-eks-addon
    _seen("1.35", "eks-node-monitoring-agent", "v1.6.4-eksbuild.1"),  # renovate: aws-eks-addon
    _seen("1.34", "vpc-cni", "v1.22.4-eksbuild.3"),  # renovate: aws-eks-addon
    _seen("1.34", "kube-proxy", "v1.34.6-eksbuild.29"),  # renovate: aws-eks-addon
    _seen("1.34", "coredns", "v1.12.4-eksbuild.38"),  # renovate: aws-eks-addon
    _seen("1.34", "aws-ebs-csi-driver", "v1.66.0-eksbuild.1"),  # renovate: aws-eks-addon
)
"""Pins; an add-on that is missing for a minor was not seen on a cluster of it.

Renovate reads minor, add-on and version from the marked line itself.
"""


def addon_version(addon: AddonName, kubernetes: str) -> str | None:
    """Return the pinned version; None lets EKS choose its default, since no pin has a source."""
    pins = {(pin.addon, pin.kubernetes): pin.version for pin in ADDON_VERSIONS}
    return pins.get((addon, kubernetes))


# v20260818 ships NVIDIA container toolkit 1.20.0, which breaks pods that mount /etc/nvidia
# read-only, the device plugin first (awslabs/amazon-eks-ami#2790, open). v20260714 exists for 1.36:
# driver 580.159.03, toolkit 1.19.1, containerd 2.2.4 (awslabs/amazon-eks-ami: CHANGELOG.md).
# renovate: datasource=github-releases depName=awslabs/amazon-eks-ami
NODE_IMAGE_RELEASE: Final = "v20260714"
"""Release of the EKS-optimized AL2023 images, standard and NVIDIA."""

BROKEN_NODE_IMAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "v20260818": "its container toolkit 1.20.0 breaks pods that mount /etc/nvidia read-only, "
        "the device plugin first"
    }
)
"""Releases that GPU nodes cannot run, and why. Source: awslabs/amazon-eks-ami#2790, open."""

NODE_IMAGE_ALIAS: Final = f"al2023@{NODE_IMAGE_RELEASE}"
"""What an EC2NodeClass selects; Karpenter takes the NVIDIA variant for types with GPUs."""

NODE_GROUP_RELEASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1.36": "1.36.2-20260714",
        "1.35": "1.35.6-20260714",
        "1.34": "1.34.9-20260714",
        "1.33": "1.33.13-20260714",
    }
)
"""The same release as a managed node group names it, by minor: the kubelet's patch comes first.

Source: awslabs/amazon-eks-ami: CHANGELOG.md, release v20260714.
"""

NODE_IMAGE_ROOT: Final = "/dev/xvda"
"""Root device of Amazon Linux 2023."""

FAMILIES_WITHOUT_DRIVER: Final = frozenset({"g7"})
"""GPU families that the AL2023 NVIDIA image cannot drive: driver 580 finds no g7 GPU, 595 would.

Source: Amazon EKS User Guide, device-management-nvidia-mig; seen on g7.12xlarge with the release
of 2026-09-11 (page 'Compatibility matrix' of awsome-distributed-ai, 2026-09-16).
"""
