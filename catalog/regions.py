"""The AWS regions of the catalog and their zones."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Source: the letters an account sees, of the page on AWS regions and availability zones; their
# number is the number of zone ids in the Go module github.com/cristim/ec2-instances-info
# v0.0.0-20250528091325-32acf84f42eb (2025-05-28).
ZONES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        region: tuple(region + letter for letter in letters)
        for region, letters in {
            "us-east-1": "abcdef",
            "us-west-2": "abcd",
            "eu-west-1": "abc",
            "ap-northeast-1": "acd",
        }.items()
    }
)
"""Zone names by region, for the regions with prices.

A letter means another data centre in each account: only a zone id (`use1-az3`) names a place.
"""

ZONE_ID_PREFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "us-east-1": "use1",
        "us-west-2": "usw2",
        "eu-west-1": "euw1",
        "ap-northeast-1": "apne1",
    }
)
"""What the zone ids of a region begin with. Source: AWS, page 'Availability Zone IDs'."""

ZONE_IDS_WITHOUT_CONTROL_PLANE: Final = frozenset({"use1-az3", "usw1-az2", "cac1-az3"})
"""Zone ids that EKS puts no control plane interface in: no cluster subnet may lie there.

Which letter that is has to be asked of the account (`ec2:DescribeAvailabilityZones`).
Source: Amazon EKS User Guide, network requirements (2026-11).
"""


def zone_ids_without_control_plane(region: str) -> tuple[str, ...]:
    """Return the zone ids of the region that EKS cannot use."""
    prefix = ZONE_ID_PREFIXES.get(region)
    return tuple(
        sorted(
            found for found in ZONE_IDS_WITHOUT_CONTROL_PLANE if found.partition("-")[0] == prefix
        )
    )
