"""Helm releases, found wherever they are: in a plan, and among what the program registers."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import BaseModel

from planning.specs.infrastructure import ReleaseSpec
from tests.recording import Recording, Secret

RELEASE = "kubernetes:helm.sh/v3:Release"


def releases_of(found: object) -> Iterator[ReleaseSpec]:
    """Yield every release in a plan or in a part of one, however deep."""
    if isinstance(found, ReleaseSpec):
        yield found
    elif isinstance(found, BaseModel):
        for field in type(found).model_fields:
            yield from releases_of(getattr(found, field))
    elif isinstance(found, Mapping):
        for item in cast("Mapping[str, object]", found).values():
            yield from releases_of(item)
    elif isinstance(found, list | tuple):
        for item in cast("list[object]", found):
            yield from releases_of(item)


def registered_values(recording: Recording) -> dict[str, dict[str, Any]]:
    """Return the values of each release as they reach Helm, by the name of its chart."""
    return {
        chart_of(each.inputs["chart"]): opened(each.inputs.get("values", {}))
        for each in recording.of_type(RELEASE)
    }


def chart_of(reference: str) -> str:
    """Return the chart's name of a reference: a name, or an address in a registry."""
    return reference.rpartition("/")[2]


def opened(value: object) -> Any:
    """Return the value with what secrets hold: Helm gets the same type, secret or not."""
    if isinstance(value, Secret):
        return opened(value.value)
    if isinstance(value, dict):
        return {key: opened(item) for key, item in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [opened(item) for item in cast("list[object]", value)]
    return value
