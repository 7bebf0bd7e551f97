"""HTTPS on loopback, for kube-scheduler alone: it shows a certificate of the cluster."""

import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

Filter = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Takes ExtenderArgs, returns an ExtenderFilterResult."""


@dataclass(frozen=True, kw_only=True)
class Tls:
    """Files of the server's side."""

    certificate: Path
    key: Path
    authority: Path
    """Signed the certificates of those who may ask."""

    def context(self) -> ssl.SSLContext:
        """Return what the server's socket is wrapped with."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(self.authority))
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(self.certificate, self.key)
        return context


class Server(ThreadingHTTPServer):
    """Answers `POST /filter`, and `GET /readyz` with 200."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], tls: Tls, answer: Filter) -> None:
        """Listen on `address`."""
        super().__init__(address, _Handler)
        self.answer = answer
        # A client's handshake belongs to its own thread: one that dawdles holds up nobody.
        self.socket = tls.context().wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer whether the extender works."""
        self._answer(HTTPStatus.OK if self.path == "/readyz" else HTTPStatus.NOT_FOUND, {})

    def do_POST(self) -> None:
        """Answer a question of kube-scheduler."""
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        if self.path == "/filter":
            self._answer(HTTPStatus.OK, cast("Server", self.server).answer(asked))
        else:
            self._answer(HTTPStatus.NOT_FOUND, {})

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing of what went well."""

    def _answer(self, status: HTTPStatus, body: Mapping[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
