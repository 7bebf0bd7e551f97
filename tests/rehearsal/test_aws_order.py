"""What something uses is not deleted, rule by rule, and refused in the sense of AWS."""

from pathlib import Path

import pytest

from rehearsal.cloud import Cloud
from rehearsal.providers.aws import inventory
from rehearsal.providers.aws import resource_types as aws
from rehearsal.providers.aws.references import values_at
from rehearsal.providers.aws.schema import Schemas
from rehearsal.providers.plugin import ProviderError
from tests.rehearsal.aws_hand import Hand, rehearsal_in
from tests.rehearsal.aws_orders import Case, put
from tests.rehearsal.order_cases import GONE_WITH, HELD, LET_GO


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    return Cloud(rehearsal_in(tmp_path, monkeypatch).cloud)


@pytest.fixture
def hand(cloud: Cloud) -> Hand:
    return Hand()


def test_every_path_of_a_rule_is_a_property_of_the_sdk() -> None:
    schemas = Schemas()
    rules = [*inventory.HELD, *inventory.NEEDED]
    tables = [*(link for rule in rules for link in rule.links), *inventory.GONE_WITH]
    assert len(tables) > 60
    for link in tables:
        user, used = schemas.of(link.user), schemas.of(link.used)
        first, _, rest = link.path.partition(".")
        assert first in user.inputs, f"{link.user} has no {first}"
        inside = {name for nested in user.types.values() for name in nested}
        assert not rest or rest in inside, f"{link.user} has no {link.path}"
        assert link.by is None or link.by in used.outputs, f"{link.used} has no {link.by}"
    for type_ in inventory.PROTECTED:
        assert "deletionProtection" in schemas.of(type_).inputs


def test_every_rule_has_a_code_and_a_source() -> None:
    for rule in [*inventory.HELD, *inventory.NEEDED]:
        assert rule.code.isascii()
        assert "/" in rule.source
        assert rule.says.count("{}") == 1


def test_a_path_leads_through_objects_and_lists() -> None:
    facts = {"vpcConfig": {"subnetIds": ["a", "b"]}, "rules": [{"group": "c"}, {"group": None}]}
    assert list(values_at(facts, "vpcConfig.subnetIds")) == ["a", "b"]
    assert list(values_at(facts, "rules.group")) == ["c"]
    assert list(values_at(facts, "vpcConfig")) == []
    assert list(values_at(facts, "nothing.there")) == []


@pytest.mark.parametrize("case", HELD, ids=str)
def test_what_is_in_use_stays_until_its_user_is_gone(hand: Hand, cloud: Cloud, case: Case) -> None:
    used, user = case.put(cloud)
    with pytest.raises(ProviderError, match=case.answer) as refusal:
        hand.delete(case.used, used, "used")
    kind = case.user.rpartition(":")[2]
    fix = f"; still there: {kind} user. Let user depend on used: then that goes last"
    assert str(refusal.value).endswith(fix)
    assert cloud.get(case.used, "used")
    hand.delete(case.user, user, "user")
    hand.delete(case.used, used, "used")
    assert cloud.all() == ()


@pytest.mark.parametrize("case", HELD, ids=str)
def test_one_that_nothing_refers_to_may_go(hand: Hand, cloud: Cloud, case: Case) -> None:
    case.put(cloud)
    other = put(cloud, case.used, "other", **dict.fromkeys(case.facts, "else"))
    hand.delete(case.used, other, "other")
    assert cloud.get(case.used, "other") is None


@pytest.mark.parametrize("case", GONE_WITH, ids=str)
def test_what_goes_with_another_is_gone_and_deleting_it_later_is_no_error(
    hand: Hand, cloud: Cloud, case: Case
) -> None:
    used, user = case.put(cloud)
    hand.delete(case.used, used, "used")
    assert cloud.all() == ()
    hand.delete(case.user, user, "user")


@pytest.mark.parametrize("case", LET_GO, ids=str)
def test_what_aws_or_the_provider_lets_go_is_not_refused(
    hand: Hand, cloud: Cloud, case: Case
) -> None:
    used, _ = case.put(cloud)
    hand.delete(case.used, used, "used")
    assert cloud.get(case.used, "used") is None


def test_an_internet_gateway_stays_while_a_nat_gateway_has_an_address_in_its_network(
    hand: Hand, cloud: Cloud
) -> None:
    gateway = put(cloud, aws.INTERNET_GATEWAY, "igw", vpcId="vpc")
    put(cloud, aws.SUBNET, "subnet", vpcId="vpc")
    put(cloud, aws.SUBNET, "elsewhere", vpcId="other")
    put(cloud, aws.NAT_GATEWAY, "far", subnetId="elsewhere")
    put(cloud, aws.NAT_GATEWAY, "private", subnetId="subnet", connectivityType="private")
    nat = put(cloud, aws.NAT_GATEWAY, "nat", subnetId="subnet", connectivityType="public")
    with pytest.raises(ProviderError, match=r"mapped public addresses.*NatGateway nat\. Let nat"):
        hand.delete(aws.INTERNET_GATEWAY, gateway, "igw")
    hand.delete(aws.NAT_GATEWAY, nat, "nat")
    hand.delete(aws.INTERNET_GATEWAY, gateway, "igw")


@pytest.mark.parametrize(
    ("type_", "answer"),
    [
        (aws.CLUSTER, "InvalidRequestException: cluster held has .*cluster.deletion_protection: f"),
        (aws.DATABASE, "InvalidParameterCombination: DB instance held has deletion protection on"),
    ],
)
def test_what_is_protected_goes_only_after_its_protection_is_lifted(
    hand: Hand, cloud: Cloud, type_: str, answer: str
) -> None:
    held = put(cloud, type_, "held", deletionProtection=True)
    with pytest.raises(ProviderError, match=answer):
        hand.delete(type_, held, "held")
    put(cloud, type_, "held", deletionProtection=False)
    hand.delete(type_, held, "held")
