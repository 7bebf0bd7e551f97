"""The one place that knows every image of a GPU node."""

from collections.abc import Mapping

from planning.node_images.al2023 import Al2023
from planning.node_images.auto_mode import AutoMode
from planning.node_images.bottlerocket import Bottlerocket
from planning.node_images.image import NodeImage
from planning.node_images.ubuntu import Ubuntu
from settings.auto_pool import AutoPool
from settings.karpenter_pool import KarpenterPool
from settings.managed_pool import ManagedPool
from settings.node_image import Al2023Image, AnyNodeImage, BottlerocketImage
from settings.pools import AnyPool

IMAGES: Mapping[str, type[NodeImage]] = {
    image.kind: image for image in (Al2023, Bottlerocket, Ubuntu)
}
"""Every image by the word of the settings."""


def chosen_image(pool: KarpenterPool | ManagedPool) -> AnyNodeImage:
    """Return the image that a pool's settings name, in our words or in Karpenter's."""
    if not isinstance(pool, KarpenterPool) or pool.ami is None:
        return pool.image
    family, _, release = pool.ami.partition("@")
    if family == Bottlerocket.kind:
        return BottlerocketImage(kind="bottlerocket", release=release.removeprefix("v"))
    return Al2023Image(release=release)


def image_of(pool: AnyPool) -> NodeImage:
    """Return the image of a pool's nodes."""
    if isinstance(pool, AutoPool):
        return AutoMode(pool)
    settings = chosen_image(pool)
    return IMAGES[settings.kind](settings)
