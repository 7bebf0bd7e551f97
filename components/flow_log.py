"""A VPC's flow log in CloudWatch."""

import json

import pulumi
import pulumi_aws as aws

from components.iam import flow_log_policy, flow_log_trust


def flow_log(
    name: str, vpc: aws.ec2.Vpc, retention_days: int, parent: pulumi.Resource
) -> aws.ec2.FlowLog:
    """Record every accepted and rejected flow of `vpc`, and keep the records `retention_days`."""
    opts = pulumi.ResourceOptions(parent=parent)
    group = aws.cloudwatch.LogGroup(
        f"{name}-flow-logs", retention_in_days=retention_days, opts=opts
    )
    role = aws.iam.Role(
        f"{name}-flow-logs-role",
        assume_role_policy=vpc.arn.apply(lambda arn: json.dumps(flow_log_trust(arn))),
        opts=opts,
    )
    may_write = aws.iam.RolePolicy(
        f"{name}-flow-logs-policy",
        role=role.name,
        policy=group.arn.apply(lambda arn: json.dumps(flow_log_policy(arn))),
        opts=opts,
    )
    return aws.ec2.FlowLog(
        f"{name}-flow-log",
        vpc_id=vpc.id,
        traffic_type="ALL",
        log_destination=group.arn,
        iam_role_arn=role.arn,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[may_write]),
    )
