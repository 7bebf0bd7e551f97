"""What every table of a terminal looks like."""

from collections.abc import Iterable

from rich import box
from rich.table import Table


def simple_table(title: str, *columns: str, right: Iterable[str] = ()) -> Table:
    """Return an empty table in the house's look."""
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1)
    )
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table
