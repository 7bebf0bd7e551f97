"""One entry per model, wired through every layer: all its strings are made here, once."""

from planning.demand import demand
from planning.engine_arguments import engine_arguments
from planning.engine_images import chosen_image
from planning.loading import loading
from planning.model_fit import ModelFit
from planning.node_marks import tolerations
from planning.pool_facts import PoolFacts
from planning.priorities import priority
from planning.specs.base import (
    MODEL_LABEL,
    MODELS_NAMESPACE,
    PART_OF,
    POOL_LABEL,
    SHARING_LABEL,
)
from planning.specs.loading import LoadingSpec
from planning.specs.models import ModelServiceSpec, ScalerSpec
from planning.specs.rolls import Rollout
from planning.startup import startup_seconds
from planning.workload_kinds import SCALING
from settings.models import ModelSettings

PORT = 8000
"""API and metrics. Source: vLLM 0.33.0 `--port`."""
PRE_STOP_SECONDS = 20
DRAIN_SECONDS = 60
MARGIN_SECONDS = 20
"""vLLM answers requests that arrive while it drains as aborted, so the endpoint goes first.
Source: vLLM 0.33.0 v1/engine/core.py."""
POLLING_SECONDS = 15


def model_service(
    name: str, model: ModelSettings, pool: PoolFacts, fit: ModelFit, rollout: Rollout
) -> ModelServiceSpec:
    """Return everything that the layers need to know of a model that fits its pool."""
    asked = demand(model, pool)
    grant = pool.way.grant(name, model, asked.gpu)
    selector = {"app.kubernetes.io/name": "vllm", MODEL_LABEL: name}
    host = f"{name}.{MODELS_NAMESPACE}.svc.cluster.local"
    load = loading(
        model,
        pool.region,
        weight_bytes=fit.weight_bytes,
        tensor=fit.parallel.tensor,
        memory_mib=asked.memory_mib,
    )
    return ModelServiceSpec(
        name=name,
        namespace=MODELS_NAMESPACE,
        pool=pool.name,
        licence=model.licence,
        image=chosen_image(model.engine).reference,
        args=_arguments(name, model, fit, load),
        load=load,
        port=PORT,
        labels={**selector, **PART_OF, SHARING_LABEL: pool.settings.sharing.kind},
        selector=selector,
        gpu=asked.gpu,
        grant=grant,
        cpu_milli=asked.cpu_milli,
        memory_mib=asked.memory_mib,
        shared_memory_mib=min(2048 * asked.gpu.devices, asked.memory_mib // 4),
        cache_gib=asked.cache_gib,
        node_selector={POOL_LABEL: pool.name},
        tolerations=tolerations((pool,)),
        priority_class=priority(pool.weight(asked.gpu)).name,
        min_replicas=model.replicas.min,
        startup_seconds=startup_seconds(fit.weight_bytes, pool.types, model.load.kind),
        pre_stop_seconds=PRE_STOP_SECONDS,
        drain_seconds=DRAIN_SECONDS,
        grace_seconds=PRE_STOP_SECONDS + DRAIN_SECONDS + MARGIN_SECONDS,
        rollout=rollout,
        context=fit.context,
        host=host,
        api_base=f"http://{host}:{PORT}/v1",
        scaler=_scaler(name, model, host),
    )


def _arguments(
    name: str, model: ModelSettings, fit: ModelFit, load: LoadingSpec
) -> tuple[str, ...]:
    """Return what the platform decides, then the owner's settings, then the owner's own flags."""
    engine = model.engine
    tensor = ("--tensor-parallel-size", str(fit.parallel.tensor))
    memory = ("--gpu-memory-utilization", str(fit.utilisation)) if fit.utilisation else ()
    return (
        *load.serve,
        *("--served-model-name", name),
        *("--port", str(PORT)),
        *("--max-model-len", str(fit.context)),
        *(tensor if engine.tensor_parallel is None else ()),
        *memory,
        *("--shutdown-timeout", str(DRAIN_SECONDS)),
        *engine_arguments(engine),
        *engine.extra_args,
    )


def _scaler(name: str, model: ModelSettings, host: str) -> ScalerSpec:
    return ScalerSpec(
        min_replicas=model.replicas.min,
        max_replicas=model.replicas.max,
        metrics_url=f"http://{host}:{PORT}/metrics",
        metric=f'vllm:num_requests_waiting{{model_name="{name}"}}',
        target_per_replica=SCALING[model.kind].waiting_per_replica,
        polling_seconds=POLLING_SECONDS,
        scale_down_seconds=SCALING[model.kind].scale_down_seconds,
    )
