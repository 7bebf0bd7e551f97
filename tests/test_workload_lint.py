"""Everything that dev, prod and every example run passes every check, or says here why not."""

from collections.abc import Iterator
from copy import deepcopy
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from settings.environment import PLATFORM_KEY
from settings.files import read_config
from tests.documents import REPOSITORY
from tests.program import record_environment
from tests.recording import Recording, Registration, Secret
from tests.workload_lint import CONTAINER_CHECKS, POD_CHECKS, lint, workloads

FILES = sorted([*REPOSITORY.glob("Pulumi.*.yaml"), *(REPOSITORY / "docs/examples").glob("*.yaml")])
SYSTEM = "runs on the system nodes, where every other pod is the platform's too and none gives way"
MONITOR = "reads the kubelet's socket, which is root's and on the node (NVIDIA/dcgm-exporter docs)"
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("gateway-deployment", "priority-class"): SYSTEM,
    ("gateway-migration", "priority-class"): SYSTEM,
    ("prefetch-*-job", "priority-class"): SYSTEM,
    ("*-bench-job", "priority-class"): SYSTEM,
    ("*-router-deployment", "priority-class"): SYSTEM,
    ("device-monitor-exporter", "non-root"): MONITOR,
    ("device-monitor-exporter", "host-paths"): MONITOR,
    ("device-monitor-exporter", "capabilities"): "DCGM's profiling counters want SYS_ADMIN",
    ("device-monitor-exporter", "account-token"): "lists ResourceSlices, and may do nothing else",
}
"""A workload's logical name, as a pattern, and a check that it need not pass; why."""


@cache
def recorded(file: Path) -> Recording:
    """Return what an environment registers; one that asks for no load test is given one."""
    config = deepcopy(read_config(file))
    bench = {"input_tokens": 256, "output_tokens": 128, "results": "bucket"}
    next(iter(config[PLATFORM_KEY]["models"].values())).setdefault("bench", bench)
    return record_environment(file.stem.removeprefix("Pulumi."), config)


def excused(finding: tuple[str, str]) -> Iterator[tuple[str, str]]:
    name, check = finding
    yield from (key for key in EXCEPTIONS if key[1] == check and fnmatch(name, key[0]))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_workload_passes_every_check_or_is_excused(file: Path):
    assert [found for found in lint(recorded(file)) if not any(excused(found))] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_there_is_something_to_check(file: Path):
    kinds = {found.kind for found in workloads(recorded(file))}
    assert kinds >= {"Deployment", "Job"}


def test_an_exception_that_nothing_needs_any_more_is_gone():
    used = {key for file in FILES for found in lint(recorded(file)) for key in excused(found)}
    assert EXCEPTIONS.keys() - used == set()
    assert all(len(reason) > 20 for reason in EXCEPTIONS.values())


PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
SOUND: dict[str, Any] = {
    "serviceAccountName": "app",
    "automountServiceAccountToken": False,
    "enableServiceLinks": False,
    "priorityClassName": "high",
    "securityContext": {
        "runAsNonRoot": True,
        "runAsUser": 1000,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
    "containers": [
        {
            "name": "app",
            "image": "registry.example/app:v1.2",
            "ports": [{"containerPort": 80}],
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            },
            "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}},
            **{name: {"httpGet": {"port": 80}} for name in PROBES},
        }
    ],
}


def registered(type_: str, name: str, spec: dict[str, Any]) -> Registration:
    return Registration(
        name=name,
        type=f"kubernetes:{type_}",
        parent=None,
        after=frozenset(),
        provider=None,
        protect=False,
        delete_timeout="",
        ignored=(),
        inputs={"metadata": {"namespace": "home"}, "spec": spec},
    )


