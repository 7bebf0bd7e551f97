"""What speaks against replicas that divide the work: every message, whole."""

from typing import Any

import pytest

from catalog.router import RELEASE
from tests.documents import REPOSITORY
from tests.planning.planned import planned, refusals

IMAGE = "registry.example/vllm-router:0.1.17"
DIVIDED = {"models.chat.prefill": {"router_image": IMAGE}}
EFA_POOL = {
    "provisioner": "managed",
    "instances": ["g6e.24xlarge"],
    "nodes": 2,
    "efa": True,
    "zone": "us-west-2a",
    "placement_group": "cluster",
}
ON_EFA = {
    "pools.wide": EFA_POOL,
    "models.chat.pool": "wide",
    "models.chat.gpus": 4,
    "budget.gpus": 17,
}


def warned(changes: dict[str, Any]) -> dict[str, str]:
    return {warning.path: str(warning) for warning in planned(changes).warnings}


def test_a_sound_entry_is_not_refused():
    assert planned(DIVIDED).routers


@pytest.mark.parametrize(
    "image",
    ["vllm/vllm-router:nightly", "docker.io/vllm/vllm-router:nightly-20260809-d2ba586"],
)
def test_an_image_that_is_gone_in_three_weeks_is_refused(image: str):
    (refused,) = refusals({"models.chat.prefill": {"router_image": image}})
    assert refused == (
        f"models.chat.prefill.router_image: {image}: its project publishes nightly images only and "
        "keeps some fifteen of them, so that in three weeks no node can pull it; put it into a "
        "registry of your own, as docs/prefill-decode.md says "
        "[SemiAnalysisAI/InferenceX: pull request 2143; vllm-project/router: issue 163]"
    )


@pytest.mark.parametrize("image", ["vllm-router:0.1.17", "team/vllm-router:0.1.17"])
def test_an_image_without_a_registry_is_refused(image: str):
    (refused,) = refusals({"models.chat.prefill": {"router_image": image}})
    assert refused == (
        f"models.chat.prefill.router_image: {image} names no registry, and that of the node is "
        "taken; write it out, registry.example.com/vllm-router:0.1.17 [planning/rules/prefill.py]"
    )


@pytest.mark.parametrize("image", ["registry.example/r", "registry.example/r:latest"])
def test_an_image_that_moves_is_refused(image: str):
    (refused,) = refusals({"models.chat.prefill": {"router_image": image}})
    assert refused == (
        f"models.chat.prefill.router_image: {image} may be another image tomorrow; give it a tag "
        "that stays, `:0.1.17`, or a digest [planning/rules/prefill.py]"
    )


def test_a_digest_needs_no_tag():
    image = f"registry.example/r@sha256:{'0' * 64}"
    (router,) = planned({"models.chat.prefill": {"router_image": image}}).routers
    assert router.image == image


@pytest.mark.parametrize("part", ["prefill", "decode", "router"])
def test_a_model_that_is_called_like_a_part_of_another_is_refused(part: str):
    other = {"model": "a/b", "revision": "0" * 40, "pool": "l40s", "context": 512}
    (refused,) = refusals(DIVIDED | {f"models.chat-{part}": other})
    assert refused == (
        f"models.chat-{part}: is what objects of 'chat' are called, whose replicas divide the "
        "work; give it another name [planning/models/roles.py]"
    )


def test_layers_shared_among_groups_of_gpus_are_refused():
    changes = {"models.chat.gpus": 2, "models.chat.engine": {"pipeline_parallel": 2}}
    (refused,) = refusals(DIVIDED | changes)
    assert refused == (
        "models.chat.engine.pipeline_parallel: a replica that takes KV caches from another cannot "
        "share its layers among groups of GPUs: vLLM refuses to start; use engine.tensor_parallel, "
        "or leave out prefill [vLLM 0.33.0: docs/features/nixl_connector_compatibility.md]"
    )


def test_parts_of_gpus_are_refused():
    (refused,) = refusals({"models.tiny.prefill": {"router_image": IMAGE}})
    assert refused == (
        "models.tiny.prefill: pool 'l4' hands out parts of GPUs: who reads prompts on one part "
        "slows down who answers on another, which is what the division is to end; use a pool of "
        "whole GPUs, or leave out prefill [vLLM 0.33.0: docs/features/disagg_prefill.md]"
    )


