"""EC2 quotas on running instances: one per class of families and way of buying, counted in vCPU.

Source: AWS General Reference, Amazon EC2 endpoints and quotas (read 2026-11-21): names, codes,
defaults. Each quota is per account and region. A Capacity Block draws on none of these: it has
quotas of its own.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from catalog.instance_types import InstanceType

Buying = Literal["on-demand", "spot"]
"""A capacity reservation counts as on-demand, used or not."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """One quota of the service `ec2` of Service Quotas."""

    name: str
    """As Service Quotas shows it."""
    code: str
    """What `aws service-quotas request-service-quota-increase --quota-code` takes."""
    buying: Buying
    families: str
    """Regular expression over the whole family, `g6e`."""
    default_vcpus: int
    """What a new account has, in vCPU."""


def _quota(name: str, code: str, buying: Buying, families: str, default_vcpus: int = 0) -> Quota:
    return Quota(
        name=name, code=code, buying=buying, families=families, default_vcpus=default_vcpus
    )


_STANDARD: Final = "Standard (A, C, D, H, I, M, R, T, Z)"
_GRAPHICS: Final = r"(g|gr|vt)\d.*"
QUOTAS: Final[tuple[Quota, ...]] = (
    _quota(
        name=f"Running On-Demand {_STANDARD} instances",
        code="L-1216C47A",
        buying="on-demand",
        families=r"[acdhimrtz]\d.*",
        default_vcpus=5,
    ),
    _quota("Running On-Demand G and VT instances", "L-DB2E81BA", "on-demand", _GRAPHICS),
    _quota("Running On-Demand P instances", "L-417A185B", "on-demand", r"p\d.*"),
    _quota("All G and VT Spot Instance Requests", "L-3819A6DF", "spot", _GRAPHICS),
    _quota("All P4, P3 and P2 Spot Instance Requests", "L-7212CCBC", "spot", r"p[234].*"),
    _quota("All P5 Spot Instance Requests", "L-C4BD4855", "spot", r"p5.*"),
)
"""The quotas that this platform's instances draw on.

P6 has no entry among the spot quotas: the page names none for it.
"""


def quota_of(found: InstanceType, buying: Buying) -> Quota | None:
    """Return the quota that a running instance counts against; None where AWS documents none."""
    return next(
        (
            quota
            for quota in QUOTAS
            if quota.buying == buying and re.fullmatch(quota.families, found.family)
        ),
        None,
    )
