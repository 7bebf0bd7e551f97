"""Refuses what is out of order: a create before what it needs, a delete before what uses it.

The official provider repeats some refused deletes for minutes, in the hope that what is in the way
goes by itself. Here a refusal stands at once: a program whose order is right needs no hope.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rehearsal.cloud import Cloud, CloudResource
from rehearsal.providers.aws.references import Facts, Link, always
from rehearsal.providers.plugin import ProviderError

OWN = "OutOfOrder"
"""Code of the rehearsal's own rules: AWS would obey, and something would be lost or stay behind."""


def _never(_facts: Facts) -> bool:
    return False


@dataclass(frozen=True)
class Rule:
    """What a service answers when something of `links` comes too early, or goes too early."""

    code: str
    """The service's error code, or `OWN`."""
    says: str
    """What it means; `{}` is the resource that is used."""
    links: tuple[Link, ...]
    source: str
    excused: Callable[[Facts], bool] = _never
    """Which resources may be deleted although they are used."""
    ready: Callable[[Facts], bool] = always
    """Which of the existing resources will do for a create."""


@dataclass(frozen=True)
class Protection:
    """What a service answers to the deletion of a resource whose `deletionProtection` is true."""

    code: str
    says: str
    source: str


@dataclass(frozen=True)
class Taken:
    """A name that is taken once another resource exists, because its service makes such a one."""

    type: str
    by: str
    """Type of the other resource."""
    name: Callable[[Facts], str | None]
    """Returns the name that the other resource takes."""
    code: str
    says: str
    source: str


def refuse_create(rules: Iterable[Rule], type_: str, urn: str, facts: Facts, cloud: Cloud) -> None:
    """Refuse to make a resource while something that its inputs `facts` refer to is not ready.

    Raises:
        ProviderError: with the service's code, what is missing, and what would be right.
    """
    for rule in rules:
        for link in rule.links:
            missing = _missing(rule, link, facts, cloud) if link.user == type_ else []
            if missing:
                raise ProviderError(
                    f"{rule.code}: {rule.says.format(', '.join(missing))}; let {logical(urn)} "
                    f"depend on the {kind(link.used)} that it needs: then that is made first"
                )


def _missing(rule: Rule, link: Link, facts: Facts, cloud: Cloud) -> list[str]:
    wanted = link.wanted(facts, cloud)
    if not wanted:
        return []
    ready = (used for used in cloud.list(link.used) if rule.ready(used.outputs))
    return sorted(wanted.difference(*(link.names(used) for used in ready)))


def refuse_name(taken: Iterable[Taken], type_: str, urn: str, facts: Facts, cloud: Cloud) -> None:
    """Refuse a name that another resource of the account has taken.

    Raises:
        ProviderError: with the service's code, and what would be right.
    """
    for one in taken:
        others = cloud.list(one.by) if one.type == type_ else ()
        for other in others:
            if one.name(other.outputs) == facts.get("name") is not None:
                raise ProviderError(
                    f"{one.code}: {one.says.format(facts['name'])}; let {logical(other.urn)} "
                    f"depend on {logical(urn)}: then that is made first"
                )


def refuse_protected(protection: Protection | None, used: CloudResource) -> None:
    """Refuse to delete what is protected.

    Raises:
        ProviderError: with the service's code, and how the protection is lifted.
    """
    if protection and used.outputs.get("deletionProtection"):
        raise ProviderError(f"{protection.code}: {protection.says.format(used.id)}")


def refuse_delete(rules: Iterable[Rule], used: CloudResource, cloud: Cloud) -> None:
    """Refuse to delete `used` while other resources refer to it.

    Raises:
        ProviderError: with the service's code, what is in the way, and what would be right.
    """
    for rule in rules:
        links = [link for link in rule.links if link.used == used.type]
        if not links or rule.excused(used.outputs):
            continue
        if users := [user for link in links for user in link.users(used, cloud)]:
            still = ", ".join(f"{kind(user.type)} {user.id}" for user in users)
            names = ", ".join(sorted({logical(user.urn) for user in users}))
            raise ProviderError(
                f"{rule.code}: {rule.says.format(used.id)}; still there: {still}. "
                f"Let {names} depend on {logical(used.urn)}: then that goes last"
            )


def gone_with(links: Iterable[Link], used: CloudResource, cloud: Cloud) -> list[CloudResource]:
    """Return what a service removes together with `used`; a later delete finds it gone."""
    found = (link.users(used, cloud) for link in links if link.used == used.type)
    return [user for users in found for user in users]


def kind(type_: str) -> str:
    """Return `NodeGroup` for `aws:eks/nodeGroup:NodeGroup`."""
    return type_.rpartition(":")[2]


def logical(urn: str) -> str:
    """Return the name that the program gives a resource."""
    return urn.rpartition("::")[2]
