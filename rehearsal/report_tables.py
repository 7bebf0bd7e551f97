"""The report of a rehearsal as tables for a terminal."""

from collections.abc import Mapping
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.text import Text

from rehearsal.report import Report
from review.plan_tables import simple_table


def report_tables(found: Report) -> RenderableType:
    """Return the report: models, nodes, purchases, cost, agreement, and what was simulated."""
    parts = [_services(found), _nodes(found)]
    if found.purchases:
        parts.append(_purchases(found))
    parts += [_cost(found), _agreement(found)]
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
            _usd(node.usd_per_hour),
        )
    return table


def _purchases(found: Report) -> RenderableType:
    prices = ("planned USD/h", "USD/h")
    table = simple_table(
        "Karpenter's purchases", "pool", "planned", "bought", *prices, right=prices
    )
    for purchase in found.purchases:
        table.add_row(
            purchase.pool,
            _counts(purchase.expected),
            _counts(purchase.bought),
            _usd(purchase.expected_usd_per_hour),
            _usd(purchase.bought_usd_per_hour),
        )
    return table


def _counts(nodes: Mapping[str, int]) -> str:
    return "\n".join(f"{count} x {name}" for name, count in nodes.items()) or "none"


def _usd(price: Decimal | None) -> str:
    return "unknown" if price is None else f"{price:.4f}"


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
