"""Requests to the API server, and its refusals as sentences.

Source: kubernetes.io/docs/reference/using-api/api-concepts (verbs, dry run, field validation).
"""

import json
from collections.abc import Mapping
from typing import Any, Protocol, cast
from urllib.parse import quote, urlencode

from rehearsal.providers.kubernetes.kubeconfig import Access, Credentials, tls
from rehearsal.providers.kubernetes.manifests import items_at, mapping_at
from rehearsal.providers.plugin import ProviderError

CONNECT_SECONDS = 5.0
READ_SECONDS = 60.0
POOLED_CONNECTIONS = 64
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
JSON = "application/json"
TAKE_OVER = (
    "\n  Another manager set these fields; "
    'the annotation `pulumi.com/patchForce: "true"` takes them over'
)


class UnreachableError(ProviderError):
    """The API server does not answer."""


class RefusedError(ProviderError):
    """The API server answered with a `Status` that is a failure."""

    def __init__(self, subject: str, code: int, status: Mapping[str, Any]) -> None:
        self.code = code
        self.reason = str(status.get("reason", ""))
        details = mapping_at(status, "details")
        self.missing_kind = str(details.get("kind", "")) if code == 404 else ""
        """For 404: the plural of what does not exist, such as `namespaces`."""
        super().__init__(f"{subject}: {_sentence(code, status, items_at(details, 'causes'))}")


def _sentence(code: int, status: Mapping[str, Any], causes: list[dict[str, Any]]) -> str:
    message = str(status.get("message") or f"HTTP status {code}")
    lines = [
        f"\n  - {cause['field']}: {cause.get('message', '')}"
        for cause in causes
        if cause.get("field") and cause["field"] not in message
    ]
    if any(cause.get("reason") == "FieldManagerConflict" for cause in causes):
        lines.append(TAKE_OVER)
    return message + "".join(lines)


class Response(Protocol):
    """What is used of an HTTP response."""

    status: int

    @property
    def data(self) -> bytes:
        """Return the body."""
        ...


class Api:
    """An API server; safe to use from many threads."""

    def __init__(self, reached: Access) -> None:
        import urllib3  # noqa: PLC0415 - a provider that only previews starts without it

        self.endpoint = reached.server
        self._credentials = Credentials(reached.user)
        self._errors = urllib3.exceptions.HTTPError
        self._pool = urllib3.PoolManager(
            maxsize=POOLED_CONNECTIONS,
            ssl_context=tls(reached),
            server_hostname=reached.cluster.get("tls-server-name"),
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            retries=urllib3.Retry(connect=0, read=0, redirect=0, other=1),
        )

    def request(
        self,
        subject: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        content_type: str = JSON,
    ) -> dict[str, Any]:
        """Return the object that the API server answers with.

        `subject` begins the sentence of an error. Raises RefusedError or UnreachableError.
        """
        url = f"{self.endpoint}{path}" + (f"?{urlencode(query)}" if query else "")
        content = None if body is None else json.dumps(body).encode()
        response = self._send(method, url, content, content_type)
        if response.status == 401:
            self._credentials.forget()
            response = self._send(method, url, content, content_type)
        answer = _parsed(response.data)
        if response.status >= 400:
            raise RefusedError(subject, response.status, answer)
        return answer

    def _send(self, method: str, url: str, content: bytes | None, content_type: str) -> Response:
        headers = {"Accept": JSON, "Content-Type": content_type}
        if token := self._credentials.token():
            headers["Authorization"] = f"Bearer {token}"
        try:
            return self._pool.request(method, url, body=content, headers=headers)
        except self._errors as error:
            cause = getattr(error, "reason", None) or error
            raise UnreachableError(
                f"the Kubernetes API server at {self.endpoint} is unreachable: {cause}"
            ) from error


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(data)
    except ValueError:
        return {"message": data.decode(errors="replace").strip()}
    return cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}


def quoted(segment: str) -> str:
    """Return `segment` as one segment of a path: RBAC names may hold colons."""
    return quote(segment, safe="")
