"""Models of published logs that are not in the catalog, read from their `config.json`."""

from datetime import date
from typing import Any

from catalog.model_config import read_config

READ = date(2026, 11, 21)

QWEN_2: dict[str, Any] = {
    "architectures": ["Qwen2ForCausalLM"],
    "hidden_size": 5120,
    "num_attention_heads": 40,
    "num_key_value_heads": 8,
    "tie_word_embeddings": False,
    "use_sliding_window": False,
    "sliding_window": 131072,
    "max_position_embeddings": 32768,
    "vocab_size": 152064,
}

DISTILL_QWEN_14B = read_config(
    QWEN_2 | {"num_hidden_layers": 48, "intermediate_size": 13824},
    name="deepseek-ai/DeepSeek-R1-Distill-Qwen-14B",
    source="config.json",
    read=READ,
)
QWEN_2_5_32B = read_config(
    QWEN_2 | {"num_hidden_layers": 64, "intermediate_size": 27648},
    name="Qwen/Qwen2.5-32B-Instruct",
    source="config.json",
    read=READ,
)

QWEN_3_8: dict[str, Any] = {
    "architectures": ["Qwen3_5ForConditionalGeneration"],
    "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]},
    "text_config": {
        "hidden_size": 5120,
        "num_hidden_layers": 64,
        "num_attention_heads": 24,
        "num_key_value_heads": 4,
        "head_dim": 256,
        "attn_output_gate": True,
        "intermediate_size": 17408,
        "vocab_size": 248320,
        "max_position_embeddings": 262144,
        "full_attention_interval": 4,
        "linear_num_key_heads": 16,
        "linear_num_value_heads": 48,
        "linear_key_head_dim": 128,
        "linear_value_head_dim": 128,
        "linear_conv_kernel_dim": 4,
        "mamba_ssm_dtype": "float32",
    },
}
QWEN_3_8_27B = read_config(QWEN_3_8, name="Qwen/Qwen3.8-27B-FP8", source="config.json", read=READ)
