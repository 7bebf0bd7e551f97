"""Rules of a pool's image, with how the pool shares its GPUs and with the other pools."""

from collections.abc import Iterator, Mapping

from catalog.charts import GPU_OPERATOR
from catalog.gpu_operator import DRIVER_UBUNTUS, has_driver
from planning.node_images.bottlerocket_rules import bottlerocket_rules
from planning.node_images.images import chosen_image
from planning.node_images.release_rules import release_rules
from planning.node_images.ubuntu import Ubuntu
from planning.pools.facts import PoolFacts
from settings.environment import Environment
from settings.finding import Finding
from settings.karpenter_pool import KarpenterPool
from settings.managed_pool import ManagedPool
from settings.node_image import BottlerocketImage, UbuntuImage

START_SOURCE = "aws/karpenter-provider-aws pull 6569"
EFA_SOURCE = "Amazon EKS User Guide, ml-eks-optimized-ami"
PLATFORMS = "NVIDIA/cloud-native-docs: gpu-operator/platform-support.rst"
ONE_SYSTEM = (
    "NVIDIA/cloud-native-docs: gpu-operator/getting-started.rst; NVIDIA/gpu-operator v26.3.3: "
    "controllers/state_manager.go, getGPUNodeOSInfo"
)


def image_pool_rules(
    name: str,
    pool: KarpenterPool | ManagedPool,
    facts: PoolFacts | None,
    environment: Environment,
) -> Iterator[Finding]:
    """Yield what is wrong with the image of a pool; `facts` is None where its types are wrong."""
    kubernetes = environment.platform.cluster.kubernetes
    yield from release_rules(name, pool, kubernetes)
    match chosen_image(pool):
        case BottlerocketImage() as image:
            yield from bottlerocket_rules(name, pool, image, facts)
        case UbuntuImage() as image:
            yield from _ubuntu(f"pools.{name}", pool, image, kubernetes)
        case _:
            pass


def image_rules(pools: Mapping[str, PoolFacts]) -> Iterator[Finding]:
    """Yield the images that cannot stand beside each other.

    Those that bring the driver can: node labels tell the GPU Operator what each lacks. Where it
    installs the driver itself, it does so for one system.
    """
    installed = {name: pool for name, pool in pools.items() if pool.image.driver.by_operator}
    brought = next((name for name in pools if name not in installed), None)
    first = next(iter(installed), None)
    for name, pool in installed.items():
        if brought is not None:
            yield Finding(
                path=f"pools.{name}.image",
                problem=f"is {pool.image.kind}, on which the GPU Operator installs driver and "
                f"toolkit, and pool '{brought}' is {pools[brought].image.title}, which brings "
                "them: the operator chooses the driver after whichever GPU node it finds first, "
                "and its device plugin looks for the operator's toolkit on all of them",
                fix="use one of the two for all GPU pools; al2023 and bottlerocket go together",
                source=ONE_SYSTEM,
            )
        elif first is not None and _release(pool) != _release(pools[first]):
            yield Finding(
                path=f"pools.{name}.image.release",
                problem=f"is {_release(pool)}, and that of pool '{first}' "
                f"{_release(pools[first])}: the GPU Operator installs the driver of one system "
                "for the whole cluster",
                fix="use the same Ubuntu for all GPU pools",
                source=ONE_SYSTEM,
            )


def _ubuntu(
    path: str, pool: KarpenterPool | ManagedPool, image: UbuntuImage, kubernetes: str
) -> Iterator[Finding]:
    if isinstance(pool, KarpenterPool):
        yield Finding(
            path=f"{path}.image",
            problem="is ubuntu on a Karpenter pool: Karpenter no longer writes how such a node "
            "joins the cluster",
            fix="use `provisioner: managed`, or another image",
            source=START_SOURCE,
        )
    elif pool.efa:
        yield Finding(
            path=f"{path}.efa",
            problem="is true on ubuntu: AWS puts the kernel module of EFA into Amazon Linux and "
            "Bottlerocket, and nobody says that Canonical does",
            fix="use `image: {kind: al2023}`, or leave `efa` out",
            source=EFA_SOURCE,
        )
    if not has_driver(GPU_OPERATOR.version, image.release, kubernetes):
        known = " or ".join(DRIVER_UBUNTUS[GPU_OPERATOR.version])
        yield Finding(
            path=f"{path}.image.release",
            problem=f"GPU Operator {GPU_OPERATOR.version} has no driver for Ubuntu {image.release} "
            f"with Kubernetes {kubernetes}",
            fix=f"use {known}, or `image: {{kind: al2023}}`",
            source=PLATFORMS,
        )


def _release(pool: PoolFacts) -> str | None:
    return pool.image.release if isinstance(pool.image, Ubuntu) else None
