"""The load test of a model service.

Source of every flag: vLLM 0.33.0, vllm/benchmarks/serve.py and vllm/benchmarks/datasets/datasets.py
of its source archive. No flag takes the tokenizer's revision: the newest is read from the Hub.
"""

from collections.abc import Iterable, Iterator
from math import ceil

from planning.models.bench_results import bench_results, result_rules
from planning.models.fit import model_fit
from planning.pools.facts import PoolFacts
from planning.specs.base import BENCH_LABEL, PART_OF
from planning.specs.bench import BenchSpec
from planning.specs.models import ModelRouteSpec, ModelServiceSpec
from settings.bench import BenchSettings
from settings.environment import Environment, PlatformSettings
from settings.finding import Finding
from settings.models import ModelSettings

SOURCE = "vLLM 0.33.0: vllm/benchmarks/serve.py"
READY_SECONDS = 600
"""How long the first request may be tried: the Service has an endpoint by then."""
SECONDS_PER_INPUT_TOKEN = 0.01
SECONDS_PER_OUTPUT_TOKEN = 0.2
"""Of one request among the others under way; what is slower is measured as broken off."""
IMAGE_SECONDS = 900
"""To pull the engine's image to a system node."""
CPU_MILLI, MEMORY_MIB = 1000, 6144
"""One Python process with the tokenizer, all prompts and all answers; an estimate."""


def benches(
    environment: Environment,
    models: Iterable[ModelServiceSpec],
    routes: Iterable[ModelRouteSpec],
) -> tuple[BenchSpec, ...]:
    """Return the load tests of the models that ask for one."""
    by_entry = {model.model: model for model in models}
    settings = environment.platform.models
    asked = ((settings[route.name], route) for route in routes)
    return tuple(
        _bench(one, one.bench, by_entry[route.name], route, environment)
        for one, route in asked
        if one.bench
    )


def _bench(
    entry: ModelSettings,
    settings: BenchSettings,
    model: ModelServiceSpec,
    route: ModelRouteSpec,
    environment: Environment,
) -> BenchSpec:
    """Return the load test of a model, whose tokenizer lies with its weights in the Hub."""
    kept = settings.results == "bucket"
    selector = {"app.kubernetes.io/name": "vllm-bench", BENCH_LABEL: route.name}
    rounds = ceil(settings.requests / settings.concurrency)
    each = (
        settings.input_tokens * SECONDS_PER_INPUT_TOKEN
        + settings.output_tokens * SECONDS_PER_OUTPUT_TOKEN
    )
    return BenchSpec(
        name=_name(route.name),
        namespace=model.namespace,
        model=route.name,
        image=model.image,
        args=(
            *("--backend", "openai"),
            *("--base-url", route.api_base.removesuffix("/v1")),
            *("--endpoint", "/v1/completions"),
            *("--model", entry.model),
            *("--served-model-name", route.name),
            *("--dataset-name", "random"),
            *("--random-input-len", str(settings.input_tokens)),
            *("--random-output-len", str(settings.output_tokens)),
            "--ignore-eos",
            *("--num-prompts", str(settings.requests)),
            *("--max-concurrency", str(settings.concurrency)),
            *("--percentile-metrics", "ttft,tpot,itl,e2el"),
            *("--metric-percentiles", "50,95,99"),
            *("--ready-check-timeout-sec", str(READY_SECONDS)),
            "--disable-tqdm",
        ),
        labels=PART_OF | selector,
        selector=selector,
        token_variable=model.load.token_variable,
        cpu_milli=CPU_MILLI,
        memory_mib=MEMORY_MIB,
        deadline_seconds=IMAGE_SECONDS + READY_SECONDS + ceil(rounds * each),
        retries=1,
        results=bench_results(route.name, environment) if kept else None,
    )


def _name(model: str) -> str:
    return f"{model}-bench"


def bench_rules(
    name: str, model: ModelSettings, pool: PoolFacts, platform: PlatformSettings
) -> Iterator[Finding]:
    """Yield why a model that fits its pool cannot be tested, or its result not be kept."""
    yield from result_rules(name, model, platform)
    if model.bench is None:
        return
    context = model_fit(name, model, pool).context
    if _name(name) in platform.models:
        yield Finding(
            path=f"models.{_name(name)}",
            problem=f"is what the objects of the load test of '{name}' are called",
            fix="give it another name",
            source="planning/models/bench.py",
        )
    path, asked = f"models.{name}.bench", model.bench.input_tokens + model.bench.output_tokens
    if model.kind == "embedding":
        yield Finding(
            path=path,
            problem="asks for answers, token by token, and an embedding model gives none",
            fix="leave it out",
            source=SOURCE,
        )
    elif asked > context:
        yield Finding(
            path=path,
            problem=f"{model.bench.input_tokens:,} tokens and {model.bench.output_tokens:,} of "
            f"answer are more than the context of {context:,}: every request would be refused",
            fix="lower input_tokens or output_tokens, or raise context",
            source=SOURCE,
        )
