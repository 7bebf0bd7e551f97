"""Deletion protection in a rehearsal: lifted as a person would, by applying that it is off."""

from copy import deepcopy
from typing import Any

from rehearsal.cloud import Cloud
from rehearsal.layout import Layout
from settings.environment import PLATFORM_KEY

CLUSTER = "aws:eks/cluster:Cluster"


def is_protected(layout: Layout) -> bool:
    """Return whether the simulated account holds a cluster that refuses its deletion."""
    clusters = Cloud(layout.cloud).list(CLUSTER)
    return any(cluster.inputs.get("deletionProtection") for cluster in clusters)


def unprotected(config: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration with `cluster.deletion_protection: false`."""
    lifted = deepcopy(config)
    lifted[PLATFORM_KEY]["cluster"]["deletion_protection"] = False
    return lifted
