"""Speculative decoding: what guesses has weights, layers of KV cache, graphs and logits."""

import pytest

from catalog.model_config import read_config
from planning.fit import draft
from planning.fit.kv import kv_layout
from planning.fit.question import EngineChoice, Parallelism
from planning.fit.stages import stages
from tests.planning.fit.extras import (
    H200,
    answer,
    guesses,
    how,
    terms,
)
from tests.planning.fit.further_models import QWEN_2, QWEN_3_8_27B, READ

R1 = "deepseek-ai/DeepSeek-R1"
HEAD = read_config(
    {
        "architectures": ["LlamaForCausalLMEagle3"],
        "hidden_size": 4096,
        "num_hidden_layers": 1,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "intermediate_size": 14336,
        "vocab_size": 151936,
        "draft_vocab_size": 32000,
        "max_position_embeddings": 2048,
    },
    name="owner/head",
    source="config.json",
    read=READ,
)
ATTENTION = 4096 * (4096 + 2 * 1024 + 4096)


@pytest.mark.parametrize("method", ["ngram", "suffix"])
def test_guessing_from_the_text_takes_no_weights_and_no_cache(method: str):
    plain, found = answer(), answer(speculative=guesses(method))
    assert found.weights_gib_per_gpu == plain.weights_gib_per_gpu
    assert found.kv_bytes_per_token_per_gpu == plain.kv_bytes_per_token_per_gpu
    assert found.kv_tokens < plain.kv_tokens


def test_ngram_keeps_the_text_of_every_sequence_on_the_gpu():
    ngram, suffix = (
        terms(answer(speculative=guesses(method)), "draft buffers")
        for method in ("ngram", "suffix")
    )
    assert ngram["draft buffers"] - suffix["draft buffers"] == 1024 * 8192 * 4


def test_a_whole_draft_is_a_model_of_its_own():
    alone = answer("Qwen/Qwen3-0.6B")
    plain = answer()
    found = answer(speculative=guesses("draft_model", model="Qwen/Qwen3-0.6B"))
    assert found.weights_gib_per_gpu == pytest.approx(
        plain.weights_gib_per_gpu + alone.weights_gib_per_gpu
    )
    assert found.kv_bytes_per_token_per_gpu == (
        plain.kv_bytes_per_token_per_gpu + alone.kv_bytes_per_token_per_gpu
    )
    assert how(found, "weights: draft") == "Qwen/Qwen3-0.6B, 28 layers"
    assert how(found, "KV cache").endswith("262,144 bytes per token, 114,688 of them of the draft")
    assert how(found, "CUDA graphs") == "estimate for 102 graphs"


def test_an_fp8_cache_is_one_of_the_draft_too():
    asked = guesses("draft_model", model="qwen3-0.6b")
    two, one = (answer(speculative=asked, kv_dtype=kv) for kv in ("auto", "fp8"))
    assert one.kv_bytes_per_token_per_gpu == two.kv_bytes_per_token_per_gpu / 2


def test_layers_for_multi_token_prediction_are_as_large_as_the_model_s():
    eight = Parallelism(tensor=8)
    plain = answer(R1, H200, eight)
    found = answer(R1, H200, eight, speculative=guesses("mtp"))
    weights = terms(found, "weights: draft")
    of_model = terms(plain, "weights: ")
    layers = weights["weights: draft layers"]
    parts = ("weights: attention", "weights: absorbed")
    attention = sum(of_model[part] for part in parts) / 61
    shared = 3 * 7168 * 2048 / 8 * (1 + 4 / 128**2)
    assert layers == pytest.approx(attention + of_model["weights: experts"] / 58 + shared, abs=8)
    assert weights["weights: draft input"] == 2 * 7168 * 7168 * 2
    assert found.kv_bytes_per_token_per_gpu == plain.kv_bytes_per_token_per_gpu * 62 / 61
    assert how(found, "weights: draft layers") == "1 layer for multi-token prediction"


