"""What works with an image but will surprise."""

from collections.abc import Iterator

from catalog.bottlerocket import BOTTLEROCKET_RELEASE
from catalog.eks import NODE_GROUP_RELEASES, NODE_IMAGE_RELEASE
from catalog.ubuntu import OWNER
from planning.node_images.images import chosen_image
from planning.node_images.release_rules import release_path
from planning.rules.karpenter import NODE_CLASSES
from settings.auto_pool import AutoPool
from settings.environment import Environment
from settings.finding import Finding
from settings.karpenter_pool import KarpenterPool
from settings.managed_pool import ManagedPool
from settings.node_image import Al2023Image, BottlerocketImage, UbuntuImage

OPTIMIZED = "/aws/service/eks/optimized-ami"
IDS_SOURCE = "Amazon EKS User Guide, launch-templates, specifying an AMI"


def image_warnings(environment: Environment) -> Iterator[Finding]:
    """Yield what works with an image but will surprise."""
    kubernetes = environment.platform.cluster.kubernetes
    for name, pool in environment.platform.pools.items():
        if isinstance(pool, AutoPool):
            continue
        path = release_path(name, pool)
        match chosen_image(pool):
            case Al2023Image(release=str() as release):
                yield from _al2023(path, release, pool, kubernetes)
            case BottlerocketImage(release=str() as release):
                yield from _bottlerocket(path, release, kubernetes)
            case UbuntuImage(ami=ami):
                yield _ubuntu(f"pools.{name}.image.ami", ami, environment.region)
            case _:
                pass


def _al2023(
    path: str, release: str, pool: KarpenterPool | ManagedPool, kubernetes: str
) -> Iterator[Finding]:
    date = f"v{release[-8:]}"
    folder = f"{OPTIMIZED}/{kubernetes}/amazon-linux-2023/x86_64/nvidia/"
    image = f"amazon-eks-node-al2023-x86_64-nvidia-{kubernetes}-{date}"
    written = f"al2023@{release}" if path.endswith(".ami") else release
    if isinstance(pool, ManagedPool):
        tested = NODE_GROUP_RELEASES[kubernetes]
    else:
        tested = f"al2023@{NODE_IMAGE_RELEASE}" if path.endswith(".ami") else NODE_IMAGE_RELEASE
    if written != tested:
        yield _other(path, written, tested, f"{folder}{image}/image_id")


def _bottlerocket(path: str, release: str, kubernetes: str) -> Iterator[Finding]:
    number = release.partition("-")[0]
    if number != BOTTLEROCKET_RELEASE:
        parameter = f"/aws/service/bottlerocket/aws-k8s-{kubernetes}-nvidia/x86_64/{number}"
        tested = f"Bottlerocket {BOTTLEROCKET_RELEASE}"
        yield _other(path, f"Bottlerocket {release}", tested, f"{parameter}/image_id")


def _other(path: str, written: str, tested: str, parameter: str) -> Finding:
    return Finding(
        path=path,
        problem=f"{written} is not the release that this program was tested with, {tested}; not "
        "every release exists for every Kubernetes minor",
        fix=f"ask before `up`: aws ssm get-parameter --name {parameter}",
        source=NODE_CLASSES,
    )


def _ubuntu(path: str, ami: str, region: str) -> Finding:
    return Finding(
        path=path,
        problem=f"{ami} is of one region and one Kubernetes minor, which nobody checks before "
        "nodes fail to join, and an upgrade of the cluster leaves it as it is",
        fix=f"ask before `up`: aws ec2 describe-images --region {region} --owners {OWNER} "
        f"--image-ids {ami}",
        source=IDS_SOURCE,
    )
