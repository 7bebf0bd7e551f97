"""Specs of what models read from AWS, and of the guard on what the environment costs."""

from typing import Annotated, Literal

from pydantic import Field

from planning.specs.base import Spec


class ModelBucketSpec(Spec):
    """The bucket of model weights and the role that reads it."""

    cluster_name: str
    """The role can be taken in this cluster only,"""
    namespace: str
    """and in this namespace only."""
    noncurrent_days: int
    """Days that a replaced or deleted object is kept."""
    abandoned_upload_days: int
    """Days after which the parts of an unfinished upload are removed."""
    results_prefix: str
    """Below it lie the results of load tests; with a slash at its end."""
    results_days: int
    """Days that a result is kept."""


class DriverSpec(Spec):
    """A CSI driver as an EKS add-on."""

    addon: str
    version: str | None
    """Pinned add-on version; None takes EKS's default for the cluster's Kubernetes."""
    csi_name: str
    """What a PersistentVolume calls it."""
    controller_account: str | None
    """ServiceAccount in kube-system that gets a role to look at the file system; None without."""


class ClaimSpec(Spec):
    """A PersistentVolume for one file system, and the claim that alone may bind it."""

    name: str
    """Name of both."""
    namespace: str
    """Namespace of the claim."""
    labels: dict[str, str]
    capacity_gib: int
    """What both say; only Lustre has a size."""
    access_mode: Literal["ReadWriteMany", "ReadOnlyMany"]
    mount_options: tuple[str, ...] = ()


class LustreSpec(Spec):
    """FSx for Lustre, associated with the model bucket."""

    kind: Literal["fsx-lustre"] = "fsx-lustre"
    driver: DriverSpec
    claim: ClaimSpec
    capacity_gib: int
    throughput_mbps_per_tib: int
    lustre_version: str


class EfsSpec(Spec):
    """Amazon EFS, with a mount target in every zone."""

    kind: Literal["efs"] = "efs"
    driver: DriverSpec
    claim: ClaimSpec
    zones: tuple[str, ...]
    """Zones in the order of the private subnets."""


class MountpointSpec(Spec):
    """The model bucket through Mountpoint for Amazon S3."""

    kind: Literal["mountpoint-s3"] = "mountpoint-s3"
    driver: DriverSpec
    claim: ClaimSpec


SharedFilesSpec = Annotated[LustreSpec | EfsSpec | MountpointSpec, Field(discriminator="kind")]
"""Files that many pods share."""


class BudgetAlertSpec(Spec):
    """When AWS tells of a month's cost."""

    basis: Literal["ACTUAL", "FORECASTED"]
    above_percent: int
    """Of the month's limit."""


class AwsBudgetSpec(Spec):
    """A monthly budget of AWS on everything that carries the stack's tag."""

    usd_per_month: int
    tag_key: str
    tag_value: str
    emails: tuple[str, ...]
    alerts: tuple[BudgetAlertSpec, ...]


class QuotaNeed(Spec):
    """How much of one EC2 quota the environment needs when everything is at its limit."""

    name: str
    """As Service Quotas shows it."""
    code: str
    """Quota code of the service `ec2`."""
    vcpus: int
    """At most at once, in vCPU; a pool that may use spot and on-demand counts in both."""
    default_vcpus: int
    """What a new account has, in vCPU."""
    used_by: tuple[str, ...]
    """`system` for the system nodes, else names of pools."""
