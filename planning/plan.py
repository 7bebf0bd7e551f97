"""The plan: every spec, the placement, the cost, and what to mind."""

from typing import Literal

from planning.specs.base import Spec
from planning.specs.bench import BenchSpec
from planning.specs.certificates import CertificatesSpec
from planning.specs.claimed_devices import DeviceClassSpec, DeviceMonitorSpec
from planning.specs.costs import Cost
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
from planning.specs.models import ModelRouteSpec, ModelServiceSpec
from planning.specs.placement import Packing, Placement, PoolSummary
from planning.specs.pools import (
    AutoPoolSpec,
    ClusterAutoscalerSpec,
    GpuPoolSpec,
    ManagedGpuNodesSpec,
    NamespaceSpec,
    OperatorSpec,
)
from planning.specs.rolls import PlannedRoll
from planning.specs.routers import RouterSpec
from planning.specs.secret_source import ExternalSecretsSpec
from planning.specs.storage import AwsBudgetSpec, ModelBucketSpec, QuotaNeed, SharedFilesSpec
from settings.finding import Finding


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
    external_secrets: ExternalSecretsSpec | None
    """None where the secrets are the stack's own."""
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
    efa_device_plugin: OperatorSpec | None
    """None where no pool has EFA."""
    device_classes: tuple[DeviceClassSpec, ...]
    """One per pool whose GPUs are claimed."""
    device_monitor: DeviceMonitorSpec | None
    """None where no pool asks for an exporter with admin access."""
    keda: OperatorSpec
    lws: OperatorSpec | None
    """LeaderWorkerSet's controller; None where no model spans nodes."""
    database_operator: OperatorSpec
    models_namespace: NamespaceSpec
    priorities: tuple[PrioritySpec, ...]
    """Of the models' replicas."""
    models: tuple[ModelServiceSpec, ...]
    """Sets of replicas: one per model, or one per role of it."""
    routes: tuple[ModelRouteSpec, ...]
    """Where clients find each model."""
    routers: tuple[RouterSpec, ...]
    """One per model whose replicas divide the work."""
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
