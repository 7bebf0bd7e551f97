"""`python -m benchmarks`: everything as a ratio to a floor measured in the same run."""

import os
import platform
import signal
import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from benchmarks.comparisons import of_preview, of_rehearsal, of_up, run_pairs
from benchmarks.plans import plan_scales
from benchmarks.process import BenchmarkError
from benchmarks.results import Comparison, Machine, Results
from benchmarks.sandbox import remove_leftovers
from benchmarks.tables import results_tables
from rehearsal.engine_environment import forget_own_settings
from rehearsal.tools.recipes import ToolError
from rehearsal.tools.toolbox import ensure_tools
from review.terminal import console

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


class Stack(StrEnum):
    """An environment of this checkout."""

    DEV = "dev"
    PROD = "prod"


class What(StrEnum):
    """What can be measured by itself; `up` measures the rehearsal as well."""

    PREVIEW = "preview"
    UP = "up"
    PLAN = "plan"


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def bench(
    runs: Annotated[int, typer.Option(min=1, help="Runs; medians are reported.")] = 3,
    stack: Annotated[list[Stack] | None, typer.Option(help="All if left out.")] = None,
    only: Annotated[list[What] | None, typer.Option(help="All if left out.")] = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write results as JSON here.")] = None,
) -> None:
    """Measure the platform against the bare engine; about five minutes."""
    ensure_tools(console(stderr=True))
    remove_leftovers()
    try:
        results = _measured(set(only or What), stack or list(Stack), runs)
    except KeyboardInterrupt:
        console(stderr=True).print("interrupted; nothing is left")
        raise typer.Exit(INTERRUPTED) from None
    if json is not None:
        json.write_text(results.model_dump_json(indent=2) + "\n")
    console().print(results_tables(results))


def _measured(wanted: set[What], stacks: Iterable[Stack], runs: int) -> Results:
    load_before = os.getloadavg()[0]
    comparisons = tuple(_comparisons(wanted, stacks, runs))
    scales = plan_scales(runs) if What.PLAN in wanted else ()
    machine = Machine(
        cpus=os.cpu_count() or 1,
        load_before=load_before,
        load_after=os.getloadavg()[0],
        python=platform.python_version(),
    )
    return Results(runs=runs, machine=machine, comparisons=comparisons, plan=scales)


def _comparisons(wanted: set[What], stacks: Iterable[Stack], runs: int) -> Iterable[Comparison]:
    for stack in stacks:
        if What.PREVIEW in wanted:
            _say(f"preview of {stack}")
            yield of_preview(stack, run_pairs("preview", stack, runs))
        if What.UP in wanted:
            _say(f"up of {stack}")
            pairs = run_pairs("up", stack, runs)
            yield of_up(stack, pairs)
            yield of_rehearsal(stack, pairs)


def _say(doing: str) -> None:
    console(stderr=True).print(f"measuring: {doing} …")


def _terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    """Run the command; what is wrong is said in words, and nothing is left behind."""
    forget_own_settings()
    signal.signal(signal.SIGTERM, _terminated)
    try:
        app()
    except (BenchmarkError, ToolError) as error:
        console(stderr=True).print(str(error), markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
