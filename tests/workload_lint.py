"""Checks of everything that an environment runs, in the manner of a linter for manifests.

They read the registrations, and so what the API server would get. A finding names a check, so that
an exception can be made for one workload and one check. Sources of what is looked for: the
`restricted` Pod Security Standard, and the checks that stackrox/kube-linter has built in.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from tests.recording import Recording, Registration, Secret

TEMPLATES = {
    "kubernetes:apps/v1:DaemonSet",
    "kubernetes:apps/v1:Deployment",
    "kubernetes:apps/v1:StatefulSet",
    "kubernetes:batch/v1:Job",
}
LEADER_WORKER_SET = "LeaderWorkerSet"
OTHERS = ("CronJob", "ReplicaSet", "core/v1:Pod", "ReplicationController")
"""Kinds that have pods too, and that nothing here can read."""
REPLICATED = ("Deployment", "StatefulSet", LEADER_WORKER_SET)
SECRET_NAME = re.compile(r"(TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|(API|ACCESS|MASTER|SALT)_KEY)$")
MOVING = re.compile(r"^(latest|nightly|main|master|edge|stable|dev)$")
Object: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Workload:
    """One pod template, with what stands around it."""

    name: str
    """Logical name, and a template's where it has several."""
    kind: str
    namespace: str
    replicas: int | None
    """None where a scaler decides."""
    labels: Mapping[str, str]
    pod: Object

    @property
    def containers(self) -> list[Object]:
        """Return its containers, those that only prepare it first."""
        return [*self.pod.get("initContainers", []), *self.pod["containers"]]


def workloads(recording: Recording) -> Iterator[Workload]:
    """Yield every pod template.

    Raises:
        AssertionError: a kind has pods that nothing here can read.
    """
    for found in recording.values():
        assert not (found.type.startswith("kubernetes:") and found.type.endswith(OTHERS)), (
            f"{found.name} is a {found.type}: teach tests/workload_lint.py to read it"
        )
        if found.type in TEMPLATES:
            yield _workload(found, found.name, found.inputs["spec"]["template"])
        elif found.type.endswith(LEADER_WORKER_SET):
            templates = found.inputs["spec"]["leaderWorkerTemplate"]
            for part in ("leaderTemplate", "workerTemplate"):
                if part in templates:
                    yield _workload(found, f"{found.name}/{part}", templates[part])


def _workload(found: Registration, name: str, template: Object) -> Workload:
    return Workload(
        name=name,
        kind=found.type.rpartition(":")[2],
        namespace=found.inputs["metadata"]["namespace"],
        replicas=found.inputs["spec"].get("replicas"),
        labels=template["metadata"]["labels"],
        pod=template["spec"],
    )


def _security(container: Object, pod: Object) -> Object:
    return {**pod.get("securityContext", {}), **container.get("securityContext", {})}


def _non_root(container: Object, pod: Object) -> bool:
    found = _security(container, pod)
    return found.get("runAsNonRoot") is True and bool(found.get("runAsUser"))


def _memory(container: Object) -> bool:
    resources = container.get("resources", {})
    asked = resources.get("requests", {}).get("memory")
    return asked is not None and asked == resources.get("limits", {}).get("memory")


def _pinned(image: str) -> bool:
    if "@sha256:" in image:
        return True
    tag = image.rpartition("/")[2].partition(":")[2]
    return bool(tag) and not MOVING.match(tag)


def _plain_secret(container: Object) -> bool:
    return any(
        isinstance(variable.get("value"), Secret)
        or (SECRET_NAME.search(variable["name"]) and "value" in variable)
        for variable in container.get("env", [])
    ) or _has_secret(container.get("args", []))


def _has_secret(node: object) -> bool:
    if isinstance(node, list):
        return any(_has_secret(item) for item in cast("list[object]", node))
    return isinstance(node, Secret)


CONTAINER_CHECKS: Mapping[str, Callable[[Object, Object], object]] = {
    "non-root": _non_root,
    "read-only-root": lambda c, p: _security(c, p).get("readOnlyRootFilesystem") is True,
    "capabilities": lambda c, p: _security(c, p).get("capabilities") == {"drop": ["ALL"]},
    "seccomp": lambda c, p: (
        _security(c, p).get("seccompProfile", {}).get("type") == "RuntimeDefault"
    ),
    "privilege-escalation": lambda c, p: (
        _security(c, p).get("allowPrivilegeEscalation") is False
        and not _security(c, p).get("privileged")
    ),
    "cpu-request": lambda c, _: "cpu" in c.get("resources", {}).get("requests", {}),
    "memory-limit": lambda c, _: _memory(c),
    "image-tag": lambda c, _: _pinned(c["image"]),
    "host-ports": lambda c, _: not any("hostPort" in port for port in c.get("ports", [])),
    "plain-secret": lambda c, _: not _plain_secret(c),
    **{
        probe: lambda c, _, probe=probe: c.get(probe) or not c.get("ports")
        for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    },
}
"""Whether a container of a pod is as it should be. A container that has ports serves."""

POD_CHECKS: Mapping[str, Callable[[Object], object]] = {
    "account-token": lambda pod: pod.get("automountServiceAccountToken") is False,
    "own-account": lambda pod: pod.get("serviceAccountName") not in {None, "", "default"},
    "service-links": lambda pod: pod.get("enableServiceLinks") is False,
    "host-namespaces": lambda pod: not any(map(pod.get, ("hostNetwork", "hostPID", "hostIPC"))),
    "host-paths": lambda pod: not any("hostPath" in volume for volume in pod.get("volumes", [])),
    "priority-class": lambda pod: bool(pod.get("priorityClassName")),
}


def lint(recording: Recording) -> Iterator[tuple[str, str]]:
    """Yield the name of a workload or Service, and the check that it does not pass."""
    for found in workloads(recording):
        for container in found.containers:
            prepares = container in found.pod.get("initContainers", [])
            for check, holds in CONTAINER_CHECKS.items():
                if not (prepares and check.endswith("Probe")) and not holds(container, found.pod):
                    yield found.name, check
        yield from (
            (found.name, check) for check, holds in POD_CHECKS.items() if not holds(found.pod)
        )
        if found.kind in REPLICATED and found.replicas != 1:
            budgets = recording.of_type("kubernetes:policy/v1:PodDisruptionBudget")
            if not any(_selects(one, "selector", found) for one in budgets):
                yield found.name, "disruption-budget"
        policies = recording.of_type("kubernetes:networking.k8s.io/v1:NetworkPolicy")
        if not any(_selects(one, "podSelector", found) for one in policies):
            yield found.name, "network-policy"
    for service in recording.of_type("kubernetes:core/v1:Service"):
        if service.inputs["spec"].get("type") != "ClusterIP":
            yield service.name, "service-type"


def _selects(one: Registration, key: str, found: Workload) -> bool:
    """Return whether an object of the workload's namespace selects its pods; `{}` selects all."""
    labels = one.inputs["spec"][key].get("matchLabels", {})
    home = one.inputs["metadata"]["namespace"]
    return home == found.namespace and labels.items() <= found.labels.items()
