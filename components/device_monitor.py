"""Metrics of GPUs that other claims hold, read through claims with admin access."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apps.v1 import DaemonSet
from pulumi_kubernetes.core.v1 import Namespace, Service, ServiceAccount
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import NetworkPolicy
from pulumi_kubernetes.rbac.v1 import ClusterRole, ClusterRoleBinding, RoleRefArgs, SubjectArgs

from components.device_claims import device_claim
from components.device_monitor_manifests import ADMIN_ACCESS, SLICE_RULES, daemon_set_spec
from components.manifests import (
    SKIP_AWAIT,
    from_cluster,
    ingress,
    ingress_policy,
    metadata,
    service_spec,
)
from components.release import namespace_labels
from planning.specs.base import PART_OF
from planning.specs.claimed_devices import DeviceMonitorSpec

APP = "dcgm-exporter"
SELECTOR = {"app.kubernetes.io/name": APP}


@dataclass(frozen=True, kw_only=True)
class DeviceMonitorArgs:
    """`spec` is known before the update; the other field is a wire to other resources."""

    spec: DeviceMonitorSpec
    after: tuple[pulumi.Resource, ...] = ()
    """The driver with its DeviceClass, and the nodes."""


class DeviceMonitor(pulumi.ComponentResource):
    """A DCGM exporter on every watched node, in a namespace whose claims have admin access.

    Each of its pods claims all GPUs of its node and takes none of them away.
    """

    namespace: pulumi.Output[str]
    """Name of the namespace; resolves once the exporter runs on every watched node."""

    def __init__(
        self, name: str, args: DeviceMonitorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:DeviceMonitor", name, None, opts)
        spec, inside = args.spec, pulumi.ResourceOptions(parent=self)
        home = Namespace(
            f"{name}-namespace",
            metadata=ObjectMetaArgs(
                name=spec.namespace.name, labels=namespace_labels(spec.namespace) | ADMIN_ACCESS
            ),
            opts=inside,
        )
        labels, there = PART_OF | SELECTOR, home.metadata.name
        account = ServiceAccount(
            f"{name}-account", metadata=metadata(APP, there, labels), opts=inside
        )
        granted = self._let_read(name, account, inside)
        NetworkPolicy(
            f"{name}-ingress",
            metadata=metadata(APP, there, labels),
            spec=ingress_policy(SELECTOR, ingress([from_cluster()], spec.port)),
            opts=inside,
        )
        Service(
            f"{name}-service",
            metadata=metadata(APP, there, labels, SKIP_AWAIT),
            spec=service_spec(SELECTOR, spec.port),
            opts=inside,
        )
        claim = device_claim(f"{name}-devices", spec.claim, there, labels, inside)
        exporter = DaemonSet(
            f"{name}-exporter",
            metadata=metadata(APP, there, labels),
            spec=daemon_set_spec(spec, SELECTOR, account.metadata.name),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[claim, granted, *args.after]),
        )
        self.namespace = exporter.urn.apply(lambda _: spec.namespace.name)
        self.register_outputs({"namespace": self.namespace})

    def _let_read(
        self, name: str, account: ServiceAccount, inside: pulumi.ResourceOptions
    ) -> ClusterRoleBinding:
        """Let the exporter read ResourceSlices."""
        named = ObjectMetaArgs(name=f"llm-platform-{APP}", labels=PART_OF | SELECTOR)
        role = ClusterRole(f"{name}-reads-slices", metadata=named, rules=SLICE_RULES, opts=inside)
        return ClusterRoleBinding(
            f"{name}-may-read-slices",
            metadata=named,
            role_ref=RoleRefArgs(
                api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=role.metadata.name
            ),
            subjects=[
                SubjectArgs(
                    kind="ServiceAccount",
                    name=account.metadata.name,
                    namespace=account.metadata.namespace,
                )
            ],
            opts=inside,
        )
