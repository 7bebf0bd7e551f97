"""Results as tables for a terminal."""

from statistics import median

from rich.console import Group, RenderableType
from rich.text import Text

from benchmarks.results import Comparison, PlanScale, Results
from review.tables import simple_table


def results_tables(results: Results) -> RenderableType:
    """Return every comparison, what it consists of, and the plan's scale."""
    machine = results.machine
    shown: list[RenderableType] = [
        Text(
            f"medians of {results.runs} runs, {machine.cpus} processors, Python {machine.python}, "
            f"load {machine.load_before:.1f} before and {machine.load_after:.1f} after",
            style="dim",
        )
    ]
    if results.comparisons:
        shown.append(_ratios(results.comparisons))
        shown += [_parts(comparison) for comparison in results.comparisons]
    if results.plan:
        shown.append(_plan(results.plan))
    return Group(*shown)


def _ratios(comparisons: tuple[Comparison, ...]) -> RenderableType:
    numbers = ("resources", "seconds", "floor", "ratio")
    table = simple_table("against the floor", "operation", "stack", *numbers, right=numbers)
    for found in comparisons:
        table.add_row(
            found.operation,
            found.stack,
            str(found.resources),
            f"{median(found.seconds):.2f}",
            f"{median(found.floor_seconds):.2f}",
            f"{found.ratio:.2f}",
        )
    return table


def _parts(comparison: Comparison) -> RenderableType:
    numbers = ("seconds", "floor", "more")
    title = f"{comparison.operation} {comparison.stack} consists of"
    table = simple_table(title, "part", *numbers, right=numbers)
    for part in comparison.parts:
        table.add_row(
            part.name,
            f"{part.seconds:.2f}",
            f"{part.floor_seconds:.2f}",
            f"{part.over_floor_seconds:+.2f}",
        )
    return table


def _plan(scales: tuple[PlanScale, ...]) -> RenderableType:
    numbers = ("models", "ms", "µs per model", "ratio")
    table = simple_table("plan()", *numbers, right=numbers)
    for scale in scales:
        table.add_row(
            str(scale.models),
            f"{scale.milliseconds:.2f}",
            f"{scale.microseconds_per_model:.0f}",
            f"{scale.ratio:.1f}",
        )
    return table
