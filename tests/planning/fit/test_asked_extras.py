"""`python -m planning fit` with LoRA adapters and speculative decoding."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from planning.__main__ import app

QWEN = ("qwen3-8b", "--gpu", "H100", "--context", "8192")
MISSING = ("--speculative", "eagle", "--speculative-tokens", "3")


def answer(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["fit", *QWEN, *arguments, "--json"])
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("arguments", "lora"),
    [
        (("--lora-rank", "64"), {"rank": 64, "active": 1}),
        (("--max-loras", "4"), {"rank": 16, "active": 4}),
        (("--lora-rank", "8", "--max-loras", "2"), {"rank": 8, "active": 2}),
    ],
)
def test_the_options_of_adapters_reach_the_answer(arguments: tuple[str, ...], lora: dict[str, int]):
    found = answer(*arguments)
    assert found["engine"]["lora"] == lora
    assert "speculative" not in found["engine"]
    assert [term["name"] for term in found["terms"] if term["name"].startswith("LoRA")] == [
        *("LoRA: attention", "LoRA: MLP", "LoRA: embeddings", "LoRA: buffers")
    ]


def test_the_options_of_guessing_reach_the_answer():
    found = answer(
        *("--speculative", "draft_model", "--speculative-tokens", "3"),
        *("--speculative-model", "qwen3-0.6b"),
    )
    asked = {"method": "draft_model", "tokens": 3, "model": "qwen3-0.6b"}
    assert found["engine"]["speculative"] == asked
    assert found["fits"]


def test_without_them_no_key_is_new():
    found = answer()
    assert set(found["engine"]) == {
        *("version", "dtype", "kv_dtype", "utilisation"),
        *("max_num_seqs", "max_num_batched_tokens", "eager"),
    }


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ("--speculative-tokens", "2"),
            (
                "--speculative",
                "is missing",
                "name a method: draft_model, eagle, eagle3, mtp, ngram, suffix",
            ),
        ),
        (
            ("--speculative", "ngram"),
            ("--speculative-tokens", "is missing", "say how many are guessed at a time"),
        ),
        (
            MISSING,
            ("--speculative", "method eagle has no model", "name one (--speculative-model)"),
        ),
        (
            ("--speculative", "ngram", *MISSING[2:], "--speculative-model", "a/b"),
            ("--speculative", "method ngram takes no model", "leave it out (--speculative-model)"),
        ),
        (
            ("--lora-rank", "20"),
            (
                "--lora-rank",
                "Input should be 1, 8, 16, 32, 64, 128, 256, 320 or 512",
                "see --help",
            ),
        ),
    ],
)
def test_half_a_question_is_refused(arguments: tuple[str, ...], expected: tuple[str, str, str]):
    found = answer(*arguments)["findings"]
    assert [(one["path"], one["problem"], one["fix"]) for one in found] == [expected]


def test_what_is_wrong_beside_it_is_said_at_once():
    found = answer("--speculative", "ngram", "--lora-rank", "20", "--count", "3", "--tp", "2")
    paths = [one["path"] for one in found["findings"]]
    assert paths == ["--lora-rank", "--speculative-tokens"]