def objects(pod: dict[str, Any], **changes: dict[str, Any]) -> Recording:
    """Return a Deployment and what belongs to it; `changes` replace a spec, an empty one goes."""
    chosen = {"matchLabels": {"app": "a"}}
    template = {"metadata": {"labels": {"app": "a"}}, "spec": pod}
    specs = {
        "deployment": ("apps/v1:Deployment", {"template": template}),
        "budget": ("policy/v1:PodDisruptionBudget", {"selector": chosen}),
        "policy": ("networking.k8s.io/v1:NetworkPolicy", {"podSelector": chosen}),
        "service": ("core/v1:Service", {"type": "ClusterIP", "selector": {"app": "a"}}),
    }
    found = Recording()
    for name, (type_, spec) in specs.items():
        if changes.get(name) != {}:
            found[name] = registered(type_, name, changes.get(name, spec))
    return found


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the sound pod with one value replaced; `c.` stands for its container."""
    pod = deepcopy(SOUND)
    *steps, last = path.split(".")
    node: Any = pod
    for step in steps:
        node = node["containers"][0] if step == "c" else node[step]
    node[last] = value
    return pod


def test_a_sound_deployment_has_no_finding():
    assert [*lint(objects(SOUND))] == []


WRONG: dict[str, list[tuple[str, Any]]] = {
    "non-root": [("securityContext.runAsUser", 0), ("c.securityContext.runAsNonRoot", False)],
    "read-only-root": [("c.securityContext.readOnlyRootFilesystem", False)],
    "capabilities": [("c.securityContext.capabilities", {"drop": ["ALL"], "add": ["SYS_ADMIN"]})],
    "seccomp": [("securityContext.seccompProfile.type", "Unconfined")],
    "privilege-escalation": [
        ("c.securityContext.allowPrivilegeEscalation", True),
        ("c.securityContext.privileged", True),
    ],
    "cpu-request": [("c.resources.requests", {"memory": "1Gi"})],
    "memory-limit": [("c.resources.limits", {}), ("c.resources.limits.memory", "2Gi")],
    "image-tag": [("c.image", "app"), ("c.image", "host:5000/app"), ("c.image", "app:latest")],
    "host-ports": [("c.ports", [{"containerPort": 80, "hostPort": 80}])],
    "plain-secret": [
        ("c.env", [{"name": "HF_TOKEN", "value": "hf_x"}]),
        ("c.env", [{"name": "A", "value": Secret("x")}]),
        ("c.args", ["--key", Secret("x")]),
    ],
    "startupProbe": [("c.startupProbe", None)],
    "livenessProbe": [("c.livenessProbe", None)],
    "readinessProbe": [("c.readinessProbe", None)],
    "account-token": [("automountServiceAccountToken", True)],
    "own-account": [("serviceAccountName", "default")],
    "service-links": [("enableServiceLinks", True)],
    "host-namespaces": [("hostPID", True)],
    "host-paths": [("volumes", [{"name": "v", "hostPath": {"path": "/"}}])],
    "priority-class": [("priorityClassName", "")],
}


def test_every_check_has_a_pod_that_does_not_pass_it():
    assert WRONG.keys() == CONTAINER_CHECKS.keys() | POD_CHECKS.keys()


@pytest.mark.parametrize(
    ("check", "path", "value"),
    [(check, *change) for check, changes in WRONG.items() for change in changes],
)
def test_each_check_finds_its_own_and_nothing_else(check: str, path: str, value: Any):
    assert [*lint(objects(changed(path, value)))] == [("deployment", check)]


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"budget": {}}, ("deployment", "disruption-budget")),
        ({"policy": {}}, ("deployment", "network-policy")),
        (
            {"policy": {"podSelector": {"matchLabels": {"app": "b"}}}},
            ("deployment", "network-policy"),
        ),
        ({"service": {"type": "LoadBalancer"}}, ("service", "service-type")),
        ({"service": {"type": "NodePort"}}, ("service", "service-type")),
    ],
)
def test_what_stands_around_a_workload_is_checked_too(
    changes: dict[str, dict[str, Any]], finding: tuple[str, str]
):
    assert [*lint(objects(SOUND, **changes))] == [finding]


def test_a_lone_pod_needs_no_budget_and_a_policy_for_all_pods_is_one():
    template = {"metadata": {"labels": {"app": "a"}}, "spec": SOUND}
    alone = {"replicas": 1, "template": template}
    assert [*lint(objects(SOUND, budget={}, deployment=alone, policy={"podSelector": {}}))] == []


def test_a_container_that_only_prepares_needs_no_probes_and_all_else():
    pod = deepcopy(SOUND)
    first: dict[str, Any] = {"name": "first", "image": "registry.example/first"}
    pod["initContainers"] = [first]
    found = {check for _, check in lint(objects(pod))}
    assert {"image-tag", "capabilities", "memory-limit"} <= found
    assert not {*PROBES} & found


@pytest.mark.parametrize("kind", ["batch/v1:CronJob", "core/v1:Pod"])
def test_a_kind_that_nothing_here_reads_is_not_passed_over(kind: str):
    recording = Recording({"new": registered(kind, "new", {})})
    with pytest.raises(AssertionError, match=f"new is a kubernetes:{kind}: teach tests/"):
        list(lint(recording))
