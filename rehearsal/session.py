"""One stack's rehearsal from first to last: up, preview, report, destroy."""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from rich.console import Console

from planning.plan import Plan
from planning.planner import plan_config
from rehearsal.cloud import Cloud
from rehearsal.control_plane.control_plane import ControlPlane
from rehearsal.engine import Engine, EngineError
from rehearsal.fleet.fleet import Fleet
from rehearsal.fleet.observation import observe
from rehearsal.layout import Layout
from rehearsal.progress import EngineProgress
from rehearsal.project import environment_file, stack_file, write_project
from rehearsal.report import Report, report
from settings.files import read_config

SETTLE_SECONDS: Final = 60.0
"""Most that replicas may take to find their nodes after the engine is done."""
POLL_SECONDS: Final = 0.3


class RehearsalError(Exception):
    """A rehearsal that cannot do what was asked; the message says why."""


@dataclass(frozen=True)
class Session:
    """The rehearsal of one stack."""

    layout: Layout
    console: Console

    @property
    def engine(self) -> Engine:
        """Return the engine on this rehearsal's state."""
        return Engine(self.layout)

    def preview(self) -> Mapping[str, int]:
        """Preview the program; no control plane is needed and none is started."""
        self._prepare()
        return self._driven("preview", self.engine.preview)

    def up(self) -> Mapping[str, int]:
        """Start what does not run yet and bring the stack up; return what was done."""
        self._start(self._prepare())
        return self._driven("up", self.engine.up)

    def settled_report(self) -> Report:
        """Return the report once every replica runs, or nothing has changed for too long."""
        deadline = time.monotonic() + SETTLE_SECONDS
        found = self.report()
        while not (found.agrees and found.all_running) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            found = self.report()
        return found

    def report(self) -> Report:
        """Return what runs now, held against the plan that was applied last."""
        connection = ControlPlane(self.layout).connection()
        if connection is None:
            stack = self.layout.stack
            raise RehearsalError(f"stack {stack} is not up; run `make rehearse STACK={stack}`")
        return report(self._applied(), observe(connection))

    def destroy(self) -> bool:
        """Destroy through the engine, end every process, remove the folder; False if none was."""
        if not self.layout.root.exists():
            return False
        if self.engine.exists():
            self._start(self._applied())
            self._driven("destroy", self.engine.destroy)
        left = Cloud(self.layout.cloud).all()
        Fleet(self.layout, "").stop()
        ControlPlane(self.layout).stop()
        if left:
            names = ", ".join(sorted(f"{resource.type} {resource.id}" for resource in left))
            raise RehearsalError(f"the simulated account still holds {names}")
        shutil.rmtree(self.layout.root)
        return True

    def _prepare(self) -> Plan:
        """Plan the person's file, before anything is started, and copy it for the engine."""
        config = read_config(environment_file(self.layout.stack))
        plan = plan_config(self.layout.stack, config)
        write_project(self.layout, config)
        return plan

    def _applied(self) -> Plan:
        return plan_config(self.layout.stack, read_config(stack_file(self.layout)))

    def _start(self, plan: Plan) -> None:
        ControlPlane(self.layout).start(self.console.print)
        Fleet(self.layout, plan.region).start()

    def _driven(
        self, doing: str, drive: Callable[[Callable[..., None]], Mapping[str, int]]
    ) -> Mapping[str, int]:
        """Run the engine under a progress line; its complaints become the error."""
        progress = EngineProgress(self.console, doing)
        try:
            with progress:
                return drive(progress.on_event)
        except EngineError as error:
            raise RehearsalError("\n".join(progress.errors) or str(error)) from None
