"""A model is written once: every layer has its name, port, labels, metric and route from there."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.images import VLLM
from planning.plan import Plan
from planning.specs.models import ModelServiceSpec
from settings.base import NAME_PATTERN
from settings.models import ModelSettings
from tests.documents import REMOVED
from tests.planning.planned import planned

NAMES = st.from_regex(NAME_PATTERN, fullmatch=True)
TINY = {"memory_gib": 6, "cores_percent": 30}


def option(spec: ModelServiceSpec, name: str) -> str:
    """Return the value of an engine flag, which stands once."""
    assert spec.args.count(name) == 1
    return spec.args[spec.args.index(name) + 1]


@given(NAMES, st.integers(512, 10**6), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_every_layer_has_the_name_and_port_of_the_one_entry(name: str, context: int, gpus: int):
    entry = {"model": "a/b", "pool": "l40s", "context": context, "gpus": gpus}
    plan = planned({"models": {name: {**entry, "replicas": {"min": 1, "max": 2}}}})
    (spec,) = plan.models
    host = f"{name}.models.svc.cluster.local"
    assert (spec.name, spec.namespace, spec.host) == (name, "models", host)
    assert spec.api_base == f"http://{host}:8000/v1"
    assert (option(spec, "--served-model-name"), option(spec, "--port")) == (name, "8000")
    assert spec.port == 8000
    assert (option(spec, "--max-model-len"), spec.context) == (str(context), context)
    assert (
        option(spec, "--tensor-parallel-size") == str(gpus) == spec.grant.limits["nvidia.com/gpu"]
    )
    assert spec.selector["llm-platform/model"] == name
    assert spec.selector.items() <= spec.labels.items()
    assert spec.scaler.metrics_url == f"http://{host}:8000/metrics"
    assert spec.scaler.metric == f'vllm:num_requests_waiting{{model_name="{name}"}}'
    (route,) = plan.gateway.config["model_list"]
    assert route["model_name"] == name
    assert route["litellm_params"]["api_base"] == spec.api_base
    # What LiteLLM sends as `model` is what the engine serves.
    assert route["litellm_params"]["model"] == f"hosted_vllm/{name}"
    assert route["model_info"]["max_input_tokens"] == context
    (service,) = plan.placement.services
    assert (service.name, service.pool) == (name, spec.pool)


def test_a_replica_goes_to_the_nodes_of_its_pool_and_nowhere_else():
    plan = planned()
    chat, tiny = plan.models
    (pool,), (nodes,) = plan.gpu_pools, plan.managed_gpu_nodes
    assert chat.node_selector.items() <= pool.labels.items()
    assert tiny.node_selector.items() <= nodes.labels.items()
    assert not tiny.node_selector.items() <= pool.labels.items()
    for spec, home in ((chat, pool), (tiny, nodes)):
        tolerated = {(toleration.key, toleration.effect) for toleration in spec.tolerations}
        assert {(taint.key, taint.effect) for taint in home.taints} == tolerated
        assert spec.labels["llm-platform/sharing"] == home.labels["llm-platform/sharing"]


def test_a_share_asks_hami_s_scheduler_for_memory_and_cores_and_whole_gpus_ask_neither():
    chat, tiny = planned().models
    assert (chat.grant.scheduler_name, tiny.grant.scheduler_name) == (None, "hami-scheduler")
    assert chat.grant.limits == {"nvidia.com/gpu": "1"}
    assert tiny.grant.limits == {
        "nvidia.com/gpu": "1",
        "nvidia.com/gpumem": "6144",
        "nvidia.com/gpucores": "30",
    }


def test_a_pinned_revision_reaches_the_engine_and_an_open_one_is_left_out():
    commit = "b968826d9c46dd6066d109eabc6255188de91218"
    assert option(planned().models[0], "--revision") == commit
    assert "--revision" not in planned({"models.chat.revision": REMOVED}).models[0].args
    assert planned().models[0].image == VLLM.reference


@pytest.mark.parametrize(("replicas", "rollout"), [(7, "surge"), (8, "in-place")])
def test_a_roll_surges_only_where_the_pool_may_own_one_more_replica(replicas: int, rollout: str):
    changes = {"models.chat.replicas": {"min": replicas, "max": 8}}
    assert [spec.rollout for spec in planned(changes).models] == [rollout, "surge"]


CHANGES: dict[str, tuple[str, Any]] = {
    "model": ("chat", "Qwen/Qwen3-8B-FP8"),
    "revision": ("chat", "0" * 40),
    "pool": ("chat", "spare"),
    "gpus": ("chat", 2),
    "nodes": ("wide", 2),
    "share": ("tiny", TINY | {"memory_gib": 8}),
    "mig": ("cut", "2g.20gb"),
    "device": ("claimed", {"share": {"memory_gib": 8, "cores_percent": 20}}),
    "context": ("chat", 4096),
    "concurrency": ("chat", 2),
    "replicas": ("chat", {"min": 1, "max": 2}),
    "prefill": ("chat", {"replicas": {"max": 2}, "router_image": "registry.example/router:0.1.17"}),
    "rollout": ("chat", "in-place"),
    "cache": ("chat", {"kind": "volume"}),
    "bench": ("chat", {"requests": 20}),
    "load": ("chat", {"kind": "s3"}),
    "licence": ("chat", "apache-2.0"),
    "sampling": ("chat", {"temperature": 0.6}),
    "kind": ("chat", "agent"),
    "engine": ("chat", {"version": "0.32.0", "reasoning_parser": "qwen3"}),
}
"""Of each field of an entry: a model, and another value."""

SPARE = {"provisioner": "karpenter", "instances": ["g6e.2xlarge"], "gpu_limit": 1}
CLAIMED = {"share": {"memory_gib": 4, "cores_percent": 20}}
MIG = {"kind": "mig", "layout": {"1g.10gb": 2, "2g.20gb": 2}}
BASE = {
    "pools.spare": SPARE,
    "pools.cut": {
        "provisioner": "managed",
        "instances": ["p4de.24xlarge"],
        "nodes": 1,
        "sharing": MIG,
    },
    "pools.pair": {"provisioner": "managed", "instances": ["p4de.24xlarge"], "nodes": 4},
    "pools.l4.sharing": {"kind": "hami-dra"},
    "models.cut": {"model": "a/b", "pool": "cut", "context": 512, "mig": "1g.10gb"},
    "models.wide": {"model": "a/b", "pool": "pair", "context": 512, "gpus": 8},
    "models.across": {"model": "a/b", "pool": "pair", "context": 512, "gpus": 8, "nodes": 2},
    "models.claimed": {"model": "a/b", "pool": "l4", "context": 512, "device": CLAIMED},
    "budget.gpus": 50,
    "budget.usd_per_month": 200_000,
}
REGION = "us-east-1"
"""Where every type of these pools has a price."""
ROUTED = {"context"}
"""Fields that clients of the gateway see."""
BESIDE = {"bench", "concurrency"}
"""Fields that change nothing of the model itself, which here says its context."""
DERIVED = {
    *(
        "models",
        "routes",
        "routers",
        "fits",
        "priorities",
        "gateway",
        "pools",
        "placement",
        "rolls",
        "packing",
    ),
    *("prefetches", "benches", "cost", "warnings"),
}


def layers(plan: Plan) -> dict[str, Any]:
    return plan.model_dump(exclude=DERIVED)


def test_every_field_of_an_entry_is_changed_here():
    assert CHANGES.keys() == ModelSettings.model_fields.keys()


@pytest.mark.parametrize("field", CHANGES)
def test_one_changed_setting_changes_only_that_model_and_the_gateway_s_routes(field: str):
    name, value = CHANGES[field]
    before, after = planned(BASE, REGION), planned(BASE | {f"models.{name}.{field}": value}, REGION)
    assert layers(after) == layers(before)
    changed = {spec.model for spec in (*before.models, *after.models)} - {
        spec.model for spec in before.models if spec in after.models
    }
    assert changed == (set() if field in BESIDE else {name})
    config = {"config", "config_digest"}
    assert after.gateway.model_dump(exclude=config) == before.gateway.model_dump(exclude=config)
    assert (after.gateway.config_digest != before.gateway.config_digest) == (field in ROUTED)


def test_another_model_adds_a_spec_and_a_route_and_leaves_the_others_alone():
    more = {"model": "a/b", "revision": "0" * 40, "pool": "l40s", "context": 512}
    before, after = planned(), planned({"models.more": more})
    assert after.models[:2] == before.models
    assert layers(after) == layers(before)
    routes = [route["model_name"] for route in after.gateway.config["model_list"]]
    assert routes == ["chat", "tiny", "more"]
