"""`python -m planning Pulumi.<stack>.yaml [--json]`: the plan, without engine, cloud or cluster.

`python -m planning fit MODEL --gpu NAME [...]`: whether a model fits, without an environment file.
"""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from planning.fit.asked import Asked, report
from planning.fit.question import PLATFORM_VERSION, Dtype, KvDtype, SpeculativeMethod
from planning.plan import Refusal
from planning.planner import plan_config
from review.fit_tables import fit_tables
from review.plan_tables import plan_tables, refusal_table
from review.terminal import console
from settings.files import read_config, stack_of
from settings.finding import RefusedError

PLAN = "plan"
USAGE = 2
"""Exit code of a question that is asked wrongly, as of the option parser."""


class FileOrCommand(TyperGroup):
    """Commands, of which `plan` may be left out before its file."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take a first argument that is no command for the file of `plan`."""
        if args != ["--help"] and (not args or args[0] not in self.commands):
            args = [PLAN, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, cls=FileOrCommand)


@app.command(PLAN)
def main(
    file: Annotated[Path, typer.Argument(help="Environment file, Pulumi.<stack>.yaml.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, docs/plan-json.md.")] = False,
) -> None:
    """Show what an environment file means: fit, placement, cost; exit 1 when it is refused."""
    try:
        plan = plan_config(stack_of(file), read_config(file))
    except RefusedError as refused:
        _print_refusal(refused, as_json=as_json)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(plan.model_dump_json(indent=2))
    else:
        console().print(plan_tables(plan))


@app.command("fit")
def fit(
    model: Annotated[str, typer.Argument(help="Repository or short name, qwen3-8b.")],
    *,
    gpu: Annotated[str | None, typer.Option(help="GPU by name: H100, L40S.")] = None,
    gpu_memory_gib: Annotated[
        float | None, typer.Option(help="Memory of one GPU or share, as CUDA reports it.")
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, help="GPUs.")] = None,
    tp: Annotated[
        int | None, typer.Option(min=1, help="Tensor parallelism; default: all GPUs.")
    ] = None,
    pp: Annotated[int, typer.Option(min=1, help="Pipeline stages.")] = 1,
    dp: Annotated[int, typer.Option(min=1, help="Data-parallel ranks that share experts.")] = 1,
    ep: Annotated[bool, typer.Option("--ep", help="Whole experts on each GPU.")] = False,
    dcp: Annotated[int, typer.Option(min=1, help="Decode-context ranks.")] = 1,
    context: Annotated[int | None, typer.Option(min=1, help="Default: the model's own.")] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, help="Requests of the whole context to hold at once.")
    ] = None,
    dtype: Annotated[Dtype, typer.Option(help="What the weights are held in.")] = "auto",
    kv_dtype: Annotated[KvDtype, typer.Option(help="What the KV cache is held in.")] = "auto",
    utilisation: Annotated[
        float | None,
        typer.Option("--utilisation", "--utilization", help="Default: the release's own."),
    ] = None,
    vllm: Annotated[str, typer.Option(help="Release of vLLM.")] = PLATFORM_VERSION,
    max_num_seqs: Annotated[int | None, typer.Option(min=1, help="Default: by GPU.")] = None,
    max_num_batched_tokens: Annotated[
        int | None, typer.Option(min=1, help="Default: by GPU.")
    ] = None,
    eager: Annotated[bool, typer.Option("--eager", help="Without CUDA graphs.")] = False,
    lora_rank: Annotated[int | None, typer.Option(min=1, help="Largest of the adapters.")] = None,
    max_loras: Annotated[int | None, typer.Option(min=1, help="Adapters in one batch.")] = None,
    speculative: Annotated[
        SpeculativeMethod | None, typer.Option(help="How tokens are guessed.")
    ] = None,
    speculative_tokens: Annotated[
        int | None, typer.Option(min=1, help="Tokens guessed at a time.")
    ] = None,
    speculative_model: Annotated[str | None, typer.Option(help="What guesses them.")] = None,
    region: Annotated[str, typer.Option(help="Whose prices count.")] = "us-east-1",
    as_json: Annotated[bool, typer.Option("--json", help="docs/reading-the-fit.md.")] = False,
) -> None:
    """Say whether a model fits its GPUs, term by term; exit 1 when it does not."""
    asked = Asked(
        model=model,
        gpu=gpu,
        gpu_memory_gib=gpu_memory_gib,
        count=count,
        tensor=tp,
        pipeline=pp,
        data=dp,
        expert=ep,
        decode_context=dcp,
        context=context,
        concurrency=concurrency,
        dtype=dtype,
        kv_dtype=kv_dtype,
        utilisation=utilisation,
        version=vllm,
        max_num_seqs=max_num_seqs,
        max_num_batched_tokens=max_num_batched_tokens,
        eager=eager,
        lora_rank=lora_rank,
        max_loras=max_loras,
        speculative=speculative,
        speculative_tokens=speculative_tokens,
        speculative_model=speculative_model,
        region=region,
    )
    try:
        answer = report(asked)
    except RefusedError as refused:
        _print_refusal(refused, as_json=as_json)
        raise typer.Exit(USAGE) from None
    if as_json:
        typer.echo(answer.model_dump_json(indent=2))
    else:
        console().print(fit_tables(answer))
    raise typer.Exit(0 if answer.fits else 1)


def _print_refusal(refused: RefusedError, *, as_json: bool) -> None:
    if as_json:
        typer.echo(Refusal(findings=refused.findings).model_dump_json(indent=2))
    else:
        console(stderr=True).print(refusal_table(refused.findings))


if __name__ == "__main__":
    app()
