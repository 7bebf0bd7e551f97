"""One stack's rehearsal from first to last: up, preview, report, destroy."""

import shutil
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from rich.console import Console

from planning.plan import Plan
from planning.planner import plan_config
from rehearsal.cloud import Cloud
from rehearsal.control_plane.control_plane import ControlPlane
from rehearsal.engine import Engine, EngineError, OnEvent, Preview
from rehearsal.engine_environment import engine_environment
from rehearsal.fleet.fleet import Fleet
from rehearsal.fleet.observation import observe
from rehearsal.fleet_of import fleet_of
from rehearsal.interrupts import held_back
from rehearsal.layout import Layout
from rehearsal.program import load_ahead
from rehearsal.progress import INTENTIONS, VERBS, EngineProgress
from rehearsal.project import environment_file, environments, stack_file, write_project
from rehearsal.protection import is_protected, unprotected
from rehearsal.recovery import EngineState
from rehearsal.report import report
from rehearsal.reported import Report
from rehearsal.turn import RehearsalError, turn
from settings.files import read_config, stack_of

SETTLE_SECONDS: Final = 120.0
"""Most that replicas may take to find their nodes after the engine is done."""
STILL_SECONDS: Final = 20.0
"""After this long without any change nothing more will come: Karpenter batches for up to 5 s, and
the scheduler tries a pod again after at most 10 s."""
POLL_SECONDS: Final = 0.3
ENDING: Final = "interrupted: the engine finishes what it has begun"

Answer = TypeVar("Answer")


class InterruptedRehearsalError(RehearsalError):
    """A person pressed Ctrl-C."""


@dataclass(frozen=True)
class Session:
    """The rehearsal of one environment file; the file itself is only read."""

    layout: Layout
    environment: Path
    console: Console

    @classmethod
    def of(cls, stack: str, console: Console) -> "Session":
        """Return the session of a stack in this checkout: its name, or the path of its file."""
        path = environment_file(stack)
        return cls(Layout.of(stack_of(path)), path, console)

    def preview(self) -> Preview:
        """Preview the program; no control plane is needed and none is started."""
        _, config = self._planned()
        with self._at_work():
            write_project(self.layout, config)
            load_ahead()
            return self._driven("preview", lambda engine, on: engine.preview(on), INTENTIONS)

    def up(self) -> Report:
        """Start what does not run yet, bring the stack up, and return the settled report."""
        _, config = self._planned()
        with self._at_work():
            write_project(self.layout, config)
            load_ahead()
            self._start(config)
            self._driven("up", lambda engine, on: engine.up(on))
            return self._settled_report()

    def report(self) -> Report:
        """Return what runs now, held against the plan that was applied last."""
        connection = ControlPlane(self.layout).connection()
        if connection is None:
            self._require_file()
            stack = self.layout.stack
            raise RehearsalError(f"stack {stack} is not up; run `make rehearse STACK={stack}`")
        return report(self.applied_plan(), observe(connection))

    def applied_plan(self) -> Plan:
        """Return the plan of the configuration that was applied last."""
        return plan_config(self.layout.stack, self._applied())

    def destroy(self) -> bool:
        """Destroy through the engine, end every process, remove the folder; False if none was."""
        if not self.layout.root.exists():
            self._require_file()
            return False
        with self._at_work():
            state = EngineState(self.layout)
            if state.resources() or state.pending_operations():
                self._start(self._applied())  # its plan may be refused by now
                self._lift_protection()
                self._driven("destroy", lambda engine, on: engine.destroy(on))
            left = Cloud(self.layout.cloud).all()
            Fleet(self.layout, "").stop()
            ControlPlane(self.layout).stop()
            shutil.rmtree(self.layout.root)
        if left:
            names = ", ".join(sorted(f"{resource.type} {resource.id}" for resource in left))
            raise RehearsalError(f"destroyed, but the simulated account still held {names}")
        return True

    def variables(self) -> Mapping[str, str]:
        """Return the environment in which plain `pulumi` works on this rehearsal."""
        _, config = self._planned()
        with self._at_work():
            write_project(self.layout, config)
        return engine_environment(self.layout)

    def _settled_report(self) -> Report:
        """Return the report once every replica runs, or nothing has changed for too long."""
        begun = moved = time.monotonic()
        found = self.report()
        while not found.as_planned:
            now = time.monotonic()
            if now - begun > SETTLE_SECONDS or now - moved > STILL_SECONDS:
                break
            time.sleep(POLL_SECONDS)
            newer = self.report()
            moved = moved if newer == found else now
            found = newer
        return found

    def _require_file(self) -> None:
        if not self.environment.exists():
            raise RehearsalError(
                f"there is no environment file {self.environment.name}; "
                f"there are: {', '.join(environments())}"
            )

    def _planned(self) -> tuple[Plan, dict[str, Any]]:
        """Plan the person's file: what cannot work is refused before anything is touched."""
        self._require_file()
        config = read_config(self.environment)
        return plan_config(self.layout.stack, config), config

    def _applied(self) -> dict[str, Any]:
        """Return the configuration that was applied last."""
        return EngineState(self.layout).applied_config() or read_config(stack_file(self.layout))

    def _start(self, config: Mapping[str, Any]) -> None:
        ControlPlane(self.layout).start(self.console.print)
        fleet_of(self.layout, config).start()

    def _lift_protection(self) -> None:
        """Apply that the cluster is not protected: the first of two steps, as on AWS."""
        if is_protected(self.layout):
            self.console.print("step 1 of 2: applying `cluster.deletion_protection: false`")
            write_project(self.layout, unprotected(read_config(stack_file(self.layout))))
            load_ahead()
            self._driven("lift", lambda engine, on: engine.up(on))
            self.console.print("step 2 of 2: destroying")

    @contextmanager
    def _at_work(self) -> Generator[None]:
        """Work alone on the rehearsal; Ctrl-C lets the engine finish what it has begun."""
        stack = self.layout.stack
        try:
            with turn(self.layout):
                yield
        except KeyboardInterrupt:
            EngineState(self.layout).free_lock(self.console.print)
            raise InterruptedRehearsalError(
                f"interrupted; `make rehearse STACK={stack}` goes on from here, "
                f"`make rehearse-down STACK={stack}` removes it"
            ) from None

    def _driven(
        self,
        doing: str,
        drive: Callable[[Engine, OnEvent], Answer],
        verbs: Mapping[str, str] = VERBS,
    ) -> Answer:
        """Run the engine under a progress line; its complaints become the error."""
        progress = EngineProgress(self.console, doing, verbs)
        try:
            with progress, held_back(lambda: progress.say(ENDING)):
                return drive(Engine(self.layout, progress.say), progress.on_event)
        except EngineError as error:
            raise RehearsalError("\n".join(progress.errors) or str(error)) from None
