"""The fit, as a person reads it."""

from rich.console import Console, RenderableType

from planning.fit.asked import Asked, report
from planning.fit.question import PLATFORM_VERSION, Parallelism
from review.fit_tables import fit_tables, spread


def shown(content: RenderableType) -> str:
    console = Console(width=110)
    with console.capture() as capture:
        console.print(content)
    return capture.get()


def test_the_verdict_comes_first_with_the_gpus_and_the_spread():
    found = report(Asked(model="qwen3-32b", gpu="H100", count=4, tensor=2))
    lines = shown(fit_tables(found)).splitlines()
    assert lines[0] == "Qwen/Qwen3-32B on 2 x H100 (TP2) fits"
    assert lines[1] == f"vLLM {PLATFORM_VERSION}, bf16 KV cache; 2 replicas of 2 GPUs"


def test_what_the_catalog_is_not_certain_of_is_said():
    found = report(Asked(model="kimi-k2-thinking", gpu="H200", count=8))
    assert "uncertain: config.json itself not read" in shown(fit_tables(found))


def test_what_is_wanted_at_once_stands_below_what_fits():
    asked = Asked(model="qwen3-8b", gpu="H100", concurrency=4)
    lines = shown(fit_tables(report(asked))).splitlines()
    assert lines[3].startswith("Maximum concurrency for 40,960 tokens per request: ")
    assert lines[4] == "wanted at once: 4 requests"
    ranks = Asked(model="qwen3-30b-a3b", gpu="H100", count=2, data=2, concurrency=6)
    assert "wanted at once: 6 requests, on 2 ranks" in shown(fit_tables(report(ranks)))


def test_where_nothing_would_do_that_is_said():
    asked = Asked(model="kimi-k2-instruct", gpu="H100", count=8, region="eu-west-1")
    assert "no GPUs of the catalog with a price in this region would do" in shown(
        fit_tables(report(asked))
    )


def test_the_spread_is_written_in_short_words():
    assert spread(Parallelism()) == "TP1"
    many = Parallelism(tensor=8, pipeline=2, data=4, expert=True, decode_context=2)
    assert spread(many) == "TP8 PP2 DP4 DCP2 EP"
