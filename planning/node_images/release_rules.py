"""Rules of the release of an image: which one is meant, that it is pinned, and that it is whole."""

import re
from collections.abc import Iterator

from catalog.bottlerocket import BOTTLEROCKET_RELEASE, OLDEST_FOR_MINOR
from catalog.eks import BROKEN_NODE_IMAGES, NODE_GROUP_RELEASES, NODE_IMAGE_ALIAS
from planning.node_images.images import chosen_image
from planning.rules.karpenter import NODE_CLASSES
from settings.finding import Finding
from settings.karpenter_pool import KarpenterPool
from settings.managed_pool import ManagedPool
from settings.node_image import Al2023Image, BottlerocketImage

ALIAS = f"bottlerocket@v{BOTTLEROCKET_RELEASE}"
ALIAS_OF = re.compile(r"(al2023|bottlerocket)@.+")
AL2023_DATE = re.compile(r"v[0-9]{8}")
RELEASE = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
RELEASE_WITH_COMMIT = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+-[0-9a-f]{8}")
CHANGELOG = "awslabs/amazon-eks-ami: CHANGELOG.md"
GROUP_SOURCE = "cloudposse/terraform-aws-eks-node-group issue 209"
BROKEN_SOURCE = "catalog/eks.py, BROKEN_NODE_IMAGES"
VARIANT_SOURCE = "catalog/bottlerocket.py, OLDEST_FOR_MINOR"


def release_rules(
    name: str, pool: KarpenterPool | ManagedPool, kubernetes: str
) -> Iterator[Finding]:
    """Yield what is wrong with the release that a pool names, or does not name."""
    if isinstance(pool, KarpenterPool) and pool.ami is not None:
        yield from _alias(f"pools.{name}.ami", pool.ami, pool)
        if not ALIAS_OF.fullmatch(pool.ami) or pool.ami.endswith("@latest"):
            return
    path = release_path(name, pool)
    match chosen_image(pool):
        case Al2023Image(release=str() as release):
            yield from _al2023(path, release, pool, kubernetes)
        case BottlerocketImage(release=release):
            yield from _bottlerocket(path, release, pool, kubernetes)
        case _:
            pass


def release_path(name: str, pool: KarpenterPool | ManagedPool) -> str:
    """Return the path of the setting that says, or would say, the release."""
    by_alias = isinstance(pool, KarpenterPool) and pool.ami is not None
    return f"pools.{name}.{'ami' if by_alias else 'image.release'}"


def version_of(release: str) -> tuple[int, ...]:
    """Return a release as numbers, to compare; without its commit."""
    return tuple(map(int, release.partition("-")[0].split(".")))


def _alias(path: str, alias: str, pool: KarpenterPool) -> Iterator[Finding]:
    if "image" in pool.model_fields_set:
        yield Finding(
            path=path,
            problem=f"is {alias}, beside `image`: each of the two says what nodes start from",
            fix="leave it out, and write the `release` in `image`",
            source="settings/karpenter_pool.py",
        )
    if alias.endswith("@latest"):
        yield _latest(path, alias)
    elif not ALIAS_OF.fullmatch(alias):
        yield Finding(
            path=path,
            problem=f"{alias} is no release of Amazon Linux 2023 or of Bottlerocket, for which the "
            "disks and the start-up of these nodes are made",
            fix=f"use a release such as {NODE_IMAGE_ALIAS} or {ALIAS}",
            source="planning/node_images/images.py",
        )


def _latest(path: str, written: str) -> Finding:
    instead = ALIAS if written.startswith("bottlerocket") else NODE_IMAGE_ALIAS
    return Finding(
        path=path,
        problem=f"{written} replaces every node of the pool at each release of the image, "
        "with another driver and kernel",
        fix=f"pin a release, {instead}, and move it in dev first",
        source=NODE_CLASSES,
    )


def _al2023(
    path: str, release: str, pool: KarpenterPool | ManagedPool, kubernetes: str
) -> Iterator[Finding]:
    by_alias = path.endswith(".ami")
    written = f"al2023@{release}" if by_alias else release
    if isinstance(pool, KarpenterPool):
        whole = AL2023_DATE.fullmatch(release)
        instead = NODE_IMAGE_ALIAS if by_alias else NODE_IMAGE_ALIAS.partition("@")[2]
        asked = "no release of Amazon Linux 2023"
    else:
        whole = re.fullmatch(rf"{re.escape(kubernetes)}\.[0-9]+-[0-9]{{8}}", release)
        instead = NODE_GROUP_RELEASES.get(kubernetes, "the one of the catalog")
        asked = f"no release of Amazon Linux 2023 that a managed node group of {kubernetes} has"
    date = f"v{release[-8:]}"
    if not whole:
        yield Finding(
            path=path,
            problem=f"{written} is {asked}",
            fix=f"use {instead}, or leave it out",
            source=CHANGELOG,
        )
    elif date in BROKEN_NODE_IMAGES:
        yield Finding(
            path=path,
            problem=f"{written}: {BROKEN_NODE_IMAGES[date]}",
            fix=f"use {instead}",
            source=BROKEN_SOURCE,
        )


def _bottlerocket(
    path: str, release: str | None, pool: KarpenterPool | ManagedPool, kubernetes: str
) -> Iterator[Finding]:
    if isinstance(pool, ManagedPool):
        if release is None or not RELEASE_WITH_COMMIT.fullmatch(release):
            yield _no_commit(path, release, kubernetes)
            return
    elif release is None:
        return
    elif not RELEASE.fullmatch(release):
        yield Finding(
            path=path,
            problem=f"{release} is no release of Bottlerocket that Karpenter finds by its name",
            fix=f"use {ALIAS if path.endswith('.ami') else BOTTLEROCKET_RELEASE}, or leave it out",
            source=NODE_CLASSES,
        )
        return
    oldest = OLDEST_FOR_MINOR.get(kubernetes)
    if oldest and version_of(release) < version_of(oldest):
        yield Finding(
            path=path,
            problem=f"Bottlerocket {release} has no image for Kubernetes {kubernetes}, which came "
            f"with {oldest}",
            fix=f"use {BOTTLEROCKET_RELEASE}",
            source=VARIANT_SOURCE,
        )


def _no_commit(path: str, release: str | None, kubernetes: str) -> Finding:
    asked = release if release and RELEASE.fullmatch(release) else BOTTLEROCKET_RELEASE
    parameter = f"/aws/service/bottlerocket/aws-k8s-{kubernetes}-nvidia/x86_64/{asked}"
    return Finding(
        path=path,
        problem=f"is {release or 'not said'}, and a managed node group takes a release of "
        "Bottlerocket only with the commit it was made of, which AWS alone tells",
        fix=f"ask aws ssm get-parameter --name {parameter}/image_version, and write its answer, "
        f"{asked}-<8 digits>",
        source=GROUP_SOURCE,
    )
