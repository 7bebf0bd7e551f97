"""What every Helm release of the platform has: a chart of the catalog, and values of its own."""

from collections.abc import Iterable
from typing import Any, Literal

from catalog.charts import Chart
from catalog.images import Image
from planning.specs.base import DEVICE_MANAGER_LABEL, DeviceManager, Toleration
from planning.specs.infrastructure import ReleaseSpec
from planning.specs.pools import NamespaceSpec, OperatorSpec

PodSecurity = Literal["restricted", "baseline", "privileged"]


def release(chart: Chart, values: dict[str, Any], **options: Any) -> ReleaseSpec:
    """Return the release of a chart, called as the chart is.

    Args:
        chart: Name, version, address and namespace.
        values: Those that differ from the chart's defaults, or that must not follow them.
        options: Further fields of the spec.
    """
    return ReleaseSpec(
        name=chart.name,
        chart=chart.reference,
        version=chart.version,
        repository=chart.repository_option,
        namespace=chart.namespace,
        values=values,
        **options,
    )


def operator(chart: Chart, pod_security: PodSecurity, values: dict[str, Any]) -> OperatorSpec:
    """Return the release of a chart with a namespace of its own at that Pod Security level."""
    namespace = NamespaceSpec(name=chart.namespace, pod_security=pod_security)
    return OperatorSpec(namespace=namespace, release=release(chart, values))


def nodes_of(manager: DeviceManager) -> dict[str, str]:
    """Return the node selector of a driver: the nodes whose devices it publishes, and no other."""
    return {DEVICE_MANAGER_LABEL: manager}


def as_values(tolerations: Iterable[Toleration]) -> list[dict[str, str]]:
    """Return tolerations as charts take them."""
    return [toleration.model_dump() for toleration in tolerations]


def image_values(image: Image) -> dict[str, str]:
    """Return an image as charts take it that name registry, repository and tag apart."""
    return {"registry": image.registry, "repository": image.repository, "tag": image.tag}
