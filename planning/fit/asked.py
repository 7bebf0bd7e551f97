"""From what a person names on the command line to what the fit is asked."""

from collections.abc import Iterator

from pydantic import ValidationError

from catalog.gpus import GPUS, gpus_called, nearest_gpus
from catalog.model_facts import ModelFacts
from catalog.models import find_model, models, nearest_models
from catalog.regions import ZONES
from planning.fit.answer import FitReport
from planning.fit.fit import fit
from planning.fit.question import (
    PLATFORM_VERSION,
    Dtype,
    EngineChoice,
    GpuMemory,
    KvDtype,
    Parallelism,
)
from planning.fit.ways import cheapest_ways
from planning.specs.base import Spec
from settings.finding import Finding, RefusedError, counted

WAY_IN = "docs/reading-the-fit.md"


class Asked(Spec):
    """The options of `python -m planning fit`; None where one was left out."""

    model: str
    gpu: str | None = None
    gpu_memory_gib: float | None = None
    count: int | None = None
    tensor: int | None = None
    pipeline: int = 1
    data: int = 1
    expert: bool = False
    decode_context: int = 1
    context: int | None = None
    dtype: Dtype = "auto"
    kv_dtype: KvDtype = "auto"
    utilisation: float | None = None
    version: str = PLATFORM_VERSION
    max_num_seqs: int | None = None
    max_num_batched_tokens: int | None = None
    eager: bool = False
    region: str = "us-east-1"


def report(asked: Asked) -> FitReport:
    """Return the fit, and where it does not fit the ways that do.

    Raises:
        RefusedError: something named is not known, or the numbers of GPUs contradict each other.
    """
    if findings := tuple(_findings(asked)):
        raise RefusedError(findings)
    model, gpu = _model(asked), _gpu(asked)
    parallel, engine = _parallel(asked), _engine(asked)
    context = asked.context or model.max_context
    answer = fit(model, gpu, parallel, engine, context)
    ways = (
        ()
        if answer.fits
        else cheapest_ways(model, gpu, parallel, engine, context, region=asked.region)
    )
    replicas = (asked.count or parallel.gpus) // parallel.gpus
    return FitReport(**dict(answer), replicas=replicas, ways=ways)


def _model(asked: Asked) -> ModelFacts:
    found = find_model(asked.model)
    if found is None:
        raise LookupError(asked.model)
    return found


def _gpu(asked: Asked) -> GpuMemory:
    if asked.gpu_memory_gib is not None:
        return GpuMemory.of_size(asked.gpu_memory_gib)
    (found,) = gpus_called(asked.gpu or "")
    return GpuMemory.whole(found)


def _parallel(asked: Asked) -> Parallelism:
    """Return the spread; GPUs that no size is given for are tensor-parallel."""
    others = asked.pipeline * asked.data
    return Parallelism(
        tensor=asked.tensor or max(1, (asked.count or others) // others),
        pipeline=asked.pipeline,
        data=asked.data,
        expert=asked.expert,
        decode_context=asked.decode_context,
    )


def _engine(asked: Asked) -> EngineChoice:
    return EngineChoice(
        version=asked.version,
        dtype=asked.dtype,
        kv_dtype=asked.kv_dtype,
        utilisation=asked.utilisation,
        max_num_seqs=asked.max_num_seqs,
        max_num_batched_tokens=asked.max_num_batched_tokens,
        eager=asked.eager,
    )


def _findings(asked: Asked) -> Iterator[Finding]:
    if find_model(asked.model) is None:
        near = nearest_models(asked.model) or tuple(models())[:3]
        yield Finding(
            path="MODEL",
            problem=f"there is no model '{asked.model}' in the catalog",
            fix=f"nearest are {', '.join(near)}; to add it from its config.json, see {WAY_IN}",
            source="catalog/models.json",
        )
    yield from _gpu_findings(asked)
    try:
        _engine(asked)
        _parallel(asked)
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


OPTIONS = {"version": "--vllm", "tensor": "--tp", "pipeline": "--pp", "decode_context": "--dcp"}
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
    parallel, others = _parallel(asked), asked.pipeline * asked.data
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
