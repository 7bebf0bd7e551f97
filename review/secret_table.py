"""The secrets that a person makes in AWS before `up`, as a table for a terminal."""

from rich.table import Table

from planning.specs.secret_source import ExternalSecretsSpec, RemoteValueSpec
from review.tables import simple_table

WHOLE_NAME = 48
"""Columns up to which a name is not folded, since it is going to be copied."""
PURPOSE = 24
"""Columns of what it holds: beside it there is room for the address of who gives a token."""


def secret_table(spec: ExternalSecretsSpec) -> Table:
    """Return each secret of AWS Secrets Manager: its name, what it holds, and of what shape."""
    title = f"to make in AWS Secrets Manager of {spec.store.region}, before `up`"
    table = simple_table(title, "secret", "holds", "value")
    table.columns[0].min_width = min(WHOLE_NAME, max(len(value.remote) for value in spec.values))
    table.columns[1].max_width = PURPOSE
    for value in spec.values:
        table.add_row(value.remote, value.purpose, _value(value))
    return table


def _value(value: RemoteValueSpec) -> str:
    if value.given_by:
        return f"one of {value.given_by}"
    return f"{value.begins_with}… (random)" if value.begins_with else "any (random)"
