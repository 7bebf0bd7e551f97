"""From an environment to its plan, or a refusal with every finding."""

from collections.abc import Iterable, Mapping
from typing import Any

from planning.assembly import assemble
from planning.cost import can_be_priced, cost
from planning.models.bench import bench_rules
from planning.placing.placement import place
from planning.placing.rolls import roll_refusals
from planning.plan import Plan
from planning.pools.facts import known_pools
from planning.rules.every import broken_rules
from planning.rules.judgement import over_budget, unplaced
from settings.environment import Environment
from settings.finding import Finding, RefusedError
from settings.reading import read_environment


def plan_config(stack: str, config: Mapping[str, Any]) -> Plan:
    """Read the `config:` mapping of a stack and plan it.

    Raises:
        RefusedError: with every finding, of the file's shape and of the rules between layers.
    """
    reading = read_environment(stack, config)
    if reading.environment is None:
        raise RefusedError(reading.findings)
    if not reading.findings:
        return plan(reading.environment)
    try:
        plan(reading.environment)
    except RefusedError as refused:
        raise RefusedError((*reading.findings, *refused.findings)) from None
    raise RefusedError(reading.findings)


def plan(environment: Environment) -> Plan:
    """Return the plan.

    Raises:
        RefusedError: with every finding.
    """
    findings = list(broken_rules(environment))
    pools = known_pools(environment.platform.pools, environment.region)
    # A broken entry is left out of the placement: what is wrong with it has been said.
    wrong_pools, wrong_models = _entries(findings, "pools"), _entries(findings, "models")
    sound = [
        (name, model)
        for name, model in environment.platform.models.items()
        if model.pool in pools.keys() - wrong_pools and name not in wrong_models
    ]
    for name, model in sound:
        findings += bench_rules(name, model, pools[model.pool], environment.platform)
    placement = place(sound, pools)
    findings += unplaced(placement, pools, environment.platform.models)
    findings += roll_refusals(dict(sound), pools, placement)
    if can_be_priced(environment):
        bill = cost(environment, pools, placement.nodes)
        findings += over_budget(environment, bill)
        if not findings:
            return assemble(environment, pools, placement, bill)
    raise RefusedError(findings)


def _entries(findings: Iterable[Finding], section: str) -> set[str]:
    """Return the entries of a section that findings are about."""
    paths = (finding.path.split(".") for finding in findings)
    return {path[1] for path in paths if path[0] == section and len(path) > 1}
