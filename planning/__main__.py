"""`python -m planning Pulumi.<stack>.yaml [--json]`: the plan, without engine, cloud or cluster."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from planning.planner import plan_config
from review.plan_tables import plan_tables, refusal_table
from review.terminal import console
from settings.files import read_config, stack_of
from settings.finding import RefusedError


def main(
    file: Annotated[Path, typer.Argument(help="Environment file, Pulumi.<stack>.yaml.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Show what an environment file means: fit, placement, cost; exit 1 when it is refused."""
    try:
        plan = plan_config(stack_of(file), read_config(file))
    except RefusedError as refused:
        if as_json:
            findings = [found.model_dump() for found in refused.findings]
            sys.stdout.write(json.dumps({"refused": True, "findings": findings}, indent=2) + "\n")
        else:
            console(stderr=True).print(refusal_table(refused.findings))
        raise typer.Exit(1) from None
    if as_json:
        sys.stdout.write(plan.model_dump_json(indent=2) + "\n")
    else:
        console().print(plan_tables(plan))


if __name__ == "__main__":
    typer.run(main)
