"""What a program registers, recorded as the engine would receive it: no engine, no cloud.

`record(program)` runs a function that makes resources and returns every registration by its
logical name. With `preview=True` nothing that a provider computes is known, as in a first preview.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, cast

import pulumi
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.mocks import MockMonitor, MockResourceArgs
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.rpc import UNKNOWN

SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the wire format's marker
"""Source: https://github.com/pulumi/pulumi/blob/master/sdk/python/lib/pulumi/runtime/rpc.py"""

STACK = "pulumi:pulumi:Stack"
ACCOUNT = "111122223333"


@dataclass(frozen=True)
class Secret:
    """An input that the engine encrypts in state and hides in logs."""

    value: Any


@dataclass(frozen=True, kw_only=True)
class Registration:
    """One resource as it was asked for."""

    name: str
    type: str
    parent: str | None
    """Logical name; None under the stack itself."""
    after: frozenset[str]
    """Logical names of the resources it waits for, by input or by option."""
    provider: str | None
    """Logical name of an explicit provider."""
    protect: bool
    delete_timeout: str
    """Custom timeout of deletion, `45m`; empty without one."""
    ignored: tuple[str, ...]
    """Inputs whose changes are ignored."""
    replacement_trigger: str = ""
    """What replaces the resource when it becomes another word; empty without one."""
    inputs: dict[str, Any]
    """Camel case; a number without a fraction is an int, a secret is a `Secret`."""
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])
    """What a component registered as its outputs."""


class Recording(dict[str, Registration]):
    """Registrations by logical name."""

    def of_type(self, token: str) -> list[Registration]:
        """Return the registrations of a type, in the order of their names."""
        return sorted((r for r in self.values() if r.type == token), key=lambda r: r.name)

    def children(self, parent: str) -> set[str]:
        """Return the logical names directly below `parent`."""
        return {r.name for r in self.values() if r.parent == parent}

    def waits_for(self, name: str) -> set[str]:
        """Return everything that a resource waits for, directly or not."""
        reached: set[str] = set()
        ahead = {*self[name].after}
        while ahead:
            reached |= ahead
            ahead = {more for found in ahead for more in self[found].after} - reached
        return reached


class _NoCloud(pulumi.runtime.Mocks):
    def new_resource(self, args: MockResourceArgs) -> NoReturn:
        raise AssertionError(f"{args.name}: the recorder answers registrations itself")

    def call(self, args: pulumi.runtime.MockCallArgs) -> NoReturn:
        raise AssertionError(f"{args.token}: the program must not ask the cloud")


class _Engine(MockMonitor):
    """Answers each registration with its own inputs and, in an update, what a provider adds."""

    def __init__(self, *, preview: bool) -> None:
        super().__init__(_NoCloud())
        self.preview = preview
        self.recorded = Recording()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the engine's protocol
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        assert request.name not in self.recorded, f"two resources are named {request.name}"
        inputs: dict[str, Any] = MessageToDict(request.object)
        self.recorded[request.name] = Registration(
            name=request.name,
            type=request.type,
            parent=None if f"::{STACK}::" in request.parent else _logical(request.parent),
            after=frozenset(map(_logical, request.dependencies)),
            provider=_logical(request.provider.rpartition("::")[0]) if request.provider else None,
            protect=request.protect,
            delete_timeout=request.customTimeouts.delete,
            ignored=tuple(request.ignoreChanges),
            replacement_trigger=request.replacement_trigger.string_value,
            inputs={key: _plain(value) for key, value in inputs.items()},
        )
        state = Struct()
        state.CopyFrom(request.object)
        if request.custom:
            state.update(
                _unknown(request.type, inputs)
                if self.preview
                else _computed(request.type, request.name, inputs)
            )
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id="" if self.preview else f"{request.name}-id", object=state
        )

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the engine's protocol
        if f"::{STACK}::" not in request.urn:
            outputs: dict[str, Any] = MessageToDict(request.outputs)
            self.recorded[_logical(request.urn)].outputs.update(
                {key: _plain(value) for key, value in outputs.items()}
            )
        return Empty()


def record(program: Callable[[], object], *, preview: bool = False) -> Recording:
    """Run `program`, wait for everything it registers, and return the registrations.

    Args:
        program: Makes resources; what it returns is ignored.
        preview: Whether ids and computed outputs stay unknown.

    Raises:
        AssertionError: Two resources share a name, or the program asks the cloud.
    """
    engine = _Engine(preview=preview)
    pulumi.runtime.set_mocks(
        engine.mocks, project="llm-platform", stack="test", preview=preview, monitor=engine
    )

    def run() -> None:
        program()

    # The SDK's decorator has no annotations.
    pulumi.runtime.test(run)()  # pyright: ignore[reportUnknownMemberType]
    return engine.recorded


def _logical(urn: str) -> str:
    return urn.rpartition("::")[2]


def _plain(value: object) -> Any:
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        if fields.get(SIGNATURE_KEY) == SECRET_SIGNATURE:
            return Secret(_plain(fields["value"]))
        return {key: _plain(item) for key, item in fields.items()}
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[object]", value)]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _unknown(type_: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what AWS adds inside of an input, not known yet; other additions are just missing."""
    if type_ != "aws:eks/cluster:Cluster":
        return {}
    return {"vpcConfig": inputs["vpcConfig"] | {"clusterSecurityGroupId": UNKNOWN}}


def _computed(type_: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what AWS would add, as far as the program reads it."""
    if not type_.startswith("aws:"):
        return {}
    actual = inputs.get("name", f"{name}-1a2b3c4")
    kind = type_.partition("/")[0].removeprefix("aws:")
    computed: dict[str, Any] = {
        "name": actual,
        "arn": f"arn:aws:{kind}:us-west-2:{ACCOUNT}:{type_.rpartition(':')[2].lower()}/{actual}",
    }
    if type_ == "aws:eks/cluster:Cluster":
        computed |= {
            "endpoint": f"https://{actual}.eks.example",
            "certificateAuthority": {"data": "Y2VydGlmaWNhdGU="},
            "vpcConfig": inputs["vpcConfig"] | {"clusterSecurityGroupId": f"sg-{name}"},
        }
    if type_ == "aws:ec2/launchTemplate:LaunchTemplate":
        computed["latestVersion"] = 1
    if type_ == "aws:eks/nodeGroup:NodeGroup":
        computed["nodeGroupName"] = actual
        computed["resources"] = [{"autoscalingGroups": [{"name": f"eks-{actual}"}]}]
    if type_ == "aws:sqs/queue:Queue":
        computed["url"] = f"https://sqs.us-west-2.example/{ACCOUNT}/{actual}"
    return computed


__all__ = ["ACCOUNT", "UNKNOWN", "Recording", "Registration", "Secret", "record"]
