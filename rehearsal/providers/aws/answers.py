"""What the simulated services answer: identifiers and outputs per resource type, as templates.

A template names an input or an earlier output (`{clusterName}`), a fact (`{account}`,
`{partition}`, `{region}`, `{id}`), the control plane (`{control_plane_endpoint}`,
`{control_plane_ca}`), or something made up, told apart by what stands behind the colon:
`{hex:rtb}` 17 digits, `{upper:role}` the same in capitals, `{issuer:oidc}` 32 of those,
`{short:mount}` 6 digits, `{uuid:key}`, `{ip:public}`. An input that the program gives wins over
the table. Formats: the import sections of the resources in hashicorp/terraform-provider-aws
(website/docs/r), and docs.aws.amazon.com/service-authorization (ARNs).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Template: TypeAlias = "str | int | bool | list[Template] | dict[str, Template]"


@dataclass(frozen=True)
class Answer:
    """How one resource type answers a create; `id` is a template, `outputs` hold templates."""

    id: str
    outputs: Mapping[str, Template] = field(default_factory=dict[str, Template])
    counted: str | None = None
    """The output that grows by one with every update."""


DAY = "2026-01-01T00:00:00Z"
"""When everything was made: a clock would make every run differ."""

_EKS = "arn:{partition}:eks:{region}:{account}"
_IAM = "arn:{partition}:iam::{account}"

SERVICES: Mapping[str, Answer] = {
    "aws:eks/cluster:Cluster": Answer(
        "{name}",
        {
            "arn": f"{_EKS}:cluster/{{name}}",
            "endpoint": "{control_plane_endpoint}",
            "certificateAuthority": {"data": "{control_plane_ca}"},
            "createdAt": DAY,
            "identities": [
                {"oidcs": [{"issuer": "https://oidc.eks.{region}.amazonaws.com/id/{issuer:oidc}"}]}
            ],
            "platformVersion": "eks.1",
            "status": "ACTIVE",
            "vpcConfig": {"clusterSecurityGroupId": "sg-{hex:cluster}", "vpcId": "vpc-{hex:vpc}"},
        },
    ),
    "aws:eks/nodeGroup:NodeGroup": Answer(
        "{clusterName}:{nodeGroupName}",
        {
            "arn": f"{_EKS}:nodegroup/{{clusterName}}/{{nodeGroupName}}/{{uuid:group}}",
            "resources": [{"autoscalingGroups": [{"name": "eks-{nodeGroupName}-{uuid:group}"}]}],
            "status": "ACTIVE",
        },
    ),
    "aws:eks/addon:Addon": Answer(
        "{clusterName}:{addonName}",
        {
            "arn": f"{_EKS}:addon/{{clusterName}}/{{addonName}}/{{uuid:addon}}",
            "createdAt": DAY,
            "modifiedAt": DAY,
        },
    ),
    "aws:eks/accessEntry:AccessEntry": Answer(
        "{clusterName}:{principalArn}",
        {
            "accessEntryArn": f"{_EKS}:access-entry/{{clusterName}}/{{uuid:entry}}",
            "createdAt": DAY,
            "modifiedAt": DAY,
            "type": "STANDARD",
        },
    ),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": Answer(
        "{clusterName}#{principalArn}#{policyArn}", {"associatedAt": DAY, "modifiedAt": DAY}
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": Answer(
        "a-{hex:association}",
        {
            "associationArn": f"{_EKS}:podidentityassociation/{{clusterName}}/{{id}}",
            "associationId": "{id}",
        },
    ),
    "aws:iam/role:Role": Answer(
        "{name}",
        {
            "arn": f"{_IAM}:role{{path}}{{name}}",
            "createDate": DAY,
            "path": "/",
            "uniqueId": "AROA{upper:role}",
        },
    ),
    "aws:iam/policy:Policy": Answer(
        f"{_IAM}:policy{{path}}{{name}}",
        {"arn": "{id}", "attachmentCount": 0, "path": "/", "policyId": "ANPA{upper:policy}"},
    ),
    "aws:iam/rolePolicy:RolePolicy": Answer("{role}:{name}"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Answer("{role}-{hex:attachment}"),
    "aws:iam/instanceProfile:InstanceProfile": Answer(
        "{name}",
        {
            "arn": f"{_IAM}:instance-profile{{path}}{{name}}",
            "createDate": DAY,
            "path": "/",
            "uniqueId": "AIPA{upper:profile}",
        },
    ),
    "aws:sqs/queue:Queue": Answer(
        "https://sqs.{region}.amazonaws.com/{account}/{name}",
        {"arn": "arn:{partition}:sqs:{region}:{account}:{name}", "url": "{id}"},
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Answer("{queueUrl}"),
    "aws:cloudwatch/eventRule:EventRule": Answer(
        "{name}", {"arn": "arn:{partition}:events:{region}:{account}:rule/{name}"}
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Answer(
        "{rule}-{hex:target}", {"targetId": "target-{hex:target}"}
    ),
    "aws:cloudwatch/logGroup:LogGroup": Answer(
        "{name}", {"arn": "arn:{partition}:logs:{region}:{account}:log-group:{name}"}
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Answer(
        "{name}", {"arn": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}"}
    ),
    "aws:kms/key:Key": Answer(
        "{uuid:key}", {"arn": "arn:{partition}:kms:{region}:{account}:key/{id}", "keyId": "{id}"}
    ),
    "aws:kms/alias:Alias": Answer(
        "{name}", {"arn": "arn:{partition}:kms:{region}:{account}:{name}"}
    ),
    "aws:s3/bucket:Bucket": Answer(
        "{bucket}",
        {
            "arn": "arn:{partition}:s3:::{bucket}",
            "bucketDomainName": "{bucket}.s3.amazonaws.com",
            "bucketRegion": "{region}",
            "bucketRegionalDomainName": "{bucket}.s3.{region}.amazonaws.com",
        },
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Answer("{bucket}"),
    "aws:secretsmanager/secret:Secret": Answer(
        "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{short:secret}",
        {"arn": "{id}"},
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Answer(
        "{secretId}|terraform-{hex:version}",
        {"arn": "{secretId}", "secretArn": "{secretId}", "versionId": "terraform-{hex:version}"},
    ),
    "aws:ecr/repository:Repository": Answer(
        "{name}",
        {
            "arn": "arn:{partition}:ecr:{region}:{account}:repository/{name}",
            "registryId": "{account}",
            "repositoryUrl": "{account}.dkr.ecr.{region}.amazonaws.com/{name}",
        },
    ),
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": Answer(
        "{ecrRepositoryPrefix}", {"registryId": "{account}"}
    ),
    "aws:sns/topic:Topic": Answer(
        "arn:{partition}:sns:{region}:{account}:{name}", {"arn": "{id}", "owner": "{account}"}
    ),
    "aws:budgets/budget:Budget": Answer(
        "{account}:{name}", {"arn": "arn:{partition}:budgets::{account}:budget/{name}"}
    ),
}
