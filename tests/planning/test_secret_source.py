"""Secrets from AWS Secrets Manager: what a person has to make there, and what becomes of it."""

from typing import Any

import pytest

from planning.specs.secret_source import ExternalSecretsSpec
from tests.planning.planned import planned, refusals

SOURCE: dict[str, Any] = {"kind": "external-secrets"}
GATED = {"models.chat.load": {"kind": "hub", "token": True}}
KEY = "arn:aws:kms:us-west-2:111122223333:key/0123abcd"
PREFIX_FIX = (
    "write folders of letters, digits and `_+=.@-`, each with its slash, llm-platform/prod/"
)


def external(changes: dict[str, Any] | None = None, **source: Any) -> ExternalSecretsSpec:
    spec = planned({"secrets": SOURCE | source, **(changes or {})}).external_secrets
    assert spec is not None
    return spec


def remotes(spec: ExternalSecretsSpec) -> list[str]:
    return [value.remote for value in spec.values]


def test_the_stack_has_its_own_secrets_unless_the_settings_say_otherwise() -> None:
    assert planned().external_secrets is None
    assert planned({"secrets": {"kind": "pulumi"}}) == planned()


def test_what_to_make_is_named_after_the_stack_and_read_in_its_region() -> None:
    spec = external()
    assert remotes(spec) == [
        "llm-platform/dev/gateway-master-key",
        "llm-platform/dev/gateway-salt-key",
    ]
    assert spec.store.region == "us-west-2"
    assert spec.store.namespaces == ("gateway", "models")


def test_a_prefix_of_ones_own_is_taken_as_it_stands() -> None:
    assert remotes(external(prefix="team/llm/"))[0] == "team/llm/gateway-master-key"


def test_the_token_of_the_hub_is_wanted_only_by_a_model_that_shows_it() -> None:
    assert external().hub_token is None
    spec = external(GATED)
    assert remotes(spec)[-1] == "llm-platform/dev/hugging-face-token"


def test_a_secret_has_the_name_and_keys_that_its_readers_know() -> None:
    plan = planned({"secrets": SOURCE, **GATED})
    spec, token = plan.external_secrets, plan.hub_token
    assert spec is not None
    assert spec.hub_token is not None
    assert token is not None
    keys = spec.gateway_keys
    assert (keys.name, keys.namespace) == (plan.gateway.secret_name, plan.gateway.namespace)
    assert [value.key for value in keys.values] == [
        plan.gateway.master_key_variable,
        plan.gateway.salt_key_variable,
    ]
    held = spec.hub_token
    assert (held.name, held.namespace) == (token.name, token.namespace)
    assert [value.key for value in held.values] == [token.variable]
    assert {secret.store for secret in spec.secrets} == {spec.store.name}
    assert {secret.namespace for secret in spec.secrets} == {*spec.store.namespaces}


def test_the_role_reads_what_is_listed_and_its_account_is_the_operators() -> None:
    spec = external(GATED)
    assert spec.identity.remotes == tuple(remotes(spec))
    release = spec.operator.release
    assert spec.identity.namespace == release.namespace == spec.operator.namespace.name
    assert release.values["serviceAccount"] == {"name": spec.identity.service_account}
    assert spec.identity.cluster_name == "llm-platform-dev"


def test_the_operator_is_restricted_and_can_take_no_other_role() -> None:
    operator = external().operator
    assert operator.namespace.pod_security == "restricted"
    assert operator.release.values["rbac"] == {"serviceAccountTokenCreate": False}
    assert operator.release.values["installCRDs"] is True


def test_values_from_elsewhere_are_read_anew_and_at_another_pace_they_are_not() -> None:
    digest = external().gateway_keys.digest
    assert external(prefix="other/").gateway_keys.digest != digest
    often = external(refresh_minutes=5).gateway_keys
    assert (often.digest, often.refresh_minutes) == (digest, 5)
    assert external().gateway_keys.refresh_minutes == 60


def test_a_private_network_reaches_secrets_manager_inside_of_it() -> None:
    private = {"network.private": True, "network.nat": "none"}
    endpoints = planned({"secrets": SOURCE, **private}).network.interface_endpoints
    assert "secretsmanager" in endpoints
    assert "secretsmanager" not in planned(private).network.interface_endpoints
    assert planned({"secrets": SOURCE}).network.interface_endpoints == ()


def test_a_key_of_the_region_decrypts() -> None:
    assert external(kms_key_arn=KEY).identity.kms_key_arn == KEY
    assert external().identity.kms_key_arn is None


def test_a_key_of_another_region_is_refused() -> None:
    key = KEY.replace("us-west-2", "us-east-1")
    assert refusals({"secrets": SOURCE | {"kms_key_arn": key}}) == [
        (
            "secrets.kms_key_arn: is a key of us-east-1, and the secrets are read in us-west-2; "
            "use the key that encrypts the secrets there, or leave it out where none does "
            "[AWS Secrets Manager User Guide, security-encryption]"
        )
    ]


@pytest.mark.parametrize("prefix", ["llm-platform/prod", "/llm/", "a//b/", "llm*/", "a b/", ""])
def test_a_prefix_is_folders_and_no_pattern(prefix: str) -> None:
    (found,) = refusals({"secrets": SOURCE | {"prefix": prefix}})
    assert found == f"secrets.prefix: is '{prefix}'; {PREFIX_FIX} [settings/schema.json]"


def test_another_store_is_refused_with_those_there_are() -> None:
    (found,) = refusals({"secrets": {"kind": "vault"}})
    assert found == (
        "secrets: `kind` is 'vault'; use one of 'pulumi', 'external-secrets' [settings/schema.json]"
    )
