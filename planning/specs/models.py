"""Spec of a model service: one entry, every layer."""

from typing import Literal

from planning.specs.base import Spec, Toleration
from planning.specs.devices import GpuAsk, GpuGrant
from planning.specs.loading import LoadingSpec

NODE_SECONDS = 900
"""Most time for a GPU node to start, to be made ready by its operators and to pull the image."""


class ScalerSpec(Spec):
    """KEDA's ScaledObject of a model service."""

    min_replicas: int
    max_replicas: int
    metrics_url: str
    """Where each replica answers its metrics; the host is the Service."""
    metric: str
    """Prometheus series that is summed over the replicas, with its labels."""
    target_per_replica: int
    """Waiting requests per replica that add one more."""
    polling_seconds: int
    scale_down_seconds: int
    """Stabilisation window before a replica is removed."""


class ModelServiceSpec(Spec):
    """A vLLM Deployment with its Service, PodDisruptionBudget, ServiceAccount and scaler."""

    name: str
    """Name of the entry, of every object, of the route, and what clients send as `model`."""
    namespace: str
    pool: str
    licence: str | None = None
    """Of the weights, as the settings note it."""
    image: str
    args: tuple[str, ...]
    """Arguments of `vllm serve`, the model first."""
    load: LoadingSpec
    """How its weights come to it; its arguments are the first of `args`."""
    port: int
    labels: dict[str, str]
    """Labels of every object."""
    selector: dict[str, str]
    """The labels that pick the pods; they never change."""
    gpu: GpuAsk
    grant: GpuGrant
    cpu_milli: int
    memory_mib: int
    """Host memory; request and limit."""
    shared_memory_mib: int
    """Size of `/dev/shm`."""
    cache_gib: int
    """Ephemeral storage for weights and compiled graphs."""
    node_selector: dict[str, str]
    tolerations: tuple[Toleration, ...]
    priority_class: str
    """Of replicas that wait together, the one with the larger ask goes first."""
    min_replicas: int
    startup_seconds: int
    """How long a replica may take to load before it is restarted."""
    pre_stop_seconds: int
    """Wait before SIGTERM, while the endpoint is taken out of the Service."""
    drain_seconds: int
    """Time for requests in flight after SIGTERM."""
    grace_seconds: int
    """Termination grace period: both of the above and a margin."""
    rollout: Literal["surge", "in-place"]
    """Whether a roll starts a new replica before an old one ends, or the other way round."""
    context: int
    """Tokens."""
    host: str
    """Cluster-internal host name of the Service."""
    api_base: str
    """OpenAI-compatible base URL inside the cluster."""
    scaler: ScalerSpec

    @property
    def replica_seconds(self) -> int:
        """Return the longest that one replica may take to be ready.

        A node for it, the end of the one it replaces (whose GPU it may need), and its own start.
        """
        return NODE_SECONDS + self.grace_seconds + self.startup_seconds

    @property
    def rollout_seconds(self) -> int:
        """Return the longest that a roll may take: one replica after the other."""
        return self.replica_seconds * self.scaler.max_replicas
