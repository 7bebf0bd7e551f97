"""What storage settings become, and what is said of those that cannot work or will surprise."""

from typing import Any

import pytest

from planning.specs.storage import BudgetAlertSpec, EfsSpec, LustreSpec, MountpointSpec
from tests.documents import REMOVED
from tests.planning.planned import planned, refusals

LUSTRE = {"kind": "fsx-lustre", "capacity_gib": 2400, "throughput_mbps_per_tib": 250}
FILES = "storage.shared_files"


def said(changes: dict[str, Any]) -> list[str]:
    return [str(found) for found in planned(changes).warnings]


def test_there_is_a_bucket_and_no_shared_files_unless_the_settings_say_otherwise() -> None:
    plan = planned()
    assert plan.model_bucket is not None
    assert (plan.model_bucket.cluster_name, plan.model_bucket.namespace) == (
        "llm-platform-dev",
        "models",
    )
    assert (plan.model_bucket.noncurrent_days, plan.model_bucket.abandoned_upload_days) == (30, 7)
    assert plan.shared_files is None
    assert planned({"storage.model_bucket": None}).model_bucket is None


def test_lustre_has_the_size_and_speed_of_the_settings() -> None:
    spec = planned({FILES: LUSTRE}).shared_files
    assert isinstance(spec, LustreSpec)
    assert (spec.capacity_gib, spec.throughput_mbps_per_tib) == (2400, 250)
    assert (spec.claim.capacity_gib, spec.claim.access_mode) == (2400, "ReadWriteMany")
    assert spec.driver.addon == "aws-fsx-csi-driver"


def test_efs_has_a_way_in_from_every_zone() -> None:
    spec = planned({FILES: {"kind": "efs"}, "network.zones": 3}).shared_files
    assert isinstance(spec, EfsSpec)
    assert spec.zones == ("us-west-2a", "us-west-2b", "us-west-2c")


def test_the_mounted_bucket_is_read_only_and_in_its_own_region() -> None:
    spec = planned({FILES: {"kind": "mountpoint-s3"}}).shared_files
    assert isinstance(spec, MountpointSpec)
    assert spec.claim.access_mode == "ReadOnlyMany"
    assert spec.claim.mount_options == ("read-only", "allow-other", "region us-west-2")
    assert spec.driver.controller_account is None


@pytest.mark.parametrize("kind", ["fsx-lustre", "mountpoint-s3"])
def test_files_of_a_bucket_want_the_bucket(kind: str) -> None:
    assert refusals({FILES: {"kind": kind}, "storage.model_bucket": None}) == [
        (
            f"storage.shared_files.kind: is {kind}, which shows the files of the model bucket, and "
            "storage.model_bucket is null; leave storage.model_bucket at its default, or use "
            "`kind: efs` [planning/foundation/storage.py]"
        )
    ]


@pytest.mark.parametrize(
    ("gib", "fix"),
    [
        (0, "1200"),
        (1199, "1200"),
        (1201, "1200 or 2400"),
        (3600, "2400 or 4800"),
        (4801, "4800 or 7200"),
    ],
)
def test_lustre_comes_in_its_own_sizes(gib: int, fix: str) -> None:
    assert refusals({FILES: LUSTRE | {"capacity_gib": gib}}) == [
        (
            f"storage.shared_files.capacity_gib: is {gib}, and a PERSISTENT_2 SSD file system has "
            f"1200 GiB, 2400 GiB or a multiple of 2400 GiB; use {fix} [Amazon FSx API Reference, "
            "CreateFileSystem.StorageCapacity]"
        )
    ]


@pytest.mark.parametrize("gib", [1200, 2400, 4800, 24000])
def test_its_own_sizes_are_fine(gib: int) -> None:
    spec = planned({FILES: LUSTRE | {"capacity_gib": gib}}).shared_files
    assert isinstance(spec, LustreSpec)
    assert spec.capacity_gib == gib


def test_the_one_zone_of_lustre_is_said() -> None:
    assert said({FILES: LUSTRE}) == [
        (
            "storage.shared_files.kind: fsx-lustre lies in us-west-2a alone: replicas elsewhere "
            "read across zones, slower and for a price per GB, and without that zone nobody reads; "
            "keep GPU pools that mount it in us-west-2a, or use `kind: efs` [Amazon FSx for Lustre "
            "User Guide, deployment types]"
        )
    ]
    assert said({FILES: {"kind": "efs"}}) == []


def test_the_budget_of_aws_is_the_budget_of_the_plan() -> None:
    budget = planned().aws_budget
    assert budget is not None
    assert (budget.usd_per_month, budget.emails) == (100_000, ("ops@example.com",))
    assert (budget.tag_key, budget.tag_value) == ("stack", "dev")
    assert budget.alerts == (
        BudgetAlertSpec(basis="ACTUAL", above_percent=80),
        BudgetAlertSpec(basis="FORECASTED", above_percent=100),
    )


def test_without_an_address_there_is_no_budget_of_aws_and_that_is_said() -> None:
    silent = {"budget.alert_emails": REMOVED}
    assert planned(silent).aws_budget is None
    assert said(silent) == [
        (
            "budget.alert_emails: is empty: nobody is told when a month costs 100,000 USD; add an "
            "address [AWS Cost Management User Guide, budget notifications]"
        )
    ]


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        (
            {"budget.alert_emails": ["ops"]},
            (
                "budget.alert_emails.0: is 'ops'; write an address, name@example.com "
                "[settings/schema.json]"
            ),
        ),
        (
            {FILES: {"kind": "nfs"}},
            (
                "storage.shared_files: `kind` is 'nfs'; use one of 'none', 'fsx-lustre', 'efs', "
                "'mountpoint-s3' [settings/schema.json]"
            ),
        ),
        (
            {FILES: LUSTRE | {"throughput_mbps_per_tib": 300}},
            (
                "storage.shared_files.throughput_mbps_per_tib: is 300; use 125, 250, 500 or 1000 "
                "[settings/schema.json]"
            ),
        ),
        (
            {"storage.model_bucket.noncurrent_days": 0},
            "storage.model_bucket.noncurrent_days: is 0; use at least 1 [settings/schema.json]",
        ),
    ],
)
def test_a_slip_is_named_where_it_stands(changes: dict[str, Any], finding: str) -> None:
    assert refusals(changes) == [finding]
