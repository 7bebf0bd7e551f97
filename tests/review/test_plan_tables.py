"""What a person sees of a plan: facts, not layouts."""

import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from planning.plan import Plan
from planning.planner import plan_config
from review.plan_tables import finding_list, plan_tables, refusal_table
from review.terminal import PIPE_WIDTH, console
from settings.files import read_config
from settings.finding import Finding
from tests.documents import ENVIRONMENT_FILES, REMOVED
from tests.planning.planned import planned

FINDING = Finding(path="models.a.gpus", problem="is 9", fix="use at most 8", source="a page")


def shown(what: RenderableType) -> str:
    """Return what a log line of a pipe would show, without colour."""
    screen = Console(file=StringIO(), width=110, highlight=False)
    with screen.capture() as captured:
        screen.print(what)
    return captured.get()


def cells(plan: Plan, start: str) -> list[str]:
    """Return the cells of the one line that begins with `start`."""
    lines = [line.strip() for line in shown(plan_tables(plan)).splitlines()]
    (line,) = (line for line in lines if " ".join(line.split()).startswith(f"{start} "))
    return re.split(r" {2,}", line)


@pytest.mark.parametrize("file", ENVIRONMENT_FILES, ids=lambda file: file.name)
def test_an_environment_is_shown_within_the_width_of_a_log_line(file: Path):
    text = shown(plan_tables(plan_config("some", read_config(file))))
    assert max(map(len, text.splitlines())) <= 110
    assert text.splitlines()[0].startswith("some in us-")
    assert ", cluster llm-platform-some" in text


def test_a_pool_shows_its_gpus_now_and_at_most():
    plan = planned()
    assert cells(plan, "pool from")[-3:] == ["GiB/GPU", "GPUs now", "at most"]
    assert cells(plan, "l40s") == [
        *("l40s", "karpenter", "whole", "g6e.2xlarge", "1", "2.2421", "L40S", "45", "1", "8")
    ]
    assert cells(plan, "l4 managed") == [
        *("l4", "managed", "hami", "g6.2xlarge", "1", "0.9776", "L4", "22", "1", "1")
    ]
    assert cells(plan, "g6e.12xlarge") == ["g6e.12xlarge", "4", "10.4926"]


def test_a_model_shows_what_each_replica_takes_and_where_it_goes():
    plan = planned({"models.chat.gpus": 2, "models.chat.replicas": {"min": 2, "max": 4}})
    assert cells(plan, "chat") == [
        *("chat", "Qwen/Qwen3-8B", "l40s", "2 GPUs", "2 to 4", "l40s-0 (g6e.12xlarge)")
    ]
    assert cells(plan, "tiny") == [
        *("tiny", "Qwen/Qwen3-0.6B", "l4", "6 GiB, 30 %", "1 to 1", "l4-0 (g6.2xlarge)")
    ]
    wide = planned({"models.chat.nodes": 2, "pools.l40s.instances": ["g6e.2xlarge"]})
    assert cells(wide, "chat")[3] == "2 nodes of 1 GPU"


def test_a_model_of_the_catalog_shows_what_its_gpus_hold_and_another_has_no_line():
    plan = planned({"models.own": {"model": "a/b", "pool": "l40s", "context": 512}})
    assert cells(plan, "GPUs model")[2:] == [
        *("engine", "weights GiB", "KV GiB", "context", "KV tokens", "requests")
    ]
    assert cells(plan, "1 x L40S") == [
        *("1 x L40S", "chat", "92%", "15.27", "23.92", "32,768", "174,144", "5.3")
    ]
    assert cells(plan, "1 x 6 GiB of L4") == [
        *("1 x 6 GiB of L4", "tiny", "92%", "1.12", "2.72", "8,192", "25,424", "3.1")
    ]
    assert [fit.name for fit in plan.fits] == ["chat", "tiny"]


