"""Secrets of an external store: what their reader may do, and what goes before what."""

import json
from dataclasses import asdict
from functools import cache
from typing import Any

import pulumi
import pytest

from components.database_operator import DatabaseOperator
from components.external_secrets import (
    ExternalSecrets,
    SecretIdentity,
    SecretIdentityArgs,
    read_policy,
)
from components.gateway import Gateway, GatewayArgs
from components.iam import Arn
from components.operator import OperatorArgs
from components.secret_store import SecretStore, SecretStoreArgs
from components.secret_values import StoredValues
from tests.components.secret_specs import IDENTITY, KEYS, STORE
from tests.components.workload_specs import (
    DATABASE_OPERATOR,
    GATEWAY,
    GATEWAY_NAMESPACE_SPEC,
    OPERATOR,
)
from tests.crd import misfits
from tests.recording import Recording, record

CLUSTER_ARN = "arn:aws-cn:eks:cn-north-1:111122223333:cluster/llm-dev"
CLUSTER = Arn.parse(CLUSTER_ARN)
SECRETS = "arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:llm/dev"
KEY = "arn:aws-cn:kms:cn-north-1:111122223333:key/0123abcd"
CUSTOM = ("store-store", "gateway-keys")


@cache
def recorded(*, preview: bool = False, digest: str = KEYS.digest) -> Recording:
    """A gateway whose keys come from an external store, as a stack wires them."""

    def program() -> None:
        identity = SecretIdentity(
            "identity",
            SecretIdentityArgs(
                spec=IDENTITY,
                cluster_name=pulumi.Output.from_input("llm-dev"),
                cluster_arn=CLUSTER_ARN,
            ),
        )
        operator = ExternalSecrets("eso", OperatorArgs(spec=OPERATOR, after=(identity,)))
        store = SecretStore(
            "store", SecretStoreArgs(spec=STORE, operator=operator, after=(identity,))
        )
        spec = KEYS.model_copy(update={"digest": digest})
        args = GatewayArgs(
            spec=GATEWAY,
            namespace=GATEWAY_NAMESPACE_SPEC,
            keys=StoredValues(spec=spec, store=store),
            operator=DatabaseOperator("cnpg", OperatorArgs(spec=DATABASE_OPERATOR)),
        )
        Gateway("gateway", args)

    return record(program, preview=preview)


def statements(kms_key_arn: str | None = None) -> dict[str, dict[str, Any]]:
    document = read_policy(CLUSTER, IDENTITY.remotes, kms_key_arn)
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_it_reads_its_secrets_by_their_whole_names_and_can_do_nothing_else() -> None:
    assert statements() == {
        "ReadSecrets": {
            "Sid": "ReadSecrets",
            "Effect": "Allow",
            "Action": ("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"),
            "Resource": [f"{SECRETS}/one-??????", f"{SECRETS}/two-??????"],
        }
    }


def test_with_a_key_of_ones_own_it_decrypts_through_secrets_manager_alone() -> None:
    found = statements(KEY)
    assert found.keys() == {"ReadSecrets", "DecryptSecrets"}
    assert found["DecryptSecrets"] == {
        "Sid": "DecryptSecrets",
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": KEY,
        "Condition": {
            "StringEquals": {"kms:ViaService": "secretsmanager.cn-north-1.amazonaws.com"}
        },
    }


def test_only_one_account_of_one_cluster_can_take_the_role() -> None:
    trusted = json.loads(recorded()["identity-role"].inputs["assumeRolePolicy"])
    (statement,) = trusted["Statement"]
    assert statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {
            "aws:RequestTag/eks-cluster-name": "llm-dev",
            "aws:RequestTag/kubernetes-namespace": "external-secrets",
            "aws:RequestTag/kubernetes-service-account": "external-secrets",
        }
    }


def test_the_account_has_the_role_before_the_operator_starts() -> None:
    found = recorded()
    identity = found["identity-identity"]
    assert identity.inputs["serviceAccount"] == "external-secrets"
    assert identity.inputs["roleArn"] == found["identity"].outputs["role_arn"]
    assert "identity-policy" in identity.after
    assert {"identity-policy", "identity-identity"} <= found["eso-release"].after
    resources = json.loads(found["identity-policy"].inputs["policy"])["Statement"][0]["Resource"]
    assert resources == [f"{SECRETS}/one-??????", f"{SECRETS}/two-??????"]


@pytest.mark.parametrize("name", CUSTOM)
def test_each_fits_its_definition_and_is_waited_for(name: str) -> None:
    found = recorded()[name]
    assert misfits(found.inputs) == []
    annotations = found.inputs["metadata"]["annotations"]
    assert annotations == {"pulumi.com/waitFor": "condition=Ready"}
    assert found.delete_timeout == "120s"


def test_a_secret_goes_before_its_store_and_that_before_the_operator() -> None:
    found = recorded()
    assert {"eso-release", "identity-identity"} <= found["store-store"].after
    assert "store-store" in found["gateway-keys"].after


def test_the_store_is_read_with_the_operators_own_role_and_for_few_namespaces() -> None:
    assert recorded()["store-store"].inputs["spec"] == {
        "provider": {"aws": {"service": "SecretsManager", "region": "us-west-2"}},
        "conditions": [{"namespaces": ["gateway", "models"]}],
    }


def test_a_secret_is_made_of_its_remote_values_and_goes_with_what_made_it() -> None:
    found = recorded()["gateway-keys"].inputs
    assert found["kind"] == "ExternalSecret"
    assert found["metadata"]["namespace"] == "gateway"
    assert found["spec"] == {
        "refreshPolicy": "Periodic",
        "refreshInterval": "90m",
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": "vault"},
        "target": {"name": "litellm-keys", "creationPolicy": "Owner", "deletionPolicy": "Retain"},
        "data": [
            {"secretKey": "LITELLM_MASTER_KEY", "remoteRef": {"key": "llm/dev/one"}},
            {"secretKey": "LITELLM_SALT_KEY", "remoteRef": {"key": "llm/dev/two"}},
        ],
    }


@pytest.mark.parametrize("name", ["gateway-migration", "gateway-deployment"])
def test_pods_wait_for_the_secret_and_read_it_by_the_name_they_know(name: str) -> None:
    found = recorded()[name]
    assert "gateway-keys" in found.after
    (container,) = found.inputs["spec"]["template"]["spec"]["containers"]
    references = [entry["valueFrom"]["secretKeyRef"] for entry in container["env"][-3:-1]]
    assert references == [
        {"name": "litellm-keys", "key": "LITELLM_MASTER_KEY"},
        {"name": "litellm-keys", "key": "LITELLM_SALT_KEY"},
    ]


def test_pods_start_anew_when_their_values_come_from_elsewhere() -> None:
    def annotations(found: Recording) -> dict[str, str]:
        return found["gateway-deployment"].inputs["spec"]["template"]["metadata"]["annotations"]

    assert annotations(recorded()) == {"llm-platform/keys-version": "0123456789"}
    assert annotations(recorded(digest="abc")) != annotations(recorded())


def test_no_value_of_a_secret_is_registered() -> None:
    assert not recorded().of_type("kubernetes:core/v1:Secret")
    assert "stringData" not in repr([asdict(found) for found in recorded().values()])


def test_a_first_preview_shows_everything() -> None:
    assert recorded(preview=True).keys() == recorded().keys()
