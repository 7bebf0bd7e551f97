"""Specs as `planning` would make them, small enough to read; tests change what they are about."""

from planning.specs.base import MODEL_LABEL, PART_OF, POOL_LABEL, Toleration
from planning.specs.devices import GpuAsk, GpuGrant
from planning.specs.gateway import DatabaseSpec, GatewaySpec
from planning.specs.infrastructure import ReleaseSpec
from planning.specs.loading import LoadingSpec
from planning.specs.models import ModelServiceSpec, ScalerSpec
from planning.specs.pools import NamespaceSpec, OperatorSpec

OPERATOR = OperatorSpec(
    namespace=NamespaceSpec(name="keda", pod_security="restricted"),
    release=ReleaseSpec(
        name="keda",
        chart="keda",
        version="2.20.2",
        repository="https://charts.example",
        namespace="keda",
        values={"replicas": 1},
    ),
)
DATABASE_OPERATOR = OPERATOR.model_copy(
    update={"namespace": NamespaceSpec(name="cnpg-system", pod_security="restricted")}
)
MODELS_NAMESPACE_SPEC = NamespaceSpec(name="models", pod_security="restricted")
GATEWAY_NAMESPACE_SPEC = NamespaceSpec(name="gateway", pod_security="restricted")

SCALER = ScalerSpec(
    min_replicas=1,
    max_replicas=4,
    metrics_url="http://qwen3-8b.models.svc.cluster.local:8000/metrics",
    metric='vllm:num_requests_waiting{model_name="qwen3-8b"}',
    target_per_replica=5,
    polling_seconds=15,
    scale_down_seconds=300,
)
MODEL = ModelServiceSpec(
    name="qwen3-8b",
    model="qwen3-8b",
    namespace="models",
    pool="l40s",
    repository="Qwen/Qwen3-8B",
    image="registry.example/vllm:v0.33.0",
    args=("Qwen/Qwen3-8B", "--port", "8000"),
    load=LoadingSpec(kind="hub", serve=("Qwen/Qwen3-8B",)),
    port=8000,
    labels={MODEL_LABEL: "qwen3-8b", **PART_OF},
    selector={MODEL_LABEL: "qwen3-8b"},
    gpu=GpuAsk(devices=1),
    priority_class="gpu-1000m",
    grant=GpuGrant(limits={"nvidia.com/gpu": "1"}),
    cpu_milli=6000,
    memory_mib=49152,
    shared_memory_mib=2048,
    cache_gib=60,
    node_selector={POOL_LABEL: "l40s"},
    tolerations=(Toleration(key="nvidia.com/gpu"),),
    min_replicas=1,
    startup_seconds=1805,
    pre_stop_seconds=20,
    drain_seconds=60,
    grace_seconds=100,
    rollout="surge",
    context=32768,
    host="qwen3-8b.models.svc.cluster.local",
    api_base="http://qwen3-8b.models.svc.cluster.local:8000/v1",
    scaler=SCALER,
)
DATABASE = DatabaseSpec(
    name="litellm-db",
    namespace="gateway",
    database="litellm",
    owner="litellm",
    image="registry.example/postgresql:18.4",
    instances=1,
    storage_gib=20,
    storage_class="gp3",
    secret_name="litellm-db-app",  # noqa: S106 - a name
    uri_key="uri",
)
GATEWAY = GatewaySpec(
    name="litellm",
    namespace="gateway",
    image="registry.example/litellm:v1.108.12",
    replicas=1,
    port=4000,
    labels={"app.kubernetes.io/name": "litellm", **PART_OF},
    selector={"app.kubernetes.io/name": "litellm"},
    config={"model_list": [{"model_name": "qwen3-8b"}], "general_settings": {"b": 1, "a": 2}},
    config_digest="0123456789",
    cpu_milli=1000,
    memory_mib=4096,
    secret_name="litellm-keys",  # noqa: S106 - a name
    master_key_variable="LITELLM_MASTER_KEY",
    salt_key_variable="LITELLM_SALT_KEY",
    host="litellm.gateway.svc.cluster.local",
    url="http://litellm.gateway.svc.cluster.local:4000",
    pre_stop_seconds=10,
    drain_seconds=600,
    grace_seconds=630,
    database=DATABASE,
)
