"""What cert-manager may do in AWS, and who may do it."""

import json
from typing import Any

import pulumi

from components.dns_identity import DnsIdentity, DnsIdentityArgs, challenge_policy
from tests.components.certificate_specs import IDENTITY
from tests.recording import Recording, record

CLUSTER_ARN = "arn:aws-cn:eks:cn-north-1:111122223333:cluster/llm-dev"
ZONES = ["arn:aws:route53:::hostedzone/Z1", "arn:aws:route53:::hostedzone/Z2"]


def recorded(*, preview: bool = False) -> Recording:
    def program() -> None:
        args = DnsIdentityArgs(
            spec=IDENTITY,
            cluster_name=pulumi.Output.from_input("llm-dev"),
            cluster_arn=CLUSTER_ARN,
        )
        DnsIdentity("dns", args)

    return record(program, preview=preview)


def statements() -> dict[str, dict[str, Any]]:
    document = challenge_policy("aws", IDENTITY.zone_ids)
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_it_writes_only_the_text_records_of_challenges_and_only_in_its_zones() -> None:
    assert statements()["AnswerChallenges"] == {
        "Sid": "AnswerChallenges",
        "Effect": "Allow",
        "Action": "route53:ChangeResourceRecordSets",
        "Resource": ZONES,
        "Condition": {
            "ForAllValues:StringEquals": {
                "route53:ChangeResourceRecordSetsRecordTypes": ["TXT"],
                "route53:ChangeResourceRecordSetsActions": ["UPSERT", "DELETE"],
            },
            "ForAllValues:StringLike": {
                "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_acme-challenge.*"]
            },
        },
    }


def test_it_reads_its_zones_and_follows_changes_and_can_do_nothing_else() -> None:
    found = statements()
    assert found.keys() == {"AnswerChallenges", "ReadRecords", "FollowChanges"}
    read, follow = found["ReadRecords"], found["FollowChanges"]
    assert (read["Action"], read["Resource"]) == ("route53:ListResourceRecordSets", ZONES)
    assert (follow["Action"], follow["Resource"]) == (
        "route53:GetChange",
        "arn:aws:route53:::change/*",
    )


def test_the_zones_are_of_the_clusters_partition() -> None:
    document = json.loads(recorded()["dns-policy"].inputs["policy"])
    resources = [statement["Resource"] for statement in document["Statement"]]
    assert resources[0] == [
        "arn:aws-cn:route53:::hostedzone/Z1",
        "arn:aws-cn:route53:::hostedzone/Z2",
    ]
    assert resources[2] == "arn:aws-cn:route53:::change/*"


def test_only_one_account_of_one_cluster_can_take_the_role() -> None:
    trusted = json.loads(recorded()["dns-role"].inputs["assumeRolePolicy"])
    (statement,) = trusted["Statement"]
    assert statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {
            "aws:RequestTag/eks-cluster-name": "llm-dev",
            "aws:RequestTag/kubernetes-namespace": "cert-manager",
            "aws:RequestTag/kubernetes-service-account": "cert-manager",
        }
    }


def test_the_account_gets_the_role_once_the_role_may_do_something() -> None:
    found = recorded()
    identity = found["dns-identity"]
    assert "dns-policy" in identity.after
    assert identity.inputs.pop("roleArn") == found["dns"].outputs["role_arn"]
    assert identity.inputs == {
        "clusterName": "llm-dev",
        "namespace": "cert-manager",
        "serviceAccount": "cert-manager",
    }


def test_a_first_preview_shows_everything() -> None:
    found = recorded()
    assert found.children("dns") == {"dns-role", "dns-policy", "dns-identity"}
    assert set(recorded(preview=True)) == set(found)
