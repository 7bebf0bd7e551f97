"""Which image runs the engine of a model, and what speaks against it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from catalog.engine_releases import (
    FLOOR,
    FLOOR_SOURCE,
    PINNED,
    SELECTABLE,
    advisories,
    engine_image,
    release_number,
)
from settings.engine import EngineSettings
from settings.finding import Finding

REFERENCE: Final = re.compile(r"(?P<name>[^@]*?)(:(?P<tag>[^:/@]*))?(@(?P<digest>.*))?")
RELEASE: Final = re.compile(r"v?(\d+\.\d+\.\d+)(?:[-_+.].+)?")
"""A tag that begins with a release: `v0.33.0`, `0.33.0-cu130`."""
MOVES: Final = re.compile(r"(?i)\b(latest|nightly|main|master|stable|dev|edge)\b")
DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
SOURCE: Final = "planning/engine/images.py"


@dataclass(frozen=True, kw_only=True)
class EngineImage:
    """The image of an engine, and the release in it."""

    reference: str
    """What the kubelet pulls: `registry/repository:tag`, with a digest where one is set."""
    version: str
    """Release of vLLM, by which flags are judged; empty when the reference does not say it."""


def chosen_image(engine: EngineSettings) -> EngineImage:
    """Return the image that the settings choose.

    Errors: KeyError when `version` cannot be chosen; see `engine_image_findings`.
    """
    if engine.image is not None:
        return EngineImage(reference=engine.image, version=version_of(engine.image))
    version = engine.version or PINNED
    digest = f"@{engine.digest}" if engine.digest else ""
    return EngineImage(reference=engine_image(version).reference + digest, version=version)


def engine_image_findings(path: str, engine: EngineSettings) -> Iterator[Finding]:
    """Yield what speaks against the image or the release of the engine at `path`."""
    if engine.image is not None:
        yield from image_findings(f"{path}.image", engine.image)
    elif engine.version is not None:
        yield from version_findings(f"{path}.version", engine.version)


def version_of(reference: str) -> str:
    """Return the release that a reference names in its tag; empty if none."""
    release = RELEASE.fullmatch(_parts(reference)["tag"])
    return release[1] if release and not MOVES.search(reference) else ""


def image_findings(path: str, reference: str) -> Iterator[Finding]:
    """Yield what speaks against an image: where it comes from, what may move, what is known of it.

    Every one at once; where the tag names no release, nothing can be said of its flags.
    """
    parts = _parts(reference)
    host, slash, _ = parts["name"].partition("/")
    if not slash or not re.search(r"[.:]", host):
        problem = f"{reference} names no registry, and that of the node is taken"
        yield _finding(path, problem, "write it out, docker.io/vllm/vllm-openai:v" + PINNED)
    if parts["digest"] and not DIGEST.fullmatch(parts["digest"]):
        problem = f"the digest of {reference} is not whole"
        yield _finding(path, problem, "write sha256:<64 digits of 0-9 and a-f>, or no digest")
    tag = parts["tag"]
    if not tag:
        problem = f"{reference} has no tag: it does not say which vLLM it is"
        yield _finding(path, problem, f"add the release as its tag, :v{PINNED}")
    elif MOVES.search(tag):
        problem = f"the tag {tag} moves: two nodes may run two releases"
        yield _finding(path, problem, f"use the tag of a release, v{PINNED}")
    elif not RELEASE.fullmatch(tag):
        problem = f"the tag {tag} names no release of vLLM"
        yield _finding(path, problem, f"use a tag that begins with one, v{PINNED}")
    else:
        yield from version_findings(path, version_of(reference))


def version_findings(path: str, version: str) -> Iterator[Finding]:
    """Yield why a release cannot be chosen: a known hole, or flags that are not known."""
    if release_number(version) < release_number(FLOOR):
        holes = ", ".join(
            f"{hole.name} (fixed in {hole.fixed})" if hole.fixed else f"{hole.name} (open)"
            for hole in advisories(version)
        )
        sources = "; ".join(dict.fromkeys(hole.source for hole in advisories(version)))
        yield Finding(
            path=path,
            problem=f"vLLM {version} is below {FLOOR}, the security floor: {holes}",
            fix=f"use {PINNED}, or another of {', '.join(SELECTABLE)}",
            source=f"{FLOOR_SOURCE}: {sources}",
        )
    elif version not in SELECTABLE:
        yield Finding(
            path=path,
            problem=f"the flags of vLLM {version} are not known, so that none can be checked",
            fix=f"use {PINNED}, or another of {', '.join(SELECTABLE)}",
            source="catalog/vllm_args.json",
        )


def _parts(reference: str) -> dict[str, str]:
    found = REFERENCE.fullmatch(reference)
    return {key: value or "" for key, value in found.groupdict().items()} if found else {}


def _finding(path: str, problem: str, fix: str) -> Finding:
    return Finding(path=path, problem=problem, fix=fix, source=SOURCE)
