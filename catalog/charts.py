"""The Helm charts the platform installs, each at one version.

Sources were read in August 2026 from the repositories named beside each chart; which values a chart
knows is in `chart_values.py`.
"""

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One chart at one version."""

    name: str
    """Name of the chart in its repository."""
    version: str
    """Version as the repository writes it: with a leading `v` or without."""
    repository: str
    """Address of the repository; `oci://…` for a registry."""
    namespace: str
    """Namespace the chart is installed into."""
    source: str
    """Where the version was read."""
    released: date
    """When the version, or the source that was read, was published."""

    @property
    def reference(self) -> str:
        """Return what Helm calls the chart: its name, or its whole address in a registry."""
        oci = self.repository.startswith("oci://")
        return f"{self.repository}/{self.name}" if oci else self.name

    @property
    def repository_option(self) -> str | None:
        """Return the value of Helm's `--repo`; None for a registry, whose address says it all."""
        return None if self.repository.startswith("oci://") else self.repository


# 1.14 is the long-term release until July 2027; 1.15 is supported only until 1.16 and its node
# provisioning for DRA is alpha (aws/karpenter-provider-aws, SUPPORT.md).
KARPENTER: Final = Chart(
    name="karpenter",
    # renovate: datasource=docker depName=public.ecr.aws/karpenter/karpenter
    version="1.14.1",
    repository="oci://public.ecr.aws/karpenter",
    namespace="kube-system",
    source="aws/karpenter-provider-aws: charts/karpenter/Chart.yaml",
    released=date(2026, 8, 20),
)
KARPENTER_CRD: Final = Chart(
    name="karpenter-crd",
    # renovate: datasource=docker depName=public.ecr.aws/karpenter/karpenter-crd
    version="1.14.1",
    repository="oci://public.ecr.aws/karpenter",
    namespace="kube-system",
    source="aws/karpenter-provider-aws: charts/karpenter-crd/Chart.yaml",
    released=date(2026, 8, 20),
)
"""Installed before `KARPENTER`: Helm never upgrades CRDs that came with the main chart."""

