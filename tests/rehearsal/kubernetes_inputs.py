"""Inputs of Kubernetes objects for the provider's tests."""

from typing import Any

from rehearsal.providers.values import Properties
from tests.rehearsal.kubernetes_hand import config_map, plain

GPU = "nvidia.com/gpu"


def settings(namespace: str, name: str = "web", **data: Any) -> Properties:
    """Return a ConfigMap with `data`."""
    found = config_map(name, data=data)
    return {**found, "metadata": {"name": name, "namespace": namespace}}


def deployment(namespace: str, replicas: int = 0, **container: Any) -> Properties:
    """Return a Deployment of one container without pods."""
    labels: Properties = {"app": "web"}
    containers: list[Any] = [{"name": "main", "image": "example:1", **container}]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
        },
    }


def workload(kind: str, name: str, *, gpus: int = 0, **spec: Any) -> Properties:
    """Return a workload of `kind` whose pods ask for `gpus`."""
    labels: Properties = {"app": name}
    container: Properties = {"name": "main", "image": "example", "resources": {}}
    if gpus:
        container["resources"] = {"limits": {GPU: str(gpus)}}
    template: Properties = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": labels}, "template": template, **spec},
    }


def annotated(inputs: Properties, **annotations: str) -> Properties:
    """Return `inputs` with annotations of the provider."""
    named: Properties = {f"pulumi.com/{name}": value for name, value in annotations.items()}
    return {**inputs, "metadata": {**plain(inputs["metadata"]), "annotations": named}}
