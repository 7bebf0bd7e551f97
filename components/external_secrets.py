"""External Secrets, and what it may read in AWS. Source: https://external-secrets.io/latest/"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.account_role import Account, account_role
from components.iam import Arn, Policy, Statement, allow, policy
from components.operator import Operator
from planning.specs.secret_source import SecretIdentitySpec

READS = ("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret")
RANDOM_END = "-??????"
"""What Secrets Manager adds to each name in an ARN: of six characters, so that nothing else fits.
Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html"""


class ExternalSecrets(Operator):
    """Makes a Secret of what an ExternalSecret names, and keeps it as it is in its store."""


@dataclass(frozen=True, kw_only=True)
class SecretIdentityArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: SecretIdentitySpec
    cluster_name: pulumi.Input[str]
    cluster_arn: pulumi.Input[str]


class SecretIdentity(pulumi.ComponentResource):
    """A role that reads a few secrets by their names, and the one ServiceAccount that has it.

    The account need not exist yet. A pod gets the role when it starts, so the operator comes after
    this and goes before it.
    """

    role_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: SecretIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:SecretIdentity", name, None, opts)
        spec = args.spec
        policy_of = pulumi.Output.from_input(args.cluster_arn).apply(
            lambda arn: json.dumps(read_policy(Arn.parse(arn), spec.remotes, spec.kms_key_arn))
        )
        account = Account(
            cluster=spec.cluster_name, namespace=spec.namespace, name=spec.service_account
        )
        role = account_role(name, account, policy_of, cluster_name=args.cluster_name, parent=self)
        self.role_arn = role.arn
        self.register_outputs({"role_arn": self.role_arn})


def read_policy(cluster: Arn, remotes: Sequence[str], kms_key_arn: str | None) -> Policy:
    """Return what External Secrets may do: read these secrets, beside the cluster, and list none.

    Args:
        cluster: Whose partition, region and account the secrets are in.
        remotes: Names of the secrets.
        kms_key_arn: The key of theirs that it may use, for this alone; None: it needs none.
    """
    place = f"{cluster.partition}:secretsmanager:{cluster.region}:{cluster.account}"
    secrets = [f"arn:{place}:secret:{remote}{RANDOM_END}" for remote in remotes]
    decrypts: list[Statement] = []
    if kms_key_arn is not None:
        service = f"secretsmanager.{cluster.region}.amazonaws.com"
        only = {"StringEquals": {"kms:ViaService": service}}
        decrypts = [allow("DecryptSecrets", "kms:Decrypt", kms_key_arn, only)]
    return policy(allow("ReadSecrets", READS, secrets), *decrypts)
