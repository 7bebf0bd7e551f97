"""Which layers a pipeline stage holds. Source: vLLM 0.33.0, vllm/distributed/utils.py."""

from dataclasses import dataclass

from catalog.model_facts import ModelFacts


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The layers of one pipeline stage, by kind."""

    first: bool
    """Whether it holds the input embedding."""
    last: bool
    """Whether it holds the output head."""
    dense: int
    """Layers with a dense MLP."""
    expert: int
    """Layers with a mixture of experts."""
    full: int
    """Layers whose attention keeps every token."""
    sliding: int
    linear: int
    indexers: int
    unquantised: int
    """Layers at the ends of the model whose MLP is not quantised."""

    @property
    def layers(self) -> int:
        """Return all its layers."""
        return self.dense + self.expert


def stages(model: ModelFacts, pipeline: int) -> tuple[Stage, ...]:
    """Return the stages, the first of the pipeline first."""
    sizes = [model.layers // pipeline] * pipeline
    # What is left over goes to the stages before the last, which also holds the output head.
    for back in range(2, model.layers % pipeline + 2):
        sizes[-back] += 1
    found: list[Stage] = []
    start = 0
    for number, size in enumerate(sizes):
        found.append(_stage(model, start, start + size, (number == 0, number == pipeline - 1)))
        start += size
    return tuple(found)


def _stage(model: ModelFacts, start: int, end: int, ends: tuple[bool, bool]) -> Stage:
    def part(count: int) -> int:
        """Return how many of `count` layers, evenly spread over the model, lie in the stage."""
        return count * end // model.layers - count * start // model.layers

    dense_layers = model.experts.dense_layers if model.experts else model.layers
    dense = max(0, min(end, dense_layers) - start)
    sliding = part(model.sliding.layers) if model.sliding else 0
    linear = part(model.linear.layers) if model.linear else 0
    kept = model.quantisation.unquantised_layers
    at_start = max(0, min(end, (kept + 1) // 2) - start)
    at_end = max(0, end - max(start, model.layers - kept // 2))
    return Stage(
        first=ends[0],
        last=ends[1],
        dense=dense,
        expert=end - start - dense,
        full=end - start - sliding - linear,
        sliding=sliding,
        linear=linear,
        indexers=part(model.indexer.layers) if model.indexer else 0,
        unquantised=at_start + at_end,
    )
