"""Specs of what an environment costs."""

from decimal import Decimal
from typing import Annotated

from pydantic import PlainSerializer

from planning.specs.base import Spec

Usd = Annotated[Decimal, PlainSerializer(float, when_used="json")]
"""US dollars; exact here, a number in JSON."""


class CostLine(Spec):
    """One item of the monthly bill; 730 hours."""

    item: str
    floor_count: int
    """How many run all month with minimum replicas."""
    ceiling_count: int
    """How many run when everything is at its limit."""
    usd_per_hour: Usd
    """Price of one."""
    floor_usd_per_month: Usd
    ceiling_usd_per_month: Usd


class Cost(Spec):
    """What the environment costs per month of 730 hours, on-demand prices."""

    lines: tuple[CostLine, ...]
    floor_usd_per_month: Usd
    """Minimum nodes all month."""
    ceiling_usd_per_month: Usd
    """Everything at its limit all month."""
