"""Which EC2 quota an instance draws on."""

import pytest

from catalog.instance_types import INSTANCE_TYPES
from catalog.quotas import QUOTAS, Buying, quota_of


@pytest.mark.parametrize(
    ("instance", "buying", "code"),
    [
        ("m7i.xlarge", "on-demand", "L-1216C47A"),
        ("m7g.2xlarge", "on-demand", "L-1216C47A"),
        ("g4dn.12xlarge", "on-demand", "L-DB2E81BA"),
        ("g6e.2xlarge", "on-demand", "L-DB2E81BA"),
        ("gr6.4xlarge", "on-demand", "L-DB2E81BA"),
        ("g7e.48xlarge", "spot", "L-3819A6DF"),
        ("p4de.24xlarge", "on-demand", "L-417A185B"),
        ("p6-b200.48xlarge", "on-demand", "L-417A185B"),
        ("p4d.24xlarge", "spot", "L-7212CCBC"),
        ("p5.48xlarge", "spot", "L-C4BD4855"),
        ("p5en.48xlarge", "spot", "L-C4BD4855"),
    ],
)
def test_an_instance_draws_on_the_quota_of_its_families(
    instance: str, buying: Buying, code: str
) -> None:
    quota = quota_of(INSTANCE_TYPES[instance], buying)
    assert quota is not None
    assert quota.code == code


def test_spot_of_a_family_that_aws_does_not_list_has_no_quota_here() -> None:
    assert quota_of(INSTANCE_TYPES["p6-b300.48xlarge"], "spot") is None


def test_every_type_of_the_catalog_has_exactly_one_quota_on_demand() -> None:
    for found in INSTANCE_TYPES.values():
        assert quota_of(found, "on-demand") is not None, found.name


def test_a_new_account_has_no_gpu_at_all() -> None:
    assert {quota.default_vcpus for quota in QUOTAS[1:]} == {0}
    assert QUOTAS[0].default_vcpus == 5
    assert len({quota.code for quota in QUOTAS}) == len(QUOTAS)
