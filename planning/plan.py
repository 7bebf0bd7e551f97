"""The plan: every spec, the placement, the cost, and what to mind."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import PlainSerializer

from planning.specs.base import Spec
from planning.specs.gateway import GatewaySpec
from planning.specs.infrastructure import (
    ClusterSpec,
    KarpenterSpec,
    NetworkSpec,
    StorageSpec,
    SystemNodesSpec,
)
from planning.specs.models import ModelServiceSpec
from planning.specs.pools import (
    ClusterAutoscalerSpec,
    GpuPoolSpec,
    ManagedGpuNodesSpec,
    NamespaceSpec,
    OperatorSpec,
)
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
    provisioner: Literal["karpenter", "managed"]
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


class Placement(Spec):
    """First-fit placement of minimum replicas."""

    nodes: tuple[PlannedNode, ...]
    services: tuple[PlannedService, ...]


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
    aws_budget: AwsBudgetSpec | None
    """None where nobody would be told."""
    karpenter: KarpenterSpec
    gpu_pools: tuple[GpuPoolSpec, ...]
    managed_gpu_nodes: tuple[ManagedGpuNodesSpec, ...]
    cluster_autoscaler: ClusterAutoscalerSpec | None
    """None where every managed node group has a fixed size."""
    cert_manager: OperatorSpec
    gpu_operator: OperatorSpec
    hami: OperatorSpec | None
    """None where no pool shares its GPUs through HAMi."""
    keda: OperatorSpec
    database_operator: OperatorSpec
    models_namespace: NamespaceSpec
    models: tuple[ModelServiceSpec, ...]
    gateway_namespace: NamespaceSpec
    gateway: GatewaySpec
    pools: tuple[PoolSummary, ...]
    placement: Placement
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
