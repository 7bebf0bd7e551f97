"""What is simulated, in plain sentences: the report prints them."""

from typing import Final

from rehearsal.fleet import (
    auto_mode,
    cluster_autoscaler,
    devices,
    gpus,
    instance_offers,
    leader_worker_sets,
    node_pools,
    nodes,
)
from rehearsal.fleet.operators import (
    cert_manager,
    cloudnative_pg,
    ebs_csi,
    external_secrets,
    keda,
)

SIMULATED: Final = (
    *nodes.SIMULATED,
    *cluster_autoscaler.SIMULATED,
    *gpus.SIMULATED,
    *devices.SIMULATED,
    *node_pools.SIMULATED,
    *auto_mode.SIMULATED,
    *instance_offers.SIMULATED,
    *keda.SIMULATED,
    *leader_worker_sets.SIMULATED,
    *ebs_csi.SIMULATED,
    *cloudnative_pg.SIMULATED,
    *cert_manager.SIMULATED,
    *external_secrets.SIMULATED,
)
