"""From a parsed YAML document to settings, with every mistake named at once.

A wrong part is reported and left out, so that the rules between layers can still be checked on
the rest: five mistakes in a file are five findings of one run. A pool or model goes as a whole,
and with a pool go its models: half of an entry would break rules that the whole one keeps.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from settings.base import PATTERN_WORDS, NAME_PATTERN, Name
from settings.environment import PLATFORM_KEY, REGION_KEY, Environment, PlatformSettings
from settings.finding import Finding
from settings.wording import SOURCE, YamlPath, finding_of, holds, yaml_path

Document = dict[str, Any]

ENTRIES = frozenset({"pools", "models"})
"""Sections whose entries are left out as a whole."""

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
    findings = (*_stack_findings(stack), *_region_findings(region))
    if not isinstance(document, Mapping):
        return Reading(None, (*findings, _absent(PLATFORM_KEY, "{template: dev, …}")))
    platform, wrong = _read_platform(dict(cast("Mapping[str, Any]", document)))
    if platform is None or findings:
        return Reading(None, (*findings, *wrong))
    return Reading(Environment(stack=stack, region=str(region), platform=platform), wrong)
