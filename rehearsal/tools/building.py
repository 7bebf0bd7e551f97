"""Builds one recipe: into a folder of its own first, so that nothing unfinished looks finished."""

import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from rehearsal.tools import golang
from rehearsal.tools.recipes import Recipe


class Stamp(BaseModel):
    """What a built program was made from; it is written last, so it vouches for the program."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    digest: str
    """`Recipe.digest` of the build."""
    size_bytes: int
    """Size of the program: a truncated one is not current."""
    version: str
    """Version of the upstream, such as `v1.36.3`."""
    go: str
    """Release of the Go that built it."""
    build_seconds: float
    """Wall time of the whole recipe; with a cold Go cache, downloads included."""


@dataclass(frozen=True)
class Workshop:
    """The folder of everything built, normally `.tools`."""

    root: Path

    def program(self, name: str) -> Path:
        """Return where the program `name` lies once it is built."""
        return self.root / "bin" / name

    def shared(self, name: str) -> Path:
        """Return where the data folder `name` lies once its recipe is built."""
        return self.root / "share" / name

    def log(self, recipe: Recipe) -> Path:
        """Return the file with the output of `go`."""
        return self.root / "logs" / f"{recipe.name}.log"

    def scratch(self) -> Path:
        """Return the folder of unfinished builds."""
        return self.root / "tmp"

    def outdated(self, recipe: Recipe) -> list[str]:
        """Return the programs of `recipe` that must be built: a few file reads, no process."""
        if not all(self.shared(name).is_dir() for name in recipe.shared):
            return list(recipe.programs)
        digest = recipe.digest
        return [name for name in recipe.programs if not self._is_current(name, digest)]

    def build(self, recipe: Recipe, go: golang.Go, tick: Callable[[str], None]) -> None:
        """Build every program of `recipe` and put them in place.

        Args:
            recipe: what to build.
            go: with what.
            tick: called a few times a second with the newest line of the log.

        Raises:
            ToolError: the build failed; what was in place before stays.
        """
        digest, begun = recipe.digest, time.monotonic()
        made = self.scratch() / recipe.name
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        command = [*recipe.flags, "-o", f"{made}{os.sep}", *recipe.programs.values()]
        log = self.log(recipe)
        if not go.build(recipe.wrapper, command, log, tick):
            raise golang.explain(recipe.label, log)
        sources = go.module_folder(recipe.wrapper, recipe.module) if recipe.shared else made
        for name in recipe.programs:  # from here on, nothing vouches for what is in place
            self._stamp(name).unlink(missing_ok=True)
        for name, folders in recipe.shared.items():
            self._install_shared(name, made / f"share-{name}", [sources / part for part in folders])
        seconds = round(time.monotonic() - begun, 1)
        for name, package in recipe.programs.items():
            program = self.program(name)
            program.parent.mkdir(parents=True, exist_ok=True)
            (made / built_name(package)).rename(program)
            stamp = Stamp(
                digest=digest,
                size_bytes=program.stat().st_size,
                version=recipe.version,
                go=go.version,
                build_seconds=seconds,
            )
            self._write_stamp(name, stamp)
        shutil.rmtree(made)

    def _is_current(self, name: str, digest: str) -> bool:
        try:
            stamp = Stamp.model_validate_json(self._stamp(name).read_bytes())
            size_bytes = self.program(name).stat().st_size
        except (FileNotFoundError, ValidationError):
            return False
        return (stamp.digest, stamp.size_bytes) == (digest, size_bytes)

    def _stamp(self, name: str) -> Path:
        return self.root / "stamps" / f"{name}.json"

    def _write_stamp(self, name: str, stamp: Stamp) -> None:
        path = self._stamp(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.scratch() / f"{name}.json"
        unfinished.write_text(stamp.model_dump_json(indent=2) + "\n")
        unfinished.rename(path)

    def _install_shared(self, name: str, made: Path, folders: list[Path]) -> None:
        made.mkdir()
        for folder in folders:
            for file in sorted(folder.glob("*.yaml")):
                # the module cache is read-only; contents alone are copied
                (made / file.name).write_bytes(file.read_bytes())
        place = self.shared(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        made.rename(place)


def built_name(package: str) -> str:
    """Return the file name that `go build` gives a package: its last part that is no `/v3`."""
    *parents, last = package.split("/")
    return parents[-1] if parents and re.fullmatch(r"v\d+", last) else last
