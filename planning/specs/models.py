"""Spec of a model service: one entry, every layer."""

from typing import Literal

from pydantic import Field

from planning.models.roles import RoleKind
from planning.specs.base import Spec, Toleration
from planning.specs.cache import CacheSpec
from planning.specs.devices import GpuAsk, GpuGrant
from planning.specs.loading import LoadingSpec

Shape = Literal["deployment", "leader-worker-set", "stateful-set"]
"""Kinds of workload."""
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
    signal: Literal["waiting-requests", "kv-cache-usage"] = "waiting-requests"
    """What that series counts: requests, or the part of the KV cache in use."""
    target_per_replica: float
    """How much of it per replica adds one more."""
    polling_seconds: int
    scale_down_seconds: int
    """Stabilisation window before a replica is removed."""


class GroupSpec(Spec):
    """One replica over several nodes: a leader that answers, and workers that compute with it."""

    nodes: int
    """Pods of the group, the leader among them."""
    port: int
    """Of the leader, where its workers find it when they start."""
    leader_args: tuple[str, ...]
    """What the leader's engine is told beside `args`, and"""
    worker_args: tuple[str, ...]
    """what the workers' are."""
    host_variable: str
    """Environment variable that takes a pod's address, by which the others reach it."""
    leader_labels: dict[str, str]
    """What picks the leaders among the pods: they alone answer."""


class TransferSpec(Spec):
    """How a KV cache comes from the replica that read the prompt to the one that answers."""

    arguments: tuple[str, ...]
    """What the engine is told."""
    host_variable: str
    """Environment variable that takes the pod's address."""
    environment: dict[str, str]
    port: int
    """Where the other side asks for it."""
    callers: dict[str, str]
    """Labels of the pods in front: of all clients only these send it requests."""
    peers: dict[str, str]
    """Labels of the pods that it gives to or takes from, on ports of their own choice."""


class ModelRouteSpec(Spec):
    """Where the gateway finds a model."""

    name: str
    """What clients send as `model`."""
    host: str
    """Cluster-internal host name of the Service in front."""
    api_base: str
    """OpenAI-compatible base URL inside the cluster."""
    context: int
    """Tokens."""


class ModelServiceSpec(Spec):
    """A set of vLLM replicas with their Service, PodDisruptionBudget, ServiceAccount and scaler."""

    name: str
    """Name of every object: the entry's, and the role where an entry stands for several sets."""
    model: str
    """Name of the entry, and what clients send as `model`."""
    role: RoleKind | None = None
    """What its replicas do; None where each does everything."""
    namespace: str
    pool: str
    repository: str
    """Of its weights, as the catalog writes it, or the owner; with `own_weights` the one that they
    were made from."""
    revision: str | None = None
    """Commit of the repository; None where the newest is loaded, and with `own_weights`."""
    own_weights: str | None = None
    """Prefix of the model bucket where weights of the owner's own lie; None where they are the
    repository's."""
    licence: str | None = None
    """Of the weights, as the settings note it."""
    sampling: dict[str, int | float] = Field(default_factory=dict[str, int | float])
    """Sampling defaults over those of the weights, by the names of generation_config.json."""
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
    group: GroupSpec | None = None
    """None where a replica is one pod."""
    cache: CacheSpec | None = None
    """None where a replica keeps nothing when its pod ends."""
    network: dict[str, str] = Field(default_factory=dict[str, str])
    """What NCCL and libfabric are told of the network between nodes, as environment."""
    transfer: TransferSpec | None = None
    """None where no replica hands its KV cache on."""

    @property
    def shape(self) -> Shape:
        """Return the kind of workload that runs its replicas."""
        if self.group is not None:
            return "leader-worker-set"
        return "deployment" if self.cache is None else "stateful-set"

    @property
    def pods_per_replica(self) -> int:
        """Return the pods of a replica, one per node."""
        return 1 if self.group is None else self.group.nodes

    @property
    def answering(self) -> dict[str, str]:
        """Return the labels that pick the pods that answer requests."""
        return self.selector if self.group is None else self.selector | self.group.leader_labels

    @property
    def replica_seconds(self) -> int:
        """Return the longest that one replica may take to be ready.

        A node for it, the end of the one it replaces (whose GPU it may need), and its own start.
        """
        return NODE_SECONDS + self.grace_seconds + self.startup_seconds

    @property
    def rollout_seconds(self) -> int:
        """Return the longest that a roll may take: one replica after the other.

        A LeaderWorkerSet that surges starts one more, rolls all others, and ends that one again.
        """
        more = 1 if self.group and self.rollout == "surge" else 0
        return self.replica_seconds * (self.scaler.max_replicas + more)
