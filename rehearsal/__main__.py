"""`python -m rehearsal {up,preview,destroy,report,env}`: the platform without the cloud."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from planning.planner import plan_config
from rehearsal.control_plane.errors import ControlPlaneError
from rehearsal.engine import Engine
from rehearsal.fleet.errors import FleetError
from rehearsal.layout import Layout
from rehearsal.project import environment_file, write_project
from rehearsal.report import Report
from rehearsal.report_tables import report_tables
from rehearsal.session import RehearsalError, Session
from rehearsal.tools.recipes import ToolError
from rehearsal.tools.toolbox import ensure_tools
from review.plan_tables import refusal_table
from review.terminal import console
from settings.files import read_config
from settings.finding import RefusedError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
Stack = Annotated[str, typer.Option("--stack", help="Environment: Pulumi.<stack>.yaml.")]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the result as JSON here.")]


@app.command()
def up(stack: Stack = "dev", json: JsonFile = None) -> None:
    """Bring the environment up on this machine; exit 1 unless every replica runs as planned."""
    session = _session(stack)
    session.up()
    _show(session.settled_report(), json)


@app.command()
def preview(stack: Stack = "dev") -> None:
    """Show what `up` would do; no control plane and no credentials are needed."""
    changes = _session(stack).preview()
    for kind, count in sorted(changes.items()):
        console().print(f"  {count:4} {kind}")


@app.command()
def report(
    stack: Stack = "dev", *, as_json: Annotated[bool, typer.Option("--json")] = False
) -> None:
    """Report what runs where, against the plan."""
    found = Session(Layout.of(stack), console(stderr=True)).report()
    if as_json:
        sys.stdout.write(found.model_dump_json(indent=2) + "\n")
    else:
        console().print(report_tables(found))


@app.command()
def destroy(stack: Stack = "dev") -> None:
    """Destroy through the engine, end every process, leave nothing."""
    gone = _session(stack).destroy()
    console().print("nothing is left" if gone else f"stack {stack} was not up: nothing to destroy")


@app.command()
def env(stack: Stack = "dev") -> None:
    """Print the environment in which plain `pulumi` works on the rehearsal."""
    layout = Layout.of(stack)
    config = read_config(environment_file(stack))
    plan_config(stack, config)
    write_project(layout, config)
    for name, value in Engine(layout).environment().items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")


def _session(stack: str) -> Session:
    ensure_tools(console())
    return Session(Layout.of(stack), console())


def _show(found: Report, json: Path | None) -> None:
    console().print(report_tables(found))
    if json is not None:
        json.write_text(found.model_dump_json(indent=2) + "\n")
    if not (found.agrees and found.all_running):
        raise typer.Exit(1)


def main() -> None:
    """Run a command; what is wrong is said in words, without a traceback."""
    try:
        app()
    except RefusedError as refused:
        console(stderr=True).print(refusal_table(refused.findings))
        sys.exit(1)
    except (RehearsalError, ToolError, ControlPlaneError, FleetError) as error:
        console(stderr=True).print(str(error), markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
