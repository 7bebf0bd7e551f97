"""What it costs on the network that the replicas of a model divide the work.

Sources: planning/fit for the size of a KV cache, the catalog for bandwidth.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from catalog.engine_releases import PINNED, release_number
from planning.models.fit import BYTES_PER_GIB, model_fit
from planning.pools.fabric import efa_interfaces
from planning.pools.facts import PoolFacts
from planning.rules.cache import pool_zones
from settings.environment import Environment
from settings.finding import Finding
from settings.managed_pool import ManagedPool
from settings.models import ModelSettings

TRANSFER_SOURCE: Final = "planning/rules/prefill_warnings.py, baseline bandwidth of the catalog"
ZONES_SOURCE: Final = "Amazon EC2 pricing, data transfer within the same AWS Region"
FIRST_WITH_NIXL: Final = "0.20.1"
NIXL_SOURCE: Final = (
    "vllm-project/vllm: pull request 41634; vLLM 0.33.0: .buildkite/release-pipeline.yaml"
)
PROMPT_TOKENS: Final = 8192
"""The prompt that transfers are told for; that of a load test, too."""
LONG_SECONDS: Final = 1
"""A longer transfer is felt in every first token."""


def prefill_warnings(environment: Environment, pools: Mapping[str, PoolFacts]) -> Iterator[Finding]:
    """Yield what the division costs on the network, for every model that nothing is wrong with."""
    for name, model in environment.platform.models.items():
        if model.prefill is not None:
            yield from _without_nixl(name, model)
            yield from _slow(name, model, pools[model.pool])
            yield from _across_zones(name, model, pools[model.pool], environment)


def _without_nixl(name: str, model: ModelSettings) -> Iterator[Finding]:
    """Yield that nobody has shown the release's image to carry what hands KV caches on."""
    engine = model.engine
    if engine.version and release_number(engine.version) < release_number(FIRST_WITH_NIXL):
        yield Finding(
            path=f"models.{name}.engine.version",
            problem=f"is {engine.version}, and only of {FIRST_WITH_NIXL} and later is it known "
            "that the image carries NIXL: without it the replicas do not start",
            fix=f"use {PINNED}, or look into the image first",
            source=NIXL_SOURCE,
        )


def prompt_gib(name: str, model: ModelSettings, pool: PoolFacts) -> tuple[int, float] | None:
    """Return a prompt in tokens and its KV cache in GiB; None of a model that is not known.

    Every GPU that answers reads its own part, and its own copy where the parts are the same.
    """
    fit = model_fit(name, model, pool)
    if fit.answer is None:
        return None
    tokens = min(PROMPT_TOKENS, fit.context)
    return tokens, fit.answer.kv_gib_per_gpu * fit.answer.gpus / fit.answer.kv_tokens * tokens


def _slow(name: str, model: ModelSettings, pool: PoolFacts) -> Iterator[Finding]:
    """Yield that prompts take long from one node to the other."""
    prompt = prompt_gib(name, model, pool)
    slowest = min(pool.types, key=lambda found: found.network_gbps)
    # Without EFA a pod has the one interface that its address is on.
    cards = 1 if efa_interfaces(pool, pool.ask(model)) else slowest.network_cards
    gbps = slowest.network_gbps / cards
    seconds = prompt[1] * BYTES_PER_GIB * 8 / (gbps * 1e9) if prompt else 0
    if prompt and seconds > LONG_SECONDS:
        tokens, gib = prompt
        yield Finding(
            path=f"models.{name}.prefill",
            problem=f"the KV cache of {tokens:,} tokens is {gib:.2f} GiB, and {slowest.name} moves "
            f"it in {seconds:.1f} s at its {gbps:g} Gbit/s: every first token waits as long",
            fix="use a type with more bandwidth or EFA, or leave out prefill",
            source=TRANSFER_SOURCE,
        )


def _across_zones(
    name: str, model: ModelSettings, pool: PoolFacts, environment: Environment
) -> Iterator[Finding]:
    """Yield that prompts may be paid for on their way from one zone to another."""
    prompt, zones = prompt_gib(name, model, pool), pool_zones(pool, environment)
    if prompt and len(zones) > 1:
        tokens, gib = prompt
        one = (
            f"zone: {zones[0]}"
            if isinstance(pool.settings, ManagedPool)
            else f"zones: [{zones[0]}]"
        )
        yield Finding(
            path=f"pools.{pool.name}",
            problem=f"has nodes in {' and '.join(zones)}, and between them go {gib:.2f} GiB of KV "
            f"cache for a prompt of {tokens:,} tokens to '{name}': slow, and paid on both sides",
            fix=f"give it one zone, `{one}`",
            source=ZONES_SOURCE,
        )
