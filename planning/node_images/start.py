"""What an image is told of the nodes that start from it."""

from planning.naming import cluster_name
from planning.node_images.image import Start
from planning.pools.facts import PoolFacts
from planning.specs.base import Taint


def start_of(
    pool: PoolFacts, stack: str, labels: dict[str, str], taints: tuple[Taint, ...]
) -> Start:
    """Return what is known of a pool's nodes."""
    return Start(
        way=pool.way,
        gpu=(pool.gpu_name, pool.gpu_memory_mib),
        has_nvme=all(found.nvme_gb for found in pool.types),
        cluster_name=cluster_name(stack),
        labels=labels,
        taints=taints,
    )
