"""`python -m planning fit`, as a person and as a script use it."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner, Result

from planning.__main__ import app
from planning.fit.answer import FitReport
from tests.documents import REPOSITORY

H100 = ("--gpu", "H100", "--count", "8")
QWEN = "Qwen/Qwen3-235B-A22B"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["fit", *arguments])


def answer(*arguments: str) -> dict[str, Any]:
    done = run(*arguments, "--json")
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_a_model_that_fits_is_shown_as_the_engine_logs_it_with_every_term():
    done = run(QWEN, *H100, "--tp", "8")
    assert (done.exit_code, done.stderr) == (0, "")
    found = answer(QWEN, *H100, "--tp", "8")
    assert f"GPU KV cache size: {found['kv_tokens']:,} tokens" in done.stdout
    assert (
        f"Maximum concurrency for 40,960 tokens per request: {found['max_concurrency']:.2f}x"
        in done.stdout
    )
    for term in found["terms"]:
        assert re.search(rf"{re.escape(term['name'])} +{term['gib']:,.2f} ", done.stdout)


def test_json_has_the_promised_keys_and_is_typed():
    done = run(QWEN, *H100, "--json")
    printed = json.loads(done.stdout)
    assert FitReport.model_validate(printed).fits
    promised = {"fits", "weights_gib_per_gpu", "kv_gib_per_gpu", "kv_tokens", "max_concurrency"}
    assert promised | {"terms"} <= printed.keys()
    assert printed["weights_gib_per_gpu"] == pytest.approx(54.9, abs=0.1)
    assert run(QWEN, *H100, "--json").stdout == done.stdout


def test_what_does_not_fit_ends_with_1_its_reason_and_three_ways():
    done = run(f"{QWEN}-FP8", *H100)
    assert (done.exit_code, done.stderr) == (1, "")
    assert "does not fit" in done.stdout
    assert "experts of width 1536 on 8 GPUs are 192 wide on each" in done.stdout
    assert "cheapest ways that fit" in done.stdout
    found = answer(f"{QWEN}-FP8", *H100)
    assert len(found["ways"]) == 3
    assert isinstance(found["ways"][0]["usd_per_hour"], float)
    assert run(f"{QWEN}-FP8", *H100, "--ep").exit_code == 0


def test_the_seed_of_four_gb200_fits():
    found = answer("moonshotai/Kimi-K2.6", "--gpu", "GB200", "--count", "4")
    assert (found["fits"], found["parallel"]["tensor"], found["context"]) == (True, 4, 262144)


@pytest.mark.parametrize("name", ["Qwen/Qwen3-8B", "qwen3-8b", "QWEN/qwen3-8B", "Qwen3-8B"])
def test_a_model_is_found_by_repository_and_by_short_name(name: str):
    assert answer(name, "--gpu", "l40s")["model"] == "Qwen/Qwen3-8B"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--gpu-memory-gib", "23.58", "--utilisation", "0.9"), {"utilisation": 0.9}),
        (("--gpu", "H100", "--count", "4", "--tp", "2"), {"gpus": 2, "replicas": 2}),
        (("--gpu", "H100", "--tp", "4"), {"gpus": 4, "replicas": 1}),
        (("--gpu", "H100", "--count", "8", "--pp", "2"), {"gpus": 8}),
        (("--gpu", "H100", "--kv-dtype", "fp8"), {"kv_bytes_per_token_per_gpu": 73_728}),
        (("--gpu", "H100", "--vllm", "0.19.1"), {"utilisation": 0.9}),
        (("--gpu", "H100", "--context", "8192"), {"context": 8192}),
        (("--gpu", "H100", "--concurrency", "4"), {"concurrency": 4, "context": 40960}),
        (("--gpu", "H100", "--dtype", "float32"), {"weights_gib_per_gpu": 30.5}),
    ],
)
def test_every_option_reaches_the_answer(options: tuple[str, ...], expected: dict[str, Any]):
    found = answer("Qwen/Qwen3-8B", *options)
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, rel=0.01)


def test_ranks_of_decode_context_multiply_the_tokens():
    options = ("kimi-k2-thinking", "--gpu", "H200", "--count", "8")
    plain, spread = answer(*options), answer(*options, "--dcp", "8")
    assert spread["kv_tokens"] == pytest.approx(8 * plain["kv_tokens"], rel=0.01)


@pytest.mark.parametrize(
    ("arguments", "problem", "fix"),
    [
        (
            ("Qwen/Qwen3-9B", "--gpu", "H100"),
            "MODEL: there is no model 'Qwen/Qwen3-9B' in the catalog",
            "nearest are Qwen/Qwen3-8B",
        ),
        (
            ("zzz", "--gpu", "H100"),
            "MODEL: there is no model 'zzz' in the catalog",
            "to add it from its config.json, see docs/reading-the-fit.md",
        ),
        (
            ("qwen3-8b", "--gpu", "H101"),
            "--gpu: there is no GPU 'H101' in the catalog",
            "nearest are H100, H200",
        ),
        (
            ("qwen3-8b", "--gpu", "a100"),
            "--gpu: 'a100' is more than one GPU",
            "nearest are A100-40GB, A100-80GB",
        ),
        (("qwen3-8b",), "--gpu: no GPU is named", "give either --gpu NAME (T4, A10G"),
        (
            ("qwen3-8b", "--gpu", "H100", "--gpu-memory-gib", "80"),
            "--gpu: the GPU is named twice",
            "give either --gpu NAME",
        ),
        (
            ("qwen3-8b", "--gpu-memory-gib", "0"),
            "--gpu-memory-gib: 0 GiB",
            "use more than 0",
        ),
        (
            ("qwen3-8b", "--gpu", "H100", "--count", "8", "--tp", "3"),
            "--count: 8 GPUs, but a replica takes 3 (--tp, --pp and --dp: 3)",
            "use a count of 3 or a multiple, or other sizes",
        ),
        (
            ("qwen3-8b", "--gpu", "H100", "--vllm", "0.5.0"),
            "--vllm: vLLM 0.5.0 is not known",
            "use 0.6.0 or newer",
        ),
        (
            ("qwen3-8b", "--gpu", "H100", "--utilisation", "1.2"),
            "--utilisation: Input should be less than or equal to 1",
            "see --help",
        ),
        (
            ("qwen3-8b", "--gpu", "H100", "--region", "mars-1"),
            "--region: the catalog has no prices of 'mars-1'",
            "use one of us-east-1",
        ),
    ],
)
def test_a_question_that_cannot_be_answered_ends_with_2_and_says_what_would_be_right(
    arguments: tuple[str, ...], problem: str, fix: str
):
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    text = " ".join(done.stderr.split())
    assert problem in text
    assert fix in text
    refused = json.loads(run(*arguments, "--json").stdout)
    assert [finding["path"] for finding in refused["findings"]] == [problem.partition(":")[0]]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["qwen3-8b", "--gpuu", "H100"],
        ["a", "b"],
        ["qwen3-8b", "--kv-dtype", "fp3"],
        ["qwen3-8b", "--gpu", "H100", "--pp", "0"],
        ["qwen3-8b", "--gpu", "H100", "--tp", "-1"],
    ],
)
def test_wrong_usage_says_how_to_use_it(arguments: list[str]):
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Usage:" in done.stderr


def test_the_shell_sees_no_traceback_and_the_exit_code():
    command = [sys.executable, "-m", "planning", "fit", "kimi-k9", "--gpu", "H100"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "nearest are moonshotai/Kimi-K2" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_page_names_every_key_and_every_option():
    page = (REPOSITORY / "docs" / "reading-the-fit.md").read_text("utf-8")
    for key in FitReport.model_fields:
        assert f"`{key}`" in page
    command: Any = typer.main.get_command(app)
    options = {option for param in command.commands["fit"].params for option in param.opts}
    assert {option for option in options if option.startswith("--")} <= set(
        re.findall(r"--[a-z-]+", page)
    )
