"""What a model's engine is told because of the GPUs that it gets, and what they then hold."""

from typing import Any

import pytest

from planning.models.fit import answer_to, engine_choice, spread
from planning.plan import Plan
from planning.specs.fits import ModelFitSpec
from settings.engine import EngineSettings
from tests.documents import REMOVED
from tests.planning.planned import planned

EAST = "us-east-1"
L4: dict[str, Any] = {"provisioner": "managed", "instances": ["g6.2xlarge"], "nodes": 1}
TINY: dict[str, Any] = {
    "model": "Qwen/Qwen3-0.6B",
    "revision": "0" * 40,
    "pool": "l4",
    "context": 2048,
}


def tiny(sharing: dict[str, Any], **more: Any) -> tuple[ModelFitSpec, str | None]:
    """Return the fit of a small model, and the part of the GPU that its engine is told."""
    instances = more.pop("instances", ["g6.2xlarge"])
    changes = {
        "pools.l4": L4 | {"instances": instances, "sharing": sharing},
        "models.tiny": TINY | more,
    }
    plan = planned(changes, EAST)
    return plan.fits[1], told(plan)


def told(plan: Plan) -> str | None:
    args = plan.models[1].args
    flag = "--gpu-memory-utilization"
    assert args.count(flag) <= 1
    return args[args.index(flag) + 1] if flag in args else None


def share(gib: int) -> dict[str, int]:
    return {"memory_gib": gib, "cores_percent": 30}


def test_a_whole_gpu_is_what_cuda_sees_of_it_and_the_release_decides_its_part():
    found, part = tiny({"kind": "whole"})
    assert (found.gpu, found.gpus, found.utilisation, part) == ("L4", 1, 0.92, None)
    assert found.kv_gib_per_gpu == pytest.approx(21.98 * 0.92 - 1.12 - 1.68, abs=0.1)


@pytest.mark.parametrize(("gib", "part"), [(3, "0.88"), (4, "0.91"), (5, None), (20, None)])
def test_a_small_share_has_the_cuda_context_left_out_of_its_part(gib: int, part: str | None):
    engine = {"max_num_seqs": 16}
    for kind in ("hami", "hami-dra"):
        found, said = tiny({"kind": kind}, share=share(gib), engine=engine)
        assert (found.gpu, said) == (f"{gib} GiB of L4", part)
        assert found.utilisation == float(part or 0.92)


def test_the_owner_s_own_part_stands_once():
    engine = {"gpu_memory_utilization": 0.8}
    found, said = tiny({"kind": "hami"}, share=share(6), engine=engine)
    assert (found.utilisation, said) == (0.8, "0.8")


@pytest.mark.parametrize("kind", ["time-slicing", "mps"])
def test_a_slice_sees_the_whole_gpu_and_takes_its_part_of_it(kind: str):
    found, part = tiny({"kind": kind, "replicas": 4})
    assert (found.gpu, found.utilisation, part) == ("25% of L4", 0.225, "0.225")
    assert found.kv_gib_per_gpu == pytest.approx(21.98 * 0.225 - 1.12 - 1.68, abs=0.1)


def test_of_many_slices_each_leaves_room_for_its_own_cuda_context():
    found, part = tiny({"kind": "time-slicing", "replicas": 7}, engine={"max_num_seqs": 16})
    assert (found.utilisation, part) == (0.12, "0.12")


def test_an_instance_has_the_memory_of_its_profile():
    sharing = {"kind": "mig", "profile": "1g.24gb"}
    found, part = tiny(sharing, instances=["g7e.2xlarge"])
    assert (found.gpu, part) == ("1g.24gb of RTX-PRO-6000", None)
    assert found.kv_gib_per_gpu == pytest.approx(18.9, abs=0.1)


def test_of_alternatives_the_smallest_has_to_do():
    device = {"share": share(12), "alternatives": [{"share": share(8)}]}
    found, _ = tiny({"kind": "hami-dra"}, device=device)
    assert found.gpu == "8 GiB of L4"


def test_replicas_that_hold_one_claim_divide_its_memory():
    scale = {"replicas": {"min": 2, "max": 2}}
    found, part = tiny({"kind": "dra"}, device={"shared": True}, **scale)
    assert (found.gpu, part) == ("50% of L4", "0.45")


def test_without_a_context_it_is_the_model_s_own_where_that_fits():
    entry = {"model": "Qwen/Qwen3-8B", "pool": "l40s"}
    plan = planned({"models.chat": entry})
    assert plan.models[0].context == plan.fits[0].context == 40960
    (route, _) = plan.gateway.config["model_list"]
    assert route["model_info"]["max_input_tokens"] == 40960


