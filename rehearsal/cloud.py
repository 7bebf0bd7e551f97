"""The simulated AWS account: one JSON file per resource, readable by people and other processes."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import quote

LONGEST_NAME = 120
"""Characters of an id in its file's name; file systems allow 255 for type and id together."""


@dataclass(frozen=True)
class CloudResource:
    """One resource of the account; keys of `inputs` and `outputs` are camelCase, as sent."""

    type: str
    """Pulumi's type token, for example `aws:eks/nodeGroup:NodeGroup`."""
    id: str
    """What AWS calls it, for example `vpc-0123456789abcdef0`; unique within its type."""
    urn: str
    """Who made it."""
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    """All properties; where a secret was given, a marker stands that does not tell it."""


class Cloud:
    """The account whose files lie in `folder`.

    Several processes may use it at once: a file appears and changes as a whole.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, resource: CloudResource) -> None:
        """Create `resource`, or replace the one of the same type and id."""
        self.folder.mkdir(parents=True, exist_ok=True)
        # A leading dot: readers look for `*.json` and `glob` shows them hidden files too.
        with NamedTemporaryFile(
            "w", dir=self.folder, prefix=".", suffix=".new", delete=False, encoding="utf-8"
        ) as file:
            file.write(json.dumps(asdict(resource), indent=2, sort_keys=True) + "\n")
        os.replace(file.name, self.path(resource.type, resource.id))  # noqa: PTH105 - atomic

    def get(self, type_: str, id_: str) -> CloudResource | None:
        """Return the resource, or None when it is gone."""
        return _read(self.path(type_, id_))

    def delete(self, type_: str, id_: str) -> None:
        """Remove the resource; one that is gone already is no error, as with the services."""
        self.path(type_, id_).unlink(missing_ok=True)

    def list(self, type_: str) -> tuple[CloudResource, ...]:
        """Return the resources of one type, in the order of their ids."""
        return tuple(sorted(self._matching(f"{_slug(type_)}--*.json"), key=lambda item: item.id))

    def all(self) -> tuple[CloudResource, ...]:
        """Return every resource, in the order of types and ids."""
        return tuple(sorted(self._matching("*--*.json"), key=lambda item: (item.type, item.id)))

    def path(self, type_: str, id_: str) -> Path:
        """Return the file of a resource, whether it exists or not."""
        name = quote(id_, safe=":#,|+=@")
        if len(name) > LONGEST_NAME:
            name = f"{name[:LONGEST_NAME]}-{hashlib.sha256(id_.encode()).hexdigest()[:16]}"
        return self.folder / f"{_slug(type_)}--{name}.json"

    def _matching(self, pattern: str) -> Iterator[CloudResource]:
        for path in self.folder.glob(pattern):
            resource = _read(path)
            if resource:  # it may go while we look
                yield resource


def _read(path: Path) -> CloudResource | None:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return CloudResource(**document)


def _slug(type_: str) -> str:
    """Return `eks.nodeGroup.NodeGroup` for `aws:eks/nodeGroup:NodeGroup`."""
    return type_.removeprefix("aws:").replace("/", ".").replace(":", ".")
