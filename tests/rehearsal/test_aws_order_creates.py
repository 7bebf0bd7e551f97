"""What needs another resource is refused until that exists and is ready, as AWS refuses it."""

from pathlib import Path

import pytest

from rehearsal.cloud import Cloud
from rehearsal.providers.aws import order_eks
from rehearsal.providers.aws import resource_types as aws
from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import Properties
from tests.rehearsal.aws_hand import TRUST, Hand, rehearsal_in
from tests.rehearsal.aws_orders import NODE_ROLE, foundation, put

GROUP: Properties = {
    "clusterName": "dev",
    "nodeGroupName": "system",
    "nodeRoleArn": NODE_ROLE,
    "subnetIds": ["subnet-1"],
    "scalingConfig": {"desiredSize": 2, "maxSize": 2, "minSize": 2},
}
CLOSED: Properties = {"taints": [{"key": "nvidia.com/gpu", "effect": "NO_SCHEDULE"}]}
LOGS: Properties = {"name": "/aws/eks/dev/cluster"}
QUEUE_URL = "https://sqs.us-west-2.amazonaws.com/111122223333/q"
CLUSTER_MISSING = "ResourceNotFoundException: no cluster found for name: dev"
NO_CLUSTER = {aws.CLUSTER: CLUSTER_MISSING}
NO_ROLE = {aws.ROLE: "NoSuchEntity: the role with name nodes cannot be found; let x depend on"}


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    return Cloud(rehearsal_in(tmp_path, monkeypatch).cloud)


@pytest.fixture
def hand(cloud: Cloud) -> Hand:
    return Hand()


@pytest.mark.parametrize(
    ("type_", "inputs", "missing"),
    [
        (aws.NODE_GROUP, GROUP, {
            aws.CLUSTER: f"{CLUSTER_MISSING}; let x depend on the Cluster that it needs",
            aws.ROLE: f"InvalidParameterException: the node role {NODE_ROLE} does not exist",
            aws.SUBNET: "InvalidParameterException: these subnets do not exist: subnet-1; let x",
        }),
        (aws.ADDON, {"clusterName": "dev", "addonName": "vpc-cni"}, NO_CLUSTER),
        (aws.ACCESS_ENTRY, {"clusterName": "dev", "principalArn": "a"}, NO_CLUSTER),
        (aws.POD_IDENTITY, {"clusterName": "dev", "namespace": "n", "serviceAccount": "s",
                            "roleArn": NODE_ROLE}, NO_CLUSTER),
        (aws.ATTACHMENT, {"role": "nodes", "policyArn": "a"}, NO_ROLE),
        (aws.ROLE_POLICY, {"role": "nodes", "policy": TRUST}, NO_ROLE),
        (aws.INSTANCE_PROFILE, {"role": "nodes"}, NO_ROLE),
    ],
)  # fmt: skip
def test_what_something_needs_is_made_before_it(
    hand: Hand, cloud: Cloud, type_: str, inputs: Properties, missing: dict[str, str]
) -> None:
    foundation(cloud)
    for needed, answer in missing.items():
        (gone,) = cloud.list(needed)
        cloud.delete(gone.type, gone.id)
        with pytest.raises(ProviderError, match=answer):
            hand.create(type_, inputs)
        assert cloud.list(type_) == ()
        cloud.put(gone)
    hand.create(type_, inputs)
    assert len(cloud.list(type_)) == 1


def test_a_cluster_that_is_not_active_takes_no_nodes(hand: Hand, cloud: Cloud) -> None:
    foundation(cloud)
    put(cloud, aws.CLUSTER, "dev", name="dev", status="CREATING")
    with pytest.raises(ProviderError, match=CLUSTER_MISSING):
        hand.create(aws.NODE_GROUP, GROUP)


