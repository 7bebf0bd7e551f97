"""What Karpenter's nodes hold: where they lie, and what they need in order to leave.

AWS refuses what their network interfaces lie in. The rest is the rehearsal's own: AWS would obey,
and the nodes could neither leave the cluster nor be ended, and cost money for ever. What has a
successor, as in a replacement, holds nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from planning.specs.base import DISCOVERY_TAG
from rehearsal.cloud import Cloud, CloudResource
from rehearsal.layout import Layout
from rehearsal.providers.aws import resource_types as aws
from rehearsal.providers.aws.live_nodes import LiveNode, counted, live_nodes
from rehearsal.providers.aws.order import OWN
from rehearsal.providers.aws.order_eks import runs_pods
from rehearsal.providers.plugin import ProviderError

KARPENTER = "karpenter"
"""Service account of the controller, as its chart and AWS's guides have it."""

NODE_ENTRIES = ("EC2_LINUX", "EC2")
"""Types of access entries that let Karpenter's nodes in, and those of EKS Auto Mode."""


@dataclass(frozen=True)
class Hold:
    """What of the account may not go while nodes live."""

    code: str
    says: str
    """What it means; `{}` is the resource."""
    holds: Callable[[CloudResource, LiveNode, Cloud], bool]
    """Whether a node holds a resource."""
    source: str


def _any(_resource: CloudResource, _node: LiveNode, _cloud: Cloud) -> bool:
    return True


def _lies_in(subnet: CloudResource, node: LiveNode, _cloud: Cloud) -> bool:
    """Return whether the node's EC2NodeClass, which selects by tag, puts it in `subnet`."""
    tags: dict[str, str] = subnet.outputs.get("tags") or {}
    return DISCOVERY_TAG in tags and subnet.outputs.get("availabilityZone") == node.zone


def _wears(group: CloudResource, _node: LiveNode, cloud: Cloud) -> bool:
    own = DISCOVERY_TAG in (group.outputs.get("tags") or {})
    return own or cloud.get(aws.TAG, f"{group.id},{DISCOVERY_TAG}") is not None


def _lets_nodes_in(entry: CloudResource, _node: LiveNode, _cloud: Cloud) -> bool:
    return entry.outputs.get("type") in NODE_ENTRIES


def _is_karpenters(association: CloudResource) -> bool:
    return association.outputs.get("serviceAccount") == KARPENTER


def _is_last_of_karpenter(association: CloudResource, _node: LiveNode, cloud: Cloud) -> bool:
    return _is_karpenters(association) and not any(
        _is_karpenters(other) for other in _others(association, cloud)
    )


def _is_role_in_use(role: CloudResource, node: LiveNode, cloud: Cloud) -> bool:
    """Return whether `role` is that of the nodes, or of Karpenter's controller."""
    entries = (one for one in cloud.list(aws.ACCESS_ENTRY) if _lets_nodes_in(one, node, cloud))
    used = {one.outputs.get("principalArn") for one in entries}
    used |= {
        one.outputs.get("roleArn") for one in cloud.list(aws.POD_IDENTITY) if _is_karpenters(one)
    }
    return role.outputs.get("arn") in used


def _is_last_of_role_in_use(policy: CloudResource, node: LiveNode, cloud: Cloud) -> bool:
    name = policy.outputs.get("role")
    role = cloud.get(aws.ROLE, str(name))
    policies = (*cloud.list(aws.ATTACHMENT), *cloud.list(aws.ROLE_POLICY))
    others = (one for one in policies if one.urn != policy.urn)
    left = any(one.outputs.get("role") == name for one in others)
    return role is not None and not left and _is_role_in_use(role, node, cloud)


def _is_last_for_controllers(group: CloudResource, _node: LiveNode, cloud: Cloud) -> bool:
    return runs_pods(group.outputs) and not any(
        runs_pods(other.outputs) for other in _others(group, cloud)
    )


