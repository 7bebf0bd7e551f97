"""One entry per model, wired through every layer: all its strings are made here, once."""

from typing import Literal

from catalog.images import VLLM
from planning.demand import demand
from planning.node_marks import tolerations
from planning.pool_facts import PoolFacts
from planning.specs.base import (
    MODEL_LABEL,
    MODELS_NAMESPACE,
    PART_OF,
    POOL_LABEL,
    SHARING_LABEL,
)
from planning.specs.models import ModelServiceSpec, ScalerSpec
from settings.models import ModelSettings

PORT = 8000
"""API and metrics. Source: vLLM 0.33.0 `--port`."""
STARTUP_SECONDS = 1800
"""Download, load, compile and capture: vLLM's own limit of 600 s ends a large model's start."""
PRE_STOP_SECONDS = 20
DRAIN_SECONDS = 60
MARGIN_SECONDS = 20
"""vLLM answers requests that arrive while it drains as aborted, so the endpoint goes first.
Source: vLLM 0.33.0 v1/engine/core.py."""
WAITING_PER_REPLICA = 5
"""Waiting requests that add a replica. Source: vllm-project/production-stack, helm/values.yaml."""
POLLING_SECONDS = 15
SCALE_DOWN_SECONDS = 300
HAMI_SCHEDULER = "hami-scheduler"
"""Source: HAMi chart 2.10.0, schedulerName."""


def model_service(name: str, model: ModelSettings, pool: PoolFacts) -> ModelServiceSpec:
    """Return everything that the layers need to know of a model."""
    asked = demand(model, pool)
    selector = {"app.kubernetes.io/name": "vllm", MODEL_LABEL: name}
    host = f"{name}.{MODELS_NAMESPACE}.svc.cluster.local"
    return ModelServiceSpec(
        name=name,
        namespace=MODELS_NAMESPACE,
        pool=pool.name,
        image=VLLM.reference,
        args=_arguments(name, model, asked.gpu.devices),
        port=PORT,
        labels={**selector, **PART_OF, SHARING_LABEL: pool.settings.sharing.kind},
        selector=selector,
        gpu=asked.gpu,
        cpu_milli=asked.cpu_milli,
        memory_mib=asked.memory_mib,
        shared_memory_mib=min(2048 * asked.gpu.devices, asked.memory_mib // 4),
        cache_gib=asked.cache_gib,
        node_selector={POOL_LABEL: pool.name},
        tolerations=tolerations((pool,)),
        scheduler_name=HAMI_SCHEDULER if pool.shared else None,
        min_replicas=model.replicas.min,
        startup_seconds=STARTUP_SECONDS,
        pre_stop_seconds=PRE_STOP_SECONDS,
        drain_seconds=DRAIN_SECONDS,
        grace_seconds=PRE_STOP_SECONDS + DRAIN_SECONDS + MARGIN_SECONDS,
        rollout=_rollout(model, asked.gpu.devices, pool),
        context=model.context,
        host=host,
        api_base=f"http://{host}:{PORT}/v1",
        scaler=_scaler(name, model, host),
    )


def _arguments(name: str, model: ModelSettings, devices: int) -> tuple[str, ...]:
    revision = ("--revision", model.revision) if model.revision else ()
    return (
        model.model,
        *revision,
        *("--served-model-name", name),
        *("--port", str(PORT)),
        *("--max-model-len", str(model.context)),
        *("--tensor-parallel-size", str(devices)),
        *("--shutdown-timeout", str(DRAIN_SECONDS)),
    )


def _rollout(model: ModelSettings, devices: int, pool: PoolFacts) -> Literal["surge", "in-place"]:
    """Surge where the pool may own the GPUs of one more replica, else replace in place."""
    peak = (model.replicas.min + 1) * devices
    return "surge" if not pool.shared and peak <= pool.gpus_limit else "in-place"


def _scaler(name: str, model: ModelSettings, host: str) -> ScalerSpec:
    return ScalerSpec(
        min_replicas=model.replicas.min,
        max_replicas=model.replicas.max,
        metrics_url=f"http://{host}:{PORT}/metrics",
        metric=f'vllm:num_requests_waiting{{model_name="{name}"}}',
        target_per_replica=WAITING_PER_REPLICA,
        polling_seconds=POLLING_SECONDS,
        scale_down_seconds=SCALE_DOWN_SECONDS,
    )
