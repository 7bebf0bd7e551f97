"""Karpenter's AWS provider: which releases there are, how long they live and what each can do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from catalog.charts import KARPENTER

READ: Final = date(2026, 11, 21)
"""When these facts were read; a window that ended before is over for sure."""


@dataclass(frozen=True, kw_only=True)
class KarpenterRelease:
    """One release of chart, CRDs and controller, which are always of one version."""

    version: str
    """Plain, as the chart registry writes it: `1.14.1`."""
    released: date
    supported_until: date | None
    """Last day of support; None while no newer minor has ended it."""
    long_term: bool
    """Whether its minor is supported for a year; others only until the next minor."""
    reboots: bool
    """Whether its repair may reboot an instance, which needs `ec2:RebootInstances`."""
    device_templates: bool
    """Whether it starts nodes for ResourceClaims of NVIDIA GPUs and EFA; in alpha where it does."""
    source: str
    """Where the release was read; the windows are of `SUPPORT.md` of the same repository."""


_PROVIDER: Final = "aws/karpenter-provider-aws"

KARPENTER_RELEASES: Final[Mapping[str, KarpenterRelease]] = MappingProxyType(
    {
        release.version: release
        for release in (
            KarpenterRelease(
                version="1.15.0",
                released=date(2026, 10, 10),
                supported_until=None,
                long_term=False,
                reboots=True,
                device_templates=True,
                source="karpenter.sh v1.15: reference/cloudformation, reference/settings",
            ),
            KarpenterRelease(
                version=KARPENTER.version,
                released=KARPENTER.released,
                supported_until=date(2027, 7, 31),
                long_term=True,
                reboots=False,
                device_templates=False,
                source=f"{_PROVIDER}: SUPPORT.md; issue 9519 (no node for a ResourceClaim)",
            ),
            KarpenterRelease(
                version="1.13.1",
                released=date(2026, 7, 11),
                supported_until=date(2026, 7, 11),
                long_term=False,
                reboots=False,
                device_templates=False,
                source=f"Go module github.com/{_PROVIDER} v1.13.1; 1.14.0 came the same day",
            ),
        )
    }
)
"""The releases that can be chosen, newest first."""

LONG_TERM_RELEASE: Final = KARPENTER_RELEASES[KARPENTER.version]
"""What an environment gets that does not choose."""

OLDEST_MINOR_FOR: Final[Mapping[str, str]] = MappingProxyType(
    {"1.36": "1.13", "1.35": "1.9", "1.34": "1.6", "1.33": "1.5"}
)
"""Oldest Karpenter minor that knows a Kubernetes minor.

Source: karpenter.sh, upgrading/compatibility (v1.15); endoflife.date/karpenter (2026-05-09).
"""


def knows_kubernetes(version: str, kubernetes: str) -> bool:
    """Return whether a Karpenter version knows a Kubernetes minor; True for an unknown minor."""
    oldest = OLDEST_MINOR_FOR.get(kubernetes)
    return oldest is None or _minor(version) >= _minor(oldest)


def _minor(version: str) -> tuple[int, int]:
    """Return major and minor as numbers: 1.9 is older than 1.13."""
    major, minor, *_ = version.split(".")
    return int(major), int(minor)
