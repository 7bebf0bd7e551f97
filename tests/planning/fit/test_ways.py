"""What is offered where a model does not fit."""

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.gpus import GPUS
from catalog.models import models
from planning.fit.answer import Way
from planning.fit.fit import fit
from planning.fit.question import EngineChoice, GpuMemory, Parallelism
from planning.fit.supply import supply
from planning.fit.ways import cheapest_ways


def offered(
    model: str, gpu: GpuMemory, context: int, region: str = "us-east-1", **spread: Any
) -> tuple[Way, ...]:
    parallel = Parallelism(**spread)
    return cheapest_ways(models()[model], gpu, parallel, EngineChoice(), context, region=region)


def whole(name: str) -> GpuMemory:
    return GpuMemory.whole(GPUS[name])


def test_a_context_that_is_too_long_is_shortened_or_its_cache_made_smaller_or_the_gpu_larger():
    ways = offered("Qwen/Qwen3-8B", whole("L4"), 40960)
    assert [(way.change, way.instance_type, way.usd_per_hour) for way in ways] == [
        ("an FP8 KV cache (--kv-dtype fp8)", "g6.xlarge", Decimal("0.8048")),
        ("a context of 23552 tokens (--context 23552)", "g6.xlarge", Decimal("0.8048")),
        ("1 x L40S", "g6e.xlarge", Decimal("1.861")),
    ]
    assert all(way.max_concurrency >= 1 for way in ways)


def test_weights_that_are_too_large_get_other_gpus_and_several_nodes_are_counted_whole():
    ways = offered("moonshotai/Kimi-K2.6", whole("H100"), 262144, tensor=8)
    two = {way.change: way for way in ways}["16 x A100-80GB"]
    assert (two.instance_type, two.nodes) == ("p4de.24xlarge", 2)
    assert two.usd_per_hour == 2 * Decimal("27.44705")
    assert two.parallel == Parallelism(tensor=8, pipeline=2)
    prices = [way.usd_per_hour or 0 for way in ways]
    assert prices == sorted(prices)


def test_a_share_that_the_engine_cannot_start_with_is_lowered():
    found = fit(
        models()["Qwen/Qwen3-0.6B"],
        GpuMemory.of_size(6),
        Parallelism(),
        EngineChoice(utilisation=1.0),
        8192,
    )
    assert not found.fits
    ways = cheapest_ways(
        models()["Qwen/Qwen3-0.6B"],
        GpuMemory.of_size(6),
        Parallelism(),
        EngineChoice(utilisation=1.0),
        8192,
        region="us-east-1",
    )
    assert (ways[0].change, ways[0].usd_per_hour) == ("a utilisation of 0.94", None)


def test_whole_experts_are_offered_where_slices_cannot_be():
    ways = offered("Qwen/Qwen3-235B-A22B-FP8", GpuMemory.of_size(80), 4096, tensor=8)
    assert ways[0].change == "whole experts on each GPU (--ep)"
    assert ways[0].parallel.expert


def test_a_share_too_small_for_many_requests_at_once_is_offered_fewer():
    model, small = models()["Qwen/Qwen3-0.6B"], GpuMemory.of_size(3)
    engine = EngineChoice(utilisation=0.88)
    ways = cheapest_ways(model, small, Parallelism(), engine, 4096, region="us-east-1")
    assert ways[0].change == "64 requests at once (--max-num-seqs 64)"
    assert ways[0].max_concurrency >= 1


def test_on_other_gpus_the_engine_may_choose_otherwise():
    model, small = models()["Qwen/Qwen3-8B"], GpuMemory.of_size(4)
    part = EngineChoice(utilisation=0.2)
    alike = cheapest_ways(model, small, Parallelism(), part, 8192, region="us-east-1")
    otherwise = cheapest_ways(
        model, small, Parallelism(), part, 8192, region="us-east-1", elsewhere=EngineChoice()
    )
    assert otherwise[0].change == "1 x L4"
    assert alike[0].change != "1 x L4"


def test_no_fp8_cache_on_a_gpu_that_does_not_compute_in_it():
    ways = offered("Qwen/Qwen3-8B", whole("A10G"), 40960)
    assert all("FP8" not in way.change for way in ways)


def test_where_nothing_has_a_price_nothing_but_flags_is_offered():
    ways = offered("moonshotai/Kimi-K2-Instruct", whole("H100"), 4096, region="eu-west-1", tensor=8)
    assert ways == ()


@pytest.mark.parametrize(
    ("gpu", "count", "instance", "nodes"),
    [
        ("L40S", 1, "g6e.xlarge", 1),
        ("L40S", 2, "g6e.12xlarge", 1),
        ("L40S", 16, "g6e.12xlarge", 4),
        ("L40S", 8, "g6e.48xlarge", 1),
        ("H100", 1, "p5.4xlarge", 1),
        ("H100", 8, "p5.48xlarge", 1),
        ("H100", 32, "p5.48xlarge", 4),
        ("A100-80GB", 8, "p4de.24xlarge", 1),
    ],
)
def test_the_cheapest_instances_with_so_many_gpus_are_found(
    gpu: str, count: int, instance: str, nodes: int
):
    found = supply(GPUS[gpu], count, "us-east-1")
    assert found is not None
    assert (found.instance_type.name, found.nodes) == (instance, nodes)


def test_there_are_no_instances_without_a_price_or_for_a_gpu_that_is_not_named():
    assert supply(GPUS["GB200"], 4, "us-east-1") is None
    assert supply(GPUS["H100"], 8, "eu-west-1") is None
    assert supply(GPUS["H100"], 64, "us-east-1") is None
    assert supply(None, 1, "us-east-1") is None


@given(
    st.sampled_from(list(models().values())),
    st.sampled_from(["L4", "L40S", "H100"]),
    st.sampled_from([1, 8]),
)
@settings(max_examples=6, deadline=None)
def test_every_offer_fits_and_names_what_it_was_asked_with(model: Any, name: str, tensor: int):
    gpu, spread = whole(name), Parallelism(tensor=tensor)
    context = model.max_context
    ways = cheapest_ways(model, gpu, spread, EngineChoice(), context, region="us-east-1")
    assert len(ways) <= 3
    for way in ways:
        kv_dtype = "fp8" if "FP8" in way.change else "auto"
        seqs = re.search(r"--max-num-seqs (\d+)", way.change)
        engine = EngineChoice(kv_dtype=kv_dtype, max_num_seqs=int(seqs[1]) if seqs else None)
        again = fit(model, whole(way.gpu), way.parallel, engine, way.context)
        assert again.fits
        assert again.kv_tokens == way.kv_tokens
