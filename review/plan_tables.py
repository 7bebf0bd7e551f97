"""A plan, or its refusal, as tables for a terminal."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from planning.models.roles import role_name
from planning.plan import Plan
from planning.specs.costs import Cost
from planning.specs.devices import GpuAsk
from planning.specs.models import ModelServiceSpec
from planning.specs.placement import Packing
from review.cache_tables import cache_table
from review.fit_tables import requests_held
from review.secret_table import secret_table
from review.tables import simple_table
from settings.finding import Finding, counted, headline

MIB_PER_GIB = 1024
SLICED = ("time-slicing", "mps")
"""Ways whose nodes count slices as GPUs."""


def plan_tables(plan: Plan) -> RenderableType:
    """Return the plan: pools, models, cost, and what to mind."""
    parts: list[RenderableType] = [
        Text(f"{plan.stack} in {plan.region}, cluster {plan.cluster.name}", style="bold"),
        _pools(plan),
        _services(plan),
        *([_fits(plan)] if plan.fits else []),
        *([_rolls(plan)] if plan.rolls else []),
        *([packing_table(plan.packing)] if plan.packing else []),
        *([cache_table(plan)] if any(model.cache for model in plan.models) else []),
        cost_table(plan.cost),
        _quotas(plan),
        *([secret_table(plan.external_secrets)] if plan.external_secrets else []),
    ]
    if plan.warnings:
        parts += [Text("mind", style="bold"), finding_list(plan.warnings, "yellow")]
    return Group(*parts)


def refusal_table(findings: tuple[Finding, ...]) -> RenderableType:
    """Return every finding of a refusal."""
    return Group(Text(headline(findings), style="bold red"), finding_list(findings, "red"))


def finding_list(findings: Iterable[Finding], style: str) -> RenderableType:
    """Return findings, one below the other: where, what, and what would be right."""
    lines: list[Text] = []
    for found in findings:
        lines += [
            Text.assemble("  ", (found.path, style), f": {found.problem}"),
            Text.assemble("    fix: ", found.fix, (f"  [{found.source}]", "dim")),
        ]
    return Group(*lines)


def _pools(plan: Plan) -> Table:
    numbers = ("GiB/GPU", "GPUs now", "at most")
    columns = ("pool", "from", "sharing", "instances", "GPUs", "USD/h", "GPU", *numbers)
    table = simple_table("GPU pools", *columns, right=("GPUs", "USD/h", *numbers))
    for pool in plan.pools:
        table.add_row(
            pool.name,
            pool.provisioner,
            pool.sharing,
            "\n".join(pool.instance_types),
            "\n".join(map(str, pool.gpus_per_node)),
            "\n".join(f"{usd:.4f}" for usd in pool.usd_per_hour),
            pool.gpu_name.upper(),
            f"{pool.gpu_memory_mib / MIB_PER_GIB:.0f}",
            str(pool.gpus_floor),
            str(pool.gpus_limit),
        )
    return table


def _services(plan: Plan) -> Table:
    columns = ("model", "weights", "pool", "each", "replicas", "placed on")
    table = simple_table("model services", *columns)
    placed = {service.name: service for service in plan.placement.services}
    kinds = {node.name: node.instance_type for node in plan.placement.nodes}
    sharing = {pool.name: pool.sharing for pool in plan.pools}
    for model in plan.models:
        ask, nodes = model.gpu, dict.fromkeys(placed[model.model].nodes)
        where = ", ".join(f"{node} ({kinds[node]})" for node in nodes)
        table.add_row(
            model.name,
            _weights(model),
            model.pool,
            _each(ask, sharing[model.pool], model.pods_per_replica),
            f"{model.scaler.min_replicas} to {model.scaler.max_replicas}",
            # Both sets of a model are placed as one.
            f"with {role_name(model.model, 'prefill')}" if model.role == "decode" else where,
        )
    return table


def _weights(model: ModelServiceSpec) -> str:
    """Return whose weights a model has, and where they come from if not from the Hub."""
    kind, own = model.load.kind, model.own_weights
    whose = f"{own} of {model.repository}" if own else model.repository
    return whose if kind == "hub" else f"{whose} from {kind}"


def _each(ask: GpuAsk, sharing: str, nodes: int) -> str:
    """Return what a replica takes, in the words of the pool's way."""
    if nodes > 1:
        return f"{nodes} nodes of {counted(ask.devices, 'GPU')}"
    if ask.memory_mib is not None:
        return f"{ask.memory_mib // MIB_PER_GIB} GiB, {ask.cores_percent} %"
    noun = "slice" if sharing in SLICED else ask.profile or "GPU"
    return f"1 x {noun}" if noun == ask.profile else counted(ask.devices, noun)


