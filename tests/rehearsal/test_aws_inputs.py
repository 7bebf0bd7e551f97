import re

import pytest
from pulumi.runtime.proto import provider_pb2

from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import UNKNOWN, Properties, Secret, to_struct
from tests.rehearsal.aws_hand import (
    CLUSTER,
    LAUNCH_TEMPLATE,
    NODE_GROUP,
    QUEUE,
    ROLE,
    TRUST,
    VPC,
    Hand,
    cluster,
)


@pytest.fixture
def hand() -> Hand:
    return Hand()


def test_every_wrong_input_is_refused_at_once_with_its_path(hand: Hand) -> None:
    wrong: Properties = {
        "vpcConfig": {"subnetIds": ["s", 3], "publicAces": True},
        "version": 1.36,
        "encryptionConfig": {"resources": "secrets"},
        "deletionProtection": "yes",
        "tags": {"a/b": ["x"]},
        "roleARN": "arn",
    }
    _, refused = hand.check(CLUSTER, wrong)
    assert refused == [
        'deletionProtection: is a string ("yes"); a boolean would be right',
        'encryptionConfig.resources: is a string ("secrets"); a list of strings would be right',
        "encryptionConfig.provider: is required: an object (ClusterEncryptionConfigProvider)",
        "roleARN: there is no such input; the nearest is `roleArn`",
        'tags["a/b"]: is a list; a string would be right',
        "version: is a number (1.36); a string would be right",
        "vpcConfig.publicAces: there is no such input; the nearest is `publicAccessCidrs`",
        "vpcConfig.subnetIds[1]: is a number (3); a string would be right",
        "roleArn: is required: a string",
    ]


def test_unknown_and_secret_values_are_right_anywhere(hand: Hand) -> None:
    inputs = cluster(
        roleArn=UNKNOWN,
        vpcConfig={"subnetIds": Secret([UNKNOWN, Secret("s")])},
        kubernetesNetworkConfig=UNKNOWN,
        tags={"a": Secret(UNKNOWN)},
    )
    assert hand.check(CLUSTER, inputs, olds={"name": "x-1234567"}) == (
        inputs | {"name": "x-1234567"},
        [],
    )


NAME_REFUSED = (
    "name: the value is refused by AWS: "
    "1 to 100 of A-Z a-z 0-9 - _, beginning with a letter or digit, are right"
)


def test_a_refusal_does_not_show_a_secret(hand: Hand) -> None:
    _, refused = hand.check(CLUSTER, cluster(version=Secret(137), name=Secret("§")))
    assert refused == [
        "version: is a number; a string would be right",
        NAME_REFUSED,
    ]


def test_either_of_two_types_is_right_and_the_nearer_one_explains(hand: Hand) -> None:
    statement: Properties = {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": "*"}
    document: Properties = {"Version": "2012-10-17", "Statement": [statement]}
    assert hand.check(ROLE, {"assumeRolePolicy": document})[1] == []
    assert hand.check(ROLE, {"assumeRolePolicy": {"Version": "2012-10-17"}})[1] == [
        "assumeRolePolicy.Statement: is required: a list of objects (PolicyStatement)"
    ]
    assert hand.check(ROLE, {"assumeRolePolicy": 1})[1] == [
        "assumeRolePolicy: is a number (1); a string or an object (PolicyDocument) would be right"
    ]


@pytest.mark.parametrize(
    ("type_", "inputs", "refused"),
    [
        (ROLE, {"name": "a b", "assumeRolePolicy": TRUST}, "name: the value `a b` is refused"),
        (ROLE, {"name": "n" * 65, "assumeRolePolicy": TRUST}, "1 to 64 of"),
        (ROLE, {"assumeRolePolicy": "{'Version'"}, "a JSON object, is right"),
        (QUEUE, {"name": "a.b"}, ".fifo for a FIFO queue"),
        (VPC, {"cidrBlock": "10.20.0.0/8"}, "from /16 to /28"),
        (VPC, {"cidrBlock": "10.20.0.1/16"}, "IPv4 network like 10.0.0.0/16"),
        (CLUSTER, cluster(name="-x"), "beginning with a letter or digit"),
        (LAUNCH_TEMPLATE, {"userData": "#!/bin/sh"}, "base64"),
        (VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"aws:x": ""}}, 'tags["aws:x"]: tags that'),
        (VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"x": "v" * 257}}, "256 characters, not 257"),
    ],
)
def test_what_the_service_would_refuse_is_refused(
    hand: Hand, type_: str, inputs: Properties, refused: str
) -> None:
    _, reasons = hand.check(type_, inputs)
    assert [reason for reason in reasons if refused in reason] == list(reasons) != []


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        (QUEUE, {"name": "interruption.fifo", "fifoQueue": True}),
        (VPC, {"cidrBlock": UNKNOWN}),
        (ROLE, {"assumeRolePolicy": Secret(TRUST), "name": UNKNOWN}),
        (LAUNCH_TEMPLATE, {"userData": "IyEvYmluL3No"}),
    ],
)
def test_what_the_service_takes_is_taken(hand: Hand, type_: str, inputs: Properties) -> None:
    assert hand.check(type_, inputs)[1] == []


