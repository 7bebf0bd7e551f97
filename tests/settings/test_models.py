from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from settings import (
    auto_pool,
    budget,
    certificates,
    cluster,
    devices,
    disruption,
    dynamic_pool,
    engine,
    environment,
    gateway,
    karpenter,
    karpenter_pool,
    loading,
    managed_pool,
    models,
    network,
    node_image,
    sampling,
    secret_source,
    sharing,
    storage,
)
from settings.base import Setting
from settings.engine import EngineSettings
from settings.environment import EnvironmentConfig, EnvironmentFile, PlatformSettings
from settings.finding import Finding, RefusedError
from settings.karpenter_pool import KarpenterPool
from settings.models import ModelSettings
from settings.replicas import ReplicaSettings
from settings.secret_source import is_external
from settings.secrets import MASTER_KEY, REQUIRED_SECRETS, SALT_KEY, SECRETS, SecretKey
from tests.documents import children, platform

MODULES = (
    auto_pool,
    budget,
    certificates,
    cluster,
    devices,
    disruption,
    dynamic_pool,
    engine,
    environment,
    gateway,
    karpenter,
    karpenter_pool,
    loading,
    managed_pool,
    models,
    network,
    node_image,
    sampling,
    secret_source,
    sharing,
    storage,
)
SETTINGS = {
    name: model
    for module in MODULES
    for name, model in vars(module).items()
    if isinstance(model, type) and issubclass(model, Setting) and model is not Setting
}
OPEN = {EnvironmentFile, EnvironmentConfig}
"""Pulumi keeps keys of its own there."""


def complete(model: type[BaseModel], document: Any) -> dict[str, Any]:
    """Return a document that `model` accepts: the part of the platform that has its keys."""
    for part in parts(document):
        try:
            model.model_validate(part)
        except ValidationError:
            continue
        return part
    raise AssertionError(f"tests/documents.py shows no {model.__name__}")


