"""How one resource of the account refers to another: by what, and at which of its properties."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.cloud import Cloud, CloudResource

Facts = Mapping[str, Any]
"""Properties of a resource as the account keeps them: inputs, and outputs where it exists."""

NAMES = ("arn", "name", "url")
"""Outputs by which others call a resource, beside its id."""


def always(_facts: Facts) -> bool:
    """Hold for every resource."""
    return True


@dataclass(frozen=True)
class Through:
    """A resource between two: what a NAT gateway has of an internet gateway is its subnet's VPC."""

    type: str
    property: str


@dataclass(frozen=True)
class Link:
    """A property at which resources of one type refer to those of another.

    Paths are as in `vpcConfig.subnetIds`: through objects, and through lists without an index.
    """

    user: str
    path: str
    used: str
    through: Through | None = None
    """What `path` names is not the used resource, but one that has it in a property."""
    by: str | None = None
    """The property of the used resource that is meant; its id, or one of `NAMES`, by default."""
    where: Callable[[Facts], bool] = always
    """Which users are meant."""

    def wanted(self, user: Facts, cloud: Cloud) -> frozenset[str]:
        """Return what `user` calls what it refers to; nothing when it is not one that is meant."""
        if not self.where(user):
            return frozenset()
        found = frozenset(values_at(user, self.path))
        if self.through is None:
            return found
        between = (cloud.get(self.through.type, id_) for id_ in found)
        return frozenset(
            value
            for one in between
            if one
            for value in values_at(one.outputs, self.through.property)
        )

    def names(self, used: CloudResource) -> frozenset[str]:
        """Return what a user may call `used`."""
        if self.by is not None:
            return frozenset(values_at(used.outputs, self.by))
        called = (used.outputs.get(name) for name in NAMES)
        return frozenset({used.id, *(name for name in called if isinstance(name, str))})

    def users(self, used: CloudResource, cloud: Cloud) -> list[CloudResource]:
        """Return the resources that refer to `used`, in the order of their ids."""
        names = self.names(used)
        return [
            one
            for one in cloud.list(self.user)
            if one.urn != used.urn and names & self.wanted(one.outputs, cloud)
        ]


def values_at(facts: Any, path: str) -> Iterator[str]:
    """Yield the strings of `facts` at `path`; absent properties hold none."""
    match facts:
        case str() if not path:
            yield facts
        case list():
            for item in facts:  # pyright: ignore[reportUnknownVariableType] - JSON
                yield from values_at(item, path)
        case dict() if path:
            first, _, rest = path.partition(".")
            yield from values_at(facts.get(first), rest)  # pyright: ignore[reportUnknownMemberType] - JSON
        case _:
            return
