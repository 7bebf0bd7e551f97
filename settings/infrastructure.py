"""Settings of the AWS foundation: network, cluster and budget."""

from typing import Annotated, Literal

from pydantic import Field

from settings.base import Cidr, Distinct, DistinctSome, KubernetesMinor, RoleArn, Setting


class NetworkSettings(Setting):
    """The VPC and how its private subnets reach the internet."""

    cidr: Cidr = "10.20.0.0/16"
    """The VPC's IPv4 block, /16 to /20."""
    zones: Annotated[int, Field(ge=2, le=3)] = 2
    """Availability zones, each with one public and one private subnet."""
    nat: Literal["single", "per-zone"] = "single"
    """One NAT gateway for all zones, or one per zone that survives the loss of another zone."""


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


class BudgetSettings(Setting):
    """What the environment may own and spend; a plan beyond it is refused."""

    gpus: Annotated[int, Field(ge=0)]
    """Most GPUs that all pools together may own at once, in whole devices."""
    usd_per_month: Annotated[int, Field(gt=0)]
    """Most that the always-on part may cost, in US dollars per month of 730 hours."""
