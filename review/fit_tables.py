"""The fit of a model as tables for a terminal."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from planning.fit.answer import Fit, FitReport, Way
from planning.fit.question import Parallelism
from planning.specs.fits import ModelFitSpec
from review.tables import simple_table
from settings.finding import counted


def fit_tables(report: FitReport) -> RenderableType:
    """Return the answer: yes or no, every term, why not, and what would fit."""
    verdict = ("fits", "bold green") if report.fits else ("does not fit", "bold red")
    parts: list[RenderableType] = [
        Text.assemble(
            (
                f"{report.model} on {report.gpus} x {report.gpu} ({spread(report.parallel)}) ",
                "bold",
            ),
            verdict,
        ),
        *_summary(report),
        _terms(report),
    ]
    for reason in report.reasons:
        parts += [
            Text.assemble("  ", (reason.problem, "red")),
            Text.assemble("    fix: ", reason.fix, (f"  [{reason.source}]", "dim")),
        ]
    if report.ways:
        parts.append(_ways(report.ways))
    elif not report.fits:
        parts.append(Text("no GPUs of the catalog with a price in this region would do"))
    parts += [Text(f"uncertain: {what}", style="yellow") for what in report.uncertain]
    return Group(*parts)


def spread(parallel: Parallelism) -> str:
    """Return the parallelism in the field's short words, `TP8 PP2 EP`."""
    sizes = {
        "TP": parallel.tensor,
        "PP": parallel.pipeline,
        "DP": parallel.data,
        "DCP": parallel.decode_context,
    }
    words = [f"{name}{size}" for name, size in sizes.items() if size > 1 or name == "TP"]
    return " ".join([*words, *(["EP"] if parallel.expert else [])])


def requests_held(fit: ModelFitSpec) -> str:
    """Return how many requests fit at once, and how many are wanted where that is said."""
    held = f"{fit.max_concurrency:.1f}"
    if fit.concurrency is None:
        return held
    ranks = f"{fit.ranks} x " if fit.ranks != 1 else ""
    return f"{ranks}{held} ({fit.concurrency} wanted)"


def _summary(fit: FitReport) -> Iterator[Text]:
    several = f"; {fit.replicas} replicas of {fit.gpus} GPUs" if fit.replicas > 1 else ""
    yield Text(f"vLLM {fit.engine.version}, {fit.kv_cache_dtype} KV cache{several}")
    if fit.fits:
        yield Text(f"GPU KV cache size: {fit.kv_tokens:,} tokens")
        yield Text(
            f"Maximum concurrency for {fit.context:,} tokens per request: "
            f"{fit.max_concurrency:.2f}x"
        )
        if fit.concurrency:
            ranks = f", on {fit.parallel.data} ranks" if fit.parallel.data > 1 else ""
            yield Text(f"wanted at once: {counted(fit.concurrency, 'request')}{ranks}")


def _terms(fit: Fit) -> Table:
    table = simple_table("memory of one GPU", "term", "GiB", "how", right=("GiB",))
    for term in fit.terms:
        table.add_row(term.name, f"{term.gib:,.2f}", term.how)
    return table


def _ways(ways: tuple[Way, ...]) -> Table:
    numbers = ("USD/h", "KV tokens", "concurrency")
    columns = ("change", "GPUs", "spread", "instances", *numbers)
    table = simple_table("cheapest ways that fit", *columns, right=numbers)
    for way in ways:
        instances = f"{way.nodes} x {way.instance_type}" if way.instance_type else "-"
        table.add_row(
            way.change,
            f"{way.gpus} x {way.gpu}",
            spread(way.parallel),
            instances,
            "-" if way.usd_per_hour is None else f"{way.usd_per_hour:.2f}",
            f"{way.kv_tokens:,}",
            f"{way.max_concurrency:.2f}x",
        )
    return table
