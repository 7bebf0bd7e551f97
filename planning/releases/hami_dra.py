"""HAMi's DRA driver: shares of a GPU, claimed and placed by the scheduler of the cluster."""

from collections.abc import Iterable
from typing import Any

from catalog.charts import HAMI_DRA
from catalog.images import HAMI_DRA_DRIVER
from planning.node_images.image import OF_THE_IMAGE, DriverSite
from planning.releases.base import as_values, image_values, nodes_of, operator
from planning.sharing.hami import HAMI_NODE_LABEL
from planning.specs.base import Toleration
from planning.specs.pools import OperatorSpec

KUBE_SYSTEM = "kube-system"


def hami_dra(
    tolerations: Iterable[Toleration],
    *,
    conversion_webhook: bool = False,
    namespaces: Iterable[str] = (),
    nvidia: DriverSite = OF_THE_IMAGE,
) -> OperatorSpec:
    """Return HAMi's DRA driver; it wants cert-manager to be there first.

    Args:
        tolerations: What a pod needs to run on the nodes whose GPUs it publishes.
        conversion_webhook: Whether pods that ask for `nvidia.com/gpumem` are turned into claims.
            While it is on and does not answer, no pod starts outside of `namespaces`; and it makes
            claims that no pod owns, which stay behind. Source: Project-HAMi/HAMi-DRA,
            pkg/webhook/dra/mutating.go; issue 21.
        namespaces: Namespaces that the webhook leaves alone; the chart's and kube-system always.
        nvidia: Who brings the NVIDIA driver.
    """
    webhook: dict[str, Any] = {
        "mutating": {"enabled": conversion_webhook},
        # It removes the claims that the other one made.
        "validating": {"enabled": conversion_webhook},
        "volcano": {"enabled": False},
    }
    if conversion_webhook:
        # The list takes the place of the chart's own.
        webhook["scope"] = {"excludedNamespaces": sorted({KUBE_SYSTEM, *namespaces})}
    driver = {
        "containerDriver": nvidia.by_operator,
        "image": image_values(HAMI_DRA_DRIVER),
        "daemonSet": {
            # Helm lays a mapping over the chart's own, which asks for HAMi's label.
            "nodeSelector": HAMI_NODE_LABEL | nodes_of("hami-dra"),
            "tolerations": as_values(tolerations),
        },
    }
    values = {"drivers": {"nvidia": driver}, "webhook": {"config": webhook}}
    return operator(HAMI_DRA, "privileged", values)
