"""Settings of a pool whose nodes Karpenter starts and ends."""

from typing import Annotated, Literal

from pydantic import Field

from settings.dynamic_pool import DynamicPool
from settings.managed_pool import MOST_NODES
from settings.node_image import Al2023Image, NodeImage


class KarpenterPool(DynamicPool):
    """A pool whose nodes Karpenter starts when pods wait for them and ends when they are empty, or
    of which it keeps a fixed number."""

    provisioner: Literal["karpenter"]
    static_nodes: Annotated[int, Field(ge=1, le=MOST_NODES)] | None = None
    """Nodes that Karpenter keeps whatever pods ask for, for ways of handing out GPUs that it cannot
    count; `gpu_limit` then says how many more it may start while it replaces them."""
    expire_after_hours: Annotated[int, Field(ge=24, le=26_280)] | None = None
    """Hours after which a node is replaced, whatever runs on it; without it, never."""
    image: NodeImage = Al2023Image()
    """The system of its nodes."""
    ami: str | None = None
    """The same in Karpenter's words, `al2023@v20260714` or `bottlerocket@v1.64.0`, in the place of
    `image`."""
