"""When a set of replicas grows and shrinks, and by what it is seen."""

from typing import Final

from planning.models.kinds import SCALING
from planning.models.roles import Role
from planning.specs.models import ScalerSpec
from settings.models import WorkloadKind

POLLING_SECONDS: Final = 15
KV_USAGE_PER_REPLICA: Final = 0.7
"""Below the 0.8 at which a replica counts as full, so that the next one has begun to load by then.
Source: llm-d/llm-d-workload-variant-autoscaler, docs/saturation-scaling-config.md."""


def scaler(name: str, kind: WorkloadKind, role: Role, metrics_url: str) -> ScalerSpec:
    """Return what scales a set of replicas of the model called `name`.

    Requests queue in front of whoever reads the prompts. Replicas that only answer hardly ever have
    a queue: what they run out of is room for KV caches. Source: llm-d/llm-d,
    guides/workload-autoscaling, whose prefill and decode scale apart.
    """
    scaling, answers = SCALING[kind], role.kind == "decode"
    series = "vllm:kv_cache_usage_perc" if answers else "vllm:num_requests_waiting"
    return ScalerSpec(
        min_replicas=role.replicas.min,
        max_replicas=role.replicas.max,
        metrics_url=metrics_url,
        metric=f'{series}{{model_name="{name}"}}',
        signal="kv-cache-usage" if answers else "waiting-requests",
        target_per_replica=KV_USAGE_PER_REPLICA if answers else scaling.waiting_per_replica,
        polling_seconds=POLLING_SECONDS,
        scale_down_seconds=scaling.scale_down_seconds,
    )
