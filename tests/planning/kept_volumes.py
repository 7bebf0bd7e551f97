"""The small environment with a cache volume for each replica of its model `chat`."""

from typing import Any

from planning.specs.models import ModelServiceSpec
from settings.finding import Finding
from tests.planning.planned import planned

VOLUME = {"models.chat.cache": {"kind": "volume"}}
ONE_ZONE = {"pools.l40s.zones": ["us-west-2a"]}


def chat(changes: dict[str, Any]) -> ModelServiceSpec:
    """Return the first set of replicas of `chat`."""
    return next(model for model in planned(changes).models if model.model == "chat")


def warned(changes: dict[str, Any], path: str) -> list[Finding]:
    """Return the warnings about a path."""
    return [found for found in planned(changes).warnings if found.path == path]
