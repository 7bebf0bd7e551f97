"""`python -m planning Pulumi.<stack>.yaml [--json]`: the plan, without engine, cloud or cluster."""

from pathlib import Path
from typing import Annotated

import typer

from planning.plan import Refusal
from planning.planner import plan_config
from review.plan_tables import plan_tables, refusal_table
from review.terminal import console
from settings.files import read_config, stack_of
from settings.finding import RefusedError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    file: Annotated[Path, typer.Argument(help="Environment file, Pulumi.<stack>.yaml.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, docs/plan-json.md.")] = False,
) -> None:
    """Show what an environment file means: fit, placement, cost; exit 1 when it is refused."""
    try:
        plan = plan_config(stack_of(file), read_config(file))
    except RefusedError as refused:
        if as_json:
            typer.echo(Refusal(findings=refused.findings).model_dump_json(indent=2))
        else:
            console(stderr=True).print(refusal_table(refused.findings))
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(plan.model_dump_json(indent=2))
    else:
        console().print(plan_tables(plan))


if __name__ == "__main__":
    app()
