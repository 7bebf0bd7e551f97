"""What an object and a Helm release have in common for the engine."""

from dataclasses import dataclass
from typing import Protocol

from rehearsal.providers.kubernetes.manifests import Target
from rehearsal.providers.kubernetes.waiting import Operation
from rehearsal.providers.values import Properties


@dataclass(frozen=True)
class State:
    """A live resource as a refresh finds it."""

    inputs: Properties
    outputs: Properties


class Served(Protocol):
    """What can be done with a resource of either sort."""

    def create(self, inputs: Properties, operation: Operation) -> tuple[str, Properties]:
        """Return the new resource's id and outputs."""
        ...

    def update(self, inputs: Properties, recorded: Properties, operation: Operation) -> Properties:
        """Return the changed resource's outputs."""
        ...

    def read(self, target: Target, inputs: Properties, recorded: Properties) -> State | None:
        """Return the live resource, or None when it is gone."""
        ...

    def delete(self, target: Target, recorded: Properties, operation: Operation) -> None:
        """Delete the resource."""
        ...
