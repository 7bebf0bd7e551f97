"""The report of a rehearsal as tables for a terminal."""

from collections.abc import Mapping
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.text import Text

from rehearsal.reported import HeldDeviceReport, Report
from review.tables import simple_table


def report_tables(found: Report) -> RenderableType:
    """Return the report: models, nodes, purchases, cost, agreement, and what was simulated."""
    parts = [_services(found), _nodes(found)]
    if found.purchases:
        parts.append(_purchases(found))
    if found.packing:
        parts.append(_packing(found))
    parts += [_cost(found), _agreement(found)]
    simulated = [Text(f"  {sentence}", style="dim") for sentence in found.simulated]
    return Group(*parts, Text("simulated", style="bold"), *simulated)


def _services(found: Report) -> RenderableType:
    numbers = ("wanted", "running")
    columns = ("model", *numbers, "on", "holds", "waiting")
    table = simple_table("model services", *columns, right=numbers)
    for service in found.services:
        table.add_row(
            service.name,
            str(service.wanted),
            str(service.running),
            "\n".join(dict.fromkeys(service.nodes)),
            "\n".join(_held(device) for one in service.devices for device in one.devices),
            "\n".join(f"{waits.pod}: {waits.reason}" for waits in service.pending),
        )
    return table


def _held(device: HeldDeviceReport) -> str:
    share = ", ".join(f"{name} {amount}" for name, amount in sorted(device.consumed.items()))
    return f"{device.pool}/{device.device}" + (f" ({share})" if share else "")


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


def _packing(found: Report) -> RenderableType:
    numbers = ("replicas", "GPUs used", "at least", "a GPU each", "USD/month", "a GPU each, USD")
    table = simple_table("shared GPUs", "pool", *numbers, right=numbers)
    for packed in found.packing:
        table.add_row(
            packed.pool,
            str(packed.replicas),
            str(packed.gpus_used),
            f"{packed.gpus_least:.2f}",
            str(packed.gpus_undivided),
            f"{packed.usd_per_month:,.2f}",
            f"{packed.undivided_usd_per_month:,.2f}",
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
