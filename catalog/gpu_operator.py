"""Which Kubernetes minors a release of NVIDIA's GPU Operator supports."""

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


def supports(release: str, kubernetes: str) -> bool:
    """Return whether a release of the operator supports a Kubernetes minor.

    Errors: KeyError when nothing is known of `release`.
    """
    oldest, newest = GPU_OPERATOR_MINORS[release]
    return _number(oldest) <= _number(kubernetes) <= _number(newest)


def _number(minor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in minor.split("."))
