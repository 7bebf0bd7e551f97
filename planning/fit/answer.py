"""The answer of the fit, as people and programs read it."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, PlainSerializer

from planning.fit.question import EngineChoice, Parallelism, missing
from planning.fit.rules import Reason
from planning.specs.base import Spec

Usd = Annotated[Decimal, PlainSerializer(float, when_used="json")]
"""US dollars; exact here, a number in JSON."""


class Term(Spec):
    """One part of the memory of a GPU."""

    name: str
    """`budget` is what the engine may use; all others are taken from it, and add up to it."""
    gib: float
    how: str
    """Where the number comes from; empty where the name says it."""


class Fit(Spec):
    """What one GPU of a replica holds, in GiB; where pipeline stages differ, of the tightest."""

    fits: bool
    model: str
    gpu: str
    gpus: int
    """GPUs of one replica."""
    parallel: Parallelism
    engine: EngineChoice
    utilisation: float
    """Part of the GPU's memory that the engine takes."""
    context: int
    """Tokens of the longest request and its answer."""
    concurrency: Annotated[int | None, Field(exclude_if=missing)] = None
    """Requests as long as the context that one replica must hold at once; None asks for one."""
    weights_gib_per_gpu: float
    kv_gib_per_gpu: float
    """What is left for the KV cache; 0 where nothing is."""
    kv_bytes_per_token_per_gpu: float
    """What one more token of context costs, beyond sliding windows and states."""
    kv_cache_dtype: str
    kv_tokens: int
    """As vLLM logs it: `GPU KV cache size`."""
    max_concurrency: float
    """As vLLM logs it: requests as long as the context that fit at once, of each data-parallel
    rank."""
    longest_context: int
    """Longest context, in tokens, of which as many requests fit as are wanted at once, one if
    nothing is said; 0 where none does."""
    terms: tuple[Term, ...]
    reasons: tuple[Reason, ...]
    """Why it does not fit; none where it does."""
    uncertain: tuple[str, ...]
    """What the catalog is not certain of."""


class Way(Spec):
    """A way in which the model does fit."""

    change: str
    """What to do other than asked."""
    gpu: str
    gpus: int
    instance_type: str | None
    """The cheapest that carries the GPUs, of which `nodes` are needed; None without any."""
    nodes: int
    parallel: Parallelism
    usd_per_hour: Usd | None
    """Of those whole instances, on demand; None where the catalog has no price."""
    kv_tokens: int
    max_concurrency: float
    context: int


class FitReport(Fit):
    """The answer, and the cheapest ways that fit, where it does not."""

    replicas: int
    """Replicas that the GPUs asked about hold; every other number is of one."""
    ways: tuple[Way, ...]
