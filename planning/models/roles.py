"""The sets of replicas that one entry stands for: one, or one that reads prompts and one that
answers."""

from dataclasses import dataclass
from typing import Literal

from settings.models import ModelSettings
from settings.replicas import ReplicaSettings

RoleKind = Literal["prefill", "decode"]
"""What a set of replicas does where another one does the rest."""


@dataclass(frozen=True)
class Role:
    """A set of replicas that are scaled and rolled together."""

    kind: RoleKind | None
    """None where each replica does everything."""
    replicas: ReplicaSettings

    def name(self, entry: str) -> str:
        """Return the name of the set's objects: the entry's own where there is one set."""
        return role_name(entry, self.kind)


def role_name(entry: str, kind: RoleKind | None) -> str:
    """Return the name of the objects of an entry's set: the entry's own where there is one set."""
    return entry if kind is None else f"{entry}-{kind}"


def roles(model: ModelSettings) -> tuple[Role, ...]:
    """Return the sets of replicas of an entry."""
    if model.prefill is None:
        return (Role(None, model.replicas),)
    return (Role("prefill", model.prefill.replicas), Role("decode", model.replicas))


def least_pods(model: ModelSettings) -> int:
    """Return the pods that always run: of every set its minimum, of every replica its nodes."""
    return sum(role.replicas.min for role in roles(model)) * model.nodes


def most_pods(model: ModelSettings) -> int:
    """Return the pods that run under load at most."""
    return sum(role.replicas.max for role in roles(model)) * model.nodes
