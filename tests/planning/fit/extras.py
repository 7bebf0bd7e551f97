"""Answers with LoRA adapters and speculative decoding, for the tests of both."""

from typing import Any

from catalog.gpus import GPUS
from catalog.models import models
from catalog.vllm_memory import GIB
from planning.fit.answer import Fit
from planning.fit.fit import fit
from planning.fit.question import EngineChoice, GpuMemory, Parallelism

H100 = GpuMemory.whole(GPUS["H100"])
H200 = GpuMemory.whole(GPUS["H200"])
EIGHT_B = "Qwen/Qwen3-8B"


def answer(
    model: str = EIGHT_B,
    gpu: GpuMemory = H100,
    spread: Parallelism | None = None,
    context: int = 8192,
    **engine: Any,
) -> Fit:
    """Return the answer for a model of the catalog."""
    choice = EngineChoice.model_validate(engine)
    return fit(models()[model], gpu, spread or Parallelism(), choice, context)


def adapters(rank: int = 16, active: int = 1) -> dict[str, Any]:
    return {"rank": rank, "active": active}


def guesses(method: str, tokens: int = 3, model: str | None = None) -> dict[str, Any]:
    return {"method": method, "tokens": tokens, "model": model}


def terms(found: Fit, start: str) -> dict[str, int]:
    """Return the bytes of every term whose name starts so, by name."""
    return {term.name: round(term.gib * GIB) for term in found.terms if term.name.startswith(start)}


def how(found: Fit, name: str) -> str:
    return next(term.how for term in found.terms if term.name == name)


def problems(found: Fit) -> list[tuple[str, str, str]]:
    return [(reason.problem, reason.fix, reason.source) for reason in found.reasons]
