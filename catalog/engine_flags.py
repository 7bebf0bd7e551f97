"""Which flags each vLLM release takes, and what their values may be.

Data: `vllm_args.json`, written by `python -m catalog.refresh_vllm`, with its source and date in it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, cast

Kind = Literal[
    "bool", "float", "int", "json", "json-or-string", "size", "size-or-auto", "string", "word"
]
"""What a value is. A size is a whole number that may end in k, K, m, M, g, G, t or T; a word is
matched without regard to case, and to `-` against `_`."""


LISTS: Final = frozenset({"choices", "keys", "names", "off", "registered"})
"""The facts of a flag that are lists of words."""


@dataclass(frozen=True, kw_only=True)
class EngineFlag:
    """One flag of one release."""

    name: str
    """With two dashes, as the documentation writes it."""
    kind: Kind
    names: tuple[str, ...] = ()
    """Other names of the same flag: `-tp`."""
    off: tuple[str, ...] = ()
    """Names that turn it off: `--no-enable-lora`, from 0.33.0 `--disable-lora` too."""
    nullable: bool = False
    """Whether `None` may be written for no value."""
    many: Literal["+", "?"] | None = None
    """`+`: one value or more follow; `?`: one or none; None: exactly one."""
    repeats: bool = False
    """Whether it may be given several times."""
    choices: tuple[str, ...] = ()
    """The only values that the parser takes; empty for any."""
    registered: tuple[str, ...] = ()
    """The names that the release looks the value up in when it starts; empty for any."""
    bounds: Mapping[str, float] = field(default_factory=dict[str, float])
    """Limits of a number: `gt`, `ge`, `lt`, `le`."""
    keys: tuple[str, ...] = ()
    """The keys that a JSON value may have; empty for any."""
    default: Any = None
    """What holds without the flag; None where the release decides when it starts."""


@cache
def _data() -> Mapping[str, Any]:
    return json.loads(files("catalog").joinpath("vllm_args.json").read_text("utf-8"))


VERSIONS: Final = (
    "0.19.1",
    "0.20.2",
    "0.21.0",
    "0.22.1",
    "0.23.0",
    "0.24.0",
    "0.25.1",
    "0.26.0",
    "0.27.1",
    "0.28.0",
    "0.29.0",
    "0.30.0",
    "0.31.0",
    "0.32.0",
    "0.33.0",
)
"""The releases whose flags are known exactly, the newest last."""
SOURCE: Final = "catalog/vllm_args.json"


@cache
def _flags(version: str) -> Mapping[str, EngineFlag]:
    """Return the flags of a release by every name that it takes."""
    if version not in VERSIONS:
        known = ", ".join(VERSIONS)
        raise KeyError(f"the flags of vLLM {version} are not known; known are {known}")
    taken: dict[str, EngineFlag] = {}
    for name, told in cast("Mapping[str, Mapping[str, Any]]", _data()["flags"]).items():
        facts: dict[str, Any] | None = None
        for release in VERSIONS[: VERSIONS.index(version) + 1]:
            change: Mapping[str, Any] | None = told.get(release, {})
            facts = None if change is None else ({**(facts or {}), **change} or None)
        if facts is not None:
            flag = _flag(name, facts)
            taken |= dict.fromkeys((name, *flag.names, *flag.off), flag)
    return taken


def _flag(name: str, facts: Mapping[str, Any]) -> EngineFlag:
    """Return a flag; null stands for a fact that an earlier release had."""
    told: dict[str, Any] = {key: value for key, value in facts.items() if value is not None}
    told |= {key: tuple(told[key]) for key in LISTS & told.keys()}
    return EngineFlag(name=name, **told)


def spelled(name: str) -> str:
    """Return a flag as vLLM reads it: `--max_model_len` as `--max-model-len`, keys as they are.

    Source: vLLM 0.33.0, vllm/utils/argparse_utils.py.
    """
    return re.sub(r"(?<=--)[^.]*", lambda found: found[0].replace("_", "-"), name, count=1)


def flag(name: str, version: str) -> EngineFlag | None:
    """Return the flag that a release takes by `name`, with dashes or underscores; None if none.

    Errors: KeyError when the flags of `version` are not known.
    """
    return _flags(version).get(spelled(name))


def accepted_names(version: str) -> frozenset[str]:
    """Return every name that a release takes, negations and short names too.

    Errors: KeyError when the flags of `version` are not known.
    """
    return frozenset(_flags(version))


def first_version(name: str, after: str) -> str | None:
    """Return the first release later than `after` that takes `name`; None if none does."""
    later = VERSIONS[VERSIONS.index(after) + 1 :]
    return next((version for version in later if flag(name, version)), None)


def nearest(name: str, version: str) -> str | None:
    """Return the accepted name that most resembles `name`; None if none does."""
    close = get_close_matches(spelled(name), sorted(accepted_names(version)), n=1)
    return close[0] if close else None


def completions(name: str, version: str) -> tuple[str, ...]:
    """Return the long names that begin with `name`: with one, vLLM takes it as an abbreviation."""
    short = spelled(name)
    if not short.startswith("--") or len(short) < 3:
        return ()
    return tuple(sorted(known for known in accepted_names(version) if known.startswith(short)))