def test_more_replicas_than_the_pool_has_room_for_are_refused():
    prefill = {"router_image": IMAGE, "replicas": {"min": 1, "max": 6}}
    changes = {"models.chat.prefill": prefill, "models.chat.replicas": {"max": 3}}
    (refused,) = refusals(changes)
    assert refused.startswith(
        "models.chat.replicas.max: 3 replicas of 1 GPU, beside 6 for prefill, but pool 'l40s' with "
        "its 8 GPUs has room for 2; lower it to 2"
    )


def test_on_efa_the_usual_image_is_refused():
    (refused,) = refusals(DIVIDED | ON_EFA)
    assert refused == (
        "models.chat.engine.image: pool 'wide' has EFA, and vLLM's usual image lacks the library "
        "that KV caches go over it with; use the release's image for EFA, "
        "docker.io/vllm/vllm-openai:v0.33.0-efa, after looking whether it is there, or leave out "
        "`efa` of pools.wide [vLLM 0.33.0: docker/Dockerfile.efa]"
    )


def test_with_the_image_for_efa_the_pods_have_it_and_are_told():
    image = {"models.chat.engine": {"image": "docker.io/vllm/vllm-openai:v0.33.0-efa"}}
    for spec in planned(DIVIDED | ON_EFA | image).models[:2]:
        assert spec.grant.limits["vpc.amazonaws.com/efa"] == "2"
        assert any("LIBFABRIC" in arg for arg in spec.args)


def test_the_flag_belongs_to_the_platform():
    config = '{"kv_connector": "NixlConnector"}'
    extra = {"models.chat.engine": {"extra_args": ["--kv-transfer-config", config]}}
    (refused,) = refusals(extra)
    assert refused == (
        "models.chat.engine.extra_args.0: --kv-transfer-config is set by the platform; use prefill "
        "[planning/engine/arguments.py]"
    )


def test_a_slow_network_is_told_in_seconds_of_every_first_token():
    narrow = {"pools.l40s.instances": ["g6e.2xlarge"]}
    assert warned(DIVIDED | narrow)["models.chat.prefill"] == (
        "models.chat.prefill: the KV cache of 8,192 tokens is 1.13 GiB, and g6e.2xlarge moves it "
        "in 1.9 s at its 5 Gbit/s: every first token waits as long; use a type with more bandwidth "
        "or EFA, or leave out prefill [planning/rules/prefill_warnings.py, baseline bandwidth of "
        "the catalog]"
    )
    fast = {"pools.l40s.instances": ["g6e.12xlarge"]}
    assert "models.chat.prefill" not in warned(DIVIDED | fast)


def test_several_zones_are_told_in_what_goes_between_them():
    assert warned(DIVIDED)["pools.l40s"] == (
        "pools.l40s: has nodes in us-west-2a and us-west-2b, and between them go 1.13 GiB of KV "
        "cache for a prompt of 8,192 tokens to 'chat': slow, and paid on both sides; give it one "
        "zone, `zones: [us-west-2a]` [Amazon EC2 pricing, data transfer within the same AWS Region]"
    )
    one = {"pools.l40s.zones": ["us-west-2a"]}
    assert "pools.l40s" not in warned(DIVIDED | one)


def test_of_an_old_release_nobody_has_shown_that_its_image_can_do_it():
    old = {"models.chat.engine": {"version": "0.19.1"}}
    assert warned(DIVIDED | old)["models.chat.engine.version"] == (
        "models.chat.engine.version: is 0.19.1, and only of 0.20.1 and later is it known that the "
        "image carries NIXL: without it the replicas do not start; use 0.33.0, or look into the "
        "image first [vllm-project/vllm: pull request 41634; vLLM 0.33.0: "
        ".buildkite/release-pipeline.yaml]"
    )
    new = {"models.chat.engine": {"version": "0.20.2"}}
    assert "models.chat.engine.version" not in warned(DIVIDED | new)


def test_a_model_that_divides_nothing_is_told_nothing():
    assert {path for path in warned({}) if "prefill" in path} == set()


def test_of_a_model_that_is_not_known_no_size_is_told():
    unknown = {"models.chat.model": "a/b"}
    assert not {"models.chat.prefill", "pools.l40s"} & warned(DIVIDED | unknown).keys()


def test_the_page_says_how_the_image_of_that_release_is_made():
    page = (REPOSITORY / "docs" / "prefill-decode.md").read_text("utf-8")
    assert f"vllm-router=={RELEASE}" in page
