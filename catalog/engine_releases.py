"""The vLLM releases that can be chosen, their images, and why older ones cannot be."""

import re
from dataclasses import dataclass, replace
from typing import Final

from catalog.engine_flags import VERSIONS
from catalog.images import VLLM, Image

PINNED: Final = VLLM.tag.removeprefix("v")
"""The release that serves where an environment names none."""

FLOOR: Final = "0.19.1"
"""Below it stand known holes; see `ADVISORIES`."""
FLOOR_SOURCE: Final = "catalog/engine_releases.py"


@dataclass(frozen=True, kw_only=True)
class Advisory:
    """A known hole of vLLM."""

    name: str
    """CVE or GHSA number."""
    fixed: str | None
    """The first release without it; None where no source says it."""
    last: str | None = None
    """The newest release that it is reported of, where no source says which one fixed it."""
    source: str
    """Where it was read, on 2026-11-21."""


ADVISORIES: Final = (
    Advisory(
        name="CVE-2025-32444",
        fixed="0.9.0",
        source="KempnerInstitute/distributed-inference-vllm: issue 36",
    ),
    Advisory(
        name="CVE-2026-22807",
        fixed="0.14.0",
        source="RAXE-2026-023",
    ),
    Advisory(
        name="CVE-2026-22778",
        fixed="0.14.1",
        source="penligent.ai: CVE-2026-22778",
    ),
    Advisory(
        name="CVE-2026-27893",
        fixed="0.18.0",
        source="anomity.ai: CVE-2026-27893",
    ),
    Advisory(
        name="GHSA-3mwp-wvh9-7528",
        fixed="0.19.0",
        source="vllm-project/speculators: pull request 434",
    ),
    Advisory(
        name="CVE-2026-9540",
        fixed=None,
        last="0.19.0",
        source="aithreatalert.com: CVE-2026-9540",
    ),
)


def release_number(version: str) -> tuple[int, ...]:
    """Return a release as numbers, to be compared: `0.19.1` as (0, 19, 1)."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


SELECTABLE: Final = tuple(
    version for version in VERSIONS if release_number(version) >= release_number(FLOOR)
)
"""The releases that can be chosen, the newest last: not below the floor, and every flag known."""


def advisories(version: str) -> tuple[Advisory, ...]:
    """Return the known holes of a release: not yet fixed in it, or reported of it or a later."""
    number = release_number(version)
    return tuple(
        hole
        for hole in ADVISORIES
        if (hole.fixed and number < release_number(hole.fixed))
        or (hole.last and number <= release_number(hole.last))
    )


def engine_image(version: str) -> Image:
    """Return the image of a release.

    Errors: KeyError when the release cannot be chosen.
    """
    if version not in SELECTABLE:
        raise KeyError(f"vLLM {version} cannot be chosen; use one of {', '.join(SELECTABLE)}")
    if version == PINNED:
        return VLLM
    source = f"PyPI: vllm {version}; images carry the release's tag"
    return replace(VLLM, tag=f"v{version}", source=source)
