"""vLLM's router as a process, in front of two servers that answer like vLLM does."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

from typing_extensions import override

PATIENCE_SECONDS = 30
CACHE = {"do_remote_prefill": True, "remote_host": "10.20.3.4", "remote_port": 5600}
"""What a prefill replica says of where its KV cache lies."""


class Replica(ThreadingHTTPServer):
    """A replica of one kind."""

    daemon_threads = True

    def __init__(self, role: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.role = role
        self.asked: list[tuple[str, dict[str, Any]]] = []
        """Path and body of each request, in order."""
        self.status = 200
        self.go_on = Event()
        """A stream stops after its first part until this is set."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Replica  # pyright: ignore[reportIncompatibleVariableOverride] - it is only ever that

    @override
    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer(b"{}")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append((self.path, body))
        if body.get("stream"):
            self._stream()
        else:
            more = {"kv_transfer_params": CACHE} if self.server.role == "prefill" else {}
            self._answer(json.dumps({"answered_by": self.server.role, **more}).encode())

    def _answer(self, body: bytes) -> None:
        self.send_response(self.server.status if self.command == "POST" else 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for number, part in enumerate((b"data: first\n\n", b"data: [DONE]\n\n")):
            assert number == 0 or self.server.go_on.wait(PATIENCE_SECONDS)
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")


@contextmanager
def replica(role: str) -> Generator[Replica]:
    """Serve as a replica of a kind."""
    with Replica(role) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.go_on.set()
            server.shutdown()
            thread.join()


@contextmanager
def running(args: Sequence[str], port: int) -> Generator[subprocess.Popen[bytes]]:
    """Run the router with these arguments; it answers on `port`."""
    program = Path(sys.executable).parent / "vllm-router"
    quiet = subprocess.DEVNULL
    with subprocess.Popen([program, *args], stdout=quiet, stderr=quiet) as process:
        try:
            until(lambda: status(port, "/readiness") == 200 or process.poll() is not None)
            assert process.poll() is None, "the router has ended by itself"
            yield process
        finally:
            process.kill()


def until(holds: Any) -> None:
    """Wait until something holds.

    Raises:
        AssertionError: it does not, for too long.
    """
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def status(port: int, path: str) -> int | None:
    """Return the status of an answer; None where nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
