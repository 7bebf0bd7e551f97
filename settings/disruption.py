"""How much of a pool Karpenter may take away at once, and when."""

from typing import Annotated, Literal

from pydantic import Field

from settings.base import NODES_PATTERN, Distinct, Setting


class DisruptionBudget(Setting):
    """A limit on nodes that leave at the same time; of several active ones the smallest counts.

    A budget holds back the end of empty and of outdated nodes. It holds back neither expiry nor an
    interruption by EC2.
    """

    nodes: Annotated[str, Field(pattern=NODES_PATTERN)]
    """Most nodes at once, in quotes: `"1"`, or a part of the pool, `"10%"`; `"0"` forbids it."""
    reasons: Distinct[Literal["Empty", "Drifted"]] = ()
    """What it is about: nodes without pods, nodes of an older image or spec; none means both."""
    schedule: str | None = None
    """When it begins to hold, five fields of cron in UTC: `0 6 * * mon-fri`; without it, always."""
    duration_hours: Annotated[int, Field(ge=1, le=168)] | None = None
    """Hours that it holds from there."""
    duration_minutes: Annotated[int, Field(ge=1, le=59)] | None = None
    """Minutes on top of the hours, or alone."""


EMPTY_AT_ONCE = DisruptionBudget(nodes="100%", reasons=("Empty",))
"""Idle nodes go at once, since each costs money."""
DRIFTED_ONE_BY_ONE = DisruptionBudget(nodes="1", reasons=("Drifted",))
"""A new image or a new spec rolls one node at a time."""
