"""A model that does not fit its GPUs is refused before anyone pays for them, with what would do."""

from typing import Any

import pytest

from planning.engine import memory as engine_memory
from tests.documents import REMOVED
from tests.planning.planned import planned, refusals

MEMORY = "[vLLM 0.33.0 vllm/v1/worker/utils.py request_memory]"
CACHE = "[vLLM 0.33.0 vllm/v1/core/kv_cache_planning.py]"
MODEL = "[vLLM 0.33.0 vllm/config/model.py]"
PARALLEL = "[vLLM 0.33.0 vllm/config/parallel.py]"
EAST = "us-east-1"
H100 = {
    "pools.h100": {"provisioner": "managed", "instances": ["p5.48xlarge"], "nodes": 1},
    "budget.gpus": 17,
}
FP8_ON_EIGHT = H100 | {
    "models.chat": {"model": "Qwen/Qwen3-235B-A22B-FP8", "pool": "h100", "gpus": 8}
}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "weights": (
        {"models.chat.model": "Qwen/Qwen3-32B"},
        (
            "models.chat: Qwen/Qwen3-32B on 1 x L40S does not fit: 61.03 GiB of weights and "
            "1.68 GiB for running take more than the 40.87 GiB that the engine may use of each "
            "GPU; use more or larger GPUs, or smaller weights; cheapest of what fits: "
            "4 x L4 on g6.12xlarge at 4.60 USD per hour, 4 x A10G on g5.12xlarge at 5.67 USD per "
            f"hour, 2 x L40S on g6e.12xlarge at 10.49 USD per hour {MEMORY}"
        ),
    ),
    "context": (
        {"models.tiny.context": 32768},
        (
            "models.tiny: Qwen/Qwen3-0.6B on 1 x 6 GiB of L4 does not fit: one request of 32,768 "
            "tokens needs 3.50 GiB of KV cache on each GPU, and 2.72 GiB are left; use a context "
            "of at most 25408 tokens, or an FP8 KV cache; cheapest of what fits: an FP8 KV cache "
            "(engine.kv_cache_dtype: fp8), a context of 24576 tokens (context: 24576), 64 "
            f"requests at once (engine.max_num_seqs: 64) {CACHE}"
        ),
    ),
    "heads": (
        {"models.chat.gpus": 3},
        (
            "models.chat: Qwen/Qwen3-8B on 3 x L40S does not fit: 32 attention heads cannot be "
            "divided among 3 tensor-parallel GPUs; use a tensor-parallel size of 1, 2, 4, 8, 16, "
            "32; cheapest of what fits: 1 x L40S on g6e.xlarge at 1.86 USD per hour, 2 x L4 on "
            "g6.12xlarge at 4.60 USD per hour, 2 x A10G on g5.12xlarge at 5.67 USD per hour "
            f"{MODEL}"
        ),
    ),
    "utilisation": (
        {"models.tiny.engine": {"gpu_memory_utilization": 0.99}},
        (
            "models.tiny: Qwen/Qwen3-0.6B on 1 x 6 GiB of L4 does not fit: the engine asks for "
            "5.94 GiB (0.99 of 6.00), but only 5.65 GiB are free when it starts; use "
            "engine.gpu_memory_utilization of at most 0.94; cheapest of what fits: "
            "engine.gpu_memory_utilization of 0.94, 1 x L40S on g6e.xlarge at 1.86 USD per hour "
            f"{MEMORY}"
        ),
    ),
    "spread": (
        {"models.chat.gpus": 4, "models.chat.engine": {"tensor_parallel": 2}},
        (
            "models.chat.engine: tensor x pipeline x data parallelism of 2 x 1 x 1 takes 2 GPUs, "
            f"and a replica has 4; make the product 4, or ask for 2 GPUs {PARALLEL}"
        ),
    ),
    "stages that do not divide": (
        {"models.chat.gpus": 4, "models.chat.engine": {"pipeline_parallel": 3}},
        (
            "models.chat.engine: tensor x pipeline x data parallelism of 1 x 3 x 1 takes 3 GPUs, "
            f"and a replica has 4; make the product 4, or ask for 3 GPUs {PARALLEL}"
        ),
    ),
    "unknown and without a context": (
        {"models.chat.model": "a/b", "models.chat.context": REMOVED},
        (
            "models.chat.context: is missing, and a/b is not in the catalog, which would know it; "
            "add it, or the model to the catalog: docs/reading-the-fit.md [catalog/models.json]"
        ),
    ),
}


@pytest.mark.parametrize(("changes", "expected"), REFUSED.values(), ids=REFUSED)
def test_a_model_that_does_not_fit_is_refused_with_what_would(
    changes: dict[str, Any], expected: str
):
    assert refusals(changes) == [expected]


def test_experts_in_fp8_on_eight_gpus_are_refused_and_whole_experts_are_taken():
    (refused,) = refusals(FP8_ON_EIGHT, EAST)
    assert refused.startswith(
        "models.chat: Qwen/Qwen3-235B-A22B-FP8 on 8 x H100 does not fit: experts of width 1536 on "
        "8 GPUs are 192 wide on each, which is no multiple of the FP8 block of 128; use a "
        "tensor-parallel size of 1, 2, 4, or expert parallelism (engine.expert_parallel: true), "
        "which keeps experts whole; cheapest of what fits: "
    )
    plan = planned(FP8_ON_EIGHT | {"models.chat.engine": {"expert_parallel": True}}, EAST)
    assert plan.models[0].args[-1] == "--enable-expert-parallel"
    assert plan.fits[0].fits


def test_what_is_wrong_with_the_pool_the_fit_and_another_entry_is_said_at_once():
    changes = {
        "models.chat.model": "Qwen/Qwen3-32B",
        "models.chat.replicas.max": 9,
        "models.tiny.engine": {"version": "0.18.1"},
    }
    paths = [found.split(": ", 1)[0] for found in refusals(changes)]
    assert paths == ["models.chat", "models.chat.replicas.max", "models.tiny.engine.version"]


def test_a_model_that_nobody_knows_is_a_warning_that_names_the_way_in():
    plan = planned({"models.chat.model": "a/b"})
    assert "chat" not in {fit.name for fit in plan.fits}
    (said,) = (str(found) for found in plan.warnings if found.path == "models.chat.model")
    assert said == (
        "models.chat.model: a/b is not in the catalog, so that only its start will show whether it "
        "fits its GPUs; add it from its config.json: docs/reading-the-fit.md [catalog/models.json]"
    )


def test_a_gpu_that_nobody_knows_is_a_warning_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(engine_memory.BY_EC2, ("l40s", 45776))
    plan = planned({"models.chat.context": REMOVED})
    (said,) = (str(found) for found in plan.warnings if found.path == "models.chat.pool")
    assert said == (
        "models.chat.pool: how much of the memory of a l40s an engine sees is not known, so that "
        "only its start will show whether the model fits; use a pool of another GPU, or add this "
        "one to catalog/gpus.py [catalog/gpus.py]"
    )
    assert [fit.name for fit in plan.fits] == ["tiny"]
    assert plan.models[0].context == 40960
