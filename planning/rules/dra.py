"""Rules of pools whose GPUs are claimed, each with its cluster; nodes are in `dra_supply_rules`."""

from collections.abc import Iterator

from catalog.eks import SUPPORTED_MINORS
from catalog.gpu_products import gpu_product
from planning.pools.facts import PoolFacts
from settings.environment import Environment
from settings.finding import Finding
from settings.sharing import DraSharing, HamiDraSharing

GATES = "kubernetes/kubernetes v1.36.2: pkg/features/kube_features.go; EKS sets no feature gate"
DRIVER_SOURCE = "kubernetes-sigs/dra-driver-nvidia-gpu: site/content/docs/install.md"
MIG_SOURCE = "kubernetes-sigs/dra-driver-nvidia-gpu: cmd/gpu-kubelet-plugin/nvlib.go"


def dra_pool_rules(pool: PoolFacts, environment: Environment) -> Iterator[Finding]:
    """Yield what keeps a pool's GPUs from being claimed in this cluster at all."""
    path, kubernetes = f"pools.{pool.name}.sharing", environment.platform.cluster.kubernetes
    sharing = pool.settings.sharing
    if isinstance(sharing, DraSharing):
        yield from _nvidia(path, sharing, kubernetes)
        if sharing.dynamic_mig:
            yield from _can_be_cut(path, pool)
    elif isinstance(sharing, HamiDraSharing):
        yield from _below(
            path,
            kubernetes,
            "1.36",
            "HAMi's DRA driver divides GPUs by DRAConsumableCapacity",
            "use `sharing: {kind: hami}`",
        )


def _nvidia(path: str, sharing: DraSharing, kubernetes: str) -> Iterator[Finding]:
    if _minor(kubernetes) < _minor("1.34"):
        yield Finding(
            path=path,
            problem=f"Kubernetes {kubernetes} has no resource.k8s.io/v1, by which pods claim GPUs; "
            "NVIDIA's driver wants 1.34.2 at least",
            fix=f'use `cluster: {{kubernetes: "{SUPPORTED_MINORS[0]}"}}`, or `sharing: {{kind: '
            "whole}`",
            source=DRIVER_SOURCE,
        )
        return
    if sharing.extended_resource:
        yield from _below(
            f"{path}.extended_resource",
            kubernetes,
            "1.36",
            "a DeviceClass serves nvidia.com/gpu by DRAExtendedResource",
            "leave it out: models then claim their GPUs",
        )
    if sharing.dynamic_mig:
        yield from _below(
            f"{path}.dynamic_mig",
            kubernetes,
            "1.36",
            "the driver cuts GPUs on demand by DRAPartitionableDevices",
            "use `sharing: {kind: mig}`",
        )


def _below(path: str, kubernetes: str, least: str, why: str, instead: str) -> Iterator[Finding]:
    if _minor(kubernetes) < _minor(least):
        yield Finding(
            path=path,
            problem=f"{why}, which is off before Kubernetes {least}; the cluster is {kubernetes}",
            fix=f'use `cluster: {{kubernetes: "{least}"}}`, or {instead}',
            source=GATES,
        )


def _can_be_cut(path: str, pool: PoolFacts) -> Iterator[Finding]:
    gpu = gpu_product(pool.first)
    if gpu is None or gpu.mig_at_any_time:
        return
    why = (
        "MIG is switched on by a reset alone, so that the driver publishes no instances"
        if gpu.mig
        else "there is no MIG"
    )
    yield Finding(
        path=f"{path}.dynamic_mig",
        problem=f"is true, but on the {gpu.product} of {pool.first.name} {why}",
        fix="use `sharing: {kind: mig}`"
        if gpu.mig
        else "leave it out, or use a type such as p5.4xlarge",
        source=MIG_SOURCE,
    )


def _minor(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
