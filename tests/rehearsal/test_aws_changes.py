import json
from pathlib import Path

import pytest
from pulumi.runtime.proto import provider_pb2

from rehearsal.cloud import Cloud
from rehearsal.layout import Layout
from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import UNKNOWN, Properties, Secret
from tests.rehearsal.aws_hand import (
    CLUSTER,
    LAUNCH_TEMPLATE,
    NODE_GROUP,
    QUEUE,
    ROLE,
    SUBNET,
    TRUST,
    VPC,
    Hand,
    Made,
    cluster,
    kinds,
    rehearsal_in,
)
from tests.rehearsal.aws_orders import put

NETWORK: Properties = {"cidrBlock": "10.20.0.0/16"}
GROUP: Properties = {
    "clusterName": "dev",
    "nodeRoleArn": "r",
    "subnetIds": ["a"],
    "instanceTypes": ["g6e.2xlarge"],
    "scalingConfig": {"desiredSize": 1, "maxSize": 2, "minSize": 1},
}


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    return rehearsal_in(tmp_path, monkeypatch)


@pytest.fixture
def hand(layout: Layout) -> Hand:
    return Hand()


@pytest.fixture
def _needed(layout: Layout) -> None:
    """What a node group and an access entry refer to."""
    cloud = Cloud(layout.cloud)
    put(cloud, CLUSTER, "dev", status="ACTIVE")
    put(cloud, ROLE, "r")
    put(cloud, SUBNET, "a")


def test_nothing_changed_is_no_difference(hand: Hand) -> None:
    secret: Properties = {**NETWORK, "tags": {"a": Secret("b")}}
    plain: Properties = {**NETWORK, "tags": {"a": "b"}}
    answer = hand.diff(VPC, hand.create(VPC, secret), plain)
    assert answer.changes == provider_pb2.DiffResponse.DIFF_NONE
    assert kinds(answer) == {}
    assert not answer.deleteBeforeReplace


@pytest.mark.usefixtures("_needed")
@pytest.mark.parametrize(
    ("type_", "before", "after", "expected"),
    [
        (VPC, NETWORK, NETWORK | {"tags": {"a/b": "c"}}, {"tags": "ADD"}),
        (VPC, NETWORK | {"tags": {"a/b": "c"}}, NETWORK | {"tags": {}}, {'tags["a/b"]': "DELETE"}),
        (VPC, NETWORK, {"cidrBlock": "10.21.0.0/16"}, {"cidrBlock": "UPDATE_REPLACE"}),
        (VPC, NETWORK, {"cidrBlock": UNKNOWN}, {"cidrBlock": "UPDATE_REPLACE"}),
        (NODE_GROUP, GROUP, GROUP | {"subnetIds": ["a", "b"]}, {"subnetIds[1]": "ADD_REPLACE"}),
        (NODE_GROUP, GROUP,
         GROUP | {"scalingConfig": {"desiredSize": 2, "maxSize": 2, "minSize": 1}},
         {"scalingConfig.desiredSize": "UPDATE"}),
        (CLUSTER, cluster(), cluster(version="1.36"), {"version": "ADD"}),
        (CLUSTER, cluster(), cluster(kubernetesNetworkConfig={"serviceIpv4Cidr": "172.20.0.0/16"}),
         {"kubernetesNetworkConfig": "ADD_REPLACE"}),
        (CLUSTER, cluster(), cluster(roleArn="other"), {"roleArn": "UPDATE_REPLACE"}),
        (CLUSTER, cluster(), cluster(region="eu-west-1"), {"region": "ADD_REPLACE"}),
        (ROLE, {"assumeRolePolicy": TRUST}, {"assumeRolePolicy": TRUST, "description": "d"},
         {"description": "ADD"}),
        (ROLE, {"assumeRolePolicy": TRUST}, {"assumeRolePolicy": TRUST, "name": "r"},
         {"name": "UPDATE_REPLACE"}),
    ],
)  # fmt: skip
def test_a_difference_is_named_by_its_path_and_kind(
    hand: Hand, type_: str, before: Properties, after: Properties, expected: dict[str, str]
) -> None:
    answer = hand.diff(type_, hand.create(type_, before), after)
    assert kinds(answer) == expected
    tops = {path.replace("[", ".").partition(".")[0] for path in expected}
    assert set(answer.diffs) == tops
    replacing = any(kind.endswith("REPLACE") for kind in expected.values())
    assert set(answer.replaces) == (tops if replacing else set())


