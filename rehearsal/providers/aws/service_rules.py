"""What the AWS services refuse beyond the SDK's types; only rules that their documents state."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from rehearsal.providers.aws.validate import Failure
from rehearsal.providers.differences import key_path
from rehearsal.providers.values import Properties, Secret, revealed


@dataclass(frozen=True)
class Rule:
    """A test that one string input must pass, and the words for what would be right."""

    passes: Callable[[str], bool]
    right: str


def failures(token: str, inputs: Properties) -> Iterator[Failure]:
    """Yield what the service of resource type `token` would refuse in `inputs`.

    Unknown values pass: only the update will tell.
    """
    for name, rule in RULES.get(token, {}).items():
        value = revealed(inputs.get(name))
        if isinstance(value, str) and not rule.passes(value):
            shown = "" if isinstance(inputs[name], Secret) or len(value) > 90 else f" `{value}`"
            yield Failure(name, f"the value{shown} is refused by AWS: {rule.right}")
    yield from _tag_failures(inputs)


def _tag_failures(inputs: Properties) -> Iterator[Failure]:
    # docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html (naming limits)
    tags = revealed(inputs.get("tags"))
    for key, value in sorted(tags.items()) if isinstance(tags, dict) else ():
        at = key_path("tags", key)
        if key.lower().startswith("aws:"):
            yield Failure(at, "tags that begin with `aws:` belong to AWS; choose another prefix")
        if not 1 <= len(key) <= 128:
            yield Failure(at, f"a tag's key has 1 to 128 characters, not {len(key)}")
        if isinstance(value, str) and len(value) > 256:
            yield Failure(at, f"a tag's value has at most 256 characters, not {len(value)}")


def _matching(pattern: str, right: str) -> Rule:
    return Rule(lambda value: re.fullmatch(pattern, value) is not None, right)


def _network(smallest: int, largest: int) -> Rule:
    """Return the rule for an IPv4 network whose prefix length is within the two, in bits."""

    def passes(value: str) -> bool:
        try:
            return largest <= IPv4Network(value).prefixlen <= smallest
        except ValueError:  # also where bits are set behind the prefix, which AWS refuses
            return False

    return Rule(
        passes, f"an IPv4 network like 10.0.0.0/{largest}, from /{largest} to /{smallest}, is right"
    )


def _is_json_object(value: str) -> bool:
    try:
        return isinstance(json.loads(value), dict)
    except ValueError:
        return False


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error:
        return False
    return True


_POLICY = Rule(_is_json_object, "a policy document, that is a JSON object, is right")
_IAM_NAME = r"[\w+=,.@-]"
_SECURITY_GROUP_TEXT = _matching(
    r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{0,255}",
    "at most 255 characters of A-Z a-z 0-9, space and ._-:/()#,@[]+=&;{}!$* are right",
)

RULES: Mapping[str, Mapping[str, Rule]] = {
    # docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html, API_PutRolePolicy.html,
    # API_CreatePolicy.html, API_CreateInstanceProfile.html
    "aws:iam/role:Role": {
        "name": _matching(f"{_IAM_NAME}{{1,64}}", "1 to 64 of A-Z a-z 0-9 _+=,.@- are right"),
        "assumeRolePolicy": _POLICY,
    },
    "aws:iam/rolePolicy:RolePolicy": {"policy": _POLICY},
    "aws:iam/policy:Policy": {
        "name": _matching(f"{_IAM_NAME}{{1,128}}", "1 to 128 of A-Z a-z 0-9 _+=,.@- are right"),
        "policy": _POLICY,
    },
    "aws:iam/instanceProfile:InstanceProfile": {
        "name": _matching(f"{_IAM_NAME}{{1,128}}", "1 to 128 of A-Z a-z 0-9 _+=,.@- are right"),
    },
    # docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html, API_CreateNodegroup.html
    "aws:eks/cluster:Cluster": {
        "name": _matching(
            r"[0-9A-Za-z][A-Za-z0-9\-_]{0,99}",
            "1 to 100 of A-Z a-z 0-9 - _, beginning with a letter or digit, are right",
        ),
    },
    "aws:eks/nodeGroup:NodeGroup": {
        "nodeGroupName": _matching(
            r"[0-9A-Za-z][A-Za-z0-9\-_]{0,62}",
            "1 to 63 of A-Z a-z 0-9 - _, beginning with a letter or digit, are right",
        ),
    },
    # docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
    "aws:sqs/queue:Queue": {
        "name": _matching(
            r"[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo",
            "1 to 80 of A-Z a-z 0-9 - _, with the ending .fifo for a FIFO queue, are right",
        ),
        "policy": _POLICY,
    },
    "aws:sqs/queuePolicy:QueuePolicy": {"policy": _POLICY},
    # docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html, API_CreateAlias.html
    "aws:kms/key:Key": {"policy": _POLICY},
    "aws:kms/alias:Alias": {
        "name": _matching(
            r"alias/[A-Za-z0-9/_-]{1,250}", "`alias/` and A-Z a-z 0-9 / _ - behind it are right"
        ),
    },
    "aws:s3/bucketPolicy:BucketPolicy": {"policy": _POLICY},
    # docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html, subnet-sizing.html
    "aws:ec2/vpc:Vpc": {"cidrBlock": _network(28, 16)},
    "aws:ec2/subnet:Subnet": {"cidrBlock": _network(28, 16)},
    # docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html, API_IpRange.html
    "aws:ec2/securityGroup:SecurityGroup": {"description": _SECURITY_GROUP_TEXT},
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
        "cidrIpv4": _network(32, 0),
        "description": _SECURITY_GROUP_TEXT,
    },
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
        "cidrIpv4": _network(32, 0),
        "description": _SECURITY_GROUP_TEXT,
    },
    # docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html and
    # API_RequestLaunchTemplateData.html (UserData: base64)
    "aws:ec2/launchTemplate:LaunchTemplate": {
        "name": _matching(
            r"[A-Za-z0-9().\-/_]{3,128}", "3 to 128 of A-Z a-z 0-9 ( ) . - / _ are right"
        ),
        "userData": Rule(_is_base64, "user data in base64 is right"),
    },
}
