"""The Helm releases of the platform: which charts, with which values, in which namespace.

Values are those that differ from the chart's defaults, each for a reason.
"""

from planning.releases.controllers import cert_manager, cloudnative_pg, keda
from planning.releases.external_secrets import external_secrets
from planning.releases.gpu_operator import gpu_operator
from planning.releases.hami import hami
from planning.releases.hami_dra import hami_dra
from planning.releases.leader_worker_set import lws
from planning.releases.node_supply import cluster_autoscaler, karpenter
from planning.releases.nvidia_dra import nvidia_dra

__all__ = [
    "cert_manager",
    "cloudnative_pg",
    "cluster_autoscaler",
    "external_secrets",
    "gpu_operator",
    "hami",
    "hami_dra",
    "karpenter",
    "keda",
    "lws",
    "nvidia_dra",
]
