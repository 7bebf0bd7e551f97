"""What EKS does to a cluster with Auto Mode: its definitions are there without any chart.

The rehearsal's Karpenter then serves the NodePools in the place of the one that EKS runs.
"""

from typing import Any, Final

from rehearsal import crds
from rehearsal.api import Api
from rehearsal.cloud import Cloud
from rehearsal.fleet.karpenter import DEFINITIONS

CLUSTER: Final = "aws:eks/cluster:Cluster"

SIMULATED: Final = (
    (
        "EKS Auto Mode is played by the same Karpenter: what EKS adds, such as the end of every "
        "node after 21 days, weekly images and a fee, does not happen here. Its NodeClass is "
        "written after its documentation."
    ),
)


def is_on(cloud: Cloud) -> bool:
    """Return whether a cluster of the account has Auto Mode."""
    return any(_compute(found.inputs).get("enabled") is True for found in cloud.list(CLUSTER))


def reconcile(api: Api, cloud: Cloud) -> None:
    """Bring the definitions where Auto Mode is on, and take them away where it is no longer.

    The node class is the last to come and the last to go: it says whether the others are there.
    """
    *_, node_class = definitions = crds.auto_mode()
    brought = api.get(f"{DEFINITIONS}/{node_class['metadata']['name']}") is not None
    wanted = is_on(cloud)
    for definition in definitions if wanted != brought else ():
        path = f"{DEFINITIONS}/{definition['metadata']['name']}"
        if wanted:
            api.apply(path, dict(definition))
        else:
            api.delete(path)


def _compute(cluster: dict[str, Any]) -> dict[str, Any]:
    return cluster.get("computeConfig") or {}
