"""What is known of kinds without a cluster: which live in a namespace, which resources we serve."""

from rehearsal import crds
from rehearsal.providers.plugin import ProviderError

# fmt: off
BUILT_IN_GROUPS = frozenset({
    "", "apps", "autoscaling", "batch", "policy",
    "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io",
    "authentication.k8s.io", "authorization.k8s.io", "certificates.k8s.io",
    "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io",
    "flowcontrol.apiserver.k8s.io", "internal.apiserver.k8s.io", "networking.k8s.io",
    "node.k8s.io", "rbac.authorization.k8s.io", "resource.k8s.io", "scheduling.k8s.io",
    "storage.k8s.io", "storagemigration.k8s.io",
})
"""API groups that need no definition. Source: Kubernetes 1.36 `kubectl api-versions`."""

CLUSTER_SCOPED = frozenset({
    "APIService", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding",
    "ClusterTrustBundle", "CSIDriver", "CSINode", "CustomResourceDefinition", "DeviceClass",
    "DeviceTaintRule", "FlowSchema", "IngressClass", "IPAddress", "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration", "Namespace", "Node",
    "PersistentVolume", "PriorityClass", "PriorityLevelConfiguration", "ResourceSlice",
    "RuntimeClass", "ServiceCIDR", "StorageClass", "StorageVersion",
    "StorageVersionMigration", "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration", "VolumeAttachment",
    "VolumeAttributesClass",
})
"""Built-in kinds without a namespace. Source: Kubernetes 1.36 `kubectl api-resources`."""
# fmt: on

RELEASE = "kubernetes:helm.sh/v3:Release"
COMPONENTS = ("kubernetes:yaml", "kubernetes:kustomize", "kubernetes:helm.sh/")


def known_namespaced(group: str, kind: str) -> bool | None:
    """Return whether a kind lives in a namespace; None when only a cluster could tell."""
    excerpt = crds.namespaced(group, kind)
    if excerpt is not None:
        return excerpt
    return kind not in CLUSTER_SCOPED if group in BUILT_IN_GROUPS else None


def refuse_unserved(token: str) -> None:
    """Raise ProviderError for a resource type that the simulated provider does not serve."""
    kind = token.rpartition(":")[2]
    if token == RELEASE:
        return
    if token.startswith(COMPONENTS):
        raise ProviderError(
            f"{token}: the rehearsal serves no chart or manifest expansion; "
            f"use {RELEASE}, or one resource per object"
        )
    if kind.endswith("Patch"):
        raise ProviderError(f"{token}: the rehearsal serves no patch resources; use {kind[:-5]}")
    if kind.endswith("List"):
        raise ProviderError(f"{token}: a list is not created directly; use {kind[:-4]}")