def test_behind_a_first_stage_the_input_matrix_is_there_once_more():
    found = answer(
        R1, H200, Parallelism(tensor=8, pipeline=2, expert=True), speculative=guesses("mtp")
    )
    table = terms(found, "weights: draft embeddings")["weights: draft embeddings"]
    assert table == 129280 * 7168 * 2 // 8


def test_a_head_that_the_catalog_knows_is_counted_as_it_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(draft, "find_model", {"owner/head": HEAD}.get)
    found = answer(speculative=guesses("eagle3", model="owner/head"))
    second_input = 4096 * (4096 + 2 * 1024)
    layer = ATTENTION + second_input + 3 * 4096 * 14336
    assert terms(found, "weights: draft") == {
        "weights: draft layers": layer * 2,
        "weights: draft input": 3 * 4096 * 4096 * 2,
        "weights: draft output": 32000 * (4096 * 2 + 8),
    }
    assert how(found, "weights: draft output") == "for 32,000 tokens"
    assert found.uncertain == ()


def test_a_head_that_nobody_knows_is_one_layer_of_the_model_and_says_so():
    eagle, eagle3 = (
        answer(speculative=guesses(method, model="owner/head")) for method in ("eagle", "eagle3")
    )
    assert terms(eagle, "weights: draft") == {
        "weights: draft layers": (ATTENTION + 3 * 4096 * 12288) * 2,
        "weights: draft input": 2 * 4096 * 4096 * 2,
    }
    assert terms(eagle3, "weights: draft output") == {"weights: draft output": 151936 * 4096 * 2}
    assert eagle3.uncertain == (
        (
            "owner/head is not in the catalog: taken for one decoder layer of the model with a "
            "dense MLP in two bytes and an output matrix"
        ),
    )
    assert how(eagle, "CUDA graphs") == "estimate for 102 graphs, and those of the draft"


def test_of_an_unknown_whole_draft_nothing_is_counted_and_the_answer_says_so():
    found = answer(speculative=guesses("draft_model", model="owner/small"))
    assert terms(found, "weights: draft") == {}
    assert found.uncertain == (
        "owner/small is not in the catalog: its weights and its KV cache are not counted",
    )


def test_a_drafting_layer_may_widen_every_group_of_a_model_with_windows():
    plain = answer("openai/gpt-oss-20b")
    found = answer("openai/gpt-oss-20b", speculative=guesses("eagle3", model="owner/head"))
    # Twelve layers with windows and thirteen without make groups of thirteen.
    blocks = int(found.kv_gib_per_gpu * 2**30 // (13 * 16 * 2048))
    assert how(found, "KV cache").startswith(f"{blocks:,} blocks of 16 tokens")
    assert found.kv_bytes_per_token_per_gpu == plain.kv_bytes_per_token_per_gpu * 13 / 12


@pytest.mark.parametrize(
    "key", ["num_nextn_predict_layers", "mtp_num_hidden_layers", "num_mtp_modules"]
)
def test_layers_that_guess_are_read_from_the_config(key: str):
    config = QWEN_2 | {"num_hidden_layers": 48, "intermediate_size": 13824, key: 2}
    found = read_config(config, name="owner/name", source="config.json", read=READ)
    assert found.mtp_layers == 2


def test_a_state_is_held_once_more_for_every_guessed_token():
    engines = (
        EngineChoice(),
        EngineChoice.model_validate({"speculative": guesses("ngram", 4)}),
    )
    stage = stages(QWEN_3_8_27B, 1)[0]
    held = [
        kv_layout(QWEN_3_8_27B, Parallelism(), engine, stage).linear_blocks for engine in engines
    ]
    assert held == [2, 6]


def test_all_that_one_step_checks_needs_logits():
    three, none = answer(speculative=guesses("ngram", 3)), answer()
    checked = terms(three, "")["checking"] + terms(none, "")["activations"]
    assert checked == pytest.approx(4096 * 151936 * 2 + 2**30, abs=2)
    assert how(three, "checking") == (
        "logits of 4,096 tokens beyond the activations; start-up does not measure it"
    )
    # A step takes no more tokens than a batch has.
    assert how(answer(speculative=guesses("ngram", 15)), "checking").startswith("logits of 8,192 ")
