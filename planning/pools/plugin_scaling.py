"""Who starts nodes for slices and MIG instances, and what it takes them for.

An autoscaler knows a node that it has yet to start by its instance type: by its physical GPUs.
"""

from collections.abc import Iterator

from catalog.karpenter import LONG_TERM_RELEASE
from planning.pools.facts import PoolFacts
from planning.pools.overlays import needs_overlay
from planning.sharing.mig import Mig
from settings.environment import Environment
from settings.finding import Finding, counted
from settings.karpenter import KarpenterSettings
from settings.karpenter_pool import KarpenterPool
from settings.managed_pool import ManagedPool

KARPENTER_SOURCE = "kubernetes-sigs/karpenter issue 2140; karpenter.sh/docs/concepts/nodeoverlays"
AUTOSCALER_SOURCE = "kubernetes/autoscaler, cluster-autoscaler/cloudprovider/aws/README.md"
SLICES_SOURCE = "NVIDIA/cloud-native-docs: gpu-operator/gpu-sharing.rst"


def scaling_rules(pool: PoolFacts, karpenter: KarpenterSettings) -> Iterator[Finding]:
    """Yield why nobody would start the right nodes for a pool of slices or of MIG."""
    if not needs_overlay(pool):
        return
    mixed = isinstance(pool.way, Mig) and pool.way.strategy == "mixed"
    if isinstance(pool.settings, KarpenterPool):
        yield from _by_karpenter(pool, mixed=mixed, overlaid=karpenter.node_overlay)
    elif isinstance(pool.settings, ManagedPool) and mixed and pool.settings.nodes.min == 0:
        yield Finding(
            path=f"pools.{pool.name}.nodes",
            problem="starts from none, but of a node that does not run yet Cluster Autoscaler "
            "knows nvidia.com/gpu alone, and mixed MIG instances are asked for by their profiles",
            fix=f"use `nodes: {{min: 1, max: {pool.settings.nodes.max}}}`, or one `profile` with "
            "`strategy: single`",
            source=AUTOSCALER_SOURCE,
        )


def plugin_warnings(environment: Environment, pools: dict[str, PoolFacts]) -> Iterator[Finding]:
    """Yield what works with slices and MIG but will surprise."""
    for name, pool in pools.items():
        yield from _scaling_warnings(environment, pool)
        if pool.way.kind == "time-slicing":
            yield Finding(
                path=f"pools.{name}.sharing",
                problem="time-slicing keeps no model from the memory of its neighbours on a GPU, "
                "nor from ending with them when one fails",
                fix="use `mps` or `hami`, or `mig` where the GPU has it, for models that must not "
                "take from each other",
                source=SLICES_SOURCE,
            )


def _scaling_warnings(environment: Environment, pool: PoolFacts) -> Iterator[Finding]:
    if not needs_overlay(pool):
        return
    if isinstance(pool.settings, KarpenterPool):
        release = environment.platform.karpenter.version or LONG_TERM_RELEASE.version
        yield Finding(
            path=f"pools.{pool.name}.provisioner",
            problem=f"rests on NodeOverlay, which is alpha in Karpenter {release}: a release that "
            "changes it starts the wrong number of nodes",
            fix="move `karpenter.version` in dev first, or use `provisioner: managed`",
            source="karpenter.sh/docs/reference/settings, feature gates",
        )
    elif isinstance(pool.settings, ManagedPool) and pool.settings.nodes.min == 0:
        yield Finding(
            path=f"pools.{pool.name}.nodes",
            problem="starts from none, and Cluster Autoscaler takes a node that does not run yet "
            f"for its {counted(pool.first.gpus, 'GPU')}, not for its "
            f"{counted(len(pool.devices), pool.way.device)}: it starts too many, and ends those "
            "that stay empty",
            fix=f"use `nodes: {{min: 1, max: {pool.settings.nodes.max}}}`",
            source=AUTOSCALER_SOURCE,
        )


def _by_karpenter(pool: PoolFacts, *, mixed: bool, overlaid: bool) -> Iterator[Finding]:
    if mixed:
        yield Finding(
            path=f"pools.{pool.name}.sharing",
            problem="mixed MIG on a Karpenter pool: instances named by profile are no "
            "nvidia.com/gpu, which is what Karpenter holds against gpu_limit",
            fix="use one `profile` with `strategy: single`, or `provisioner: managed`",
            source=KARPENTER_SOURCE,
        )
    elif not overlaid:
        yield Finding(
            path=f"pools.{pool.name}.sharing",
            problem=f"{pool.way.kind} on a Karpenter pool: Karpenter counts the GPUs of an "
            "instance type, not what they are shared into, and would start too many nodes",
            fix="add `karpenter: {node_overlay: true}`, an alpha feature, or use "
            "`provisioner: managed`",
            source=KARPENTER_SOURCE,
        )
