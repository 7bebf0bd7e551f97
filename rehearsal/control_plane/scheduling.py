"""How the schedulers are configured: the cluster's own, and HAMi's, which asks an extender.

Sources: kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1; Project-HAMi/HAMi
v2.10.0, charts/hami/templates/scheduler/configmapnew.yaml.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rehearsal.control_plane.certificates import Certificate
from rehearsal.hami.objects import RESOURCES, SCHEDULER

EXTENDER_TIMEOUT: Final = "30s"
"""As in HAMi's chart."""


def packing(kubeconfig: Path) -> Mapping[str, Any]:
    """Return the cluster's: pods are packed, so that whole GPU nodes fall free."""
    packed = {
        "type": "MostAllocated",
        "resources": [{"name": name, "weight": 1} for name in ("cpu", "memory", "nvidia.com/gpu")],
    }
    fit = {"name": "NodeResourcesFit", "args": {"scoringStrategy": packed}}
    return _configuration(kubeconfig, {"schedulerName": "default-scheduler", "pluginConfig": [fit]})


def extended_by_hami(
    kubeconfig: Path, url: str, authority: Path, client: Certificate
) -> Mapping[str, Any]:
    """Return HAMi's, a process of its own as in a real cluster.

    An extender serves every profile of its scheduler: in the cluster's own it would be asked for
    each pod with a GPU, and take `nvidia.com/gpu` out of that scheduler's hands.

    Args:
        kubeconfig: how to reach the API server.
        url: where the extender listens.
        authority: certificate that signed the extender's.
        client: what the scheduler shows to the extender.
    """
    extender = {
        "urlPrefix": url,
        "filterVerb": "filter",
        "nodeCacheCapable": True,
        "weight": 1,
        "httpTimeout": EXTENDER_TIMEOUT,
        "enableHTTPS": True,
        "tlsConfig": {
            "caFile": str(authority),
            "certFile": str(client.certificate),
            "keyFile": str(client.key),
        },
        "managedResources": [{"name": name, "ignoredByScheduler": True} for name in RESOURCES],
        "ignorable": False,
    }
    profile = {"schedulerName": SCHEDULER}
    return {**_configuration(kubeconfig, profile), "extenders": [extender]}


def _configuration(kubeconfig: Path, profile: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "clientConnection": {"kubeconfig": str(kubeconfig), "qps": 1000, "burst": 2000},
        "leaderElection": {"leaderElect": False},
        "profiles": [profile],
    }
