"""Manifests beside the replicas of a model service. Source: Kubernetes 1.36 API."""

from collections.abc import Iterable, Mapping
from math import ceil

import pulumi

from components.manifests import (
    Manifest,
    from_namespace,
    from_pods,
    ingress,
    ingress_policy,
)
from planning.specs.models import ModelServiceSpec


def budget_spec(spec: ModelServiceSpec) -> Manifest:
    """Return the PodDisruptionBudget's spec: what a drain may take at once.

    Where two replicas always run, one. Else at most half of them, and never the last: a new one
    takes minutes to load, so a lone replica goes only when its node's own grace period ends the
    drain. A replica that is not ready holds up no drain. Of a replica over several nodes each pod
    takes all others with it, so that one pod stands for the whole.
    """
    half = 100 - ceil(50 / spec.pods_per_replica)
    bound = {"maxUnavailable": 1} if spec.min_replicas > 1 else {"minAvailable": f"{half}%"}
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

    The pods of a group reach each other on every port, which NCCL and vLLM choose as they please,
    and so do replicas that hand KV caches on, whose ports NIXL chooses. What they say there is
    neither encrypted nor signed, so that nobody else may.
    Source: vLLM 0.33.0, docs/usage/security.md.

    Args:
        spec: The model service.
        namespaces: All pods of these, and
        pods: of its own namespace those with these labels; nobody else.
    """
    peers = [from_namespace(namespace) for namespace in namespaces]
    peers += [from_pods(labels) for labels in pods]
    members = [spec.selector] if spec.group else [spec.transfer.peers] if spec.transfer else []
    among = [{"from": [from_pods(labels)]} for labels in members]
    return ingress_policy(spec.selector, ingress(peers, spec.port), *among)
