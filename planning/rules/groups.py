"""Rules of replicas over several nodes: what cannot work, and what will be slow."""

import re
from collections.abc import Iterable, Iterator, Mapping

from planning.pools.fabric import efa_interfaces
from planning.pools.facts import PoolFacts
from planning.rules.cache import pool_zones
from settings.environment import Environment
from settings.finding import Finding
from settings.managed_pool import ManagedPool
from settings.models import ModelSettings

LWS_SOURCE = "kubernetes-sigs/lws v0.10.0: pkg/webhooks, pkg/utils/controller"
GROUP_SOURCE = "vLLM 0.33.0 docs/serving/parallelism_scaling.md"
DATA_SOURCE = "vLLM 0.33.0 docs/serving/data_parallel_deployment.md"
ZONE_SOURCE = "Amazon EC2 User Guide, placement strategies"
EFA_SOURCE = "Amazon EKS User Guide, node-efa"
IMAGE_SOURCE = "vLLM 0.33.0 docker/Dockerfile, which installs no aws-ofi-nccl"
AUTOSCALER_SOURCE = "kubernetes/autoscaler, cluster-autoscaler/cloudprovider/aws/README.md"
SCALING_TAG = "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa"


def group_rules(name: str, model: ModelSettings, others: Iterable[str]) -> Iterator[Finding]:
    """Yield what keeps a replica over several nodes from working; `others` are all models."""
    if model.nodes == 1:
        return
    if name[0].isdigit():
        yield Finding(
            path=f"models.{name}",
            problem="begins with a digit, and a LeaderWorkerSet's name begins with a letter",
            fix=f"call it, for example, m-{name}",
            source=LWS_SOURCE,
        )
    for other in others:
        if re.fullmatch(rf"{re.escape(name)}-\d+", other):
            yield Finding(
                path=f"models.{other}",
                problem=f"is what a replica of {name} and its Service are called: `{name}` spans "
                f"{model.nodes} nodes, and its replicas are numbered",
                fix="give one of them another name",
                source=LWS_SOURCE,
            )
    if (model.engine.data_parallel or 1) > 1:
        yield Finding(
            path=f"models.{name}.engine.data_parallel",
            problem=f"is {model.engine.data_parallel} on a replica over {model.nodes} nodes: each "
            "copy would have to be told its place in another way than the nodes are",
            fix="leave it out, and raise `replicas`",
            source=DATA_SOURCE,
        )


def whole_node_rules(name: str, model: ModelSettings, pool: PoolFacts) -> Iterator[Finding]:
    """Yield that a pool has no whole nodes for a replica over several."""
    gpus, sizes = pool.ask(model).devices, sorted({found.gpus for found in pool.types})
    if model.nodes == 1:
        return
    if pool.divides:
        yield Finding(
            path=f"models.{name}.nodes",
            problem=f"is {model.nodes}, and pool '{pool.name}' divides its GPUs by "
            f"`{pool.way.kind}`: a replica over several nodes takes all GPUs of each, whole",
            fix="use a pool of whole GPUs, `sharing: {kind: whole}` or `{kind: dra}`",
            source=GROUP_SOURCE,
        )
    elif sizes != [gpus]:
        has = " or ".join(map(str, sizes))
        yield Finding(
            path=f"models.{name}.gpus",
            problem=f"is {gpus} in each of {model.nodes} nodes, and a node of pool '{pool.name}' "
            f"has {has}: a replica over several nodes takes all GPUs of each",
            fix=f"make it {sizes[-1]}, on a pool whose instances all have as many, or leave out "
            "`nodes`",
            source=GROUP_SOURCE,
        )


def efa_rules(name: str, model: ModelSettings, pool: PoolFacts) -> Iterator[Finding]:
    """Yield that nobody would start the first node for a replica that asks for EFA."""
    settings = pool.settings
    if not isinstance(settings, ManagedPool) or settings.nodes.min or _is_block(pool):
        return
    if efa_interfaces(pool, pool.ask(model)):
        yield Finding(
            path=f"pools.{pool.name}.nodes",
            problem="starts from none, but of a node that does not run yet Cluster Autoscaler does "
            f"not know that it has EFA, which the replicas of '{name}' ask for",
            fix=f"use `nodes: {{min: 1, max: {settings.nodes.max}}}`",
            source=AUTOSCALER_SOURCE,
        )


def group_warnings(environment: Environment, pools: Mapping[str, PoolFacts]) -> Iterator[Finding]:
    """Yield what works over several nodes, and slower than it might."""
    for name, model in environment.platform.models.items():
        pool = pools[model.pool]
        if model.nodes > 1:
            yield from _tcp(name, model, pool)
            yield from _apart(name, model, pool, environment)
        if _is_block(pool) and efa_interfaces(pool, pool.ask(model)):
            yield Finding(
                path=f"pools.{pool.name}.efa",
                problem="of a node of a Capacity Block that does not run yet Cluster Autoscaler "
                f"does not know that it has EFA, which the replicas of '{name}' ask for",
                fix="tag the Auto Scaling group of the node group, as soon as it is there, with "
                f"{SCALING_TAG}: {pool.first.efa_interfaces}",
                source=AUTOSCALER_SOURCE,
            )


def _tcp(name: str, model: ModelSettings, pool: PoolFacts) -> Iterator[Finding]:
    """Yield that NCCL has nothing but TCP between the nodes."""
    if not efa_interfaces(pool, pool.ask(model)):
        with_efa = "a managed pool with `efa: true`"
        fix = (
            f"use {with_efa}"
            if pool.first.efa_interfaces
            else f"use {with_efa} and a type that has it, such as p5.48xlarge"
        )
        yield Finding(
            path=f"models.{name}.pool",
            problem=f"nodes of pool '{pool.name}' offer pods no EFA, so that NCCL sends what the "
            f"{model.nodes} nodes of a replica tell each other over TCP",
            fix=fix,
            source=EFA_SOURCE,
        )
    elif model.engine.image is None:
        yield Finding(
            path=f"models.{name}.engine.image",
            problem="is not set, and vLLM's own image has no aws-ofi-nccl: NCCL would not find "
            f"the EFA interfaces of pool '{pool.name}' and send over TCP, without a word",
            fix="use an image of vLLM with aws-ofi-nccl in it, such as AWS's Deep Learning "
            "Containers",
            source=IMAGE_SOURCE,
        )


def _apart(
    name: str, model: ModelSettings, pool: PoolFacts, environment: Environment
) -> Iterator[Finding]:
    zones = pool_zones(pool, environment)
    if len(zones) > 1:
        key = (
            f"zone: {zones[0]}"
            if isinstance(pool.settings, ManagedPool)
            else f"zones: [{zones[0]}]"
        )
        yield Finding(
            path=f"pools.{pool.name}",
            problem=f"has nodes in {' and '.join(zones)}: the {model.nodes} nodes of a replica of "
            f"'{name}' come into one zone only where there is room, and what they say between "
            "zones is slow and paid for",
            fix=f"give it one zone, `{key}`",
            source=ZONE_SOURCE,
        )


def _is_block(pool: PoolFacts) -> bool:
    return isinstance(pool.settings, ManagedPool) and pool.settings.capacity == "capacity-block"
