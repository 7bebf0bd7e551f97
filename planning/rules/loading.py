"""Rules of how weights come to an engine: what is missing, and what will surprise."""

from collections.abc import Iterator

from planning.foundation.storage import RESULTS_DAYS, RESULTS_PREFIX
from settings.environment import Environment
from settings.finding import Finding
from settings.loading import (
    BucketLoading,
    CopyLoading,
    HubLoading,
    SharedFilesLoading,
    StagedLoading,
)
from settings.models import ModelSettings
from settings.storage import EfsFiles, NoSharedFiles

Staged = BucketLoading | SharedFilesLoading | CopyLoading
SOURCE = "planning/models/loading.py"
HUB_SOURCE = "Amazon EKS User Guide, private-clusters"


def loading_rules(name: str, model: ModelSettings, environment: Environment) -> Iterator[Finding]:
    """Yield what keeps a model's weights from where its engine looks for them."""
    load, storage = model.load, environment.platform.storage
    if isinstance(load, HubLoading):
        return
    path = f"models.{name}.load"
    if load.prefix is not None:
        yield from _own_weights(name, model, load, load.prefix)
    else:
        yield from _of_a_revision(name, model, load)
    if isinstance(load, SharedFilesLoading) and isinstance(storage.shared_files, NoSharedFiles):
        yield Finding(
            path=f"{path}.kind",
            problem="is shared-files, and storage.shared_files.kind is none",
            fix="set storage.shared_files, or use `load: {kind: s3}`",
            source=SOURCE,
        )
    elif isinstance(load, BucketLoading | CopyLoading) and storage.model_bucket is None:
        yield Finding(
            path=f"{path}.kind",
            problem=f"is {load.kind}, which reads the model bucket, and storage.model_bucket is "
            "null",
            fix="leave storage.model_bucket at its default, or use `load: {kind: hub}`",
            source=SOURCE,
        )
    elif (
        isinstance(load, SharedFilesLoading)
        and isinstance(storage.shared_files, EfsFiles)
        and load.prefetched
    ):
        yield Finding(
            path=f"{path}.filled_by",
            problem="is prefetch, which fills the model bucket, and EFS does not show it: it "
            "starts empty",
            fix="copy the weights there and use `filled_by: hand`, or use shared files of kind "
            "fsx-lustre or mountpoint-s3",
            source=SOURCE,
        )


def _of_a_revision(name: str, model: ModelSettings, load: Staged) -> Iterator[Finding]:
    """Yield what is wrong with weights that lie below their repository and revision."""
    if model.revision is None:
        yield Finding(
            path=f"models.{name}.revision",
            problem=f"is not pinned, and `load.kind: {load.kind}` reads the folder of one revision",
            fix=f"add the commit of {model.model} that you have tested",
            source=SOURCE,
        )
    if load.token and not load.prefetched:
        yield Finding(
            path=f"models.{name}.load.token",
            problem="is true, but with `filled_by: hand` nobody asks the Hugging Face Hub",
            fix="remove it, or use `filled_by: prefetch`",
            source=SOURCE,
        )


def _own_weights(name: str, model: ModelSettings, load: Staged, prefix: str) -> Iterator[Finding]:
    """Yield what is said of weights of the owner's own that only a repository's have."""
    path = f"models.{name}.load"
    if model.revision is not None:
        yield Finding(
            path=f"models.{name}.revision",
            problem=f"is a commit of {model.model}, and the weights are your own, below {prefix}",
            fix="remove it, and let the prefix say which ones they are, by a last folder such as "
            "v3/",
            source=SOURCE,
        )
    if load.filled_by == "prefetch":
        yield Finding(
            path=f"{path}.filled_by",
            problem="is prefetch, a Job that brings a repository of the Hugging Face Hub, and "
            f"below {prefix} lie weights of your own",
            fix="remove it and copy them there before `up`, or remove `load.prefix`",
            source=SOURCE,
        )
    if load.token:
        yield Finding(
            path=f"{path}.token",
            problem=f"is true, but for weights of your own, below {prefix}, nobody asks the "
            "Hugging Face Hub",
            fix="remove it",
            source=SOURCE,
        )
    if prefix.startswith(RESULTS_PREFIX):
        yield Finding(
            path=f"{path}.prefix",
            problem=f"is {prefix}, below {RESULTS_PREFIX}, where load tests write and objects go "
            f"after {RESULTS_DAYS} days",
            fix="use folders of another name",
            source=SOURCE,
        )


def loading_warnings(environment: Environment) -> Iterator[Finding]:
    """Yield the models whose Job wants the Hub where the plan knows no way out of the network.

    That every other model wants it, too, is a warning of the network itself.
    """
    if environment.platform.network.nat != "none":
        return
    for name, model in environment.platform.models.items():
        load = model.load
        if isinstance(load, StagedLoading) and load.prefetched:
            yield Finding(
                path=f"models.{name}.load.filled_by",
                problem="is prefetch, a Job that reads the Hugging Face Hub, and network.nat is "
                "none: without a transit gateway nothing leads there",
                fix="copy the weights into the model bucket and use `filled_by: hand`",
                source=HUB_SOURCE,
            )
