"""Settings of where a replica keeps what its next start can use again."""

from typing import Annotated, Literal

from pydantic import Field

from settings.base import Setting

MOST_GIB = 16384
"""More than any checkpoint, and no more than every gp3 volume may have."""


class NodeCache(Setting):
    """On the node's own disk, its NVMe where the instance has some: gone with the pod."""

    kind: Literal["node"] = "node"


class VolumeCache(Setting):
    """On a gp3 volume that each replica has to itself and that outlives its pod."""

    kind: Literal["volume"]
    gib: Annotated[int, Field(ge=1, le=MOST_GIB)] | None = None
    """Size of each volume, in GiB; without it, what the weights need. Another size makes all of a
    model's volumes anew, and takes the model away meanwhile."""


Cache = Annotated[NodeCache | VolumeCache, Field(discriminator="kind")]
"""Where weights from the Hub and compiled graphs are kept."""
