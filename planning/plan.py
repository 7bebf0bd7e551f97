"""The plan: every spec, the placement, the cost, and what to mind."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import PlainSerializer

from planning.sharing.verdict import Verdict
from planning.specs.base import Spec
from planning.specs.bench import BenchSpec
from planning.specs.certificates import CertificatesSpec
from planning.specs.claimed_devices import DeviceClassSpec, DeviceMonitorSpec
from planning.specs.devices import PrioritySpec
from planning.specs.fits import ModelFitSpec
from planning.specs.gateway import GatewaySpec
from planning.specs.infrastructure import (
    ClusterSpec,
    KarpenterSpec,
    NetworkSpec,
    StorageSpec,
    SystemNodesSpec,
)
from planning.specs.loading import HubTokenSpec, PrefetchSpec
from planning.specs.models import ModelServiceSpec
from planning.specs.pools import (
    AutoPoolSpec,
    ClusterAutoscalerSpec,
    GpuPoolSpec,
    ManagedGpuNodesSpec,
    NamespaceSpec,
    OperatorSpec,
)
from planning.specs.rolls import PlannedRoll
from planning.specs.storage import AwsBudgetSpec, ModelBucketSpec, QuotaNeed, SharedFilesSpec
from settings.finding import Finding

Usd = Annotated[Decimal, PlainSerializer(float, when_used="json")]
"""US dollars; exact here, a number in JSON."""


class CostLine(Spec):
    """One item of the monthly bill; 730 hours."""

    item: str
    floor_count: int
    """How many run all month with minimum replicas."""
    ceiling_count: int
    """How many run when everything is at its limit."""
    usd_per_hour: Usd
    """Price of one."""
    floor_usd_per_month: Usd
    ceiling_usd_per_month: Usd


class Cost(Spec):
    """What the environment costs per month of 730 hours, on-demand prices."""

    lines: tuple[CostLine, ...]
    floor_usd_per_month: Usd
    """Minimum nodes all month."""
    ceiling_usd_per_month: Usd
    """Everything at its limit all month."""


class PlannedDevice(Spec):
    """A device of a node that carries something: a GPU, a slice of it, or a MIG instance."""

    gpu: int
    """Number of the GPU in its node."""
    profile: str | None
    """MIG profile."""
    replicas: tuple[str, ...]
    """Model names, one per replica that holds it."""


class PlannedNode(Spec):
    """A GPU node that minimum replicas need."""

    name: str
    pool: str
    instance_type: str
    gpus: int
    gpus_used: int
    """Devices that at least one replica touches."""
    replicas: tuple[str, ...]
    """Model names, one per replica on the node."""
    devices: tuple[PlannedDevice, ...]
    """Those that carry something."""


class PlannedService(Spec):
    """Where the minimum replicas of a model go."""

    name: str
    pool: str
    wanted: int
    placed: int
    nodes: tuple[str, ...]


class PoolSummary(Spec):
    """A pool at a glance."""

    name: str
    provisioner: Literal["karpenter", "auto", "managed"]
    sharing: str
    instance_types: tuple[str, ...]
    gpus_per_node: tuple[int, ...]
    """Of each instance type."""
    usd_per_hour: tuple[Usd, ...]
    """On-demand price of one node of each instance type."""
    gpu_name: str
    gpu_memory_mib: int
    """Per GPU."""
    gpus_floor: int
    """GPUs of the nodes that minimum replicas need."""
    gpus_limit: int


class PlannedPool(Spec):
    """Whether the minimum replicas of a pool find room, wherever the scheduler puts them."""

    name: str
    verdict: Verdict
    may_wait: tuple[str, ...]
    """Models of which a replica may be left waiting."""


class Packing(Spec):
    """How the minimum replicas of a pool that divides its GPUs fill them."""

    pool: str
    replicas: int
    gpus_used: int
    """GPUs that carry something."""
    gpus_least: Annotated[Decimal, PlainSerializer(float, when_used="json")]
    """Sum of what they ask for, in GPUs: of memory or of cores, what is more."""
    gpus_undivided: int
    """What they would take with a GPU each."""
    usd_per_gpu_month: Usd
    """Price of a node of the pool's first type for 730 hours, by its GPUs."""


class Placement(Spec):
    """First-fit placement of minimum replicas."""

    nodes: tuple[PlannedNode, ...]
    services: tuple[PlannedService, ...]
    pools: tuple[PlannedPool, ...]


class Plan(Spec):
    """Everything that is decided before `up`."""

    stack: str
    template: Literal["dev", "prod"]
    region: str
    network: NetworkSpec
    cluster: ClusterSpec
    system_nodes: SystemNodesSpec
    storage: StorageSpec
    model_bucket: ModelBucketSpec | None
    """None where the settings want none."""
    shared_files: SharedFilesSpec | None
    """None where the settings want none."""
    hub_token: HubTokenSpec | None
    """None where no model asks for the token of the Hugging Face Hub."""
    prefetches: tuple[PrefetchSpec, ...]
    """Jobs that fill the model bucket, one per model and revision."""
    aws_budget: AwsBudgetSpec | None
    """None where nobody would be told."""
    karpenter: KarpenterSpec | None
    """None where EKS Auto Mode supplies nodes in its place."""
    gpu_pools: tuple[GpuPoolSpec, ...]
    auto_pools: tuple[AutoPoolSpec, ...]
    managed_gpu_nodes: tuple[ManagedGpuNodesSpec, ...]
    cluster_autoscaler: ClusterAutoscalerSpec | None
    """None where every managed node group has a fixed size."""
    cert_manager: OperatorSpec
    certificates: CertificatesSpec
    gpu_operator: OperatorSpec
    hami: OperatorSpec | None
    """None where no pool shares its GPUs through HAMi."""
    nvidia_dra: OperatorSpec | None
    """None where no pool hands out its GPUs through NVIDIA's DRA driver."""
    hami_dra: OperatorSpec | None
    """None where no pool hands out its GPUs through HAMi's DRA driver."""
    device_classes: tuple[DeviceClassSpec, ...]
    """One per pool whose GPUs are claimed."""
    device_monitor: DeviceMonitorSpec | None
    """None where no pool asks for an exporter with admin access."""
    keda: OperatorSpec
    database_operator: OperatorSpec
    models_namespace: NamespaceSpec
    priorities: tuple[PrioritySpec, ...]
    """Of the models' replicas."""
    models: tuple[ModelServiceSpec, ...]
    benches: tuple[BenchSpec, ...]
    fits: tuple[ModelFitSpec, ...]
    """Of the models whose architecture the catalog knows."""
    gateway_namespace: NamespaceSpec
    gateway: GatewaySpec
    pools: tuple[PoolSummary, ...]
    placement: Placement
    rolls: tuple[PlannedRoll, ...]
    packing: tuple[Packing, ...]
    """One per pool that divides its GPUs."""
    cost: Cost
    quotas: tuple[QuotaNeed, ...]
    """EC2 quotas that the environment needs when everything is at its limit."""
    warnings: tuple[Finding, ...]
    """What works but will surprise."""


class Refusal(Spec):
    """What `python -m planning --json` prints instead of a plan."""

    refused: Literal[True] = True
    findings: tuple[Finding, ...]
    """Every finding, by path."""
