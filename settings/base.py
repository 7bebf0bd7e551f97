"""The base of every settings model, and the types that several of them share."""

from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Setting(BaseModel):
    """Closed and frozen: an unknown key is an error, never ignored."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )


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

REPOSITORY_PATTERN = r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$"
ModelRepository = Annotated[str, Field(pattern=REPOSITORY_PATTERN)]
"""A repository of the Hugging Face Hub, `owner/name`."""

COMMIT_PATTERN = r"^[0-9a-f]{40}$"
Commit = Annotated[str, Field(pattern=COMMIT_PATTERN)]
"""A Git commit."""

PATTERN_WORDS: Mapping[str, str] = {
    NAME_PATTERN: "use at most 40 of a-z, 0-9 and `-`, with a letter or digit at both ends",
    MINOR_PATTERN: 'write a minor version in quotes, "1.36"',
    ROLE_PATTERN: "write a whole ARN, arn:aws:iam::<12 digits>:role/<name> or …:user/<name>",
    CIDR_PATTERN: "write an IPv4 block, 10.20.0.0/16",
    REPOSITORY_PATTERN: "write a Hugging Face repository, owner/name",
    COMMIT_PATTERN: "write a whole commit, 40 digits of 0-9 and a-f",
}
"""What each pattern asks for, as an instruction."""
