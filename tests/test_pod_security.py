"""The check itself: it lets a restricted pod through and names what is wrong with another."""

from typing import Any

import pytest

from components.manifests import CONTAINER_SECURITY, pod_security
from tests.pod_security import violations


def pod(**changes: Any) -> dict[str, Any]:
    resources = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}
    container = {"name": "app", "securityContext": CONTAINER_SECURITY, "resources": resources}
    return {
        "serviceAccountName": "app",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": pod_security(1000, 1000),
        "containers": [{**container, **changes.pop("container", {})}],
        **changes,
    }


def test_a_restricted_pod_passes():
    assert violations(pod()) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"hostNetwork": True}, "hostNetwork is set"),
        ({"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}, "volume v is of a kind"),
        ({"securityContext": {"runAsNonRoot": True, "runAsUser": 1}}, "seccompProfile is not"),
        ({"securityContext": pod_security(0, 0)}, "app: may run as root"),
        ({"automountServiceAccountToken": True}, "the service account's token is mounted"),
        ({"enableServiceLinks": True}, "Services of the namespace become"),
        ({"container": {"securityContext": {}}}, "app: keeps capabilities"),
        ({"container": {"ports": [{"hostPort": 80}]}}, "app: takes a port of its node"),
        ({"container": {"resources": {}}}, "app: has no CPU request"),
    ],
)
def test_each_violation_is_named(changes: dict[str, Any], problem: str):
    assert any(found.startswith(problem) for found in violations(pod(**changes)))


def test_a_single_container_out_of_several_is_found():
    extra: dict[str, Any] = {"name": "init", "resources": {}}
    assert any(found.startswith("init: ") for found in violations(pod(initContainers=[extra])))
