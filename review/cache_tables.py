"""What replicas keep when their pods end, as a table."""

from rich.table import Table

from planning.plan import Plan
from review.tables import simple_table


def cache_table(plan: Plan) -> Table:
    """Return the volumes of each set of replicas, and how their size comes about."""
    numbers = ("weights GiB", "others GiB", "volume GiB", "USD/month each")
    title = "volumes that outlive pods"
    table = simple_table(title, "model", "volumes", *numbers, right=numbers)
    for model in plan.models:
        if (kept := model.cache) is not None:
            table.add_row(
                model.name,
                f"{model.scaler.min_replicas} to {model.scaler.max_replicas}",
                f"{kept.weights_gib:.2f}",
                str(kept.others_gib),
                str(kept.gib),
                f"{kept.usd_per_month:,.2f}",
            )
    return table
