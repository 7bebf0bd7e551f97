"""Start and stop the simulated fleet of one rehearsal."""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from rehearsal.control_plane.files import private_folder, write_private
from rehearsal.control_plane.processes import Program, ask, end
from rehearsal.fleet import karpenter, leader_worker_sets
from rehearsal.fleet.daemon import Options, folder, problems, ready, supervisor
from rehearsal.fleet.errors import FleetError
from rehearsal.fleet.gpus import DEFAULT_SPLITS
from rehearsal.layout import REPOSITORY, TOOLS, Layout

NAME: Final = "fleet"
START_SECONDS: Final = 20.0
POLL_SECONDS: Final = 0.02


@dataclass(frozen=True)
class Fleet:
    """The process that simulates nodes and operators, and the controllers that it runs.

    They outlive the command that started them; each logs to `layout.logs`.
    """

    layout: Layout
    region: str
    """AWS region whose prices hold."""
    hami_splits: int = DEFAULT_SPLITS
    """Containers per GPU on HAMi's nodes (`devicePlugin.deviceSplitCount` of its release)."""
    dynamic_mig: bool = False
    """Whether the NVIDIA DRA driver cuts GPUs into MIG instances as claims ask for them."""
    tools: Path = TOOLS
    """Folder of the built tools."""

    def start(self) -> None:
        """Start the fleet, and return once it works; at once when it runs as it should.

        The control plane may start later, and may be started anew: the fleet waits for it.

        Raises:
            FleetError: a tool is missing, or the process ended.
        """
        tool = self.tools / "bin" / karpenter.NAME
        if not tool.exists():
            raise FleetError(f"{tool} is missing: build the tools with `python -m rehearsal.tools`")
        private_folder(folder(self.layout))
        options = Options(
            region=self.region,
            hami_splits=self.hami_splits,
            dynamic_mig=self.dynamic_mig,
            tools=self.tools.absolute(),
        )
        write_private(Options.path(self.layout), options.model_dump_json(indent=2) + "\n")
        processes, program = supervisor(self.layout), self._program()
        if not processes.is_current(program):
            processes.end([NAME])
            self._end_strays()
            processes.start(program)
        deadline = time.monotonic() + START_SECONDS
        while not self._works():
            if processes.running(NAME) is None or time.monotonic() > deadline:
                raise FleetError(f"the fleet did not start; {processes.tail(NAME)}")
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """End the fleet and its controllers; nothing happens when none runs."""
        processes = supervisor(self.layout)
        processes.end([NAME])
        self._end_strays()
        controllers = (karpenter.NAME, leader_worker_sets.NAME)
        processes.end(controllers)
        processes.end_strays({name: self.tools / "bin" / name for name in controllers})

    def running(self) -> bool:
        """Return whether the fleet's process lives."""
        return supervisor(self.layout).running(NAME) is not None

    def problems(self) -> dict[str, str]:
        """Return what keeps each part from its work now, by part; empty when all is well."""
        path = problems(self.layout)
        found: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return found

    def _end_strays(self) -> None:
        """End fleets of this rehearsal that no record knows: their start died before it wrote."""
        recorded = supervisor(self.layout).running(NAME)
        # `env` has become what it was given: Python and its arguments.
        command = list(self._program().command[2:])
        found = [process for process in psutil.process_iter() if ask(process.cmdline) == command]
        end([process for process in found if process != recorded])

    def _works(self) -> bool:
        process, path = supervisor(self.layout).running(NAME), ready(self.layout)
        return process is not None and path.exists() and path.read_text() == str(process.pid)

    def _program(self) -> Program:
        # A supervised process has an environment of its own, and our folder may be anywhere.
        command = ("/usr/bin/env", f"PYTHONPATH={REPOSITORY}", sys.executable)
        arguments = ("-m", "rehearsal.fleet", "--root", str(self.layout.root.absolute()))
        return Program(
            name=NAME,
            command=(*command, *arguments),
            configuration=(Options.path(self.layout), *sorted(Path(__file__).parent.rglob("*.py"))),
        )
