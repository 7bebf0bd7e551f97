"""A load test is asked for in the model's entry, and refused where it would measure nothing."""

import pytest

from planning.specs.base import MODEL_LABEL
from planning.specs.bench import BenchSpec
from tests.planning.planned import planned, refusals


def bench(**settings: object) -> BenchSpec:
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


def test_the_log_keeps_the_result_unless_the_entry_says_bucket():
    assert bench().results is None
    assert bench(results="log") == bench()
    plan = planned({"models.chat.bench": {"results": "bucket"}})
    (found,), store = plan.benches, plan.model_bucket
    assert found.model_copy(update={"results": None}) == bench()
    assert found.results is not None
    assert store is not None
    assert found.results.prefix == f"{store.results_prefix}chat/"
    assert found.results.cluster_name == store.cluster_name
    assert found.results.image == plan.gateway.image, "the system nodes carry it anyway"
    assert found.results.environment["AWS_REGION"] == plan.region
    assert found.results.cpu_milli < found.cpu_milli, "it asks for no room of its own"
    assert found.results.memory_mib < found.memory_mib


def test_the_bucket_is_the_same_whoever_keeps_results_and_for_a_year():
    before, after = planned(), planned({"models.chat.bench": {"results": "bucket"}})
    assert before.model_bucket == after.model_bucket
    assert before.model_bucket is not None
    assert before.model_bucket.results_days == 365


def test_no_service_or_budget_of_the_model_picks_its_pod():
    plan = planned({"models.chat.bench": {}})
    assert not plan.models[0].selector.items() <= plan.benches[0].labels.items()
    assert MODEL_LABEL not in plan.benches[0].labels, "it would be counted as a replica"


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
                "give it another name [planning/models/bench.py]"
            ),
        ),
        (
            {"models.chat.bench": {"results": "bucket"}, "storage": {"model_bucket": None}},
            (
                "models.chat.bench.results: is bucket, and storage.model_bucket is null; leave "
                "storage.model_bucket at its default, or use `results: log` "
                "[planning/models/bench_results.py]"
            ),
        ),
        (
            {
                "models.chat.model": "bench-results/Qwen3-8B",
                "models.chat.revision": "0" * 40,
                "models.chat.load": {"kind": "s3", "filled_by": "hand"},
            },
            (
                "models.chat.model: bench-results/Qwen3-8B would lie below bench-results/ in the "
                "model bucket, where load tests write and objects go after 365 days; use "
                "`load: {kind: hub}`, or a copy of the repository under another owner "
                "[planning/models/bench_results.py]"
            ),
        ),
    ],
)
def test_what_would_measure_nothing_is_refused(changes: dict[str, object], told: str):
    (found,) = refusals(changes)
    assert found == told
