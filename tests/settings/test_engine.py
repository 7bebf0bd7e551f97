"""Settings of the engine: what is refused before any release is asked."""

import json
import re
from typing import Any

import pytest
from pydantic import ValidationError

from settings.base import PATTERN_WORDS
from settings.engine import EngineSettings

ADAPTER = {"path": "/adapters/sql", "rank": 16}
SPECULATIVE = {"word": "may-be-slower", "method": "eagle3", "model": "owner/draft", "tokens": 3}
DIGEST = "sha256:" + "0" * 64

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"version": "v0.33.0"}, "version"),
    ({"digest": "sha256:12"}, "digest"),
    ({"dtype": "fp8"}, "dtype"),
    ({"quantization": "--fp8"}, "quantization"),
    ({"gpu_memory_utilization": 0}, "gpu_memory_utilization"),
    ({"gpu_memory_utilization": 1.1}, "gpu_memory_utilization"),
    ({"max_num_seqs": 0}, "max_num_seqs"),
    ({"tensor_parallel": 2000}, "tensor_parallel"),
    ({"extra_args": [""]}, "extra_args"),
    ({"extra_args": [8]}, "extra_args"),
    ({"lora": {"adapters": {}}}, "adapters"),
    ({"lora": {"adapters": {"SQL": ADAPTER}}}, "SQL"),
    ({"lora": {"adapters": {"sql": ADAPTER | {"rank": 17}}}}, "rank"),
    ({"lora": {"adapters": {"sql": ADAPTER | {"path": "a b"}}}}, "path"),
    ({"speculative": SPECULATIVE | {"word": "yes"}}, "may-be-slower"),
    ({"speculative": {"method": "ngram", "tokens": 3}}, "word"),
    ({"typo": 1}, "typo"),
]


@pytest.mark.parametrize(("settings", "named"), REFUSED, ids=str)
def test_a_wrong_setting_is_refused_by_name(settings: dict[str, Any], named: str):
    with pytest.raises(ValidationError, match=named):
        EngineSettings.model_validate(settings)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"image": "localhost/vllm:v0.33.0", "version": "0.33.0"},
            "image stands beside version or digest; keep image, its tag and digest say both",
        ),
        (
            {"image": "localhost/vllm:v0.33.0", "digest": DIGEST},
            "image stands beside version or digest; keep image, its tag and digest say both",
        ),
        (
            {"speculative": {"word": "may-be-slower", "method": "eagle3", "tokens": 3}},
            "method eagle3 has no model; add the one that guesses",
        ),
        (
            {"speculative": SPECULATIVE | {"method": "ngram"}},
            "method ngram takes no model; remove it",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_told_with_the_way_out(
    settings: dict[str, Any], words: str
):
    with pytest.raises(ValidationError) as refused:
        EngineSettings.model_validate(settings)
    assert [error["msg"] for error in refused.value.errors()] == [f"Value error, {words}"]


def test_every_pattern_of_the_engine_is_told_in_words():
    schema = json.dumps(EngineSettings.model_json_schema())
    patterns = set(re.findall(r'"pattern": "([^"]+)"', schema))
    assert patterns
    assert {json.loads(f'"{pattern}"') for pattern in patterns} <= PATTERN_WORDS.keys()
