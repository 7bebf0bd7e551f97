"""LoRA adapters: their slots are made at start-up, and taken from the KV cache."""

import pytest

from catalog.models import models
from planning.fit.extra_rules import extra_reasons
from planning.fit.question import EngineChoice, LoraChoice, Parallelism
from tests.planning.fit.extras import (
    EIGHT_B,
    H100,
    H200,
    adapters,
    answer,
    guesses,
    how,
    problems,
    terms,
)

LORA_RULES = "vLLM 0.33.0 vllm/config/lora.py"
BATCH_RULES = "vLLM 0.33.0 vllm/engine/arg_utils.py"


def test_a_slot_has_a_and_b_for_every_projection_of_a_dense_model():
    found = terms(answer(lora=adapters(rank=16)), "LoRA: ")
    # Inputs of three slices, what queries (32 x 128), keys and values (8 x 128) make, and output.
    attention = 3 * 4096 + (4096 + 2 * 1024) + 4096 + 4096
    mlp = 2 * 4096 + 2 * 12288 + 12288 + 4096
    assert found["LoRA: attention"] == 36 * attention * 16 * 2
    assert found["LoRA: MLP"] == 36 * mlp * 16 * 2
    assert found["LoRA: embeddings"] == 2 * (151936 + 4096) * 16 * 2


def test_tensor_parallelism_divides_only_the_side_that_the_layer_is_divided_on():
    found = terms(answer(spread=Parallelism(tensor=2), lora=adapters(rank=16)), "LoRA: ")
    attention = 3 * 4096 + (2048 + 2 * 512) + 2048 + 4096
    mlp = 2 * 4096 + 2 * 6144 + 6144 + 4096
    assert found["LoRA: attention"] == 36 * attention * 16 * 2
    assert found["LoRA: MLP"] == 36 * mlp * 16 * 2
    assert found["LoRA: embeddings"] == 2 * (151936 + 4096) * 16 * 2


def test_every_expert_has_a_slot_of_its_own_and_whole_experts_are_fewer_of_them():
    model = "Qwen/Qwen3-30B-A3B"
    sliced = answer(model, spread=Parallelism(tensor=2), lora=adapters())
    whole = answer(model, spread=Parallelism(tensor=2, expert=True), lora=adapters())
    assert terms(sliced, "LoRA: experts") == {
        "LoRA: experts": 48 * 128 * (2 * 2048 + 3 * 384 + 2048) * 16 * 2
    }
    assert terms(whole, "LoRA: experts") == {
        "LoRA: experts": 48 * 64 * (2 * 2048 + 3 * 768 + 2048) * 16 * 2
    }
    assert how(sliced, "LoRA: experts") == "1 of rank 16 for each expert on the GPU"


def test_fused_experts_share_one_a_and_are_padded_as_their_weights_are():
    found = terms(answer("openai/gpt-oss-20b", lora=adapters()), "LoRA: ")
    assert found["LoRA: experts"] == 24 * 32 * (3072 + 3 * 2944 + 3072) * 16 * 2
    assert "LoRA: embeddings" not in found


