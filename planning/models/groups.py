"""A replica over several nodes: which engine leads, and how the others find it.

Source: vLLM 0.33.0, docs/deployment/frameworks/lws.md and docs/serving/parallelism_scaling.md.
"""

from typing import Final

from planning.specs.models import GroupSpec
from settings.models import ModelSettings

PORT: Final = 29501
"""vLLM's own default of `--master-port`."""
WORKER_INDEX_LABEL: Final = "leaderworkerset.sigs.k8s.io/worker-index"
"""On every pod of a group, by the LeaderWorkerSet's controller: its rank."""


def group(model: ModelSettings, startup_seconds: int) -> GroupSpec | None:
    """Return the group of a replica; None where it is one pod.

    The kubelet puts in what the LeaderWorkerSet's controller tells each pod of its group. The
    engines wait for each other as long as a start may take: PyTorch's own ten minutes are less than
    a node may need.
    """
    if model.nodes == 1:
        return None
    members = (
        *("--nnodes", str(model.nodes)),
        *("--master-addr", "$(LWS_LEADER_ADDRESS)"),
        *("--master-port", str(PORT)),
        *("--distributed-timeout-seconds", str(startup_seconds)),
    )
    return GroupSpec(
        nodes=model.nodes,
        port=PORT,
        leader_args=(*members, "--node-rank", "0"),
        worker_args=(*members, "--node-rank", "$(LWS_WORKER_INDEX)", "--headless"),
        host_variable="VLLM_HOST_IP",
        leader_labels={WORKER_INDEX_LABEL: "0"},
    )
