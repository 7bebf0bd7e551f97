"""Settings of what models read: the model bucket, and files that many pods share."""

from typing import Annotated, Literal

from pydantic import Field

from settings.base import Setting


class ModelBucketSettings(Setting):
    """The S3 bucket of model weights, which the model services may read and nobody may publish."""

    noncurrent_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Days that a replaced or deleted object can still be brought back."""


class NoSharedFiles(Setting):
    """No shared file system."""

    kind: Literal["none"] = "none"


class LustreFiles(Setting):
    """FSx for Lustre in front of the model bucket: the fastest, in one availability zone."""

    kind: Literal["fsx-lustre"]
    capacity_gib: int = 1200
    """SSD capacity, in GiB: 1200, 2400, or a multiple of 2400."""
    throughput_mbps_per_tib: Literal[125, 250, 500, 1000] = 125
    """Throughput in MB/s for each TiB of capacity."""


class EfsFiles(Setting):
    """Amazon EFS: elastic, encrypted, in every zone; it starts empty."""

    kind: Literal["efs"]


class MountpointFiles(Setting):
    """The model bucket itself as read-only files, through Mountpoint for Amazon S3."""

    kind: Literal["mountpoint-s3"]


SharedFiles = Annotated[
    NoSharedFiles | LustreFiles | EfsFiles | MountpointFiles, Field(discriminator="kind")
]
"""Files that many pods share."""


class StorageSettings(Setting):
    """Where weights lie."""

    model_bucket: ModelBucketSettings | None = ModelBucketSettings()
    """The model bucket; null makes none."""
    shared_files: SharedFiles = NoSharedFiles()
    """A volume that pods of the models namespace may claim as `model-files`."""