def test_the_down_projections_of_latent_attention_are_whole_on_every_gpu():
    one, eight = (
        terms(
            answer("deepseek-ai/DeepSeek-R1", H200, Parallelism(tensor=size), lora=adapters()), ""
        )
        for size in (1, 8)
    )
    down = (7168 + 1536) + (7168 + 576)
    whole = down + 1536 + 512 + 7168
    divided = 128 * (192 + 256 + 128)
    assert one["LoRA: attention"] == 61 * (whole + divided) * 16 * 2
    assert eight["LoRA: attention"] == 61 * (whole + divided // 8) * 16 * 2


def test_a_tied_matrix_has_slots_under_both_names():
    found = terms(answer("Qwen/Qwen3-0.6B", lora=adapters(8)), "LoRA: embeddings")
    assert found == {"LoRA: embeddings": 3 * (151936 + 1024) * 8 * 2}


def test_pipeline_stages_share_the_slots_of_the_layers():
    split = terms(answer(spread=Parallelism(pipeline=2), lora=adapters()), "LoRA: MLP")
    assert split == {"LoRA: MLP": 18 * 49152 * 16 * 2}


def test_four_byte_models_have_four_byte_slots():
    plain, wide = (
        terms(answer(dtype=dtype, lora=adapters()), "LoRA: MLP") for dtype in ("auto", "float32")
    )
    assert wide["LoRA: MLP"] == 2 * plain["LoRA: MLP"]


def test_every_graph_is_captured_twice():
    assert how(answer(), "CUDA graphs") == "estimate for 102 graphs"
    assert how(answer(lora=adapters()), "CUDA graphs") == "estimate for 204 graphs"


def test_slots_are_no_weights_and_are_taken_from_the_cache():
    plain, found = answer(), answer(lora=adapters(64, 8))
    assert found.weights_gib_per_gpu == plain.weights_gib_per_gpu
    graphs = terms(found, "CUDA")["CUDA graphs"] - terms(plain, "CUDA")["CUDA graphs"]
    taken = sum(terms(found, "LoRA").values()) + graphs
    assert (plain.kv_gib_per_gpu - found.kv_gib_per_gpu) * 2**30 == pytest.approx(taken, abs=10)
    assert how(found, "LoRA: MLP") == "8 of rank 64; dense layers, shared experts, routers"


def test_a_class_without_adapters_is_refused():
    found = answer("moonshotai/Kimi-K2.6", H200, Parallelism(tensor=8), lora=adapters())
    problem = "KimiK25ForConditionalGeneration takes no LoRA adapters"
    assert problems(found) == [(problem, "leave out the adapters (--lora-rank)", LORA_RULES)]


def test_a_vocabulary_may_be_too_large_for_adapters():
    model = models()[EIGHT_B].model_copy(update={"vocab": 262_144})
    engine = EngineChoice(lora=LoraChoice())
    (found,) = extra_reasons(model, H100, Parallelism(), engine, 1024)
    assert found.problem == (
        "LoRA adapters for a vocabulary of 262,144 tokens; the most is 258,048"
    )
    assert found.fix == "leave out the adapters (--lora-rank)"
    assert found.source == "vLLM 0.33.0 vllm/lora/layers/logits_processor.py"


def test_with_adapters_a_batch_has_to_take_all_guesses():
    found = answer(lora=adapters(), speculative=guesses("ngram", 8))
    problem = (
        "with LoRA adapters a batch has to take 9 tokens of each of 1024 sequences, 9,216, and it "
        "takes 8,192"
    )
    fix = "use --max-num-seqs 910, or fewer guessed tokens (--speculative-tokens)"
    assert problems(found) == [(problem, fix, BATCH_RULES)]
    assert answer(lora=adapters(), speculative=guesses("ngram", 7)).fits
    assert answer(speculative=guesses("ngram", 8)).fits


def test_a_batch_smaller_than_one_sequence_s_guesses_has_to_grow():
    found = answer(
        lora=adapters(), speculative=guesses("ngram", 8), max_num_seqs=2, max_num_batched_tokens=8
    )
    assert [reason.fix for reason in found.reasons] == ["use --max-num-batched-tokens 18"]


def test_what_does_not_fit_says_that_fewer_adapters_would():
    found = answer(utilisation=0.3, lora=adapters(64, 64), max_num_seqs=32)
    assert [reason.fix for reason in found.reasons] == [
        (
            "use more or larger GPUs, or smaller weights, or fewer adapters at once (--max-loras) "
            "or of a smaller rank (--lora-rank)"
        )
    ]


def test_without_adapters_nothing_of_them_is_in_the_answer():
    assert "lora" not in EngineChoice().model_dump(mode="json")
    assert "speculative" not in EngineChoice().model_dump(mode="json")
    asked = EngineChoice(lora=LoraChoice(active=2)).model_dump(mode="json")
    assert asked["lora"] == {"rank": 16, "active": 2}
    assert terms(answer(), "LoRA") == {}
