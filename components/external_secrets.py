"""External Secrets, and what it may read in AWS. Source: https://external-secrets.io/latest/"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.iam import Arn, Policy, Statement, allow, policy, trust
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
        child, spec = pulumi.ResourceOptions(parent=self), args.spec
        role = aws.iam.Role(
            f"{name}-role", assume_role_policy=json.dumps(reader_trust(spec)), opts=child
        )
        may_read = aws.iam.RolePolicy(
            f"{name}-policy",
            role=role.name,
            policy=pulumi.Output.from_input(args.cluster_arn).apply(
                lambda arn: json.dumps(read_policy(Arn.parse(arn), spec.remotes, spec.kms_key_arn))
            ),
            opts=child,
        )
        aws.eks.PodIdentityAssociation(
            f"{name}-identity",
            cluster_name=args.cluster_name,
            namespace=spec.namespace,
            service_account=spec.service_account,
            role_arn=role.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[may_read]),
        )
        self.role_arn = role.arn
        self.register_outputs({"role_arn": self.role_arn})


def reader_trust(spec: SecretIdentitySpec) -> Policy:
    """Return the trust of the role: pods of one ServiceAccount of one cluster.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
    """
    pod = {
        "aws:RequestTag/eks-cluster-name": spec.cluster_name,
        "aws:RequestTag/kubernetes-namespace": spec.namespace,
        "aws:RequestTag/kubernetes-service-account": spec.service_account,
    }
    actions = ("sts:AssumeRole", "sts:TagSession")
    return trust("pods.eks.amazonaws.com", actions, {"StringEquals": pod})


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
