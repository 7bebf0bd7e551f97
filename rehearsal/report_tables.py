"""The report of a rehearsal as tables for a terminal."""

from rich.console import Group, RenderableType
from rich.text import Text

from rehearsal.report import Report
from review.plan_tables import simple_table


def report_tables(found: Report) -> RenderableType:
    """Return the report: models, nodes, cost, agreement, and what was simulated."""
    parts = [_services(found), _nodes(found), _cost(found), _agreement(found)]
    simulated = [Text(f"  {sentence}", style="dim") for sentence in found.simulated]
    return Group(*parts, Text("simulated", style="bold"), *simulated)


def _services(found: Report) -> RenderableType:
    numbers = ("wanted", "running")
    table = simple_table("model services", "model", *numbers, "on", "waiting", right=numbers)
    for service in found.services:
        table.add_row(
            service.name,
            str(service.wanted),
            str(service.running),
            "\n".join(dict.fromkeys(service.nodes)),
            "\n".join(f"{waits.pod}: {waits.reason}" for waits in service.pending),
        )
    return table


def _nodes(found: Report) -> RenderableType:
    numbers = ("GPUs", "taken", "USD/h")
    columns = ("node", "instance type", "pool", "capacity", *numbers)
    table = simple_table("nodes", *columns, right=numbers)
    for node in found.nodes:
        table.add_row(
            node.name,
            node.instance_type,
            node.pool or "-",
            node.capacity_type,
            str(node.gpus),
            str(node.gpus_used),
            "unknown" if node.usd_per_hour is None else f"{node.usd_per_hour:.4f}",
        )
    return table


def _cost(found: Report) -> Text:
    floor, ceiling = found.cost.floor_usd_per_month, found.cost.ceiling_usd_per_month
    return Text(f"cost per month: {floor:,.2f} USD at the floor, {ceiling:,.2f} at the ceiling")


def _agreement(found: Report) -> Text:
    if found.agrees:
        return Text("plan and scheduler agree on every replica", style="green")
    lines = ["plan and scheduler disagree"]
    for name, predicted in found.predicted.items():
        observed = found.observed.get(name, {})
        if predicted != observed:
            lines.append(f"  {name}: planned {predicted}, seen {observed or 'nowhere'}")
    return Text("\n".join(lines), style="red")
