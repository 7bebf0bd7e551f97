"""The cheapest ways in which a model does fit, where the asked one does not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby

from catalog.gpus import GPUS
from catalog.model_facts import ModelFacts
from planning.fit.answer import Fit, Way
from planning.fit.fit import fit, most_utilisation
from planning.fit.kv import kv_is_fp8
from planning.fit.question import EngineChoice, GpuMemory, Parallelism
from planning.fit.rules import rule_reasons
from planning.fit.supply import MOST_NODES, Supply, supply

MOST_WAYS = 3
CONTEXT_STEP = 1024
"""Shorter contexts are offered in multiples of it."""
FP8_CAPABILITY = 8.9
BF16_CAPABILITY = 8.0
COUNTS = (1, 2, 4, 8)
FEWER_SEQS = (128, 64, 32)
"""Requests in one batch that are offered where the engine takes more; each costs memory."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What the fit was asked, and the region whose prices count."""

    model: ModelFacts
    gpu: GpuMemory
    parallel: Parallelism
    engine: EngineChoice
    context: int
    concurrency: int | None
    region: str
    elsewhere: EngineChoice
    """The engine's choices on other GPUs."""
    told: str = ""
    """What the engine has to be told beside the change, as the end of a sentence."""

    def answer(self) -> Fit:
        """Return the fit."""
        return fit(
            self.model,
            self.gpu,
            self.parallel,
            self.engine,
            self.context,
            concurrency=self.concurrency,
        )

    def enough(self) -> "Ask":
        """Return it with as many sequences as are wanted at once, where its engine takes fewer."""
        seqs = self.parallel.per_rank(self.concurrency or 1)
        if seqs <= self.engine.seqs(self.gpu):
            return self
        engine = self.engine.model_copy(update={"max_num_seqs": seqs})
        return replace(self, engine=engine, told=f" and --max-num-seqs {seqs}")


def cheapest_ways(
    model: ModelFacts,
    gpu: GpuMemory,
    parallel: Parallelism,
    engine: EngineChoice,
    context: int,
    *,
    region: str,
    concurrency: int | None = None,
    elsewhere: EngineChoice | None = None,
) -> tuple[Way, ...]:
    """Return up to three ways that fit, the cheapest first; changes of flags cost nothing more.

    Each holds `concurrency` requests of its context at once, or one where nothing is said. Other
    GPUs are those of the catalog that `region` has an on-demand price for; the engine's choices are
    `elsewhere` there, or the same.
    """
    ask = Ask(
        model=model,
        gpu=gpu,
        parallel=parallel,
        engine=engine,
        context=context,
        concurrency=concurrency,
        region=region,
        elsewhere=elsewhere or engine,
    )
    asked = supply(GPUS.get(gpu.name), parallel.gpus, region)
    nothing_more = asked.usd_per_hour if asked else Decimal(0)
    priced = [(nothing_more, way) for way in _same_gpus(ask, asked)]
    priced += [(way.usd_per_hour or Decimal(0), way) for way in _other_gpus(ask)]
    return tuple(way for _, way in sorted(priced, key=lambda one: one[0])[:MOST_WAYS])


