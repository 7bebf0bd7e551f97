"""The pod of a replica. Sources: vLLM 0.33.0 docs and code, Kubernetes 1.36 API."""

from collections.abc import Sequence
from math import ceil
from typing import Any

import pulumi

from components.device_claims import claims, pod_claims
from components.manifests import (
    CONTAINER_SECURITY,
    Manifest,
    address_variable,
    http_probe,
    pod_security,
    variables,
)
from components.model_loading import NO_WIRES, LoadingWires, PodParts, pod_parts
from components.workloads.cache_volume import cache_parts, file_group
from components.workloads.member import Member, sole
from planning.specs.models import ModelServiceSpec

USER, GROUP = 2000, 0
"""The user that the image prepares. Source: docs/deployment/docker.md."""
HOME = "/home/vllm"
CACHE = f"{HOME}/.cache"
STARTUP_PERIOD_SECONDS = 10


def pod_metadata(spec: ModelServiceSpec) -> Manifest:
    """Return the metadata of every pod."""
    annotations = spec.grant.annotations
    return {"labels": spec.labels} | ({"annotations": annotations} if annotations else {})


def pod_spec(
    spec: ModelServiceSpec,
    account: pulumi.Input[str],
    wires: LoadingWires = NO_WIRES,
    member: Member | None = None,
) -> dict[str, Any]:
    """Return the spec of a replica's pod; without `member`, of the one that it is.

    It asks for no topology spread: Karpenter takes even `ScheduleAnyway` as a demand and would buy
    a node per replica, and kube-scheduler spreads softly over the nodes there are anyway.
    Sources: https://github.com/kubernetes-sigs/karpenter/issues/666,
    https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
    """
    loading, kept = pod_parts(spec.load, wires, spec.image), cache_parts(spec, CACHE)
    prepares = [*kept.init_containers, *loading.init_containers]
    pod: dict[str, Any] = {
        "serviceAccountName": account,
        "automountServiceAccountToken": False,
        # A Service named vllm would set VLLM_PORT to a URI, and vLLM refuses to start with it.
        "enableServiceLinks": False,
        "securityContext": {**pod_security(USER, GROUP), **file_group(spec, USER)},
        "priorityClassName": spec.priority_class,
        "nodeSelector": spec.node_selector,
        "tolerations": [toleration.model_dump() for toleration in spec.tolerations],
        "terminationGracePeriodSeconds": spec.grace_seconds,
        **({"initContainers": prepares} if prepares else {}),
        "containers": [_container(spec, (loading, kept), member or sole(spec))],
        "volumes": [*_volumes(spec), *loading.volumes],
    }
    return pod | pod_claims(spec.grant.claim) | _scheduler(spec)


def _scheduler(spec: ModelServiceSpec) -> dict[str, str]:
    name = spec.grant.scheduler_name
    return {} if name is None else {"schedulerName": name}


def _container(spec: ModelServiceSpec, parts: Sequence[PodParts], member: Member) -> dict[str, Any]:
    more = [variable for part in parts for variable in part.environment]
    return {
        "name": "vllm",
        "image": spec.image,
        "command": ["vllm", "serve"],
        "args": [*member.args],
        "env": [*variables(environment(spec)), *_addresses(spec), *more],
        "securityContext": CONTAINER_SECURITY,
        "resources": _resources(spec),
        "volumeMounts": [
            {"name": "scratch", "mountPath": HOME, "subPath": "home"},
            {"name": "scratch", "mountPath": "/tmp", "subPath": "tmp"},  # noqa: S108 - a mount
            *_shared_memory_mount(spec),
            *(mount for part in parts for mount in part.mounts),
        ],
        **(_served(spec) if member.serves else {}),
        "lifecycle": {"preStop": {"sleep": {"seconds": member.pre_stop_seconds}}},
    }


def _shared_memory_mount(spec: ModelServiceSpec) -> list[dict[str, str]]:
    if spec.grant.brings_shared_memory:
        return []
    return [{"name": "shared-memory", "mountPath": "/dev/shm"}]  # noqa: S108 - a mount


def environment(spec: ModelServiceSpec) -> dict[str, str]:
    """Return the engine's environment: caches on the scratch volume, patience, no reports home."""
    return {
        "HOME": HOME,
        "HF_HOME": f"{CACHE}/huggingface",
        "VLLM_CACHE_ROOT": f"{CACHE}/vllm",
        # While vLLM compiles it names a folder of its own for Inductor, below its root; what is
        # compiled before and beside that goes here, and by default to /tmp and ~/.triton.
        "TORCHINDUCTOR_CACHE_DIR": f"{CACHE}/torchinductor",
        "TRITON_CACHE_DIR": f"{CACHE}/triton",
        # The API server gives up on the engine after 600 s by default, whatever the probe says.
        "VLLM_ENGINE_READY_TIMEOUT_S": str(spec.startup_seconds),
        "VLLM_NO_USAGE_STATS": "1",
        **spec.network,
        **(spec.transfer.environment if spec.transfer else {}),
    }


def _addresses(spec: ModelServiceSpec) -> list[dict[str, Any]]:
    """Return the variables that take the pod's own address, by which others reach it."""
    return [address_variable(part.host_variable) for part in (spec.group, spec.transfer) if part]


def _transfer_port(spec: ModelServiceSpec) -> list[dict[str, Any]]:
    return [{"name": "transfer", "containerPort": spec.transfer.port}] if spec.transfer else []


def _served(spec: ModelServiceSpec) -> dict[str, Any]:
    """Return port and probes; the port opens only when the engine is ready to serve."""
    tries = ceil(spec.startup_seconds / STARTUP_PERIOD_SECONDS)
    return {
        "ports": [{"name": "http", "containerPort": spec.port}, *_transfer_port(spec)],
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
