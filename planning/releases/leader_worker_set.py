"""LeaderWorkerSet's controller: replicas of several pods that live and die together."""

from typing import Final

from catalog.charts import LWS
from planning.releases.base import operator
from planning.specs.pools import OperatorSpec

IMAGE_TAG: Final = f"v{LWS.version}"


def lws() -> OperatorSpec:
    """Return the controller.

    It makes and renews the certificate of its webhooks itself, so that it needs no cert-manager.
    The chart takes the image of a branch, always anew, and its pods lack the one line that the
    `restricted` level asks for. What else it brings, DisaggregatedSet, stays switched off.
    Source: kubernetes-sigs/lws v0.10.0, charts/lws (values.yaml, templates/manager).
    """
    return operator(
        LWS,
        "restricted",
        {
            "image": {"manager": {"tag": IMAGE_TAG, "pullPolicy": "IfNotPresent"}},
            "enableCertManager": False,
            "enableDisaggregatedSet": False,
            "podSecurityContext": {
                "runAsNonRoot": True,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
        },
    )
