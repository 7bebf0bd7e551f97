"""What Bottlerocket offers: the release that nodes run, and since which release it can do what."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Runs Kubernetes 1.33 to 1.36 (aws/eks-anywhere-build-tooling pull 5625, 2026-08-07) and mends the
# registry mirrors of 1.63; published 2026-08-05 (bottlerocket-os/bottlerocket issue 4895).
# renovate: datasource=github-releases depName=bottlerocket-os/bottlerocket
BOTTLEROCKET_RELEASE: Final = "1.64.0"
"""Release of the images; a managed node group also wants to hear the commit it was made of."""

OLDEST_FOR_MINOR: Final[Mapping[str, str]] = MappingProxyType({"1.36": "1.61.0"})
"""The first release with an image for a Kubernetes minor. Source: bottlerocket-os/bottlerocket
pull 4841. Those of older minors are not known here."""

OLDEST_FOR_SHARING: Final[Mapping[str, str]] = MappingProxyType(
    {"time-slicing": "1.25.0", "mig": "1.34.0", "mps": "1.54.0", "dra": "1.63.0"}
)
"""The first release whose own device plugin shares GPUs so, or can be turned off for DRA.

Sources: bottlerocket-os/bottlerocket, CHANGELOG.md (time-slicing); Amazon EKS User Guide,
device-management-nvidia-mig and -dra-device-plugin; for MPS the first release whose documentation
describes it: bottlerocket.dev/en/os/1.54.x/api/settings/kubelet-device-plugins.
"""

MIG_MODELS: Final[Mapping[tuple[str, int], str]] = MappingProxyType(
    {
        ("a100", 40_960): "a100.40gb",
        ("a100", 81_920): "a100.80gb",
        ("h100", 81_920): "h100.80gb",
        ("h200", 144_384): "h200.141gb",
    }
)
"""How its settings name a GPU, by EC2's name and MiB of it: those that its documentation names.

A name is a letter with digits and the memory, so that there can be none for an RTX PRO 6000.
Source: bottlerocket.dev/en/os/1.54.x/api/settings/kubelet-device-plugins, nvidia.mig.profile.
"""

GPU_AMI_TYPE: Final = "BOTTLEROCKET_x86_64_NVIDIA"
"""What a managed node group calls the image. Source: Amazon EKS API, CreateNodegroup, amiType."""

SYSTEM_DEVICE: Final = "/dev/xvda"
SYSTEM_GIB: Final = 4
DATA_DEVICE: Final = "/dev/xvdb"
"""The system has a small disk of its own; images, caches and pods are on the second one.
Source: aws/karpenter-provider-aws v1.14.1, pkg/providers/amifamily/bottlerocket.go."""