def _same_gpus(ask: Ask, asked: Supply | None) -> Iterator[Way]:
    """Yield changes of flags that make it fit on the same GPUs."""
    wide = ask.enough()
    held = wide.answer()
    if wide.told and held.fits:
        seqs = wide.engine.seqs(ask.gpu)
        yield _way(_at_once(seqs), replace(wide, told=""), held, asked)
        return
    longest = held.longest_context // CONTEXT_STEP * CONTEXT_STEP
    most = most_utilisation(ask.gpu, ask.parallel, ask.engine)
    changes: list[tuple[str, Ask]] = []
    if 0 < most < ask.engine.budget_share():
        engine = wide.engine.model_copy(update={"utilisation": most})
        changes.append((f"a utilisation of {most:g}", replace(wide, engine=engine)))
    if ask.model.experts and not ask.parallel.expert:
        spread = ask.parallel.model_copy(update={"expert": True})
        changes.append(("whole experts on each GPU (--ep)", replace(wide, parallel=spread)))
    if not kv_is_fp8(ask.model, ask.engine) and _computes_fp8(ask.gpu):
        engine = wide.engine.model_copy(update={"kv_dtype": "fp8"})
        changes.append(("an FP8 KV cache (--kv-dtype fp8)", replace(wide, engine=engine)))
    if 0 < longest < ask.context:
        shorter = f"a context of {longest} tokens (--context {longest})"
        changes.append((shorter, replace(wide, context=longest)))
    changes += _without(wide)
    for change, other in changes:
        answer = other.answer()
        if answer.fits:
            yield _way(change, other, answer, asked)
    for seqs in FEWER_SEQS:
        engine = ask.engine.model_copy(update={"max_num_seqs": seqs})
        other = replace(ask, engine=engine)
        if seqs < ask.engine.seqs(ask.gpu) and (answer := other.answer()).fits:
            yield _way(_at_once(seqs), other, answer, asked)
            break


def _at_once(seqs: int) -> str:
    return f"{seqs} requests at once (--max-num-seqs {seqs})"


def _without(ask: Ask) -> Iterator[tuple[str, Ask]]:
    """Yield what runs beside the model, made less."""
    lora = ask.engine.lora
    if lora and lora.active > 1:
        one = ask.engine.model_copy(update={"lora": lora.model_copy(update={"active": 1})})
        yield "adapters one at a time (--max-loras 1)", replace(ask, engine=one)
    if ask.engine.speculative:
        none = ask.engine.model_copy(update={"speculative": None})
        yield "no guessed tokens (without --speculative)", replace(ask, engine=none)


def _other_gpus(ask: Ask) -> Iterator[Way]:
    """Yield, for each kind of GPU, the cheapest number of them that fits."""
    offers = sorted(
        (
            (gpu.name, found.usd_per_hour, count, found)
            for gpu in GPUS.values()
            if gpu.compute_capability >= BF16_CAPABILITY
            for count in (*COUNTS, *(8 * nodes for nodes in range(2, MOST_NODES + 1)))
            if (found := supply(gpu, count, ask.region))
        ),
        key=lambda offer: offer[:3],
    )
    for name, of_gpu in groupby(offers, key=lambda offer: offer[0]):
        for _, _, count, found in of_gpu:
            if (name, count) == (ask.gpu.name, ask.parallel.gpus):
                continue
            spread = _spread(ask, GpuMemory.whole(GPUS[name]), count, found)
            if spread:
                yield _way(f"{count} x {name}", *spread, found)
                break


def _spread(ask: Ask, gpu: GpuMemory, count: int, found: Supply) -> tuple[Ask, Fit] | None:
    """Return how the model fits on `count` GPUs: the widest tensor parallelism in a node that may.

    Stages of a pipeline take the rest, and experts stay whole only where slices cannot be.
    """
    per_node = count // found.nodes
    for tensor in range(per_node, 0, -1):
        if per_node % tensor:
            continue
        for expert in (False, True) if ask.model.experts else (False,):
            spread = Parallelism(tensor=tensor, pipeline=count // tensor, expert=expert)
            if rule_reasons(ask.model, spread, ask.elsewhere, ask.context):
                continue
            other = replace(ask, gpu=gpu, parallel=spread, engine=ask.elsewhere).enough()
            answer = other.answer()
            if answer.fits:
                return other, answer
    return None


def _computes_fp8(gpu: GpuMemory) -> bool:
    return gpu.compute_capability is None or gpu.compute_capability >= FP8_CAPABILITY


def _way(change: str, ask: Ask, answer: Fit, found: Supply | None) -> Way:
    return Way(
        change=change + ask.told,
        gpu=ask.gpu.name,
        gpus=ask.parallel.gpus,
        instance_type=found.instance_type.name if found else None,
        nodes=found.nodes if found else 1,
        parallel=ask.parallel,
        usd_per_hour=found.usd_per_hour if found else None,
        kv_tokens=answer.kv_tokens,
        max_concurrency=answer.max_concurrency,
        context=ask.context,
    )
