"""What watches an environment from outside of its cluster."""

from components.aws_budget import AwsBudget, AwsBudgetArgs
from planning.plan import Plan
from stacks.foundation import Foundation


def watch_spending(plan: Plan, foundation: Foundation) -> AwsBudget | None:
    """Make the budget of AWS from the number that the plan is held against."""
    return plan.aws_budget and AwsBudget(
        "spending", AwsBudgetArgs(spec=plan.aws_budget), foundation.on_aws
    )
