"""Settings of what an environment may own and spend."""

from typing import Annotated

from pydantic import Field

from settings.base import Distinct, Email, Setting


class BudgetSettings(Setting):
    """What the environment may own and spend; a plan beyond it is refused."""

    gpus: Annotated[int, Field(ge=0)]
    """Most GPUs that all pools together may own at once, in whole devices."""
    usd_per_month: Annotated[int, Field(gt=0)]
    """Most that the always-on part may cost, in US dollars per month of 730 hours."""
    alert_emails: Distinct[Email] = ()
    """Who is told by AWS Budgets when a month has cost 80 % of `usd_per_month`, or is forecast to
    cost all of it; without any address there is no AWS budget."""
