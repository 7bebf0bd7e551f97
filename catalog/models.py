"""The models whose architecture the platform knows, and the way in for any other.

Data: `models.json`, with source and date of each model in it. To write the entry of a model that is
not there, from its own `config.json`:

    python -m catalog.models config.json --name owner/name --read 2026-11-21

See docs/reading-the-fit.md.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from catalog.model_config import ConfigError, read_config
from catalog.model_facts import ModelFacts

DATA: Final = "models.json"


@cache
def models() -> Mapping[str, ModelFacts]:
    """Return every model of the catalog by repository, in the order of the file."""
    entries = json.loads(files("catalog").joinpath(DATA).read_text("utf-8"))
    return MappingProxyType({entry["id"]: ModelFacts.model_validate(entry) for entry in entries})


def find_model(name: str) -> ModelFacts | None:
    """Return the model with this repository or short name, case aside; None without one."""
    wanted = name.lower()
    found = (model for model in models().values() if wanted in {model.id.lower(), model.key})
    return next(found, None)


def nearest_models(name: str) -> tuple[str, ...]:
    """Return up to three repositories whose names look like `name`, best first."""
    by_name = {model.key: model.id for model in models().values()}
    by_name |= {model.id.lower(): model.id for model in models().values()}
    close = get_close_matches(name.lower(), by_name, n=6, cutoff=0.5)
    return tuple(dict.fromkeys(by_name[match] for match in close))[:3]


def rendered(entries: Sequence[ModelFacts]) -> str:
    """Return the text of `models.json`: sorted by repository, defaults left out."""
    plain: list[dict[str, Any]] = [
        entry.model_dump(mode="json", exclude_defaults=True)
        for entry in sorted(entries, key=lambda entry: entry.id.lower())
    ]
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def add(entry: ModelFacts, data: Path) -> None:
    """Write `entry` into the file `data`, in place of an older one of the same repository."""
    known = [ModelFacts.model_validate(one) for one in json.loads(data.read_text("utf-8"))]
    others = [one for one in known if one.id != entry.id]
    data.write_text(rendered([*others, entry]), "utf-8")


def main(arguments: Sequence[str]) -> int:
    """Write one entry; return 0, or 1 with a sentence on the error stream."""
    parser = argparse.ArgumentParser(prog="python -m catalog.models", description=main.__doc__)
    parser.add_argument("config", type=Path, help="config.json of the model, a local file")
    parser.add_argument("--name", required=True, help="repository, owner/name")
    parser.add_argument("--read", required=True, type=date.fromisoformat, help="day, 2026-11-21")
    parser.add_argument("--source", help="where it was read; the repository itself if left out")
    parser.add_argument("--tool-call-parser", help="vLLM's name of it")
    parser.add_argument("--reasoning-parser", help="vLLM's name of it")
    parser.add_argument("--vision-parameters", type=int, default=0, help="of the vision tower")
    parser.add_argument(
        "--into", type=Path, default=Path(__file__).with_name(DATA), help="the catalog's file"
    )
    given = parser.parse_args(arguments)
    try:
        entry = read_config(
            json.loads(given.config.read_text("utf-8")),
            name=given.name,
            source=given.source or f"config.json of {given.name}",
            read=given.read,
            tool_call_parser=given.tool_call_parser,
            reasoning_parser=given.reasoning_parser,
            vision_parameters=given.vision_parameters,
        )
    except (OSError, ValueError, ConfigError) as error:
        sys.stderr.write(f"{given.config}: {error}\n")
        return 1
    add(entry, given.into)
    sys.stdout.write(rendered([entry]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
