"""From a parsed YAML document to settings, with every mistake named at once.

A wrong part is reported and left out, so that the rules between layers can still be checked on
the rest: five mistakes in a file are five findings of one run.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

from pydantic import ValidationError

from settings.environment import PLATFORM_KEY, REGION_KEY, Environment, PlatformSettings
from settings.finding import Finding
from settings.wording import SOURCE, YamlPath, finding_of, holds, yaml_path

Document = dict[str, Any]

STAND_INS: Mapping[str, Any] = {
    "template": "dev",
    "cluster": {"admins": ["arn:aws:iam::000000000000:role/left-out"]},
    "budget": {"gpus": 10**6, "usd_per_month": 10**9},
}
"""What takes the place of a wrong section so that the others can be checked; never planned."""


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
    findings: tuple[Finding, ...] = ()
    if not isinstance(region, str):
        findings += (_absent(REGION_KEY, "us-west-2"),)
    if not isinstance(document, Mapping):
        return Reading(None, (*findings, _absent(PLATFORM_KEY, "{template: dev, …}")))
    platform, wrong = _read_platform(dict(cast("Mapping[str, Any]", document)))
    findings += wrong
    if platform is None or not isinstance(region, str):
        return Reading(None, findings)
    return Reading(Environment(stack=stack, region=region, platform=platform), findings)


def _absent(key: str, example: str) -> Finding:
    fix = f"add `{key}: {example}` under `config:`"
    return Finding(path=key, problem="is missing", fix=fix, source=SOURCE)


def _read_platform(given: Document) -> tuple[PlatformSettings | None, tuple[Finding, ...]]:
    document = deepcopy(given)
    findings: tuple[Finding, ...] = ()
    while True:
        try:
            return PlatformSettings.model_validate(document), findings
        except ValidationError as error:
            details = error.errors(include_url=False)
        findings = findings or tuple(finding_of(detail, document) for detail in details)
        paths = [yaml_path(detail["loc"], document) for detail in details]
        gone = [_leave_out(document, path) for path in reversed(paths)]
        if not all(gone):
            return None, findings
        _leave_out_models_of_lost_pools(document, given)


def _leave_out(document: Document, path: YamlPath) -> bool:
    """Remove what stands at `path` or else the entry around it; False where nothing can go."""
    for depth in range(len(path), 0, -1):
        parent: Any = document
        for step in path[: depth - 1]:
            parent = parent[step] if holds(parent, step) else None
        if holds(parent, path[depth - 1]):
            del parent[path[depth - 1]]
            return True
    section = str(path[0]) if path else ""
    if section not in STAND_INS or document.get(section) == STAND_INS[section]:
        return False
    document[section] = deepcopy(STAND_INS[section])
    return True


def _leave_out_models_of_lost_pools(document: Document, given: Document) -> None:
    """Leave out the models of a pool that was left out: the pool is what is wrong."""
    pools, models = given.get("pools"), document.get("models")
    if not isinstance(pools, dict) or not isinstance(models, dict):
        return
    lost = set(cast("Document", pools)) - set(document.get("pools") or {})
    for name, model in list(cast("Document", models).items()):
        if isinstance(model, dict) and cast("Document", model).get("pool") in lost:
            del models[name]
