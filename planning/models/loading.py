"""How weights come to an engine: where they lie, and the flags and variables that say so.

Sources: vLLM 0.33.0 docs/models/extensions/runai_model_streamer.md; Run:ai Model Streamer,
docs/src/env-vars.md; Amazon EKS User Guide, ml-inference-fast-model-loading.
"""

import json
import re
from hashlib import sha256
from math import ceil
from typing import Final, Literal

from catalog.images import LITELLM
from planning.foundation.storage import CLAIM
from planning.models.fit import facts_of
from planning.naming import cluster_name
from planning.specs.base import MODELS_NAMESPACE, PART_OF
from planning.specs.loading import CopySpec, HubTokenSpec, LoadingSpec, MountSpec, PrefetchSpec
from settings.environment import Environment
from settings.loading import (
    BucketLoading,
    CopyLoading,
    HubLoading,
    SharedFilesLoading,
    StagedLoading,
    own_prefix,
)
from settings.models import ModelSettings

TOKEN_VARIABLE: Final = "HF_TOKEN"  # noqa: S105 - a name
BUCKET_VARIABLE: Final = "MODEL_BUCKET"
FILES_FOLDER, COPY_FOLDER = "/model-files", "/weights"
OFFLINE: Final = {"HF_HUB_OFFLINE": "1"}
"""For a folder only: offline, vLLM looks up any other name of a model in the Hub's local cache."""
READ_BYTES = 4 * 1024**3
"""What one thread of the streamer reads from S3 at a time, and so one thread per 4 GB."""
S3_READS: Final = {
    "RUNAI_STREAMER_CHUNK_BYTESIZE": str(READ_BYTES),
    "RUNAI_STREAMER_S3_REQUEST_TIMEOUT_MS": "3000",
    "RUNAI_STREAMER_S3_LOW_SPEED_LIMIT": str(1024**2),
}
GB = 10**9
MIB = 1024**2
PREFETCH_CPU_MILLI, PREFETCH_MEMORY_MIB = 1000, 2048
"""Eight files at a time, each with one part of 64 MiB in memory."""
PREFETCH_SECONDS = 6 * 3600
PREFETCH_RETRIES = 10


def repository(model: ModelSettings) -> str:
    """Return the repository of the Hub, as the catalog writes it where it knows it."""
    found = facts_of(model.model)
    return found.id if found else model.model


def prefix(model: ModelSettings) -> str:
    """Return where the weights lie in the model bucket and in shared files.

    Raises:
        ValueError: a revision is not pinned; `planning/rules/loading.py` refuses that before.
    """
    if own := own_prefix(model.load):
        return own
    if model.revision is None:
        raise ValueError(f"{model.model} lies nowhere without a revision; pin it")
    return f"{repository(model)}/{model.revision}/"


def loading(
    model: ModelSettings, region: str, *, weight_bytes: float, tensor: int, memory_mib: int
) -> LoadingSpec:
    """Return how a model's weights come to its engine.

    Args:
        model: The model.
        region: Region of the model bucket.
        weight_bytes: Weights of all GPUs of one replica.
        tensor: GPUs that share each layer; each has a process of its own.
        memory_mib: Host memory of the replica.
    """
    settings = model.load
    match settings:
        case HubLoading():
            pinned = ("--revision", model.revision) if model.revision else ()
            return LoadingSpec(
                kind=settings.kind,
                serve=(repository(model), *pinned),
                token_variable=TOKEN_VARIABLE if settings.token else None,
            )
        case BucketLoading():
            concurrency = ceil(weight_bytes / tensor / (4 * GB))
            streamed = _streamed(tensor, memory_mib, {"concurrency": concurrency})
            return LoadingSpec(
                kind=settings.kind,
                # The kubelet puts the bucket's name in: the engine of the platform chooses it.
                serve=(f"s3://$({BUCKET_VARIABLE})/{prefix(model)}", *streamed),
                environment=in_region(region) | S3_READS,
                bucket_variable=BUCKET_VARIABLE,
            )
        case SharedFilesLoading():
            streamed = _streamed(tensor, memory_mib, {})
            return LoadingSpec(
                kind=settings.kind,
                serve=(f"{FILES_FOLDER}/{prefix(model)}", *streamed),
                environment=OFFLINE,
                mount=MountSpec(claim=CLAIM.name, folder=FILES_FOLDER),
            )
        case CopyLoading():
            return LoadingSpec(
                kind=settings.kind,
                serve=(f"{COPY_FOLDER}/",),
                environment=in_region(region) | OFFLINE,
                bucket_variable=BUCKET_VARIABLE,
                copies=CopySpec(prefix=prefix(model), folder=COPY_FOLDER),
            )


