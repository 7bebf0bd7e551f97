"""The platform itself: the steps of `python -m rehearsal`, with a note of when each was done.

`python -m benchmarks.subject {preview,up} FOLDER ENVIRONMENT`, in a process of its own.
"""

import sys
import time
from pathlib import Path
from typing import Final

from pulumi.automation.events import EngineEvent
from rich.console import Console

from benchmarks.marks import ANSWERED, LOADED, Marks
from planning.planner import plan_config
from rehearsal.control_plane.control_plane import ControlPlane
from rehearsal.engine import Engine
from rehearsal.fleet.fleet import Fleet
from rehearsal.layout import Layout
from rehearsal.program import load_ahead, run_program
from rehearsal.project import write_project
from rehearsal.session import Session
from settings.files import read_config

PLANNED: Final = "planned"
"""The environment file is read, planned and copied."""
READY: Final = "ready"
"""The control plane and the fleet run."""
APPLIED: Final = "applied"
"""The engine has ended."""
PLACED: Final = "placed"
"""Every pod is where the plan wanted it."""
PLACED_SECONDS: Final = 120.0
"""Most that the pods may take, once the engine is done."""
POLL_SECONDS: Final = 0.1


def main(operation: str, folder: Path, environment: Path) -> None:
    """Bring up, or preview, an environment on the state in `folder`."""
    marks, layout = Marks(), Layout(folder)
    marks.reached(LOADED)
    config = read_config(environment)
    plan = plan_config(layout.stack, config)
    write_project(layout, config)
    marks.reached(PLANNED)
    load_ahead()

    def on_event(event: EngineEvent) -> None:
        if event.summary_event is not None:
            marks.reached(ANSWERED)

    engine = Engine(layout, lambda _: None, marks.around(run_program))
    if operation == "preview":
        marks.tell(engine.preview(on_event).changes)
        return
    ControlPlane(layout).start(lambda _: None)
    Fleet(layout, plan.region).start()
    marks.reached(READY)
    operations = engine.up(on_event)
    marks.reached(APPLIED)
    wait_until_placed(Session(layout, environment, Console(quiet=True)))
    marks.reached(PLACED)
    marks.tell(operations)


def wait_until_placed(session: Session) -> None:
    """Return once every replica runs where the plan wanted it.

    Raises:
        TimeoutError: they do not get there.
    """
    deadline = time.monotonic() + PLACED_SECONDS
    while not session.report().as_planned:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{session.layout.stack}: not every replica runs as planned")
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
