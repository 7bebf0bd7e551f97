"""Start, repair and stop the control plane of one stack's rehearsal."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rehearsal.control_plane import ports
from rehearsal.control_plane.connection import Connection
from rehearsal.control_plane.errors import ControlPlaneError
from rehearsal.control_plane.files import exclusive, private_folder
from rehearsal.control_plane.hami import EXTENDER, extender_command
from rehearsal.control_plane.probes import Probe, probe
from rehearsal.control_plane.programs import NAMES, ORDER, PORTS, TOOL_OF, program
from rehearsal.control_plane.site import Site
from rehearsal.control_plane.supervisor import Supervisor
from rehearsal.layout import TOOLS, Layout

READY_SECONDS = 60.0
POLL_SECONDS = 0.05
MOST_ATTEMPTS = 3
PORT_TAKEN = "address already in use"
"""In the words of every program that listens."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class ControlPlane:
    """etcd, kube-apiserver, kube-controller-manager, two schedulers and KWOK, on 127.0.0.1.

    The second scheduler is HAMi's, with a process that stands in for HAMi's extender.

    The processes outlive the command that started them. Commands may race: starts and stops of
    the same stack take turns.
    """

    layout: Layout
    tools: Path = TOOLS / "bin"
    """Folder of the built tools."""

    def start(self, progress: Progress) -> Connection:
        """Start what does not run, wait until a pod can be created, and return the connection.

        Returns at once when everything runs. A process that died, hangs, or runs with another
        tool or configuration than today's is started anew, on the same data and the same ports.

        Raises:
            ControlPlaneError: a tool is missing or ended, or was not ready within 60 s.
        """
        self._require_tools()
        with self._turn(progress):
            self._end_strays()
            site = self._settled(progress)
            connection = site.connection()
            connection.write(self.layout.connection)
            return connection

    def _settled(self, progress: Progress) -> Site:
        """Bring everything up; where another program took a port meanwhile, on other ports."""
        for attempt in range(1, MOST_ATTEMPTS + 1):
            alive = {name for name in NAMES if self._supervisor.running(name)}
            port_file = Site.read(self._folder).port_file
            site = Site(self._folder, ports.settle(port_file, PORTS, alive, progress))
            site.write()
            try:
                self._bring_up(site, progress)
            except ControlPlaneError as problem:
                if PORT_TAKEN not in str(problem) or attempt == MOST_ATTEMPTS:
                    raise
                progress(f"{str(problem).splitlines()[0]}: a port was taken; trying others")
            else:
                return site
        raise AssertionError("the last attempt returns or raises")

    def stop(self) -> None:
        """End every process, clients before servers; data, keys and ports are kept.

        Does nothing when nothing runs.
        """
        if not self._folder.exists():
            return
        with self._turn(_silent):
            self._end_strays()
            for group in reversed(ORDER):
                self._supervisor.end(group)
            self.layout.connection.unlink(missing_ok=True)

    def connection(self) -> Connection | None:
        """Return how to reach the control plane, or None unless it was started and not stopped."""
        return Connection.read(self.layout.connection)

    def healthy(self) -> bool:
        """Return whether every process lives and says that it is ready."""
        site = self._site()
        return site is not None and all(self._is_fit(name, site) for name in NAMES)

    def _bring_up(self, site: Site, progress: Progress) -> None:
        """Start each group in order, from the first that is not whole; wait until all are ready."""
        began = time.monotonic()
        starting = self._unfit(site)
        for group in reversed(starting):
            self._supervisor.end(group)
        for group in starting:
            for name in group:
                progress(f"control plane: starting {name}")
                self._supervisor.start(program(name, site, self.tools))
            for name in group:
                self._wait(name, probe(name, site))
        for namespace in ("default", "kube-system"):
            self._wait("kube-controller-manager", _service_account(namespace, site))
        if starting:
            took = time.monotonic() - began
            progress(f"control plane: ready at {site.endpoint} after {took:.1f} s")

    def _unfit(self, site: Site) -> list[tuple[str, ...]]:
        """Return what has to be started, in groups: what is not fit, and all that depends on it.

        A client that lost its API server comes back by itself, but only after a pause that grows
        to 30 s (client-go's reflector): a new process is quicker, and certain.
        """
        for number, group in enumerate(ORDER):
            if unfit := tuple(name for name in group if not self._is_fit(name, site)):
                return [unfit, *ORDER[number + 1 :]]
        return []

    def _is_fit(self, name: str, site: Site) -> bool:
        current = self._supervisor.is_current(program(name, site, self.tools))
        return current and probe(name, site).problem() is None

    def _wait(self, name: str, ready: Probe) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while problem := ready.problem():
            if self._supervisor.running(name) is None:
                reason = f"{name} ended while the control plane was starting"
            elif time.monotonic() > deadline:
                reason = f"{name} was not ready after {READY_SECONDS:.0f} s ({problem})"
            else:
                time.sleep(POLL_SECONDS)
                continue
            raise ControlPlaneError(f"{reason}; {self._supervisor.tail(name)}")

    def _end_strays(self) -> None:
        self._supervisor.end_strays(self._tool_paths)
        self._supervisor.end_copies(EXTENDER, extender_command(self._folder))

    def _require_tools(self) -> None:
        tools = dict.fromkeys(TOOL_OF.values())
        if missing := [name for name in tools if not (self.tools / name).exists()]:
            raise ControlPlaneError(
                f"{', '.join(missing)} missing in {self.tools}: "
                "build the tools with `python -m rehearsal.tools`"
            )

    @contextmanager
    def _turn(self, progress: Progress) -> Generator[None]:
        lock = private_folder(self._folder) / "lock"
        waiting = f"control plane: another command works on stack {self.layout.stack}: waiting"
        with exclusive(lock, lambda: progress(waiting)):
            yield

    def _site(self) -> Site | None:
        site = Site.read(self._folder)
        return site if site.ports.keys() == PORTS.keys() else None

    @property
    def _folder(self) -> Path:
        return self.layout.control_plane.absolute()

    @property
    def _supervisor(self) -> Supervisor:
        return Supervisor(self._folder, self.layout.logs.absolute())

    @property
    def _tool_paths(self) -> dict[str, Path]:
        return {name: self.tools / tool for name, tool in TOOL_OF.items()}


def _service_account(namespace: str, site: Site) -> Probe:
    """Return what tells that pods can be created in `namespace`."""
    return Probe(
        port=site.ports["kube-apiserver"],
        path=f"/api/v1/namespaces/{namespace}/serviceaccounts/default",
        authority=site.keys["ca"].certificate,
        token=site.token(),
    )


def _silent(_message: str) -> None:
    """Tell nobody."""
