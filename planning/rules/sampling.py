"""Rules of the sampling defaults: what every request of a model would stumble over."""

from collections.abc import Iterator

from settings.finding import Finding
from settings.models import ModelSettings

SOURCE = "vLLM 0.33.0: vllm/sampling_params.py"
LIMIT_SOURCE = "vLLM 0.33.0: --override-generation-config, max_new_tokens"


def sampling_rules(name: str, model: ModelSettings) -> Iterator[Finding]:
    """Yield the defaults that a model called `name` cannot serve with."""
    sampling = model.sampling
    if sampling is None:
        return
    path = f"models.{name}.sampling"
    if model.kind == "embedding":
        yield Finding(
            path=path,
            problem="says how tokens are picked, and an embedding model answers none",
            fix="leave it out",
            source=SOURCE,
        )
        return
    if sampling.min_p and model.engine.speculative is not None:
        yield Finding(
            path=f"{path}.min_p",
            problem=f"is {sampling.min_p:g}, and with engine.speculative vLLM refuses every "
            "request that has it",
            fix="use top_p or top_k, or leave out engine.speculative",
            source=SOURCE,
        )
    longest = sampling.max_new_tokens
    if longest is not None and model.bench and model.bench.output_tokens > longest:
        yield Finding(
            path=f"models.{name}.bench.output_tokens",
            problem=f"is {model.bench.output_tokens:,}, and sampling.max_new_tokens ends every "
            f"answer at {longest:,}",
            fix="lower it, or raise sampling.max_new_tokens",
            source=LIMIT_SOURCE,
        )
