"""Write what the argument parser of one vLLM release accepts, as JSON for `refresh_vllm`.

Run `python -m catalog.read_vllm_parser SOURCE VERSION FOLDER`, where SOURCE is the unpacked source
archive of that release; it writes `FOLDER/VERSION.json`. What is not installed is mocked, torch
too; installed must be pydantic, msgspec, regex and numpy.
"""

import argparse
import ast
import dataclasses
import enum
import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from catalog.mocked_vllm import mock_torch, parser_of

REGISTERED: Final = {
    "--kv-cache-dtype": "CacheDType",
    "--load-format": "_LOAD_FORMAT_TO_MODEL_LOADER",
    "--quantization": "QuantizationMethods",
    "--reasoning-parser": "_REASONING_PARSERS_TO_REGISTER",
    "--tool-call-parser": "_TOOL_PARSERS_TO_REGISTER",
}
"""Flags whose value is looked up by name at start, and the table it is looked up in."""

KINDS: Final = {
    "float": "float",
    "human_readable_int": "size",
    "human_readable_int_or_auto": "size-or-auto",
    "int": "int",
    "loads": "json",
    "parse_dataclass": "json",
    "parse_reasoning_parser": "string",
    "str": "string",
    "union_dict_and_str": "json-or-string",
}
"""What a flag's value is, by the name of the function that converts it."""


def converter(action: Any) -> tuple[Any, bool]:
    """Return the function that converts a value, and whether `None` is one."""
    convert: Any = action.type or str
    nullable = False
    while (name := getattr(convert, "__qualname__", "")).endswith(
        ("_optional_type", "_parse_type")
    ):
        nullable = nullable or name.endswith("_optional_type")
        inner = (cell.cell_contents for cell in convert.__closure__)
        convert = next(found for found in inner if callable(found))
    return convert, nullable


def kind_of(action: Any, convert: Any) -> str:
    """Return what a value of the flag is.

    Errors: KeyError when the release converts with a function that is new here.
    """
    if action.nargs == 0:
        return "bool"
    if convert.__name__ == "<lambda>":
        # Backends are matched without regard to case and dashes; device ids are any text.
        return "word" if action.choices else "string"
    return KINDS[convert.__name__]


def plain(value: Any) -> Any:
    """Return a default as JSON; None for an object, which has defaults of its own."""
    if isinstance(value, enum.Enum) and not isinstance(value, int):
        return value.name.lower()
    if isinstance(value, set | frozenset | tuple):
        return sorted(map(str, cast("set[Any]", value)))
    return cast("Any", value) if isinstance(value, str | int | float | list | dict) else None


def keys_of(shape: Any) -> list[str]:
    """Return the keys that a JSON value may have; none when any may stand there."""
    if not dataclasses.is_dataclass(shape):
        return []
    return sorted(field.name for field in dataclasses.fields(shape) if field.init)


def bounds_of(config: Any) -> dict[str, dict[str, float]]:
    """Return the bounds of each field of vLLM's configuration, by the name that flags share."""
    found: dict[str, list[dict[str, float]]] = {}
    for shape in cast("Mapping[str, Any]", vars(config)).values():
        for name, field in getattr(shape, "__pydantic_fields__", {}).items():
            limits = {
                limit: getattr(entry, limit)
                for entry in field.metadata
                for limit in ("gt", "ge", "lt", "le")
                if isinstance(getattr(entry, limit, None), int | float)
            }
            found.setdefault(name, []).append(limits)
    return {name: all_[0] for name, all_ in found.items() if all_.count(all_[0]) == len(all_)}


def registered(source: Path, table: str) -> list[str]:
    """Return the names in a dictionary or `Literal` of the source.

    Errors: StopIteration when the release has no such table.
    """
    files = (file for file in sorted(source.glob("vllm/**/*.py")) if table in file.read_text())
    values = (
        node.value
        for file in files
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id == table
    )
    value = next(found for found in values if isinstance(found, ast.Dict | ast.Subscript))
    parts = value.keys if isinstance(value, ast.Dict) else cast("ast.Tuple", value.slice).elts
    return sorted(str(part.value) for part in parts if isinstance(part, ast.Constant))


def flags_of(parser: Any, source: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each flag with what is known of it; what is empty or false is left out."""
    config = importlib.import_module("vllm.config")
    bounds, speculative = bounds_of(config), keys_of(vars(config)["SpeculativeConfig"])
    spellings: Mapping[str, Any] = parser._option_string_actions  # noqa: SLF001  argparse has no other list
    for action in parser._actions:  # noqa: SLF001  as above
        accepted = [spelling for spelling, owner in spellings.items() if owner is action]
        if not accepted or action.dest == "help":
            continue
        dashed = "--" + action.dest.replace("_", "-")
        name = dashed if dashed in accepted else next(o for o in accepted if o.startswith("--"))
        off = set(getattr(action, "negative_option_strings", ())) | {
            spelling for spelling in accepted if spelling.startswith("--no-") and spelling != name
        }
        convert, nullable = converter(action)
        shape = (getattr(convert, "__defaults__", None) or (None,))[0]
        facts = {
            "names": [other for other in accepted if other != name and other not in off],
            "off": sorted(off),
            "kind": kind_of(action, convert),
            # Some releases convert `None`, and then do not find it among the choices.
            "nullable": nullable and (not action.choices or None in action.choices),
            "many": action.nargs if action.nargs in {"+", "?"} else None,
            "repeats": type(action).__name__ == "_AppendAction",
            "choices": [
                str(choice) for choice in action.choices or () if choice not in {None, "None"}
            ],
            "registered": registered(source, REGISTERED[name]) if name in REGISTERED else [],
            "bounds": bounds.get(action.dest, {}),
            "keys": speculative if name == "--speculative-config" else keys_of(shape),
            "default": None if action.default == argparse.SUPPRESS else plain(action.default),
        }
        yield name, {key: value for key, value in facts.items() if value or key == "default"}


def main(source: Path, version: str, folder: Path) -> None:
    """Write the flags of `source`."""
    mock_torch(version)
    sys.path.insert(0, str(source))
    flags = dict(flags_of(parser_of(source), source))
    text = json.dumps(flags, indent=1, sort_keys=True)
    (folder / f"{version}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
