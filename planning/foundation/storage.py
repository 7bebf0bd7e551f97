"""What models read: the bucket, shared files; and the AWS budget that guards the bill."""

from catalog.storage_drivers import EFS, FSX_LUSTRE, MOUNTPOINT_S3, StorageDriver, driver_version
from planning.foundation.network import zones_of
from planning.naming import cluster_name, cost_tags
from planning.specs.base import MODELS_NAMESPACE, PART_OF
from planning.specs.storage import (
    AwsBudgetSpec,
    BudgetAlertSpec,
    ClaimSpec,
    DriverSpec,
    EfsSpec,
    LustreSpec,
    ModelBucketSpec,
    MountpointSpec,
    SharedFilesSpec,
)
from settings.environment import Environment
from settings.storage import EfsFiles, LustreFiles, MountpointFiles, NoSharedFiles

ABANDONED_UPLOAD_DAYS = 7
RESULTS_PREFIX = "bench-results/"
RESULTS_DAYS = 365
"""A result is a few KB, and outlives the entry that asked for it."""
CLAIM = ClaimSpec(
    name="model-files",
    namespace=MODELS_NAMESPACE,
    labels=PART_OF,
    capacity_gib=1024,  # EFS and Mountpoint want a number and look at none
    access_mode="ReadWriteMany",
)
LUSTRE_VERSION = "2.15"
"""Newest that `file_system_type_version` of pulumi-aws 7.51 names."""
ALERTS = (
    BudgetAlertSpec(basis="ACTUAL", above_percent=80),
    BudgetAlertSpec(basis="FORECASTED", above_percent=100),
)


def model_bucket(environment: Environment) -> ModelBucketSpec | None:
    """Return the model bucket; None where the settings want none."""
    settings = environment.platform.storage.model_bucket
    if settings is None:
        return None
    return ModelBucketSpec(
        cluster_name=cluster_name(environment.stack),
        namespace=MODELS_NAMESPACE,
        noncurrent_days=settings.noncurrent_days,
        abandoned_upload_days=ABANDONED_UPLOAD_DAYS,
        results_prefix=RESULTS_PREFIX,
        results_days=RESULTS_DAYS,
    )


def shared_files(environment: Environment) -> SharedFilesSpec | None:
    """Return the shared file system; None where the settings want none."""
    kubernetes = environment.platform.cluster.kubernetes
    match environment.platform.storage.shared_files:
        case NoSharedFiles():
            return None
        case LustreFiles() as settings:
            return LustreSpec(
                driver=_driver(FSX_LUSTRE, kubernetes),
                claim=CLAIM.model_copy(
                    update={"capacity_gib": settings.capacity_gib, "mount_options": ("flock",)}
                ),
                capacity_gib=settings.capacity_gib,
                throughput_mbps_per_tib=settings.throughput_mbps_per_tib,
                lustre_version=LUSTRE_VERSION,
            )
        case EfsFiles():
            return EfsSpec(
                driver=_driver(EFS, kubernetes), claim=CLAIM, zones=zones_of(environment)
            )
        case MountpointFiles():
            read_only = {
                "access_mode": "ReadOnlyMany",
                # The pod that mounts for another runs as another user.
                "mount_options": ("read-only", "allow-other", f"region {environment.region}"),
            }
            return MountpointSpec(
                driver=_driver(MOUNTPOINT_S3, kubernetes), claim=CLAIM.model_copy(update=read_only)
            )


def _driver(driver: StorageDriver, kubernetes: str) -> DriverSpec:
    return DriverSpec(
        addon=driver.addon,
        version=driver_version(driver, kubernetes),
        csi_name=driver.csi_name,
        controller_account=driver.controller_account,
    )


def aws_budget(environment: Environment) -> AwsBudgetSpec | None:
    """Return the budget of AWS; None where nobody would be told."""
    budget = environment.platform.budget
    if not budget.alert_emails:
        return None
    return AwsBudgetSpec(
        usd_per_month=budget.usd_per_month,
        tag_key="stack",
        tag_value=cost_tags(environment.stack)["stack"],
        emails=budget.alert_emails,
        alerts=ALERTS,
    )
