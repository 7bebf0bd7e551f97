"""From a parsed YAML document to settings, with every mistake named at once.

A wrong part is reported and left out, so that the rules between layers can still be checked on
the rest: five mistakes in a file are five findings of one run. A pool or model goes as a whole,
and with a pool go its models: half of an entry would break rules that the whole one keeps.
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

from pydantic import ValidationError

from settings.base import NAME_PATTERN, PATTERN_WORDS
from settings.environment import PLATFORM_KEY, REGION_KEY, Environment, PlatformSettings
from settings.finding import Finding
from settings.wording import SOURCE, YamlPath, finding_of, follows_from_items, holds, yaml_path

Document = dict[str, Any]

ENTRIES = frozenset({"pools", "models"})
"""Sections whose entries are left out as a whole."""

LEFT_OUT = "left-out"
STAND_INS: Mapping[str, Any] = {
    "template": "dev",
    "cluster": {"admins": ["arn:aws:iam::000000000000:role/left-out"]},
    "budget": {"gpus": 10**6, "usd_per_month": 10**9},
}
"""What takes the place of a wrong part without a default, so that the others can be checked; never
planned."""


@dataclass(frozen=True)
class Reading:
    """What could be read of an environment file."""

    environment: Environment | None
    """The settings, less the parts that are wrong; None where too little is left."""
    findings: tuple[Finding, ...]
    """What is wrong with the shape of the file."""


def read_environment(stack: str, config: Mapping[str, Any]) -> Reading:
    """Read the `config:` mapping of a stack, keys as in the file."""
    region, document = config.get(REGION_KEY), config.get(PLATFORM_KEY)
    findings = _stack_findings(stack)
    if not isinstance(region, str):
        findings += (_absent(REGION_KEY, "us-west-2"),)
    if not isinstance(document, Mapping):
        return Reading(None, (*findings, _absent(PLATFORM_KEY, "{template: dev, …}")))
    platform, wrong = _read_platform(dict(cast("Mapping[str, Any]", document)))
    findings += wrong
    if platform is None or not isinstance(region, str):
        return Reading(None, findings)
    name = LEFT_OUT if _stack_findings(stack) else stack
    return Reading(Environment(stack=name, region=region, platform=platform), findings)


def _absent(key: str, example: str) -> Finding:
    fix = f"add `{key}: {example}` under `config:`"
    return Finding(path=key, problem="is missing or of the wrong kind", fix=fix, source=SOURCE)


def _stack_findings(stack: str) -> tuple[Finding, ...]:
    if re.fullmatch(NAME_PATTERN, stack):
        return ()
    problem = f"'{stack}' cannot be a stack here: its name becomes part of the cluster's"
    fix = f"in Pulumi.<stack>.yaml {PATTERN_WORDS[NAME_PATTERN]}"
    return (Finding(path="Pulumi.<stack>.yaml", problem=problem, fix=fix, source=SOURCE),)


def _read_platform(given: Document) -> tuple[PlatformSettings | None, tuple[Finding, ...]]:
    document = deepcopy(given)
    findings: tuple[Finding, ...] = ()
    while True:
        try:
            return PlatformSettings.model_validate(document), findings
        except ValidationError as error:
            details = error.errors(include_url=False)
        # Only the first round speaks of what a person wrote; later ones see what was left out.
        findings = findings or tuple(
            finding_of(detail, document) for detail in details if not follows_from_items(detail)
        )
        # An entry with several faults goes once.
        paths = {_entry_or_part(yaml_path(detail, document)) for detail in details}
        # Last first, so that an item that goes leaves the numbers of those before it alone.
        gone = [_set_aside(document, path) for path in sorted(paths, reverse=True)]
        if not any(gone):
            return None, findings
        _leave_out_models_of_lost_pools(document, given)


def _entry_or_part(path: YamlPath) -> YamlPath:
    """Return what goes as a whole for a fault at `path`: a pool, a model, or that part alone."""
    return path[:2] if path and path[0] in ENTRIES else path


def _set_aside(document: Document, path: YamlPath) -> bool:
    """Leave out what is wrong at `path`, or put a stand-in there; False where neither can be."""
    nodes: list[Any] = [document]
    for step in path:
        if not holds(nodes[-1], step):
            break
        nodes.append(nodes[-1][step])
    found, stand_in = len(nodes) - 1, _stand_in(path)
    if found == len(path) - 1 and stand_in is not None:
        nodes[-1][path[-1]] = deepcopy(stand_in)
        return True
    if found:
        del nodes[found - 1][path[found - 1]]
    return found > 0


def _stand_in(path: YamlPath) -> Any:
    node: Any = STAND_INS
    for step in path:
        node = node[step] if holds(node, step) else None
    return node


def _leave_out_models_of_lost_pools(document: Document, given: Document) -> None:
    """Leave out the models of a pool that was left out: the pool is what is wrong."""
    pools, models = given.get("pools"), document.get("models")
    if not isinstance(pools, dict) or not isinstance(models, dict):
        return
    lost = [name for name in cast("Document", pools) if name not in document.get("pools", {})]
    for name, model in list(cast("Document", models).items()):
        if isinstance(model, dict) and cast("Document", model).get("pool") in lost:
            del models[name]
