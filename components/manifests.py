"""Parts of Kubernetes manifests that several components render, as plain data."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

Manifest: TypeAlias = Any
"""Plain data with Kubernetes' own keys; typed resources take it and hand it on as it is."""

CONTAINER_SECURITY: Mapping[str, Any] = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
"""With `pod_security`, the `restricted` level and a root file system that nobody can change.
Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/"""

SKIP_AWAIT: Mapping[str, str] = {"pulumi.com/skipAwait": "true"}
"""On a Service: the engine would give its endpoints ten minutes, and the Deployment behind it has a
timeout that fits. Source: pulumi-kubernetes 4.34, core/v1 Service."""

WAIT_UNTIL_READY: Mapping[str, str] = {"pulumi.com/waitFor": "condition=Ready"}
"""On a custom resource whose operator says so, what waits for it finds it at work.
Source: https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/"""

NAMESPACE_LABEL = "kubernetes.io/metadata.name"
"""The API server puts it on every namespace."""


def metadata(
    name: str,
    namespace: pulumi.Input[str],
    labels: Mapping[str, str],
    annotations: Mapping[str, str] | None = None,
) -> ObjectMetaArgs:
    """Return the metadata of an object with a name of its own, so that others can point at it."""
    return ObjectMetaArgs(name=name, namespace=namespace, labels=labels, annotations=annotations)


def pod_security(user: int, group: int) -> dict[str, Any]:
    """Return the security context of a pod that runs as `user` of `group`."""
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": group,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def variables(values: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return plain environment variables of a container."""
    return [{"name": name, "value": value} for name, value in values.items()]


def secret_variable(name: str, secret: pulumi.Input[str], key: str) -> dict[str, Any]:
    """Return an environment variable that the kubelet reads from `key` of `secret`."""
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def address_variable(name: str) -> dict[str, Any]:
    """Return an environment variable that holds the pod's own address."""
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}


def http_probe(path: str, *, period: int, failures: int) -> dict[str, Any]:
    """Return a probe of the port named `http`: every `period` seconds, `failures` in a row count.

    It waits 5 s for an answer: the default of 1 s fails under load (kserve/kserve pull 5677).
    """
    return {
        "httpGet": {"path": path, "port": "http"},
        "periodSeconds": period,
        "timeoutSeconds": 5,
        "failureThreshold": failures,
    }


def service_spec(selector: Mapping[str, str], port: int) -> Manifest:
    """Return a cluster-internal Service: the pods' port named `http` under the same number."""
    return {
        "type": "ClusterIP",
        "selector": selector,
        "ports": [{"name": "http", "port": port, "targetPort": "http"}],
    }


def from_cluster() -> dict[str, Any]:
    """Return the peer of a NetworkPolicy: every pod of the cluster."""
    return {"namespaceSelector": {}}


def from_namespace(name: pulumi.Input[str]) -> dict[str, Any]:
    """Return the peer of a NetworkPolicy: every pod of a namespace."""
    return {"namespaceSelector": {"matchLabels": {NAMESPACE_LABEL: name}}}


def from_pods(labels: Mapping[str, str]) -> dict[str, Any]:
    """Return the peer of a NetworkPolicy: pods of the policy's own namespace."""
    return {"podSelector": {"matchLabels": labels}}


def ingress(peers: list[dict[str, Any]], *ports: int) -> dict[str, Any]:
    """Return a rule that lets `peers` reach TCP `ports`."""
    return {"from": peers, "ports": [{"protocol": "TCP", "port": port} for port in ports]}


def ingress_policy(selector: Mapping[str, str], *rules: dict[str, Any]) -> Manifest:
    """Return a NetworkPolicy for the selected pods: what no rule lets in stays out."""
    chosen = {"matchLabels": selector} if selector else {}
    policy: dict[str, Any] = {"podSelector": chosen, "policyTypes": ["Ingress"]}
    return {**policy, "ingress": list(rules)} if rules else policy


def one_at_a_time(selector: Mapping[str, str]) -> Manifest:
    """Return a PodDisruptionBudget's spec: a drain takes one of the selected pods at a time."""
    return {"maxUnavailable": 1, "selector": {"matchLabels": selector}}


def never_fewer(replicas: int, selector: Mapping[str, str], template: Manifest) -> Manifest:
    """Return a Deployment's spec whose roll starts a new pod before an old one ends."""
    return {
        "replicas": replicas,
        "selector": {"matchLabels": selector},
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
        },
        "revisionHistoryLimit": 3,
        "template": template,
    }


def spread_over_nodes(selector: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the wish for one of the selected pods per node; for system nodes alone.

    Karpenter would take it as a demand, and no pool of its takes such pods.
    """
    return [
        {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": selector},
            "matchLabelKeys": ["pod-template-hash"],
        }
    ]


def timeouts(*, roll_seconds: int, delete_seconds: int) -> pulumi.CustomTimeouts:
    """Return how long the engine waits for an object to come, change and go."""
    roll, gone = f"{roll_seconds}s", f"{delete_seconds}s"
    return pulumi.CustomTimeouts(create=roll, update=roll, delete=gone)
