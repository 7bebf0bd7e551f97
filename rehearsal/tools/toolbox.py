"""The door: `ensure_tools` builds what is missing, `tool` says where a program lies."""

import fcntl
import os
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from rehearsal.layout import TOOLS
from rehearsal.tools import golang
from rehearsal.tools.building import Workshop
from rehearsal.tools.progress import HEARTBEAT_SECONDS, Progress, duration
from rehearsal.tools.recipes import RECIPES, Recipe, ToolError

_LOCK_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Toolbox:
    """Programs, and the folder that they are built into."""

    root: Path = TOOLS
    recipes: tuple[Recipe, ...] = RECIPES

    @property
    def workshop(self) -> Workshop:
        """Return the layout of the folder."""
        return Workshop(self.root)

    def missing(self) -> list[str]:
        """Return the programs that are not there, or were built from other pins; builds nothing."""
        return [name for recipe in self.recipes for name in self.workshop.outdated(recipe)]

    def ensure(self, console: Console) -> None:
        """Build what is missing, one upstream after another (`go` itself uses every core).

        Raises:
            ToolError: no Go, no module proxy, or a build failed.
        """
        if not self.missing():
            return
        self.root.mkdir(parents=True, exist_ok=True)
        with self._alone(console):
            self._build(console)

    def tool(self, name: str) -> Path:
        """Return the program `name`.

        Raises:
            ToolError: no recipe makes it, or it is not built.
        """
        known = [program for recipe in self.recipes for program in recipe.programs]
        if name not in known:
            raise ToolError(f"no tool is called {name}; there are {', '.join(known)}")
        return _built(self.workshop.program(name))

    def shared(self, name: str) -> Path:
        """Return the data folder `name`, such as `karpenter-crds`.

        Raises:
            ToolError: no recipe makes it, or it is not built.
        """
        known = [folder for recipe in self.recipes for folder in recipe.shared]
        if name not in known:
            raise ToolError(f"no tool brings a folder {name}; there are {', '.join(known)}")
        return _built(self.workshop.shared(name))

    def find_go(self) -> golang.Go:
        """Return a Go that is new enough for every recipe.

        Raises:
            ToolError: there is none.
        """
        return golang.find_go(golang.newest(recipe.minimum_go for recipe in self.recipes))

    def _build(self, console: Console) -> None:
        outdated = [recipe for recipe in self.recipes if self.workshop.outdated(recipe)]
        if not outdated:
            return
        shutil.rmtree(self.workshop.scratch(), ignore_errors=True)
        go = golang.find_go(golang.newest(recipe.minimum_go for recipe in outdated))
        progress = Progress(console, sum(len(recipe.programs) for recipe in outdated))
        begun = time.monotonic()
        for recipe in outdated:
            with progress.building(recipe.label, len(recipe.programs)) as tick:
                self.workshop.build(recipe, go, tick)
        took = duration(time.monotonic() - begun)
        progress.say(f"tools: all built in {took} with Go {go.version}")

    @contextmanager
    def _alone(self, console: Console) -> Generator[None]:
        """Hold `.tools/lock`; the kernel lets it go when a holder dies, however it dies."""
        with (self.root / "lock").open("a+") as lock:
            spoke = None
            while not _taken(lock.fileno()):
                if spoke is None or time.monotonic() - spoke >= HEARTBEAT_SECONDS:
                    spoke = time.monotonic()
                    lock.seek(0)
                    holder = lock.read().strip() or "just starting"
                    line = f"tools: waiting for another run that builds them (pid {holder})"
                    console.print(line, markup=False, highlight=False, soft_wrap=True)
                time.sleep(_LOCK_POLL_SECONDS)
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            yield


def ensure_tools(console: Console) -> None:
    """Build what is missing into `.tools/bin`; return within milliseconds when nothing is.

    Raises:
        ToolError: says which tool, why, and what to do.
    """
    Toolbox().ensure(console)


def tool(name: str) -> Path:
    """Return the built program `name`, such as `kube-apiserver`.

    Raises:
        ToolError: no such tool, or it is not built yet.
    """
    return Toolbox().tool(name)


def shared(name: str) -> Path:
    """Return the folder of YAML files `name` that came with a tool, such as `karpenter-crds`.

    Raises:
        ToolError: no such folder, or it is not there yet.
    """
    return Toolbox().shared(name)


def _built(path: Path) -> Path:
    if not path.exists():
        raise ToolError(f"{path.name} is not built: run `python -m rehearsal.tools`")
    return path


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
