"""LoRA adapters and speculative decoding: what the fit asks of them, and what else is to say."""

from collections.abc import Iterator

from catalog.model_facts import ModelFacts
from planning.fit.draft import draft_of
from planning.fit.question import EngineChoice, LoraChoice, SpeculativeChoice
from settings.engine import EngineSettings
from settings.finding import Finding, counted

WAY_IN = "docs/reading-the-fit.md"
SLOTS_SOURCE = "vLLM 0.33.0 vllm/lora/model_manager.py"
SUFFIX_SOURCE = "vLLM 0.33.0 vllm/config/speculative.py, requirements/cuda.txt"


def lora_choice(engine: EngineSettings) -> LoraChoice | None:
    """Return the slots of the adapters, each made for the largest rank; None without any."""
    if engine.lora is None:
        return None
    rank = max(adapter.rank for adapter in engine.lora.adapters.values())
    return LoraChoice.model_validate({"rank": rank, "active": engine.lora.active})


def speculative_choice(engine: EngineSettings) -> SpeculativeChoice | None:
    """Return how tokens are guessed; None where they are not."""
    asked = engine.speculative
    if asked is None:
        return None
    return SpeculativeChoice(method=asked.method, tokens=asked.tokens, model=asked.model)


def extras_findings(path: str, engine: EngineSettings) -> Iterator[Finding]:
    """Yield what the engine would not start with, whatever its model; `path` is the engine's."""
    if engine.speculative and engine.speculative.method == "suffix" and engine.image is None:
        yield Finding(
            path=f"{path}.speculative.method",
            problem="is suffix, which needs the Python package arctic-inference, and the images of "
            "vLLM are without it",
            fix="use ngram, or add the package to an image of your own: engine.image",
            source=SUFFIX_SOURCE,
        )


def extras_warnings(
    path: str, engine: EngineSettings, facts: ModelFacts | None, choice: EngineChoice
) -> Iterator[Finding]:
    """Yield what of an engine nobody can know, or pays for in vain; `path` is the engine's."""
    lora = engine.lora
    if lora and lora.active > len(lora.adapters):
        yield Finding(
            path=f"{path}.lora.active",
            problem=f"is {lora.active}, for {counted(len(lora.adapters), 'adapter')}: every slot "
            "beyond takes GPU memory in vain",
            fix=f"lower it to {len(lora.adapters)}",
            source=SLOTS_SOURCE,
        )
    draft = draft_of(facts, choice) if facts else None
    if draft and draft.assumed:
        yield Finding(
            path=f"{path}.speculative.model",
            problem=f"{draft.assumed}, so that only its start will show what it takes",
            fix=f"add it from its config.json: {WAY_IN}",
            source="catalog/models.json",
        )
