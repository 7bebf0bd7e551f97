"""Spec of how a model fits its GPUs."""

from typing import Annotated

from pydantic import Field

from planning.fit.question import missing
from planning.specs.base import Spec


class ModelFitSpec(Spec):
    """What one GPU of a replica holds; `python -m planning fit` shows every term of it."""

    name: str
    """The entry."""
    fits: bool
    model: str
    """Repository, as the catalog has it."""
    gpu: str
    """Each GPU of the replica, or the part of it that the replica gets."""
    gpus: int
    """GPUs of one replica."""
    context: int
    """Tokens of the longest request and its answer."""
    utilisation: float
    """Part of that memory which the engine takes."""
    weights_gib_per_gpu: float
    kv_gib_per_gpu: float
    """What is left for the KV cache."""
    kv_tokens: int
    """As vLLM logs it."""
    max_concurrency: float
    """Requests as long as the context that fit at once, as vLLM logs it: of each data-parallel
    rank, since each has an engine of its own."""
    concurrency: Annotated[int | None, Field(exclude_if=missing)] = None
    """Requests of the whole context that one replica must hold at once; absent where not said."""
    ranks: Annotated[int | None, Field(exclude_if=missing)] = None
    """Data-parallel ranks that share those requests; absent where none are said."""