def test_a_policy_is_associated_with_an_access_entry_that_exists(hand: Hand, cloud: Cloud) -> None:
    foundation(cloud)
    association: Properties = {
        "clusterName": "dev",
        "principalArn": "a",
        "policyArn": "p",
        "accessScope": {"type": "cluster"},
    }
    with pytest.raises(ProviderError, match="no access entry of principal a; let x depend on the"):
        hand.create(aws.ACCESS_POLICY, association)
    hand.create(aws.ACCESS_ENTRY, {"clusterName": "dev", "principalArn": "a"})
    hand.create(aws.ACCESS_POLICY, association)


def test_events_have_a_rule_and_a_queue_to_go_to(hand: Hand, cloud: Cloud) -> None:
    queue_arn = "arn:aws:sqs:us-west-2:111122223333:q"
    target: Properties = {"rule": "r", "arn": queue_arn}
    with pytest.raises(ProviderError, match=r"QueueDoesNotExist: the queue .*/q does not exist"):
        hand.create(aws.QUEUE_POLICY, {"queueUrl": QUEUE_URL, "policy": TRUST})
    with pytest.raises(ProviderError, match="rule r does not exist on EventBus default"):
        hand.create(aws.EVENT_TARGET, target)
    hand.create(aws.EVENT_RULE, {"name": "r", "eventPattern": "{}"})
    with pytest.raises(ProviderError, match=r"OutOfOrder: EventBridge would take .*:q, and lose"):
        hand.create(aws.EVENT_TARGET, target)
    hand.create(aws.QUEUE, {"name": "q"})
    hand.create(aws.EVENT_TARGET, target)
    hand.create(aws.QUEUE_POLICY, {"queueUrl": QUEUE_URL, "policy": TRUST})


def test_a_nat_gateway_needs_a_way_to_the_internet(hand: Hand, cloud: Cloud) -> None:
    put(cloud, aws.SUBNET, "subnet", vpcId="vpc")
    inputs: Properties = {"subnetId": "subnet", "allocationId": "address"}
    with pytest.raises(ProviderError, match=r"Gateway\.NotAttached: network vpc has no internet"):
        hand.create(aws.NAT_GATEWAY, inputs)
    hand.create(aws.NAT_GATEWAY, inputs | {"connectivityType": "private"}, "private")
    hand.create(aws.INTERNET_GATEWAY, {"vpcId": "vpc"})
    hand.create(aws.NAT_GATEWAY, inputs)


@pytest.mark.parametrize("addon", sorted(order_eks.DEPLOYMENTS))
def test_an_add_on_of_a_deployment_needs_nodes_that_take_its_pods(
    hand: Hand, cloud: Cloud, addon: str
) -> None:
    foundation(cloud)
    inputs: Properties = {"clusterName": "dev", "addonName": addon}
    put(cloud, aws.NODE_GROUP, "closed", **GROUP, **CLOSED)
    put(cloud, aws.NODE_GROUP, "empty", **GROUP | {"scalingConfig": {"desiredSize": 0}})
    with pytest.raises(ProviderError, match="InsufficientNumberOfReplicas: cluster dev has no no"):
        hand.create(aws.ADDON, inputs)
    hand.create(aws.ADDON, {"clusterName": "dev", "addonName": "kube-proxy"}, "daemon-set")
    put(cloud, aws.NODE_GROUP, "open", **GROUP)
    hand.create(aws.ADDON, inputs)


def test_the_log_group_of_a_cluster_comes_before_it(hand: Hand, cloud: Cloud) -> None:
    foundation(cloud)
    with pytest.raises(ProviderError, match=r"ResourceAlreadyExistsException.*let dev depend on x"):
        hand.create(aws.LOG_GROUP, LOGS)
    hand.create(aws.LOG_GROUP, {"name": "/aws/eks/other/cluster"}, "other")
    put(cloud, aws.CLUSTER, "dev", name="dev", status="ACTIVE")
    hand.create(aws.LOG_GROUP, LOGS)


def test_a_create_that_is_tried_again_asks_for_nothing_anew(hand: Hand, cloud: Cloud) -> None:
    foundation(cloud)
    made = hand.create(aws.NODE_GROUP, GROUP)
    cloud.delete(aws.SUBNET, "subnet-1")
    assert Hand().create(aws.NODE_GROUP, GROUP).id == made.id
