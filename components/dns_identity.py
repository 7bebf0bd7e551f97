"""How cert-manager answers DNS01 challenges in Route 53: a role by Pod Identity, and no key."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.account_role import Account, account_role
from components.iam import Arn, Policy, allow, policy
from planning.specs.certificates import DnsIdentitySpec

CHALLENGE_RECORDS = "_acme-challenge.*"
"""Names that challenges are answered under. Source: RFC 8555, section 8.4."""


@dataclass(frozen=True, kw_only=True)
class DnsIdentityArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: DnsIdentitySpec
    cluster_name: pulumi.Input[str]
    cluster_arn: pulumi.Input[str]


class DnsIdentity(pulumi.ComponentResource):
    """A role that answers challenges in a few hosted zones, and the one ServiceAccount that has it.

    The account need not exist yet. A pod gets the role when it starts, so cert-manager comes after
    this and goes before it.
    """

    role_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: DnsIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:DnsIdentity", name, None, opts)
        spec = args.spec
        policy_of = pulumi.Output.from_input(args.cluster_arn).apply(
            lambda arn: json.dumps(challenge_policy(Arn.parse(arn).partition, spec.zone_ids))
        )
        account = Account(
            cluster=spec.cluster_name, namespace=spec.namespace, name=spec.service_account
        )
        role = account_role(name, account, policy_of, cluster_name=args.cluster_name, parent=self)
        self.role_arn = role.arn
        self.register_outputs({"role_arn": self.role_arn})


def challenge_policy(partition: str, zone_ids: Sequence[str]) -> Policy:
    """Return what cert-manager may do: write the TXT records of challenges in these zones.

    It lists no zones, since every solver names its own.
    Sources: https://cert-manager.io/docs/configuration/acme/dns01/route53/ and
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
    """
    zones = [f"arn:{partition}:route53:::hostedzone/{zone}" for zone in zone_ids]
    key = "route53:ChangeResourceRecordSets"
    answers = {
        "ForAllValues:StringEquals": {
            f"{key}RecordTypes": ["TXT"],
            f"{key}Actions": ["UPSERT", "DELETE"],
        },
        "ForAllValues:StringLike": {f"{key}NormalizedRecordNames": [CHALLENGE_RECORDS]},
    }
    return policy(
        allow("AnswerChallenges", key, zones, answers),
        allow("ReadRecords", "route53:ListResourceRecordSets", zones),
        allow("FollowChanges", "route53:GetChange", f"arn:{partition}:route53:::change/*"),
    )