def _is_routed_to(gateway: CloudResource, _node: LiveNode, cloud: Cloud) -> bool:
    routes = cloud.list(aws.ROUTE)
    return any(route.outputs.get("natGatewayId") == gateway.id for route in routes)


def _others(resource: CloudResource, cloud: Cloud) -> list[CloudResource]:
    return [one for one in cloud.list(resource.type) if one.id != resource.id]


_EC2 = "docs.aws.amazon.com/AWSEC2/latest/APIReference/"
_STRANDED = "github.com/terraform-aws-modules/terraform-aws-eks/issues/2048"
_NO_WAY_OUT = "github.com/awslabs/data-on-eks/pull/1067"


def _way_out(holds: Callable[[CloudResource, LiveNode, Cloud], bool]) -> Hold:
    says = "EC2 would delete {}, and nodes that lose their way out cannot be drained"
    return Hold(OWN, says, holds, _NO_WAY_OUT)


def _permission(holds: Callable[[CloudResource, LiveNode, Cloud], bool]) -> Hold:
    says = "IAM would delete {}, and nodes could not leave the cluster, nor Karpenter end them"
    return Hold(OWN, says, holds, _STRANDED)


HOLDS: dict[str, Hold] = {
    aws.VPC: Hold(
        "DependencyViolation",
        "the vpc '{}' has dependencies and cannot be deleted",
        _any,
        f"{_EC2}API_DeleteVpc.html",
    ),
    aws.SUBNET: Hold(
        "DependencyViolation",
        "the subnet '{}' has dependencies and cannot be deleted",
        _lies_in,
        f"{_EC2}API_DeleteSubnet.html",
    ),
    aws.SECURITY_GROUP: Hold(
        "DependencyViolation",
        "the security group '{}' has a dependent object",
        _wears,
        f"{_EC2}API_DeleteSecurityGroup.html",
    ),
    aws.NAT_GATEWAY: _way_out(_is_routed_to),
    aws.ROUTE: _way_out(_any),
    aws.ROUTE_TABLE_ASSOCIATION: _way_out(_any),
    aws.CLUSTER: Hold(
        OWN, "EKS would delete the cluster {}, and leave instances running", _any, _STRANDED
    ),
    aws.NODE_GROUP: Hold(
        OWN,
        "EKS would end the last node group for controllers, {}, and Karpenter with it",
        _is_last_for_controllers,
        _STRANDED,
    ),
    aws.ACCESS_ENTRY: Hold(
        OWN,
        "EKS would shut its nodes out with the access entry {}",
        _lets_nodes_in,
        "docs.aws.amazon.com/eks/latest/APIReference/API_DeleteAccessEntry.html",
    ),
    aws.POD_IDENTITY: Hold(
        OWN,
        "EKS would take Karpenter's role with the association {}, and nobody could end its nodes",
        _is_last_of_karpenter,
        _STRANDED,
    ),
    aws.ROLE: _permission(_is_role_in_use),
    aws.ROLE_POLICY: _permission(_is_last_of_role_in_use),
    aws.ATTACHMENT: _permission(_is_last_of_role_in_use),
}
"""By type of what is to be deleted."""


def refuse_while_nodes_live(resource: CloudResource, cloud: Cloud, layout: Layout) -> None:
    """Refuse to delete what Karpenter's nodes lie in, or need in order to leave.

    Raises:
        ProviderError: with the code, the nodes, and what would be right.
    """
    hold = HOLDS.get(resource.type)
    if hold is None:
        return
    nodes = [node for node in live_nodes(layout) if hold.holds(resource, node, cloud)]
    if nodes:
        says = hold.says.format(resource.id)
        pools = sorted({node.pool for node in nodes})
        raise ProviderError(
            f"{hold.code}: {says}: {counted(nodes)}. Delete NodePool {', '.join(pools)} first "
            "and wait for its nodes: let it depend on this"
        )
