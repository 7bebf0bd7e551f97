"""KEDA's bounds: a ScaledObject keeps its Deployment between its least and most replicas.

Source: keda.sh/docs/2.20/reference/scaledobject-spec (defaults of the bounds).
"""

from typing import Final

from rehearsal.api import Api, Manifest

SCALED_OBJECTS: Final = "/apis/keda.sh/v1alpha1/scaledobjects"
DEPLOYMENTS: Final = "/apis/apps/v1/deployments"
FIELD_MANAGER: Final = "llm-platform-rehearsal-keda"

LEAST: Final = 0
MOST: Final = 100

SIMULATED: Final = (
    (
        "KEDA does not run: a ScaledObject only brings its Deployment into [minReplicaCount, "
        "maxReplicaCount]; no metric is read and nothing scales with load."
    ),
)


def replicas(scaled_object: Manifest, deployment: Manifest) -> int | None:
    """Return the replicas that `deployment` should have, or None when it is within bounds."""
    spec, current = scaled_object["spec"], int(deployment["spec"].get("replicas", 1))
    least = int(spec.get("minReplicaCount", LEAST))
    bounded = max(least, min(current, int(spec.get("maxReplicaCount", MOST))))
    return None if bounded == current else bounded


def reconcile(api: Api) -> None:
    """Correct every Deployment that is out of the bounds of its ScaledObject."""
    scaled_objects = api.list(SCALED_OBJECTS)
    if not scaled_objects:
        return
    deployments = {_key(found): found for found in api.list(DEPLOYMENTS) or []}
    for scaled_object in scaled_objects:
        target = scaled_object["spec"]["scaleTargetRef"]
        key = (scaled_object["metadata"]["namespace"], target["name"])
        if target.get("kind", "Deployment") != "Deployment" or key not in deployments:
            continue
        wanted = replicas(scaled_object, deployments[key])
        if wanted is not None:
            path = f"/apis/apps/v1/namespaces/{key[0]}/deployments/{key[1]}/scale"
            api.merge(path, {"spec": {"replicas": wanted}}, FIELD_MANAGER)


def _key(found: Manifest) -> tuple[str, str]:
    return found["metadata"]["namespace"], found["metadata"]["name"]