def test_a_type_that_the_sdk_lacks_is_named_with_its_neighbour(hand: Hand) -> None:
    with pytest.raises(
        ProviderError, match=r"no resource type aws:ec2/vpc:Vcp; .* aws:ec2/vpc:Vpc"
    ):
        hand.check("aws:ec2/vpc:Vcp", {})
    with pytest.raises(ProviderError, match="no module nosuch"):
        hand.check("aws:nosuch/x:X", {})


def test_a_resource_without_a_physical_name_gets_one_and_keeps_it(hand: Hand) -> None:
    first, _ = hand.check(ROLE, {"assumeRolePolicy": TRUST}, "karpenter")
    assert re.fullmatch(r"karpenter-[0-9a-f]{7}", str(first["name"]))
    again, _ = Hand().check(ROLE, {"assumeRolePolicy": TRUST}, "karpenter", olds=first)
    other, _ = hand.check(ROLE, {"assumeRolePolicy": TRUST}, "other")
    assert again == first
    assert other["name"] != first["name"]


@pytest.mark.parametrize(
    ("type_", "inputs", "expected"),
    [
        (ROLE, {"assumeRolePolicy": TRUST, "namePrefix": "k-"}, None),
        ("aws:kms/alias:Alias", {"targetKeyId": "k"}, r"alias/X-[0-9a-f]{7}"),
        ("aws:s3/bucket:Bucket", {}, r"x-[0-9a-f]{7}"),
        (VPC, {"cidrBlock": "10.0.0.0/16"}, None),
        (NODE_GROUP, {"clusterName": "c", "nodeRoleArn": "r", "subnetIds": ["s"],
                      "scalingConfig": {"desiredSize": 1, "maxSize": 1, "minSize": 1}},
         r"X-[0-9a-f]{7}"),
    ],
)  # fmt: skip
def test_names_are_made_where_the_official_provider_makes_them(
    hand: Hand, type_: str, inputs: Properties, expected: str | None
) -> None:
    checked, refused = hand.check(type_, inputs, "X")
    made = {name: value for name, value in checked.items() if name not in inputs}
    assert not refused
    if expected is None:
        assert made == {}
    else:
        (name,) = made.values()
        assert re.fullmatch(expected, str(name))


def test_configuration_is_refused_at_once_and_asks_for_no_credentials() -> None:
    def refused(**config: object) -> list[str]:
        news = to_struct(config)  # pyright: ignore[reportArgumentType] - wrong ones, too
        answer = Hand().provider.CheckConfig(provider_pb2.CheckRequest(news=news), None)
        return [failure.reason for failure in answer.failures]

    assert refused(region="us-west-2", version="7.51.1", maxRetries="3", profile="p") == []
    assert refused(region=UNKNOWN) == []
    assert refused(regoin="us-west-2", defaultTags='{"tags": {"a": 1}}') == [
        "defaultTags.tags.a: is a number (1); a string would be right",
        "regoin: there is no such input; the nearest is `region`",
        "region: a region such as us-west-2 is wanted: `aws:region` in the stack's file, not null",
    ]
    assert 'not "mars-1"' in refused(region="mars-1")[0]
