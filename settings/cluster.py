"""Settings of the cluster and its system nodes."""

from typing import Annotated

from pydantic import Field

from settings.base import (
    KEY_PATTERN,
    Cidr,
    Distinct,
    DistinctSome,
    KubernetesMinor,
    RoleArn,
    Setting,
)


class SystemNodeSettings(Setting):
    """The managed node group that runs the controllers and the gateway; it carries no GPU."""

    instance: str = "m7i.xlarge"
    """EC2 instance type, also of Graviton."""
    count: Annotated[int, Field(ge=2, le=10)] = 2
    """Nodes; Karpenter's two replicas want two zones."""


class PublicAccessSettings(Setting):
    """Who reaches the Kubernetes API from outside the network."""

    cidrs: DistinctSome[Cidr]
    """Public IPv4 blocks that people and pipelines come from, `[<address>/32]`."""
    open_to_the_world: bool = False
    """The explicit word that a block so wide that anybody is in it, such as 0.0.0.0/0, needs."""


class ClusterSettings(Setting):
    """The EKS control plane."""

    kubernetes: KubernetesMinor = "1.36"
    """Kubernetes minor version, quoted: `"1.36"`."""
    admins: DistinctSome[RoleArn]
    """IAM roles or users that administer the cluster; nobody else does, not even its creator.
    The identity that runs `pulumi up` must be among them."""
    viewers: Distinct[RoleArn] = ()
    """IAM roles or users that may read what runs in the cluster, and no Secret."""
    public_access: PublicAccessSettings | None = None
    """Who may reach the API endpoint from the internet; without it the endpoint is private."""
    private_access_cidrs: Distinct[Cidr] = ()
    """IPv4 blocks beside the VPC's own that reach the private API endpoint: of a VPN or a peered
    network, `[10.0.0.0/16]`."""
    secrets_kms_key_arn: Annotated[str, Field(pattern=KEY_PATTERN)] | None = None
    """A symmetric KMS key of your own, of the same region, around the one of AWS that encrypts
    everything anyway. It can never be taken away again, and another one replaces the cluster."""
    system_nodes: SystemNodeSettings = SystemNodeSettings()
    deletion_protection: bool = False
    """Whether AWS refuses to delete the cluster until this is set to false and applied."""
