"""From what a person names on the command line to the fit."""

from catalog.gpus import gpus_called
from catalog.model_facts import ModelFacts
from catalog.models import find_model
from planning.fit.answer import FitReport
from planning.fit.asked_rules import asked_findings
from planning.fit.fit import fit
from planning.fit.options import Asked
from planning.fit.question import GpuMemory
from planning.fit.ways import cheapest_ways
from settings.finding import RefusedError

__all__ = ["Asked", "report"]


def report(asked: Asked) -> FitReport:
    """Return the fit, and where it does not fit the ways that do.

    Raises:
        RefusedError: something named is not known, or the numbers of GPUs contradict each other.
    """
    if findings := tuple(asked_findings(asked)):
        raise RefusedError(findings)
    model, gpu = _model(asked), _gpu(asked)
    parallel, engine = asked.parallel(), asked.engine()
    context = asked.context or model.max_context
    answer = fit(model, gpu, parallel, engine, context, concurrency=asked.concurrency)
    ways = (
        ()
        if answer.fits
        else cheapest_ways(
            model,
            gpu,
            parallel,
            engine,
            context,
            region=asked.region,
            concurrency=asked.concurrency,
        )
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
