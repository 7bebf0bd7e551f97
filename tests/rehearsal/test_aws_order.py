"""The simulated account refuses an illegal order, rule by rule, in the words of AWS."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.cloud import Cloud, CloudResource
from rehearsal.layout import Layout
from rehearsal.providers.aws import inventory, order_eks
from rehearsal.providers.aws import resource_types as aws
from rehearsal.providers.aws.order import Rule
from rehearsal.providers.aws.references import Link, values_at
from rehearsal.providers.aws.schema import Schemas
from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import Properties
from tests.rehearsal.aws_hand import TRUST, Hand, Made, rehearsal_in

ACCOUNT = "arn:aws:{}:us-west-2:111122223333:"
GROUP: Properties = {
    "clusterName": "dev",
    "nodeGroupName": "system",
    "nodeRoleArn": "arn:aws:iam::111122223333:role/nodes",
    "subnetIds": ["subnet-1"],
    "scalingConfig": {"desiredSize": 2, "maxSize": 2, "minSize": 2},
}
CLOSED: Properties = {"taints": [{"key": "nvidia.com/gpu", "effect": "NO_SCHEDULE"}]}
LOGS: Properties = {"name": "/aws/eks/dev/cluster"}


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    return rehearsal_in(tmp_path, monkeypatch)


@pytest.fixture
def cloud(layout: Layout) -> Cloud:
    return Cloud(layout.cloud)


@pytest.fixture
def hand(layout: Layout) -> Hand:
    return Hand()


def put(cloud: Cloud, type_: str, id_: str, **outputs: object) -> Made:
    """Put a resource into the account as if an earlier run had made it; its name is its id."""
    cloud.put(CloudResource(type_, id_, Hand.urn(type_, id_), {}, outputs))
    return Made(id_, {}, {})


def links(rules: list[Rule]) -> Iterator[Link]:
    for rule in rules:
        yield from rule.links


def test_every_path_of_a_rule_is_a_property_of_the_sdk() -> None:
    schemas = Schemas()
    tables = [*links(inventory.HELD), *links(inventory.NEEDED), *inventory.GONE_WITH]
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


ROLE_ARN = "arn:aws:iam::111122223333:role/nodes"
QUEUE_URL = "https://sqs.us-west-2.amazonaws.com/111122223333/q"
HELD = [
    (aws.VPC, {}, aws.SUBNET, {"vpcId": "used"}, "DependencyViolation: the vpc 'used' has"),
    (aws.VPC, {}, aws.INTERNET_GATEWAY, {"vpcId": "used"}, "DependencyViolation: the vpc"),
    (aws.VPC, {}, aws.ROUTE_TABLE, {"vpcId": "used"}, "DependencyViolation: the vpc"),
    (aws.VPC, {}, aws.SECURITY_GROUP, {"vpcId": "used"}, "DependencyViolation: the vpc"),
    (aws.VPC, {}, aws.ENDPOINT, {"vpcId": "used"}, "DependencyViolation: the vpc"),
    (aws.SUBNET, {}, aws.NAT_GATEWAY, {"subnetId": "used"}, "DependencyViolation: the subnet"),
    (aws.SUBNET, {}, aws.NODE_GROUP, {"subnetIds": ["a", "used"]}, "DependencyViolation: the sub"),
    (aws.SUBNET, {}, aws.CLUSTER, {"vpcConfig": {"subnetIds": ["used"]}}, "DependencyViolation"),
    (aws.SUBNET, {}, aws.ENDPOINT, {"subnetIds": ["used"]}, "DependencyViolation: the subnet"),
    (aws.SUBNET, {}, aws.MOUNT_TARGET, {"subnetId": "used"}, "DependencyViolation: the subnet"),
    (aws.ADDRESS, {}, aws.NAT_GATEWAY, {"allocationId": "used"}, "AuthFailure: the address"),
    (aws.SECURITY_GROUP, {}, aws.CLUSTER, {"vpcConfig": {"securityGroupIds": ["used"]}},
     "DependencyViolation: the security group 'used' has a dependent object"),
    (aws.SECURITY_GROUP, {}, aws.INGRESS_RULE,
     {"securityGroupId": "other", "referencedSecurityGroupId": "used"}, "DependencyViolation"),
    (aws.SECURITY_GROUP, {}, aws.DATABASE, {"vpcSecurityGroupIds": ["used"]}, "DependencyViol"),
    (aws.CLUSTER, {}, aws.NODE_GROUP, {"clusterName": "used"},
     "ResourceInUseException: cluster used has nodegroups attached"),
    (aws.CLUSTER, {}, aws.FARGATE_PROFILE, {"clusterName": "used"}, "ResourceInUseException"),
    (aws.ADDON, {"clusterName": "dev", "addonName": "vpc-cni"}, aws.NODE_GROUP,
     {"clusterName": "dev"}, "OutOfOrder: EKS would delete the add-on used"),
    (aws.ROLE, {}, aws.ATTACHMENT, {"role": "used"}, "DeleteConflict: role used .* detach all"),
    (aws.ROLE, {}, aws.ROLE_POLICY, {"role": "used"}, "DeleteConflict: role used .* inline"),
    (aws.POLICY, {"arn": "a:p"}, aws.ATTACHMENT, {"policyArn": "a:p"}, "DeleteConflict: policy"),
    (aws.EVENT_RULE, {}, aws.EVENT_TARGET, {"rule": "used"},
     "ValidationException: rule used cannot be deleted since it has targets"),
    (aws.QUEUE, {"arn": "a:q"}, aws.EVENT_TARGET, {"arn": "a:q"}, "OutOfOrder: .* lost in silen"),
    (aws.DATABASE_SUBNETS, {}, aws.DATABASE, {"dbSubnetGroupName": "used"}, "InvalidDBSubnetGr"),
    (aws.DATABASE_PARAMETERS, {}, aws.DATABASE, {"parameterGroupName": "used"}, "InvalidDBParam"),
    (aws.CACHE_SUBNETS, {}, aws.CACHE, {"subnetGroupName": "used"}, "CacheSubnetGroupInUse"),
    (aws.FILE_SYSTEM, {}, aws.MOUNT_TARGET, {"fileSystemId": "used"}, "FileSystemInUse"),
]  # fmt: skip


@pytest.mark.parametrize(("used", "facts", "user", "reference", "answer"), HELD)
def test_what_is_in_use_stays_until_its_user_is_gone(
    hand: Hand, cloud: Cloud, used: str, facts: dict[str, object], user: str,
    reference: dict[str, object], answer: str,
) -> None:  # fmt: skip
    held, holder = put(cloud, used, "used", **facts), put(cloud, user, "holder", **reference)
    with pytest.raises(ProviderError, match=f"{answer}.*holder") as refusal:
        hand.delete(used, held, "used")
    assert "Let holder depend on used: then that goes last" in str(refusal.value)
    assert cloud.get(used, "used")
    hand.delete(user, holder, "holder")
    hand.delete(used, held, "used")
    assert cloud.all() == ()


def test_another_of_its_kind_holds_nothing(hand: Hand, cloud: Cloud) -> None:
    for used, facts, user, reference, _ in HELD:
        assert facts or "used" in str(reference)
        put(cloud, user, "holder", **reference)
        other = put(cloud, used, "other", **{name: "else" for name in facts})
        hand.delete(used, other, "other")
        assert cloud.get(used, "other") is None


@pytest.mark.parametrize(
    ("used", "facts", "user", "reference"),
    [
        (aws.VPC, {}, aws.DEFAULT_SECURITY_GROUP, {"vpcId": "used"}),
        (aws.VPC, {}, aws.FLOW_LOG, {"vpcId": "used"}),
        (aws.SUBNET, {}, aws.ROUTE_TABLE_ASSOCIATION, {"subnetId": "used"}),
        (aws.ROUTE_TABLE, {}, aws.ROUTE_TABLE_ASSOCIATION, {"routeTableId": "used"}),
        (aws.ROUTE_TABLE, {}, aws.ROUTE, {"routeTableId": "used"}),
        (aws.SECURITY_GROUP, {}, aws.INGRESS_RULE,
         {"securityGroupId": "used", "referencedSecurityGroupId": "used"}),
        (aws.CLUSTER, {}, aws.ADDON, {"clusterName": "used", "addonName": "coredns"}),
        (aws.CLUSTER, {}, aws.ACCESS_ENTRY, {"clusterName": "used"}),
        (aws.CLUSTER, {}, aws.POD_IDENTITY, {"clusterName": "used"}),
        (aws.QUEUE, {}, aws.QUEUE_POLICY, {"queueUrl": "used"}),
    ],
)  # fmt: skip
def test_what_a_service_removes_by_itself_is_gone_and_deleting_it_later_is_no_error(
    hand: Hand, cloud: Cloud, used: str, facts: dict[str, object], user: str,
    reference: dict[str, object],
) -> None:  # fmt: skip
    owner, part = put(cloud, used, "used", **facts), put(cloud, user, "part", **reference)
    hand.delete(used, owner, "used")
    assert cloud.all() == ()
    hand.delete(user, part, "part")


@pytest.mark.parametrize(
    ("used", "facts", "user", "reference"),
    [
        (aws.ROLE, {"forceDetachPolicies": True}, aws.ATTACHMENT, {"role": "used"}),
        (aws.ROLE, {"managedPolicyArns": ["a"]}, aws.ATTACHMENT, {"role": "used"}),
        (aws.ROLE, {"forceDetachPolicies": True}, aws.ROLE_POLICY, {"role": "used"}),
        (aws.ROLE, {}, aws.INSTANCE_PROFILE, {"role": "used"}),
        (aws.ROLE, {"arn": "r"}, aws.NODE_GROUP, {"nodeRoleArn": "r"}),
        (aws.EVENT_RULE, {"forceDestroy": True}, aws.EVENT_TARGET, {"rule": "used"}),
        (aws.ADDON, {"clusterName": "c", "addonName": "coredns"}, aws.NODE_GROUP,
         {"clusterName": "c"}),
        ("aws:ec2/launchTemplate:LaunchTemplate", {}, aws.NODE_GROUP,
         {"launchTemplate": {"id": "used"}}),
        (aws.NAT_GATEWAY, {}, aws.ROUTE, {"natGatewayId": "used"}),
    ],
)  # fmt: skip
def test_what_aws_or_the_provider_lets_go_is_not_refused(
    hand: Hand, cloud: Cloud, used: str, facts: dict[str, object], user: str,
    reference: dict[str, object],
) -> None:  # fmt: skip
    put(cloud, user, "holder", **reference)
    hand.delete(used, put(cloud, used, "used", **facts), "used")
    assert cloud.get(used, "used") is None


def test_an_internet_gateway_stays_while_a_nat_gateway_has_an_address_in_its_network(
    hand: Hand, cloud: Cloud
) -> None:
    gateway = put(cloud, aws.INTERNET_GATEWAY, "igw", vpcId="vpc")
    put(cloud, aws.SUBNET, "subnet", vpcId="vpc")
    put(cloud, aws.SUBNET, "elsewhere", vpcId="other")
    put(cloud, aws.NAT_GATEWAY, "far", subnetId="elsewhere")
    put(cloud, aws.NAT_GATEWAY, "private", subnetId="subnet", connectivityType="private")
    nat = put(cloud, aws.NAT_GATEWAY, "nat", subnetId="subnet", connectivityType="public")
    with pytest.raises(ProviderError, match="mapped public addresses.*NatGateway nat. Let nat dep"):
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


def foundation(cloud: Cloud) -> None:
    """Put a cluster that logs with what a node group needs."""
    put(cloud, aws.CLUSTER, "dev", name="dev", status="ACTIVE", enabledClusterLogTypes=["api"])
    put(cloud, aws.ROLE, "nodes", arn=ROLE_ARN, name="nodes")
    put(cloud, aws.SUBNET, "subnet-1", vpcId="vpc")


CLUSTER_MISSING = "ResourceNotFoundException: no cluster found for name: dev"


@pytest.mark.parametrize(
    ("type_", "inputs", "missing", "answer"),
    [
        (aws.NODE_GROUP, GROUP, aws.CLUSTER, f"{CLUSTER_MISSING}; let x depend on the Cluster"),
        (aws.NODE_GROUP, GROUP, aws.ROLE, f"InvalidParameterException: the node role {ROLE_ARN}"),
        (aws.NODE_GROUP, GROUP, aws.SUBNET, "these subnets do not exist: subnet-1; let x dep"),
        (aws.ADDON, {"clusterName": "dev", "addonName": "vpc-cni"}, aws.CLUSTER, CLUSTER_MISSING),
        (aws.ACCESS_ENTRY, {"clusterName": "dev", "principalArn": "a"}, aws.CLUSTER,
         CLUSTER_MISSING),
        (aws.POD_IDENTITY, {"clusterName": "dev", "namespace": "n", "serviceAccount": "s",
                            "roleArn": ROLE_ARN}, aws.CLUSTER, CLUSTER_MISSING),
        (aws.ATTACHMENT, {"role": "nodes", "policyArn": "a"}, aws.ROLE, "NoSuchEntity: the role "),
        (aws.ROLE_POLICY, {"role": "nodes", "policy": TRUST}, aws.ROLE, "NoSuchEntity: the role "),
        (aws.INSTANCE_PROFILE, {"role": "nodes"}, aws.ROLE, "NoSuchEntity: the role with name n"),
    ],
)  # fmt: skip
def test_what_something_needs_is_made_before_it(
    hand: Hand, cloud: Cloud, type_: str, inputs: Properties, missing: str, answer: str
) -> None:
    foundation(cloud)
    (gone,) = cloud.list(missing)
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
    queue_arn = f"{ACCOUNT.format('sqs')}q"
    target: Properties = {"rule": "r", "arn": queue_arn}
    with pytest.raises(ProviderError, match="QueueDoesNotExist: the queue .*/q does not exist"):
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
    with pytest.raises(ProviderError, match="ResourceAlreadyExistsException.*let dev depend on x"):
        hand.create(aws.LOG_GROUP, LOGS)
    hand.create(aws.LOG_GROUP, {"name": "/aws/eks/other/cluster"}, "other")
    put(cloud, aws.CLUSTER, "dev", name="dev", status="ACTIVE")
    hand.create(aws.LOG_GROUP, LOGS)


def test_a_create_that_is_tried_again_asks_for_nothing_anew(hand: Hand, cloud: Cloud) -> None:
    foundation(cloud)
    made = hand.create(aws.NODE_GROUP, GROUP)
    cloud.delete(aws.SUBNET, "subnet-1")
    assert Hand().create(aws.NODE_GROUP, GROUP).id == made.id
