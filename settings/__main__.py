"""`python -m settings [--check]`: write the JSON Schema of environment files, or check it."""

from typing import Annotated

import typer

from settings.schema import REFRESH_COMMAND, SCHEMA_FILE, is_current, schema_text

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when the file is not current.")
    ] = False,
) -> None:
    """Write settings/schema.json, by which editors check environment files."""
    name = f"{SCHEMA_FILE.parent.name}/{SCHEMA_FILE.name}"
    if not check:
        SCHEMA_FILE.write_text(schema_text(), "utf-8")
        typer.echo(f"wrote {name}")
    elif is_current():
        typer.echo(f"{name} is current")
    else:
        typer.echo(f"{name} is not current; run `{REFRESH_COMMAND}` and commit it", err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
