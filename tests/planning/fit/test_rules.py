"""What vLLM would refuse, and what the answer says would be right."""

from typing import Any

import pytest
from pydantic import ValidationError

from catalog.gpus import GPUS
from catalog.models import models
from planning.fit.answer import Fit
from planning.fit.fit import fit
from planning.fit.question import EngineChoice, GpuMemory, Parallelism

H100 = GpuMemory.whole(GPUS["H100"])
MODEL_RULES = "vLLM 0.33.0 vllm/config/model.py"
BLOCK_RULES = "vLLM 0.33.0 fp8_utils.py validate_fp8_block_shape; vllm-project/vllm issue 17569"


def answer(
    model: str, gpu: GpuMemory = H100, *, context: int = 4096, engine: Any = None, **spread: Any
) -> Fit:
    choice = EngineChoice.model_validate(engine or {})
    return fit(models()[model], gpu, Parallelism(**spread), choice, context)


@pytest.mark.parametrize(
    ("model", "spread", "problem", "fix", "source"),
    [
        (
            "Qwen/Qwen3-235B-A22B-FP8",
            {"tensor": 8},
            (
                "experts of width 1536 on 8 GPUs are 192 wide on each, which is no multiple of the "
                "FP8 block of 128"
            ),
            (
                "use a tensor-parallel size of 1, 2, 4, or expert parallelism (--ep), which keeps "
                "experts whole"
            ),
            BLOCK_RULES,
        ),
        (
            "Qwen/Qwen2.5-0.5B-Instruct",
            {"tensor": 4},
            "14 attention heads cannot be divided among 4 tensor-parallel GPUs",
            "use a tensor-parallel size of 1, 2, 7, 14",
            MODEL_RULES,
        ),
        (
            "zai-org/GLM-4.5",
            {"tensor": 12},
            "8 KV heads and 12 tensor-parallel GPUs: neither divides the other",
            "use a tensor-parallel size of 1, 2, 4, 8",
            MODEL_RULES,
        ),
        (
            "openai/gpt-oss-20b",
            {"tensor": 64, "expert": True},
            "64 GPUs for 32 experts",
            "use at most 32 GPUs in one expert group",
            "vLLM 0.33.0 vllm/config/parallel.py",
        ),
        (
            "Qwen/Qwen3-8B",
            {"expert": True},
            "Qwen/Qwen3-8B has no experts to spread",
            "leave out --ep (--enable-expert-parallel)",
            MODEL_RULES,
        ),
        (
            "Qwen/Qwen3-8B",
            {"pipeline": 40},
            "40 pipeline stages for 36 layers",
            "use at most 36 stages",
            "vLLM 0.33.0 vllm/config/parallel.py",
        ),
        (
            "Qwen/Qwen3-8B",
            {"tensor": 8, "decode_context": 2},
            (
                "a decode-context size of 2, but only 1 of 8 tensor-parallel GPUs hold the same of "
                "the 8 KV heads"
            ),
            "use at most as many ranks as hold copies, or a larger tensor-parallel size",
            MODEL_RULES,
        ),
        (
            "moonshotai/Kimi-K2.6",
            {"tensor": 8, "decode_context": 3},
            "a decode-context size of 3 does not divide the tensor-parallel size of 8",
            "use one of 1, 2, 4, 8",
            "vLLM 0.33.0 vllm/config/parallel.py",
        ),
        (
            "google/gemma-3-27b-it",
            {"tensor": 2, "decode_context": 2},
            "layers with a window or a state cannot be spread over decode-context ranks",
            "leave out --dcp",
            "vLLM 0.33.0 vllm/v1/kv_cache_interface.py",
        ),
    ],
)
def test_a_spread_that_cannot_be_is_refused_with_what_can(
    model: str, spread: dict[str, Any], problem: str, fix: str, source: str
):
    found = answer(model, **spread)
    assert not found.fits
    refused = [reason for reason in found.reasons if reason.problem == problem]
    assert [(reason.fix, reason.source) for reason in refused] == [(fix, source)]


def test_experts_that_stay_whole_pass_the_block_rule():
    assert answer("Qwen/Qwen3-235B-A22B-FP8", tensor=8, expert=True).fits
    assert answer("Qwen/Qwen3-235B-A22B-FP8", tensor=4).fits
    assert answer("Qwen/Qwen3-235B-A22B", tensor=8, context=40960).fits
    online = answer("Qwen/Qwen3-235B-A22B", tensor=8, engine={"dtype": "fp8"})
    assert [reason.source for reason in online.reasons] == [BLOCK_RULES]


def test_data_parallel_ranks_slice_experts_further():
    found = answer("Qwen/Qwen3-235B-A22B-FP8", tensor=4, data=2)
    assert "experts of width 1536 on 8 GPUs" in found.reasons[0].problem


def test_kimi_fits_four_gb200():
    found = answer("moonshotai/Kimi-K2.6", GpuMemory.whole(GPUS["GB200"]), tensor=4, context=262144)
    assert found.fits
    assert 19 <= found.kv_gib_per_gpu <= 25
    assert 290_000 <= found.kv_tokens <= 380_000
    assert 1.1 <= found.max_concurrency <= 1.5


def test_latent_attention_is_not_divided_by_tensor_parallelism_and_heads_are_down_to_one():
    kimi = [answer("moonshotai/Kimi-K2.6", tensor=size) for size in (1, 8)]
    assert [found.kv_bytes_per_token_per_gpu for found in kimi] == [70_272, 70_272]
    qwen = [answer("Qwen/Qwen3-235B-A22B", tensor=size) for size in (1, 2, 4, 8)]
    per_token = [found.kv_bytes_per_token_per_gpu for found in qwen]
    assert per_token == [192_512, 96_256, 48_128, 48_128]


