"""What the fit says of the models of an environment: refusals, and what nobody can know."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from planning.engine.extras import extras_warnings
from planning.engine.memory import gpu_of
from planning.fit.answer import Way
from planning.fit.wanted import WantedReason, sequences_reasons
from planning.fit.ways import cheapest_ways
from planning.models.fit import (
    MOST_ANSWERS,
    ModelFit,
    Question,
    engine_choice,
    facts_of,
    model_fit,
    spread,
)
from planning.pools.facts import PoolFacts
from settings.environment import Environment
from settings.finding import Finding, counted
from settings.models import ModelSettings

WAY_IN = "docs/reading-the-fit.md"
PARALLEL_SOURCE = "vLLM 0.33.0 vllm/config/parallel.py"
SETTINGS = {
    r" \(--ep\)": " (engine.expert_parallel: true)",
    r"--ep \(--enable-expert-parallel\)": "engine.expert_parallel",
    r"--kv-dtype (\S+)(?=\))": r"engine.kv_cache_dtype: \1",
    r"--context (\d+)": r"context: \1",
    r"--concurrency (\d+)": r"concurrency: \1",
    r"--dcp\b": "engine.decode_context_parallel",
    r"--max-num-seqs (\d+)": r"engine.max_num_seqs: \1",
    r"a utilisation of": "engine.gpu_memory_utilization of",
    r"leave out the dtype": "leave out engine.quantization",
    r"--max-num-batched-tokens (\d+)": r"engine.max_num_batched_tokens: \1",
    r"--max-loras (\d+)": r"engine.lora.active: \1",
    r"--max-loras": "engine.lora.active",
    r"--lora-rank": "engine.lora.adapters",
    r"--speculative-tokens (\d+)": r"engine.speculative.tokens: \1",
    r"--speculative-tokens": "engine.speculative.tokens",
    r"--speculative-model": "engine.speculative.model",
    r"without --speculative": "without engine.speculative",
    r"--speculative": "engine.speculative.method",
}
"""Options of `python -m planning fit`, and the settings that say the same."""


def context_findings(name: str, model: ModelSettings) -> Iterator[Finding]:
    """Yield that a context is missing which nobody else can know."""
    if model.context is None and facts_of(model.model) is None:
        yield Finding(
            path=f"models.{name}.context",
            problem=f"is missing, and {model.model} is not in the catalog, which would know it",
            fix=f"add it, or the model to the catalog: {WAY_IN}",
            source="catalog/models.json",
        )


def spread_findings(name: str, model: ModelSettings, devices: int) -> Iterator[Finding]:
    """Yield that the sizes of parallelism do not make up the GPUs of a replica."""
    parallel, has = spread(model.engine, devices, model.nodes), devices * model.nodes
    if parallel.gpus != has:
        sizes = f"{parallel.tensor} x {parallel.pipeline} x {parallel.data}"
        yield Finding(
            path=f"models.{name}.engine",
            problem=f"tensor x pipeline x data parallelism of {sizes} takes "
            f"{counted(parallel.gpus, 'GPU')}, and a replica has {has}",
            fix=f"make the product {has}, or ask for {counted(parallel.gpus, 'GPU')}",
            source=PARALLEL_SOURCE,
        )


def fit_findings(name: str, model: ModelSettings, pool: PoolFacts) -> Iterator[Finding]:
    """Yield why the model does not fit, each with the cheapest ways that do."""
    found = model_fit(name, model, pool)
    if found.answer is None:
        yield from _unjudged(name, model, found)
        return
    ways = _ways(found, pool.region) if found.answer.reasons else ""
    for reason in found.answer.reasons:
        wanted = isinstance(reason, WantedReason)
        yield Finding(
            path=f"models.{name}.concurrency" if wanted else f"models.{name}",
            problem=f"{found.answer.model} on {found.answer.gpus} x {found.answer.gpu} does not "
            f"fit: {_in_settings(reason.problem)}",
            fix=_in_settings(reason.fix) + ways,
            source=reason.source,
        )


def fit_warnings(environment: Environment, pools: Mapping[str, PoolFacts]) -> Iterator[Finding]:
    """Yield the models of which nobody can say before they start whether they fit."""
    for name, model in environment.platform.models.items():
        facts, choice = facts_of(model.model), engine_choice(model.engine)
        yield from extras_warnings(f"models.{name}.engine", model.engine, facts, choice)
        if facts is None:
            yield Finding(
                path=f"models.{name}.model",
                problem=f"{model.model} is not in the catalog, so that only its start will show "
                "whether it fits its GPUs",
                fix=f"add it from its config.json: {WAY_IN}",
                source="catalog/models.json",
            )
        elif gpu_of(pools[model.pool].first) is None:
            yield Finding(
                path=f"models.{name}.pool",
                problem=f"how much of the memory of a {pools[model.pool].gpu_name} an engine sees "
                "is not known, so that only its start will show whether the model fits",
                fix="use a pool of another GPU, or add this one to catalog/gpus.py",
                source="catalog/gpus.py",
            )


def _unjudged(name: str, model: ModelSettings, found: ModelFit) -> Iterator[Finding]:
    """Yield what is wrong whatever the memory, of a model or GPU that the catalog does not know."""
    seqs = model.engine.max_num_seqs
    if model.concurrency is None or seqs is None:
        return
    for reason in sequences_reasons(model.concurrency, seqs, found.parallel):
        yield Finding(
            path=f"models.{name}.concurrency",
            problem=reason.problem,
            fix=_in_settings(reason.fix),
            source=reason.source,
        )


def _in_settings(text: str) -> str:
    """Return a sentence of the fit with settings in place of options."""
    for option, setting in SETTINGS.items():
        text = re.sub(option, setting, text)
    return text


def _ways(found: ModelFit, region: str) -> str:
    if found.question is None:
        return ""
    ways = _cheapest(found.question, region, told=found.utilisation is not None)
    return "; cheapest of what fits: " + ", ".join(map(_way, ways)) if ways else ""


def _way(way: Way) -> str:
    if way.usd_per_hour is None:
        return _in_settings(way.change)
    nodes = f"{way.nodes} x {way.instance_type}" if way.nodes > 1 else way.instance_type
    return f"{_in_settings(way.change)} on {nodes} at {way.usd_per_hour:.2f} USD per hour"


@lru_cache(MOST_ANSWERS)
def _cheapest(asked: Question, region: str, *, told: bool) -> tuple[Way, ...]:
    """Return the cheapest ways; a whole GPU needs nothing of what is told of a part of one."""
    engine = asked.engine
    return cheapest_ways(
        asked.facts,
        asked.gpu,
        asked.parallel,
        engine,
        asked.context,
        region=region,
        concurrency=asked.concurrency,
        elsewhere=engine.model_copy(update={"utilisation": None}) if told else engine,
    )
