"""Objects in the cluster: find, read, list, apply, delete."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.providers.kubernetes.api import APPLY, MERGE, Api, RefusedError, quoted
from rehearsal.providers.kubernetes.manifests import Identity, Manifest, at, items_at
from rehearsal.providers.plugin import ProviderError

DEFAULT_NAMESPACE = "default"
TOUCHED = "rehearsal.llm-platform/touched"
"""Annotation whose change says nothing."""


class NotServedError(ProviderError):
    """The API server does not know the kind: its definition is not installed (yet)."""

    def __init__(self, api_version: str, kind: str) -> None:
        super().__init__(
            f"the API server serves no {api_version} {kind}: no CustomResourceDefinition brings "
            "it. Let the resource depend on the release that does"
        )


@dataclass(frozen=True)
class Endpoint:
    """Where the objects of one kind are served."""

    prefix: str
    """Such as `/apis/apps/v1`."""
    plural: str
    namespaced: bool

    def path(self, namespace: str | None, name: str | None = None) -> str:
        """Return the path of one object, or of all (in `namespace`, or everywhere)."""
        scope = f"/namespaces/{quoted(namespace)}" if self.namespaced and namespace else ""
        return f"{self.prefix}{scope}/{self.plural}" + (f"/{quoted(name)}" if name else "")


class Cluster:
    """The objects behind one API server; safe to use from many threads."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], Endpoint] = {}

    def endpoint(self, api_version: str, kind: str) -> Endpoint:
        """Return where `kind` is served. Raises NotServedError when it is not."""
        wanted = (api_version, kind)
        if wanted not in self._known:
            found = self._discovered(api_version)
            with self._lock:
                self._known |= found
        try:
            return self._known[wanted]
        except KeyError:
            raise NotServedError(api_version, kind) from None

    def serves(self, api_version: str, kind: str) -> bool:
        """Return whether objects of `kind` can be asked for."""
        try:
            self.endpoint(api_version, kind)
        except NotServedError:
            return False
        return True

    def _discovered(self, api_version: str) -> dict[tuple[str, str], Endpoint]:
        prefix = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            answer = self.api.request(f"discovery of {api_version}", "GET", prefix)
        except RefusedError as error:
            if error.code == 404:
                return {}
            raise
        return {
            (api_version, item["kind"]): Endpoint(prefix, item["name"], item["namespaced"])
            for item in items_at(answer, "resources")
            if "/" not in item["name"]  # a subresource
        }

    def forget(self, api_version: str, kind: str) -> None:
        """Forget where `kind` was served, after its definition went or changed."""
        with self._lock:
            self._known.pop((api_version, kind), None)

    def located(self, manifest: Mapping[str, Any], namespace: str) -> Manifest:
        """Return `manifest` with the namespace that its kind needs, or without one it cannot have.

        `namespace` is for one that states none. Raises NotServedError.
        """
        endpoint = self.endpoint(manifest["apiVersion"], manifest["kind"])
        metadata = {k: v for k, v in manifest.get("metadata", {}).items() if k != "namespace"}
        if endpoint.namespaced:
            metadata["namespace"] = at(manifest, "metadata", "namespace") or namespace
        return {**manifest, "metadata": metadata}

    def get(self, identity: Identity) -> Manifest | None:
        """Return the live object, or None when there is none. Raises NotServedError."""
        try:
            return self.api.request(str(identity), "GET", self._path(identity))
        except RefusedError as error:
            if error.code == 404:
                return None
            raise

    def listed(
        self, api_version: str, kind: str, namespace: str | None = None, **selectors: str
    ) -> list[Manifest]:
        """Return the live objects; `labelSelector` and `fieldSelector` narrow them."""
        path = self.endpoint(api_version, kind).path(namespace)
        return items_at(self.api.request(f"list of {kind}", "GET", path, query=selectors), "items")

    def apply(
        self, manifest: Manifest, manager: str, *, force: bool = False, dry_run: bool = False
    ) -> Manifest:
        """Apply `manifest` on the server as `manager` and return the object it led to.

        Fields that the kind does not have are refused. `force` takes fields over from other
        managers. Raises RefusedError (409 for their fields without `force`) and NotServedError.
        """
        query = {"fieldManager": manager, "fieldValidation": "Strict"}
        query |= {"force": "true"} if force else {}
        query |= {"dryRun": "All"} if dry_run else {}
        identity = Identity.of(manifest)
        path = self._path(identity)
        return self.api.request(
            str(identity), "PATCH", path, query=query, body=manifest, content_type=APPLY
        )

    def delete(self, identity: Identity, propagation: str = "Foreground") -> None:
        """Begin to delete the object, dependents first; nothing happens when it is gone."""
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
        try:
            self.api.request(str(identity), "DELETE", self._path(identity), body=options)
        except RefusedError as error:
            if error.code != 404:
                raise

    def touch(self, identity: Identity) -> None:
        """Change an annotation, so that controllers look at the object again; not if it is gone."""
        body = {"metadata": {"annotations": {TOUCHED: str(time.time())}}}
        try:
            self.api.request(
                str(identity), "PATCH", self._path(identity), body=body, content_type=MERGE
            )
        except RefusedError as error:
            if error.code != 404:
                raise

    def _path(self, identity: Identity) -> str:
        if not identity.name:  # its path would be that of all objects of the kind
            raise ProviderError(f"{identity.kind} without a name: metadata.name is empty")
        endpoint = self.endpoint(identity.api_version, identity.kind)
        return endpoint.path(identity.namespace or DEFAULT_NAMESPACE, identity.name)
