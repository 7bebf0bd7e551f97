"""The budget of AWS: who is told when a month becomes dear."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from planning.specs.storage import AwsBudgetSpec


@dataclass(frozen=True, kw_only=True)
class AwsBudgetArgs:
    """`spec` is known before the update."""

    spec: AwsBudgetSpec


class AwsBudget(pulumi.ComponentResource):
    """A monthly cost budget over what carries the stack's tag; it tells, and stops nothing.

    Errors: none, where the tag is not yet active as a cost allocation tag: the budget then sees no
    cost at all.
    """

    def __init__(
        self, name: str, args: AwsBudgetArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:AwsBudget", name, None, opts)
        spec = args.spec
        aws.budgets.Budget(
            f"{name}-monthly",
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(spec.usd_per_month),
            limit_unit="USD",
            cost_filters=[
                aws.budgets.BudgetCostFilterArgs(
                    name="TagKeyValue", values=[f"user:{spec.tag_key}${spec.tag_value}"]
                )
            ],
            notifications=[
                aws.budgets.BudgetNotificationArgs(
                    comparison_operator="GREATER_THAN",
                    notification_type=alert.basis,
                    threshold=alert.above_percent,
                    threshold_type="PERCENTAGE",
                    subscriber_email_addresses=[*spec.emails],
                )
                for alert in spec.alerts
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
