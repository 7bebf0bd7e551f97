"""Specs of how weights come to an engine, and of what puts them where it looks."""

from pydantic import Field

from planning.specs.base import Spec


class HubTokenSpec(Spec):
    """The Secret with the stack's token of the Hugging Face Hub."""

    name: str
    namespace: str
    labels: dict[str, str]
    variable: str
    """Its one key, and the environment variable that is read from it."""


class CopySpec(Spec):
    """Weights that a pod copies to its own disk before its engine starts."""

    prefix: str
    """In the model bucket, with a slash at its end."""
    folder: str
    """Where they go, in the container."""


class MountSpec(Spec):
    """A claim that a pod mounts read-only."""

    claim: str
    folder: str
    """In the container."""


class LoadingSpec(Spec):
    """What the pod of a model carries so that its engine finds its weights."""

    kind: str
    """As in the settings."""
    serve: tuple[str, ...]
    """First arguments of `vllm serve`: the model, and how it is loaded."""
    environment: dict[str, str] = Field(default_factory=dict[str, str])
    """Of the engine, and of what copies for it."""
    bucket_variable: str | None = None
    """Environment variable with the name of the model bucket, which AWS knows first."""
    token_variable: str | None = None
    """Environment variable with the token of the Hub."""
    copies: CopySpec | None = None
    mount: MountSpec | None = None


class PrefetchSpec(Spec):
    """A Job that brings one revision of a model into the model bucket."""

    name: str
    """Name of its ServiceAccount, and how its own begins."""
    namespace: str
    cluster_name: str
    """Its role can be taken in this cluster only."""
    labels: dict[str, str]
    image: str
    repository: str
    """Of the Hugging Face Hub, `owner/name`."""
    revision: str
    """Commit, 40 hexadecimal digits."""
    prefix: str
    """All it may write in the bucket; with a slash at its end."""
    environment: dict[str, str]
    bucket_variable: str
    token_variable: str | None
    """Environment variable with the token of the Hub; None where it shows none."""
    cpu_milli: int
    memory_mib: int
    deadline_seconds: int
    """Most time for all its attempts; each goes on where the one before ended."""
    retries: int
    models: tuple[str, ...]
    """The entries that wait for it."""
