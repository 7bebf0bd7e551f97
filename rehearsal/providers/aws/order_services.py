"""The order of IAM, EventBridge, SQS and of what holds data: what the services refuse.

The provider removes a role from its instance profiles by itself, so they are no rule here.
"""

from rehearsal.providers.aws import resource_types as aws
from rehearsal.providers.aws.order import OWN, Protection, Rule
from rehearsal.providers.aws.references import Link

_IAM = "docs.aws.amazon.com/IAM/latest/APIReference/"
_RDS = "docs.aws.amazon.com/AmazonRDS/latest/APIReference/"

HELD: tuple[Rule, ...] = (
    Rule(
        "DeleteConflict",
        "role {} cannot be deleted: detach all policies first",
        (Link(aws.ATTACHMENT, "role", aws.ROLE),),
        f"{_IAM}API_DeleteRole.html",
        excused=lambda role: bool(role.get("forceDetachPolicies") or role.get("managedPolicyArns")),
    ),
    Rule(
        "DeleteConflict",
        "role {} cannot be deleted: delete its inline policies first",
        (Link(aws.ROLE_POLICY, "role", aws.ROLE),),
        f"{_IAM}API_DeleteRole.html",
        excused=lambda role: bool(role.get("forceDetachPolicies") or role.get("inlinePolicies")),
    ),
    Rule(
        "DeleteConflict",
        "policy {} cannot be deleted: it is attached to entities",
        (Link(aws.ATTACHMENT, "policyArn", aws.POLICY),),
        f"{_IAM}API_DeletePolicy.html",
    ),
    Rule(
        "ValidationException",
        "rule {} cannot be deleted since it has targets",
        (Link(aws.EVENT_TARGET, "rule", aws.EVENT_RULE),),
        "docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html",
        excused=lambda rule: rule.get("forceDestroy") is True,
    ),
    Rule(
        OWN,
        "SQS would delete the queue {}, and every event that EventBridge goes on to send there "
        "would be lost in silence",
        (Link(aws.EVENT_TARGET, "arn", aws.QUEUE),),
        "docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html",
    ),
    Rule(
        "InvalidDBSubnetGroupStateFault",
        "the DB subnet group {} is in use",
        (Link(aws.DATABASE, "dbSubnetGroupName", aws.DATABASE_SUBNETS),),
        f"{_RDS}API_DeleteDBSubnetGroup.html",
    ),
    Rule(
        "InvalidDBParameterGroupState",
        "the DB parameter group {} is in use",
        (Link(aws.DATABASE, "parameterGroupName", aws.DATABASE_PARAMETERS),),
        f"{_RDS}API_DeleteDBParameterGroup.html",
    ),
    Rule(
        "CacheSubnetGroupInUse",
        "the cache subnet group {} is in use",
        (Link(aws.CACHE, "subnetGroupName", aws.CACHE_SUBNETS),),
        "docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteCacheSubnetGroup.html",
    ),
    Rule(
        "FileSystemInUse",
        "the file system {} has mount targets",
        (Link(aws.MOUNT_TARGET, "fileSystemId", aws.FILE_SYSTEM),),
        "docs.aws.amazon.com/efs/latest/ug/API_DeleteFileSystem.html",
    ),
)

PROTECTED: dict[str, Protection] = {
    aws.DATABASE: Protection(
        "InvalidParameterCombination",
        "DB instance {} has deletion protection on; apply its `deletion_protection` as false first",
        f"{_RDS}API_DeleteDBInstance.html",
    ),
}

NEEDED: tuple[Rule, ...] = (
    Rule(
        "NoSuchEntity",
        "the role with name {} cannot be found",
        tuple(
            Link(user, "role", aws.ROLE)
            for user in (aws.ATTACHMENT, aws.ROLE_POLICY, aws.INSTANCE_PROFILE)
        ),
        f"{_IAM}API_AttachRolePolicy.html",
    ),
    Rule(
        "ResourceNotFoundException",
        "rule {} does not exist on EventBus default",
        (
            Link(
                aws.EVENT_TARGET,
                "rule",
                aws.EVENT_RULE,
                where=lambda target: target.get("eventBusName") in {None, "default"},
            ),
        ),
        "docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html",
    ),
    Rule(
        "QueueDoesNotExist",
        "the queue {} does not exist",
        (Link(aws.QUEUE_POLICY, "queueUrl", aws.QUEUE),),
        "docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html",
    ),
    Rule(
        OWN,
        "EventBridge would take the target {}, and lose events until that queue exists",
        (
            Link(
                aws.EVENT_TARGET,
                "arn",
                aws.QUEUE,
                where=lambda target: ":sqs:" in str(target.get("arn")),
            ),
        ),
        "docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html",
    ),
)

GONE_WITH: tuple[Link, ...] = (Link(aws.QUEUE_POLICY, "queueUrl", aws.QUEUE),)
"""What a service removes with a resource."""
