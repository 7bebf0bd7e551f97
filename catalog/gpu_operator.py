"""Which Kubernetes minors, and which systems, a release of NVIDIA's GPU Operator supports."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

GPU_OPERATOR_MINORS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "v26.7.0": ("1.33", "1.36"),
        "v26.3.3": ("1.33", "1.36"),
        "v26.3.2": ("1.33", "1.36"),
        "v26.3.1": ("1.33", "1.35"),
    }
)
"""Oldest and newest minor by release.

Source, read in August 2026: NVIDIA/cloud-native-docs, gpu-operator/platform-support.rst (1.33 to
1.36 on Amazon EKS) and gpu-operator/release-notes.rst (26.3.2 added 1.36).
"""

DRIVER_UBUNTUS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"v26.7.0": ("22.04", "24.04", "26.04"), "v26.3.3": ("22.04", "24.04")}
)
"""Versions of Ubuntu on Amazon EKS that a release has driver containers for; of no other system.

Source: NVIDIA/cloud-native-docs, gpu-operator/platform-support.rst, where 26.04 stands since the
day after v26.7.0 (2026-08-21).
"""


def has_driver(release: str, ubuntu: str, kubernetes: str) -> bool:
    """Return whether a release of the operator installs the driver on that Ubuntu and Kubernetes.

    Errors: KeyError when nothing is known of `release`.
    """
    return ubuntu in DRIVER_UBUNTUS[release] and supports(release, kubernetes)


def supports(release: str, kubernetes: str) -> bool:
    """Return whether a release of the operator supports a Kubernetes minor.

    Errors: KeyError when nothing is known of `release`.
    """
    oldest, newest = GPU_OPERATOR_MINORS[release]
    return _number(oldest) <= _number(kubernetes) <= _number(newest)


def _number(minor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in minor.split("."))
