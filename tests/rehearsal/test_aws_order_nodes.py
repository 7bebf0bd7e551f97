"""What Karpenter's nodes lie in or need stays as long as they run, as the control plane tells."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from planning.specs.base import DISCOVERY_TAG
from rehearsal.api import Api
from rehearsal.cloud import Cloud
from rehearsal.control_plane import ControlPlane
from rehearsal.fleet.node_pools import NODES as NODE_PATH
from rehearsal.layout import REHEARSAL_VARIABLE
from rehearsal.providers.aws import resource_types as aws
from rehearsal.providers.aws.live_nodes import LiveNode, live_nodes
from rehearsal.providers.plugin import ProviderError
from tests.rehearsal.aws_hand import Hand, rehearsal_in
from tests.rehearsal.aws_orders import put
from tests.rehearsal.conftest import eventually

NODES = ("l40s-a", "l40s-b", "h100-a")
TAGGED = {DISCOVERY_TAG: "dev"}
SYSTEM: dict[str, object] = {"clusterName": "dev", "scalingConfig": {"desiredSize": 2}}
L40S = r"2 instances of pool l40s still run \(l40s-a, l40s-b\)"
H100 = r"1 instance of pool h100 still runs \(h100-a\)"
ALL = f"{H100}; {L40S}. Delete NodePool h100, l40s first and wait for its nodes"


@dataclass(frozen=True)
class Held:
    """What nodes hold, and what a delete of it is answered."""

    type: str
    answer: str
    facts: dict[str, object] = field(default_factory=dict[str, object])

    def __str__(self) -> str:
        return self.type


HELD = [
    Held(aws.VPC, "DependencyViolation: the vpc 'held' has dependencies and cannot be deleted"),
    Held(aws.SECURITY_GROUP, "DependencyViolation: the security group 'held'", {"tags": TAGGED}),
    Held(aws.ROUTE, "OutOfOrder: EC2 would delete held, and nodes that lose their way out"),
    Held(aws.ROUTE_TABLE_ASSOCIATION, "OutOfOrder: EC2 would delete held"),
    Held(aws.CLUSTER, "OutOfOrder: EKS would delete the cluster held, and leave instances"),
    Held(aws.NODE_GROUP, "OutOfOrder: EKS would end the last node group for controllers", SYSTEM),
    Held(aws.ACCESS_ENTRY, "OutOfOrder: EKS would shut its nodes out", {"type": "EC2_LINUX"}),
    Held(aws.ACCESS_ENTRY, "OutOfOrder: EKS would shut its nodes out", {"type": "EC2"}),
    Held(aws.POD_IDENTITY, "OutOfOrder: EKS would take Kar", {"serviceAccount": "karpenter"}),
]


def node(name: str, pool: str, zone: str) -> dict[str, object]:
    """Return a Node as the rehearsal's Karpenter registers it."""
    labels = {"karpenter.sh/nodepool": f"{pool}-rehearsal", "topology.kubernetes.io/zone": zone}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}


@pytest.fixture(scope="module")
def api(started: ControlPlane) -> Iterator[Api]:
    connection = started.connection()
    assert connection is not None
    with closing(Api(connection)) as client:
        client.create(NODE_PATH, {"metadata": {"name": "system-0"}})
        yield client


