"""Which changes need a new object, because the API server refuses them on the old one.

Source: pulumi-kubernetes provider/pkg/provider/diff.go, completed by what Kubernetes 1.36 declares
immutable (kubernetes.io/docs/reference/kubernetes-api).
"""

from collections.abc import Iterable

from rehearsal.providers.differences import Difference
from rehearsal.providers.kubernetes.check import AUTONAMED
from rehearsal.providers.kubernetes.manifests import annotation, at, plain
from rehearsal.providers.kubernetes.settings import ProviderSettings
from rehearsal.providers.values import Properties, revealed

IDENTITY = ("kind", "metadata.name", "metadata.namespace")

IMMUTABLE: dict[tuple[str, str], tuple[str, ...]] = {
    ("apps", "DaemonSet"): ("spec.selector",),
    ("apps", "Deployment"): ("spec.selector",),
    ("apps", "StatefulSet"): (
        "spec.podManagementPolicy",
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    ("batch", "Job"): (
        "spec.completionMode",
        "spec.completions",
        "spec.parallelism",
        "spec.selector",
        "spec.template",
    ),
    ("", "PersistentVolumeClaim"): (
        "spec.accessModes",
        "spec.dataSource",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeMode",
        "spec.volumeName",
    ),
    ("", "PersistentVolume"): (
        "spec.csi",
        "spec.hostPath",
        "spec.local",
        "spec.nfs",
    ),
    ("", "Pod"): ("spec",),
    ("", "ResourceQuota"): ("spec.scopes",),
    ("", "Secret"): ("type",),
    ("", "Service"): ("spec.clusterIP",),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io", "RoleBinding"): ("roleRef",),
    ("resource.k8s.io", "ResourceClaim"): ("spec",),
    ("resource.k8s.io", "ResourceClaimTemplate"): ("spec",),
    ("scheduling.k8s.io", "PriorityClass"): ("preemptionPolicy", "value"),
    ("storage.k8s.io", "StorageClass"): (
        "parameters",
        "provisioner",
        "reclaimPolicy",
        "volumeBindingMode",
    ),
    ("node.k8s.io", "RuntimeClass"): ("handler",),
}
"""(group, kind) -> the fields whose change, or whose parts' change, needs a new object."""


def immutable_fields(
    old: Properties, new: Properties, settings: ProviderSettings
) -> tuple[str, ...]:
    """Return the fields that only a replacement changes, from the object `old` to `new`.

    Another API group is another object, another version of the group is not. A ConfigMap's and a
    Secret's data are immutable unless the provider's configuration says otherwise, as with the
    official provider.
    """
    kind, group = _plain_text(new, "kind"), _group(new)
    fields = (*IDENTITY, *IMMUTABLE.get((group, kind), ()))
    if group != _group(old):
        fields = (*fields, "apiVersion")
    fixed = revealed(new.get("immutable")) is True
    if (group, kind) == ("", "ConfigMap") and (fixed or not settings.config_map_mutable):
        return (*fields, "binaryData", "data")
    if (group, kind) == ("", "Secret") and (fixed or not settings.secret_mutable):
        return (*fields, "data", "stringData")
    return fields


def touches(difference: Difference, fields: Iterable[str]) -> bool:
    """Return whether `difference` is one of `fields`, inside one, or all around one."""
    return any(
        _is_within(difference.path, field) or _is_within(field, difference.path) for field in fields
    )


def _is_within(path: str, other: str) -> bool:
    return path == other or path.startswith((f"{other}.", f"{other}["))


def _plain_text(manifest: Properties, key: str) -> str:
    value = revealed(manifest.get(key))
    return value if isinstance(value, str) else ""


def _group(manifest: Properties) -> str:
    return _plain_text(manifest, "apiVersion").rpartition("/")[0]


def has_same_name(old: Properties, new: Properties) -> bool:
    """Return whether `new` can only exist once `old` is gone: a person gave both one name."""
    before, after = plain(old), plain(new)
    same = all(
        at(before, "metadata", key) == at(after, "metadata", key) for key in ("name", "namespace")
    )
    return same and not annotation(after, AUTONAMED)
