"""The volume that a replica keeps: what it holds, how large it is, what it costs.

A replica reads nothing back that it has not written itself: vLLM runs what it finds in its caches,
so that nobody else may write there. Source: vLLM 0.33.0 docs/usage/security.md, Cache Directory
Security.
"""

from decimal import Decimal
from hashlib import sha256
from math import ceil

from catalog.model_facts import ModelFacts
from catalog.prices import GP3_USD_PER_GIB_MONTH
from planning.fit.question import EngineChoice, Parallelism
from planning.fit.stages import stages
from planning.fit.weights import weight_parts
from planning.foundation.cluster import STORAGE_CLASS
from planning.models.fit import BYTES_PER_GIB, facts_of
from planning.specs.cache import CacheSpec
from settings.cache import VolumeCache
from settings.loading import HubLoading, own_prefix
from settings.models import ModelSettings

WEIGHTS_PERCENT = 110
"""Of the weights that the catalog counts: the file system's own tables (under 2 %) and layers that
guess ahead, which a checkpoint may bring and an engine leaves on the disk."""
OTHERS_GIB = 16
"""Compiled graphs (about 15 MB for each shape of an engine), tuned kernels, tokenizers, adapters,
and 10 GB that the Hub's client may keep. Sources: Amazon EKS User Guide,
ml-inference-fast-model-loading; xet-runtime, config/groups/chunk_cache.rs."""
FOLDED = "absorbed"
"""Weights that an engine makes of others: no checkpoint has them."""


def cache(model: ModelSettings, region: str) -> CacheSpec | None:
    """Return the volume of each replica; None where it keeps nothing.

    Raises:
        ValueError: nobody says how large it is; `planning/rules/cache.py` refuses that before.
    """
    if not model.keeps_volumes:
        return None
    gib = volume_gib(model)
    if gib is None:
        raise ValueError(f"{model.model} is not in the catalog: nobody says how large it is")
    weights = own_prefix(model.load) or model.revision
    return CacheSpec(
        storage_class=STORAGE_CLASS,
        gib=gib,
        weights_gib=round(kept_weights_gib(model) or 0, 2),
        others_gib=OTHERS_GIB,
        folder=sha256(f"{model.model.lower()}@{weights}".encode()).hexdigest()[:16],
        usd_per_month=usd_per_month(gib, region),
    )


def volume_gib(model: ModelSettings) -> int | None:
    """Return the size of each replica's volume; None without one, and where nobody knows it."""
    if not isinstance(model.cache, VolumeCache):
        return None
    weights = kept_weights_gib(model)
    needed = None if weights is None else ceil(weights + OTHERS_GIB)
    return model.cache.gib or needed


def kept_weights_gib(model: ModelSettings) -> float | None:
    """Return the GiB that a replica's weights take of its volume; None where nobody knows.

    Only what comes from the Hub lies in a cache: other ways read a bucket or files at every start.
    """
    if not isinstance(model.load, HubLoading):
        return 0
    facts = facts_of(model.model)
    return None if facts is None else checkpoint_gib(facts) * WEIGHTS_PERCENT / 100


def checkpoint_gib(facts: ModelFacts) -> float:
    """Return the weights as published, in GiB: on one GPU, as the checkpoint holds them."""
    (whole,) = stages(facts, 1)
    parts = weight_parts(facts, Parallelism(), EngineChoice(), whole)
    return sum(part.bytes for part in parts if part.name != FOLDED) / BYTES_PER_GIB


def usd_per_month(gib: int, region: str) -> Decimal:
    """Return the price of a gp3 volume of this size with its own speed."""
    return GP3_USD_PER_GIB_MONTH[region].usd * gib
