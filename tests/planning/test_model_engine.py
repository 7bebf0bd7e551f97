"""The engine of an entry: its flags reach the pod, and what its release would refuse does not."""

from typing import Any

import pytest

from planning.models.kinds import SCALING
from planning.specs.models import ModelServiceSpec
from tests.planning.planned import planned, refusals

OLD = "[vLLM 0.19.1: catalog/vllm_args.json]"


def chat(**engine: Any) -> ModelServiceSpec:
    return planned({"models.chat.engine": engine}).models[0]


def test_settings_follow_the_platform_s_own_arguments_and_further_ones_come_last():
    spec = chat(
        max_num_seqs=64,
        kv_cache_dtype="fp8",
        tool_call_parser="hermes",
        extra_args=["--block-size", "32"],
    )
    before = chat().args
    assert spec.args == (
        *before,
        *("--kv-cache-dtype", "fp8", "--max-num-seqs", "64", "--tool-call-parser", "hermes"),
        *("--enable-auto-tool-choice", "--block-size", "32"),
    )
    assert spec.args[0] == "Qwen/Qwen3-8B"


def test_a_size_of_tensor_parallelism_stands_once_whoever_gives_it():
    own = planned({"models.chat.gpus": 2, "models.chat.engine": {"tensor_parallel": 2}})
    for spec in (own.models[0], planned({"models.chat.gpus": 2}).models[0]):
        place = spec.args.index("--tensor-parallel-size")
        assert spec.args.count("--tensor-parallel-size") == 1
        assert spec.args[place + 1] == "2"
    staged = planned({"models.chat.gpus": 4, "models.chat.engine": {"pipeline_parallel": 2}})
    args = " ".join(staged.models[0].args)
    assert "--tensor-parallel-size 2" in args
    assert "--pipeline-parallel-size 2" in args


def test_the_image_is_that_of_the_release_or_the_owner_s():
    digest = "sha256:" + "1" * 64
    assert chat(version="0.32.0", digest=digest).image.endswith(f"vllm-openai:v0.32.0@{digest}")
    own = "registry.example.com/team/vllm:v0.33.0-cu130"
    assert chat(image=own).image == own


SEEDS = {
    "--swap-space": ["--swap-space", "16"],
    "--disable-log-requests": ["--disable-log-requests"],
    "--max-paddings": ["--max-paddings", "256"],
}


@pytest.mark.parametrize("flag", SEEDS)
def test_a_flag_that_is_gone_is_refused_where_it_stands(flag: str):
    engine = {"version": "0.19.1", "extra_args": SEEDS[flag]}
    (found,) = refusals({"models.chat.engine": engine})
    assert found.startswith(f"models.chat.engine.extra_args.0: {flag} is no flag of vLLM 0.19.1")


def test_a_release_below_the_floor_and_a_tag_that_moves_are_refused():
    (below,) = refusals({"models.chat.engine": {"version": "0.14.0"}})
    assert below.startswith(
        "models.chat.engine.version: vLLM 0.14.0 is below 0.19.1, the security floor: "
    )
    (moves,) = refusals({"models.chat.engine": {"image": "docker.io/vllm/vllm-openai:latest"}})
    assert moves == (
        "models.chat.engine.image: the tag latest moves: two nodes may run two releases; use the "
        "tag of a release, v0.33.0 [planning/engine/images.py]"
    )


def test_what_the_entry_says_elsewhere_is_refused_among_the_further_arguments():
    assert refusals({"models.chat.engine": {"extra_args": ["--max-model-len", "1"]}}) == [
        (
            "models.chat.engine.extra_args.0: --max-model-len is set by the platform; use context "
            "[planning/engine/arguments.py]"
        )
    ]


def test_who_calls_a_model_decides_how_it_scales():
    def scaling(kind: str) -> tuple[float, int]:
        scaler = planned({"models.chat.kind": kind}).models[0].scaler
        return scaler.target_per_replica, scaler.scale_down_seconds

    assert scaling("chat") == (5, 300)
    assert scaling("batch") == (50, 300)
    assert scaling("agent") == (2, 900)
    assert scaling("embedding") == (20, 300)
    assert len(SCALING) == 4
    assert planned().models[0].scaler.target_per_replica == 5


def test_a_licence_is_noted_in_the_plan_and_nowhere_else():
    spec = planned({"models.chat.licence": "apache-2.0"}).models[0]
    assert spec.licence == "apache-2.0"
    assert spec.model_copy(update={"licence": None}) == planned().models[0]
