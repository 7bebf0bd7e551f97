"""The volume that a replica keeps, as parts of its pod and of its StatefulSet."""

import inspect
from typing import Any

from components import cache_program
from components.manifests import CONTAINER_SECURITY, Manifest
from components.model_loading import PodParts
from planning.specs.cache import CacheSpec
from planning.specs.models import ModelServiceSpec

PROGRAM = inspect.getsource(cache_program)
CACHE_VOLUME, WHOLE_VOLUME = "cache", "/cache"
CPU_MILLI, MEMORY_MIB = 100, 256
"""To remove files; less than any engine asks for."""
NO_PARTS = PodParts(environment=(), mounts=(), volumes=(), init_containers=())


def cache_parts(spec: ModelServiceSpec, folder: str) -> PodParts:
    """Return what a kept volume adds to a pod: its revision's part of it at `folder`.

    The pod's volume itself is the StatefulSet's to add, one for each replica. Before the engine
    starts, what another model or revision has left there goes: a volume has room for one.
    """
    if spec.cache is None:
        return NO_PARTS
    mount = {"name": CACHE_VOLUME, "mountPath": folder, "subPath": spec.cache.folder}
    return PodParts(
        environment=(),
        mounts=(mount,),
        volumes=(),
        init_containers=(_tidying(spec.image, spec.cache),),
    )


def _tidying(image: str, cache: CacheSpec) -> dict[str, Any]:
    memory = f"{MEMORY_MIB}Mi"
    return {
        "name": "keep-one-revision",
        "image": image,
        "command": ["python3", "-c", PROGRAM],
        "args": [WHOLE_VOLUME, cache.folder],
        "securityContext": CONTAINER_SECURITY,
        "resources": {
            "requests": {"cpu": f"{CPU_MILLI}m", "memory": memory},
            "limits": {"memory": memory},
        },
        "volumeMounts": [{"name": CACHE_VOLUME, "mountPath": WHOLE_VOLUME}],
    }


def file_group(spec: ModelServiceSpec, group: int) -> dict[str, Any]:
    """Return what lets the pod's user write to its volume, which is root's when it is new.

    Only a volume whose top folder is not the group's yet is gone through, file by file.
    """
    if spec.cache is None:
        return {}
    return {"fsGroup": group, "fsGroupChangePolicy": "OnRootMismatch"}


def claim_template(cache: CacheSpec, labels: dict[str, str]) -> Manifest:
    """Return the claim that each replica gets a copy of; `labels` may never change."""
    return {
        "metadata": {"name": CACHE_VOLUME, "labels": labels},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": cache.storage_class,
            "resources": {"requests": {"storage": f"{cache.gib}Gi"}},
        },
    }
