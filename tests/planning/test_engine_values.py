"""One argument that the newest release refuses, and many that it takes."""

import pytest

from catalog.engine_flags import SOURCE
from catalog.engine_releases import SELECTABLE
from planning.engine.arguments import OWNED
from planning.engine.flags import engine_findings

NEWEST = SELECTABLE[-1]


def told(args: list[str]) -> list[str]:
    """Return the findings of some arguments at `at`, without the source of every flag."""
    found = engine_findings("at", args, NEWEST, OWNED)
    return [str(finding).removesuffix(f" [vLLM {NEWEST}: {SOURCE}]") for finding in found]


CASES: list[tuple[list[str], str]] = [
    (
        ["--max-model-length", "4096"],
        "at.0: --max-model-length is no flag of vLLM 0.33.0; did you mean --max-model-len?",
    ),
    (["--zzzzzzzz"], "at.0: --zzzzzzzz is no flag of vLLM 0.33.0; remove it"),
    (
        ["--block-siz", "32"],
        (
            "at.0: --block-siz is no flag of vLLM 0.33.0, only short for --block-size until "
            "another flag begins so; write --block-size"
        ),
    ),
    (["--seed 4"], "at.0: '--seed 4' is one argument; write two: '--seed', '4'"),
    (["32"], "at.0: '32' belongs to no flag; remove it, or write its flag in front of it"),
    (
        ["--seed", "4", "5"],
        "at.2: '5' belongs to no flag; remove it, or write its flag in front of it",
    ),
    (["--seed"], "at.0: --seed has no value; add one: a whole number"),
    (["--seed", "four"], "at.0: --seed is 'four'; write a whole number"),
    (["--watermark", "much"], "at.0: --watermark is 'much'; write a number"),
    (["--watermark", "1"], "at.0: --watermark is 1; use less than 1"),
    (["--max-logprobs", "-5"], "at.0: --max-logprobs is -5; use at least -1"),
    (
        ["--max-num-queued-tokens", "1.5K"],
        (
            "at.0: --max-num-queued-tokens is '1.5K'; write a whole number, or one with a unit "
            "such as 16k (16,000) or 16K (16,384)"
        ),
    ),
    (
        ["--scheduling-policy", "fair"],
        "at.0: --scheduling-policy is 'fair'; use one of fcfs, priority",
    ),
    (
        ["--enforce-eager", "true"],
        (
            "at.0: --enforce-eager takes no value, and 'true' stands there; write --enforce-eager "
            "alone, or --no-enforce-eager to turn it off"
        ),
    ),
    (
        ["--disable-log-stats=false"],
        (
            "at.0: --disable-log-stats takes no value, and 'false' stands there; write "
            "--disable-log-stats alone, or leave it out"
        ),
    ),
    (["--hf-overrides", "{rope: 1}"], "at.0: --hf-overrides is '{rope: 1}'; write text or JSON"),
    (["--kv-events-config", "{a}"], "at.0: --kv-events-config is '{a}'; write JSON"),
    (
        ["--eplb-config", "[1]"],
        "at.0: --eplb-config is '[1]'; write a JSON object, {\"key\": value}",
    ),
    (
        ["--eplb-config", '{"windowsize": 3}'],
        "at.0: --eplb-config has no key 'windowsize'; did you mean window_size?",
    ),
    (
        ["--eplb-config.windowsize", "3"],
        "at.0: --eplb-config has no key 'windowsize'; did you mean window_size?",
    ),
    (
        ["--weight-transfer-config.zzzzzzz", "3"],
        "at.0: --weight-transfer-config has no key 'zzzzzzz'; use one of backend",
    ),
    (
        ["--eplb-config.window_size"],
        "at.0: --eplb-config.window_size has no value; add the value of this key",
    ),
    (
        ["--seed.key", "4"],
        (
            "at.0: --seed.key has a key, but --seed is a whole number; write --seed alone, with "
            "its value"
        ),
    ),
    (
        ["--port", "9000"],
        (
            "at.0: --port is set by the platform; leave it out: Service, probes and NetworkPolicy "
            "know the address [planning/engine/arguments.py]"
        ),
    ),
    (
        ["-tp=8"],
        (
            "at.0: -tp is set by the platform; use engine.tensor_parallel "
            "[planning/engine/arguments.py]"
        ),
    ),
    (
        ["--max_model_len", "4096"],
        "at.0: --max_model_len is set by the platform; use context [planning/engine/arguments.py]",
    ),
    (
        ["--no-enable-expert-parallel"],
        (
            "at.0: --no-enable-expert-parallel is set by the platform; use engine.expert_parallel "
            "[planning/engine/arguments.py]"
        ),
    ),
]


@pytest.mark.parametrize(("args", "finding"), CASES, ids=[" ".join(args) for args, _ in CASES])
def test_a_wrong_argument_is_named_with_what_is_right(args: list[str], finding: str):
    assert told(args) == [finding]


@pytest.mark.parametrize(
    "args",
    [
        ["--eplb-config.window_size", "3", "--eplb-config.step_interval=3"],
        ["--compilation-config.custom_ops+", "none", "--compilation-config.custom_ops+=+a,+b"],
        ["--middleware", "a.B", "--middleware", "c.D"],
        ["--cudagraph-capture-sizes", "1", "2", "4"],
        ["--max-num-queued-tokens", "25.6k"],
        ["--max-num-queued-tokens", "16K"],
        ["--max-logprobs", "-1"],
        ["--moe-backend", "Deep-Gemm"],
        ["--hf-overrides", "some.module.function"],
        ["--chat-template-content-format", "openai"],
        ["--safetensors-load-strategy", "None"],
        ["--max-lora-cls-labels", "None"],
        ["--optimization-level", "3"],
        ["-O3"],
        ["--tool-parser-plugin", "/plugins/own.py"],
        [],
    ],
    ids=" ".join,
)
def test_what_the_parser_takes_is_taken(args: list[str]):
    assert told(args) == []


def test_a_name_that_the_release_looks_up_at_its_start_is_named_with_the_nearest():
    (found,) = engine_findings("at", ["--load-format", "safetensor"], NEWEST, {})
    assert (found.problem, found.fix) == (
        "--load-format is 'safetensor', which the release does not have",
        "did you mean safetensors?",
    )
