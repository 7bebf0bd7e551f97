"""Rules of Bottlerocket with the way in which a pool hands out its GPUs."""

from collections.abc import Iterator

from catalog.bottlerocket import BOTTLEROCKET_RELEASE, MIG_MODELS, OLDEST_FOR_SHARING
from planning.node_images.release_rules import RELEASE, release_path, version_of
from planning.pools.facts import PoolFacts
from planning.sharing.mig import Mig
from settings.finding import Finding
from settings.karpenter_pool import KarpenterPool
from settings.managed_pool import ManagedPool
from settings.node_image import BottlerocketImage

HAMI_SOURCE = (
    "Project-HAMi/HAMi v2.10.0: charts/hami/values.yaml, devicePlugin.libPath; "
    "bottlerocket-os/bottlerocket: SECURITY_FEATURES.md"
)
PLUGIN_SOURCE = "Amazon EKS User Guide, device-management-nvidia-dra-device-plugin"
MIG_SOURCE = (
    "Amazon EKS User Guide, device-management-nvidia-mig; bottlerocket-os/bottlerocket issue 4483"
)
MODEL_SOURCE = "bottlerocket.dev/en/os/1.54.x/api/settings/kubelet-device-plugins"
NEEDS = {
    "time-slicing": "lets containers take turns on a GPU",
    "mps": "is described as serving MPS",
    "mig": "cuts GPUs by MIG",
    "dra": "can turn off its own device plugin, beside which DRA would hand out each GPU twice",
}
"""What a release has to be able to, by the kind of `sharing`."""


def bottlerocket_rules(
    name: str,
    pool: KarpenterPool | ManagedPool,
    image: BottlerocketImage,
    facts: PoolFacts | None,
) -> Iterator[Finding]:
    """Yield what Bottlerocket, or that release of it, cannot do for a pool."""
    kind = pool.sharing.kind
    if kind in ("hami", "hami-dra"):
        yield Finding(
            path=f"pools.{name}.sharing",
            problem=f"is {kind} on Bottlerocket: HAMi puts its library into /usr/local/vgpu of the "
            "node, where Bottlerocket lets nobody write, and nobody has described another way",
            fix="use `image: {kind: al2023}`, or another `sharing`",
            source=HAMI_SOURCE,
        )
    release, oldest = image.release, OLDEST_FOR_SHARING.get(kind)
    known = release is not None and RELEASE.fullmatch(release.partition("-")[0])
    if release and known and oldest and version_of(release) < version_of(oldest):
        yield Finding(
            path=release_path(name, pool),
            problem=f"Bottlerocket {release} is too old for `sharing: {{kind: {kind}}}`: {oldest} "
            f"is the first that {NEEDS[kind]}",
            fix=f"use {BOTTLEROCKET_RELEASE}, or `image: {{kind: al2023}}`",
            source=PLUGIN_SOURCE if kind == "dra" else "catalog/bottlerocket.py",
        )
    if facts and isinstance(facts.way, Mig):
        yield from _cut(facts, facts.way)


def _cut(pool: PoolFacts, way: Mig) -> Iterator[Finding]:
    path = f"pools.{pool.name}.sharing"
    if way.strategy == "mixed":
        yield Finding(
            path=f"{path}.strategy",
            problem="is mixed on Bottlerocket, whose own device plugin names every MIG instance "
            "nvidia.com/gpu",
            fix="use one `profile` with `strategy: single`, or `image: {kind: al2023}`",
            source=MIG_SOURCE,
        )
    elif way.settings.profile is None:
        yield Finding(
            path=f"{path}.layout",
            problem="names instances by number on Bottlerocket, which cuts each GPU into as many "
            "of one profile as it has room for",
            fix=f"write `profile: {next(iter(way.settings.layout))}` in its place",
            source=MIG_SOURCE,
        )
    if (pool.gpu_name, pool.gpu_memory_mib) not in MIG_MODELS:
        yield Finding(
            path=path,
            problem=f"is mig on Bottlerocket, whose settings have no name for the GPU of "
            f"{pool.first.name} ({pool.gpu_name})",
            fix=f"use a GPU that they name, {', '.join(MIG_MODELS.values())}, or "
            "`image: {kind: al2023}`",
            source=MODEL_SOURCE,
        )
