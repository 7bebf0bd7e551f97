"""Settings of the cluster and its system nodes."""

from typing import Annotated

from pydantic import Field

from settings.base import Cidr, Distinct, DistinctSome, KubernetesMinor, RoleArn, Setting


class SystemNodeSettings(Setting):
    """The managed node group that runs the controllers and the gateway; it carries no GPU."""

    instance: str = "m7i.xlarge"
    """EC2 instance type."""
    count: Annotated[int, Field(ge=2, le=10)] = 2
    """Nodes; Karpenter's two replicas want two zones."""


class ClusterSettings(Setting):
    """The EKS control plane."""

    kubernetes: KubernetesMinor = "1.36"
    """Kubernetes minor version, quoted: `"1.36"`."""
    admins: DistinctSome[RoleArn]
    """IAM roles or users that administer the cluster; nobody else does, not even its creator.
    The identity that runs `pulumi up` must be among them."""
    public_access_cidrs: Distinct[Cidr] = ()
    """Blocks that may reach the API endpoint from the internet; empty keeps it private."""
    system_nodes: SystemNodeSettings = SystemNodeSettings()
    deletion_protection: bool = False
    """Whether AWS refuses to delete the cluster until this is set to false and applied."""
