"""A namespace and a Helm release, made the same way by every component."""

from collections.abc import Mapping
from typing import Any, TypeGuard

import pulumi
from pulumi_kubernetes.core.v1 import Namespace
from pulumi_kubernetes.helm.v3 import Release, RepositoryOptsArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from planning.specs.base import PART_OF
from planning.specs.infrastructure import ReleaseSpec
from planning.specs.pools import NamespaceSpec

REVISIONS_KEPT = 5
"""Helm revisions per release; each is a Secret of the cluster, and Helm's own default keeps all."""


def release(
    name: str,
    spec: ReleaseSpec,
    opts: pulumi.ResourceOptions,
    wires: Mapping[str, Any] | None = None,
) -> Release:
    """Install a chart, and wait until what it starts is ready.

    Args:
        name: Logical name; the release itself is called `spec.name`.
        spec: Chart, version, namespace, values and seconds to wait.
        opts: Parent and ordering; `parent` is the component that asks.
        wires: Values that only the update knows, laid over `spec.values` key by key.

    Returns:
        The release; a failed install is rolled back, so that the next update starts clean.
    """
    repository = spec.repository
    return Release(
        name,
        name=spec.name,
        chart=spec.chart,
        version=spec.version,
        repository_opts=None if repository is None else RepositoryOptsArgs(repo=repository),
        namespace=spec.namespace,
        create_namespace=spec.create_namespace,
        skip_crds=spec.skip_crds,
        values=overlay(spec.values, wires or {}),
        atomic=True,
        max_history=REVISIONS_KEPT,
        timeout=spec.timeout_seconds,
        opts=opts,
    )


def namespace(name: str, spec: NamespaceSpec, opts: pulumi.ResourceOptions) -> Namespace:
    """Make a namespace that enforces its Pod Security level, and warns and audits by the same.

    Args:
        name: Logical name; the namespace itself is called `spec.name`.
        spec: Name and level.
        opts: Parent and ordering.
    """
    return Namespace(
        name,
        metadata=ObjectMetaArgs(name=spec.name, labels=namespace_labels(spec)),
        opts=opts,
    )


def namespace_labels(spec: NamespaceSpec) -> dict[str, str]:
    """Return the labels of a namespace.

    Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/
    """
    modes = ("enforce", "audit", "warn")
    return PART_OF | {f"pod-security.kubernetes.io/{mode}": spec.pod_security for mode in modes}


def overlay(values: Mapping[str, Any], wires: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` with `wires` laid over it, mapping by mapping; neither is changed."""
    merged = dict(values)
    for key, wire in wires.items():
        below = merged.get(key)
        if _is_mapping(below) and _is_mapping(wire):
            merged[key] = overlay(below, wire)
        else:
            merged[key] = wire
    return merged


def _is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)
