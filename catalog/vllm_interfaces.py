"""What vLLM's class of an architecture can do beside serving, as far as memory or start-up ask.

Read in the source distribution of 0.33.0 on 2026-11-21: vllm/model_executor/models/registry.py, the
class it names for CUDA, and the classes below that one (`SupportsLoRA`, `embedding_modules`,
`is_3d_moe_weight`, `SupportsEagle3`, `supports_aux_hidden_states_over_pp`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Interfaces:
    """What a class offers."""

    lora: bool = True
    """Whether it takes LoRA adapters."""
    lora_embeddings: bool = False
    """Whether adapters reach the input and output matrix, too."""
    fused_experts: bool = False
    """Whether gate and up projection of an expert are one matrix, with one A."""
    eagle3: bool = True
    """Whether it hands hidden states of inner layers to an EAGLE-3 head."""
    eagle3_over_stages: bool = False
    """Whether it does so through pipeline stages."""


INTERFACES: Final[Mapping[str, Interfaces]] = MappingProxyType(
    {
        "DeepseekV32ForCausalLM": Interfaces(),
        "DeepseekV3ForCausalLM": Interfaces(),
        "Gemma3ForCausalLM": Interfaces(eagle3=False),
        "Gemma3ForConditionalGeneration": Interfaces(eagle3=False),
        "Glm4MoeForCausalLM": Interfaces(eagle3=False),
        "GlmMoeDsaForCausalLM": Interfaces(),
        "GptOssForCausalLM": Interfaces(fused_experts=True),
        "KimiK25ForConditionalGeneration": Interfaces(lora=False),
        "LlamaForCausalLM": Interfaces(lora_embeddings=True, eagle3_over_stages=True),
        "MistralForCausalLM": Interfaces(eagle3_over_stages=True),
        "Qwen2ForCausalLM": Interfaces(eagle3_over_stages=True),
        "Qwen3ForCausalLM": Interfaces(lora_embeddings=True, eagle3_over_stages=True),
        "Qwen3MoeForCausalLM": Interfaces(lora_embeddings=True),
        "Qwen3_5ForConditionalGeneration": Interfaces(lora_embeddings=True),
    }
)
"""By class name in `config.json`; of one that is not here nothing is known."""

UNKNOWN: Final = Interfaces(lora_embeddings=True, eagle3_over_stages=True)
"""What is taken for a class that was not read: nothing is refused, adapters reach everything."""


def interfaces_of(architecture: str) -> Interfaces:
    """Return what the class of an architecture offers."""
    return INTERFACES.get(architecture, UNKNOWN)
