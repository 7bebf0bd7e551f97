"""What Karpenter's controller may touch: ARNs and tag conditions of one cluster."""

from dataclasses import dataclass

from components.iam import Arn


@dataclass(frozen=True, kw_only=True)
class ControllerScope:
    """What the controller may touch, and the conditions that tie it to one cluster."""

    cluster_arn: str
    node_role_arn: str
    queue_arn: str
    reboots: bool = False
    """Whether the controller repairs by reboot."""

    @property
    def cluster(self) -> Arn:
        """Return the parts of the cluster's ARN.

        Raises:
            ValueError: It is no ARN.
        """
        return Arn.parse(self.cluster_arn)

    @property
    def name(self) -> str:
        """Return the cluster's name."""
        return self.cluster.resource.removeprefix("cluster/")

    @property
    def profiles(self) -> str:
        """Return the ARN of the account's instance profiles."""
        return f"arn:{self.cluster.partition}:iam::{self.cluster.account}:instance-profile/*"

    def ec2(self, resource: str, account: str = "*") -> str:
        """Return the ARN of an EC2 resource of the region; images belong to no account."""
        return f"arn:{self.cluster.partition}:ec2:{self.cluster.region}:{account}:{resource}"

    def owned(self, side: str) -> dict[str, str]:
        """Return the condition that a resource, or a request, carries the cluster's tag."""
        return {f"aws:{side}/kubernetes.io/cluster/{self.name}": "owned"}

    def requested(self) -> dict[str, str]:
        """Return the condition that a request tags what it makes as the cluster's."""
        return self.owned("RequestTag") | {"aws:RequestTag/eks:eks-cluster-name": self.name}

    def region(self, side: str) -> dict[str, str]:
        """Return the condition that a resource, or a request, carries the region's tag."""
        return {f"aws:{side}/topology.kubernetes.io/region": self.cluster.region}
