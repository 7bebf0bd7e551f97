"""When an object is ready, kind by kind, as the official provider waits for it.

Source: pulumi-kubernetes provider/pkg/await; CustomResourceDefinition is ours. A rule returns what
is still missing, or None when the object is ready; it raises FailedError when it never will be.
"""

from collections.abc import Callable, Mapping

from rehearsal.providers.kubernetes.cluster import Cluster
from rehearsal.providers.kubernetes.manifests import Manifest, at, condition, items_at, mapping_at
from rehearsal.providers.plugin import ProviderError

Rule = Callable[[Cluster, Manifest], str | None]


class FailedError(ProviderError):
    """The object reached an end that is no success."""


def _count(manifest: Manifest, *path: str, default: int = 0) -> int:
    value = at(manifest, *path)
    return value if isinstance(value, int) else default


def _unobserved(manifest: Manifest) -> str | None:
    observed = _count(manifest, "status", "observedGeneration")
    if observed < _count(manifest, "metadata", "generation"):
        return "its controller has not seen the change yet"
    return None


def _deployment(_: Cluster, live: Manifest) -> str | None:
    if at(live, "spec", "paused") is True:
        return None
    wanted = _count(live, "spec", "replicas", default=1)
    updated = _count(live, "status", "updatedReplicas")
    available = _count(live, "status", "availableReplicas")
    outdated = _count(live, "status", "replicas") - updated
    if unobserved := _unobserved(live):
        return unobserved
    if min(updated, available) < wanted:
        return f"{min(updated, available)} of {wanted} replicas are updated and available"
    return f"{outdated} replicas of the former revision still run" if outdated > 0 else None


def _stateful_set(_: Cluster, live: Manifest) -> str | None:
    if at(live, "spec", "updateStrategy", "type") == "OnDelete":
        return _unobserved(live)
    wanted = _count(live, "spec", "replicas", default=1)
    partition = _count(live, "spec", "updateStrategy", "rollingUpdate", "partition")
    ready, updated = (_count(live, "status", f"{name}Replicas") for name in ("ready", "updated"))
    if unobserved := _unobserved(live):
        return unobserved
    if ready < wanted or updated < wanted - partition:
        return f"{ready} of {wanted} replicas are ready, {updated} are updated"
    return None


def _daemon_set(_: Cluster, live: Manifest) -> str | None:
    wanted = _count(live, "status", "desiredNumberScheduled")
    available = _count(live, "status", "numberAvailable")
    updated = _count(live, "status", "updatedNumberScheduled")
    if at(live, "spec", "updateStrategy", "type") == "OnDelete":
        updated = wanted
    if unobserved := _unobserved(live):
        return unobserved
    if min(available, updated) < wanted:
        return f"{min(available, updated)} of {wanted} nodes run an updated, available pod"
    return None


def _job(_: Cluster, live: Manifest) -> str | None:
    failed = condition(live, "Failed")
    if failed.get("status") == "True":
        raise FailedError(f"the Job failed: {failed.get('reason')}: {failed.get('message')}")
    if at(live, "spec", "suspend") is True or condition(live, "Complete").get("status") == "True":
        return None
    wanted = _count(live, "spec", "completions", default=1)
    return f"{_count(live, 'status', 'succeeded')} of {wanted} completions"


def _pod(_: Cluster, live: Manifest) -> str | None:
    phase = at(live, "status", "phase")
    if phase == "Failed":
        raise FailedError(f"the Pod failed: {at(live, 'status', 'message') or 'see its log'}")
    ready = condition(live, "Ready").get("status") == "True"
    return None if phase == "Succeeded" or ready else f"the Pod is {phase}, not ready"


def _phase(*wanted: str) -> Rule:
    def rule(_: Cluster, live: Manifest) -> str | None:
        phase = at(live, "status", "phase")
        return None if phase in wanted else f"its phase is {phase}, not {' or '.join(wanted)}"

    return rule


def _claim(cluster: Cluster, live: Manifest) -> str | None:
    missing = _phase("Bound")(cluster, live)
    name = at(live, "spec", "storageClassName")
    if missing and name:
        for storage_class in cluster.listed("storage.k8s.io/v1", "StorageClass"):
            if at(storage_class, "metadata", "name") == name:
                first_consumer = storage_class.get("volumeBindingMode") == "WaitForFirstConsumer"
                return None if first_consumer else missing
    return missing


def _service(cluster: Cluster, live: Manifest) -> str | None:
    kind = at(live, "spec", "type")
    has_ingress = bool(items_at(live, "status", "loadBalancer", "ingress"))
    if kind == "LoadBalancer" and not has_ingress:
        return "it has no load balancer address yet"
    headless = at(live, "spec", "clusterIP") == "None"
    if kind == "ExternalName" or headless or not mapping_at(live, "spec", "selector"):
        return None
    name, namespace = at(live, "metadata", "name"), at(live, "metadata", "namespace")
    slices = cluster.listed(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        namespace,
        labelSelector=f"kubernetes.io/service-name={name}",
    )
    endpoints = [endpoint for each in slices for endpoint in items_at(each, "endpoints")]
    if any(at(endpoint, "conditions", "ready") is not False for endpoint in endpoints):
        return None
    return "it has no endpoint: no pod that its selector matches is ready"


def _ingress(_: Cluster, live: Manifest) -> str | None:
    has_address = bool(items_at(live, "status", "loadBalancer", "ingress"))
    return None if has_address else "it has no load balancer address yet"


def _quota(_: Cluster, live: Manifest) -> str | None:
    counted = mapping_at(live, "status", "hard") == mapping_at(live, "spec", "hard")
    return None if counted else "its usage is not counted yet"


def _definition(cluster: Cluster, live: Manifest) -> str | None:
    if condition(live, "Established").get("status") != "True":
        return condition(live, "NamesAccepted").get("message") or "it is not established yet"
    kind, group = at(live, "spec", "names", "kind"), at(live, "spec", "group")
    for version in items_at(live, "spec", "versions"):
        if version.get("served") and not cluster.serves(f"{group}/{version['name']}", kind):
            return f"{group}/{version['name']} {kind} is not served yet"
    return None


RULES: Mapping[tuple[str, str], Rule] = {
    ("", "Namespace"): _phase("Active"),
    ("", "PersistentVolume"): _phase("Available", "Bound"),
    ("", "PersistentVolumeClaim"): _claim,
    ("", "Pod"): _pod,
    ("", "ResourceQuota"): _quota,
    ("", "Service"): _service,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _definition,
    ("apps", "DaemonSet"): _daemon_set,
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _stateful_set,
    ("batch", "Job"): _job,
    ("networking.k8s.io", "Ingress"): _ingress,
}
"""(group, kind) -> its rule; every other kind is ready when it exists."""
