"""What the fixed parts of an environment cost, per region. Instance prices: `instance_types.py`.

Every number is a line of the AWS Price List, quoted by the page named beside it. Data processing,
data transfer and requests are not counted anywhere here: they depend on traffic.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

HOURS_PER_MONTH: Final = 730
"""365 days of 24 hours over 12 months: what AWS multiplies an hourly price with."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """One price in one region."""

    usd: Decimal
    """Dollars, before taxes; the unit is in the name of the table."""
    source: str
    """The page or repository that quotes the price list."""
    effective: date
    """When the price was in force: the list's date, or the day it was read."""


_OREGON: Final = "page 'Keep the practice below your $20 allowance' (price list us-west-2)"
_OREGON_ENDPOINT: Final = "page 'Differences between documentation and actual behavior' (HyperPod)"
_TOKYO: Final = "page 'Capacity and cost' (price list ap-northeast-1, NAT SKU CA23TN2NAN47KGCF)"
_TOKYO_ENDPOINT: Final = "page 'Cost Estimate: ECS' (APN1-VpcEndpoint-Hours)"
_IRELAND: Final = "page 'AUDIT-05: Network Adapter Audit Report' (price list eu-west-1)"
_VIRGINIA: Final = "page 'Research: CloudFront to a small EC2 proxy' (price list us-east-1)"
_EKS: Final = "AWS Containers blog 'Amazon EKS extended support for Kubernetes versions pricing'"


def _prices(*rows: tuple[str, str, str, date]) -> Mapping[str, Price]:
    """Return a table from rows of (region, dollars, source, date)."""
    return MappingProxyType(
        {
            region: Price(usd=Decimal(usd), source=source, effective=effective)
            for region, usd, source, effective in rows
        }
    )


CONTROL_PLANE_USD_PER_HOUR: Final = _prices(
    ("us-east-1", "0.10", _EKS, date(2024, 4, 1)),
    ("us-west-2", "0.10", _OREGON, date(2026, 10, 4)),
    ("eu-west-1", "0.10", _EKS, date(2024, 4, 1)),
    ("ap-northeast-1", "0.10", _EKS, date(2024, 4, 1)),
)
"""One EKS cluster in standard support; six times as much in extended support, in every region."""

NAT_GATEWAY_USD_PER_HOUR: Final = _prices(
    ("us-east-1", "0.045", _VIRGINIA, date(2026, 8, 1)),
    ("us-west-2", "0.045", _OREGON, date(2026, 10, 4)),
    ("eu-west-1", "0.048", _IRELAND, date(2026, 5, 1)),
    ("ap-northeast-1", "0.062", _TOKYO, date(2026, 10, 1)),
)
"""One NAT gateway, without its data processing (the same number again per GB)."""

PUBLIC_IPV4_USD_PER_HOUR: Final = _prices(
    ("us-east-1", "0.005", _VIRGINIA, date(2026, 7, 24)),
    ("us-west-2", "0.005", _OREGON, date(2026, 10, 4)),
    ("eu-west-1", "0.005", _IRELAND, date(2026, 5, 1)),
    ("ap-northeast-1", "0.005", _TOKYO, date(2026, 10, 1)),
)
"""One public IPv4 address, in use or not; every NAT gateway holds one."""

INTERFACE_ENDPOINT_USD_PER_HOUR: Final = _prices(
    ("us-east-1", "0.01", _VIRGINIA, date(2026, 8, 1)),
    ("us-west-2", "0.01", _OREGON_ENDPOINT, date(2026, 10, 6)),
    ("eu-west-1", "0.011", _IRELAND, date(2026, 5, 1)),
    ("ap-northeast-1", "0.014", _TOKYO_ENDPOINT, date(2026, 9, 25)),
)
"""One interface endpoint in one zone: an endpoint in three zones costs three times as much."""

GP3_USD_PER_GIB_MONTH: Final = _prices(
    ("us-east-1", "0.08", _VIRGINIA, date(2026, 8, 17)),
    ("us-west-2", "0.08", _OREGON, date(2026, 10, 4)),
    ("eu-west-1", "0.088", "page 'AUDIT-01 EBS' (SKU TXACT7E3PV6ZX2NM)", date(2026, 4, 1)),
    ("ap-northeast-1", "0.096", _TOKYO, date(2026, 10, 1)),
)
"""One GiB of gp3 storage for a month, with its free 3,000 IOPS and 125 MiB/s."""
