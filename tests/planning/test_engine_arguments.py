"""Typed settings of the engine: what they render to, and what is wrong with them."""

import json

import pytest

from catalog.engine_flags import flag
from catalog.engine_releases import SELECTABLE
from planning.engine.arguments import OWNED, engine_arguments, rendered
from planning.engine.flags import engine_findings
from planning.rules.engine import engine_rules
from settings.engine import (
    EngineSettings,
    LoraAdapter,
    LoraSettings,
    SpeculativeSettings,
)

FULL = EngineSettings(
    dtype="bfloat16",
    quantization="fp8",
    kv_cache_dtype="fp8",
    gpu_memory_utilization=0.9,
    max_num_seqs=256,
    max_num_batched_tokens=8192,
    tensor_parallel=8,
    pipeline_parallel=2,
    data_parallel=2,
    decode_context_parallel=4,
    expert_parallel=True,
    tool_call_parser="hermes",
    reasoning_parser="qwen3",
    lora=LoraSettings(
        adapters={
            "sql": LoraAdapter(path="/adapters/sql", rank=16),
            "chat": LoraAdapter(path="owner/chat", rank=64),
        },
        active=2,
    ),
    speculative=SpeculativeSettings(
        word="may-be-slower", method="eagle3", model="owner/draft", tokens=3
    ),
)
ARGUMENTS = (
    *("--dtype", "bfloat16", "--quantization", "fp8", "--kv-cache-dtype", "fp8"),
    *("--gpu-memory-utilization", "0.9"),
    *("--max-num-seqs", "256", "--max-num-batched-tokens", "8192"),
    *("--tensor-parallel-size", "8", "--pipeline-parallel-size", "2"),
    *("--data-parallel-size", "2", "--decode-context-parallel-size", "4"),
    *("--tool-call-parser", "hermes", "--reasoning-parser", "qwen3"),
    *("--enable-expert-parallel", "--enable-auto-tool-choice"),
    *("--enable-lora", "--max-loras", "2", "--max-lora-rank", "64"),
    *("--lora-modules", "chat=owner/chat", "sql=/adapters/sql"),
    "--speculative-config",
    '{"method": "eagle3", "model": "owner/draft", "num_speculative_tokens": 3}',
)
NOT_RENDERED = {"version", "digest", "image", "extra_args"}


def test_settings_render_in_one_order():
    assert engine_arguments(FULL) == ARGUMENTS


def test_nothing_is_rendered_that_was_not_set():
    assert engine_arguments(EngineSettings()) == ()


def test_every_typed_setting_renders():
    fields = {argument.field.partition(".")[0] for argument in rendered(FULL)}
    assert fields == EngineSettings.model_fields.keys() - NOT_RENDERED


@pytest.mark.parametrize("version", SELECTABLE)
def test_every_release_takes_what_the_settings_render_to(version: str):
    assert [str(finding) for finding in engine_findings("at", ARGUMENTS, version, {})] == []
    full = FULL.model_copy(update={"version": version})
    assert [str(finding) for finding in engine_rules("engine", full)] == []


@pytest.mark.parametrize("method", ["draft_model", "eagle", "eagle3", "mtp", "ngram", "suffix"])
def test_every_way_to_guess_tokens_is_known_to_the_newest_release(method: str):
    known = flag("--spec-method", SELECTABLE[-1])
    assert known
    assert method in known.choices


@pytest.mark.parametrize("version", SELECTABLE)
def test_everything_the_platform_owns_is_a_flag_or_not_yet_one(version: str):
    newer = {"--grpc": "0.20.2", "--grpc-port": "0.32.0"}
    newer |= dict.fromkeys(("--spec-method", "--spec-model", "--spec-tokens"), "0.22.1")
    missing = {name for name in OWNED if flag(name, version) is None}
    order = SELECTABLE.index
    assert missing == {name for name, since in newer.items() if order(since) > order(version)}


def test_every_rendered_flag_is_owned_so_that_it_is_not_given_twice():
    assert {token for token in ARGUMENTS if token.startswith("--")} <= OWNED.keys()


SOURCE = "[vLLM 0.19.1: catalog/vllm_args.json]"


def test_a_typed_name_that_the_release_does_not_have_is_refused_at_its_setting():
    engine = EngineSettings(
        version="0.19.1", reasoning_parser="glm47", quantization="fp9", kv_cache_dtype="nvfp4"
    )
    assert [str(finding) for finding in engine_rules("models.chat.engine", engine)] == [
        (
            "models.chat.engine.quantization: --quantization is 'fp9', which the release does not "
            f"have; did you mean fp8? {SOURCE}"
        ),
        (
            "models.chat.engine.kv_cache_dtype: --kv-cache-dtype is 'nvfp4'; use one of auto, "
            f"bfloat16, float16, fp8, fp8_ds_mla, fp8_e4m3, fp8_e5m2, fp8_inc {SOURCE}"
        ),
        (
            "models.chat.engine.reasoning_parser: --reasoning-parser is 'glm47', which the release "
            f"does not have; did you mean glm45? {SOURCE}"
        ),
    ]


def test_a_plugin_among_the_further_arguments_may_bring_the_typed_parser():
    plugin = ("--tool-parser-plugin", "/plugins/own.py")
    assert [*engine_rules("engine", EngineSettings(tool_call_parser="own"))] != []
    engine = EngineSettings(tool_call_parser="own", extra_args=plugin)
    assert [*engine_rules("engine", engine)] == []


def test_further_arguments_are_judged_with_the_typed_settings():
    engine = EngineSettings(tensor_parallel=8, extra_args=("--swap-space=4", "--enable-eplb"))
    assert [finding.path for finding in engine_rules("engine", engine)] == [
        "engine.extra_args.0",
        "engine.extra_args",
    ]


def test_of_a_release_that_cannot_be_chosen_only_that_is_told():
    engine = EngineSettings(version="0.18.1", extra_args=("--swap-space=4",))
    assert [finding.path for finding in engine_rules("engine", engine)] == ["engine.version"]


def test_a_speculative_configuration_is_json_with_known_keys():
    speculative = SpeculativeSettings(word="may-be-slower", method="ngram", tokens=4)
    [argument] = rendered(EngineSettings(speculative=speculative))
    assert json.loads(argument.tokens[1]) == {"method": "ngram", "num_speculative_tokens": 4}
