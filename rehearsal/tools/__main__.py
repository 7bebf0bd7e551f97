"""`python -m rehearsal.tools [--check]`: build the rehearsal's tools, or say which are missing."""

from typing import Annotated

import typer
from rich.console import Console

from rehearsal.tools.recipes import ToolError
from rehearsal.tools.toolbox import Toolbox

app = typer.Typer(add_completion=False)


@app.command()
def main(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Build nothing; exit 1 and list what is missing.")
    ] = False,
    has_go: Annotated[
        bool, typer.Option("--has-go", help="Build nothing; exit 1 where no Go is new enough.")
    ] = False,
) -> None:
    """Build the programs that a rehearsal runs into .tools/bin; a second run builds nothing."""
    toolbox = Toolbox()
    try:
        if has_go:
            toolbox.find_go()
        elif not check:
            toolbox.ensure(Console())
        elif missing := toolbox.missing():
            typer.echo(f"missing or outdated: {', '.join(missing)}")
            raise typer.Exit(1)
    except ToolError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    app()