def _fits(plan: Plan) -> Table:
    """Return what the GPUs of each replica hold, the GPUs in front."""
    numbers = ("engine", "weights GiB", "KV GiB", "context", "KV tokens", "requests")
    title = "models in memory (of each GPU; requests of the whole context that fit at once)"
    table = simple_table(title, "GPUs", "model", *numbers, right=numbers)
    for fit in plan.fits:
        table.add_row(
            f"{fit.gpus} x {fit.gpu}",
            fit.name,
            f"{fit.utilisation:.0%}",
            f"{fit.weights_gib_per_gpu:.2f}",
            f"{fit.kv_gib_per_gpu:.2f}",
            f"{fit.context:,}",
            f"{fit.kv_tokens:,}",
            requests_held(fit),
        )
    return table


def _rolls(plan: Plan) -> Table:
    """Return what a change of each model needs, how it rolls in front."""
    numbers = ("holds", "at peak", "pool uses", "then", "at most")
    columns = ("roll", "model", *numbers, "starts", "meanwhile")
    table = simple_table("what a change of a model needs", *columns, right=numbers)
    for roll in plan.rolls:
        gone = f"away for {roll.away_seconds:,} s"
        table.add_row(
            roll.rollout,
            roll.name,
            counted(roll.devices_floor, roll.device),
            str(roll.devices_peak),
            str(roll.gpus_floor),
            str(roll.gpus_peak),
            str(roll.gpus_limit),
            roll.new_node or "",
            counted(roll.serving, "replica") if roll.serving else gone,
        )
    return table


def packing_table(packings: Iterable[Packing]) -> Table:
    """Return what dividing GPUs saves, in GPUs and dollars."""
    numbers = ("replicas", "GPUs used", "at least", "a GPU each", "USD/month", "a GPU each, USD")
    table = simple_table("shared GPUs", "pool", *numbers, right=numbers)
    for packing in packings:
        table.add_row(
            packing.pool,
            str(packing.replicas),
            str(packing.gpus_used),
            f"{packing.gpus_least:.2f}",
            str(packing.gpus_undivided),
            f"{packing.gpus_used * packing.usd_per_gpu_month:,.2f}",
            f"{packing.gpus_undivided * packing.usd_per_gpu_month:,.2f}",
        )
    return table


def _quotas(plan: Plan) -> Table:
    numbers = ("vCPU needed", "new account")
    columns = ("quota", "code", *numbers, "used by")
    table = simple_table(f"AWS quotas needed in {plan.region}", *columns, right=numbers)
    for need in plan.quotas:
        vcpus = (str(need.vcpus), str(need.default_vcpus))
        table.add_row(need.name, need.code, *vcpus, ", ".join(need.used_by))
    return table


def cost_table(cost: Cost) -> Table:
    """Return the monthly bill."""
    numbers = ("USD/h each", "now", "at most", "floor USD", "ceiling USD")
    table = simple_table(
        "cost per month (730 h, on demand; no traffic, and of storage only cache volumes)",
        "item",
        *numbers,
        right=numbers,
    )
    for line in cost.lines:
        table.add_row(
            line.item,
            f"{line.usd_per_hour:.4f}",
            str(line.floor_count),
            str(line.ceiling_count),
            f"{line.floor_usd_per_month:,.2f}",
            f"{line.ceiling_usd_per_month:,.2f}",
        )
    table.add_section()
    floor, ceiling = f"{cost.floor_usd_per_month:,.2f}", f"{cost.ceiling_usd_per_month:,.2f}"
    table.add_row("floor and ceiling", "", "", "", floor, ceiling, style="bold")
    return table
