"""Rules of shared files and of the guard on the bill."""

from collections.abc import Iterator

from planning.foundation.network import zones_of
from settings.environment import Environment
from settings.finding import Finding
from settings.storage import LustreFiles, MountpointFiles

FIRST_LUSTRE_GIB, LUSTRE_STEP_GIB = 1200, 2400
KIND, CAPACITY = "storage.shared_files.kind", "storage.shared_files.capacity_gib"


def storage_rules(environment: Environment) -> Iterator[Finding]:
    """Yield what is wrong with the storage of an environment."""
    storage = environment.platform.storage
    files = storage.shared_files
    if isinstance(files, LustreFiles | MountpointFiles) and storage.model_bucket is None:
        yield Finding(
            path=KIND,
            problem=f"is {files.kind}, which shows the files of the model bucket, and "
            "storage.model_bucket is null",
            fix="leave storage.model_bucket at its default, or use `kind: efs`",
            source="planning/foundation/storage.py",
        )
    if isinstance(files, LustreFiles) and not _is_lustre_size(files.capacity_gib):
        below = max(files.capacity_gib // LUSTRE_STEP_GIB * LUSTRE_STEP_GIB, FIRST_LUSTRE_GIB)
        above = LUSTRE_STEP_GIB * (files.capacity_gib // LUSTRE_STEP_GIB + 1)
        near = below if files.capacity_gib < FIRST_LUSTRE_GIB else f"{below} or {above}"
        yield Finding(
            path=CAPACITY,
            problem=f"is {files.capacity_gib}, and a PERSISTENT_2 SSD file system has 1200 GiB, "
            "2400 GiB or a multiple of 2400 GiB",
            fix=f"use {near}",
            source="Amazon FSx API Reference, CreateFileSystem.StorageCapacity",
        )


def _is_lustre_size(gib: int) -> bool:
    return gib == FIRST_LUSTRE_GIB or (gib > 0 and gib % LUSTRE_STEP_GIB == 0)


def storage_warnings(environment: Environment) -> Iterator[Finding]:
    """Yield what works but will surprise."""
    if isinstance(environment.platform.storage.shared_files, LustreFiles):
        home = zones_of(environment)[0]
        yield Finding(
            path=KIND,
            problem=f"fsx-lustre lies in {home} alone: replicas elsewhere read across zones, "
            "slower and for a price per GB, and without that zone nobody reads",
            fix=f"keep GPU pools that mount it in {home}, or use `kind: efs`",
            source="Amazon FSx for Lustre User Guide, deployment types",
        )
    budget = environment.platform.budget
    if not budget.alert_emails:
        yield Finding(
            path="budget.alert_emails",
            problem=f"is empty: nobody is told when a month costs {budget.usd_per_month:,} USD",
            fix="add an address",
            source="AWS Cost Management User Guide, budget notifications",
        )
