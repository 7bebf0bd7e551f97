"""The secrets to make in AWS, as a person reads them before `up`."""

from review.plan_tables import plan_tables
from tests.planning.planned import planned
from tests.review.test_plan_tables import cells, shown

SOURCE = {"secrets": {"kind": "external-secrets"}}
GATED = {"models.chat.load": {"kind": "hub", "token": True}}


def test_each_secret_shows_its_whole_name_what_it_holds_and_of_what_shape():
    plan = planned(SOURCE)
    assert "to make in AWS Secrets Manager of us-west-2, before `up`" in shown(plan_tables(plan))
    assert cells(plan, "llm-platform/dev/gateway-master-key") == [
        *("llm-platform/dev/gateway-master-key", "the administrator's key", "sk-… (random)")
    ]
    assert cells(plan, "llm-platform/dev/gateway-salt-key")[-1] == "any (random)"
    assert "hugging-face-token" not in shown(plan_tables(plan))


def test_a_token_shows_who_gives_it():
    text = shown(plan_tables(planned(SOURCE | GATED)))
    assert "https://huggingface.co/settings/tokens" in text
    assert max(map(len, text.splitlines())) <= 110


def test_an_environment_with_secrets_of_its_own_has_nothing_to_make():
    assert "AWS Secrets Manager" not in shown(plan_tables(planned()))
