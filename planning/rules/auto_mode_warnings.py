"""What works with EKS Auto Mode but will surprise."""

from collections.abc import Iterator

from catalog.auto_mode import FEE_SHARE
from planning.rules.auto_mode import INSTANCES, LIFE, RESERVATIONS
from planning.rules.karpenter_warnings import drift_warnings
from settings.auto_pool import AutoPool
from settings.environment import Environment
from settings.finding import Finding
from settings.karpenter import KarpenterSettings


def auto_warnings(environment: Environment) -> Iterator[Finding]:
    """Yield what works with EKS Auto Mode but will surprise."""
    platform = environment.platform
    found = {name: pool for name, pool in platform.pools.items() if isinstance(pool, AutoPool)}
    for name, pool in found.items():
        yield from drift_warnings(name, pool)
        yield from _pool_warnings(f"pools.{name}", pool)
    if found:
        yield Finding(
            path="pools",
            problem="have one from EKS Auto Mode: where this environment is up without any, this "
            "`up` would remove Karpenter's charts, and with their definitions every NodePool of "
            "the cluster, the new ones included",
            fix="bring it up as a new environment, and move the models",
            source="docs/auto-mode.md",
        )
    files = platform.storage.shared_files.kind
    if found and files != "none":
        yield Finding(
            path="storage.shared_files",
            problem=f"is {files}, and whether its driver runs on nodes of EKS Auto Mode, which "
            "have an image of their own, was not seen",
            fix="try it in dev first, or use another `provisioner`",
            source=INSTANCES,
        )
    if found and platform.karpenter != KarpenterSettings():
        yield Finding(
            path="karpenter",
            problem="is about a Karpenter of our own, and none is installed beside EKS Auto Mode, "
            "which brings the release that AWS chooses",
            fix="take it out",
            source=INSTANCES,
        )


def _pool_warnings(path: str, pool: AutoPool) -> Iterator[Finding]:
    yield Finding(
        path=f"{path}.provisioner",
        problem="EKS bills a fee for each hour of each node on top of the instance, about "
        f"{FEE_SHARE:.0%} of its on-demand price; no line of the plan counts it",
        fix="read the fee of the instance type on the page of EKS prices",
        source="catalog/auto_mode.py, FEE_SHARE",
    )
    yield Finding(
        path=f"{path}.expire_after_hours",
        problem=f"each node ends after {pool.expire_after_hours} hours at the latest, whatever "
        "`disruption` and the models' PodDisruptionBudgets say; AWS allows no longer life than 21 "
        "days, and replaces nodes about once a week for a new image, within `disruption`",
        fix="run two replicas of what must not pause, or use another `provisioner`",
        source=LIFE,
    )
    yield Finding(
        path=f"{path}.provisioner",
        problem="the GPU Operator keeps off these nodes, and with it the DCGM exporter: there are "
        "no GPU metrics of them",
        fix="watch the models' own metrics, or use another `provisioner`",
        source="NVIDIA/cloud-native-docs: gpu-operator/getting-started.rst",
    )
    if pool.reservations:
        yield Finding(
            path=f"{path}.reservations",
            problem="are billed for as long as they exist, used or not; and from the first one "
            "that is named, no node of the cluster uses an open reservation unless it is named too",
            fix="name every reservation that nodes should use",
            source=RESERVATIONS,
        )
