"""Arguments of the engine, judged: every finding is read whole."""

from collections.abc import Sequence

import pytest

from catalog.engine_flags import SOURCE
from catalog.engine_releases import SELECTABLE
from planning.engine.arguments import OWNED
from planning.engine.flags import engine_findings

NEWEST = SELECTABLE[-1]


def told(args: Sequence[str], version: str = NEWEST) -> list[str]:
    """Return the findings of some arguments at `at`, without the source of every flag."""
    found = engine_findings("at", args, version, OWNED)
    return [str(finding).removesuffix(f" [vLLM {version}: {SOURCE}]") for finding in found]


SWAP = (
    "took it, 0.18.1 no longer; use --kv-offloading-size for KV cache in host memory: preempted "
    "requests are recomputed"
)


@pytest.mark.parametrize("version", SELECTABLE)
def test_the_flags_of_the_first_clusters_that_are_gone_are_refused(version: str):
    args = ["--swap-space", "16", "--disable-log-requests", "--max-paddings=512"]
    gone = [
        f"at.0: --swap-space is no flag of vLLM {version}: 0.17.1 {SWAP}",
        (
            f"at.2: --disable-log-requests is no flag of vLLM {version}: 0.16.0 took it, 0.17.1 no "
            "longer; leave it out: requests are logged only with --enable-log-requests"
        ),
        (
            f"at.3: --max-paddings is no flag of vLLM {version}: 0.2 took it, 0.3 no longer; "
            "leave it out: batches are no longer padded"
        ),
    ]
    # 0.33.0 takes it again, as the negation of --enable-log-requests.
    expected = [gone[0], gone[2]] if version == "0.33.0" else gone
    assert told(args, version) == expected


OLDER: list[tuple[list[str], str, str]] = [
    (
        ["--max-num-queued-reqs", "100"],
        "0.28.0",
        (
            "at.0: --max-num-queued-reqs is of vLLM 0.29.0, the image is 0.28.0; use vLLM 0.29.0 "
            "or later, or remove it"
        ),
    ),
    (
        ["--disable-prefix-caching"],
        "0.32.0",
        (
            "at.0: --disable-prefix-caching is of vLLM 0.33.0, the image is 0.32.0; write "
            "--no-enable-prefix-caching"
        ),
    ),
    (
        ["--calculate-kv-scales"],
        "0.28.0",
        (
            "at.0: --calculate-kv-scales is no flag of vLLM 0.28.0: 0.27.1 took it, 0.28.0 no "
            "longer; leave it out: scales come with the checkpoint"
        ),
    ),
    (
        ["--moe-backend", "flydsl"],
        "0.19.1",
        (
            "at.0: --moe-backend is 'flydsl'; use one of aiter, auto, cutlass, deep_gemm, "
            "flashinfer_cutedsl, flashinfer_cutlass, flashinfer_trtllm, marlin, triton"
        ),
    ),
]


@pytest.mark.parametrize(("args", "version", "finding"), OLDER)
def test_an_argument_is_judged_by_the_release_of_the_image(
    args: list[str], version: str, finding: str
):
    assert told(args, version) == [finding]


TWICE = "keep one of them [vLLM: vllm/utils/argparse_utils.py]"


@pytest.mark.parametrize(
    ("args", "finding"),
    [
        (
            ["--seed", "1", "--seed=2"],
            f"at.2: --seed is given twice, and the last one counts; {TWICE}",
        ),
        (
            ["--enforce-eager", "--no-enforce_eager"],
            f"at.1: --enforce-eager is given twice, and the last one counts; {TWICE}",
        ),
        (
            ["--eplb-config", "{}", "--eplb-config.window_size", "3"],
            f"at.2: --eplb-config is given whole and by key, and only the keys count; {TWICE}",
        ),
        (
            ["--eplb-config.window_size", "3", "--eplb_config.window_size=4"],
            f"at.2: --eplb-config.window_size is given twice, and the last one counts; {TWICE}",
        ),
    ],
)
def test_a_flag_that_is_given_twice_is_refused(args: list[str], finding: str):
    assert told(args) == [finding]


def test_everything_that_is_wrong_is_told_at_once():
    args = ["--swap-space", "16", "--seed", "x", "--port", "1", "--seed", "2", "--enable-eplb"]
    assert [line.partition(" ")[0] for line in told(args)] == [
        *("at.0:", "at.4:", "at.2:", "at.6:", "at:", "at:")
    ]
