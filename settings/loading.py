"""Settings of how a model's weights come to the engine."""

from typing import Annotated, Literal

from pydantic import Field

from settings.base import BucketPrefix, Setting


class HubLoading(Setting):
    """Every replica downloads from the Hugging Face Hub when it starts."""

    kind: Literal["hub"] = "hub"
    token: bool = False
    """Whether it shows the environment's token of the Hub, docs/secrets.md: for gated models."""


class StagedLoading(Setting):
    """Weights that lie in the environment before a replica starts, below `<model>/<revision>/`, or
    below a prefix of your choice."""

    prefix: BucketPrefix | None = None
    """Where weights of your own lie, tokenizer and configuration with them:
    `fine-tunes/support-8b/v3/`. `model` then says what they were made from, and `revision` is left
    out."""
    filled_by: Literal["prefetch", "hand"] | None = None
    """Who puts them there: a Job, once per model and revision, or you, before `up`. Without it the
    Job, and you where there is a `prefix`."""
    token: bool = False
    """Whether the Job shows the environment's token, docs/secrets.md, to the Hub."""

    @property
    def prefetched(self) -> bool:
        """Return whether a Job brings them from the Hub."""
        return self.prefix is None and self.filled_by != "hand"


class BucketLoading(StagedLoading):
    """Streamed from the model bucket to the GPUs by the Run:ai streamer, past every disk."""

    kind: Literal["s3"]


class SharedFilesLoading(StagedLoading):
    """Streamed from the environment's shared files, mounted read-only."""

    kind: Literal["shared-files"]


class CopyLoading(StagedLoading):
    """Copied from the model bucket to the node's own disk before the engine starts: slower at the
    first start than `s3`, and a restarted engine reads locally."""

    kind: Literal["copy"]


Loading = Annotated[
    HubLoading | BucketLoading | SharedFilesLoading | CopyLoading, Field(discriminator="kind")
]
"""Where weights come from."""


def own_prefix(load: Loading) -> str | None:
    """Return where weights of the owner's own lie; None where they are a repository's."""
    return load.prefix if isinstance(load, StagedLoading) else None
