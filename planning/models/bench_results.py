"""Where the result of a load test is kept: below a prefix of its own in the model bucket."""

from collections.abc import Iterator

from catalog.images import LITELLM
from planning.foundation.storage import RESULTS_DAYS, RESULTS_PREFIX
from planning.models.loading import BUCKET_VARIABLE, in_region, prefix
from planning.naming import cluster_name
from planning.specs.bench import BenchResultsSpec
from settings.environment import Environment, PlatformSettings
from settings.finding import Finding
from settings.loading import StagedLoading
from settings.models import ModelSettings

CPU_MILLI, MEMORY_MIB = 100, 256
"""One Python process with boto3 and a result of a few KB; less than the load test before it."""
SOURCE = "planning/models/bench_results.py"


def bench_results(name: str, environment: Environment) -> BenchResultsSpec:
    """Return what keeps the results of a model's load tests in the model bucket.

    It has the gateway's image, which the system nodes carry anyway, as a prefetch has.
    """
    return BenchResultsSpec(
        cluster_name=cluster_name(environment.stack),
        prefix=f"{RESULTS_PREFIX}{name}/",
        image=LITELLM.reference,
        environment=in_region(environment.region),
        bucket_variable=BUCKET_VARIABLE,
        cpu_milli=CPU_MILLI,
        memory_mib=MEMORY_MIB,
    )


def result_rules(name: str, model: ModelSettings, platform: PlatformSettings) -> Iterator[Finding]:
    """Yield a result that has no place, and weights that lie in the place of results."""
    bucket = platform.storage.model_bucket
    if model.bench and model.bench.results == "bucket" and bucket is None:
        yield Finding(
            path=f"models.{name}.bench.results",
            problem="is bucket, and storage.model_bucket is null",
            fix="leave storage.model_bucket at its default, or use `results: log`",
            source=SOURCE,
        )
    if isinstance(model.load, StagedLoading) and prefix(model).startswith(RESULTS_PREFIX):
        yield Finding(
            path=f"models.{name}.model",
            problem=f"{model.model} would lie below {RESULTS_PREFIX} in the model bucket, where "
            f"load tests write and objects go after {RESULTS_DAYS} days",
            fix="use `load: {kind: hub}`, or a copy of the repository under another owner",
            source=SOURCE,
        )
