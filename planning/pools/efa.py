"""What publishes the Elastic Fabric Adapter interfaces of nodes, so that pods can ask for them."""

from collections.abc import Iterable

from catalog.charts import EFA_DEVICE_PLUGIN
from planning.pools.facts import PoolFacts
from planning.pools.marks import has_efa, tolerations
from planning.releases.base import as_values, operator
from planning.specs.base import EFA_LABEL
from planning.specs.pools import OperatorSpec

REGISTRY_ACCOUNT = "602401143452"
"""Who owns EKS's registry in every region of the catalog.
Source: Amazon EKS User Guide, add-ons-images"""


def efa_device_plugin(pools: Iterable[PoolFacts], region: str) -> OperatorSpec | None:
    """Return AWS's device plugin for EFA on the nodes that have it; None where none has.

    Without it a node has the interfaces, and no pod can get one: they are asked for as
    `vpc.amazonaws.com/efa`. The chart itself tolerates no taint of GPU nodes, and takes its image
    from us-west-2, which a private network elsewhere does not reach.
    Source: Amazon EKS User Guide, node-efa.
    """
    found = [pool for pool in pools if has_efa(pool)]
    if not found:
        return None
    registry = f"{REGISTRY_ACCOUNT}.dkr.ecr.{region}.amazonaws.com"
    return operator(
        EFA_DEVICE_PLUGIN,
        "privileged",
        {
            "image": {"repository": f"{registry}/eks/{EFA_DEVICE_PLUGIN.name}"},
            "nodeSelector": {EFA_LABEL: "true"},
            "tolerations": as_values(tolerations(found)),
        },
    )
