"""Why the fit cannot be answered: what is not known, or contradicts itself."""

from collections.abc import Iterator
from typing import get_args

from pydantic import ValidationError

from catalog.gpus import GPUS, gpus_called, nearest_gpus
from catalog.models import find_model, models, nearest_models
from catalog.regions import ZONES
from planning.fit.options import Asked
from planning.fit.question import SpeculativeMethod
from settings.finding import Finding, counted

WAY_IN = "docs/reading-the-fit.md"
METHODS = ", ".join(get_args(SpeculativeMethod))


def asked_findings(asked: Asked) -> Iterator[Finding]:
    """Yield everything that makes the question one that cannot be answered."""
    if find_model(asked.model) is None:
        near = nearest_models(asked.model) or tuple(models())[:3]
        yield Finding(
            path="MODEL",
            problem=f"there is no model '{asked.model}' in the catalog",
            fix=f"nearest are {', '.join(near)}; to add it from its config.json, see {WAY_IN}",
            source="catalog/models.json",
        )
    yield from _gpu_findings(asked)
    alone = [*_speculative_findings(asked)]
    yield from alone
    told = asked.model_copy(update={"speculative": None}) if alone else asked
    try:
        told.engine()
        told.parallel()
    except ValidationError as wrong:
        yield from (_refused(str(error["loc"][-1]), error["msg"]) for error in wrong.errors())
    else:
        yield from _count_findings(asked)
    if asked.region not in ZONES:
        yield Finding(
            path="--region",
            problem=f"the catalog has no prices of '{asked.region}'",
            fix=f"use one of {', '.join(ZONES)}",
            source="catalog/regions.py",
        )


OPTIONS = {
    "version": "--vllm",
    "tensor": "--tp",
    "pipeline": "--pp",
    "decode_context": "--dcp",
    "rank": "--lora-rank",
    "active": "--max-loras",
    "tokens": "--speculative-tokens",
}
"""Fields whose option has another name."""


def _refused(field: str, message: str) -> Finding:
    option = OPTIONS.get(field, "--" + field.replace("_", "-"))
    problem, _, fix = message.removeprefix("Value error, ").partition("; ")
    return Finding(
        path=option, problem=problem, fix=fix or "see --help", source="planning/fit/question.py"
    )


def _gpu_findings(asked: Asked) -> Iterator[Finding]:
    known = ", ".join(GPUS)
    if (asked.gpu is None) == (asked.gpu_memory_gib is None):
        yield Finding(
            path="--gpu",
            problem="the GPU is named twice" if asked.gpu else "no GPU is named",
            fix=f"give either --gpu NAME ({known}) or --gpu-memory-gib X",
            source="catalog/gpus.py",
        )
    elif asked.gpu is not None and len(found := gpus_called(asked.gpu)) != 1:
        names = [gpu.name for gpu in found] or nearest_gpus(asked.gpu) or GPUS
        yield Finding(
            path="--gpu",
            problem=f"'{asked.gpu}' is more than one GPU"
            if found
            else f"there is no GPU '{asked.gpu}' in the catalog",
            fix=f"nearest are {', '.join(names)}; for another, give --gpu-memory-gib",
            source="catalog/gpus.py",
        )
    elif asked.gpu_memory_gib is not None and asked.gpu_memory_gib <= 0:
        yield _refused("gpu_memory_gib", f"{asked.gpu_memory_gib:g} GiB; use more than 0")


def _count_findings(asked: Asked) -> Iterator[Finding]:
    parallel, others = asked.parallel(), asked.pipeline * asked.data
    if asked.count is None:
        return
    if asked.count < 1 or asked.count % parallel.gpus:
        spread = f"{parallel.tensor} x {others}" if others > 1 else str(parallel.tensor)
        yield Finding(
            path="--count",
            problem=f"{counted(asked.count, 'GPU')}, but a replica takes {parallel.gpus} "
            f"(--tp, --pp and --dp: {spread})",
            fix=f"use a count of {parallel.gpus} or a multiple, or other sizes",
            source="vLLM 0.33.0 vllm/config/parallel.py",
        )


def _speculative_findings(asked: Asked) -> Iterator[Finding]:
    """Yield options of speculative decoding that stand alone."""
    if asked.speculative is None and (asked.speculative_tokens or asked.speculative_model):
        yield _refused("speculative", f"is missing; name a method: {METHODS}")
    if asked.speculative is not None and asked.speculative_tokens is None:
        yield _refused("speculative_tokens", "is missing; say how many are guessed at a time")
