"""The small valid environment of `tests/documents.py`, planned."""

from collections.abc import Mapping
from typing import Any

import pytest

from planning.plan import Plan
from planning.planner import plan_config
from planning.specs.infrastructure import KarpenterSpec
from settings.finding import RefusedError
from tests.documents import config


def planned(changes: Mapping[str, Any] | None = None, region: str | None = "us-west-2") -> Plan:
    """Return the plan with `changes`, dotted path to value."""
    return plan_config("dev", config(changes, region))


def refusals(changes: Mapping[str, Any], region: str | None = "us-west-2") -> list[str]:
    """Return every finding of the refusal, as a person reads it."""
    with pytest.raises(RefusedError) as refused:
        plan_config("dev", config(changes, region))
    return [str(finding) for finding in refused.value.findings]


def planned_karpenter(changes: Mapping[str, Any] | None = None) -> KarpenterSpec:
    """Return the plan's Karpenter, which there is without EKS Auto Mode."""
    found = planned(changes).karpenter
    assert found is not None
    return found
