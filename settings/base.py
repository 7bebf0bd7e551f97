"""The base of every settings model, and the types that several of them share."""

from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Setting(BaseModel):
    """Closed and frozen: an unknown key is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


T = TypeVar("T", bound=str)


def without_repeats(items: tuple[T, ...]) -> tuple[T, ...]:
    """Return the items.

    Raises:
        ValueError: one of them stands twice.
    """
    twice = sorted({item for item in items if items.count(item) > 1})
    if twice:
        raise ValueError(f"names {', '.join(twice)} more than once; name each once")
    return items


Distinct = Annotated[
    tuple[T, ...],
    Field(strict=False, json_schema_extra={"uniqueItems": True}),
    AfterValidator(without_repeats),
]
"""Strings in an order that matters, none twice."""

DistinctSome = Annotated[
    tuple[T, ...],
    Field(min_length=1, strict=False, json_schema_extra={"uniqueItems": True}),
    AfterValidator(without_repeats),
]
"""The same, and at least one."""

NAME_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
"""A DNS label of at most 40 characters: it becomes part of names, labels and host names."""

MINOR_PATTERN = r"^1\.[0-9]{2}$"
KubernetesMinor = Annotated[str, Field(pattern=MINOR_PATTERN)]
"""A Kubernetes minor version; a string, since YAML reads 1.30 as 1.3."""

ROLE_PATTERN = r"^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[A-Za-z0-9_+=,.@/-]+$"
RoleArn = Annotated[str, Field(pattern=ROLE_PATTERN)]
"""The ARN of an IAM role or user."""

CIDR_PATTERN = r"^[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}$"
Cidr = Annotated[str, Field(pattern=CIDR_PATTERN)]
"""An IPv4 block such as `10.20.0.0/16`."""

ZONE_PATTERN = r"^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$"
"""The name of an availability zone, `us-east-1a`: another place in each account."""

ZONE_ID_PATTERN = r"^[a-z0-9]+-az[0-9]{1,2}$"
"""The id of an availability zone, `use1-az6`: the same place in every account."""

KEY_PATTERN = r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$"
"""The ARN of a KMS key; an alias could come to mean another key."""
KmsKeyArn = Annotated[str, Field(pattern=KEY_PATTERN)]

SECRET_PREFIX_PATTERN = r"^([A-Za-z0-9_+=.@-]+/)+$"  # noqa: S105 - a pattern
SecretPrefix = Annotated[str, Field(pattern=SECRET_PREFIX_PATTERN, max_length=256)]
"""Folders in AWS Secrets Manager, whose names have up to 512 characters."""

REPOSITORY_PATTERN = r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$"
ModelRepository = Annotated[str, Field(pattern=REPOSITORY_PATTERN)]
"""A repository of the Hugging Face Hub, `owner/name`."""

COMMIT_PATTERN = r"^[0-9a-f]{40}$"
Commit = Annotated[str, Field(pattern=COMMIT_PATTERN)]
"""A Git commit."""

RELEASE_PATTERN = r"^[0-9]+\.[0-9]+\.[0-9]+$"
"""A release of a controller, without a leading `v`."""

RESERVATION_PATTERN = r"^cr-[0-9a-z]+$"
"""The id of an EC2 capacity reservation."""

AMI_PATTERN = r"^ami-[0-9a-f]{8,17}$"
"""The id of an Amazon Machine Image, which is of one region."""

NODES_PATTERN = r"^(0|[1-9][0-9]*|(100|[1-9]?[0-9])%)$"
"""A number of nodes, or a part of a pool."""

LABEL_KEY_PATTERN = (
    r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
    r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"
)
LABEL_VALUE_PATTERN = r"^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"
"""What Kubernetes takes as key and value of a label, and of a taint."""

EMAIL_PATTERN = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
Email = Annotated[str, Field(pattern=EMAIL_PATTERN)]
"""An e-mail address."""

HOSTED_ZONE_PATTERN = r"^Z[A-Z0-9]{1,31}$"
HostedZoneId = Annotated[str, Field(pattern=HOSTED_ZONE_PATTERN)]
"""The id of a hosted zone of Route 53."""

DOMAIN_PATTERN = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$"
DomainName = Annotated[str, Field(pattern=DOMAIN_PATTERN, max_length=253)]
"""A domain as DNS compares it: lower case, without a dot at its end, no wildcard."""

DIGEST_PATTERN = r"^sha256:[0-9a-f]{64}$"
"""The digest of an image."""

ENGINE_WORD_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
"""A name that the engine looks up; whether its release has it is judged by the plan."""

WEIGHTS_PATTERN = r"^[A-Za-z0-9_./-]+$"
"""Where weights are: a repository of the Hugging Face Hub, or a folder of the container."""

BUCKET_PREFIX_PATTERN = r"^([A-Za-z0-9_=-][A-Za-z0-9_.=-]*/)+$"
BucketPrefix = Annotated[str, Field(pattern=BUCKET_PREFIX_PATTERN, max_length=512)]
"""Folders in a bucket, none of which begins with a dot."""

PATTERN_WORDS: Mapping[str, str] = {
    NAME_PATTERN: "use at most 40 of a-z, 0-9 and `-`, with a letter or digit at both ends",
    MINOR_PATTERN: 'write a minor version in quotes, "1.36"',
    ROLE_PATTERN: "write a whole ARN, arn:aws:iam::<12 digits>:role/<name> or …:user/<name>",
    CIDR_PATTERN: "write an IPv4 block, 10.20.0.0/16",
    ZONE_PATTERN: "write the name of a zone, us-east-1a",
    ZONE_ID_PATTERN: "write the id of a zone, use1-az6",
    SECRET_PREFIX_PATTERN: "write folders of letters, digits and `_+=.@-`, each with its slash, "
    "llm-platform/prod/",
    KEY_PATTERN: "write the ARN of a key, arn:aws:kms:<region>:<12 digits>:key/<id>",
    REPOSITORY_PATTERN: "write a Hugging Face repository, owner/name",
    EMAIL_PATTERN: "write an address, name@example.com",
    HOSTED_ZONE_PATTERN: "write the bare id of a hosted zone, Z0123456789ABCDEFGHIJ",
    DOMAIN_PATTERN: "write a domain in lower case, example.com, without `*.` and without a dot at "
    "its end",
    COMMIT_PATTERN: "write a whole commit, 40 digits of 0-9 and a-f",
    RELEASE_PATTERN: "write a whole release without `v`, 1.14.1",
    RESERVATION_PATTERN: "write the id of a capacity reservation, cr-0123456789abcdef0",
    AMI_PATTERN: "write the id of an image, ami-0123456789abcdef0",
    DIGEST_PATTERN: "write a whole digest, sha256:<64 digits of 0-9 and a-f>",
    ENGINE_WORD_PATTERN: "write a name of letters, digits, `_`, `-` and `.`",
    WEIGHTS_PATTERN: "write a repository, owner/name, or a folder, /adapters/sql",
    BUCKET_PREFIX_PATTERN: "write folders of letters, digits and `_.=-`, none with a dot in front, "
    "each with its slash, fine-tunes/support-8b/v3/",
    NODES_PATTERN: 'write a number of nodes in quotes, "1", or a part of the pool, "10%"',
    LABEL_KEY_PATTERN: "write a key of Kubernetes, team or example.com/team",
    LABEL_VALUE_PATTERN: "use at most 63 of letters, digits, `-`, `_` and `.`, the first and the "
    "last a letter or digit",
}
"""What each pattern asks for, as an instruction."""
