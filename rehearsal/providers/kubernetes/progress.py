"""Lines in the engine's display while an operation runs."""

import threading
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc


class EngineLog:
    """The engine's log; silent until the engine has said where it listens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._address = ""
        self._engine: Any = None
        self._warned: set[str] = set()

    def connect(self, address: str) -> None:
        """Send lines to the engine at `address`, from the first one on."""
        self._address = address

    def status(self, urn: str, message: str) -> None:
        """Show `message` beside the resource, until the next one replaces it."""
        self._log(urn, message, engine_pb2.INFO, ephemeral=True)

    def warning(self, urn: str, message: str) -> None:
        """Add a warning to the resource's diagnostics."""
        self._log(urn, message, engine_pb2.WARNING, ephemeral=False)

    def warning_once(self, urn: str, message: str) -> None:
        """Add a warning that would be the same for many resources to the first of them."""
        with self._lock:
            if message in self._warned:
                return
            self._warned.add(message)
        self.warning(urn, message)

    def _log(self, urn: str, message: str, severity: Any, *, ephemeral: bool) -> None:
        if not self._address:
            return
        with self._lock:
            if self._engine is None:
                self._engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(self._address))
        request = engine_pb2.LogRequest(
            severity=severity, message=message, urn=urn, ephemeral=ephemeral
        )
        self._engine.Log.future(request)  # an engine that has gone misses a line, nothing more
