"""The catalog of models, and the way into it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from catalog.model_config import ConfigError, read_config
from catalog.model_facts import Experts, Linear, Mla, ModelFacts, Quantisation, Sliding
from catalog.models import DATA, add, find_model, main, models, nearest_models, rendered
from planning.fit.question import EngineChoice, Parallelism
from planning.fit.stages import stages
from planning.fit.weights import weight_parts

HERE = Path(__file__).resolve()
FILE = HERE.parents[2] / "catalog" / DATA
COLLECTED = HERE.parents[3] / "shared" / "data" / "models.json"
"""What was collected of the models, present where the project is developed."""
READ = date(2026, 11, 21)
QWEN: dict[str, Any] = {
    "architectures": ["Qwen3ForCausalLM"],
    "hidden_size": 4096,
    "intermediate_size": 12288,
    "max_position_embeddings": 40960,
    "num_attention_heads": 32,
    "num_hidden_layers": 36,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "tie_word_embeddings": False,
    "vocab_size": 151936,
}
DEEPSEEK: dict[str, Any] = {
    "architectures": ["DeepseekV3ForCausalLM"],
    "first_k_dense_replace": 3,
    "hidden_size": 7168,
    "intermediate_size": 18432,
    "kv_lora_rank": 512,
    "max_position_embeddings": 163840,
    "moe_intermediate_size": 2048,
    "n_routed_experts": 256,
    "n_shared_experts": 1,
    "num_attention_heads": 128,
    "num_experts_per_tok": 8,
    "num_hidden_layers": 61,
    "num_key_value_heads": 128,
    "q_lora_rank": 1536,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]},
    "tie_word_embeddings": False,
    "v_head_dim": 128,
    "vocab_size": 129280,
}


def entry(config: dict[str, Any], **more: Any) -> ModelFacts:
    return read_config(config, name="owner/name", source="config.json", read=READ, **more)


def test_every_model_has_a_source_a_date_and_a_short_name_of_its_own():
    assert len(models()) == 43
    assert all(model.source and model.read <= READ for model in models().values())
    assert len({model.key for model in models().values()}) == len(models())


def test_the_file_is_as_the_command_writes_it():
    assert FILE.read_text("utf-8") == rendered(list(models().values()))


def test_the_weights_are_those_of_the_collected_architecture():
    if not COLLECTED.exists():
        return
    collected = {m["id"]: m for m in json.loads(COLLECTED.read_text("utf-8"))["models"]}
    assert collected.keys() <= models().keys()
    for name, other in collected.items():
        model = models()[name]
        parts = weight_parts(model, Parallelism(), EngineChoice(), stages(model, 1)[0])
        beside = {"absorbed", "norms", "vision"}
        found = sum(part.bytes for part in parts if part.name not in beside)
        # The engine pads MXFP4; two layers of the 405B model are not quantised after all.
        more = 0.09 if model.quantisation.format == "mxfp4" else 0.012
        assert found == pytest.approx(other["weight_bytes_computed"], rel=more), name
        kv = other.get("kv_bytes_per_token_bf16")
        if kv and model.mla is None:
            assert kv == 2 * model.layers * model.kv_heads * model.head_dim * 2


def test_a_model_is_found_by_either_name_and_else_its_neighbours_are():
    assert find_model("kimi-k2.6") is models()["moonshotai/Kimi-K2.6"]
    assert find_model("Moonshotai/Kimi-K2.6") is models()["moonshotai/Kimi-K2.6"]
    assert find_model("kimi") is None
    assert nearest_models("kimi-k26")[0] == "moonshotai/Kimi-K2.6"
    assert nearest_models("zzzz") == ()


def test_a_dense_model_is_read_as_the_catalog_has_it():
    known = models()["Qwen/Qwen3-8B"]
    read = read_config(
        QWEN,
        name=known.id,
        source=known.source,
        read=READ,
        tool_call_parser="hermes",
        reasoning_parser="qwen3",
    )
    assert read == known


def test_latent_attention_experts_and_blocks_are_read_as_the_catalog_has_them():
    known = models()["deepseek-ai/DeepSeek-V3"]
    read = entry(DEEPSEEK)
    assert (read.mla, read.experts, read.quantisation, read.layers) == (
        known.mla,
        known.experts,
        known.quantisation,
        known.layers,
    )
    assert read.mla == Mla(q_lora_rank=1536, kv_lora_rank=512, rope_dim=64, nope_dim=128, v_dim=128)


def test_the_indexer_of_sparse_attention_is_read_with_the_layers_that_own_one():
    sparse = DEEPSEEK | {"index_head_dim": 128, "index_n_heads": 64}
    read = entry(sparse)
    assert read.indexer == models()["deepseek-ai/DeepSeek-V3.2"].indexer
    shared = entry(sparse | {"num_hidden_layers": 78, "index_topk_freq": 4})
    assert shared.indexer
    assert shared.indexer.layers == 21


def test_a_multimodal_model_is_read_from_its_text_part():
    read = entry({"architectures": ["KimiK25ForConditionalGeneration"], "text_config": DEEPSEEK})
    assert read.architecture == "KimiK25ForConditionalGeneration"
    assert read.quantisation.format == "fp8-block"


@pytest.mark.parametrize(
    ("change", "sliding"),
    [
        ({"sliding_window": 4096, "use_sliding_window": False}, None),
        ({"sliding_window": 4096}, Sliding(window=4096, layers=36)),
        ({"sliding_window": 512, "sliding_window_pattern": 6}, Sliding(window=512, layers=30)),
        (
            {"sliding_window": 128, "layer_types": ["sliding_attention", "full_attention"] * 18},
            Sliding(window=128, layers=18),
        ),
        ({"sliding_window": None}, None),
    ],
)
def test_windows_are_read_in_every_form(change: dict[str, Any], sliding: Sliding | None):
    assert entry(QWEN | change).sliding == sliding


def test_experts_are_read_in_the_other_forms():
    qwen = entry(
        QWEN | {"num_experts": 128, "num_experts_per_tok": 8, "moe_intermediate_size": 768}
    )
    assert qwen.experts == Experts(count=128, active=8, intermediate=768)
    oss = entry(QWEN | {"num_local_experts": 32, "experts_per_token": 4})
    assert oss.experts == Experts(count=32, active=4, intermediate=12288)
    shared = {"shared_expert_intermediate_size": 512, "moe_intermediate_size": 512}
    nextgen = entry(QWEN | {"num_experts": 512, "num_experts_per_tok": 10} | shared)
    assert nextgen.experts
    assert nextgen.experts.shared_intermediate == 512


def test_linear_attention_is_read_with_its_state():
    linear = {
        "full_attention_interval": 4,
        "linear_num_key_heads": 16,
        "linear_num_value_heads": 32,
        "linear_key_head_dim": 128,
        "linear_value_head_dim": 128,
        "linear_conv_kernel_dim": 4,
        "attn_output_gate": True,
    }
    read = entry(QWEN | linear)
    assert (read.linear, read.full_layers, read.output_gate) == (
        Linear(
            layers=27,
            key_heads=16,
            value_heads=32,
            key_head_dim=128,
            value_head_dim=128,
            conv_kernel=4,
        ),
        9,
        True,
    )


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"quant_method": "fp8"}, Quantisation(format="fp8")),
        ({"quant_method": "mxfp4"}, Quantisation(format="mxfp4", scope="experts")),
        ({"quant_method": "awq", "bits": 4, "group_size": 128}, Quantisation(format="int4-g128")),
        ({"quant_method": "gptq", "bits": 4, "group_size": 32}, Quantisation(format="int4-g32")),
        (
            {
                "quant_method": "fbgemm_fp8",
                "modules_to_not_convert": [
                    "model.layers.0.mlp.up_proj",
                    "model.layers.35.mlp.up_proj",
                    "model.layers.7.self_attn.q_proj",
                ],
            },
            Quantisation(format="fp8", scope="mlp", unquantised_layers=2),
        ),
        (
            {"quant_method": "modelopt", "quant_algo": "NVFP4", "kv_cache_quant_algo": "FP8"},
            Quantisation(format="nvfp4", kv="fp8"),
        ),
        ({"quant_method": "modelopt", "quant_algo": "FP8"}, Quantisation(format="fp8")),
        (
            {
                "quant_method": "compressed-tensors",
                "ignore": ["re:.*self_attn.*", "lm_head"],
                "config_groups": {
                    "group_0": {"weights": {"num_bits": 4, "type": "int", "group_size": 32}}
                },
            },
            Quantisation(format="int4-g32", scope="experts"),
        ),
        (
            {
                "quant_method": "compressed-tensors",
                "kv_cache_scheme": {"num_bits": 8},
                "config_groups": {
                    "group_0": {"weights": {"num_bits": 8, "type": "float", "strategy": "block"}}
                },
            },
            Quantisation(format="fp8-block", kv="fp8"),
        ),
    ],
)
def test_a_quantised_checkpoint_is_read(config: dict[str, Any], expected: Quantisation):
    assert entry(QWEN | {"quantization_config": config}).quantisation == expected


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_size": None}, "`hidden_size` is missing"),
        ({"hidden_size": "4096"}, "`hidden_size` is '4096', not a whole number"),
        ({"architectures": []}, "`architectures` has to name one class"),
        ({"num_experts": 8, "decoder_sparse_step": 2}, "`decoder_sparse_step` is not 1"),
        ({"num_experts": 8}, "`num_experts_per_tok` is missing"),
        ({"layer_types": ["mamba"] * 36}, "layers of kind mamba are not supported"),
        ({"mamba_d_state": 128}, "layers of kind mamba are not supported"),
        ({"layer_types": ["full_attention"]}, "`layer_types` has 1 entries for 36 layers"),
        ({"quantization_config": {"quant_method": "hqq"}}, "`quant_method` 'hqq' is not known"),
        (
            {"quantization_config": {"quant_method": "fp8", "weight_block_size": [64, 64]}},
            r"`weight_block_size` is \[64, 64\]; known are blocks of \[128, 128\]",
        ),
        (
            {"quantization_config": {"quant_method": "awq", "bits": 8}},
            "weights of 8 bits; known are 4",
        ),
        (
            {"quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 64}},
            "4-bit weights in groups of 64; known are 32 and 128",
        ),
        (
            {"quantization_config": {"quant_method": "modelopt", "quant_algo": "W4A8"}},
            "modelopt's `quant_algo` 'W4A8' is not known; known: NVFP4, FP8",
        ),
        (
            {"quantization_config": {"quant_method": "compressed-tensors", "config_groups": {}}},
            "compressed-tensors with other than one group of weights is not known",
        ),
    ],
)
def test_what_memory_does_not_follow_from_is_refused_by_name(change: dict[str, Any], message: str):
    with pytest.raises(ConfigError, match=message):
        entry(QWEN | change)


def test_the_command_writes_an_entry_in_place_of_an_older_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    config, data = tmp_path / "config.json", tmp_path / "models.json"
    config.write_text(json.dumps(QWEN), "utf-8")
    data.write_text(rendered([models()["Qwen/Qwen3-32B"]]), "utf-8")
    arguments = [str(config), "--name", "acme/Chat-8B", "--read", "2026-11-21", "--into", str(data)]
    assert main(arguments) == 0
    assert main([*arguments, "--tool-call-parser", "hermes"]) == 0
    written = [ModelFacts.model_validate(one) for one in json.loads(data.read_text("utf-8"))]
    assert [one.id for one in written] == ["acme/Chat-8B", "Qwen/Qwen3-32B"]
    assert (written[0].tool_call_parser, written[0].source) == (
        "hermes",
        "config.json of acme/Chat-8B",
    )
    assert '"id": "acme/Chat-8B"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "Expecting property name"), ('{"architectures": ["A"]}', "`num_attention_heads` is")],
)
def test_the_command_says_what_is_wrong_with_a_file_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, message: str
):
    config, data = tmp_path / "config.json", tmp_path / "models.json"
    config.write_text(content, "utf-8")
    data.write_text("[]\n", "utf-8")
    assert main([str(config), "--name", "a/b", "--read", "2026-11-21", "--into", str(data)]) == 1
    assert message in capsys.readouterr().err
    assert data.read_text("utf-8") == "[]\n"
    assert main([str(tmp_path / "none.json"), "--name", "a/b", "--read", "2026-11-21"]) == 1


def test_an_entry_is_added_in_alphabetical_order(tmp_path: Path):
    data = tmp_path / "models.json"
    data.write_text(rendered(list(models().values())), "utf-8")
    add(models()["Qwen/Qwen3-8B"], data)
    assert data.read_text("utf-8") == FILE.read_text("utf-8")
