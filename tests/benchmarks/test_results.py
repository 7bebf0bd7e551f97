"""The JSON is what docs/benchmarks.md says, and the tables show what it holds."""

from io import StringIO
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import ValidationError
from rich.console import Console

from benchmarks.plans import environment_of, plan_scales
from benchmarks.results import Comparison, Machine, Part, PlanScale, Results
from benchmarks.tables import results_tables
from planning.planner import plan

REPOSITORY = Path(__file__).resolve().parents[2]
RESULTS = Results(
    runs=3,
    machine=Machine(cpus=4, load_before=0.5, load_after=1.25, python="3.11.7"),
    comparisons=(
        Comparison(
            operation="preview",
            stack="prod",
            resources=170,
            ratio=1.25,
            seconds=(5.0, 4.0, 6.0),
            floor_seconds=(4.0, 3.0, 5.0),
            parts=(Part(name="end", seconds=1.5, floor_seconds=0.25),),
        ),
    ),
    plan=(PlanScale(models=10, milliseconds=1.5, microseconds_per_model=150.0, ratio=1.5),),
)


def keys(value: Any, path: str = "") -> set[str]:
    """Return the path of every leaf, `comparisons[].ratio`; a list of numbers is a leaf."""
    if isinstance(value, dict):
        start = f"{path}." if path else ""
        members = cast("dict[str, Any]", value).items()
        return {leaf for name, item in members for leaf in keys(item, start + name)}
    if isinstance(value, list):
        return {leaf for item in cast("list[Any]", value) for leaf in keys(item, f"{path}[]")}
    return {path}


def test_the_page_names_every_key_and_no_other():
    _, _, page = (REPOSITORY / "docs" / "benchmarks.md").read_text("utf-8").partition("## The JSON")
    rows = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| `")]
    assert {row.strip("`") for row in rows} == keys(RESULTS.model_dump(mode="json"))


def test_json_gives_the_same_results_again():
    assert Results.model_validate_json(RESULTS.model_dump_json()) == RESULTS


def test_an_unknown_key_is_refused():
    with pytest.raises(ValidationError, match="surprise"):
        Results.model_validate(RESULTS.model_dump() | {"surprise": 1})


def test_the_tables_show_ratios_medians_and_what_is_more_than_the_floor():
    out = StringIO()
    Console(file=out, width=110).print(results_tables(RESULTS))
    shown = [line.split() for line in out.getvalue().splitlines()]
    assert ["preview", "prod", "170", "5.00", "4.00", "1.25"] in shown
    assert ["end", "1.50", "0.25", "+1.25"] in shown
    assert ["10", "1.50", "150", "1.5"] in shown


def test_an_environment_of_the_plan_s_benchmark_is_valid_at_every_size():
    assert [len(plan(environment_of(size)).models) for size in (1, 10, 100)] == [1, 10, 100]


def test_the_plan_s_scale_is_told_by_call_and_by_model():
    one, two = plan_scales(runs=1, sizes=(1, 2))
    assert (one.models, one.ratio) == (1, 1.0)
    assert one.microseconds_per_model == pytest.approx(1e3 * one.milliseconds)
    assert two.microseconds_per_model == pytest.approx(1e3 * two.milliseconds / 2)
    assert two.ratio == pytest.approx(two.milliseconds / one.milliseconds)