def _streamed(tensor: int, memory_mib: int, more: dict[str, int]) -> tuple[str, ...]:
    """Return the streamer's flags: half of the pod's memory is its buffer, shared by the GPUs.

    With several GPUs each reads its part once and gives it to the others.
    """
    config: dict[str, int | Literal[True]] = {
        **more,
        "memory_limit": memory_mib * MIB // 2 // tensor,
        **({"distributed": True} if tensor > 1 else {}),
    }
    extra = json.dumps(config, sort_keys=True)
    return ("--load-format", "runai_streamer", "--model-loader-extra-config", extra)


def in_region(region: str) -> dict[str, str]:
    """Return what clients of AWS look at: boto3 at the one, the streamer's library at the other."""
    return {"AWS_DEFAULT_REGION": region, "AWS_REGION": region}


def hub_token(environment: Environment) -> HubTokenSpec | None:
    """Return the Secret of the Hub's token; None where no model asks for it."""
    if not any(model.load.token for model in environment.platform.models.values()):
        return None
    return HubTokenSpec(
        name="hugging-face",
        namespace=MODELS_NAMESPACE,
        labels=PART_OF,
        variable=TOKEN_VARIABLE,
    )


def prefetches(environment: Environment) -> tuple[PrefetchSpec, ...]:
    """Return a Job for each revision of a model that has to come into the bucket, by its name."""
    wanted: dict[str, list[tuple[str, ModelSettings]]] = {}
    for name, model in sorted(environment.platform.models.items()):
        if isinstance(model.load, StagedLoading) and model.load.prefetched:
            wanted.setdefault(prefix(model), []).append((name, model))
    found = (_prefetch(environment, tuple(models)) for models in wanted.values())
    return tuple(sorted(found, key=lambda spec: spec.name))


def _prefetch(
    environment: Environment, models: tuple[tuple[str, ModelSettings], ...]
) -> PrefetchSpec:
    """Return the Job of one revision, which several entries may wait for.

    It has the gateway's image, which the system nodes carry anyway: the smallest of the platform
    with Python and boto3, which LiteLLM needs for Bedrock.
    """
    first = models[0][1]
    place = prefix(first)
    name = _name(repository(first), place)
    return PrefetchSpec(
        name=name,
        namespace=MODELS_NAMESPACE,
        cluster_name=cluster_name(environment.stack),
        labels={"app.kubernetes.io/name": name, **PART_OF},
        image=LITELLM.reference,
        repository=repository(first),
        revision=first.revision or "",
        prefix=place,
        environment=in_region(environment.region),
        bucket_variable=BUCKET_VARIABLE,
        token_variable=TOKEN_VARIABLE if any(model.load.token for _, model in models) else None,
        cpu_milli=PREFETCH_CPU_MILLI,
        memory_mib=PREFETCH_MEMORY_MIB,
        deadline_seconds=PREFETCH_SECONDS,
        retries=PREFETCH_RETRIES,
        models=tuple(name for name, _ in models),
    )


def _name(repo: str, place: str) -> str:
    """Return a DNS label that begins with the model's name and is another for each revision."""
    slug = re.sub(r"[^a-z0-9]+", "-", repo.partition("/")[2].lower()).strip("-")
    return f"prefetch-{slug[:30].strip('-')}-{sha256(place.encode()).hexdigest()[:8]}"
