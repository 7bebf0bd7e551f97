"""What the SDK says about a resource type, kept so that a second run need not import the SDK.

A shape is written as JSON: `"string"`, `"integer"`, `"number"`, `"boolean"`, `"any"`,
`{"list": shape}`, `{"map": shape}`, `{"object": name}` (a key of `Schema.types`) or
`{"either": [shape, ...]}`.
"""

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TypeAlias

from rehearsal.layout import TOOLS

FORMAT = 2
"""Of the kept files; raise it when their form or their derivation changes, and they are derived
again."""

Shape: TypeAlias = "str | dict[str, Shape] | list[Shape]"

_deriving = threading.Lock()


@dataclass(frozen=True)
class Field:
    """One input: its shape, and whether the SDK wants it."""

    shape: Shape
    required: bool


@dataclass(frozen=True)
class Schema:
    """One resource type; keys are camelCase, as the engine sends them."""

    token: str
    inputs: Mapping[str, Field]
    types: Mapping[str, Mapping[str, Field]]
    """The nested input types, by class name."""
    outputs: tuple[str, ...]
    """Every property a program may read."""
    always: tuple[str, ...]
    """Those of `outputs` that are never absent: computed by AWS when the program gives none."""

    def output_only(self) -> tuple[str, ...]:
        """Return the outputs that no input sets."""
        return tuple(name for name in self.outputs if name not in self.inputs)


class UnknownTypeError(LookupError):
    """The SDK has no such resource type; the message names the nearest one."""


class Schemas:
    """The schemas of the installed SDK, each derived once and kept in `folder`."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or TOOLS / "schema" / f"aws-{version('pulumi_aws')}"
        self._loaded: dict[str, Schema] = {}

    def of(self, token: str) -> Schema:
        """Return the schema of `token`, for example `aws:ec2/vpc:Vpc`.

        Raises:
            UnknownTypeError: the SDK has no such resource type.
        """
        if token not in self._loaded:
            path = self._folder / f"{token.replace(':', '.').replace('/', '.')}.json"
            self._loaded[token] = _read(path) or self._derive(token, path)
        return self._loaded[token]

    def _derive(self, token: str, path: Path) -> Schema:
        with _deriving:  # calls come in parallel, and imports of a large SDK do not
            # Costs half a second and 100 MiB, hence neither at the top nor in a second run.
            from rehearsal.providers.aws.derive import derive_schema  # noqa: PLC0415

            schema = _read(path) or derive_schema(token)  # another call may have been first
            _write(path, schema)
        return schema


def _read(path: Path) -> Schema | None:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if document.pop("format") != FORMAT:
        return None
    return Schema(
        token=document["token"],
        inputs=_fields(document["inputs"]),
        types={name: _fields(fields) for name, fields in document["types"].items()},
        outputs=tuple(document["outputs"]),
        always=tuple(document["always"]),
    )


def _fields(document: Mapping[str, Any]) -> dict[str, Field]:
    return {name: Field(**field) for name, field in document.items()}


def _write(path: Path, schema: Schema) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"format": FORMAT, **asdict(schema)}, indent=1)
    with NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        file.write(text)
    os.replace(file.name, path)  # noqa: PTH105 - atomic: another plugin may read it meanwhile
