"""Settings of how a model's weights come to the engine."""

from typing import Annotated, Literal

from pydantic import Field

from settings.base import Setting


class HubLoading(Setting):
    """Every replica downloads from the Hugging Face Hub when it starts."""

    kind: Literal["hub"] = "hub"
    token: bool = False
    """Whether it shows the stack's token, `llm-platform:huggingFaceToken`: for gated models."""


class StagedLoading(Setting):
    """Weights that lie in the environment before a replica starts, below `<model>/<revision>/`."""

    filled_by: Literal["prefetch", "hand"] = "prefetch"
    """Who puts them there: a Job, once per model and revision, or you, before `up`."""
    token: bool = False
    """Whether the Job shows the stack's token, `llm-platform:huggingFaceToken`, to the Hub."""


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
