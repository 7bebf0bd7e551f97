"""Which custom resource definitions a Helm chart brings, and when Helm removes them again.

Sources: the charts' templates at the versions below; helm.sh/docs/chart_best_practices (a
definition in `crds/` is installed once and never removed, one in `templates/` goes with the
release unless it is annotated `helm.sh/resource-policy: keep`).
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal import crds
from rehearsal.providers.kubernetes.manifests import Manifest, at

OWNER_NAME = "meta.helm.sh/release-name"
OWNER_NAMESPACE = "meta.helm.sh/release-namespace"
POLICY = "helm.sh/resource-policy"


@dataclass(frozen=True)
class ChartDefinitions:
    """The definitions of one chart."""

    folder: str
    """The excerpts' folder in `rehearsal/crds`."""
    version: str
    """Version of the chart that the excerpts fit."""
    templated: bool = True
    """Whether they are in `templates/`; otherwise they are in `crds/`."""
    switch: tuple[str, ...] = ()
    """The value that includes them; empty when they always are."""
    included: bool = True
    """That value's default."""
    keep: tuple[str, ...] = ()
    """The value that keeps them when the release goes."""
    kept: bool = False
    """That value's default; without a value, what the chart does."""


CHARTS = {
    "cert-manager": ChartDefinitions(
        "cert-manager",
        "v1.21.1",
        switch=("crds", "enabled"),
        included=False,
        keep=("crds", "keep"),
        kept=True,
    ),
    "cloudnative-pg": ChartDefinitions(
        "cloudnative-pg", "0.29.0", switch=("crds", "create"), kept=True
    ),
    "dra-driver-nvidia-gpu": ChartDefinitions("dra-driver-nvidia-gpu", "0.4.1", templated=False),
    "external-secrets": ChartDefinitions("external-secrets", "2.9.0", switch=("installCRDs",)),
    "karpenter": ChartDefinitions("karpenter-crd", "1.14.1", templated=False),
    "karpenter-crd": ChartDefinitions("karpenter-crd", "1.14.1"),
    "keda": ChartDefinitions("keda", "2.20.2", switch=("crds", "install")),
    "lws": ChartDefinitions("lws", "0.10.0", templated=False),
}
"""Chart name -> its definitions."""

WITHOUT = frozenset(
    {"aws-efa-k8s-device-plugin", "cluster-autoscaler", "gpu-operator", "hami", "hami-dra"}
)
"""Charts that bring none, or none that the rehearsal needs: of the GPU Operator's kinds there is
only the one object that its chart makes itself, and charts are recorded, not rendered."""


def chart_name(reference: str) -> str:
    """Return the name in a chart reference: `oci://host/path/name`, `repository/name` or `name`."""
    return reference.rstrip("/").rpartition("/")[2]


def definitions(release: Mapping[str, Any]) -> list[Manifest]:
    """Return the definitions that Helm would install for the plain inputs of a release."""
    chart = CHARTS.get(chart_name(str(release["chart"])))
    values = release.get("values")
    if chart is None or not _value(values, chart.switch, default=chart.included):
        return []
    if not chart.templated:
        return [] if release.get("skipCrds") is True else _copies(chart.folder, {})
    owner = {OWNER_NAME: release["name"], OWNER_NAMESPACE: release["namespace"]}
    if _value(values, chart.keep, default=chart.kept):
        owner[POLICY] = "keep"
    return _copies(chart.folder, owner)


def _copies(folder: str, annotations: Mapping[str, str]) -> list[Manifest]:
    copies: list[Manifest] = []
    for excerpt in crds.excerpts(folder):
        manifest = copy.deepcopy(dict(excerpt))
        manifest["metadata"]["annotations"] |= annotations
        copies.append(manifest)
    return copies


def _value(values: Any, path: tuple[str, ...], *, default: bool) -> bool:
    stated = at(values, *path) if path else None
    return default if stated is None else bool(stated)


def version_warning(release: Mapping[str, Any]) -> str | None:
    """Return a sentence when the excerpts are of another version than the release's chart."""
    name, version = chart_name(str(release["chart"])), release.get("version")
    chart = CHARTS.get(name)
    if chart is None or not version or str(version).lstrip("v") == chart.version.lstrip("v"):
        return None
    return (
        f"the rehearsal validates custom resources of {name} {version} with the definitions of "
        f"{chart.version}; `python -m rehearsal.crds` makes those of another version"
    )