def parts(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for _, child in children(node):
        yield from parts(child)


WHOLE = platform(
    {
        "network": {"nat": "single"},
        "cluster.system_nodes": {"count": 2},
        "cluster.public_access": {"cidrs": ["0.0.0.0/0"], "open_to_the_world": True},
        "gateway": {"kind": "litellm", "database": {"kind": "cloudnative-pg", "instances": 1}},
        "models.chat.replicas": {"min": 1, "max": 2},
        "pools.l40s.sharing": {"kind": "whole"},
        "pools.l40s.disruption": [{"nodes": "1"}],
        "pools.l40s.taints": [{"key": "team", "value": "search"}],
        "karpenter": {"version": "1.15.0"},
        "observability": {"service_monitors": True},
        "certificates.acme": {"email": "a@b.dev", "zones": [{"id": "Z1", "domain": "b.dev"}]},
        "storage": {"model_bucket": {"noncurrent_days": 7}, "shared_files": {"kind": "none"}},
        "models.claims": {
            "model": "a/b",
            "pool": "claims",
            "context": 512,
            "device": {"product": "L4", "alternatives": [{"count": 1}]},
        },
        "models.chat.load": {"kind": "hub"},
        "models.chat.prefill": {"router_image": "registry.example/vllm-router:0.1.17"},
        "models.chat.bench": {"requests": 20},
        "models.chat.sampling": {"temperature": 0.6, "top_k": 20},
        "models.chat.engine": {
            "lora": {"adapters": {"sql": {"path": "/adapters/sql", "rank": 16}}},
            "speculative": {"word": "may-be-slower", "method": "ngram", "tokens": 3},
        },
        "pools.auto": {"provisioner": "auto", "families": ["g6e"], "gpu_limit": 1},
        "pools.l4.reservation": {"id": "cr-0123456789abcdef0"},
    }
)
OTHER_FILES = [{"kind": kind} for kind in ("efs", "fsx-lustre", "mountpoint-s3")]
OTHER_KINDS = [
    {"filled_by": "hand"},
    *({"kind": kind} for kind in ("s3", "shared-files", "copy")),
    {"kind": "time-slicing", "replicas": 4},
    {"kind": "mps", "replicas": 4},
    {"kind": "mig", "profile": "1g.10gb"},
    {"kind": "dra"},
    {"kind": "hami-dra"},
    *({"kind": kind} for kind in ("al2023", "bottlerocket")),
    {"kind": "ubuntu", "release": "24.04", "ami": "ami-0123456789abcdef0"},
    *({"kind": kind} for kind in ("node", "volume")),
    {"kind": "pulumi"},
    {"kind": "external-secrets"},
    {"product": "L4"},
    {"families": ["g6e"], "gpu_limit": 1},
]
ENVIRONMENT = {"stack": "dev", "region": "us-west-2", "platform": PlatformSettings(**WHOLE)}


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_every_model_is_closed_and_frozen(name: str):
    model = SETTINGS[name]
    assert model.model_config.get("frozen") is True
    if model in OPEN:
        assert model.model_config.get("extra") == "allow"
        return
    document = (
        ENVIRONMENT
        if model is environment.Environment
        else complete(model, [WHOLE, OTHER_FILES, OTHER_KINDS])
    )
    made = model.model_validate(document)
    with pytest.raises(ValidationError, match="nonsense\n  Extra inputs are not permitted"):
        model.model_validate(document | {"nonsense": 1})
    with pytest.raises(ValidationError, match="Instance is frozen"):
        setattr(made, next(iter(model.model_fields)), None)


def test_every_model_of_the_rooms_modules_is_seen():
    assert {"PlatformSettings", "KarpenterPool", "HamiSharing", "ModelSettings"} <= SETTINGS.keys()


POOL = {"provisioner": "karpenter", "instances": ["g6.xlarge"], "gpu_limit": 1}


def test_what_only_a_person_can_know_is_all_that_must_be_written():
    read = PlatformSettings.model_validate(
        {
            "template": "dev",
            "cluster": {"admins": ["arn:aws:iam::111122223333:user/ann"]},
            "pools": {"p": POOL},
            "budget": {"gpus": 1, "usd_per_month": 1000},
        }
    )
    assert read.models == {}
    assert read.cluster.kubernetes == "1.36"
    assert (read.cluster.public_access, read.cluster.viewers) == (None, ())
    assert read.cluster.secrets_kms_key_arn is None
    assert (read.network.zone_ids, read.network.private) == ({}, False)
    assert (read.cluster.system_nodes.instance, read.cluster.system_nodes.count) == (
        "m7i.xlarge",
        2,
    )
    assert not read.cluster.deletion_protection
    assert (read.network.cidr, read.network.zones, read.network.nat) == (
        "10.20.0.0/16",
        2,
        "single",
    )
    pool = read.pools["p"]
    assert isinstance(pool, KarpenterPool)
    assert (pool.capacity, pool.idle_minutes, pool.sharing.kind) == (("on-demand",), 15, "whole")
    assert (read.gateway.kind, read.gateway.replicas) == ("litellm", 1)
    assert read.gateway.database.model_dump() == {
        "kind": "cloudnative-pg",
        "instances": 1,
        "storage_gib": 20,
    }


def test_defaults_of_a_model_ask_for_one_replica_and_leave_the_gpus_open():
    model = ModelSettings.model_validate({"model": "a/b", "pool": "p", "context": 512})
    assert (model.replicas.min, model.replicas.max) == (1, 1)
    assert (model.gpus, model.share, model.revision) == (None, None, None)
    assert (model.kind, model.licence, model.engine) == ("chat", None, EngineSettings())


def test_a_model_and_its_pool_are_all_that_must_be_written():
    entry = ModelSettings.model_validate({"model": "Qwen/Qwen3-8B", "pool": "l40s"})
    assert entry.model_fields_set == {"model", "pool"}
    assert (entry.context, entry.concurrency) == (None, None)


def test_a_pool_of_shared_gpus_splits_each_in_ten():
    pool = PlatformSettings.model_validate(platform()).pools["l4"]
    assert pool.sharing.model_dump() == {"kind": "hami", "splits": 10}
    assert pool.capacity == "on-demand"


@pytest.mark.parametrize(
    ("model", "document", "message"),
    [
        (ReplicaSettings, {"min": 3, "max": 2}, "max 2 is below min 3; raise max or lower min"),
        (
            ModelSettings,
            {
                "model": "a/b",
                "pool": "p",
                "context": 512,
                "gpus": 1,
                "share": {"memory_gib": 1, "cores_percent": 10},
            },
            "asks for gpus and share; keep one of them",
        ),
        (
            KarpenterPool,
            {"provisioner": "karpenter", "instances": ["b", "a", "b", "a"], "gpu_limit": 1},
            "names a, b more than once; name each once",
        ),
    ],
    ids=["replicas", "ask", "repeated"],
)
def test_a_validator_says_what_is_wrong_and_what_would_be_right(
    model: type[Setting], document: dict[str, Any], message: str
):
    with pytest.raises(ValidationError) as refused:
        model.model_validate(document)
    assert [error["msg"] for error in refused.value.errors()] == [f"Value error, {message}"]


def test_a_refusal_lists_each_finding_once_in_the_order_of_their_paths():
    first = Finding(path="a", problem="is wrong", fix="mend it", source="here")
    second = Finding(path="b", problem="is wrong", fix="mend it", source="here")
    refused = RefusedError([second, first, second])
    assert refused.findings == (first, second)
    assert str(refused).splitlines() == [
        "refused: 2 findings, nothing was changed",
        "  a: is wrong; mend it [here]",
        "  b: is wrong; mend it [here]",
    ]
    assert RefusedError([first]).lines()[0] == "refused: 1 finding, nothing was changed"


def test_the_secrets_are_asked_for_by_the_command_that_sets_them():
    assert REQUIRED_SECRETS == (MASTER_KEY, SALT_KEY)
    missing = MASTER_KEY.missing()
    assert missing.path == "llm-platform:litellmMasterKey"
    assert missing.problem == "is not set; it is the administrator's key of the gateway"
    assert missing.fix == (
        "run `pulumi config set --secret llm-platform:litellmMasterKey "
        '"sk-$(openssl rand -hex 32)"`'
    )
    assert '"$(openssl rand -hex 32)"' in SALT_KEY.missing().fix


def test_a_secret_that_is_left_in_the_stack_is_taken_out_once_it_is_elsewhere():
    stray = MASTER_KEY.stray()
    assert stray.path == "llm-platform:litellmMasterKey"
    assert stray.fix == (
        "see that its value is in AWS Secrets Manager as gateway-master-key, below "
        "`secrets.prefix`, then run `pulumi config rm llm-platform:litellmMasterKey`"
    )
    assert len({secret.remote for secret in SECRETS}) == len(SECRETS) == 3


def test_an_external_store_is_recognised_in_any_document():
    assert is_external({"secrets": {"kind": "external-secrets"}})
    for other in (None, "text", {}, {"secrets": None}, {"secrets": {"kind": "pulumi"}}):
        assert not is_external(other)


def test_a_secret_key_is_closed_and_frozen():
    with pytest.raises(ValidationError, match="nonsense"):
        SecretKey.model_validate({"name": "a", "remote": "c", "purpose": "b", "nonsense": 1})
    with pytest.raises(ValidationError, match="frozen"):
        setattr(SALT_KEY, "name", "b")  # noqa: B010 -- pyright refuses the plain assignment
