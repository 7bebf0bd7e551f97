"""A GPU pool: one of the ways to supply nodes."""

from typing import Annotated

from pydantic import Field

from settings.auto_pool import AutoPool
from settings.karpenter_pool import KarpenterPool
from settings.managed_pool import ManagedPool

AnyPool = KarpenterPool | AutoPool | ManagedPool
Pool = Annotated[AnyPool, Field(discriminator="provisioner")]
"""A GPU pool."""
