"""Manifests of a model service. Sources: vLLM 0.33.0 docs and code, Kubernetes 1.36 API."""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

import pulumi

from components.device_claims import claims, pod_claims
from components.manifests import (
    CONTAINER_SECURITY,
    Manifest,
    from_namespace,
    from_pods,
    http_probe,
    ingress,
    ingress_policy,
    pod_security,
    variables,
)
from components.model_loading import NO_WIRES, LoadingWires, PodParts, pod_parts
from planning.specs.models import ModelServiceSpec

USER, GROUP = 2000, 0
"""The user that the image prepares. Source: docs/deployment/docker.md."""
HOME = "/home/vllm"
STARTUP_PERIOD_SECONDS = 10


def deployment_spec(
    spec: ModelServiceSpec, account: pulumi.Input[str], wires: LoadingWires = NO_WIRES
) -> Manifest:
    """Return the Deployment's spec.

    It says nothing of `replicas`: under server-side apply a field that is not sent is not owned, so
    that an update leaves the count to KEDA.

    Args:
        spec: The model service.
        account: Name of its ServiceAccount.
        wires: What its way of loading needs.
    """
    return {
        "selector": {"matchLabels": spec.selector},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": _roll(spec)},
        # The default of 600 s is less than a large model's start.
        "progressDeadlineSeconds": spec.replica_seconds,
        "revisionHistoryLimit": 3,
        "template": {"metadata": _pod_metadata(spec), "spec": pod_spec(spec, account, wires)},
    }


def _pod_metadata(spec: ModelServiceSpec) -> Manifest:
    annotations = spec.grant.annotations
    return {"labels": spec.labels} | ({"annotations": annotations} if annotations else {})


def _roll(spec: ModelServiceSpec) -> dict[str, int]:
    surge = 1 if spec.rollout == "surge" else 0
    return {"maxSurge": surge, "maxUnavailable": 1 - surge}


def pod_spec(
    spec: ModelServiceSpec, account: pulumi.Input[str], wires: LoadingWires = NO_WIRES
) -> dict[str, Any]:
    """Return the spec of a replica.

    It asks for no topology spread: Karpenter takes even `ScheduleAnyway` as a demand and would buy
    a node per replica, and kube-scheduler spreads softly over the nodes there are anyway.
    Sources: https://github.com/kubernetes-sigs/karpenter/issues/666,
    https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
    """
    loading = pod_parts(spec.load, wires, spec.image)
    init = {"initContainers": [*loading.init_containers]} if loading.init_containers else {}
    pod: dict[str, Any] = {
        "serviceAccountName": account,
        "automountServiceAccountToken": False,
        # A Service named vllm would set VLLM_PORT to a URI, and vLLM refuses to start with it.
        "enableServiceLinks": False,
        "securityContext": pod_security(USER, GROUP),
        "priorityClassName": spec.priority_class,
        "nodeSelector": spec.node_selector,
        "tolerations": [toleration.model_dump() for toleration in spec.tolerations],
        "terminationGracePeriodSeconds": spec.grace_seconds,
        **init,
        "containers": [_container(spec, loading)],
        "volumes": [*_volumes(spec), *loading.volumes],
    }
    return pod | pod_claims(spec.grant.claim) | _scheduler(spec)


def _scheduler(spec: ModelServiceSpec) -> dict[str, str]:
    name = spec.grant.scheduler_name
    return {} if name is None else {"schedulerName": name}


def _container(spec: ModelServiceSpec, loading: PodParts) -> dict[str, Any]:
    return {
        "name": "vllm",
        "image": spec.image,
        "command": ["vllm", "serve"],
        "args": [*spec.args],
        "env": [*variables(environment(spec)), *loading.environment],
        "ports": [{"name": "http", "containerPort": spec.port}],
        "securityContext": CONTAINER_SECURITY,
        "resources": _resources(spec),
        "volumeMounts": [
            {"name": "scratch", "mountPath": HOME, "subPath": "home"},
            {"name": "scratch", "mountPath": "/tmp", "subPath": "tmp"},  # noqa: S108 - a mount
            *_shared_memory_mount(spec),
            *loading.mounts,
        ],
        **_probes(spec),
        # vLLM answers what arrives after SIGTERM as aborted: the endpoint has to be gone by then.
        "lifecycle": {"preStop": {"sleep": {"seconds": spec.pre_stop_seconds}}},
    }


