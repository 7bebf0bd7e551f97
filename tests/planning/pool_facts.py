"""Pools of L40S GPUs and models on them, small enough to write in one line."""

from typing import Any

from pydantic import TypeAdapter

from planning.pools.facts import PoolFacts, known_pools
from settings.models import ModelSettings
from settings.pools import Pool

Models = list[tuple[str, ModelSettings]]
POOL: TypeAdapter[Any] = TypeAdapter(Pool)
L40S_MIB = 45776
BY_GPUS = {1: "g6e.2xlarge", 4: "g6e.12xlarge", 8: "g6e.48xlarge"}
HAMI = {"kind": "hami", "splits": 3}


def pools(**documents: dict[str, Any]) -> dict[str, PoolFacts]:
    """Return pools of L40S by name; `gpus` are the GPUs of their instance types."""
    made = {
        name: POOL.validate_python(
            {key: value for key, value in document.items() if key != "gpus"}
            | {"instances": [BY_GPUS[gpus] for gpus in document["gpus"]]}
        )
        for name, document in documents.items()
    }
    return known_pools(made, "us-west-2")


def karpenter(*gpus: int, gpu_limit: int) -> dict[str, Any]:
    return {"provisioner": "karpenter", "gpus": gpus, "gpu_limit": gpu_limit}


def managed(gpus: int, nodes: int | dict[str, int], **more: Any) -> dict[str, Any]:
    return {"provisioner": "managed", "gpus": (gpus,), "nodes": nodes, **more}


def model(pool: str, replicas: int = 1, **ask: Any) -> ModelSettings:
    scale = {"min": replicas, "max": replicas}
    document = {"model": "a/b", "pool": pool, "context": 512, "replicas": scale, **ask}
    return ModelSettings.model_validate(document)


def share(memory_gib: int, cores_percent: int) -> dict[str, int]:
    return {"memory_gib": memory_gib, "cores_percent": cores_percent}