@pytest.fixture
def cloud(started: ControlPlane, api: Api, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setenv(REHEARSAL_VARIABLE, str(started.layout.root))
    for found in (
        *(node(name, "l40s", "us-west-2a") for name in NODES[:2]),
        node("h100-a", "h100", "us-west-2b"),
    ):
        api.create(NODE_PATH, found)
    account = Cloud(started.layout.cloud)
    yield account
    end_nodes(api)
    for left in account.all():
        account.delete(left.type, left.id)


@pytest.fixture
def hand(cloud: Cloud) -> Hand:
    return Hand()


def end_nodes(api: Api) -> None:
    for name in NODES:
        api.delete(f"{NODE_PATH}/{name}")
    eventually("no node", lambda: not any(api.get(f"{NODE_PATH}/{name}") for name in NODES))


def test_nodes_are_told_by_their_pool_and_zone(cloud: Cloud, started: ControlPlane) -> None:
    assert live_nodes(started.layout) == (
        LiveNode("h100", "h100-a", "us-west-2b"),
        LiveNode("l40s", "l40s-a", "us-west-2a"),
        LiveNode("l40s", "l40s-b", "us-west-2a"),
    )


@pytest.mark.parametrize("held", HELD, ids=str)
def test_what_nodes_lie_in_or_need_stays_until_they_are_gone(
    hand: Hand, cloud: Cloud, api: Api, held: Held
) -> None:
    made = put(cloud, held.type, "held", **held.facts)
    with pytest.raises(ProviderError, match=f"{held.answer}.*: {ALL}"):
        hand.delete(held.type, made, "held")
    assert cloud.get(held.type, "held")
    end_nodes(api)
    hand.delete(held.type, made, "held")
    assert cloud.get(held.type, "held") is None


def test_a_subnet_is_held_by_the_nodes_of_its_zone_alone(hand: Hand, cloud: Cloud) -> None:
    near = put(cloud, aws.SUBNET, "near", availabilityZone="us-west-2a", tags=TAGGED)
    public = put(cloud, aws.SUBNET, "public", availabilityZone="us-west-2a", tags={"a": "b"})
    empty = put(cloud, aws.SUBNET, "empty", availabilityZone="us-west-2c", tags=TAGGED)
    expected = f"DependencyViolation: the subnet 'near' has dependencies.*: {L40S}. Delete NodePool"
    with pytest.raises(ProviderError, match=expected):
        hand.delete(aws.SUBNET, near, "near")
    hand.delete(aws.SUBNET, public, "public")
    hand.delete(aws.SUBNET, empty, "empty")


def test_a_group_that_a_tag_resource_makes_discoverable_is_held(hand: Hand, cloud: Cloud) -> None:
    plain = put(cloud, aws.SECURITY_GROUP, "plain")
    found = put(cloud, aws.SECURITY_GROUP, "found")
    put(cloud, aws.TAG, f"found,{DISCOVERY_TAG}")
    hand.delete(aws.SECURITY_GROUP, plain, "plain")
    with pytest.raises(ProviderError, match="the security group 'found' has a dependent object"):
        hand.delete(aws.SECURITY_GROUP, found, "found")


@pytest.mark.parametrize(
    ("type_", "principal"),
    [(aws.ACCESS_ENTRY, {"type": "EC2_LINUX", "principalArn": "a:r"}),
     (aws.POD_IDENTITY, {"serviceAccount": "karpenter", "roleArn": "a:r"})],
)  # fmt: skip
def test_the_roles_of_nodes_and_of_karpenter_keep_their_last_policy(
    hand: Hand, cloud: Cloud, type_: str, principal: dict[str, object]
) -> None:
    put(cloud, type_, "principal", **principal)
    role = put(cloud, aws.ROLE, "r", arn="a:r")
    first = put(cloud, aws.ATTACHMENT, "first", role="r")
    last = put(cloud, aws.ROLE_POLICY, "last", role="r")
    hand.delete(aws.ATTACHMENT, first, "first")
    with pytest.raises(ProviderError, match="IAM would delete last, and nodes could not leave"):
        hand.delete(aws.ROLE_POLICY, last, "last")
    cloud.delete(aws.ROLE_POLICY, "last")
    with pytest.raises(ProviderError, match="IAM would delete r, and nodes could not leave the cl"):
        hand.delete(aws.ROLE, role, "r")


def test_what_has_a_successor_may_go(hand: Hand, cloud: Cloud) -> None:
    old = put(cloud, aws.NODE_GROUP, "old", **SYSTEM)
    put(cloud, aws.NODE_GROUP, "new", **SYSTEM)
    hand.delete(aws.NODE_GROUP, old, "old")
    association = put(cloud, aws.POD_IDENTITY, "old", serviceAccount="karpenter")
    put(cloud, aws.POD_IDENTITY, "new", serviceAccount="karpenter")
    hand.delete(aws.POD_IDENTITY, association, "old")
    unused, used = put(cloud, aws.NAT_GATEWAY, "unused"), put(cloud, aws.NAT_GATEWAY, "used")
    put(cloud, aws.ROUTE, "route", natGatewayId="used")
    hand.delete(aws.NAT_GATEWAY, unused, "unused")
    with pytest.raises(ProviderError, match="EC2 would delete used, and nodes that lose their way"):
        hand.delete(aws.NAT_GATEWAY, used, "used")


def test_what_nodes_do_not_need_may_go_while_they_run(hand: Hand, cloud: Cloud) -> None:
    for type_, facts in (
        (aws.ACCESS_ENTRY, {"type": "STANDARD"}),
        (aws.POD_IDENTITY, {"serviceAccount": "ebs-csi-controller-sa"}),
        (aws.NODE_GROUP, SYSTEM | {"taints": [{"key": "gpu", "effect": "NO_SCHEDULE"}]}),
        (aws.ROLE, {"arn": "a:other"}),
        (aws.LOG_GROUP, {}),
    ):
        hand.delete(type_, put(cloud, type_, "free", **facts), "free")
        assert cloud.get(type_, "free") is None


def test_without_a_control_plane_no_node_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = rehearsal_in(tmp_path, monkeypatch)
    assert live_nodes(layout) == ()
    layout.connection.unlink()
    assert live_nodes(layout) == ()
