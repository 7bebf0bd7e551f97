"""What is simulated, in plain sentences: the report prints them."""

from typing import Final

from rehearsal.fleet import cluster_autoscaler, gpus, instance_offers, node_pools, nodes
from rehearsal.fleet.operators import cloudnative_pg, keda

SIMULATED: Final = (
    *nodes.SIMULATED,
    *cluster_autoscaler.SIMULATED,
    *gpus.SIMULATED,
    *node_pools.SIMULATED,
    *instance_offers.SIMULATED,
    *keda.SIMULATED,
    *cloudnative_pg.SIMULATED,
)
