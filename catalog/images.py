"""The container images the platform names itself; images inside a chart stay the chart's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Image:
    """One container image at one tag."""

    registry: str
    """Host of the registry, always written out."""
    repository: str
    """Path of the image in the registry."""
    tag: str
    """Tag; never one that moves."""
    source: str
    """Where the tag was read."""
    read: date
    """When the tag, or the source that was read, was published."""

    @property
    def reference(self) -> str:
        """Return the whole reference, `registry/repository:tag`."""
        return f"{self.registry}/{self.repository}:{self.tag}"


# The engine's flags are checked against this release: both move together.
VLLM: Final = Image(
    registry="docker.io",
    repository="vllm/vllm-openai",
    # renovate: datasource=docker depName=docker.io/vllm/vllm-openai
    tag="v0.33.0",
    source="PyPI: vllm 0.33.0, its newest release; images carry the release's tag",
    read=date(2026, 11, 21),
)
# The newest patch of the line its releases call LTS. Before 1.84.0 stand an unauthenticated SQL
# injection (CVE-2026-42208) and an authentication bypass (CVE-2026-49468); `latest` and `lts` move.
LITELLM: Final = Image(
    registry="ghcr.io",
    repository="berriai/litellm",
    # renovate: datasource=docker depName=ghcr.io/berriai/litellm
    tag="v1.108.12",
    source="BerriAI/litellm: release page v1.108.12 (LTS)",
    read=date(2026, 11, 21),
)
POSTGRESQL: Final = Image(
    registry="ghcr.io",
    repository="cloudnative-pg/postgresql",
    # renovate: datasource=docker depName=ghcr.io/cloudnative-pg/postgresql
    tag="18.4-system-trixie",
    source="cloudnative-pg/cloudnative-pg: default image of operator 1.30.0",
    read=date(2026, 8, 21),
)
# The driver of `charts.HAMI_DRA`, whose own default is a tag that moves.
HAMI_DRA_DRIVER: Final = Image(
    registry="docker.io",
    repository="projecthami/k8s-dra-driver",
    # renovate: datasource=docker depName=docker.io/projecthami/k8s-dra-driver
    tag="v0.1.0",
    source="Project-HAMi/HAMi-DRA: pull request 22, which says that it was released there",
    read=date(2026, 5, 12),
)
# The one that the GPU Operator of `charts.GPU_OPERATOR` starts where it watches itself.
DCGM_EXPORTER: Final = Image(
    registry="nvcr.io",
    repository="nvidia/k8s/dcgm-exporter",
    # renovate: datasource=docker depName=nvcr.io/nvidia/k8s/dcgm-exporter
    tag="4.5.3-4.8.2-distroless",
    source="NVIDIA/gpu-operator: deployments/gpu-operator/values.yaml at tag v26.3.3",
    read=date(2026, 6, 23),
)


def _kube_scheduler(tag: str, source: str, read: date) -> Image:
    return Image(
        registry="registry.k8s.io", repository="kube-scheduler", tag=tag, source=source, read=read
    )


KUBE_SCHEDULERS: Final[Mapping[str, Image]] = MappingProxyType(
    {
        "1.36": _kube_scheduler(
            # renovate: datasource=docker depName=registry.k8s.io/kube-scheduler
            "v1.36.4",
            "`kubeadm config images list` of Kubernetes 1.36.4",
            date(2026, 11, 21),
        ),
        "1.35": _kube_scheduler(
            # renovate: datasource=docker depName=registry.k8s.io/kube-scheduler
            "v1.35.8",
            "kubernetes/kubernetes: tag v1.35.8",
            date(2026, 8, 20),
        ),
        "1.34": _kube_scheduler(
            # renovate: datasource=docker depName=registry.k8s.io/kube-scheduler
            "v1.34.12",
            "kubernetes/kubernetes: tag v1.34.12",
            date(2026, 9, 23),
        ),
        "1.33": _kube_scheduler(
            # renovate: datasource=docker depName=registry.k8s.io/kube-scheduler
            "v1.33.13",
            "kubernetes/kubernetes: tag v1.33.13",
            date(2026, 6, 11),
        ),
    }
)
"""By Kubernetes minor: the scheduler inside HAMi's, which must be of the cluster's. The chart's own
default is a mirror elsewhere (Project-HAMi/HAMi: charts/hami/values.yaml)."""


def _cluster_autoscaler(tag: str, source: str, read: date) -> Image:
    return Image(
        registry="registry.k8s.io",
        repository="autoscaling/cluster-autoscaler",
        tag=tag,
        source=source,
        read=read,
    )


_KOPS: Final = "kubernetes/kops: pkg/model/components/clusterautoscaler.go"
CLUSTER_AUTOSCALERS: Final[Mapping[str, Image]] = MappingProxyType(
    {
        "1.36": _cluster_autoscaler(
            # renovate: datasource=docker depName=registry.k8s.io/autoscaling/cluster-autoscaler
            "v1.36.1",
            "kubernetes/autoscaler: release cluster-autoscaler-1.36.1",
            date(2026, 8, 21),
        ),
        "1.35": _cluster_autoscaler(
            # renovate: datasource=docker depName=registry.k8s.io/autoscaling/cluster-autoscaler
            "v1.35.1",
            _KOPS,
            date(2026, 8, 21),
        ),
        "1.34": _cluster_autoscaler(
            # renovate: datasource=docker depName=registry.k8s.io/autoscaling/cluster-autoscaler
            "v1.34.4",
            _KOPS,
            date(2026, 8, 21),
        ),
        "1.33": _cluster_autoscaler(
            # renovate: datasource=docker depName=registry.k8s.io/autoscaling/cluster-autoscaler
            "v1.33.5",
            _KOPS,
            date(2026, 8, 21),
        ),
    }
)
"""By Kubernetes minor: it carries a copy of that minor's scheduler, to foresee what it will do."""

IMAGES: Final = (
    VLLM,
    LITELLM,
    POSTGRESQL,
    HAMI_DRA_DRIVER,
    DCGM_EXPORTER,
    *KUBE_SCHEDULERS.values(),
    *CLUSTER_AUTOSCALERS.values(),
)
"""Every image."""