def test_the_requests_that_fit_stand_against_those_that_are_wanted():
    plan = planned({"models.chat.concurrency": 5})
    assert cells(plan, "1 x L40S")[-1] == "5.3 (5 wanted)"
    assert cells(plan, "1 x 6 GiB of L4")[-1] == "3.1"
    entry = {"model": "Qwen/Qwen3-30B-A3B", "pool": "l40s", "gpus": 4, "context": 8192}
    ranks = planned({"models.chat": entry | {"concurrency": 9, "engine": {"data_parallel": 2}}})
    assert cells(ranks, "4 x L40S")[-1] == "2 x 64.6 (9 wanted)"


def test_one_gpu_is_one_gpu():
    assert cells(planned(), "chat")[3] == "1 GPU"


def test_the_bill_shows_each_item_and_the_sum():
    plan = planned()
    assert cells(plan, "pool l4") == [
        *("pool l4 g6.2xlarge", "0.9776", "1", "1", "713.65", "713.65")
    ]
    assert cells(plan, "floor and ceiling") == ["floor and ceiling", "2,754.21", "16,436.74"]


def test_the_quotas_show_what_to_ask_for_and_what_a_new_account_has():
    plan = planned({"pools.l40s.capacity": ["spot", "on-demand"]})
    assert cells(plan, "quota code")[1:] == ["code", "vCPU needed", "new account", "used by"]
    assert cells(plan, "Running On-Demand G") == [
        *("Running On-Demand G and VT instances", "L-DB2E81BA", "104", "0", "l40s, l4")
    ]
    assert cells(plan, "All G and VT Spot") == [
        *("All G and VT Spot Instance Requests", "L-3819A6DF", "96", "0", "l40s")
    ]


def test_the_bill_says_what_it_leaves_out():
    assert "no traffic, and of storage only cache volumes" in shown(plan_tables(planned()))


def test_a_plan_without_models_shows_its_pools_and_its_cost():
    text = shown(plan_tables(planned({"models": REMOVED})))
    assert "model services" in text
    assert "floor and ceiling" in text


def test_weights_of_one_s_own_are_named_beside_what_they_were_made_from():
    own = {"models.chat.load": {"kind": "s3", "prefix": "own/v1/"}, "models.chat.revision": REMOVED}
    assert "own/v1/ of Qwen/Qwen3-8B from s3" in shown(plan_tables(planned(own)))


def test_what_to_mind_is_below_the_tables_with_its_fix():
    text = shown(plan_tables(planned({"models.chat.revision": REMOVED})))
    _, _, minded = text.partition("\nmind\n")
    assert "models.chat.revision: is not pinned" in minded
    assert "fix: add the commit of Qwen/Qwen3-8B that you have tested" in minded
    assert "\nmind\n" not in shown(plan_tables(planned()))


def test_a_finding_is_where_what_and_what_would_be_right():
    assert shown(finding_list([FINDING], "red")).splitlines() == [
        "  models.a.gpus: is 9",
        "    fix: use at most 8  [a page]",
    ]


@pytest.mark.parametrize(
    ("findings", "headline"),
    [
        ((FINDING,), "refused: 1 finding, nothing was changed"),
        ((FINDING, FINDING), "refused: 2 findings, nothing was changed"),
    ],
)
def test_a_refusal_counts_its_findings(findings: tuple[Finding, ...], headline: str):
    assert shown(refusal_table(findings)).splitlines()[0] == headline


def test_brackets_of_a_person_s_text_are_text_and_no_markup():
    found = FINDING.model_copy(update={"problem": "is '[red]x[/]'", "path": "models.[b]"})
    assert "models.[b]: is '[red]x[/]'" in shown(finding_list([found], "red"))


def test_a_pipe_gets_lines_of_one_width(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert console().width == PIPE_WIDTH == 110
    assert console(stderr=True).stderr


def test_volumes_that_outlive_pods_are_shown_with_what_makes_their_size():
    kept = planned(
        {"models.chat.cache": {"kind": "volume"}, "models.chat.replicas": {"min": 1, "max": 3}}
    )
    table = shown(plan_tables(kept)).partition("volumes that outlive pods")[2]
    line = next(line for line in table.splitlines() if "chat" in line)
    assert re.split(r" {2,}", line.strip()) == ["chat", "1 to 3", "16.79", "16", "33", "2.64"]
    assert "volumes that outlive pods" not in shown(plan_tables(planned()))
