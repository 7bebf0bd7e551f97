"""Rules of the network, by message."""

from typing import Any

import pytest

from settings.finding import Finding
from tests.planning.planned import planned, refusals

WEST_POOLS = {"pools.l40s.instances": ["g6e.2xlarge"], "pools.l4.instances": ["g6.xlarge"]}
IRISH_POOLS = {
    "pools.l40s.instances": ["g5.2xlarge"],
    "pools.l4.instances": ["g4dn.xlarge"],
    "models.chat.context": 16384,
}
CIDR_FIX = (
    "use a private block from /16 to /20, such as 10.20.0.0/16 "
    "[Amazon VPC User Guide, VPC CIDR blocks]"
)

RULES: list[tuple[str, dict[str, Any], str]] = [
    *(
        ("us-west-2", {"network.cidr": cidr}, f"network.cidr: {problem}; {CIDR_FIX}")
        for cidr, problem in (
            ("10.20.0.0/21", "10.20.0.0/21 is not of a size from /16 to /20"),
            ("10.0.0.0/15", "10.0.0.0/15 is not of a size from /16 to /20"),
            ("10.20.1.0/16", "10.20.1.0/16 has host bits set"),
            ("8.8.0.0/16", "8.8.0.0/16 is not private"),
            ("10.300.0.0/16", "Octet 300 (> 255) not permitted in '10.300.0.0'"),
        )
    ),
    (
        "us-west-2",
        {"network.nat": "none"},
        (
            "network.nat: none, but without `private: true` nothing else leads to AWS: no node "
            "would join; use `single` or `per-zone`, or set `network.private: true` [Amazon EKS "
            "User Guide, private-clusters]"
        ),
    ),
    (
        "eu-west-1",
        IRISH_POOLS | {"network.zones": 4},
        (
            "network.zones: is 4, but eu-west-1 has 3 zones for EKS; use at most 3 "
            "[catalog/regions.py]"
        ),
    ),
    (
        "us-east-1",
        {"network.zones": 6, "network.zone_ids": {"us-east-1e": "use1-az3"}},
        (
            "network.zones: is 6, but us-east-1 has 5 zones for EKS; use at most 5 "
            "[catalog/regions.py]"
        ),
    ),
    (
        "us-west-2",
        {"network.zones": ["us-west-2a", "us-west-2e"]},
        (
            "network.zones: us-west-2e is no zone of us-west-2; use zones out of us-west-2a, "
            "us-west-2b, us-west-2c, us-west-2d [catalog/regions.py]"
        ),
    ),
    (
        "us-east-1",
        {
            "network.zones": ["us-east-1a", "us-east-1e"],
            "network.zone_ids": {"us-east-1a": "use1-az6", "us-east-1e": "use1-az3"},
        },
        (
            "network.zones: us-east-1e is use1-az3, where EKS puts no control plane interface; "
            "take it out of the list, or write a number and let the program choose [Amazon EKS "
            "User Guide, network requirements]"
        ),
    ),
    (
        "us-west-2",
        {"network.zone_ids": {"us-west-2a": "usw2-az2", "us-west-2b": "usw2-az2"}},
        (
            "network.zone_ids: usw2-az2 stands twice, but an id is one place; copy them from "
            "`aws ec2 describe-availability-zones` [catalog/regions.py]"
        ),
    ),
    (
        "us-west-2",
        {"network.zone_ids": {"us-west-2a": "use1-az2"}},
        (
            "network.zone_ids.us-west-2a: us-west-2a as use1-az2 is not of us-west-2; name zones "
            "out of us-west-2a, us-west-2b, us-west-2c, us-west-2d, with ids like usw2-az1 "
            "[catalog/regions.py]"
        ),
    ),
]


@pytest.mark.parametrize(
    ("region", "changes", "expected"), RULES, ids=[row[2].split(";")[0] for row in RULES]
)
def test_a_broken_rule_is_one_finding_with_its_fix_and_its_source(
    region: str, changes: dict[str, Any], expected: str
):
    assert refusals(changes, region) == [expected]


def warned(changes: dict[str, Any], region: str = "us-west-2") -> list[str]:
    """Return the warnings about the network."""
    return [str(found) for found in planned(changes, region).warnings if _is_network(found)]


def _is_network(found: Finding) -> bool:
    return found.path.startswith("network.")


def test_letters_are_minded_where_one_of_them_is_a_zone_that_eks_cannot_use():
    assert warned(
        {"network.zones": 2, "network.zone_ids": {"us-east-1b": "use1-az1"}}, "us-east-1"
    ) == [
        (
            "network.zone_ids: says nothing of us-east-1a, and EKS refuses the one zone of the "
            "account whose id is use1-az3; add what `aws ec2 describe-availability-zones` shows, "
            "{us-east-1a: <id>} [Amazon EKS User Guide, network requirements]"
        )
    ]
    known = {"us-east-1a": "use1-az3", "us-east-1b": "use1-az1", "us-east-1c": "use1-az2"}
    assert warned({"network.zones": 2, "network.zone_ids": known}, "us-east-1") == []
    assert warned({"network.zones": 3}) == []


def test_a_network_without_a_way_out_is_minded():
    assert warned({"network.private": True, "network.nat": "none"}) == [
        (
            "network.nat: none: nothing leads from the VPC to the registries of the images, nor "
            "to the Hugging Face Hub; mirror images and weights into it, or attach a transit "
            "gateway that leads there [Amazon EKS User Guide, private-clusters]"
        )
    ]
    assert warned({"network.private": True}) == []
