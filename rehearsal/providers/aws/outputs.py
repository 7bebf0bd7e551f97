"""Makes a resource's identifier and outputs from its inputs and the tables of answers."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from rehearsal.providers.aws.answers import SERVICES, Answer, Template
from rehearsal.providers.aws.answers_network import NETWORK
from rehearsal.providers.aws.naming import digest, name_input
from rehearsal.providers.aws.schema import Schema
from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import UNKNOWN, Properties, Secret, Value, has_unknown, revealed

ACCOUNT = "111122223333"
"""The simulated account; one of those that AWS keeps for documents."""
PARTITION = "aws"

ANSWERS: Mapping[str, Answer] = {**SERVICES, **NETWORK}


@dataclass(frozen=True)
class Account:
    """Where resources are made."""

    region: str
    default_tags: Properties
    control_plane: Callable[[str], str]
    """Answers `control_plane_endpoint` and `control_plane_ca`; raises where there is none."""


@dataclass(frozen=True)
class Resource:
    """A resource to be made; `generation` as in `naming.py`."""

    schema: Schema
    urn: str
    generation: int
    inputs: Properties


def identifier(resource: Resource, account: Account) -> str:
    """Return the id that AWS would give."""
    return _answer(resource.schema).id.format_map(_Facts(resource, account))


def outputs(resource: Resource, id_: str, account: Account) -> Properties:
    """Return the inputs with all that the simulated services add to them."""
    facts = _Facts(resource, account)
    facts["id"] = id_
    added: Properties = {}
    for name, template in (_named(resource) | dict(_answer(resource.schema).outputs)).items():
        if name in resource.schema.outputs:
            added[name] = _rendered(template, facts)
            facts.setdefault(name, added[name])
    return _complete(resource, added, account)


def planned(resource: Resource, account: Account) -> Properties:
    """Return the outputs of a create in preview: what the services would add is unknown."""
    schema = resource.schema
    added: Properties = dict.fromkeys([*schema.output_only(), *schema.always], UNKNOWN)
    for name, template in _answer(schema).outputs.items():
        if isinstance(template, dict) and name in resource.inputs:
            added[name] = dict.fromkeys(template, UNKNOWN)
    return _complete(resource, added, account)


def updated(
    resource: Resource, old: Properties, old_inputs: Properties, account: Account, *, preview: bool
) -> Properties:
    """Return the outputs after an update in place: what was added at the create stays."""
    new = _complete(resource, _added(old, old_inputs), account)
    counted = _answer(resource.schema).counted
    if counted:
        last = old.get(counted)
        new[counted] = last + 1 if isinstance(last, int) and not preview else UNKNOWN
    return new


def all_tags(inputs: Properties, account: Account) -> Value:
    """Return the resource's own tags over the provider's; unknown if they are."""
    own = inputs.get("tags")
    if isinstance(own, Secret):
        return Secret(all_tags({"tags": own.value}, account))
    if has_unknown(own):
        return UNKNOWN
    return account.default_tags | (own if isinstance(own, dict) else {})


def _complete(resource: Resource, added: Properties, account: Account) -> Properties:
    """Return the inputs with `added`, and with what the account says of a resource of any type."""
    given, names = resource.inputs, resource.schema.outputs
    common: Properties = {"region": account.region, "ownerId": ACCOUNT}
    common = {name: item for name, item in common.items() if given.get(name) is None}
    common["tagsAll"] = all_tags(given, account)
    known = {name: item for name, item in common.items() if name in names}
    return _with_added(given, added) | known


def _named(resource: Resource) -> dict[str, Template]:
    """Return the name that AWS completes where the program gives only its prefix."""
    name = name_input(resource.schema)
    return {name: f"{{{name}}}"} if name and f"{name}Prefix" in resource.inputs else {}


def _answer(schema: Schema) -> Answer:
    if schema.token in ANSWERS:
        return ANSWERS[schema.token]
    service, _, kind = schema.token.split(":")[1].partition("/")
    arn = f"arn:{{partition}}:{service}:{{region}}:{{account}}:{kind}/{{id}}"
    return Answer(f"{kind}-{{hex:id}}", {"arn": arn})


def _rendered(template: Template, facts: "_Facts") -> Value:
    match template:
        case str():
            return template.format_map(facts)
        case list():
            return [_rendered(item, facts) for item in template]
        case dict():
            return {key: _rendered(item, facts) for key, item in template.items()}
        case _:
            return template


def _with_added(given: Properties, added: Properties) -> Properties:
    """Return `given` with what it lacks of `added`, at any depth of objects."""
    merged = dict(given)
    for name, item in added.items():
        present = merged.get(name)
        if isinstance(present, dict) and isinstance(item, dict):
            merged[name] = _with_added(present, item)
        elif present is None:
            merged[name] = item
    return merged


def _added(old: Properties, old_inputs: Properties) -> Properties:
    """Return what of `old` the services had added to `old_inputs`."""
    added: Properties = {}
    for name, item in old.items():
        given = old_inputs.get(name)
        if given is None:
            added[name] = item
        elif isinstance(item, dict) and isinstance(given, dict):
            inner = _added(item, given)
            added |= {name: inner} if inner else {}
    return added


class _MadeUp:
    """Formats as something made up; the format's spec tells several of a resource apart."""

    def __init__(self, make: Callable[[str], str]) -> None:
        self._make = make

    def __format__(self, purpose: str) -> str:
        return self._make(purpose)


class _Facts(dict[str, object]):
    """What a template may name; see `answers.py`."""

    def __init__(self, resource: Resource, account: Account) -> None:
        super().__init__(_plain(resource.inputs))
        self._control_plane = account.control_plane
        self._token = resource.schema.token

        def digits(purpose: str) -> str:
            return digest(resource.urn, resource.generation, purpose)

        name = name_input(resource.schema) or "name"
        self.setdefault(name, f"{self.get(f'{name}Prefix', '')}{digits('name')[:26]}")
        self.setdefault("path", "/")  # of IAM's resources
        self.setdefault("region", account.region)
        self |= {
            "account": ACCOUNT,
            "partition": PARTITION,
            "hex": _MadeUp(lambda purpose: digits(purpose)[:17]),
            "short": _MadeUp(lambda purpose: digits(purpose)[:6]),
            "upper": _MadeUp(lambda purpose: digits(purpose)[:17].upper()),
            "issuer": _MadeUp(lambda purpose: digits(purpose)[:32].upper()),
            "uuid": _MadeUp(lambda purpose: str(uuid.UUID(digits(purpose)[:32]))),
            # 198.18.0.0/15 is kept for benchmarks (RFC 2544): nobody's address.
            "ip": _MadeUp(lambda purpose: str(_TEST_NETWORK + int(digits(purpose)[:4], 16))),
        }

    def __missing__(self, name: str) -> object:
        if name.startswith("control_plane_"):
            return self._control_plane(name)
        raise ProviderError(f"{self._token}: the simulated account needs the input `{name}`")


_TEST_NETWORK = IPv4Address("198.18.0.0")


def _plain(inputs: Properties) -> dict[str, object]:
    return {name: revealed(item) for name, item in inputs.items() if item is not None}
