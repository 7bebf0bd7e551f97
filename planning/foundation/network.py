"""The network of an environment."""

from catalog.regions import ZONES, zone_ids_without_control_plane
from planning.foundation.subnets import lay_out, parse_cidr
from planning.naming import cluster_name
from planning.specs.infrastructure import NetworkSpec
from settings.environment import Environment
from settings.managed_pool import ManagedPool
from settings.secret_source import ExternalSecrets

PRIVATE_SERVICES = (
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "logs",
    "sqs",
    "ssm",
    "ssmmessages",
    "sts",
)
"""What nodes and controllers ask of AWS; layers of images come through the S3 gateway endpoint.

Sources: karpenter.sh, getting started, private clusters (ec2, ecr, eks, sqs, ssm, sts); Amazon EKS
User Guide, private-clusters (eks-auth for Pod Identity, elasticloadbalancing, logs); AWS Systems
Manager User Guide, setup-create-vpc (ssmmessages, for a session on a node).
"""
AUTOSCALING_SERVICE = "autoscaling"
"""What scales managed node groups. Source: Amazon EKS User Guide, private-clusters."""
FILE_SERVICES = {"fsx-lustre": "fsx", "efs": "elasticfilesystem"}
"""What the driver of a shared file system asks; Mountpoint asks S3 alone."""
SECRETS_SERVICE = "secretsmanager"
"""What External Secrets asks; KMS is asked by Secrets Manager itself."""


def zones_of(environment: Environment) -> tuple[str, ...]:
    """Return the names of the zones: those that the settings list, or the first that EKS can use.

    There are fewer where the region has no more.
    """
    settings = environment.platform.network
    if isinstance(settings.zones, tuple):
        return settings.zones
    unusable = zone_ids_without_control_plane(environment.region)
    usable = (
        zone for zone in ZONES[environment.region] if settings.zone_ids.get(zone) not in unusable
    )
    return tuple(usable)[: settings.zones]


def interface_endpoints(environment: Environment) -> tuple[str, ...]:
    """Return the AWS services that a private network reaches inside of it; none in another."""
    platform = environment.platform
    if not platform.network.private:
        return ()
    managed = any(isinstance(pool, ManagedPool) for pool in platform.pools.values())
    files = FILE_SERVICES.get(platform.storage.shared_files.kind)
    return (
        *PRIVATE_SERVICES,
        *((AUTOSCALING_SERVICE,) if managed else ()),
        *((files,) if files else ()),
        *((SECRETS_SERVICE,) if isinstance(platform.secrets, ExternalSecrets) else ()),
    )


def nat_gateways(environment: Environment) -> int:
    """Return how many NAT gateways the network has."""
    by_choice = {"none": 0, "single": 1, "per-zone": len(zones_of(environment))}
    return by_choice[environment.platform.network.nat]


def network(environment: Environment) -> NetworkSpec:
    """Return the VPC over the zones of the settings."""
    settings = environment.platform.network
    return NetworkSpec(
        region=environment.region,
        cluster_name=cluster_name(environment.stack),
        cidr=settings.cidr,
        zones=lay_out(parse_cidr(settings.cidr), zones_of(environment)),
        nat=settings.nat,
        interface_endpoints=interface_endpoints(environment),
    )
