"""Manifests of the exporter that watches claimed GPUs.

Sources: NVIDIA/dcgm-exporter 4.8.2, deployment/ (variables, ports, what it reads); Kubernetes 1.36
API, resource.k8s.io/v1 (`adminAccess`).
"""

from typing import Any

import pulumi

from components.device_claims import claims, pod_claims
from components.manifests import Manifest, http_probe
from planning.specs.claimed_devices import DeviceMonitorSpec

POD_RESOURCES = "/var/lib/kubelet/pod-resources"
"""The kubelet's socket, by which the exporter learns which pod holds which device."""
COUNTERS = "/etc/dcgm-exporter/default-counters.csv"
ADMIN_ACCESS = {"resource.kubernetes.io/admin-access": "true"}
"""On a namespace: claims in it may see devices that others hold."""
SLICE_RULES: Manifest = [
    {"apiGroups": ["resource.k8s.io"], "resources": ["resourceslices"], "verbs": ["list", "watch"]}
]
"""The exporter learns from ResourceSlices which GPU a claimed device is."""


def daemon_set_spec(
    spec: DeviceMonitorSpec, selector: dict[str, str], account: pulumi.Input[str]
) -> Manifest:
    """Return the DaemonSet's spec.

    Args:
        spec: The exporter.
        selector: Labels of its pods.
        account: Name of its ServiceAccount.
    """
    return {
        "selector": {"matchLabels": selector},
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
        "template": {"metadata": {"labels": selector}, "spec": pod_spec(spec, account)},
    }


def pod_spec(spec: DeviceMonitorSpec, account: pulumi.Input[str]) -> dict[str, Any]:
    """Return the spec of the exporter's pod.

    It runs as root, since the kubelet's socket is root's, and keeps the one capability that DCGM
    needs for profiling counters; its token reads ResourceSlices and nothing else.
    """
    return {
        "serviceAccountName": account,
        "enableServiceLinks": False,
        "priorityClassName": "system-node-critical",
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "nodeSelector": spec.node_selector,
        "tolerations": [toleration.model_dump() for toleration in spec.tolerations],
        "containers": [_container(spec)],
        "volumes": [
            {"name": "pod-resources", "hostPath": {"path": POD_RESOURCES, "type": "Directory"}},
            {"name": "scratch", "emptyDir": {"sizeLimit": "64Mi"}},
        ],
        **pod_claims(spec.claim),
    }


def _container(spec: DeviceMonitorSpec) -> dict[str, Any]:
    return {
        "name": "exporter",
        "image": spec.image,
        "args": ["-f", COUNTERS],
        "env": [
            {"name": "DCGM_EXPORTER_KUBERNETES", "value": "true"},
            {"name": "KUBERNETES_ENABLE_DRA", "value": "true"},
            {"name": "DCGM_EXPORTER_LISTEN", "value": f":{spec.port}"},
            {"name": "NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
        ],
        "ports": [{"name": "http", "containerPort": spec.port}],
        "securityContext": {
            "runAsUser": 0,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]},
        },
        "resources": {
            "requests": {"cpu": "100m", "memory": "512Mi"},
            "limits": {"memory": "512Mi"},
            **claims(spec.claim),
        },
        "volumeMounts": [
            {"name": "pod-resources", "mountPath": POD_RESOURCES, "readOnly": True},
            {"name": "scratch", "mountPath": "/tmp"},  # noqa: S108 - a mount
        ],
        # DCGM looks at every GPU of the node before it answers.
        "startupProbe": http_probe("/health", period=10, failures=30),
        "livenessProbe": http_probe("/health", period=30, failures=3),
        "readinessProbe": http_probe("/health", period=10, failures=3),
    }
