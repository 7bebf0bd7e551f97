import json
import re
from pathlib import Path

import pytest
from pulumi.runtime.proto import provider_pb2

from rehearsal.cloud import Cloud
from rehearsal.layout import REHEARSAL_VARIABLE, Layout
from rehearsal.providers.aws.outputs import ANSWERS
from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import UNKNOWN, Properties, Secret, from_struct, to_struct
from tests.rehearsal.aws_hand import (
    CLUSTER,
    QUEUE,
    ROLE,
    SECRET_VALUE,
    TRUST,
    VPC,
    Hand,
    cluster,
    rehearsal_in,
)


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    return rehearsal_in(tmp_path, monkeypatch)


@pytest.fixture
def hand(layout: Layout) -> Hand:
    return Hand()


def test_a_preview_gives_no_id_and_leaves_open_what_only_aws_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(REHEARSAL_VARIABLE, raising=False)
    made = Hand().create(CLUSTER, cluster(name="dev", tags={"a": "b"}), preview=True)
    assert made.id == ""
    assert made.outputs["name"] == "dev"
    assert made.outputs["endpoint"] is UNKNOWN
    assert made.outputs["version"] is UNKNOWN
    assert made.outputs["region"] == "us-west-2"
    assert made.outputs["tagsAll"] == {"a": "b"}
    assert made.outputs["vpcConfig"] == {
        "subnetIds": ["s"],
        "clusterSecurityGroupId": UNKNOWN,
        "vpcId": UNKNOWN,
    }
    assert "zonalShiftConfig" not in made.outputs, "an optional block stays absent"


def test_an_update_without_a_rehearsal_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REHEARSAL_VARIABLE, raising=False)
    with pytest.raises(ProviderError, match=f"{REHEARSAL_VARIABLE} names no rehearsal.*make reh"):
        Hand().create(VPC, {"cidrBlock": "10.0.0.0/16"})


def test_outputs_look_like_those_of_aws_and_are_kept(hand: Hand, layout: Layout) -> None:
    made = hand.create(VPC, {"cidrBlock": "10.20.0.0/16"})
    assert re.fullmatch(r"vpc-[0-9a-f]{17}", made.id)
    assert made.outputs["arn"] == f"arn:aws:ec2:us-west-2:111122223333:vpc/{made.id}"
    assert re.fullmatch(r"sg-[0-9a-f]{17}", str(made.outputs["defaultSecurityGroupId"]))
    assert made.outputs["ownerId"] == "111122223333"
    stored = Cloud(layout.cloud).get(VPC, made.id)
    assert stored
    assert stored.outputs == made.outputs
    assert stored.inputs == {"cidrBlock": "10.20.0.0/16"}


def test_a_resource_may_live_in_another_region(hand: Hand) -> None:
    made = hand.create(QUEUE, {"name": "q", "region": "eu-west-1"})
    assert made.id == made.outputs["url"] == "https://sqs.eu-west-1.amazonaws.com/111122223333/q"
    assert made.outputs["arn"] == "arn:aws:sqs:eu-west-1:111122223333:q"


def test_a_role_has_its_path_in_its_arn(hand: Hand) -> None:
    made = hand.create(ROLE, {"name": "r", "path": "/team/", "assumeRolePolicy": TRUST})
    assert made.outputs["arn"] == "arn:aws:iam::111122223333:role/team/r"
    prefixed = hand.create(ROLE, {"namePrefix": "n-", "assumeRolePolicy": TRUST}, "prefixed")
    assert re.fullmatch(r"n-[0-9a-f]{26}", prefixed.id)
    assert prefixed.outputs["name"] == prefixed.id


def test_a_cluster_answers_with_the_running_control_plane(hand: Hand) -> None:
    made = hand.create(CLUSTER, cluster(name="dev", version="1.36"))
    assert made.id == "dev"
    assert made.outputs["endpoint"] == "https://127.0.0.1:6443"
    assert made.outputs["certificateAuthority"] == {"data": "Q0E="}
    assert made.outputs["status"] == "ACTIVE"
    issuer = r"https://oidc\.eks\.us-west-2\.amazonaws\.com/id/[0-9A-F]{32}"
    assert re.search(issuer, str(made.outputs["identities"]))


def test_a_cluster_without_a_control_plane_is_refused(hand: Hand, layout: Layout) -> None:
    layout.connection.unlink()
    with pytest.raises(ProviderError, match=r"none is running; start it with `make rehearse`"):
        hand.create(CLUSTER, cluster(name="dev"))


def test_a_type_that_no_table_knows_is_answered_by_its_token(hand: Hand) -> None:
    type_ = "aws:ec2/managedPrefixList:ManagedPrefixList"
    assert type_ not in ANSWERS
    made = hand.create(type_, {"addressFamily": "IPv4", "maxEntries": 1})
    assert re.fullmatch(r"managedPrefixList-[0-9a-f]{17}", made.id)
    assert made.outputs["arn"] == f"arn:aws:ec2:us-west-2:111122223333:managedPrefixList/{made.id}"


def test_default_tags_are_under_the_resources_own() -> None:
    hand = Hand({"defaultTags": json.dumps({"tags": {"team": "a", "env": "dev"}})})
    made = hand.create(VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"env": "x"}}, preview=True)
    assert made.outputs["tagsAll"] == {"team": "a", "env": "x"}
    assert made.outputs["tags"] == {"env": "x"}


def test_a_secret_tag_stays_secret_among_all_tags(hand: Hand) -> None:
    hidden = Hand({"defaultTags": Secret('{"tags": {"team": "t"}}')})
    made = hidden.create(VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"a": Secret("b")}})
    assert made.outputs["tagsAll"] == {"team": Secret("t"), "a": Secret("b")}
    whole = hand.create(VPC, {"cidrBlock": "10.0.0.0/16", "tags": Secret({"a": "b"})}, "whole")
    assert whole.outputs["tagsAll"] == Secret({"a": "b"})


def test_secrets_stay_out_of_the_account_and_come_back_on_refresh(
    hand: Hand, layout: Layout
) -> None:
    inputs: Properties = {"secretId": "s", "secretString": Secret("hunter2")}
    made = hand.create(SECRET_VALUE, inputs)
    assert made.outputs["secretString"] == Secret("hunter2")
    assert all("hunter2" not in path.read_text() for path in layout.cloud.iterdir())
    read = hand.read(SECRET_VALUE, made)
    assert (read.outputs, read.inputs) == (made.outputs, made.inputs)


def test_only_data_sources_with_one_honest_answer_are_answered(hand: Hand) -> None:
    def ask(name: str, **arguments: str) -> Properties:
        request = provider_pb2.InvokeRequest(
            tok=f"aws:index/{name}:{name}", args=to_struct(arguments)
        )
        return from_struct(getattr(hand.provider.Invoke(request, None), "return"))

    assert ask("getPartition")["partition"] == "aws"
    assert ask("getRegion")["region"] == "us-west-2"
    assert ask("getRegion", region="eu-west-1")["name"] == "eu-west-1"
    assert ask("getCallerIdentity")["accountId"] == "111122223333"
    with pytest.raises(ProviderError, match="getAvailabilityZones: the program must not ask the"):
        ask("getAvailabilityZones")
