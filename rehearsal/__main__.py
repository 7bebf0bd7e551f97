"""`python -m rehearsal {up,preview,destroy,report,drill,env}`: the platform without the cloud."""

import shlex
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from rehearsal.api import UnreachableError
from rehearsal.control_plane.errors import ControlPlaneError
from rehearsal.drills.command import Drill, On, run_drill
from rehearsal.engine_environment import PASSPHRASE_VARIABLE, forget_own_settings
from rehearsal.fleet.errors import FleetError
from rehearsal.preview_tables import UNCHANGED, preview_table
from rehearsal.report_tables import report_tables
from rehearsal.reported import Report
from rehearsal.session import InterruptedRehearsalError, Session
from rehearsal.tools.recipes import ToolError
from rehearsal.tools.toolbox import ensure_tools
from rehearsal.turn import RehearsalError
from review.plan_tables import refusal_table
from review.terminal import console
from settings.finding import RefusedError

INTERRUPTED: Final = 130
"""Exit status after Ctrl-C, as shells have it."""
SAID_IN_WORDS: Final = (
    RehearsalError,
    ToolError,
    ControlPlaneError,
    FleetError,
    UnreachableError,
)

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
Stack = Annotated[
    str, typer.Option("--stack", help="dev for Pulumi.dev.yaml, or the path of such a file.")
]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the result as JSON here.")]


@app.command()
def up(stack: Stack = "dev", json: JsonFile = None) -> None:
    """Bring the environment up on this machine; exit 1 unless every replica runs as planned."""
    ensure_tools(console())
    found = Session.of(stack, console()).up()
    if json is not None:
        json.write_text(_as_json(found))
    console().print(report_tables(found))
    _judge(found)


@app.command()
def preview(stack: Stack = "dev", json: JsonFile = None) -> None:
    """Show what `up` would do; no control plane and no credentials are needed."""
    ensure_tools(console())
    found = Session.of(stack, console()).preview()
    if json is not None:
        json.write_text(found.document)
    if any(kind != UNCHANGED for kind in found.changes):
        console().print(preview_table(found))


@app.command()
def report(
    stack: Stack = "dev", *, as_json: Annotated[bool, typer.Option("--json")] = False
) -> None:
    """Report what runs where; exit 1 unless every replica runs as planned."""
    found = Session.of(stack, console(stderr=True)).report()
    if as_json:
        sys.stdout.write(_as_json(found))
    else:
        console().print(report_tables(found))
    _judge(found)


@app.command("drill")
def run(
    drill: Annotated[Drill, typer.Argument(help="What happens.")],
    stack: Stack = "dev",
    pool: Annotated[
        str | None, typer.Option("--pool", help="Of karpenter-pool; default: Karpenter's first.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Of the others; default: the first at work.")
    ] = None,
    json: JsonFile = None,
) -> None:
    """Drill a rehearsal that is up; exit 1 unless every step is as expected."""
    found = run_drill(Session.of(stack, console()), drill, On(pool=pool, model=model))
    if json is not None:
        json.write_text(found.model_dump_json(indent=2) + "\n")
    if not found.ok:
        raise typer.Exit(1)


@app.command()
def destroy(stack: Stack = "dev") -> None:
    """Destroy through the engine, end every process, leave nothing."""
    ensure_tools(console())
    session = Session.of(stack, console())
    gone = session.destroy()
    name = session.layout.stack
    console().print("nothing is left" if gone else f"stack {name} was not up: nothing to destroy")


@app.command()
def env(stack: Stack = "dev") -> None:
    """Print the environment in which plain `pulumi` works on the rehearsal; for `eval`."""
    session = Session.of(stack, console(stderr=True))
    variables = session.variables()
    # It would win over the file that holds the rehearsal's.
    sys.stdout.write(f"unset {PASSPHRASE_VARIABLE}\n")
    for name, value in variables.items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
    sys.stdout.write(f"export PULUMI_STACK={shlex.quote(session.layout.stack)}\n")


def _as_json(found: Report) -> str:
    return found.model_dump_json(indent=2) + "\n"


def _judge(found: Report) -> None:
    if not found.as_planned:
        raise typer.Exit(1)


def main() -> None:
    """Run a command; what is wrong is said in words, without a traceback."""
    forget_own_settings()
    try:
        app()
    except RefusedError as refused:
        console(stderr=True).print(refusal_table(refused.findings))
        sys.exit(1)
    except InterruptedRehearsalError as interrupted:
        console(stderr=True).print(str(interrupted), markup=False)
        sys.exit(INTERRUPTED)
    except SAID_IN_WORDS as error:
        console(stderr=True).print(str(error), markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
