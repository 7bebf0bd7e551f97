from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from catalog import prices
from catalog.regions import (
    ZONE_ID_PREFIXES,
    ZONE_IDS_WITHOUT_CONTROL_PLANE,
    ZONES,
    zone_ids_without_control_plane,
)

TABLES: dict[str, Mapping[str, prices.Price]] = {
    name: table for name, table in vars(prices).items() if "_USD_PER_" in name
}


@pytest.mark.parametrize("name", TABLES)
def test_every_region_has_a_positive_price_with_source_and_date(name: str):
    assert set(TABLES[name]) == set(ZONES)
    for region, price in TABLES[name].items():
        assert price.usd > 0, region
        assert price.source, region
        assert date(2024, 1, 1) <= price.effective <= date(2026, 11, 21), region


def test_the_five_tables_are_there():
    assert sorted(TABLES) == [
        "CONTROL_PLANE_USD_PER_HOUR",
        "GP3_USD_PER_GIB_MONTH",
        "INTERFACE_ENDPOINT_USD_PER_HOUR",
        "NAT_GATEWAY_USD_PER_HOUR",
        "PUBLIC_IPV4_USD_PER_HOUR",
    ]


@pytest.mark.parametrize(
    ("table", "region", "usd"),
    [
        (prices.CONTROL_PLANE_USD_PER_HOUR, "us-west-2", "0.10"),
        (prices.NAT_GATEWAY_USD_PER_HOUR, "ap-northeast-1", "0.062"),
        (prices.NAT_GATEWAY_USD_PER_HOUR, "eu-west-1", "0.048"),
        (prices.INTERFACE_ENDPOINT_USD_PER_HOUR, "eu-west-1", "0.011"),
        (prices.GP3_USD_PER_GIB_MONTH, "ap-northeast-1", "0.096"),
    ],
)
def test_a_price_is_the_quoted_line(table: Mapping[str, prices.Price], region: str, usd: str):
    assert table[region].usd == Decimal(usd)


def test_a_month_has_730_hours():
    assert prices.HOURS_PER_MONTH == 365 * 24 / 12


def test_zones_are_named_after_their_region():
    assert ZONES["ap-northeast-1"] == ("ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d")
    assert [len(zones) for zones in ZONES.values()] == [6, 4, 3, 3]
    assert "use1-az3" in ZONE_IDS_WITHOUT_CONTROL_PLANE


def test_one_region_of_the_catalog_has_a_zone_that_eks_cannot_use():
    assert zone_ids_without_control_plane("us-east-1") == ("use1-az3",)
    assert not any(zone_ids_without_control_plane(region) for region in [*ZONES][1:])
    assert ZONE_ID_PREFIXES.keys() == ZONES.keys()
