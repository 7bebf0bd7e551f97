"""Manifests of a model's router. Sources: vllm-router 0.1.17, Kubernetes 1.36 API."""

from math import ceil
from typing import Any

import pulumi

from components.manifests import (
    CONTAINER_SECURITY,
    Manifest,
    http_probe,
    never_fewer,
    pod_security,
    spread_over_nodes,
)
from planning.specs.routers import RouterSpec

USER = GROUP = 2000
"""Any user will do: the router writes nothing."""
STARTUP_PERIOD_SECONDS = 10
EXIT_SECONDS = 30
"""It gives up by itself before the probe does, and its log says which replicas it missed."""


def deployment_spec(spec: RouterSpec, account: pulumi.Input[str]) -> Manifest:
    """Return the Deployment's spec; `account` is the name of its ServiceAccount."""
    template = {"metadata": {"labels": spec.labels}, "spec": pod_spec(spec, account)}
    return never_fewer(spec.replicas, spec.selector, template)


def pod_spec(spec: RouterSpec, account: pulumi.Input[str]) -> dict[str, Any]:
    """Return the spec of a pod; without a toleration it runs on system nodes."""
    return {
        "serviceAccountName": account,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": pod_security(USER, GROUP),
        "terminationGracePeriodSeconds": spec.grace_seconds,
        "containers": [_container(spec)],
        "topologySpreadConstraints": spread_over_nodes(spec.selector),
    }


def _container(spec: RouterSpec) -> dict[str, Any]:
    """Return the container; its port opens when a replica of each kind has been found healthy."""
    memory = f"{spec.memory_mib}Mi"
    tries = ceil((spec.startup_seconds + EXIT_SECONDS) / STARTUP_PERIOD_SECONDS)
    return {
        "name": "router",
        "image": spec.image,
        "command": ["vllm-router"],
        "args": [*spec.args],
        "ports": [
            {"name": "http", "containerPort": spec.port},
            {"name": "metrics", "containerPort": spec.metrics_port},
        ],
        "securityContext": CONTAINER_SECURITY,
        "resources": {
            "requests": {"cpu": f"{spec.cpu_milli}m", "memory": memory},
            "limits": {"memory": memory},
        },
        "startupProbe": http_probe("/liveness", period=STARTUP_PERIOD_SECONDS, failures=tries),
        "livenessProbe": http_probe("/liveness", period=10, failures=6),
        # Says whether it knows a healthy worker of each kind.
        "readinessProbe": http_probe("/readiness", period=5, failures=3),
        "lifecycle": {"preStop": {"sleep": {"seconds": spec.pre_stop_seconds}}},
    }
