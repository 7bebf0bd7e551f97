"""Requests of the rehearsal to the API server, over one connection that is kept open.

Source: kubernetes.io/docs/reference/using-api/api-concepts (verbs, server-side apply, lists).
"""

import base64
import http.client
import json
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import urlencode, urlsplit

from rehearsal.control_plane.connection import Connection

Manifest = dict[str, Any]
"""A Kubernetes object as JSON."""

TIMEOUT_SECONDS: Final = 5.0
FIELD_MANAGER: Final = "llm-platform-rehearsal"
APPLY: Final = "application/apply-patch+yaml"
MERGE: Final = "application/merge-patch+json"
JSON: Final = "application/json"
GONE: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


class UnreachableError(Exception):
    """The API server does not answer; the same request may succeed later."""


class RefusedError(Exception):
    """The API server answered that it will not do what was asked."""

    def __init__(self, method: str, path: str, status: int, message: str) -> None:
        self.status = status
        super().__init__(f"{method} {path}: {status} {message}")


class Api:
    """The API server of a rehearsal; for one thread."""

    def __init__(self, connection: Connection) -> None:
        address = urlsplit(connection.endpoint)
        authority = base64.b64decode(connection.ca_data).decode()
        self._token = connection.token
        # `http.client` and not a session: it follows neither a proxy nor a redirect.
        self._http = http.client.HTTPSConnection(
            address.hostname or "",
            address.port,
            timeout=TIMEOUT_SECONDS,
            context=ssl.create_default_context(cadata=authority),
        )

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def get(self, path: str) -> Manifest | None:
        """Return the object at `path`, or None when there is none, or the API is not served."""
        try:
            return self._request("GET", path)
        except RefusedError as refused:
            if refused.status in GONE:
                return None
            raise

    def list(self, path: str, **query: str) -> list[Manifest] | None:
        """Return the objects of the collection at `path`; None when it is not served.

        `query` holds selectors, such as `labelSelector`. The answer comes from the API server's
        memory, cheap and at most a moment old; `resourceVersion=""` asks for the newest.
        """
        found = self.get(f"{path}?{urlencode({'resourceVersion': '0'} | query)}")
        return None if found is None else cast("list[Manifest]", found.get("items") or [])

    def changes(self, path: str, since: str, seconds: int = 1) -> tuple[Manifest, ...]:
        """Return every change of the collection at `path` after the resource version `since`.

        Each is an `object` and its `type`: ADDED, MODIFIED or DELETED. The answer comes after
        `seconds`, and misses nothing: the API server keeps what has changed for some minutes.

        Raises:
            RefusedError: `since` is older than that.
        """
        query = {"watch": "1", "resourceVersion": since, "timeoutSeconds": str(seconds)}
        target = f"{path}?{urlencode(query)}"
        found = tuple(_parsed(line) for line in self._answer("GET", target).splitlines())
        for event in found:
            if event["type"] == "ERROR":
                status: Manifest = event["object"]
                raise RefusedError("GET", target, status["code"], status["message"])
        return found

    def create(self, path: str, body: Mapping[str, Any]) -> Manifest | None:
        """Create `body` in the collection at `path`; return None when it exists already."""
        query = urlencode({"fieldManager": FIELD_MANAGER})
        try:
            return self._request("POST", f"{path}?{query}", body, JSON)
        except RefusedError as refused:
            if refused.status == HTTPStatus.CONFLICT:
                return None
            raise

    def apply(self, path: str, body: Mapping[str, Any]) -> Manifest:
        """Apply `body` as the object at `path`: fields that an earlier apply had set go."""
        query = urlencode({"fieldManager": FIELD_MANAGER, "force": "true"})
        return self._request("PATCH", f"{path}?{query}", body, APPLY)

    def merge(
        self, path: str, body: Mapping[str, Any], manager: str = FIELD_MANAGER
    ) -> Manifest | None:
        """Merge `body` into the object at `path`; return None when the object is gone.

        With `metadata.resourceVersion` in `body`, a change in between is a RefusedError of 409.
        """
        query = urlencode({"fieldManager": manager})
        try:
            return self._request("PATCH", f"{path}?{query}", body, MERGE)
        except RefusedError as refused:
            if refused.status in GONE:
                return None
            raise

    def delete(self, path: str, **options: Any) -> None:
        """Ask for the object at `path` to be deleted; nothing happens when it is gone.

        `options` are fields of DeleteOptions, such as `gracePeriodSeconds`.
        """
        body = {"kind": "DeleteOptions", "apiVersion": "v1"} | options
        try:
            self._request("DELETE", path, body, JSON)
        except RefusedError as refused:
            if refused.status not in GONE:
                raise

    def _request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, kind: str = JSON
    ) -> Manifest:
        return _parsed(self._answer(method, path, body, kind))

    def _answer(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, kind: str = JSON
    ) -> bytes:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": JSON,
            "Content-Type": kind,
        }
        content = None if body is None else json.dumps(body)
        try:
            self._http.request(method, path, content, headers)
            response = self._http.getresponse()
            data = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._http.close()  # The next request opens a new connection.
            raise UnreachableError(f"the API server does not answer: {error!r}") from error
        if response.status >= HTTPStatus.BAD_REQUEST:
            message = _parsed(data).get("message") or data[:200].decode(errors="replace")
            raise RefusedError(method, path, response.status, str(message))
        return data


def _parsed(data: bytes) -> Manifest:
    try:
        found: object = json.loads(data)
    except ValueError:
        return {}
    return cast("Manifest", found) if isinstance(found, dict) else {}
