"""Rules between claims and who starts nodes for them: Karpenter, or a managed node group."""

from collections.abc import Iterator

from catalog.device_drivers import (
    KARPENTER_ATTRIBUTES,
    KARPENTER_CAPACITIES,
    KARPENTER_FAMILIES,
    KARPENTER_SAME,
)
from catalog.karpenter import KARPENTER_RELEASES, LONG_TERM_RELEASE, KarpenterRelease
from planning.pools.facts import PoolFacts
from planning.sharing.cel_check import references
from planning.sharing.claims import Named, asked_device, choices
from settings.environment import Environment
from settings.finding import Finding
from settings.karpenter_pool import KarpenterPool
from settings.models import ModelSettings
from settings.sharing import DraSharing, HamiDraSharing

KARPENTER_DRA = "karpenter.sh v1.15, tasks/dra"
KARPENTER_DESIGN = "kubernetes-sigs/karpenter: designs/dra-scheduling.md"


def karpenter_claim_rules(pool: PoolFacts, environment: Environment) -> Iterator[Finding]:
    """Yield why Karpenter would start no node for the claims on a pool."""
    sharing, path = pool.settings.sharing, f"pools.{pool.name}.sharing"
    if not isinstance(pool.settings, KarpenterPool) or pool.is_static:
        return
    if isinstance(sharing, HamiDraSharing):
        yield Finding(
            path=path,
            problem="HAMi's DRA driver on a Karpenter pool: Karpenter foresees the devices of "
            "NVIDIA's driver alone, and starts no node for others",
            fix="give it `static_nodes`, or use `provisioner: managed` with a fixed number of "
            "`nodes`",
            source=KARPENTER_DRA,
        )
    elif isinstance(sharing, DraSharing):
        release = _release(environment)
        if release is None:
            return
        if not release.device_templates:
            yield _no_templates(path, release)
        else:
            yield from _switches(path, sharing)
            yield from _types(pool)


def karpenter_model_rules(name: str, model: ModelSettings, pool: PoolFacts) -> Iterator[Finding]:
    """Yield what in a model's claim Karpenter does not understand."""
    if not isinstance(pool.settings, KarpenterPool) or pool.is_static or pool.way.kind != "dra":
        return
    path, device = f"models.{name}.device", asked_device(model)
    if device.alternatives:
        yield Finding(
            path=f"{path}.alternatives",
            problem="Karpenter starts no node for a claim with alternatives",
            fix="keep one ask, or use a pool with `provisioner: managed`",
            source=KARPENTER_DESIGN,
        )
    if device.same is not None and device.same not in KARPENTER_SAME:
        yield Finding(
            path=f"{path}.same",
            problem=f"Karpenter does not know which devices of a new node have the same "
            f"{device.same}",
            fix="leave it out: a pool has one kind of GPU, and a claim lies on one node",
            source=KARPENTER_DRA,
        )
    if device.all and len({found.gpus for found in pool.types}) > 1:
        counts = ", ".join(f"{found.name} {found.gpus}" for found in pool.types)
        yield Finding(
            path=f"{path}.all",
            problem="the engine is started for a known number of GPUs, and types of the pool "
            f"differ in theirs ({counts})",
            fix="use `count`, or types with the same number of GPUs",
            source="vLLM 0.33.0: --tensor-parallel-size is fixed when the engine starts",
        )
    for named in choices(f"models.{name}", model):
        yield from _unforeseen(named)


def _release(environment: Environment) -> KarpenterRelease | None:
    """Return the release of Karpenter; None where it is one that nobody knows."""
    version = environment.platform.karpenter.version
    return LONG_TERM_RELEASE if version is None else KARPENTER_RELEASES.get(version)


def _no_templates(path: str, release: KarpenterRelease) -> Finding:
    able = [one.version for one in KARPENTER_RELEASES.values() if one.device_templates]
    return Finding(
        path=path,
        problem=f"claims on a Karpenter pool: Karpenter {release.version} starts no node for them",
        fix="give it `static_nodes`, use `provisioner: managed`, or "
        f"`karpenter: {{version: {able[-1]}}}`, where they are in alpha",
        source="aws/karpenter-provider-aws issue 9519",
    )


def _switches(path: str, sharing: DraSharing) -> Iterator[Finding]:
    """Yield the options of the pool that Karpenter cannot follow."""
    reasons = {
        "dynamic_mig": "Karpenter foresees whole GPUs and no MIG instances",
        "extended_resource": "Karpenter waits for nvidia.com/gpu in the node's status, where a "
        "DeviceClass never puts it",
        "monitor": "Karpenter does not understand claims with admin access",
    }
    sources = {"extended_resource": "kubernetes-sigs/karpenter issue 3231"}
    for key, why in reasons.items():
        if getattr(sharing, key):
            yield Finding(
                path=f"{path}.{key}",
                problem=f"is true on a Karpenter pool: {why}",
                fix="leave it out, or use `provisioner: managed`",
                source=sources.get(key, KARPENTER_DRA),
            )


def _types(pool: PoolFacts) -> Iterator[Finding]:
    unknown = [found.name for found in pool.types if found.family not in KARPENTER_FAMILIES]
    if unknown:
        by_family = isinstance(pool.settings, KarpenterPool) and bool(pool.settings.families)
        yield Finding(
            path=f"pools.{pool.name}.{'families' if by_family else 'instances'}",
            problem=f"Karpenter does not foresee the devices of {', '.join(unknown)}, and starts "
            "none for a claim",
            fix="use a type of another family, for example g6e.2xlarge, or `provisioner: managed`",
            source=KARPENTER_DRA,
        )


def _unforeseen(named: Named) -> Iterator[Finding]:
    path, asked = named
    known = {"attributes": KARPENTER_ATTRIBUTES, "capacity": KARPENTER_CAPACITIES}
    for field, name in dict.fromkeys(references(asked.cel or "")):
        if name not in known[field]:
            yield Finding(
                path=f"{path}.cel",
                problem=f"reads '{name}', which Karpenter does not know of a node that it has yet "
                "to start",
                fix=f"use {', '.join(sorted(known['attributes']))} or the capacity memory, or a "
                "pool with `provisioner: managed`",
                source=KARPENTER_DRA,
            )
