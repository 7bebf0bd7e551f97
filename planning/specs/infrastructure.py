"""Specs of the AWS foundation and of what every cluster has."""

from typing import Any, Literal

from planning.specs.base import Spec


class ZoneSpec(Spec):
    """One availability zone with its two subnets."""

    name: str
    """Zone name, `us-west-2a`."""
    public_cidr: str
    private_cidr: str


class NetworkSpec(Spec):
    """The VPC."""

    region: str
    cluster_name: str
    """Value of the discovery tag."""
    cidr: str
    zones: tuple[ZoneSpec, ...]
    nat: Literal["single", "per-zone", "none"]
    """`none` leaves no way out: no internet gateway and no public subnet either."""
    interface_endpoints: tuple[str, ...] = ()
    """AWS services reached inside the VPC, as their names end, `ecr.api`."""
    log_retention_days: int = 30
    """Days that the VPC's flow logs are kept."""


class AddonSpec(Spec):
    """One EKS add-on."""

    name: str
    version: str | None = None
    """Pinned add-on version; None takes EKS's default for the cluster's Kubernetes."""
    service_account: str | None = None
    """Service account that gets an AWS role through Pod Identity."""
    policy_arn: str | None = None
    """AWS managed policy of that role."""
    configuration: dict[str, Any]
    """Configuration values."""


class ClusterSpec(Spec):
    """The EKS control plane and the add-ons that must be there before any node."""

    name: str
    kubernetes: str
    admins: tuple[str, ...]
    viewers: tuple[str, ...] = ()
    public_access_cidrs: tuple[str, ...]
    """Blocks that reach the API endpoint from the internet; none keeps it private."""
    private_access_cidrs: tuple[str, ...] = ()
    """Blocks that reach the private API endpoint; nodes do without being named."""
    secrets_kms_key_arn: str | None = None
    """Customer key around the data key of AWS; None leaves that alone."""
    deletion_protection: bool
    auto_mode: bool = False
    """Whether EKS itself starts nodes for NodePools, stores blocks and balances load."""
    log_retention_days: int
    addons_before_nodes: tuple[AddonSpec, ...]
    addons_after_nodes: tuple[AddonSpec, ...]


class SystemNodesSpec(Spec):
    """The managed node group of the controllers and the gateway."""

    instance_type: str
    ami_type: str
    release_version: str
    """Pinned release of the image, kubelet's patch first: `1.36.2-20260714`."""
    count: int
    volume_gib: int
    tags: dict[str, str]
    """AWS tags of its instances and their disks: a bill is split by them."""


class StorageSpec(Spec):
    """The default StorageClass."""

    class_name: str
    tags: dict[str, str]
    """AWS tags of its volumes: a bill is split by them."""


class ReleaseSpec(Spec):
    """One Helm release."""

    name: str
    chart: str
    """Chart name, or the whole OCI reference."""
    version: str
    repository: str | None
    """Chart repository; None for an OCI reference."""
    namespace: str
    create_namespace: bool = False
    skip_crds: bool = False
    values: dict[str, Any]
    timeout_seconds: int = 600


class KarpenterSpec(Spec):
    """Karpenter's releases and its AWS side."""

    cluster_name: str
    region: str
    service_account: str
    reboots: bool = False
    """Whether this release repairs by reboot, and so needs the permission."""
    private: bool = False
    """Whether the network has no way to the IAM API, which has no endpoint inside a VPC: the nodes'
    instance profile is then made by the program and not by Karpenter."""
    spot_role: bool = False
    """Whether the account's service-linked role of EC2 Spot is made; the environment leaves it."""
    crds: ReleaseSpec
    controller: ReleaseSpec
