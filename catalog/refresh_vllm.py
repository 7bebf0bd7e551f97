"""Write `vllm_args.json` anew: which flags each vLLM release takes, and what their values may be.

Run `python -m catalog.refresh_vllm FOLDER DATE`, where FOLDER holds one `<version>.json` of
`catalog.read_vllm_parser` per release that can be chosen and DATE is the day of reading,
2026-11-21; then read the diff.

Of each flag the first release is told whole, and of a later one only what it changed; null ends a
fact, and a change to null ends the flag.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from catalog.engine_flag_removals import REMOVALS

SOURCE: Final = "PyPI: source archives of vllm; the parser of `vllm serve`, built with torch mocked"
Facts = Mapping[str, Any]


def newest_last(versions: Iterable[str]) -> list[str]:
    """Return the versions in the order of their numbers."""
    return sorted(versions, key=lambda version: [int(part) for part in version.split(".")])


def changes(history: Mapping[str, Facts | None]) -> dict[str, Any]:
    """Return what each release changed of one flag; `history` holds None where it is unknown."""
    told: dict[str, Any] = {}
    before: Facts | None = None
    for version, facts in history.items():
        if facts is None or before is None:
            if facts != before:
                told[version] = facts
        elif facts != before:
            gone = dict.fromkeys(key for key in before if key not in facts)
            new = {key: value for key, value in facts.items() if before.get(key) != value}
            # A default that became null is told as null, as one that is gone would be.
            told[version] = gone | new
        before = facts
    return told


def unexplained(releases: Mapping[str, Mapping[str, Facts]]) -> list[str]:
    """Return the flags that a release dropped and `engine_flag_removals.py` says nothing of."""
    newest = releases[[*releases][-1]]
    dropped = {name for flags in releases.values() for name in flags if name not in newest}
    return sorted(dropped - {removal.name for removal in REMOVALS})


def main(folder: Path, read: str) -> None:
    """Replace `vllm_args.json`.

    Errors: ValueError when a flag was dropped and no replacement is told for it.
    """
    versions = newest_last(file.stem for file in folder.glob("*.json"))
    releases = {
        version: json.loads((folder / f"{version}.json").read_text("utf-8")) for version in versions
    }
    if missing := unexplained(releases):
        raise ValueError(f"say in engine_flag_removals.py what replaces {', '.join(missing)}")
    names = sorted({name for flags in releases.values() for name in flags})
    known = {
        name: changes({version: releases[version].get(name) for version in versions})
        for name in names
    }
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(known[name])}" for name in names)
    head = {"source": SOURCE, "read": read, "versions": versions}
    told = "".join(f" {json.dumps(key)}: {json.dumps(value)},\n" for key, value in head.items())
    text = f'{{\n{told} "flags": {{\n{lines}\n }}\n}}\n'
    Path(__file__).with_name("vllm_args.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
