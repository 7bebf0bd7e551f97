"""A control plane is given to the next tests without what the last ones made."""

import time
from collections.abc import Iterator
from typing import Final

from rehearsal.api import Api
from rehearsal.control_plane import Connection
from rehearsal.providers.kubernetes.releases import TOUCH_SECONDS

NAMESPACES: Final = "/api/v1/namespaces"
DEFINITIONS: Final = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
OWNERS: Final = ("deployments", "statefulsets", "daemonsets", "replicasets")
OWNED: Final = ("pods", "persistentvolumeclaims", "configmaps", "secrets", "events")
CLUSTER_WIDE: Final = (
    "/api/v1/nodes",
    "/api/v1/persistentvolumes",
    "/apis/storage.k8s.io/v1/storageclasses",
    "/apis/resource.k8s.io/v1/deviceclasses",
    "/apis/resource.k8s.io/v1/resourceslices",
)
CLASSES: Final = "/apis/scheduling.k8s.io/v1/priorityclasses"
THEIRS: Final = ("default", "kube-", "system-")
"""What the names of Kubernetes' own objects begin with."""
SECONDS: Final = 60.0


def empty(connection: Connection) -> None:
    """Delete nodes, definitions, pods and all else that tests make; wait until they are gone.

    Namespaces go by themselves, later than anybody would wait: no two modules share a name.
    """
    api = Api(connection)
    try:
        for path in (*_contents(), *CLUSTER_WIDE, DEFINITIONS):
            api.delete(path, gracePeriodSeconds=0, propagationPolicy="Background")
        for path in (NAMESPACES, CLASSES):
            for name in _ours(api, path):
                api.delete(f"{path}/{name}")
        gone = [_in_default("", "pods"), *CLUSTER_WIDE, DEFINITIONS]
        begun = time.monotonic()
        while left := [path for path in gone if api.list(path, resourceVersion="")]:
            waited = time.monotonic() - begun
            assert waited < SECONDS, f"not empty after {SECONDS:.0f} s: {left}"
            if DEFINITIONS in left and waited > TOUCH_SECONDS:
                _touch_definitions(api)
            time.sleep(0.1 + waited / 10)
    finally:
        api.close()


def _touch_definitions(api: Api) -> None:
    """Let the API server try again: it may have failed, and pauses longer and longer."""
    touched = {"metadata": {"annotations": {"touched": str(time.monotonic())}}}
    for found in api.list(DEFINITIONS, resourceVersion="") or ():
        api.merge(f"{DEFINITIONS}/{found['metadata']['name']}", touched)


def _contents() -> Iterator[str]:
    """Yield the collections of the namespace `default`, owners before what they own."""
    yield from (_in_default("apps", name) for name in OWNERS)
    yield _in_default("batch", "jobs")
    yield from (_in_default("", name) for name in OWNED)
    yield from (
        _in_default("resource.k8s.io", name)
        for name in ("resourceclaims", "resourceclaimtemplates")
    )


def _in_default(group: str, name: str) -> str:
    root = f"/apis/{group}/v1" if group else "/api/v1"
    return f"{root}/namespaces/default/{name}"


def _ours(api: Api, path: str) -> Iterator[str]:
    names: list[str] = [found["metadata"]["name"] for found in api.list(path) or ()]
    yield from (name for name in names if not name.startswith(THEIRS))
