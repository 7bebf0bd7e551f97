"""The fleet's process: rounds on end, until it is told to stop or its folder is gone."""

import logging
import os
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Final, Self

from pydantic import BaseModel, ConfigDict

from rehearsal.api import Api
from rehearsal.cloud import Cloud
from rehearsal.control_plane.connection import Connection
from rehearsal.control_plane.files import exclusive, write_private
from rehearsal.control_plane.supervisor import Supervisor
from rehearsal.fleet.errors import FleetError
from rehearsal.fleet.karpenter import Karpenter
from rehearsal.fleet.leader_worker_sets import LeaderWorkerSets
from rehearsal.fleet.quiet import Quiet
from rehearsal.fleet.reconciler import Reconciler
from rehearsal.layout import Layout

log = logging.getLogger("fleet")

ROUND_SECONDS: Final = 0.5


class Options(BaseModel):
    """What the fleet is told; `fleet.json` in the rehearsal's folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str
    """AWS region whose prices and zones hold."""
    hami_splits: int
    """Containers per GPU on HAMi's nodes; a release is recorded without its values."""
    dynamic_mig: bool
    """Whether the NVIDIA DRA driver cuts GPUs on demand (its feature gate DynamicMIG)."""
    tools: Path
    """Folder of the built tools, `.tools`."""

    @staticmethod
    def path(layout: Layout) -> Path:
        """Return where the options of a rehearsal are."""
        return layout.root / "fleet.json"

    @classmethod
    def read(cls, layout: Layout) -> "Options":
        """Return the options that `Fleet.start` wrote."""
        return cls.model_validate_json(cls.path(layout).read_text(encoding="utf-8"))


class _EndedError(Exception):
    """The process was asked to end."""


def folder(layout: Layout) -> Path:
    """Return the folder of the fleet's processes: lock, records, Karpenter's configuration."""
    return layout.root.absolute() / "fleet"


def supervisor(layout: Layout) -> Supervisor:
    """Return what starts and finds the fleet's processes."""
    return Supervisor(folder(layout), layout.logs.absolute())


def ready(layout: Layout) -> Path:
    """Return the file with the id of the process that keeps the fleet in step."""
    return folder(layout) / "ready"


def problems(layout: Layout) -> Path:
    """Return the file with what keeps parts of the fleet from their work now."""
    return folder(layout) / "problems.json"


def run(layout: Layout) -> None:
    """Keep the fleet of `layout` in step until TERM, INT, or until its folder is gone.

    Raises:
        FleetError: another process does it already.
    """
    # Raised from the handler: a request that waits for the API server is cut short as well.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    try:
        with exclusive(folder(layout) / "lock", _refuse):
            write_private(ready(layout), str(os.getpid()))
            _rounds(layout)
    except _EndedError:
        log.info("ended")


def _rounds(layout: Layout) -> None:
    options, processes = Options.read(layout), supervisor(layout)
    karpenter = Karpenter(processes, options.tools)
    groups = LeaderWorkerSets(processes, options.tools)
    reconciler = Reconciler(
        region=options.region,
        hami_splits=options.hami_splits,
        dynamic_mig=options.dynamic_mig,
        cloud=Cloud(layout.cloud),
        karpenter=karpenter,
        groups=groups,
        problems=problems(layout),
    )
    write_private(problems(layout), "{}\n")
    log.info("running in %s", options.region)
    pause, quiet = threading.Event(), Quiet(layout.cloud)
    try:
        with _Client() as client:
            while Options.path(layout).exists():
                if connection := Connection.read(layout.connection):
                    api = client.of(connection)
                    if quiet.ended(api):
                        reconciler.round(api, connection)
                pause.wait(ROUND_SECONDS)
    except FileNotFoundError:
        if Options.path(layout).exists():
            raise
    finally:
        karpenter.stop()
        groups.stop()
    log.info("the rehearsal's folder is gone")


class _Client:
    """The API server of now: a control plane that was made anew has other keys."""

    def __init__(self) -> None:
        self._current: tuple[Connection, Api] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._current is not None:
            self._current[1].close()

    def of(self, connection: Connection) -> Api:
        """Return a client for `connection`, the same one while it stays the same."""
        if self._current is None or self._current[0] != connection:
            if self._current is not None:
                self._current[1].close()
            self._current = (connection, Api(connection))
        return self._current[1]


def _end(_number: int, _frame: FrameType | None) -> None:
    raise _EndedError


def _refuse() -> None:
    raise FleetError("another process keeps this fleet in step: end that one first")