def _shared_memory_mount(spec: ModelServiceSpec) -> list[dict[str, str]]:
    if spec.grant.brings_shared_memory:
        return []
    return [{"name": "shared-memory", "mountPath": "/dev/shm"}]  # noqa: S108 - a mount


def environment(spec: ModelServiceSpec) -> dict[str, str]:
    """Return the engine's environment: caches on the scratch volume, patience, no reports home."""
    return {
        "HOME": HOME,
        "HF_HOME": f"{HOME}/.cache/huggingface",
        "VLLM_CACHE_ROOT": f"{HOME}/.cache/vllm",
        # The API server gives up on the engine after 600 s by default, whatever the probe says.
        "VLLM_ENGINE_READY_TIMEOUT_S": str(spec.startup_seconds),
        "VLLM_NO_USAGE_STATS": "1",
    }


def _probes(spec: ModelServiceSpec) -> dict[str, Any]:
    """Return the probes; the port opens only when the engine is ready to serve."""
    tries = ceil(spec.startup_seconds / STARTUP_PERIOD_SECONDS)
    return {
        "startupProbe": http_probe("/health", period=STARTUP_PERIOD_SECONDS, failures=tries),
        "livenessProbe": http_probe("/health", period=10, failures=10),
        "readinessProbe": http_probe("/health", period=5, failures=2),
    }


def _resources(spec: ModelServiceSpec) -> dict[str, Any]:
    """Return requests and limits; no CPU limit, since throttling starves the GPU."""
    memory = f"{spec.memory_mib}Mi"
    return {
        "requests": {
            "cpu": f"{spec.cpu_milli}m",
            "memory": memory,
            "ephemeral-storage": f"{spec.cache_gib}Gi",
        },
        "limits": {"memory": memory, **spec.grant.limits},
        **claims(spec.grant.claim),
    }


def _volumes(spec: ModelServiceSpec) -> list[dict[str, Any]]:
    """Return the volumes: one scratch disk for all that a replica writes, and shared memory."""
    scratch = {"name": "scratch", "emptyDir": {"sizeLimit": f"{spec.cache_gib}Gi"}}
    if spec.grant.brings_shared_memory:
        return [scratch]
    shared = {"medium": "Memory", "sizeLimit": f"{spec.shared_memory_mib}Mi"}
    return [scratch, {"name": "shared-memory", "emptyDir": shared}]


def budget_spec(spec: ModelServiceSpec) -> Manifest:
    """Return the PodDisruptionBudget's spec: what a drain may take at once.

    Where two replicas always run, one. Else at most half of them, and never the last: a new one
    takes minutes to load, so a lone replica goes only when its node's own grace period ends the
    drain. A replica that is not ready holds up no drain.
    """
    bound = {"maxUnavailable": 1} if spec.min_replicas > 1 else {"minAvailable": "50%"}
    return {
        **bound,
        "selector": {"matchLabels": spec.selector},
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }


def policy_spec(
    spec: ModelServiceSpec,
    *namespaces: pulumi.Input[str],
    pods: Iterable[Mapping[str, str]] = (),
) -> Manifest:
    """Return the NetworkPolicy's spec: who reaches the replicas' port.

    Args:
        spec: The model service.
        namespaces: All pods of these, and
        pods: of its own namespace those with these labels; nobody else.
    """
    peers = [from_namespace(namespace) for namespace in namespaces]
    peers += [from_pods(labels) for labels in pods]
    return ingress_policy(spec.selector, ingress(peers, spec.port))
