"""The budget of AWS."""

from components.aws_budget import AwsBudget, AwsBudgetArgs
from planning.specs.storage import AwsBudgetSpec, BudgetAlertSpec
from tests.recording import record

SPEC = AwsBudgetSpec(
    usd_per_month=9000,
    tag_key="stack",
    tag_value="dev",
    emails=("a@example.com", "b@example.com"),
    alerts=(
        BudgetAlertSpec(basis="ACTUAL", above_percent=80),
        BudgetAlertSpec(basis="FORECASTED", above_percent=100),
    ),
)


def test_a_month_of_the_stacks_cost_is_watched_and_everybody_is_told() -> None:
    recorded = record(lambda: AwsBudget("spending", AwsBudgetArgs(spec=SPEC)))
    budget = recorded["spending-monthly"]
    assert budget.parent == "spending"
    told = {
        "comparisonOperator": "GREATER_THAN",
        "thresholdType": "PERCENTAGE",
        "subscriberEmailAddresses": ["a@example.com", "b@example.com"],
    }
    assert budget.inputs == {
        "budgetType": "COST",
        "timeUnit": "MONTHLY",
        "limitAmount": "9000",
        "limitUnit": "USD",
        "costFilters": [{"name": "TagKeyValue", "values": ["user:stack$dev"]}],
        "notifications": [
            {"notificationType": "ACTUAL", "threshold": 80, **told},
            {"notificationType": "FORECASTED", "threshold": 100, **told},
        ],
    }
