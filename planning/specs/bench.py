"""Spec of a load test."""

from planning.specs.base import Spec


class BenchResultsSpec(Spec):
    """What brings a result into the model bucket, and the one place where it may put it."""

    cluster_name: str
    """Its role can be taken in this cluster only."""
    prefix: str
    """All it may write in the bucket; with a slash at its end. The object has the Job's name."""
    image: str
    """Has Python and boto3."""
    environment: dict[str, str]
    bucket_variable: str
    """Environment variable with the name of the model bucket, which AWS knows first."""
    cpu_milli: int
    memory_mib: int
    """Request and limit."""


class BenchSpec(Spec):
    """A Job that asks one model service and writes what it measured to its log."""

    name: str
    """How the Job's name begins; of its ServiceAccount."""
    namespace: str
    model: str
    """The model service that it asks."""
    image: str
    args: tuple[str, ...]
    """Arguments of `vllm bench serve`, but for where its result goes."""
    labels: dict[str, str]
    selector: dict[str, str]
    """The labels that the model's NetworkPolicy lets in; no Service picks them."""
    token_variable: str | None
    """Environment variable with the token of the Hub; None where the model needs none."""
    cpu_milli: int
    memory_mib: int
    """Request and limit."""
    deadline_seconds: int
    """Most time for all its attempts."""
    retries: int
    results: BenchResultsSpec | None = None
    """None where the log alone keeps the result."""