CERT_MANAGER: Final = Chart(
    name="cert-manager",
    # renovate: datasource=helm depName=cert-manager registryUrl=https://charts.jetstack.io
    version="v1.21.1",
    repository="https://charts.jetstack.io",
    namespace="cert-manager",
    source="cert-manager/cert-manager: tag v1.21.1",
    released=date(2026, 7, 29),
)
# Not 26.7.0: it is the first of its line, is made for driver 595 and container toolkit 1.20.0, and
# brings the experimental GPUCluster; the AL2023 image has driver 580 and toolkit 1.19.1. 26.3.3
# supports Kubernetes 1.36 (since 26.3.2) and mends the device plugin's injection of MOFED and GDS
# (NVIDIA/cloud-native-docs: gpu-operator/release-notes.rst).
GPU_OPERATOR: Final = Chart(
    name="gpu-operator",
    # renovate: datasource=helm depName=gpu-operator registryUrl=https://helm.ngc.nvidia.com/nvidia
    version="v26.3.3",
    repository="https://helm.ngc.nvidia.com/nvidia",
    namespace="gpu-operator",
    source="NVIDIA/gpu-operator: tag v26.3.3",
    released=date(2026, 6, 23),
)
HAMI: Final = Chart(
    name="hami",
    # renovate: datasource=helm depName=hami registryUrl=https://project-hami.github.io/HAMi
    version="2.10.0",
    repository="https://project-hami.github.io/HAMi",
    namespace="hami-system",
    source="Project-HAMi/HAMi: charts/hami/Chart.yaml at tag v2.10.0",
    released=date(2026, 8, 21),
)
# renovate: datasource=docker depName=registry.k8s.io/dra-driver-nvidia/charts/dra-driver-nvidia-gpu
_NVIDIA_DRA_VERSION: Final = "0.4.1"
# Called nvidia-dra-driver-gpu until 25.12.0, which has no toleration of its own. Issues speak of a
# 0.5.0 in August, but no tag of it was seen.
NVIDIA_DRA: Final = Chart(
    name="dra-driver-nvidia-gpu",
    version=_NVIDIA_DRA_VERSION,
    repository="oci://registry.k8s.io/dra-driver-nvidia/charts",
    namespace="dra-driver-nvidia-gpu",
    source="kubernetes-sigs/dra-driver-nvidia-gpu: deployments/helm at tag v0.4.1; "
    "site/content/docs/install.md",
    released=date(2026, 6, 30),
)
# The newest whose package was read as it was published: inside hami 2.9.0, which calls it ready for
# production. Its repository has been at 0.2.11 since, of which no package was seen. From 2.10.0 on
# hami brings it no more.
HAMI_DRA: Final = Chart(
    name="hami-dra",
    # renovate: datasource=helm depName=hami-dra registryUrl=https://project-hami.github.io/HAMi-DRA
    version="0.2.0",
    repository="https://project-hami.github.io/HAMi-DRA",
    namespace="hami-dra-system",
    source="Project-HAMi/HAMi: charts/hami/charts/hami-dra-0.2.0.tgz at tag v2.9.0",
    released=date(2026, 5, 9),
)
# Its default image is of Kubernetes 1.35; `images.py` has the one of each minor.
CLUSTER_AUTOSCALER: Final = Chart(
    name="cluster-autoscaler",
    # renovate: datasource=helm depName=cluster-autoscaler registryUrl=https://kubernetes.github.io/autoscaler
    version="9.59.0",
    repository="https://kubernetes.github.io/autoscaler",
    namespace="kube-system",
    source="kubernetes/autoscaler: cluster-autoscaler/charts/cluster-autoscaler/Chart.yaml",
    released=date(2026, 8, 21),
)
EFA_DEVICE_PLUGIN: Final = Chart(
    name="aws-efa-k8s-device-plugin",
    # renovate: datasource=helm depName=aws-efa-k8s-device-plugin registryUrl=https://aws.github.io/eks-charts
    version="v0.5.30",
    repository="https://aws.github.io/eks-charts",
    namespace="efa-device-plugin",
    source="aws/eks-charts: stable/aws-efa-k8s-device-plugin/Chart.yaml",
    released=date(2026, 7, 21),
)
KEDA: Final = Chart(
    name="keda",
    # renovate: datasource=helm depName=keda registryUrl=https://kedacore.github.io/charts
    version="2.20.2",
    repository="https://kedacore.github.io/charts",
    namespace="keda",
    source="kedacore/charts: keda/Chart.yaml at tag v2.20.2",
    released=date(2026, 8, 21),
)
CLOUDNATIVE_PG: Final = Chart(
    name="cloudnative-pg",
    # renovate: datasource=helm depName=cloudnative-pg registryUrl=https://cloudnative-pg.github.io/charts
    version="0.29.0",
    repository="https://cloudnative-pg.github.io/charts",
    namespace="cnpg-system",
    source="cloudnative-pg/charts: charts/cloudnative-pg/Chart.yaml at tag v0.29.0",
    released=date(2026, 8, 21),
)
# The image's tag is a branch by default: `releases/leader_worker_set.py` names the release.
LWS: Final = Chart(
    name="lws",
    # renovate: datasource=docker depName=registry.k8s.io/lws/charts/lws
    version="0.10.0",
    repository="oci://registry.k8s.io/lws/charts",
    namespace="lws-system",
    source="kubernetes-sigs/lws: charts/lws at tag v0.10.0; site/content/en/docs/installation",
    released=date(2026, 8, 21),
)
# Its values were read where Chart.yaml still says 2.8.0: the application is released first.
EXTERNAL_SECRETS: Final = Chart(
    name="external-secrets",
    # renovate: datasource=helm depName=external-secrets registryUrl=https://charts.external-secrets.io
    version="2.9.0",
    repository="https://charts.external-secrets.io",
    namespace="external-secrets",
    source="external-secrets/external-secrets: deploy/charts/external-secrets at tag v2.9.0",
    released=date(2026, 8, 7),
)

CHARTS: Final = MappingProxyType(
    {
        chart.name: chart
        for chart in (
            KARPENTER,
            KARPENTER_CRD,
            CERT_MANAGER,
            GPU_OPERATOR,
            HAMI,
            NVIDIA_DRA,
            HAMI_DRA,
            CLUSTER_AUTOSCALER,
            EFA_DEVICE_PLUGIN,
            KEDA,
            CLOUDNATIVE_PG,
            LWS,
            EXTERNAL_SECRETS,
        )
    }
)
"""Every chart by name."""
