"""What every pod that the program renders has to be, checked on the registrations themselves.

The first part is the `restricted` Pod Security Standard as an admission controller reads it
(https://kubernetes.io/docs/concepts/security/pod-security-standards/), the second this platform's
own rules. Custom resources whose operator makes the pods are not looked into.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.recording import Recording

TEMPLATES = {
    "kubernetes:apps/v1:Deployment",
    "kubernetes:apps/v1:StatefulSet",
    "kubernetes:batch/v1:Job",
}
"""Types whose spec holds a pod template; another one that is registered has to be added here."""
LEADER_WORKER_SET = ":LeaderWorkerSet"
NEEDS_TEMPLATE = ("DaemonSet", "CronJob", "ReplicaSet", ":Pod")
RESTRICTED_VOLUMES = frozenset(
    {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
)


def pods(recording: Recording) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the logical name and the pod spec of every registered workload."""
    for name, registered in recording.items():
        assert not registered.type.endswith(NEEDS_TEMPLATE), f"add {registered.type} to TEMPLATES"
        if registered.type in TEMPLATES:
            yield name, registered.inputs["spec"]["template"]["spec"]
        elif registered.type.endswith(LEADER_WORKER_SET):
            group = registered.inputs["spec"]["leaderWorkerTemplate"]
            for part in ("leaderTemplate", "workerTemplate"):
                yield f"{name}/{part}", group[part]["spec"]


def violations(pod: Mapping[str, Any]) -> list[str]:
    """Return what `restricted` and the platform have against a pod spec; empty when nothing."""
    found = [*_restricted(pod), *_ours(pod)]
    for container in [*pod.get("initContainers", []), *pod["containers"]]:
        name = container["name"]
        found += [f"{name}: {problem}" for problem in _container(container, pod)]
    return found


def _restricted(pod: Mapping[str, Any]) -> Iterator[str]:
    for shared in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(shared):
            yield f"{shared} is set"
    for volume in pod.get("volumes", []):
        if not RESTRICTED_VOLUMES & volume.keys():
            yield f"volume {volume['name']} is of a kind that restricted refuses"
    if pod.get("securityContext", {}).get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "seccompProfile is not RuntimeDefault"


def _ours(pod: Mapping[str, Any]) -> Iterator[str]:
    if pod.get("automountServiceAccountToken") is not False:
        yield "the service account's token is mounted"
    if pod.get("enableServiceLinks") is not False:
        yield "Services of the namespace become environment variables"
    if "serviceAccountName" not in pod:
        yield "it runs as the namespace's default service account"


def _container(container: Mapping[str, Any], pod: Mapping[str, Any]) -> Iterator[str]:
    own = container.get("securityContext", {})
    effective = {**pod.get("securityContext", {}), **own}
    if effective.get("runAsNonRoot") is not True or not effective.get("runAsUser"):
        yield "may run as root"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "may gain privileges"
    if own.get("privileged"):
        yield "is privileged"
    if own.get("capabilities", {}) != {"drop": ["ALL"]}:
        yield "keeps capabilities"
    if own.get("readOnlyRootFilesystem") is not True:
        yield "may change its image's files"
    if any("hostPort" in port for port in container.get("ports", [])):
        yield "takes a port of its node"
    requests = container.get("resources", {}).get("requests", {})
    limits = container.get("resources", {}).get("limits", {})
    if "cpu" not in requests or requests.get("memory") != limits.get("memory", "no limit"):
        yield "has no CPU request, or no memory request equal to its limit"