def test_sparse_attention_keeps_keys_of_its_indexer_and_a_layout_of_its_own_in_fp8():
    plain = answer("deepseek-ai/DeepSeek-V3.2", tensor=8)
    assert plain.kv_bytes_per_token_per_gpu == 70_272 + 8_052
    small = answer("deepseek-ai/DeepSeek-V3.2", tensor=8, engine={"kv_dtype": "fp8"})
    assert small.kv_bytes_per_token_per_gpu == 40_016 + 8_052


def test_a_checkpoint_with_scales_for_it_has_an_fp8_cache_by_itself():
    nvfp4 = answer("nvidia/Kimi-K2.6-NVFP4", GpuMemory.whole(GPUS["B200"]), tensor=8)
    assert (nvfp4.kv_cache_dtype, nvfp4.kv_bytes_per_token_per_gpu) == ("fp8", 35_136)


def test_layers_with_a_window_cost_a_request_no_more_than_the_window():
    short, long = (
        answer("google/gemma-3-27b-it", context=context, engine={"max_num_batched_tokens": 2048})
        for context in (32768, 131072)
    )
    assert short.kv_bytes_per_token_per_gpu == 81_920
    assert short.max_concurrency < 4 * long.max_concurrency


def test_a_budget_that_is_not_free_at_the_start_is_refused_with_the_share_that_is():
    found = answer("Qwen/Qwen3-8B", engine={"utilisation": 0.995})
    assert [(reason.problem, reason.fix) for reason in found.reasons] == [
        (
            (
                "the engine asks for 78.82 GiB (0.995 of 79.22), but only 78.62 GiB are free when "
                "it starts"
            ),
            "use a utilisation of at most 0.99",
        )
    ]


def test_a_gpu_that_others_use_too_has_only_its_rest():
    half = H100.model_copy(update={"free_gib": 40.0})
    found = answer("Qwen/Qwen3-8B", half)
    assert found.reasons[0].fix == "use a utilisation of at most 0.49"
    assert answer("Qwen/Qwen3-8B", half, engine={"utilisation": 0.49}).fits
    none_left = answer("Qwen/Qwen3-8B", H100.model_copy(update={"free_gib": 0.5}))
    assert none_left.reasons[0].fix == "give it more memory"


def test_a_share_of_a_gpu_is_a_smaller_gpu():
    share = GpuMemory.of_size(6)
    found = answer("Qwen/Qwen3-0.6B", share, context=8192)
    assert found.fits
    assert 2 < found.kv_gib_per_gpu < 4
    assert not answer("Qwen/Qwen3-8B", share, context=8192).fits


def test_weights_that_are_too_large_are_said_with_both_numbers():
    found = answer("moonshotai/Kimi-K2.6", tensor=8)
    assert [(reason.problem, reason.fix) for reason in found.reasons] == [
        (
            (
                "71.90 GiB of weights and 3.95 GiB for running take more than the 72.88 GiB that "
                "the engine may use of each GPU"
            ),
            "use more or larger GPUs, or smaller weights",
        )
    ]
    assert (found.kv_tokens, found.max_concurrency, found.longest_context) == (0, 0, 0)
    assert found.terms[-1].gib < 0


def test_a_context_beyond_the_checkpoint_is_refused():
    found = answer("Qwen/Qwen3-8B", context=50_000)
    assert [(reason.problem, reason.fix) for reason in found.reasons] == [
        ("a context of 50,000 tokens, but the checkpoint is made for 40,960", "use at most 40960")
    ]


def test_weights_are_not_quantised_twice():
    found = answer("Qwen/Qwen3-32B-FP8", engine={"dtype": "int4"})
    assert [(reason.problem, reason.fix) for reason in found.reasons] == [
        (
            "the weights of Qwen/Qwen3-32B-FP8 are fp8-block already",
            "leave out the dtype, or name the unquantised repository",
        )
    ]
    assert answer("Qwen/Qwen3-32B-FP8", engine={"dtype": "bfloat16"}).fits


@pytest.mark.parametrize(
    ("version", "share", "graphs"),
    [("0.19.1", 0.9, 0), ("v0.20.2", 0.92, 1), ("0.33", 0.92, 1), ("0.40.0", 0.92, 1)],
)
def test_the_release_says_the_share_and_whether_graphs_are_in_it(
    version: str, share: float, graphs: int
):
    found = answer("Qwen/Qwen3-8B", engine={"version": version})
    assert found.utilisation == share
    assert sum(term.name == "CUDA graphs" for term in found.terms) == graphs
    eager = answer("Qwen/Qwen3-8B", engine={"version": version, "eager": True})
    assert not any(term.name == "CUDA graphs" for term in eager.terms)


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("0.5.4", "vLLM 0.5.4 is not known; use 0.6.0 or newer"),
        ("latest", "'latest' is no release of vLLM; write it as 0.33.0"),
    ],
)
def test_a_release_that_is_not_known_is_refused(version: str, message: str):
    with pytest.raises(ValidationError, match=message):
        EngineChoice(version=version)


def test_batches_follow_the_size_of_the_gpu_and_not_of_an_a100():
    engine = EngineChoice()
    sizes = {
        name: (engine.seqs(gpu), engine.batched_tokens(gpu, 4096))
        for name in ("L40S", "A100-80GB", "H100", "B200")
        for gpu in (GpuMemory.whole(GPUS[name]),)
    }
    assert sizes == {
        "L40S": (256, 2048),
        "A100-80GB": (256, 2048),
        "H100": (1024, 8192),
        "B200": (1024, 16384),
    }