def test_and_else_what_of_it_fits_in_whole_steps():
    found, _ = tiny({"kind": "hami"}, share=share(6), context=None)
    assert found.context == 24576
    assert found.max_concurrency >= 1


def test_the_name_of_a_catalog_model_is_written_as_the_hub_has_it():
    plan = planned({"models.chat.model": "qwen/qwen3-8b"})
    assert plan.models[0].args[0] == plan.fits[0].model == "Qwen/Qwen3-8B"


def test_gpus_that_no_size_is_given_for_are_spread_by_tensors():
    def sizes(devices: int, **engine: Any) -> tuple[int, int, int]:
        found = spread(EngineSettings.model_validate(engine), devices)
        return found.tensor, found.pipeline, found.data

    assert sizes(8) == (8, 1, 1)
    assert sizes(8, pipeline_parallel=2) == (4, 2, 1)
    assert sizes(8, data_parallel=2, pipeline_parallel=2) == (2, 2, 2)
    assert sizes(8, tensor_parallel=2) == (2, 1, 1)
    assert sizes(1, pipeline_parallel=2) == (1, 2, 1)


def test_the_fit_counts_with_the_engine_s_own_settings():
    def choice(**engine: Any) -> tuple[str, str, int | None, bool]:
        found = engine_choice(EngineSettings.model_validate(engine))
        return found.dtype, found.kv_dtype, found.max_num_seqs, found.eager

    assert choice() == ("auto", "auto", None, False)
    assert choice(dtype="float16", kv_cache_dtype="fp8_e4m3") == (
        "float16",
        "fp8_e4m3",
        None,
        False,
    )
    assert choice(max_num_seqs=9000) == ("auto", "auto", 9000, False)
    assert choice(kv_cache_dtype="fp8_inc", extra_args=["--enforce-eager"]) == (
        *("auto", "fp8", None),
        True,
    )
    assert engine_choice(EngineSettings(version="0.19.1")).version == "0.19.1"


def test_a_model_that_the_engine_quantises_takes_half_and_knows_no_blocks():
    pool = {"provisioner": "managed", "instances": ["p5.48xlarge"], "nodes": 1}
    entry: dict[str, Any] = {"model": "Qwen/Qwen3-235B-A22B", "pool": "l40s", "gpus": 8}
    changes = {"pools.l40s": pool, "models.chat": entry}
    plain = planned(changes, EAST).fits[0]
    entry["engine"] = {"quantization": "fp8"}
    eight = planned(changes, EAST).fits[0]
    assert eight.weights_gib_per_gpu == pytest.approx(plain.weights_gib_per_gpu / 2, rel=0.02)


def test_an_fp8_cache_holds_twice_the_tokens():
    plain = planned().fits[0]
    eight = planned({"models.chat.engine": {"kv_cache_dtype": "fp8"}}).fits[0]
    assert eight.kv_tokens == pytest.approx(2 * plain.kv_tokens, rel=0.001)
    assert eight.weights_gib_per_gpu == plain.weights_gib_per_gpu


def test_an_older_release_has_its_own_default():
    assert planned({"models.chat.engine": {"version": "0.19.1"}}).fits[0].utilisation == 0.9


def test_entries_that_ask_the_same_are_answered_once():
    entry = {"model": "Qwen/Qwen3-8B", "pool": "l40s", "context": 7777}
    pool = {"provisioner": "managed", "instances": ["g6e.48xlarge"], "nodes": 5}
    budget = {"gpus": 41, "usd_per_month": 10**6}
    changes = {f"models.m{number}": entry for number in range(30)}
    answer_to.cache_clear()
    plan = planned({"pools.l40s": pool, "budget": budget} | changes)
    assert len(plan.fits) == 32
    # Those of `chat` and `tiny`, and one for all thirty.
    assert answer_to.cache_info().misses == 3


def test_nothing_but_a_name_a_model_and_a_pool_has_to_be_written():
    entry = {"model": "Qwen/Qwen3-8B", "pool": "l40s"}
    plan = planned({"models.chat": REMOVED, "models.qwen3-8b": entry})
    assert plan.models[1].args == (
        "Qwen/Qwen3-8B",
        *("--served-model-name", "qwen3-8b"),
        *("--port", "8000"),
        *("--max-model-len", "40960"),
        *("--tensor-parallel-size", "1"),
        *("--shutdown-timeout", "60"),
    )
