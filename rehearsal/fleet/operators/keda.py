"""KEDA's bounds: a ScaledObject keeps its workload between its least and most replicas.

Source: keda.sh/docs/2.20/reference/scaledobject-spec (defaults of the bounds).
"""

from collections.abc import Mapping
from typing import Final

from rehearsal.api import Api, Manifest

SCALED_OBJECTS: Final = "/apis/keda.sh/v1alpha1/scaledobjects"
APPS: Final = "/apis/apps/v1"
WORKLOADS: Final[Mapping[str, tuple[str, str]]] = {
    "Deployment": (APPS, "deployments"),
    "StatefulSet": (APPS, "statefulsets"),
    "LeaderWorkerSet": ("/apis/leaderworkerset.x-k8s.io/v1", "leaderworkersets"),
}
"""What is scaled: kind -> API and collection."""
FIELD_MANAGER: Final = "llm-platform-rehearsal-keda"

LEAST: Final = 0
MOST: Final = 100

SIMULATED: Final = (
    (
        "KEDA does not run: a ScaledObject only brings what it scales into [minReplicaCount, "
        "maxReplicaCount]; no metric is read and nothing scales with load."
    ),
)


def replicas(scaled_object: Manifest, workload: Manifest) -> int | None:
    """Return the replicas that `workload` should have, or None when it is within bounds."""
    spec, current = scaled_object["spec"], int(workload["spec"].get("replicas", 1))
    least = int(spec.get("minReplicaCount", LEAST))
    bounded = max(least, min(current, int(spec.get("maxReplicaCount", MOST))))
    return None if bounded == current else bounded


def reconcile(api: Api) -> None:
    """Correct every workload that is out of the bounds of its ScaledObject."""
    scaled_objects = api.list(SCALED_OBJECTS)
    if not scaled_objects:
        return
    found = {
        (kind, *_key(workload)): workload
        for kind, (group, collection) in WORKLOADS.items()
        for workload in api.list(f"{group}/{collection}") or []
    }
    for scaled_object in scaled_objects:
        target = scaled_object["spec"]["scaleTargetRef"]
        kind, namespace = target.get("kind", "Deployment"), scaled_object["metadata"]["namespace"]
        workload = found.get((kind, namespace, target["name"]))
        if workload is None:
            continue
        wanted = replicas(scaled_object, workload)
        if wanted is not None:
            group, collection = WORKLOADS[kind]
            path = f"{group}/namespaces/{namespace}/{collection}/{target['name']}/scale"
            api.merge(path, {"spec": {"replicas": wanted}}, FIELD_MANAGER)


def _key(found: Manifest) -> tuple[str, str]:
    return found["metadata"]["namespace"], found["metadata"]["name"]
