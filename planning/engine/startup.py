"""What vLLM checks of its arguments together when it starts, said before it is started.

Source: vLLM 0.33.0 and 0.19.1, validate_parsed_serve_args of the OpenAI server and vllm/config.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from catalog.engine_flags import EngineFlag
from planning.engine.tokens import Given

Words = tuple[str, str]
COMMIT_LENGTH = 40

EXCLUSIVE: Final = (
    ("--attention-backend", "--attention-config", "backend"),
    ("--cudagraph-capture-sizes", "--compilation-config", "cudagraph_capture_sizes"),
    ("--max-cudagraph-capture-size", "--compilation-config", "max_cudagraph_capture_size"),
    ("--enable-flashinfer-autotune", "--kernel-config", "enable_flashinfer_autotune"),
)
"""A flag, and the key of another that says the same; vLLM refuses both together."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """The arguments of one start, by flag."""

    flags: Mapping[str, tuple[EngineFlag, Given]] = field(
        default_factory=dict[str, tuple[EngineFlag, Given]]
    )
    """The last of each flag, as vLLM takes it; keyed ones apart."""
    keys: frozenset[tuple[str, str]] = frozenset()
    """Every flag of a JSON value with each first key that is given, in either way."""

    def on(self, name: str) -> bool:
        """Return whether a switch is turned on."""
        if name not in self.flags:
            return False
        flag, given = self.flags[name]
        return given.name not in flag.off

    def value(self, name: str) -> str:
        """Return the value of a flag; empty where it is not given."""
        values = self.flags[name][1].values if name in self.flags else ()
        return values[0] if values else ""

    def number(self, name: str) -> int:
        """Return a number of ranks; 1 where none is given, or what is given is refused anyway."""
        value = self.value(name)
        return max(int(value), 1) if value.isdecimal() else 1


def startup_faults(start: Start) -> Iterator[Words]:
    """Yield what vLLM would refuse of the arguments together."""
    yield from _server(start)
    yield from _parallel(start)
    yield from _exclusive(start)
    yield from _trust(start)


def _server(start: Start) -> Iterator[Words]:
    if start.on("--enable-auto-tool-choice") and not start.value("--tool-call-parser"):
        yield "--enable-auto-tool-choice has no parser", "add --tool-call-parser, or leave it out"
    if start.on("--enable-log-outputs") and not start.on("--enable-log-requests"):
        yield (
            "--enable-log-outputs stands without --enable-log-requests",
            "add --enable-log-requests, or leave both out",
        )
    if start.on("--enable-per-request-metrics") and start.on("--disable-log-stats"):
        yield (
            "--enable-per-request-metrics needs what --disable-log-stats turns off",
            "keep one of them",
        )
    if start.value("--sse-keep-alive-interval").startswith("-"):
        yield (
            f"--sse-keep-alive-interval is {start.value('--sse-keep-alive-interval')}",
            "use at least 0",
        )


def _parallel(start: Start) -> Iterator[Words]:
    tensor = start.number("--tensor-parallel-size")
    data = start.number("--data-parallel-size")
    prefill = start.number("--prefill-context-parallel-size")
    decode = start.number("--decode-context-parallel-size")
    if tensor % decode:
        yield (
            f"--decode-context-parallel-size is {decode}, and the tensor parallelism {tensor}",
            "use a divisor of it",
        )
    if start.on("--enable-eplb") and not start.on("--enable-expert-parallel"):
        yield "--enable-eplb stands without --enable-expert-parallel", "turn on expert parallelism"
    if start.on("--enable-eplb") and max(tensor, data, prefill) == 1:
        yield (
            "--enable-eplb has one GPU to balance",
            "leave it out, or raise tensor or data parallelism",
        )
    if start.on("--data-parallel-hybrid-lb") and not start.value("--data-parallel-size-local"):
        yield "--data-parallel-hybrid-lb has no local size", "add --data-parallel-size-local"


def _exclusive(start: Start) -> Iterator[Words]:
    for flag, config, key in EXCLUSIVE:
        if flag in start.flags and (config, key) in start.keys:
            yield f"{flag} and {key} of {config} say the same", "keep one of them"


def _trust(start: Start) -> Iterator[Words]:
    revision = start.value("--code-revision")
    if start.on("--trust-remote-code") and len(revision) != COMMIT_LENGTH:
        yield (
            "--trust-remote-code runs whatever code the model's repository holds that day",
            "leave it out, or pin the code that you have read with --code-revision and its commit",
        )
