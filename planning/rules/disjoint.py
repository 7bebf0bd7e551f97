"""Rules between pools: which ways of handing out GPUs may live in one cluster, and how."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from catalog.gpu_products import gpu_product
from planning.pools.facts import PoolFacts
from settings.finding import Finding
from settings.sharing import DraSharing, HamiDraSharing, HamiSharing

HAMI_SOURCE = "Project-HAMi/website: blog 'Does Kubernetes DRA Replace HAMi'"
WEBHOOK_SOURCE = (
    "Project-HAMi/HAMi-DRA: pkg/webhook/dra/extended_resource.go; the NVIDIA chart's DeviceClass "
    "gpu.nvidia.com serves nvidia.com/gpu"
)
BRIDGE_SOURCE = (
    "kubernetes v1.36.3: pkg/scheduler/framework/plugins/dynamicresources/"
    "extendeddynamicresources.go, seen in the rehearsal"
)
SWITCH_SOURCE = "kubernetes-sigs/dra-driver-nvidia-gpu: pkg/featuregates/featuregates.go"
Facts = Mapping[str, PoolFacts]
S = TypeVar("S", HamiSharing, HamiDraSharing, DraSharing)


def disjoint_rules(pools: Facts) -> Iterator[Finding]:
    """Yield the pools that cannot stand beside each other.

    On one node two drivers never meet: a pool has one `sharing`, and every driver selects its own
    nodes. What is left are the parts of which a cluster has one.
    """
    classic = _of(pools, HamiSharing)
    claimed = _of(pools, HamiDraSharing)
    nvidia = _of(pools, DraSharing)
    if classic:
        for name in claimed:
            yield Finding(
                path=f"pools.{name}.sharing",
                problem=f"is hami-dra, and pool '{next(iter(classic))}' is hami: a cluster has one "
                "of the two, so that shares are kept in one book",
                fix="use one of the two for all pools of the cluster",
                source=HAMI_SOURCE,
            )
    for name in classic if nvidia else ():
        yield Finding(
            path=f"pools.{name}.sharing",
            problem=f"is hami, and pool '{next(iter(nvidia))}' is dra: with NVIDIA's DeviceClass "
            "for nvidia.com/gpu in the cluster the scheduler wants every resource of a HAMi pod "
            "in the node's status, where nvidia.com/gpumem never is, and places none",
            fix="use hami-dra for its shares, or another cluster",
            source=BRIDGE_SOURCE,
        )
    if nvidia:
        for name, sharing in claimed.items():
            if sharing.conversion_webhook:
                yield Finding(
                    path=f"pools.{name}.sharing.conversion_webhook",
                    problem=f"is true, and pool '{next(iter(nvidia))}' is dra: the webhook and "
                    "NVIDIA's DeviceClass would both serve pods that ask for nvidia.com/gpu",
                    fix="leave it out: models on the pool claim their shares without it",
                    source=WEBHOOK_SOURCE,
                )
    yield from _one_switch(pools, nvidia)


def _one_switch(pools: Facts, nvidia: Mapping[str, DraSharing]) -> Iterator[Finding]:
    """Yield the pools whose GPUs would be cut because another pool asks for it."""
    cut = next((name for name, sharing in nvidia.items() if sharing.dynamic_mig), None)
    if cut is None:
        return
    for name, sharing in nvidia.items():
        gpu = gpu_product(pools[name].first)
        if not sharing.dynamic_mig and gpu and gpu.mig_at_any_time:
            yield Finding(
                path=f"pools.{name}.sharing.dynamic_mig",
                problem=f"is false, but pool '{cut}' has it true: NVIDIA's driver has one switch "
                f"for the cluster, and cuts the {gpu.product} too",
                fix="set it to the same in both",
                source=SWITCH_SOURCE,
            )


def _of(pools: Facts, kind: type[S]) -> dict[str, S]:
    found = {name: pool.settings.sharing for name, pool in pools.items()}
    return {name: sharing for name, sharing in found.items() if isinstance(sharing, kind)}
