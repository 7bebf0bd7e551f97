"""One entry that divides the work: two sets of replicas and a router, all from the same words."""

import json
from typing import Any

import pytest

from catalog.engine_releases import SELECTABLE
from planning.engine.flags import engine_findings
from planning.models.kv_transfer import transfer
from planning.plan import Plan
from planning.specs.base import MODEL_LABEL
from settings.engine import EngineSettings
from settings.models import ModelSettings
from tests.planning.planned import planned

IMAGE = "registry.example/vllm-router:0.1.17"
DIVIDED = {
    "models.chat.replicas": {"min": 2, "max": 3},
    "models.chat.prefill": {"router_image": IMAGE, "replicas": {"min": 1, "max": 2}},
}


def divided(changes: dict[str, Any] | None = None) -> Plan:
    return planned(DIVIDED | (changes or {}))


def handed(spec: Any) -> dict[str, Any]:
    args = spec.args
    return json.loads(args[args.index("--kv-transfer-config") + 1])


def test_both_sets_are_one_model_under_names_of_their_own():
    prefill, decode, _ = divided().models
    assert [spec.name for spec in (prefill, decode)] == ["chat-prefill", "chat-decode"]
    assert {spec.model for spec in (prefill, decode)} == {"chat"}
    for spec in (prefill, decode):
        assert spec.args[spec.args.index("--served-model-name") + 1] == "chat"
        assert spec.host == f"{spec.name}.models.svc.cluster.local"
        assert spec.selector[MODEL_LABEL] == "chat"
    assert not prefill.selector.items() <= decode.labels.items()
    assert not decode.selector.items() <= prefill.labels.items()


def test_one_side_gives_the_cache_and_the_other_takes_it_or_reads_the_prompt_itself():
    prefill, decode, plain = divided().models
    assert (handed(prefill)["kv_role"], handed(decode)["kv_role"]) == ("kv_producer", "kv_consumer")
    for spec in (prefill, decode):
        assert handed(spec)["kv_connector"] == "NixlConnector"
        assert handed(spec)["kv_load_failure_policy"] == "recompute"
        assert "kv_connector_extra_config" not in handed(spec)
    assert plain.transfer is None
    assert "--kv-transfer-config" not in plain.args


def test_what_has_to_be_alike_on_both_sides_is():
    told = [
        [arg for arg in spec.args if spec.transfer and arg not in spec.transfer.arguments]
        for spec in divided({"models.chat.engine": {"kv_cache_dtype": "fp8"}}).models[:2]
    ]
    assert told[0] == told[1]
    prefill, decode, _ = divided().models
    assert prefill.image == decode.image


def test_only_the_answering_side_spares_the_graphs_of_prompts():
    prefill, decode, _ = divided().models
    assert "--compilation-config" not in prefill.args
    graphs = decode.args[decode.args.index("--compilation-config") + 1]
    assert json.loads(graphs) == {"cudagraph_mode": "FULL_DECODE_ONLY"}


@pytest.mark.parametrize(
    "own",
    [
        ["--compilation-config", '{"cudagraph_mode": "NONE"}'],
        ["--compilation-config.cudagraph_mode", "NONE"],
        ["-cc", "{}"],
        ["-O0"],
        ["--enforce-eager"],
    ],
)
def test_an_owner_who_says_how_to_compile_is_not_contradicted(own: list[str]):
    engine = EngineSettings(extra_args=tuple(own))
    found = transfer("chat", "decode", engine, over_efa=False)
    assert found is not None
    assert "--compilation-config" not in found.arguments


@pytest.mark.parametrize("version", SELECTABLE)
@pytest.mark.parametrize("network", ["tcp", "efa"])
def test_every_release_takes_what_both_sides_are_told(version: str, network: str):
    for kind in ("prefill", "decode"):
        found = transfer("chat", kind, EngineSettings(), over_efa=network == "efa")
        assert found is not None
        assert [*engine_findings("args", found.arguments, version, {})] == []


def test_where_pods_have_efa_caches_go_over_it():
    found = transfer("chat", "prefill", EngineSettings(), over_efa=True)
    assert found is not None
    config = json.loads(found.arguments[1])
    assert config["kv_connector_extra_config"] == {"backends": ["LIBFABRIC"]}