def test_what_was_there_once_under_a_name_goes_before_its_successor(hand: Hand) -> None:
    queue = hand.create(QUEUE, {"name": "q"})
    assert hand.diff(QUEUE, queue, {"name": "q", "fifoQueue": True}).deleteBeforeReplace
    role = hand.create(ROLE, {"assumeRolePolicy": TRUST})
    assert not hand.diff(ROLE, role, {"assumeRolePolicy": TRUST, "path": "/a/"}).deleteBeforeReplace


@pytest.mark.usefixtures("_needed")
def test_a_successor_with_the_same_natural_id_waits_for_the_deletion(hand: Hand) -> None:
    entry = "aws:eks/accessEntry:AccessEntry"
    inputs: Properties = {"clusterName": "dev", "principalArn": "arn"}
    made = hand.create(entry, inputs | {"type": "STANDARD"})
    assert hand.diff(entry, made, inputs | {"type": "EC2_LINUX"}).deleteBeforeReplace


def test_changed_default_tags_change_every_resource(hand: Hand) -> None:
    made = hand.create(VPC, NETWORK)
    answer = Hand({"defaultTags": json.dumps({"tags": {"team": "a"}})}).diff(VPC, made, NETWORK)
    assert kinds(answer) == {"tagsAll.team": "ADD"}
    assert not answer.replaces


def test_a_create_tried_again_after_a_crash_makes_no_duplicate(hand: Hand, layout: Layout) -> None:
    first = hand.create(ROLE, {"assumeRolePolicy": TRUST})
    again = Hand().create(ROLE, {"assumeRolePolicy": TRUST})
    assert again == first
    assert len(Cloud(layout.cloud).all()) == 1


def test_a_replacement_is_another_resource_until_the_first_is_deleted(
    hand: Hand, layout: Layout
) -> None:
    cloud = Cloud(layout.cloud)
    cases: list[tuple[str, Properties, Properties]] = [
        (VPC, NETWORK, {"cidrBlock": "10.21.0.0/16"}),
        (ROLE, {"assumeRolePolicy": TRUST}, {"assumeRolePolicy": TRUST, "path": "/a/"}),
    ]
    for type_, before, after in cases:
        first = hand.create(type_, before)
        second_run = Hand()
        second_run.diff(type_, first, after)
        second = second_run.create(type_, after)
        assert second.id != first.id
        second_run.delete(type_, first)
        assert [item.id for item in cloud.list(type_)] == [second.id]


def test_two_resources_with_one_name_are_refused_as_aws_would(hand: Hand) -> None:
    hand.create(QUEUE, {"name": "q"}, "first")
    with pytest.raises(ProviderError, match=r"111122223333/q exists already; .*Queue::first"):
        hand.create(QUEUE, {"name": "q"}, "second")


def test_an_update_keeps_what_aws_added(hand: Hand, layout: Layout) -> None:
    made = hand.create(CLUSTER, cluster(name="dev", version="1.35", tags={"a": "b"}))
    later = cluster(name="dev", version="1.36", vpcConfig={"subnetIds": ["s", "t"]})
    planned = hand.update(CLUSTER, made, later, preview=True)
    done = hand.update(CLUSTER, made, later)
    assert planned == done
    assert done["endpoint"] == made.outputs["endpoint"]
    assert done["version"] == "1.36"
    assert done["vpcConfig"] == made.outputs["vpcConfig"] | {"subnetIds": ["s", "t"]}  # pyright: ignore[reportOperatorIssue] - a dict, as asserted
    assert "tags" not in done
    assert done["tagsAll"] == {}
    stored = Cloud(layout.cloud).get(CLUSTER, "dev")
    assert stored
    assert stored.outputs == done


def test_each_update_of_a_launch_template_makes_a_version(hand: Hand) -> None:
    made = hand.create(LAUNCH_TEMPLATE, {"name": "gpu"})
    assert made.outputs["latestVersion"] == 1
    later: Properties = {"name": "gpu", "imageId": "ami-1"}
    assert hand.update(LAUNCH_TEMPLATE, made, later, preview=True)["latestVersion"] is UNKNOWN
    outputs = hand.update(LAUNCH_TEMPLATE, made, later)
    assert outputs["latestVersion"] == 2
    second = Made(made.id, outputs, later)
    assert hand.update(LAUNCH_TEMPLATE, second, later)["latestVersion"] == 3


def test_an_update_of_what_is_gone_asks_for_a_refresh(hand: Hand) -> None:
    made = hand.create(VPC, NETWORK)
    hand.delete(VPC, made)
    with pytest.raises(ProviderError, match="is gone from the simulated account: refresh first"):
        hand.update(VPC, made, NETWORK)
