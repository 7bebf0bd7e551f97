"""A load test is asked for in the model's entry, and refused where it would measure nothing."""

import pytest

from planning.specs.bench import BenchSpec
from tests.planning.planned import planned, refusals


def bench(**settings: int) -> BenchSpec:
    (found,) = planned({"models.chat.bench": settings}).benches
    return found


def option(spec: BenchSpec, name: str) -> str:
    """Return the value of a flag, which stands once."""
    assert spec.args.count(name) == 1
    return spec.args[spec.args.index(name) + 1]


def test_nobody_is_tested_who_does_not_ask():
    assert planned().benches == ()


def test_a_test_asks_the_model_s_service_under_the_name_that_it_serves():
    plan = planned({"models.chat.bench": {}})
    ((found,), (chat, _)) = plan.benches, plan.models
    assert (found.model, found.name, found.namespace) == ("chat", "chat-bench", chat.namespace)
    assert found.image == chat.image
    assert option(found, "--base-url") + option(found, "--endpoint") == (
        f"{chat.api_base}/completions"
    )
    assert option(found, "--model") == "Qwen/Qwen3-8B"
    assert option(found, "--served-model-name") == "chat"


def test_its_size_is_the_entry_s_and_else_8k_in_and_1k_out():
    found = bench()
    assert (option(found, "--random-input-len"), option(found, "--random-output-len")) == (
        "8192",
        "1024",
    )
    found = bench(input_tokens=512, output_tokens=64, requests=30, concurrency=3)
    sizes = ("--random-input-len", "--random-output-len", "--num-prompts", "--max-concurrency")
    assert [option(found, name) for name in sizes] == ["512", "64", "30", "3"]
    assert "--ignore-eos" in found.args


def test_more_rounds_get_more_time():
    short, long = bench(requests=16, concurrency=16), bench(requests=160, concurrency=16)
    assert long.deadline_seconds - short.deadline_seconds == 9 * (82 + 205) - 2


def test_no_service_or_budget_of_the_model_picks_its_pod():
    plan = planned({"models.chat.bench": {}})
    assert not plan.models[0].selector.items() <= plan.benches[0].labels.items()


def test_a_test_changes_nothing_else_of_the_plan():
    before, after = planned(), planned({"models.chat.bench": {}})
    assert after.model_dump(exclude={"benches"}) == before.model_dump(exclude={"benches"})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"models.chat.bench": {}, "models.chat.context": 8192},
            (
                "models.chat.bench: 8,192 tokens and 1,024 of answer are more than the context of "
                "8,192: every request would be refused; lower input_tokens or output_tokens, or "
                "raise context [vLLM 0.33.0: vllm/benchmarks/serve.py]"
            ),
        ),
        (
            {"models.chat.bench": {}, "models.chat.kind": "embedding"},
            (
                "models.chat.bench: asks for answers, token by token, and an embedding model gives "
                "none; leave it out [vLLM 0.33.0: vllm/benchmarks/serve.py]"
            ),
        ),
        (
            {"models.chat.bench": {"requests": 4, "concurrency": 8}},
            (
                "models.chat.bench: concurrency 8 is never reached with 4 requests; raise requests "
                "or lower concurrency [settings/schema.json]"
            ),
        ),
        (
            {
                "models.chat.bench": {},
                "models.chat-bench": {
                    "model": "Qwen/Qwen3-8B",
                    "revision": "0" * 40,
                    "pool": "l40s",
                    "context": 512,
                },
            },
            (
                "models.chat-bench: is what the objects of the load test of 'chat' are called; "
                "give it another name [planning/bench.py]"
            ),
        ),
    ],
)
def test_what_would_measure_nothing_is_refused(changes: dict[str, object], told: str):
    (found,) = refusals(changes)
    assert found == told
