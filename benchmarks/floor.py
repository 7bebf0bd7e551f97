"""The floor: the same engine, asked for as many resources that are nothing.

`python -m benchmarks.floor {preview,up} FOLDER COUNT`, in a process of its own. The stack, its two
secrets and every call of the engine are those of a rehearsal; there is no provider.
"""

import sys
from pathlib import Path

import pulumi
from pulumi.automation.events import EngineEvent

from benchmarks.marks import ANSWERED, LOADED, Marks
from rehearsal.engine import Engine
from rehearsal.layout import Layout


class Empty(pulumi.ComponentResource):
    """A component as Pulumi's documentation has them, with nothing in it."""

    def __init__(self, name: str) -> None:
        super().__init__("benchmarks:index:Empty", name)
        self.register_outputs({})


def main(operation: str, folder: Path, count: int) -> None:
    """Bring up, or preview, `count` components on the state in `folder`."""
    marks = Marks()
    marks.reached(LOADED)

    def program() -> None:
        for number in range(count):
            Empty(f"empty-{number}")

    def on_event(event: EngineEvent) -> None:
        if event.summary_event is not None:
            marks.reached(ANSWERED)

    engine = Engine(Layout(folder), lambda _: None, marks.around(program))
    if operation == "preview":
        marks.tell(engine.preview(on_event).changes)
    else:
        marks.tell(engine.up(on_event))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
