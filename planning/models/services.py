"""One entry per model, wired through every layer: all its strings are made here, once."""

from dataclasses import dataclass

from planning.engine.arguments import engine_arguments, sampling_arguments
from planning.engine.images import chosen_image
from planning.models.cache import cache
from planning.models.demand import demand
from planning.models.fit import ModelFit
from planning.models.groups import group
from planning.models.kv_transfer import replica_selector, transfer
from planning.models.loading import loading
from planning.models.priorities import priority
from planning.models.roles import Role, RoleKind, roles
from planning.models.scaling import scaler
from planning.models.startup import startup_seconds
from planning.pools.fabric import efa_interfaces, network_environment, with_efa
from planning.pools.facts import PoolFacts
from planning.pools.marks import tolerations
from planning.specs.base import (
    MODELS_NAMESPACE,
    PART_OF,
    POOL_LABEL,
    ROLE_LABEL,
    SHARING_LABEL,
)
from planning.specs.loading import LoadingSpec
from planning.specs.models import NODE_SECONDS, ModelRouteSpec, ModelServiceSpec, TransferSpec
from settings.loading import own_prefix
from settings.models import ModelSettings
from settings.replicas import Rollout

PORT = 8000
"""API and metrics. Source: vLLM 0.33.0 `--port`."""
PRE_STOP_SECONDS = 20
DRAIN_SECONDS = 60
MARGIN_SECONDS = 20
"""vLLM answers requests that arrive while it drains as aborted, so the endpoint goes first.
Source: vLLM 0.33.0 v1/engine/core.py."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A model of the settings beside what was decided of it."""

    name: str
    model: ModelSettings
    pool: PoolFacts
    fit: ModelFit
    rollout: Rollout


def model_services(entry: Entry) -> tuple[ModelServiceSpec, ...]:
    """Return the sets of replicas of an entry: one, or one per role."""
    return tuple(model_service(entry, role) for role in roles(entry.model))


def model_service(entry: Entry, role: Role) -> ModelServiceSpec:
    """Return everything that the layers need to know of a set of replicas that fit their pool."""
    model, pool, fit = entry.model, entry.pool, entry.fit
    asked, name = demand(model, pool), role.name(entry.name)
    host, bytes_per_node = service_host(name), fit.weight_bytes / model.nodes
    selector = replica_selector(entry.name) | role_label(role.kind)
    load = loading(
        model,
        pool.region,
        weight_bytes=bytes_per_node,
        tensor=fit.parallel.tensor,
        memory_mib=asked.memory_mib,
    )
    patience = startup_seconds(
        bytes_per_node, pool.types, model.load.kind, on_volume=model.keeps_volumes
    )
    if model.nodes > 1:
        # A leader waits for workers whose nodes may have to be started.
        patience += NODE_SECONDS
    interfaces = efa_interfaces(pool, asked.gpu)
    handed_on = transfer(entry.name, role.kind, model.engine, over_efa=interfaces > 0)
    return ModelServiceSpec(
        name=name,
        model=entry.name,
        role=role.kind,
        namespace=MODELS_NAMESPACE,
        pool=pool.name,
        repository=fit.repository,
        revision=model.revision,
        own_weights=own_prefix(model.load),
        licence=model.licence,
        sampling=model.sampling.chosen if model.sampling else {},
        image=chosen_image(model.engine).reference,
        args=_arguments(entry, load, handed_on),
        load=load,
        port=PORT,
        labels={**selector, **PART_OF, SHARING_LABEL: pool.settings.sharing.kind},
        selector=selector,
        gpu=asked.gpu,
        grant=with_efa(pool.way.grant(name, model, asked.gpu), interfaces),
        cpu_milli=asked.cpu_milli,
        memory_mib=asked.memory_mib,
        shared_memory_mib=min(2048 * asked.gpu.devices, asked.memory_mib // 4),
        cache_gib=asked.cache_gib,
        node_selector={POOL_LABEL: pool.name},
        tolerations=tolerations((pool,)),
        priority_class=priority(asked.gpu, pool).name,
        min_replicas=role.replicas.min,
        startup_seconds=patience,
        pre_stop_seconds=PRE_STOP_SECONDS,
        drain_seconds=DRAIN_SECONDS,
        grace_seconds=PRE_STOP_SECONDS + DRAIN_SECONDS + MARGIN_SECONDS,
        rollout=entry.rollout,
        context=fit.context,
        host=host,
        api_base=api_base(host),
        scaler=scaler(entry.name, model.kind, role, f"http://{host}:{PORT}/metrics"),
        group=group(model, patience),
        network=network_environment(model, pool, interfaces),
        cache=cache(model, pool.region),
        transfer=handed_on,
    )


def model_route(entry: Entry) -> ModelRouteSpec:
    """Return where the gateway finds an entry: its Service, or that of its router."""
    host = service_host(entry.name)
    return ModelRouteSpec(
        name=entry.name, host=host, api_base=api_base(host), context=entry.fit.context
    )


def service_host(name: str) -> str:
    """Return the cluster-internal host name of a Service beside the models."""
    return f"{name}.{MODELS_NAMESPACE}.svc.cluster.local"


def api_base(host: str) -> str:
    """Return the OpenAI-compatible base URL of a host that serves a model."""
    return f"http://{host}:{PORT}/v1"


def role_label(kind: RoleKind | None) -> dict[str, str]:
    """Return the label that tells the sets of an entry apart."""
    return {} if kind is None else {ROLE_LABEL: kind}


def _arguments(entry: Entry, load: LoadingSpec, handed_on: TransferSpec | None) -> tuple[str, ...]:
    """Return what the platform decides, then the owner's settings, then the owner's own flags."""
    model, engine, fit = entry.model, entry.model.engine, entry.fit
    tensor = ("--tensor-parallel-size", str(fit.parallel.tensor))
    stages = ("--pipeline-parallel-size", str(fit.parallel.pipeline))
    memory = ("--gpu-memory-utilization", str(fit.utilisation)) if fit.utilisation else ()
    return (
        *load.serve,
        *("--served-model-name", entry.name),
        *("--port", str(PORT)),
        *("--max-model-len", str(fit.context)),
        *(tensor if engine.tensor_parallel is None else ()),
        *(stages if engine.pipeline_parallel is None and model.nodes > 1 else ()),
        *memory,
        *("--shutdown-timeout", str(DRAIN_SECONDS)),
        *(handed_on.arguments if handed_on else ()),
        *engine_arguments(engine),
        *(sampling_arguments(model.sampling) if model.sampling else ()),
        *engine.extra_args,
    )
