"""Every argument of an engine that its release would refuse, or that belongs to the platform."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from catalog import engine_flags as catalog
from catalog.engine_flag_removals import removal
from catalog.engine_flags import EngineFlag
from planning.engine.startup import Start, startup_faults
from planning.engine.tokens import Given, Stray, read
from planning.engine.values import first_keys, surplus, value_faults
from settings.finding import Finding

STARTUP_SOURCE: Final = "vLLM: validate_parsed_serve_args and vllm/config"
OWNED_SOURCE: Final = "planning/engine/arguments.py"
PLUGINS: Final = {
    "--reasoning-parser": "--reasoning-parser-plugin",
    "--tool-call-parser": "--tool-parser-plugin",
}
"""Flags whose names a plugin may add to, and the flag that loads it."""


def engine_findings(
    path: str,
    args: Sequence[str],
    version: str,
    owned: Mapping[str, str],
    rendered: Sequence[str] = (),
) -> Iterator[Finding]:
    """Yield everything that is wrong with `args`, at once.

    `path` is where the arguments stand; `owned` says of each flag that the platform gives what to
    do instead. `rendered` are the arguments that the platform gives: they are not judged
    themselves, only what vLLM checks of all together.

    Errors: KeyError when the flags of `version` are not known.
    """
    parts = [*read(args)]
    known: list[tuple[EngineFlag, Given]] = []
    for part in parts:
        found = catalog.flag(part.name, version) if isinstance(part, Given) else None
        if isinstance(part, Stray):
            yield _finding(path, part.index, *_stray(part.value), version)
        elif found is None:
            yield _finding(path, part.index, *_unknown(part, version), version)
        elif instead := _owner(found, owned):
            problem = f"{part.written} is set by the platform"
            yield Finding(
                path=f"{path}.{part.index}", problem=problem, fix=instead, source=OWNED_SOURCE
            )
        else:
            known.append((found, part))
    names = {flag.name for flag, _ in known}
    for flag, given in known:
        judged = replace(flag, registered=()) if PLUGINS.get(flag.name) in names else flag
        for problem, fix in value_faults(judged, given):
            yield _finding(path, given.index, problem, fix, version)
        for place, value in surplus(flag, given):
            yield _finding(path, place, *_stray(value), version)
    yield from _repeated(path, known)
    given_by_platform = [
        (found, part)
        for part in read(rendered)
        if isinstance(part, Given) and (found := catalog.flag(part.name, version))
    ]
    for problem, fix in startup_faults(_start([*given_by_platform, *known])):
        yield Finding(path=path, problem=problem, fix=fix, source=STARTUP_SOURCE)


def _finding(path: str, index: int, problem: str, fix: str, version: str) -> Finding:
    source = f"vLLM {version}: {catalog.SOURCE}"
    return Finding(path=f"{path}.{index}", problem=problem, fix=fix, source=source)


def _stray(value: str) -> tuple[str, str]:
    return f"{value!r} belongs to no flag", "remove it, or write its flag in front of it"


def _unknown(given: Given, version: str) -> tuple[str, str]:
    """Return why a release does not take a flag, and what is right: the nearest reason there is."""
    name = given.name
    head, space, rest = given.written.partition(" ")
    if space:
        return f"{given.written!r} is one argument", f"write two: {head!r}, {rest.strip()!r}"
    problem = f"{given.written} is no flag of vLLM {version}"
    if gone := removal(name):
        return f"{problem}: {gone.last} took it, {gone.gone} no longer", gone.instead
    if since := catalog.first_version(name, after=version):
        return f"{given.written} is of vLLM {since}, the image is {version}", (
            _earlier(name, since, version)
        )
    longer = catalog.completions(name, version)
    if len(longer) == 1:
        return f"{problem}, only short for {longer[0]} until another flag begins so", (
            f"write {longer[0]}"
        )
    close = catalog.nearest(name, version)
    return problem, f"did you mean {close}?" if close else "remove it"


def _earlier(name: str, since: str, version: str) -> str:
    """Return what is right where a later release takes `name`: often another name of a flag."""
    later = catalog.flag(name, since)
    same = catalog.flag(later.name, version) if later else None
    if later and same:
        return f"write {same.off[-1] if name in later.off else same.name}"
    return f"use vLLM {since} or later, or remove it"


def _owner(flag: EngineFlag, owned: Mapping[str, str]) -> str | None:
    return next((owned[name] for name in (flag.name, *flag.names) if name in owned), None)


def _repeated(path: str, known: Sequence[tuple[EngineFlag, Given]]) -> Iterator[Finding]:
    """Yield the flags that are given twice: vLLM takes the last and says nothing."""
    ordered = sorted(known, key=lambda pair: (pair[0].name, pair[1].index))
    for name, group in groupby(ordered, key=lambda pair: pair[0].name):
        same = [*group]
        if same[0][0].repeats:
            continue
        whole = [given for _, given in same if not given.key]
        keyed = [given for _, given in same if given.key]
        for given in whole[1:]:
            yield _twice(path, given.index, f"{name} is given twice, and the last one counts")
        if whole and keyed:
            told = f"{name} is given whole and by key, and only the keys count"
            yield _twice(path, keyed[0].index, told)
        for index, given in enumerate(keyed):
            if any(given.key == one.key and not given.appends for one in keyed[:index]):
                told = f"{name}.{given.key} is given twice, and the last one counts"
                yield _twice(path, given.index, told)


def _twice(path: str, index: int, problem: str) -> Finding:
    source = "vLLM: vllm/utils/argparse_utils.py"
    return Finding(path=f"{path}.{index}", problem=problem, fix="keep one of them", source=source)


def _start(known: Sequence[tuple[EngineFlag, Given]]) -> Start:
    return Start(
        flags={flag.name: (flag, given) for flag, given in known if not given.key},
        keys=frozenset((flag.name, key) for flag, given in known for key in first_keys(given)),
    )
