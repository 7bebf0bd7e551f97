"""Reads the shapes of a resource type off the generated classes of `pulumi_aws`."""

import collections.abc
import importlib
import inspect
import sys
import typing
import warnings
from difflib import get_close_matches
from enum import Enum
from types import ModuleType
from typing import Any

import pulumi
from pulumi import _types as sdk  # pyright: ignore[reportPrivateUsage] - its own reading of its classes

from rehearsal.providers.aws.schema import Field, Schema, Shape, UnknownTypeError

PROVIDER_TOKEN = "pulumi:providers:aws"  # noqa: S105 - a type token, no password

_SCALARS: dict[Any, Shape] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def derive_schema(token: str) -> Schema:
    """Return the schema of `token`; `PROVIDER_TOKEN` gives that of the provider's configuration.

    Raises:
        UnknownTypeError: the SDK has no such resource type.
    """
    types: dict[str, dict[str, Field]] = {}
    with warnings.catch_warnings():
        # As its modules load, the SDK warns of those of its own types that are deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        resource = _resource_class(token)
    module = sys.modules[resource.__module__]
    inputs = _fields(getattr(module, _args_name(resource, module)), types)
    outputs, always = _outputs(resource, module)
    return Schema(token, inputs, types, outputs, always)


def _resource_class(token: str) -> type:
    if token == PROVIDER_TOKEN:
        return importlib.import_module("pulumi_aws.provider").Provider
    module, name = _module(token), token.rsplit(":", 1)[-1]
    found: Any = getattr(module, name, None)
    if found is not None and getattr(found, "pulumi_type", None) == token:
        return found
    known = [getattr(item, "pulumi_type", "") for item in vars(module).values()]
    nearest = get_close_matches(token, known, n=1)
    hint = f"; the nearest is {nearest[0]}" if nearest else ""
    raise UnknownTypeError(f"the installed pulumi_aws has no resource type {token}{hint}")


def _args_name(resource: type, module: ModuleType) -> str:
    """Return the class of a resource's inputs; the SDK evades a nested type of the same name."""
    evading = f"{resource.__name__}InitArgs"
    return evading if evading in getattr(module, "__all__", ()) else f"{resource.__name__}Args"


def _module(token: str) -> ModuleType:
    service = token.split(":")[1].partition("/")[0]
    # `lambda` is a Python keyword, so the SDK calls that module `lambda_`.
    names = {"index": "pulumi_aws", "lambda": "pulumi_aws.lambda_"}
    try:
        return importlib.import_module(names.get(service, f"pulumi_aws.{service}"))
    except ModuleNotFoundError:
        raise UnknownTypeError(
            f"the installed pulumi_aws has no module {service}, which {token} names"
        ) from None


def _fields(args: type, types: dict[str, dict[str, Field]]) -> dict[str, Field]:
    """Return the inputs of the input type `args`, and put the types it nests into `types`."""
    parameters = inspect.signature(args.__init__).parameters
    names = sdk.input_type_py_to_pulumi_names(args)
    shapes = sdk.input_type_types(args)
    return {
        pulumi_name: Field(
            shape=_shape(shapes[pulumi_name], types),
            required=parameters[python_name].default is inspect.Parameter.empty,
        )
        for python_name, pulumi_name in names.items()
    }


def _shape(annotation: Any, types: dict[str, dict[str, Field]]) -> Shape:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Union:
        return _either(arguments, types)
    if origin in {collections.abc.Sequence, list}:
        return {"list": _shape(arguments[0], types)}
    if origin in {collections.abc.Mapping, dict}:
        return {"map": _shape(arguments[1], types)}
    if inspect.isclass(annotation) and sdk.is_input_type(annotation):
        return {"object": _nested(annotation, types)}
    if inspect.isclass(annotation) and issubclass(annotation, Enum):
        return "string"
    return _SCALARS.get(annotation, "any")


def _nested(args: type, types: dict[str, dict[str, Field]]) -> str:
    """Enter the input type `args` into `types`, and return its name there."""
    name = args.__name__.removesuffix("Args")
    if name not in types:
        types[name] = {}  # entered first: some types contain themselves
        types[name] = _fields(args, types)
    return name


def _either(members: tuple[Any, ...], types: dict[str, dict[str, Field]]) -> Shape:
    """Return the shape of a union, without the ways in which a value may be awaited."""
    wrappers = {collections.abc.Awaitable, pulumi.Output}
    plain = [item for item in members if typing.get_origin(item) not in wrappers]
    shapes: list[Shape] = []
    for member in plain:
        shape = _shape(member, types)
        if member is not type(None) and shape not in shapes:
            shapes.append(shape)
    return shapes[0] if len(shapes) == 1 else {"either": shapes}


def _outputs(resource: type, module: ModuleType) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of all outputs, and of those that are never absent."""
    names = sdk.resource_py_to_pulumi_names(resource)
    always: list[str] = []
    for python_name, pulumi_name in names.items():
        getter = inspect.getattr_static(resource, python_name).fget
        (value,) = typing.get_args(typing.get_type_hints(getter, vars(module))["return"])
        if type(None) not in typing.get_args(value):
            always.append(pulumi_name)
    return tuple(names.values()), tuple(always)
