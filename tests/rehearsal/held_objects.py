"""An API server in memory, for the parts of the fleet that only read and write objects."""

from collections.abc import Mapping
from typing import Any

from rehearsal.api import Api, Manifest


class Cluster(Api):
    """Custom resources, and what is made of them, by their path; a list ignores its selectors."""

    def __init__(self, *objects: Manifest) -> None:
        self.objects = {place(each): each for each in objects}

    def get(self, path: str) -> Manifest | None:
        return self.objects.get(path)

    def list(self, path: str, **query: str) -> list[Manifest]:
        kind = path.rpartition("/")[2]
        return [each for name, each in self.objects.items() if name.split("/")[-2] == kind]

    def create(self, path: str, body: Mapping[str, Any]) -> Manifest | None:
        return self.objects.setdefault(f"{path}/{body['metadata']['name']}", dict(body))

    def merge(self, path: str, body: Mapping[str, Any], manager: str = "") -> Manifest | None:
        found = self.objects[path.removesuffix("/status")]
        found.update(body)
        return found


class Unserved(Api):
    """A cluster that serves no definition."""

    def __init__(self) -> None:
        pass

    def list(self, path: str, **query: str) -> None:
        return None


def place(found: Manifest) -> str:
    """Return the path of a custom resource."""
    metadata = found["metadata"]
    inside = f"namespaces/{metadata['namespace']}/" if "namespace" in metadata else ""
    return f"/apis/{found['apiVersion']}/{inside}{found['kind'].lower()}s/{metadata['name']}"
