"""How a pool hands out its GPUs: a closed set of ways, exactly one per node."""

from typing import Annotated, Literal

from pydantic import Field

from settings.base import DistinctSome, Setting


class WholeSharing(Setting):
    """A container gets whole GPUs from the NVIDIA device plugin."""

    kind: Literal["whole"] = "whole"


class HamiSharing(Setting):
    """A container gets a share of a GPU's memory and cores, enforced by HAMi."""

    kind: Literal["hami"]
    splits: Annotated[int, Field(ge=2, le=100)] = 10
    """Most containers per GPU (`devicePlugin.deviceSplitCount`)."""


Sharing = Annotated[WholeSharing | HamiSharing, Field(discriminator="kind")]
"""How a pool hands out its GPUs; exactly one way per node."""

InstanceNames = DistinctSome[str]
MOST_GPUS = 10_000
"""Beyond any pool; a slip of the keyboard is named here and not computed."""