def test_clients_find_the_router_and_the_router_both_sets():
    plan = divided()
    (router,) = plan.routers
    chat, tiny = plan.routes
    assert chat.host == router.host == "chat.models.svc.cluster.local"
    assert chat.api_base == router.api_base == "http://chat.models.svc.cluster.local:8000/v1"
    assert tiny.api_base == plan.models[2].api_base
    args = router.args
    for spec in plan.models[:2]:
        assert args[args.index(f"--{spec.role}") + 1] == spec.api_base.removesuffix("/v1")
    bases = [found["litellm_params"]["api_base"] for found in plan.gateway.config["model_list"]]
    assert bases == [chat.api_base, tiny.api_base]
    assert router.image == IMAGE


def test_the_router_is_no_replica_and_is_alone_let_in():
    plan = divided()
    (router,), (prefill, decode, _) = plan.routers, plan.models
    assert MODEL_LABEL not in router.labels
    for spec in (prefill, decode):
        assert spec.transfer is not None
        assert spec.transfer.callers == router.selector
        assert spec.transfer.peers.items() <= prefill.labels.items() & decode.labels.items()
        assert not spec.transfer.peers.items() <= router.labels.items()


@pytest.mark.parametrize(("least", "routers"), [(1, 1), (2, 2), (3, 2)])
def test_there_are_two_routers_where_two_replicas_answer(least: int, routers: int):
    (router,) = divided({"models.chat.replicas": {"min": least, "max": 3}}).routers
    assert router.replicas == routers


def test_the_gateway_gives_up_first_and_a_stream_may_end():
    plan = divided()
    (router,) = plan.routers
    args = router.args
    gateway = plan.gateway.config["litellm_settings"]["request_timeout"]
    assert int(args[args.index("--request-timeout-secs") + 1]) > gateway
    assert router.drain_seconds >= gateway
    assert router.grace_seconds > router.pre_stop_seconds + router.drain_seconds


def test_each_set_grows_by_what_it_runs_out_of():
    prefill, decode, plain = divided().models
    assert prefill.scaler.metric == 'vllm:num_requests_waiting{model_name="chat"}'
    assert decode.scaler.metric == 'vllm:kv_cache_usage_perc{model_name="chat"}'
    assert (prefill.scaler.signal, decode.scaler.signal) == ("waiting-requests", "kv-cache-usage")
    assert (prefill.scaler.target_per_replica, decode.scaler.target_per_replica) == (5, 0.7)
    assert (prefill.scaler.min_replicas, prefill.scaler.max_replicas) == (1, 2)
    assert (decode.scaler.min_replicas, decode.scaler.max_replicas) == (2, 3)
    assert plain.scaler.signal == "waiting-requests"
    for spec in (prefill, decode):
        assert spec.scaler.metrics_url == f"http://{spec.host}:8000/metrics"


def test_both_sets_are_placed_and_counted_as_one_model():
    plan = divided()
    chat = next(found for found in plan.placement.services if found.name == "chat")
    assert (chat.wanted, chat.placed) == (3, 3)
    assert [roll.name for roll in plan.rolls] == ["chat-prefill", "chat-decode", "tiny"]


def test_an_entry_that_divides_nothing_is_what_it_was():
    plan = planned()
    assert plan.routers == ()
    assert [(spec.name, spec.model, spec.role) for spec in plan.models] == [
        ("chat", "chat", None),
        ("tiny", "tiny", None),
    ]


def test_a_load_test_asks_the_router():
    plan = divided({"models.chat.bench": {"requests": 20}})
    (bench,) = plan.benches
    assert (
        bench.args[bench.args.index("--base-url") + 1]
        == "http://chat.models.svc.cluster.local:8000"
    )


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"nodes": 2, "gpus": 8}, "spans 2 nodes and has replicas for prefill"),
        ({"kind": "embedding"}, "an embedding model has nothing to decode"),
        ({"device": {"shared": True}}, "shares its devices among all replicas"),
    ],
)
def test_some_entries_cannot_divide_the_work(more: dict[str, Any], told: str):
    entry = {"model": "a/b", "pool": "p", "context": 512, "prefill": {"router_image": IMAGE}}
    with pytest.raises(ValueError, match=told):
        ModelSettings.model_validate(entry | more)
