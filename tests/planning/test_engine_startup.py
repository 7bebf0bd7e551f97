"""What vLLM checks when it starts, said in the preview."""

import pytest

from catalog.engine_releases import SELECTABLE
from planning.engine.flags import engine_findings

SOURCE = "[vLLM: validate_parsed_serve_args and vllm/config]"

CASES: list[tuple[list[str], str]] = [
    (
        ["--enable-auto-tool-choice"],
        "at: --enable-auto-tool-choice has no parser; add --tool-call-parser, or leave it out",
    ),
    (
        ["--enable-log-outputs"],
        (
            "at: --enable-log-outputs stands without --enable-log-requests; add "
            "--enable-log-requests, or leave both out"
        ),
    ),
    (
        ["--enable-per-request-metrics", "--disable-log-stats"],
        (
            "at: --enable-per-request-metrics needs what --disable-log-stats turns off; keep one "
            "of them"
        ),
    ),
    (
        ["--sse-keep-alive-interval", "-1"],
        "at: --sse-keep-alive-interval is -1; use at least 0",
    ),
    (
        ["-tp", "8", "-dcp", "3"],
        (
            "at: --decode-context-parallel-size is 3, and the tensor parallelism 8; use a divisor "
            "of it"
        ),
    ),
    (
        ["--enable-eplb", "-tp", "8"],
        ("at: --enable-eplb stands without --enable-expert-parallel; turn on expert parallelism"),
    ),
    (
        ["--enable-eplb", "--enable-expert-parallel"],
        (
            "at: --enable-eplb has one GPU to balance; leave it out, or raise tensor or data "
            "parallelism"
        ),
    ),
    (
        ["--data-parallel-hybrid-lb"],
        "at: --data-parallel-hybrid-lb has no local size; add --data-parallel-size-local",
    ),
    (
        ["--attention-backend", "FLASHINFER", "--attention-config.backend", "FLASH_ATTN"],
        (
            "at: --attention-backend and backend of --attention-config say the same; keep one of "
            "them"
        ),
    ),
    (
        [
            *("--max-cudagraph-capture-size", "512"),
            *("--compilation-config", '{"max_cudagraph_capture_size": 256}'),
        ],
        (
            "at: --max-cudagraph-capture-size and max_cudagraph_capture_size of "
            "--compilation-config say the same; keep one of them"
        ),
    ),
    (
        ["--trust-remote-code", "--code-revision", "main"],
        (
            "at: --trust-remote-code runs whatever code the model's repository holds that day; "
            "leave it out, or pin the code that you have read with --code-revision and its commit"
        ),
    ),
]


def told(args: list[str], version: str = "0.33.0", rendered: tuple[str, ...] = ()) -> list[str]:
    return [str(finding) for finding in engine_findings("at", args, version, {}, rendered)]


@pytest.mark.parametrize(("args", "finding"), CASES, ids=[" ".join(args) for args, _ in CASES])
def test_what_vllm_would_refuse_at_start_is_refused_in_the_preview(args: list[str], finding: str):
    assert told(args) == [f"{finding} {SOURCE}"]


@pytest.mark.parametrize(
    "args",
    [
        ["--enable-auto-tool-choice", "--tool-call-parser", "hermes"],
        ["--no-enable-auto-tool-choice"],
        ["--enable-log-outputs", "--enable-log-requests"],
        ["--enable-eplb", "--enable-expert-parallel", "-dp", "2"],
        ["--compilation-config", '{"pass_config": {"cudagraph_capture_sizes": 1}}'],
        ["--trust-remote-code", "--code-revision", "0123456789" * 4],
        ["-tp", "8", "-dcp", "4"],
    ],
    ids=" ".join,
)
def test_what_starts_is_taken(args: list[str]):
    assert [line for line in told(args) if line.startswith("at: ")] == []


def test_what_the_platform_gives_counts_and_is_not_judged_itself():
    tool = ("--tool-call-parser", "hermes", "-tp", "8", "--no-such-flag", "stray")
    assert told(["--enable-auto-tool-choice"], rendered=tool) == []
    assert told(["-dcp", "3"], rendered=tool) == [
        (
            "at: --decode-context-parallel-size is 3, and the tensor parallelism 8; use a divisor "
            f"of it {SOURCE}"
        )
    ]


@pytest.mark.parametrize("version", SELECTABLE)
def test_a_parser_has_to_be_registered_in_the_release(version: str):
    assert told(["--tool-call-parser", "hermess"], version) == [
        (
            "at.0: --tool-call-parser is 'hermess', which the release does not have; did you mean "
            f"hermes? [vLLM {version}: catalog/vllm_args.json]"
        )
    ]
    assert told(["--tool-call-parser", "zzzz"], version)[0].startswith(
        "at.0: --tool-call-parser is 'zzzz', which the release does not have; use one of the "
    )


def test_a_plugin_may_bring_a_parser():
    plugin = ["--tool-parser-plugin", "/plugins/own.py", "--tool-call-parser", "own"]
    assert told(plugin) == []
    plugin = ["--reasoning-parser-plugin", "/plugins/own.py", "--reasoning-parser", "own"]
    assert told(plugin) == []
