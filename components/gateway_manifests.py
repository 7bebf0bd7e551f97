"""Manifests of the gateway. Sources: LiteLLM docs, proxy/prod and proxy/deploy; its Helm charts."""

from typing import Any

import pulumi
import yaml

from components.gateway_pod import SCRATCH_MOUNT, SCRATCH_VOLUME, GatewayPodWires, container, pod
from components.manifests import Manifest, http_probe, never_fewer, spread_over_nodes
from planning.specs.gateway import GatewaySpec

CONFIG_FOLDER = "/etc/litellm"
CONFIG_FILE = "config.yaml"
SECRET_VERSION = "llm-platform/keys-version"  # noqa: S105 - the name of an annotation


def config_name(spec: GatewaySpec) -> str:
    """Return the ConfigMap's name: a new configuration is a new object, and pods keep theirs."""
    return f"{spec.name}-config-{spec.config_digest}"


def config_data(spec: GatewaySpec) -> dict[str, str]:
    """Return the ConfigMap's data: `config.yaml`, sorted, as its digest is blind to order."""
    return {CONFIG_FILE: yaml.safe_dump(spec.config)}


def deployment_spec(
    spec: GatewaySpec, wires: GatewayPodWires, keys_version: pulumi.Input[str]
) -> Manifest:
    """Return the Deployment's spec.

    Args:
        spec: The gateway.
        wires: What a pod reads.
        keys_version: Changes with the keys, which a pod reads only when it starts.
    """
    template = {
        "metadata": {"labels": spec.labels, "annotations": {SECRET_VERSION: keys_version}},
        "spec": {
            **pod(wires, _server(spec, wires)),
            "volumes": [
                SCRATCH_VOLUME,
                {"name": "config", "configMap": {"name": config_name(spec)}},
            ],
            "terminationGracePeriodSeconds": spec.grace_seconds,
            "topologySpreadConstraints": spread_over_nodes(spec.selector),
        },
    }
    return never_fewer(spec.replicas, spec.selector, template)


def _server(spec: GatewaySpec, wires: GatewayPodWires) -> dict[str, Any]:
    """Return the serving container: one worker, the unit that CPU and memory are measured by."""
    serving = {
        "DISABLE_SCHEMA_UPDATE": "true",
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOG": "ERROR",
        "GRACEFUL_SHUTDOWN_TIMEOUT": str(spec.drain_seconds),
    }
    config = {"name": "config", "mountPath": CONFIG_FOLDER, "readOnly": True}
    return {
        **container(spec, wires, serving),
        "args": [
            *("--config", f"{CONFIG_FOLDER}/{CONFIG_FILE}"),
            *("--port", str(spec.port)),
            *("--num_workers", "1"),
        ],
        "ports": [{"name": "http", "containerPort": spec.port}],
        "volumeMounts": [SCRATCH_MOUNT, config],
        # Never /health: it calls every model.
        "startupProbe": http_probe("/health/readiness", period=10, failures=30),
        "livenessProbe": http_probe("/health/liveliness", period=15, failures=5),
        "readinessProbe": http_probe("/health/readiness", period=10, failures=3),
        "lifecycle": {"preStop": {"sleep": {"seconds": spec.pre_stop_seconds}}},
    }
