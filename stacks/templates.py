"""Which module composes an environment."""

from collections.abc import Callable, Mapping

from planning.plan import Plan
from stacks import dev, prod
from stacks.configuration import Secrets
from stacks.platform import Platform

TEMPLATES: Mapping[str, Callable[[Plan, Secrets | None], Platform]] = {
    "dev": dev.compose,
    "prod": prod.compose,
}
"""One module per `template:` of the environment file."""


def compose(plan: Plan, secrets: Secrets | None) -> Platform:
    """Make the environment of the plan."""
    return TEMPLATES[plan.template](plan, secrets)
