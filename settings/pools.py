"""A GPU pool: one of the ways to supply nodes."""

from typing import Annotated

from pydantic import Field

from settings.karpenter_pool import KarpenterPool
from settings.managed_pool import ManagedPool

Pool = Annotated[KarpenterPool | ManagedPool, Field(discriminator="provisioner")]
"""A GPU pool."""
